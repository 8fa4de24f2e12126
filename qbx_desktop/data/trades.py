"""The trades of an account as the trader reads them: rebuilt from deals, with bot, stops and what was written about them."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from ..domain.excursion import Excursion
from ..domain.records import TradeDeal
from ..domain.trades import RebuiltTrade, booked_beside, rebuild
from . import deals, trade_excursions, trade_journal

_EVERY = 1 << 62


@dataclass(frozen=True)
class TradeRecord:
    """One trade. `sl` and `tp` are those the order was sent with (0 for none or unknown), `digits` of its prices;
    `judged` once its excursion was looked for, found or not."""

    trade: RebuiltTrade
    bot_id: int | None
    bot_name: str
    sl: float
    tp: float
    timeframe: str
    digits: int
    notes: str = ""
    tags: tuple[str, ...] = ()
    rating: int | None = None
    excursion: Excursion | None = None
    judged: bool = False

    @property
    def key(self) -> tuple[int, int, bool]:
        """Which trade it is, among those of its account."""
        return (self.trade.position_id, self.trade.part, self.trade.is_open)


@dataclass(frozen=True)
class TradeHistory:
    """Every trade of one account, and the balance that did not come from trades."""

    account: int
    server: str
    records: tuple[TradeRecord, ...] = ()
    beside: float = 0.0


def accounts(con: sqlite3.Connection) -> list[tuple[int, str]]:
    """The accounts that deals are known of, the one that traded last first."""
    rows = con.execute(
        "SELECT account, server FROM deals GROUP BY account, server ORDER BY max(time_srv_ms) DESC"
    ).fetchall()
    return [(int(row[0]), str(row[1])) for row in rows]


def trades_of(con: sqlite3.Connection, account: int, server: str, money_digits: int = 2) -> TradeHistory:
    """The account's trades by time of entry. Reads every deal: not for the thread of the window. Raises DbError."""
    booked = deals.deals_of(con, account=account, server=server, limit=_EVERY)
    plain = [each.deal for each in booked]
    owners = {each.deal.position_id: each.bot_id for each in booked if each.bot_id is not None}
    names = {int(row[0]): str(row[1]) for row in con.execute("SELECT id, name FROM bots").fetchall()}
    sent = {
        int(row["order_ticket"]): row
        for row in con.execute(
            "SELECT order_ticket, bot_name, sl, tp, timeframe FROM order_journal"
            " WHERE account = ? AND server = ? AND action = 'OPEN' AND order_ticket IS NOT NULL",
            (account, server),
        ).fetchall()
    }
    written = {each.position_id: each for each in trade_journal.of_account(con, account, server)}
    digits, ran = _digits(plain), trade_excursions.of_account(con, account, server)
    records = []
    for trade in rebuild(plain, money_digits):
        order, entry = sent.get(trade.order), written.get(trade.position_id)
        place = (trade.position_id, trade.part)
        judged = place in ran and not trade.is_open
        owner = owners.get(trade.position_id)
        # The name of a bot deleted since is kept by its order.
        name = names.get(owner, "") if owner is not None else ""
        records.append(
            TradeRecord(
                trade, owner, name or (str(order["bot_name"]) if order else ""),
                float(order["sl"] or 0.0) if order else 0.0, float(order["tp"] or 0.0) if order else 0.0,
                str(order["timeframe"]) if order else "", digits[trade.symbol],
                entry.notes if entry else "", entry.tags if entry else (), entry.rating if entry else None,
                ran[place] if judged else None, judged,
            )
        )  # fmt: skip
    return TradeHistory(account, server, tuple(records), booked_beside(plain))


def _digits(found: list[TradeDeal]) -> dict[str, int]:
    """The most decimals any deal of a symbol shows: its digits, as far as deals tell."""
    digits: dict[str, int] = {}
    for each in found:
        shown = len(f"{each.price:.10g}".partition(".")[2])
        digits[each.symbol] = max(shown, digits.get(each.symbol, 0))
    return digits
