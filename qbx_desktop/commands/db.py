"""`qbx db`: the database for administrators and scripts; every answer also as JSON."""

from __future__ import annotations

import argparse
import dataclasses
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ..data import (
    backup,
    csv_tables,
    file_check,
    keep_backups,
    legacy,
    password_reset,
    recovery,
    replace_database,
    users,
)
from ..data.database import Database
from ..data.home import Home
from ..data.instance_lock import InstanceLock
from ..domain.clock import SystemClock, utc_text
from ..domain.errors import UserMistake
from ..domain.messages import declare

_RUNNING = declare(
    "db.running",
    "QuantumBotX is running with the data folder {path}; nothing was changed. Close it, then try again.",
)
_NO_FILE = declare("db.no_file", "There is no file {path}; nothing was changed.")
_WHICH = declare(
    "db.which", "Name the backup to restore, or use --newest; 'qbx db stats' lists them. Nothing was changed."
)

Answer = tuple[int, dict[str, Any], list[str]]


def run(arguments: Sequence[str]) -> int:
    """Run `qbx db …`; returns the exit code (0 done, 1 the check found something, 2 refused)."""
    parser = _parser()
    try:
        given = parser.parse_args(list(arguments))
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else 2
    home = Home(Path(given.home).absolute()) if given.home else Home.default()
    code, facts, lines = given.action(home.prepare(), given)
    if given.json:
        print(json.dumps(facts, indent=2, default=str, ensure_ascii=False))
    else:
        print("\n".join(lines))
    return int(code)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="qbx db", description="Look after the database of bots, history and orders."
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def add(
        name: str, summary: str, action: Callable[[Home, argparse.Namespace], Answer]
    ) -> argparse.ArgumentParser:
        made = commands.add_parser(name, help=summary, description=summary)
        made.add_argument("--json", action="store_true", help="print facts as JSON")
        made.add_argument(
            "--home", metavar="DIR", help="the data folder (default: QBX_HOME, else your user folder)"
        )
        made.set_defaults(action=action)
        return made

    init = add("init", "make the database, or bring it to the present format", _init)
    init.add_argument(
        "--force", action="store_true", help="back up and set aside the present one, then start new"
    )
    add("check", "check pages, links, numbering and hash chains; changes nothing", _check)
    add("backup", "make a checked backup now", _backup).add_argument(
        "file", nargs="?", metavar="FILE", help="where to (default: the folder of backups)"
    )
    add("drill", "read a backup as a restore would and count its rows; changes nothing", _drill).add_argument(
        "file", metavar="FILE", help="the backup"
    )
    restore = add("restore", "put a backup in place of the database (which is set aside)", _restore)
    restore.add_argument("file", nargs="?", metavar="FILE", help="the backup to restore")
    restore.add_argument(
        "--newest",
        action="store_true",
        help="after damage: newest good backup, readable newer rows, the order log",
    )
    importing = add("import", "open a predecessor's bots.db on a copy, or a CSV file of one table", _import)
    importing.add_argument("file", metavar="FILE")
    importing.add_argument("--replace", action="store_true", help="set the present database aside")
    importing.add_argument("--table", choices=sorted(csv_tables.TABLES), help="what a CSV file holds")
    exporting = add("export", "write one table as CSV that can be imported again", _export)
    exporting.add_argument("table", choices=sorted(csv_tables.TABLES))
    exporting.add_argument("file", metavar="FILE")
    add(
        "forgot-password",
        "as administrator: the next start asks for a new password and pauses all bots",
        _forgot,
    )
    add("stats", "rows, sizes and backups", _stats)
    return parser


@contextmanager
def _alone(home: Home) -> Iterator[None]:
    """Nobody else may have the file open while it is exchanged."""
    lock = InstanceLock(home.lock_file)
    if not lock.acquire():
        raise UserMistake(_RUNNING(path=str(home.root)))
    try:
        yield
    finally:
        lock.release()


def _tell(shown: Callable[[str], None]) -> Callable[..., None]:
    last = ""

    def progress(message: Any, _: float) -> None:
        nonlocal last
        if message.text != last:
            last = message.text
            shown(last)

    return progress


def _init(home: Home, given: argparse.Namespace) -> Answer:
    lines: list[str] = []
    aside = None
    if given.force:
        with _alone(home):
            if home.database.exists() and home.database.stat().st_size:
                saved = keep_backups.last_copy(home.database, home.backups, SystemClock())
                lines.append(
                    f"Backed up to {saved.path}"
                    if saved
                    else "The present file cannot be backed up as it is."
                )
            aside = replace_database.set_aside(home, "replaced", SystemClock())
            if aside:
                lines.append(f"The present database was moved to {aside}")
            db = Database.open(home.database, backups=home.backups, start_new=True)
    else:
        db = Database.open(home.database, backups=home.backups, progress=_tell(lines.append))
    try:
        if db.reader().execute("SELECT 1 FROM users LIMIT 1").fetchone() is None:
            admin_hash = users.default_admin_hash()
            db.write(lambda con: users.ensure_default_admin(con, admin_hash))
            lines.append(f"The user {users.ADMIN_EMAIL} must set a password at the first login.")
        version = db.reader().execute("PRAGMA user_version").fetchone()[0]
    finally:
        db.close()
    lines.append(f"The database {home.database} is ready (format {version}).")
    return 0, {"path": home.database, "version": version, "set_aside": aside}, lines


def _check(home: Home, _: argparse.Namespace) -> Answer:
    result = file_check.check(home)
    lines = [f"{result.path}: format {result.version} (newest {result.latest})", *result.problems]
    if not result.problems:
        lines.append(
            f"Everything is as it was written; {result.journal_rows} orders and {result.audit_rows} audit entries checked."
        )
    return (1 if result.problems else 0), dataclasses.asdict(result), lines


def _backup(home: Home, given: argparse.Namespace) -> Answer:
    _must_exist(home.database)
    if given.file:
        target = Path(given.file).absolute()
        backup.copy_database(home.database, target)
    else:
        target = backup.make_backup(home.database, home.backups, "manual").path
    held = keep_backups.drill(target)
    rows = ", ".join(f"{count} {table}" for table, count in held.rows.items())
    return 0, dataclasses.asdict(held), [f"Backed up to {target}", f"It opens and holds {rows}."]


def _drill(_: Home, given: argparse.Namespace) -> Answer:
    path = Path(given.file).absolute()
    _must_exist(path)
    held = keep_backups.drill(path)
    rows = ", ".join(f"{count} {table}" for table, count in held.rows.items())
    return 0, dataclasses.asdict(held), [f"{path} can be restored. It holds {rows}. Nothing was changed."]


def _restore(home: Home, given: argparse.Namespace) -> Answer:
    if bool(given.file) == given.newest:
        raise UserMistake(_WHICH())
    with _alone(home):
        if given.newest:
            done = recovery.recover(home)
        else:
            _must_exist(Path(given.file))
            done = recovery.restore(Path(given.file).absolute(), home)
    lines = [
        f"Restored from {done.from_backup}." if done.from_backup else "No good backup was found; started new."
    ]
    lines += [f"{name} was not used: {why}" for name, why in done.refused_backups.items()]
    lines += [
        f"{each.added} newer rows of {table} were saved."
        for table, each in done.salvaged.items()
        if each.added
    ]
    if done.replayed_orders:
        lines.append(f"{done.replayed_orders} orders came back from the order log.")
    if done.set_aside:
        lines.append(f"The files that were there are in {done.set_aside}.")
    return 0, dataclasses.asdict(done), [*lines, f"Trading is off. {recovery.CONFIRM}"]


def _import(home: Home, given: argparse.Namespace) -> Answer:
    source = Path(given.file).absolute()
    _must_exist(source)
    if given.table:
        table = given.table
        with Database.open(home.database, backups=home.backups) as db:
            added = db.write(lambda con: csv_tables.import_table(con, table, source))
        return 0, {"table": table, "added": added}, [f"{added} rows were added to {table}."]
    with _alone(home):
        lines: list[str] = []
        report = legacy.import_database(
            source, home, clock=SystemClock(), replace=given.replace, progress=_tell(lines.append)
        )
        # Opened once, so that the newcomer's first start finds everything in order.
        Database.open(home.database, backups=home.backups).close()
    return 0, dataclasses.asdict(report), [*lines, *_import_words(report)]


def _import_words(report: legacy.ImportReport) -> list[str]:
    lines = ["Imported " + ", ".join(f"{count} {table}" for table, count in report.rows.items()) + "."]
    lines.append("The file itself was not changed.")
    if report.legacy_bots:
        lines.append(
            f"{len(report.legacy_bots)} bots cannot start until you chose what their numbers mean "
            "(lots and pips, or risk percent and ATR multiples): " + ", ".join(report.legacy_bots)
        )
    lines += [
        f"Bot {bot}: {why}; correct it before it can start." for bot, why in report.config_errors.items()
    ]
    lines += [
        f"Bot {bot} had the status {old!r} and is paused now." for bot, old in report.changed_status.items()
    ]
    if report.orphans:
        lines.append(f"{report.orphans} history rows belonged to deleted bots; they are kept without a bot.")
    if report.must_change_password:
        lines.append("A user still had the published default password and must set a new one.")
    for what, names in (
        ("Kept as they are, though unknown here", (*report.unknown_tables, *report.unknown_columns)),
        ("Kept under another name", report.set_aside),
        ("Not taken over, because they would run by themselves", tuple(report.removed_triggers_and_views)),
    ):
        if names:
            lines.append(f"{what}: {', '.join(names)}")
    return lines


def _export(home: Home, given: argparse.Namespace) -> Answer:
    _must_exist(home.database)
    target = Path(given.file).absolute()
    with Database.open(home.database, backups=home.backups) as db:
        count = csv_tables.export_table(db.reader(), given.table, target)
    return (
        0,
        {"table": given.table, "rows": count, "path": target},
        [f"{count} rows of {given.table} are in {target}"],
    )


def _stats(home: Home, _: argparse.Namespace) -> Answer:
    _must_exist(home.database)
    facts = file_check.stats(home)
    saved = backup.backups_in(home.backups)
    facts["backups"] = [
        {"path": each.path, "made": utc_text(each.made), "reason": each.reason, "bytes": each.size}
        for each in saved
    ]
    lines = [f"{facts['path']}: format {facts['version']}, {facts['bytes']} bytes"]
    rows = facts["rows"]
    if isinstance(rows, dict):
        lines += [f"  {count:>12} {table}" for table, count in rows.items()]
    lines += [f"backup {each.path.name}, {each.size} bytes" for each in saved]
    return 0, facts, lines


def _forgot(home: Home, _: argparse.Namespace) -> Answer:
    made = password_reset.order(home)
    return 0, {"path": made}, ["Start QuantumBotX again: all bots are paused and it asks for a new password."]


def _must_exist(path: Path) -> None:
    if not path.is_file():
        raise UserMistake(_NO_FILE(path=str(path)))
