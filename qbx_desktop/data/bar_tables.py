"""The tables of the bar store: series and their packed months, each month with its checksum."""

from __future__ import annotations

import sqlite3
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..domain.bars import Bars
from ..domain.errors import UserMistake
from ..domain.messages import declare
from ..domain.timeframe import Timeframe
from . import bar_codec
from .bar_months import month_text
from .errors import DbDamaged, foreign, newer
from .transaction import transaction

_DAMAGED = declare(
    "bars.store.damaged",
    "The stored bars of {symbol} {timeframe} for {month} are damaged ({why}). They were not used, and nothing else "
    "is affected: no bot, no position. Remove the series with 'qbx data delete' and import its file again.",
)
_UNKNOWN = declare(
    "bars.store.unknown",
    "No bars of {symbol} {timeframe} are stored. {hint}Import a file with 'qbx data import'.",
)
_SERVERS = declare(
    "bars.store.servers",
    "Bars of {symbol} {timeframe} are stored from several servers ({servers}). Nothing was done; name the server.",
)
_TOO_FINE = declare(
    "bars.store.too_fine",
    "The prices of {symbol} {timeframe} have more than {digits} decimals. Nothing was stored.",
)
MONTH_DAMAGED = _DAMAGED.code

APPLICATION_ID = 0x51425842  # "QBXB"
SCHEMA = 1
_TABLES = (
    """CREATE TABLE series (
        id INTEGER PRIMARY KEY,
        server TEXT NOT NULL,
        symbol TEXT NOT NULL,
        timeframe TEXT NOT NULL,
        digits INTEGER NOT NULL,
        time_zone TEXT NOT NULL DEFAULT '',
        source TEXT NOT NULL DEFAULT '',
        changed_ms INTEGER NOT NULL,
        UNIQUE (server, symbol, timeframe)) STRICT""",
    """CREATE TABLE months (
        id INTEGER PRIMARY KEY,
        series_id INTEGER NOT NULL REFERENCES series (id) ON DELETE CASCADE,
        month INTEGER NOT NULL,
        bars INTEGER NOT NULL,
        first INTEGER NOT NULL,
        last INTEGER NOT NULL,
        crc INTEGER NOT NULL,
        data BLOB NOT NULL,
        UNIQUE (series_id, month)) STRICT""",
)
STAGED = """CREATE TEMP TABLE IF NOT EXISTS staged (
        month INTEGER PRIMARY KEY,
        bars INTEGER NOT NULL,
        first INTEGER NOT NULL,
        last INTEGER NOT NULL,
        crc INTEGER NOT NULL,
        data BLOB NOT NULL)"""


@dataclass(frozen=True)
class Name:
    """Which series: of which server, symbol and timeframe."""

    server: str
    symbol: str
    timeframe: Timeframe


def prepare(con: sqlite3.Connection, path: Path, read_only: bool) -> None:
    """Make the tables in a new file. Raises DbForeign, DbNewer; such a file is left as it is."""
    version = int(con.execute("PRAGMA user_version").fetchone()[0])
    owner = int(con.execute("PRAGMA application_id").fetchone()[0])
    if _has_tables(con) and owner != APPLICATION_ID:
        raise foreign(path, "it is not a bar store")
    if version > SCHEMA:
        raise newer(path, version, SCHEMA)
    if version == 0 and not read_only:
        with transaction(con):
            # Another process may have made them since.
            if not _has_tables(con):
                for table in _TABLES:
                    con.execute(table)
                con.execute(f"PRAGMA application_id = {APPLICATION_ID}")
                con.execute(f"PRAGMA user_version = {SCHEMA}")
        path.chmod(0o600)


def _has_tables(con: sqlite3.Connection) -> bool:
    return bool(con.execute("SELECT count(*) FROM sqlite_master").fetchone()[0])


def series_id(con: sqlite3.Connection, symbol: str, timeframe: Timeframe, server: str | None) -> int:
    """The id of the one series asked for. Raises UserMistake when there is none, or several and no server is named."""
    rows = con.execute(
        "SELECT id, server FROM series WHERE symbol = ? AND timeframe = ? AND (? IS NULL OR server = ?)",
        (symbol, timeframe.name, server, server),
    ).fetchall()
    if len(rows) == 1:
        return int(rows[0]["id"])
    if rows:
        servers = ", ".join(sorted(row["server"] or "unnamed" for row in rows))
        raise UserMistake(_SERVERS(symbol=symbol, timeframe=timeframe.name, servers=servers))
    others = con.execute("SELECT timeframe, server FROM series WHERE symbol = ?", (symbol,)).fetchall()
    kinds = ", ".join(sorted({f"{row['timeframe']} ({row['server'] or 'server unnamed'})" for row in others}))
    hint = f"Of this symbol there is {kinds}. " if kinds else ""
    raise UserMistake(_UNKNOWN(symbol=symbol, timeframe=timeframe.name, hint=hint))


def add_series(
    con: sqlite3.Connection, name: Name, digits: int, time_zone: str, source: str, now_ms: int
) -> tuple[int, int]:
    """The id and the digits of a series, made when it is new. Its digits only grow; what is said last holds."""
    con.execute(
        "INSERT INTO series (server, symbol, timeframe, digits, time_zone, source, changed_ms) "
        "VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (server, symbol, timeframe) DO UPDATE SET "
        "digits = max(digits, excluded.digits), changed_ms = excluded.changed_ms, "
        "time_zone = CASE WHEN excluded.time_zone = '' THEN time_zone ELSE excluded.time_zone END, "
        "source = CASE WHEN excluded.source = '' THEN source ELSE excluded.source END",
        (name.server, name.symbol, name.timeframe.name, digits, time_zone, source, now_ms),
    )
    series = series_id(con, name.symbol, name.timeframe, name.server)
    return series, digits_of(con, series)


def digits_of(con: sqlite3.Connection, series: int) -> int:
    """The price decimals of a series."""
    return int(con.execute("SELECT digits FROM series WHERE id = ?", (series,)).fetchone()["digits"])


def packed(bars: Bars, digits: int, symbol: str, timeframe: Timeframe) -> tuple[int, int, int, int, bytes]:
    """A month as its columns `bars, first, last, crc, data`. Raises UserMistake when a price has more decimals."""
    try:
        data = bar_codec.pack(bars, digits)
    except ValueError:
        raise UserMistake(_TOO_FINE(symbol=symbol, timeframe=timeframe.name, digits=digits)) from None
    return len(bars), int(bars.time[0]), int(bars.time[-1]), zlib.crc32(data), data


def unpacked(row: Any, symbol: str, timeframe: Timeframe) -> Bars:
    """The bars of a row with `month, bars, crc, data`. Raises DbDamaged: a wrong bar is worse than none."""
    try:
        if zlib.crc32(row["data"]) != row["crc"]:
            raise bar_codec.UnreadableMonth("the checksum does not fit")
        bars = bar_codec.unpack(row["data"])[0]
        if len(bars) != row["bars"]:
            raise bar_codec.UnreadableMonth("the number of bars does not fit")
        return bars
    except bar_codec.UnreadableMonth as error:
        month = month_text(int(row["month"]))
        raise DbDamaged(
            _DAMAGED(symbol=symbol, timeframe=timeframe.name, month=month, why=str(error))
        ) from error


def write_month(
    con: sqlite3.Connection, series: int, month: int, columns: tuple[int, int, int, int, bytes]
) -> None:
    """Put a packed month in the place of whatever is there."""
    con.execute(
        "INSERT OR REPLACE INTO months (series_id, month, bars, first, last, crc, data) VALUES (?, ?, ?, ?, ?, ?, ?)",
        (series, month, *columns),
    )


def drop_month(con: sqlite3.Connection, series: int, month: int) -> None:
    """Delete one month."""
    con.execute("DELETE FROM months WHERE series_id = ? AND month = ?", (series, month))
