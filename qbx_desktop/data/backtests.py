"""Backtest results: saved whole, listed without their curves, loaded, compared by their summaries, deleted."""

from __future__ import annotations

import json
import sqlite3
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..domain.errors import UserMistake
from ..domain.messages import declare
from .transaction import transaction

_GONE = declare("backtests.gone", "There is no saved backtest {id} any more.")
_UNREADABLE = declare(
    "backtests.unreadable",
    "The saved backtest {id} cannot be read ({why}). It was left as it is; run it again.",
)

_LIST = (
    "SELECT r.id, r.timestamp, r.strategy_name, r.data_filename, r.total_profit_usd, r.total_trades, r.win_rate_percent,"
    " r.max_drawdown_percent, r.wins, r.losses, x.name, x.starred, x.note FROM backtest_results r"
    " LEFT JOIN backtest_extras x ON x.backtest_id = r.id"
)


@dataclass(frozen=True)
class BacktestSummary:
    """One line of the list. Money in the account's currency (the column's name is the predecessor's)."""

    id: int
    timestamp: str
    strategy_name: str
    data_filename: str
    total_profit_usd: float
    total_trades: int
    win_rate_percent: float
    max_drawdown_percent: float
    wins: int
    losses: int
    name: str = ""
    starred: bool = False
    note: str = ""


@dataclass(frozen=True)
class BacktestRecord:
    """A whole result: the predecessor's columns, and `result`, everything the run produced (None in its rows)."""

    strategy_name: str
    data_filename: str
    total_profit_usd: float
    total_trades: int
    win_rate_percent: float
    max_drawdown_percent: float
    wins: int
    losses: int
    equity_curve: list[Any] = field(default_factory=list)
    trade_log: list[dict[str, Any]] = field(default_factory=list)
    parameters: dict[str, Any] = field(default_factory=dict)
    result: dict[str, Any] | None = None
    name: str = ""
    starred: bool = False
    note: str = ""
    id: int = 0
    timestamp: str = ""
    bot_id: int | None = None
    user_id: int | None = None


# items and characters of JSON that are worked on in one go
_PIECE, _LONG = 256, 1 << 17


def save(con: sqlite3.Connection, record: BacktestRecord) -> int:
    """Store `record` (its `id` is ignored, an empty `timestamp` means now, UTC) and return the new id.

    Raises ValueError when a number in it is not finite: the report says that in words, never as a number.
    """
    texts = [_to_json(part) for part in (record.equity_curve, record.trade_log, record.parameters)]
    packed = None if record.result is None else zlib.compress(_to_json(record.result).encode(), 6)
    with transaction(con):
        cursor = con.execute(
            "INSERT INTO backtest_results (timestamp, strategy_name, data_filename, total_profit_usd, total_trades,"
            " win_rate_percent, max_drawdown_percent, wins, losses, equity_curve, trade_log, parameters)"
            " VALUES (coalesce(?, CURRENT_TIMESTAMP), ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                record.timestamp or None, record.strategy_name, record.data_filename, record.total_profit_usd,
                record.total_trades, record.win_rate_percent, record.max_drawdown_percent, record.wins, record.losses,
                *texts,
            ),
        )  # fmt: skip
        new = int(cursor.lastrowid or 0)
        con.execute(
            "INSERT INTO backtest_extras (backtest_id, name, starred, note, bot_id, user_id, result_zjson)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            (new, record.name, int(record.starred), record.note, record.bot_id, record.user_id, packed),
        )
    return new


def summaries(
    con: sqlite3.Connection, before_id: int | None = None, limit: int = 100
) -> list[BacktestSummary]:
    """The newest results, newest first; `before_id` continues below the last one seen."""
    condition, values = ("", []) if before_id is None else (" WHERE r.id < ?", [before_id])
    rows = con.execute(_LIST + condition + " ORDER BY r.id DESC LIMIT ?", [*values, limit]).fetchall()
    return [_summary(row) for row in rows]


def compare(con: sqlite3.Connection, ids: Sequence[int]) -> list[BacktestSummary]:
    """The summaries of `ids` in their order. Raises UserMistake when one of them is gone."""
    found = []
    for each in ids:
        row = con.execute(_LIST + " WHERE r.id = ?", (each,)).fetchone()
        if row is None:
            raise UserMistake(_GONE(id=each))
        found.append(_summary(row))
    return found


def load(con: sqlite3.Connection, backtest_id: int) -> BacktestRecord:
    """One whole result. Raises UserMistake when it is gone or unreadable."""
    row = con.execute(
        "SELECT r.*, x.name, x.starred, x.note, x.bot_id, x.user_id, x.result_zjson FROM backtest_results r"
        " LEFT JOIN backtest_extras x ON x.backtest_id = r.id WHERE r.id = ?",
        (backtest_id,),
    ).fetchone()
    if row is None:
        raise UserMistake(_GONE(id=backtest_id))
    try:
        result = None if row["result_zjson"] is None else json.loads(zlib.decompress(row["result_zjson"]))
        curve, log, parameters = (
            _from_json(row[column], kind) for column, kind in (("equity_curve", list), ("trade_log", list), ("parameters", dict))
        )  # fmt: skip
    except (ValueError, TypeError, RecursionError, zlib.error) as error:
        raise UserMistake(_UNREADABLE(id=backtest_id, why=str(error)[:200])) from error
    short = _summary(row)
    return BacktestRecord(
        strategy_name=short.strategy_name, data_filename=short.data_filename, total_profit_usd=short.total_profit_usd,
        total_trades=short.total_trades, win_rate_percent=short.win_rate_percent,
        max_drawdown_percent=short.max_drawdown_percent, wins=short.wins, losses=short.losses, equity_curve=curve,
        trade_log=log, parameters=parameters, result=result, name=short.name, starred=short.starred, note=short.note,
        id=short.id, timestamp=short.timestamp, bot_id=row["bot_id"], user_id=row["user_id"],
    )  # fmt: skip


def delete(con: sqlite3.Connection, backtest_id: int) -> None:
    """Delete one result. Raises UserMistake when it is gone already."""
    if not con.execute("DELETE FROM backtest_results WHERE id = ?", (backtest_id,)).rowcount:
        raise UserMistake(_GONE(id=backtest_id))


def add_to_result(con: sqlite3.Connection, backtest_id: int, more: Mapping[str, Any]) -> None:
    """Keep `more` beside what the run produced. Raises UserMistake when the result is gone."""
    with transaction(con):
        row = con.execute(
            "SELECT result_zjson FROM backtest_extras WHERE backtest_id = ?", (backtest_id,)
        ).fetchone()
        if row is None or row[0] is None:
            raise UserMistake(_GONE(id=backtest_id))
        result = {**json.loads(zlib.decompress(row[0])), **more}
        packed = zlib.compress(_to_json(result).encode(), 6)
        con.execute(
            "UPDATE backtest_extras SET result_zjson = ? WHERE backtest_id = ?", (packed, backtest_id)
        )


def describe(
    con: sqlite3.Connection,
    backtest_id: int,
    *,
    name: str | None = None,
    starred: bool | None = None,
    note: str | None = None,
) -> None:
    """Give a result a name, a star or a note; what is None stays. Raises UserMistake when it is gone."""
    with transaction(con):
        compare(con, [backtest_id])
        con.execute("INSERT OR IGNORE INTO backtest_extras (backtest_id) VALUES (?)", (backtest_id,))
        con.execute(
            "UPDATE backtest_extras SET name = coalesce(?, name), starred = coalesce(?, starred), note = coalesce(?, note)"
            " WHERE backtest_id = ?",
            (name, None if starred is None else int(starred), note, backtest_id),
        )


def _to_json(value: object) -> str:
    """Compact JSON. A long list is written in pieces: the encoder does not let other threads in before it is done."""
    if isinstance(value, list) and len(value) > _PIECE:
        pieces = (value[start : start + _PIECE] for start in range(0, len(value), _PIECE))
        return f"[{','.join(_to_json(piece)[1:-1] for piece in pieces)}]"
    return json.dumps(value, allow_nan=False, ensure_ascii=False, separators=(",", ":"))


def _from_json(text: object, kind: type[Any]) -> Any:
    if text is None or text == "":
        return kind()
    value = _parsed(str(text))
    if not isinstance(value, kind):
        raise ValueError(f"{kind.__name__} expected")
    return value


def _parsed(text: str) -> Any:
    """A long list that :func:`_to_json` wrote is read item by item, for the same reason; any other text whole."""
    if len(text) < _LONG or not text.startswith("[{"):
        return json.loads(text)
    items, at, read = [], 1, json.JSONDecoder().raw_decode
    while True:
        item, at = read(text, at)
        items.append(item)
        if at == len(text) - 1 and text[at] == "]":
            return items
        if text[at : at + 2] != ",{":
            return json.loads(text)
        at += 1


def _summary(row: sqlite3.Row) -> BacktestSummary:
    return BacktestSummary(
        id=row["id"], timestamp=str(row["timestamp"] or ""), strategy_name=str(row["strategy_name"]),
        data_filename=str(row["data_filename"]), total_profit_usd=row["total_profit_usd"],
        total_trades=row["total_trades"], win_rate_percent=row["win_rate_percent"],
        max_drawdown_percent=row["max_drawdown_percent"], wins=row["wins"], losses=row["losses"],
        name=row["name"] or "", starred=bool(row["starred"]), note=row["note"] or "",
    )  # fmt: skip
