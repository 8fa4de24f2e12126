"""The broker's deals as booked, each exactly once: where every figure about money comes from."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from ..domain.records import TradeDeal
from .transaction import transaction


@dataclass(frozen=True)
class BookedDeal:
    """A stored deal, the account it belongs to, and the bot whose magic number it carries (None: not ours)."""

    account: int
    server: str
    bot_id: int | None
    deal: TradeDeal


def record_deals(
    con: sqlite3.Connection,
    account: int,
    server: str,
    deals: Iterable[TradeDeal],
    bot_of_magic: Callable[[int], int | None],
) -> int:
    """Store deals of one account; those known already are left alone. Returns how many were new."""
    new = 0
    with transaction(con):
        for deal in deals:
            new += con.execute(
                "INSERT INTO deals (account, server, ticket, order_ticket, position_id, magic, bot_id, symbol, type, side,"
                " entry, reason, volume, price, profit, swap, commission, fee, time_srv_ms, comment, external_id)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
                " ON CONFLICT (account, server, ticket) DO NOTHING",
                (
                    account, server, deal.ticket, deal.order, deal.position_id, deal.magic, bot_of_magic(deal.magic),
                    deal.symbol, deal.type, {0: 1, 1: -1}.get(deal.type, 0), deal.entry, deal.reason, deal.volume,
                    deal.price, deal.profit, deal.swap, deal.commission, deal.fee, deal.time_msc or deal.time * 1000,
                    deal.comment, deal.external_id,
                ),
            ).rowcount  # fmt: skip
    return new


def deals_of(
    con: sqlite3.Connection,
    *,
    account: int | None = None,
    server: str | None = None,
    bot_id: int | None = None,
    position_id: int | None = None,
    symbol: str | None = None,
    since_ms: int | None = None,
    until_ms: int | None = None,
    limit: int = 1000,
) -> list[BookedDeal]:
    """The newest deals that fit, newest first; times are server milliseconds, `until_ms` excluded."""
    conditions: list[str] = []
    values: list[object] = []
    # By the plus the planner takes the index of the bot or the position, not that of the account's time.
    plus = "+" if bot_id is not None or position_id is not None else ""
    for condition, value in (
        (f"{plus}account = ?", account), (f"{plus}server = ?", server), ("bot_id = ?", bot_id),
        ("position_id = ?", position_id),
        ("symbol = ?", symbol), ("time_srv_ms >= ?", since_ms), ("time_srv_ms < ?", until_ms),
    ):  # fmt: skip
        if value is not None:
            conditions.append(condition)
            values.append(value)
    where = " WHERE " + " AND ".join(conditions) if conditions else ""
    sql = "SELECT * FROM deals" + where + " ORDER BY time_srv_ms DESC, ticket DESC LIMIT ?"
    return [_booked(row) for row in con.execute(sql, [*values, limit]).fetchall()]


def by_ticket(con: sqlite3.Connection, account: int, server: str, ticket: int) -> BookedDeal | None:
    """One deal, None when it was not booked yet."""
    row = con.execute(
        "SELECT * FROM deals WHERE account = ? AND server = ? AND ticket = ?", (account, server, ticket)
    ).fetchone()
    return None if row is None else _booked(row)


def last_deal_time(con: sqlite3.Connection, account: int, server: str) -> int:
    """Server milliseconds of the newest stored deal of the account, 0 when there is none."""
    row = con.execute(
        "SELECT max(time_srv_ms) FROM deals WHERE account = ? AND server = ?", (account, server)
    ).fetchone()
    return int(row[0] or 0)


def profit_by_bot(con: sqlite3.Connection) -> dict[int, float]:
    """Booked money per bot: profit, swap, commission and fee of its deals, in each account's currency."""
    rows = con.execute(
        "SELECT bot_id, sum(profit + swap + commission + fee) FROM deals WHERE bot_id IS NOT NULL GROUP BY bot_id"
    ).fetchall()
    return {int(row[0]): float(row[1]) for row in rows}


def _booked(row: sqlite3.Row) -> BookedDeal:
    milliseconds = int(row["time_srv_ms"] or 0)
    deal = TradeDeal(
        ticket=row["ticket"], order=row["order_ticket"], time=milliseconds // 1000, time_msc=milliseconds,
        type=row["type"], entry=row["entry"], magic=row["magic"], position_id=row["position_id"], reason=row["reason"],
        volume=row["volume"], price=row["price"], commission=row["commission"], swap=row["swap"], profit=row["profit"],
        fee=row["fee"], symbol=row["symbol"], comment=row["comment"], external_id=row["external_id"],
    )  # fmt: skip
    return BookedDeal(row["account"], row["server"], row["bot_id"], deal)
