"""The history of every bot: appended, paged newest first by key, counted, and read as notifications."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..domain.clock import utc_text
from ..domain.errors import PLAIN
from ..domain.messages import Message
from .transaction import transaction

_COLUMNS = (
    "SELECT h.id, h.bot_id, b.name AS bot_name, h.timestamp, h.ts_ms, h.action, h.details, h.is_notification,"
    " h.is_read, h.code, h.params_json, h.level, h.symbol, h.topic, h.orphan_bot_id, h.user_id, h.seq"
    " FROM trade_history h"
)
_BOTS = " LEFT JOIN bots b ON b.id = h.bot_id"
# Named, because without fresh statistics sqlite prefers an index that reads every notification ever made.
_TOLD = " INDEXED BY qbx_history_notification"
_UNREAD = "SELECT count(*) FROM trade_history INDEXED BY qbx_history_unread WHERE is_notification = 1 AND is_read = 0"
_IDS_PER_STATEMENT = 500


@dataclass(frozen=True)
class HistoryRow:
    """One row of the history. `timestamp` UTC text, `ts_ms` UTC milliseconds (None in rows of the predecessor)."""

    id: int
    bot_id: int | None
    bot_name: str
    timestamp: str
    ts_ms: int | None
    action: str
    details: str
    is_notification: bool
    is_read: bool
    code: str | None = None
    params: Mapping[str, object] = field(default_factory=dict)
    level: str = "info"
    symbol: str | None = None
    topic: str | None = None
    orphan_bot_id: int | None = None
    user_id: int | None = None
    seq: int | None = None

    @property
    def message(self) -> Message:
        """What happened, as data; a row of the predecessor says its own text."""
        if self.code is None:
            return PLAIN(text=self.details)
        return Message(self.code, self.params)


def append(
    con: sqlite3.Connection,
    *,
    bot_id: int | None,
    action: str,
    message: Message,
    ts_ms: int,
    is_notification: bool = False,
    level: str = "info",
    symbol: str | None = None,
    topic: str | None = None,
    user_id: int | None = None,
) -> int:
    """Append one row and return its id. `symbol` is the bot's market when not given. Raises DbError.

    Per bot the rows are numbered without a gap (`seq`), so a lost one would show.
    """
    entry = entry_json(
        bot_id=bot_id, action=action, message=message, ts_ms=ts_ms, is_notification=is_notification,
        level=level, symbol=symbol, topic=topic, user_id=user_id,
    )  # fmt: skip
    return append_entry(con, entry)


def entry_json(
    *,
    bot_id: int | None,
    action: str,
    message: Message,
    ts_ms: int,
    is_notification: bool = False,
    level: str = "info",
    symbol: str | None = None,
    topic: str | None = None,
    user_id: int | None = None,
) -> dict[str, Any]:
    """The row as plain JSON values: what the spool file keeps."""
    return {
        "bot_id": bot_id, "action": action, "details": message.text, "code": message.code,
        "params": json.dumps(dict(message.params), ensure_ascii=False, default=str), "ts_ms": ts_ms,
        "is_notification": is_notification, "level": level, "symbol": symbol, "topic": topic, "user_id": user_id,
    }  # fmt: skip


def append_entry(con: sqlite3.Connection, entry: Mapping[str, Any]) -> int:
    """Append a row made by :func:`entry_json`; the row of a bot deleted meanwhile is kept without its link."""
    if con.in_transaction:
        return _append(con, entry)
    # The number is read and given in one transaction, or two writers would give the same.
    with transaction(con):
        return _append(con, entry)


def _append(con: sqlite3.Connection, entry: Mapping[str, Any]) -> int:
    bot_id = entry["bot_id"]
    seq: int | None = None
    orphan: int | None = None
    symbol = entry["symbol"]
    if bot_id is not None:
        bot = con.execute("SELECT market FROM bots WHERE id = ?", (bot_id,)).fetchone()
        if bot is None:
            orphan, bot_id = bot_id, None
        else:
            symbol = symbol or str(bot[0])
            last = con.execute(
                "SELECT seq FROM trade_history WHERE bot_id = ? AND seq IS NOT NULL ORDER BY id DESC LIMIT 1",
                (bot_id,),
            ).fetchone()
            seq = 1 if last is None else int(last[0]) + 1
    cursor = con.execute(
        "INSERT INTO trade_history (bot_id, orphan_bot_id, timestamp, ts_ms, action, details, is_notification, is_read,"
        " code, params_json, level, symbol, topic, user_id, seq) VALUES (?, ?, ?, ?, ?, ?, ?, 0, ?, ?, ?, ?, ?, ?, ?)",
        (
            bot_id, orphan, utc_text(entry["ts_ms"] / 1000), entry["ts_ms"], entry["action"], entry["details"],
            int(entry["is_notification"]), entry["code"], entry["params"], entry["level"], symbol, entry["topic"],
            entry["user_id"], seq,
        ),
    )  # fmt: skip
    return int(cursor.lastrowid or 0)


def page(
    con: sqlite3.Connection,
    *,
    bot_id: int | None = None,
    action: str | None = None,
    symbol: str | None = None,
    text: str | None = None,
    before_id: int | None = None,
    after_id: int | None = None,
    limit: int = 100,
) -> list[HistoryRow]:
    """The newest rows that fit every filter, newest first; `before_id` continues below the last one seen.

    `after_id` leaves out that row and all older ones.
    """
    where, values = _filters(bot_id, action, symbol, text)
    for condition, value in (("h.id < ?", before_id), ("h.id > ?", after_id)):
        if value is not None:
            where.append(condition)
            values.append(value)
    return _rows(con, where, values, limit)


@dataclass(frozen=True)
class Places:
    """Where the pages of a filter begin: `firsts` the id of each page's newest row, `total` the matching rows."""

    total: int
    firsts: Sequence[int]


def places(
    con: sqlite3.Connection,
    size: int,
    *,
    newest: int,
    bot_id: int | None = None,
    action: str | None = None,
    symbol: str | None = None,
    text: str | None = None,
) -> Places:
    """The pages of `size` rows among those up to the id `newest`: any of them is then read by key at once.

    Costs one walk over what matches; next to nothing where nothing is filtered and no id is missing.
    """
    where, values = _filters(bot_id, action, symbol, text)
    if not where:
        total, oldest = con.execute(
            "SELECT count(*), min(id) FROM trade_history WHERE id <= ?", (newest,)
        ).fetchone()
        if total and newest - oldest + 1 == total:
            return Places(total, range(newest, oldest - 1, -size))
    # Skipping by OFFSET from key to key is one walk, without a number for each row. One bound only: sqlite would take
    # the other of two and begin at the newest row every time.
    next_one = (
        "SELECT h.id FROM trade_history h"
        + _where([*where, "h.id < ?"])
        + " ORDER BY h.id DESC LIMIT 1 OFFSET ?"
    )
    firsts: list[int] = []
    found = con.execute(next_one, [*values, newest + 1, 0]).fetchone()
    while found is not None:
        firsts.append(found[0])
        found = con.execute(next_one, [*values, found[0], size - 1]).fetchone()
    if not firsts:
        return Places(0, ())
    last = "SELECT count(*) FROM trade_history h" + _where([*where, "h.id <= ?"])
    return Places((len(firsts) - 1) * size + con.execute(last, [*values, firsts[-1]]).fetchone()[0], firsts)


def count(
    con: sqlite3.Connection,
    *,
    bot_id: int | None = None,
    action: str | None = None,
    symbol: str | None = None,
    text: str | None = None,
) -> int:
    """How many rows fit every filter."""
    where, values = _filters(bot_id, action, symbol, text)
    sql = "SELECT count(*) FROM trade_history h" + _where(where)
    return int(con.execute(sql, values).fetchone()[0])


def notifications(
    con: sqlite3.Connection, before_id: int | None = None, limit: int = 100, topic: str | None = None
) -> list[HistoryRow]:
    """The newest rows that were shown to the trader, newest first."""
    where, values = ["h.is_notification = 1"], list[object]()
    if topic is not None:
        where.append("h.topic = ?")
        values.append(topic)
    if before_id is not None:
        where.append("h.id < ?")
        values.append(before_id)
    return _rows(con, where, values, limit, _TOLD)


def unread_count(con: sqlite3.Connection) -> int:
    """How many notifications were not read yet."""
    return int(con.execute(_UNREAD).fetchone()[0])


def mark_read(con: sqlite3.Connection, ids: Sequence[int] | None) -> int:
    """Mark notifications as read: all with None, none with an empty list. Returns how many changed."""
    if ids is None:
        return int(
            con.execute(
                "UPDATE trade_history SET is_read = 1 WHERE is_notification = 1 AND is_read = 0"
            ).rowcount
        )
    whole = [int(each) for each in ids]
    changed = 0
    for start in range(0, len(whole), _IDS_PER_STATEMENT):
        part = whole[start : start + _IDS_PER_STATEMENT]
        marks = ", ".join("?" * len(part))
        changed += con.execute(
            f"UPDATE trade_history SET is_read = 1 WHERE id IN ({marks}) AND is_notification = 1 AND is_read = 0",
            part,
        ).rowcount
    return changed


def get(con: sqlite3.Connection, row_id: int) -> HistoryRow | None:
    """One row, None when there is none of this id."""
    rows = _rows(con, ["h.id = ?"], [row_id], 1)
    return rows[0] if rows else None


def newest_id(con: sqlite3.Connection) -> int:
    """The id of the newest row, 0 when there is none: tells a view whether anything was added."""
    return int(con.execute("SELECT max(id) FROM trade_history").fetchone()[0] or 0)


def _filters(
    bot_id: int | None, action: str | None, symbol: str | None, text: str | None
) -> tuple[list[str], list[object]]:
    """The conditions as fixed texts; what the caller gave goes into the values only."""
    where: list[str] = []
    values: list[object] = []
    for condition, value in (("h.bot_id = ?", bot_id), ("h.action = ?", action), ("h.symbol = ?", symbol)):
        if value is not None:
            where.append(condition)
            values.append(value)
    if text:
        where.append("h.details LIKE ? ESCAPE '\\'")
        values.append("%" + text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%")
    return where, values


def _where(conditions: list[str]) -> str:
    return " WHERE " + " AND ".join(conditions) if conditions else ""


def _rows(
    con: sqlite3.Connection, where: list[str], values: list[object], limit: int, index: str = ""
) -> list[HistoryRow]:
    sql = _COLUMNS + index + _BOTS + _where(where) + " ORDER BY h.id DESC LIMIT ?"
    return [_row(row) for row in con.execute(sql, [*values, limit]).fetchall()]


def _row(row: sqlite3.Row) -> HistoryRow:
    return HistoryRow(
        id=row["id"], bot_id=row["bot_id"], bot_name=_text(row["bot_name"]), timestamp=_text(row["timestamp"]),
        ts_ms=row["ts_ms"], action=_text(row["action"]), details=_text(row["details"]),
        is_notification=bool(row["is_notification"]), is_read=bool(row["is_read"]), code=row["code"],
        params=_params(row["params_json"]), level=row["level"] or "info", symbol=row["symbol"], topic=row["topic"],
        orphan_bot_id=row["orphan_bot_id"], user_id=row["user_id"], seq=row["seq"],
    )  # fmt: skip


def _text(value: object) -> str:
    return "" if value is None else str(value)


def _params(text: str | None) -> dict[str, object]:
    if not text:
        return {}
    try:
        value = json.loads(text)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}
