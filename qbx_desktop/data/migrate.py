"""From any earlier format to the present one: a verified backup, then one transaction per step, all or nothing."""

from __future__ import annotations

import importlib.resources
import re
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

from ..domain.clock import Clock
from ..domain.messages import Message, declare
from . import app_meta, legacy_repair
from .backup import make_backup
from .connection import Connection
from .errors import damaged, full, newer
from .transaction import transaction

APPLICATION_ID = 0x51425844  # "QBXD"
_MIGRATIONS = importlib.resources.files(f"{__package__}.migrations")
STEPS = {
    int(each.name[:4]): each.name
    for each in sorted(_MIGRATIONS.iterdir(), key=lambda each: each.name)
    if each.name.endswith(".sql")
}
LATEST = max(STEPS)
SEED_TABLES = ("users", "bots", "trade_history", "backtest_results", "watchlist")

BACKING_UP = declare("migrate.backup", "Backing up the database before changing it")
UPGRADING = declare("migrate.step", "Bringing the database to format {version}")
_NEW_TABLE = re.compile(r"CREATE TABLE (\w+)")
Progress = Callable[[Message, float], None]

# Sqlite calls back after this many of its own instructions: some hundred times a second.
_INSTRUCTIONS = 20_000


def version_of(con: sqlite3.Connection) -> int:
    """The format number of the file (0 for one that the predecessor wrote)."""
    return int(con.execute("PRAGMA user_version").fetchone()[0])


def is_latest(con: sqlite3.Connection) -> bool:
    """Whether the file is ours and of this program's very format."""
    marked = con.execute("PRAGMA application_id").fetchone()[0] == APPLICATION_ID
    return bool(marked) and version_of(con) == LATEST


def migrate(
    con: Connection, backups: Path, *, clock: Clock, progress: Progress | None = None, fresh: bool = False
) -> list[int]:
    """Bring the file of `con` to LATEST and say which steps ran. `fresh` skips the backup of an empty new file.

    Raises DbNewer for a later format and DbError for anything else; the file then is as it was before the failed
    step, and its backup stays.
    """
    done: list[int] = []
    while (version := version_of(con)) < LATEST:
        if not fresh:
            _back_up(con, backups, _next(version), clock, progress)
        _step(con, version, progress)
        done.append(_next(version))
    if version > LATEST:
        raise newer(con.path, version, LATEST)
    return done


def _next(version: int) -> int:
    """The format after `version`: numbers are kept apart for work that lands in another order, so some may be missing."""
    return min(number for number in STEPS if number > version)


def _back_up(con: Connection, backups: Path, version: int, clock: Clock, progress: Progress | None) -> None:
    path = Path(con.path)
    if shutil.disk_usage(path.parent).free < path.stat().st_size * 2.2:
        raise full(path)

    def tell(done: float) -> None:
        if progress is not None:
            progress(BACKING_UP(), done)

    make_backup(path, backups, f"before-v{version}", clock=clock, progress=tell)


def _step(con: Connection, version: int, progress: Progress | None) -> None:
    target = _next(version)
    stopped: list[BaseException] = []
    if progress is not None:
        report = progress

        def beat() -> int:
            try:
                report(UPGRADING(version=target), 0.0)
            except BaseException as error:  # noqa: BLE001 - carried out of sqlite's callback, raised below
                stopped.append(error)
                return 1
            return 0

        con.set_progress_handler(beat, _INSTRUCTIONS)
    # Both take effect outside a transaction only. The old way of renaming leaves other objects' texts alone.
    con.execute("PRAGMA foreign_keys = OFF")
    con.execute("PRAGMA legacy_alter_table = ON")
    try:
        with transaction(con):
            if version_of(con) == version:
                _change(con, target)
    except sqlite3.OperationalError as error:
        if stopped:
            raise stopped[0] from None
        # Not full, busy or read-only (those have errors of their own): the file is not of the shape that its number says.
        raise damaged(con.path, f"the step to format {target} does not fit: {error}") from error
    finally:
        con.set_progress_handler(None, 0)
        con.execute("PRAGMA legacy_alter_table = OFF")
        con.execute("PRAGMA foreign_keys = ON")


def _change(con: Connection, target: int) -> None:
    before = _row_counts(con)
    marks = _high_water(con)
    broken = _broken_links(con)
    report = legacy_repair.Report()
    todo = list(statements(STEPS[target]))
    new_tables = [match[1].lower() for text in todo for match in _NEW_TABLE.finditer(text)]
    legacy_repair.set_aside(con, new_tables, report)
    if target == 2:
        legacy_repair.prepare(con, report)
    for statement in todo:
        con.execute(statement)
    if target == 2:
        app_meta.make_identity(con)
        legacy_repair.finish(con, report)
    _restore_high_water(con, marks)
    for table, count in _row_counts(con).items():
        if count != before.get(table, 0) + report.added.get(table, 0):
            raise damaged(con.path, f"{table} would change from {before.get(table, 0)} to {count} rows")
    new = _broken_links(con) - broken
    if new:
        raise damaged(con.path, f"links would break in {', '.join(sorted({each[0] for each in new}))}")
    con.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    con.execute(f"PRAGMA user_version = {target:d}")


def statements(name: str) -> Iterator[str]:
    """The statements of one migration file, one by one (sqlite's own script call commits in between)."""
    text = _MIGRATIONS.joinpath(name).read_text(encoding="utf-8")
    statement = ""
    for line in text.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
    if any(line.strip() and not line.lstrip().startswith("--") for line in statement.splitlines()):
        raise ValueError(f"{name} ends within a statement")


def _tables(con: sqlite3.Connection) -> set[str]:
    return {row[0] for row in con.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall()}


def _row_counts(con: sqlite3.Connection) -> dict[str, int]:
    present = _tables(con)
    return {
        table: con.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
        for table in SEED_TABLES
        if table in present
    }


def _broken_links(con: sqlite3.Connection) -> set[tuple[str, int, str]]:
    """Broken foreign keys of tables that are not ours are their owner's: they stay as they are."""
    return {(row[0], row[1], row[2]) for row in con.execute("PRAGMA foreign_key_check").fetchall()}


def _high_water(con: sqlite3.Connection) -> dict[str, int]:
    """The largest id ever given per table: ids are never reused, for a magic number is made of one."""
    marks: dict[str, int] = {}
    present = _tables(con)
    if "sqlite_sequence" in present:
        for row in con.execute("SELECT name, seq FROM sqlite_sequence").fetchall():
            if isinstance(row[1], int):
                marks[row[0]] = row[1]
    for table in SEED_TABLES:
        if table in present:
            largest = con.execute(f"SELECT max(id) FROM {table}").fetchone()[0]
            marks[table] = max(marks.get(table, 0), largest or 0)
    return marks


def _restore_high_water(con: sqlite3.Connection, marks: dict[str, int]) -> None:
    for table, mark in marks.items():
        changed = con.execute(
            "UPDATE sqlite_sequence SET seq = max(seq, ?) WHERE name = ?", (mark, table)
        ).rowcount
        if not changed and mark and table in SEED_TABLES:
            con.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)", (table, mark))
