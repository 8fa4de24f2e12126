"""What came of a scenario, as JSON that says the same at every run, and what must hold of it whatever happened."""

from __future__ import annotations

import dataclasses
import json
import re
from collections import Counter
from collections.abc import Sequence
from typing import Any

from ..data import app_meta, bots, deals, decisions, history
from ..data.order_journal import OrderJournal
from ..domain.errors import Stop
from ..domain.journal import JournalRow
from ..domain.mt5 import DealEntry, Reason
from ..domain.records import TradeDeal
from ..simulator.account import Holding
from .scenario_run import ScenarioRun

_ALL = 1_000_000
_LOOK = 60
_SERVER_CLOSES = (Reason.SL, Reason.TP, Reason.SO)
# Our comments are "QB" and the order's random name, which a broker may have cut.
_NAME = re.compile(r"(?<![A-Z2-7])(QB)?([A-Z2-7]{10})(?![A-Z2-7])")
_CUT = re.compile(r"QB[A-Z2-7]{0,9}")


def report_of(run: ScenarioRun, passport: dict[str, Any]) -> dict[str, Any]:
    """Passport, bots, account, deals, positions, journal, decisions, history, events and checks of a played run."""
    con = run.db.reader()
    journal = OrderJournal(con)
    rows = journal.page(limit=_ALL)[::-1]
    accounts = json.loads(run.watched.api.sim_ledger())
    booked = [(each["login"], TradeDeal(*row)) for each in accounts for row in each["deals"]]
    holdings = [(each["login"], Holding(*row)) for each in accounts for row in each["holdings"]]
    names = dict(zip(run.bot_ids, (bot.name for bot in run.plan.bots), strict=True))
    base = app_meta.magic_base(con)
    ended = int(run.watched.api.sim_state()["server_time"])

    def bot_of(magic: int) -> str | None:
        return names.get(magic - base)

    report = {
        "passport": passport,
        "account": _account(run, accounts[0]),
        "bots": [_bot(run, names[bot_id], bot_id) for bot_id in run.bot_ids],
        "deals": [
            {"account": login, "bot": bot_of(deal.magic), **dataclasses.asdict(deal)}
            for login, deal in booked
        ],
        "positions": [
            {"account": login, "bot": bot_of(held.magic), **dataclasses.asdict(held)}
            for login, held in holdings
        ],
        "journal": [_journal_row(row) for row in rows],
        "decisions": [
            _decision(names[bot_id], each)
            for bot_id in run.bot_ids
            for each in decisions.page(con, bot_id, limit=_ALL)[::-1]
        ],
        "history": [_history_row(row) for row in history.page(con, limit=_ALL)[::-1]],
        "events": run.happened,
    }
    ours = [deal for _, deal in booked if bot_of(deal.magic) is not None and deal.type in (0, 1)]
    report["checks"] = [
        _claimed(ours, rows),
        _booked(ours, {each.deal.ticket for each in deals.deals_of(con, limit=_ALL)}, ended),
        _sent_once(run.watched.sent, rows),
        _check("no open questions", [row.id for row in rows if row.state.is_open_question]),
        _one_each([bot_of(held.magic) for _, held in holdings]),
        _whole(journal, len(rows)),
    ]
    return _steady(report, rows)


def text_of(report: dict[str, Any]) -> str:
    """The report as it is written."""
    return json.dumps(report, indent=1, ensure_ascii=False, allow_nan=False, default=str) + "\n"


def summary_of(report: dict[str, Any]) -> str:
    """The report in a few lines for a person."""
    passport, account = report["passport"], report["account"]
    trades = [deal for deal in report["deals"] if deal["type"] in (0, 1)]
    states = Counter(row["state"] for row in report["journal"])
    notices = [event for event in report["events"] if event["kind"] == "notice"]
    lines = [
        f"{passport['profile']}, seed {passport['seed']}: {passport['started']} to {passport['ended']} server time, "
        f"steps of {passport['step']:g} s",
        f"Orders    {len(report['journal'])}"
        + (f" ({', '.join(f'{count} {name}' for name, count in sorted(states.items()))})" if states else ""),
        f"Deals     {len(trades)}, open positions {len(report['positions'])}",
        f"Account   balance {account['balance']:.2f} {account['currency']}, booked {account['booked']:+.2f}",
        f"Notices   {len(notices)}, history rows {len(report['history'])}",
    ]
    for bot in report["bots"]:
        lines.append(
            f"Bot       {bot['name']}: {bot['status']}, {bot['orders']} orders, booked {bot['booked']:+.2f}"
        )
    for check in report["checks"]:
        found = "" if check["ok"] else f": {', '.join(map(str, check['found'][:10]))}"
        lines.append(f"{'ok' if check['ok'] else 'FAILED':9} {check['name']}{found}")
    return "\n".join(lines)


def _account(run: ScenarioRun, ledger: dict[str, Any]) -> dict[str, Any]:
    """Money as booked; what open positions add (`equity`) only if the terminal, perhaps disturbed, answers."""
    seen = run.watched.api.account_info()
    mine = seen is not None and seen.login == ledger["login"]
    trades = [TradeDeal(*row) for row in ledger["deals"]]
    booked = sum(
        deal.profit + deal.swap + deal.commission + deal.fee for deal in trades if deal.type in (0, 1)
    )
    return {
        "login": ledger["login"], "currency": ledger["settings"]["currency"], "balance": ledger["balance"],
        "credit": ledger["credit"], "booked": round(booked, 2), "equity": round(seen.equity, 2) if mine else None,
        "margin": round(seen.margin, 2) if mine else None,
    }  # fmt: skip


def _bot(run: ScenarioRun, name: str, bot_id: int) -> dict[str, Any]:
    con = run.db.reader()
    bot = bots.get_bot(con, bot_id)
    assert bot is not None
    orders = OrderJournal(con).for_bot(bot_id, limit=_ALL)
    return {
        "id": bot_id, "name": name, "symbol": bot.market, "timeframe": bot.timeframe, "strategy": bot.strategy,
        "status": bot.status.value, "halted_reason": bot.settings.halted_reason, "orders": len(orders),
        "booked": round(deals.profit_by_bot(con).get(bot_id, 0.0), 2),
    }  # fmt: skip


def _journal_row(row: JournalRow) -> dict[str, Any]:
    values = dataclasses.asdict(row)
    # The hash chain covers the orders' random names; what it proves is among the checks.
    for name in ("prev_hash", "row_hash"):
        del values[name]
    return values


def _decision(name: str, each: decisions.Decision) -> dict[str, Any]:
    told = each.explanation
    return {
        "bot": name, **dataclasses.asdict(dataclasses.replace(each, explanation=None)),
        "explanation": None if told is None else {"code": told.code, "params": dict(told.params), "text": told.text},
    }  # fmt: skip


def _history_row(row: history.HistoryRow) -> dict[str, Any]:
    return {
        "id": row.id, "ts_ms": row.ts_ms, "bot": row.bot_name, "action": row.action, "level": row.level,
        "code": row.code, "params": dict(row.params), "details": row.details, "symbol": row.symbol,
        "is_notification": row.is_notification,
    }  # fmt: skip


# -- what must hold


def _check(name: str, found: Sequence[Any]) -> dict[str, Any]:
    return {"name": name, "ok": not found, "found": list(found)}


def _claimed(ours: Sequence[TradeDeal], rows: Sequence[JournalRow]) -> dict[str, Any]:
    """A deal of ours follows from an order in the journal, or the server closed the position by itself."""
    orders = {row.order_ticket for row in rows} | {row.deal_ticket for row in rows}
    unclaimed = [
        deal.ticket
        for deal in ours
        if deal.order not in orders
        and deal.ticket not in orders
        and not (deal.reason in _SERVER_CLOSES and deal.entry != DealEntry.IN)
    ]
    return _check("every deal is claimed by a journal row", unclaimed)


def _booked(ours: Sequence[TradeDeal], stored: set[int], ended: int) -> dict[str, Any]:
    """The desk reads the broker's deals at its next look; those of the last minute may still wait for it."""
    late = [deal.ticket for deal in ours if deal.ticket not in stored and deal.time < ended - _LOOK]
    return _check("every deal older than a minute is booked in the database", late)


def _sent_once(sent: Sequence[dict[str, Any]], rows: Sequence[JournalRow]) -> dict[str, Any]:
    """Every request that reached the terminal has one journal row, and no two have the same."""
    comments = Counter(str(request.get("comment", "")) for request in sent)
    known = {row.comment for row in rows}
    return _check(
        "nothing was sent twice, nothing without a journal row",
        [comment for comment, count in comments.items() if count > 1 or comment not in known],
    )


def _one_each(holders: Sequence[str | None]) -> dict[str, Any]:
    counts = Counter(name for name in holders if name is not None)
    return _check("at most one position per bot", [name for name, count in counts.items() if count > 1])


def _whole(journal: OrderJournal, count: int) -> dict[str, Any]:
    try:
        journal.verify(limit=count + 1)
    except Stop as error:
        return _check("the journal is as it was written", [error.sentence])
    return _check("the journal is as it was written", [])


def _steady(report: dict[str, Any], rows: Sequence[JournalRow]) -> dict[str, Any]:
    """The orders' random names replaced by their numbers in the journal, of the same length, wherever they stand."""
    numbers = {row.uid: f"{row.id:010d}" for row in rows}

    def number(found: re.Match[str]) -> str:
        return (found[1] or "") + numbers[found[2]] if found[2] in numbers else found[0]

    def steady(value: Any) -> Any:
        if isinstance(value, str):
            steadied = _NAME.sub(number, value)
            return "QB" if steadied == value and _CUT.fullmatch(value) else steadied
        if isinstance(value, dict):
            return {name: steady(each) for name, each in value.items()}
        if isinstance(value, list | tuple):
            return [steady(each) for each in value]
        return value

    result: dict[str, Any] = steady(report)
    return result
