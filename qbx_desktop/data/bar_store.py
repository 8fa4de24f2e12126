"""The bars kept on this computer: a packed blob per server, symbol, timeframe and month in an sqlite file of its own."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..domain.bars import Bars, Ints
from ..domain.clock import Clock, SystemClock
from ..domain.errors import UserMistake
from ..domain.messages import declare
from ..domain.timeframe import Timeframe
from . import bar_tables
from .bar_months import gathered, merged, months_of, without
from .bar_tables import Name
from .connection import Connection, connect, prepare_for_writing
from .errors import DbDamaged, typed
from .transaction import transaction

_FILE_DAMAGED = declare(
    "bars.store.file_damaged",
    "The bar store {path} is damaged ({why}). No bar of it was used, and nothing else is affected: no bot, no "
    "position. Move the file away and import the price files again.",
)
_NO_STORE = declare(
    "bars.store.none", "There is no bar store at {path} yet. Import a file with 'qbx data import'."
)


@dataclass(frozen=True)
class Series:
    """What is stored of one symbol and timeframe from one server.

    `first` and `last` are bar opens (server epoch seconds), `time_zone` is what the importer said of the server's
    clock (a zone name or an offset, "" unknown), `size` is in bytes as packed, `changed_ms` UTC milliseconds.
    """

    server: str
    symbol: str
    timeframe: Timeframe
    digits: int
    time_zone: str
    source: str
    bars: int
    first: int
    last: int
    size: int
    changed_ms: int


@dataclass(frozen=True)
class Stored:
    """What a put changed, in bars: new ones, ones with other values than before, equal ones, removed ones."""

    added: int
    changed: int
    unchanged: int
    removed: int


class BarStore:
    """The bar store at `path`; usable from every thread, each with a connection of its own.

    Opening creates the file unless `read_only`. Raises UserMistake (no store to read), DbNewer, DbForeign and the
    other DbErrors; damage comes as DbDamaged with a sentence about the bars.
    """

    def __init__(self, path: Path | str, *, read_only: bool = False, clock: Clock | None = None) -> None:
        self.path = Path(path)
        self._read_only = read_only
        self._clock = clock or SystemClock()
        self._local = threading.local()
        self._lock = threading.Lock()
        self._open: list[Connection] = []
        if read_only and not self.path.exists():
            raise UserMistake(_NO_STORE(path=str(self.path)))
        try:
            with self._said():
                bar_tables.prepare(self._con(), self.path, read_only)
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> BarStore:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections of all threads."""
        with self._lock:
            for con in self._open:
                con.close()
            self._open.clear()
            self._local = threading.local()

    def put(
        self,
        symbol: str,
        timeframe: Timeframe,
        bars: Bars | Iterable[Bars],
        *,
        digits: int,
        server: str = "",
        time_zone: str = "",
        source: str = "",
        replace: bool = False,
    ) -> Stored:
        """Store bars (ascending; also in ascending parts, so that no import need fit in memory), all or nothing.

        A bar already stored at the same time is overwritten; the others stay, unless `replace`: then everything
        between the first and the last new bar goes. Raises UserMistake when a price has more than `digits` decimals,
        and whatever the parts raise while they come; then nothing was changed.
        """
        parts = [bars] if isinstance(bars, Bars) else bars
        with self._said():
            con = self._con()
            # Staged first: while the parts come, nobody who reads or writes the store waits.
            con.execute(bar_tables.STAGED)
            con.execute("DELETE FROM staged")
            try:
                for month, whole in months_of(parts):
                    columns = bar_tables.packed(whole, digits, symbol, timeframe)
                    con.execute("INSERT INTO staged VALUES (?, ?, ?, ?, ?, ?)", (month, *columns))
                name = Name(server, symbol, timeframe)
                with transaction(con):
                    return self._merge(con, name, digits, time_zone, source, replace)
            finally:
                con.execute("DELETE FROM staged")

    def get(
        self,
        symbol: str,
        timeframe: Timeframe,
        start: int | None = None,
        stop: int | None = None,
        *,
        server: str | None = None,
    ) -> Bars:
        """The bars with `start <= time < stop` (server epoch seconds; None: no limit), maybe none.

        Raises UserMistake when nothing of the symbol is stored, or when it is from several servers and none is named;
        DbDamaged when a month cannot be trusted.
        """
        with self._said():
            con = self._con()
            series = bar_tables.series_id(con, symbol, timeframe, server)
            rows = con.execute(
                "SELECT month, bars, crc, data FROM months WHERE series_id = ? AND last >= ? AND first < ? ORDER BY month",
                (series, _low(start), _high(stop)),
            ).fetchall()
            bars = gathered(
                (bar_tables.unpacked(row, symbol, timeframe) for row in rows),
                sum(int(row["bars"]) for row in rows),
            )
        begin = 0 if start is None else int(np.searchsorted(bars.time, start))
        end = len(bars) if stop is None else int(np.searchsorted(bars.time, stop))
        return bars[begin:end]

    def list(self) -> list[Series]:
        """Everything stored, by symbol, timeframe and server."""
        with self._said():
            rows = self._con().execute(
                "SELECT s.*, sum(m.bars) AS bars, min(m.first) AS first, max(m.last) AS last, "
                "sum(length(m.data)) AS size FROM series s JOIN months m ON m.series_id = s.id GROUP BY s.id"
            ).fetchall()  # fmt: skip
        found = [
            Series(
                row["server"], row["symbol"], Timeframe.named(row["timeframe"]), row["digits"], row["time_zone"],
                row["source"], row["bars"], row["first"], row["last"], row["size"], row["changed_ms"],
            )
            for row in rows
        ]  # fmt: skip
        return sorted(found, key=lambda each: (each.symbol, each.timeframe.seconds, each.server))

    def find(self, symbol: str, timeframe: Timeframe, *, server: str | None = None) -> Series:
        """The description of one series. Raises UserMistake as :meth:`get` does."""
        found = [
            each
            for each in self.list()
            if each.symbol == symbol and each.timeframe is timeframe and server in (None, each.server)
        ]
        if len(found) != 1:
            with self._said():
                bar_tables.series_id(self._con(), symbol, timeframe, server)
        return found[0]

    def delete(
        self,
        symbol: str,
        timeframe: Timeframe,
        start: int | None = None,
        stop: int | None = None,
        *,
        server: str | None = None,
    ) -> int:
        """Delete the bars with `start <= time < stop`; gives their number. Raises UserMistake as :meth:`get` does.

        A whole series can be deleted though it is damaged.
        """
        with self._said(), transaction(self._con()) as con:
            series = bar_tables.series_id(con, symbol, timeframe, server)
            rows = con.execute(
                "SELECT id, month, first, last, bars FROM months WHERE series_id = ? AND last >= ? AND first < ?",
                (series, _low(start), _high(stop)),
            ).fetchall()
            digits = bar_tables.digits_of(con, series)
            gone = 0
            for row in rows:
                month, bars = int(row["month"]), int(row["bars"])
                kept = Bars.empty()
                if row["first"] < _low(start) or row["last"] >= _high(stop):
                    there = con.execute(
                        "SELECT month, bars, crc, data FROM months WHERE id = ?", (row["id"],)
                    ).fetchone()
                    kept = without(bar_tables.unpacked(there, symbol, timeframe), _low(start), _high(stop))
                gone += bars - len(kept)
                if len(kept):
                    bar_tables.write_month(
                        con, series, month, bar_tables.packed(kept, digits, symbol, timeframe)
                    )
                else:
                    bar_tables.drop_month(con, series, month)
            if not con.execute("SELECT 1 FROM months WHERE series_id = ? LIMIT 1", (series,)).fetchone():
                con.execute("DELETE FROM series WHERE id = ?", (series,))
            return gone

    def _merge(
        self, con: Connection, name: Name, digits: int, time_zone: str, source: str, replace: bool
    ) -> Stored:
        """Bring the staged months into the store."""
        staged = con.execute("SELECT month, first, last FROM staged ORDER BY month").fetchall()
        if not staged:
            return Stored(0, 0, 0, 0)
        now_ms = int(self._clock.now() * 1000)
        series, kept_digits = bar_tables.add_series(con, name, digits, time_zone, source, now_ms)
        first, last = int(staged[0]["first"]), int(staged[-1]["last"])
        added = changed = unchanged = removed = 0
        if replace:
            removed = _drop_between(con, series, [row["month"] for row in staged])
        for month in [int(row["month"]) for row in staged]:
            there = con.execute(
                "SELECT month, bars, crc, data FROM months WHERE series_id = ? AND month = ?", (series, month)
            ).fetchone()
            new = con.execute(
                "SELECT month, bars, first, last, crc, data FROM staged WHERE month = ?", (month,)
            ).fetchone()
            if there is None and digits == kept_digits:
                bar_tables.write_month(con, series, month, tuple(new)[1:])
                added += int(new["bars"])
                continue
            came = bar_tables.unpacked(new, name.symbol, name.timeframe)
            old = Bars.empty() if there is None else bar_tables.unpacked(there, name.symbol, name.timeframe)
            common = np.intersect1d(old.time, came.time, assume_unique=True)
            equal = _equal_at(old, came, common)
            whole = merged(without(old, first, last + 1) if replace else old, came)
            added += len(came) - len(common)
            changed += len(common) - equal
            unchanged += equal
            removed += len(old) + len(came) - len(common) - len(whole)
            if not equal == len(whole) == len(old):
                columns = bar_tables.packed(whole, kept_digits, name.symbol, name.timeframe)
                bar_tables.write_month(con, series, month, columns)
        return Stored(added, changed, unchanged, removed)

    def _con(self) -> Connection:
        con: Connection | None = getattr(self._local, "con", None)
        if con is None:
            con = connect(self.path, read_only=self._read_only)
            with self._lock:
                self._open.append(con)
            self._local.con = con
            if not self._read_only:
                prepare_for_writing(con)
        return con

    @contextmanager
    def _said(self) -> Iterator[None]:
        """sqlite's errors typed, and damage told as what it is: of the bars, not of the trader's history."""
        try:
            try:
                yield
            except sqlite3.Error as error:
                raise typed(error, str(self.path)) from error
        except DbDamaged as error:
            if error.message.code == bar_tables.MONTH_DAMAGED:
                raise
            why = str(error.message.params.get("why", error.sentence))
            raise DbDamaged(_FILE_DAMAGED(path=str(self.path), why=why)) from error


def _low(start: int | None) -> int:
    return -(2**62) if start is None else start


def _high(stop: int | None) -> int:
    return 2**62 if stop is None else stop


def _drop_between(con: Connection, series: int, months: list[int]) -> int:
    """Delete the stored months inside the new range for which no bar came; gives the number of their bars."""
    rows = con.execute(
        "SELECT month, bars FROM months WHERE series_id = ? AND month > ? AND month < ?",
        (series, months[0], months[-1]),
    ).fetchall()
    came = set(months)
    gone = [row for row in rows if row["month"] not in came]
    for row in gone:
        bar_tables.drop_month(con, series, int(row["month"]))
    return sum(int(row["bars"]) for row in gone)


def _equal_at(old: Bars, new: Bars, common: Ints) -> int:
    """How many bars at the `common` times are the same in both."""
    a, b = np.isin(old.time, common), np.isin(new.time, common)
    same = np.ones(int(a.sum()), dtype=np.bool_)
    for name in ("open", "high", "low", "close", "tick_volume", "spread", "real_volume"):
        same &= getattr(old, name)[a] == getattr(new, name)[b]
    return int(same.sum())
