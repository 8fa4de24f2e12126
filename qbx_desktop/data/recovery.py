"""The way back from a damaged or lost database: newest good backup, rows saved from the wreck, the order log."""

from __future__ import annotations

import contextlib
import json
import shutil
import sqlite3
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..domain.clock import Clock, SystemClock
from . import app_meta, audit, order_log, seals, trading_state
from .backup import Backup, backups_in, copy_database
from .connection import Connection, connect
from .errors import DbError
from .home import Home
from .keep_backups import drill
from .migrate import Progress, migrate
from .order_journal import OrderJournal
from .replace_database import put_in_place, set_aside
from .salvage import Salvaged, identity, salvage
from .transaction import transaction

CONFIRM = "The database was restored: compare positions and bots with your broker, then allow trading again."


@dataclass(frozen=True)
class Recovery:
    """What was done, for a report in plain words. Trading stays HALTED until a person allows it."""

    set_aside: Path | None
    from_backup: Path | None
    refused_backups: dict[str, str] = field(default_factory=dict)
    salvaged: dict[str, Salvaged] = field(default_factory=dict)
    replayed_orders: int = 0


def restore(
    backup: Path, home: Home, *, clock: Clock | None = None, progress: Progress | None = None
) -> Recovery:
    """Make a copy of `backup` the database; the present one is backed up and set aside, so this can be undone.

    The caller holds the instance lock. Orders recorded after the backup come back from the order log. Raises
    DbError when the backup is not good; then nothing was changed.
    """
    clock = clock or SystemClock()
    held = drill(backup)
    with tempfile.TemporaryDirectory(prefix=".restore-", dir=home.root) as folder:
        copy = Path(folder) / "bots.db"
        copy_database(backup, copy)
        replayed = _finish(copy, home, clock, progress, f"restored from {backup.name}")
        if held.version < seals.FIRST_FORMAT:
            seals.trust_next(home.database)
        aside = put_in_place(copy, home, clock, "before-restore")
    return Recovery(aside, backup, replayed_orders=replayed)


def recover(home: Home, *, clock: Clock | None = None, progress: Progress | None = None) -> Recovery:
    """Bring back as much as there is after damage: the whole ladder. The caller holds the instance lock.

    The damaged files are moved to `damaged-<time>/` as they are. Without any good backup a new database is filled
    with what the wreck still gives.
    """
    clock = clock or SystemClock()
    good, refused = newest_good(home.backups)
    with tempfile.TemporaryDirectory(prefix=".recover-", dir=home.root) as folder:
        copy = Path(folder) / "bots.db"
        if good is not None:
            copy_database(good.path, copy)
        wreck = _copy_of_wreck(home, Path(folder))
        con = connect(copy)
        try:
            migrate(con, home.backups, clock=clock, progress=progress, fresh=True)
            saved = salvage(wreck, con) if wreck is not None else {}
            if good is None and wreck is not None:
                _keep_identity(wreck, con)
        finally:
            con.close()
        replayed = _finish(copy, home, clock, progress, "recovered after damage")
        aside = set_aside(home, "damaged", clock)
        put_in_place(copy, home, clock, "before-recovery")
    return Recovery(aside, None if good is None else good.path, refused, saved, replayed)


def _keep_identity(wreck: Path, con: Connection) -> None:
    """Without a backup the wreck says by which numbers our orders are known at the broker."""
    page_size = int(con.execute("PRAGMA page_size").fetchone()[0])
    with transaction(con):
        for key, value in identity(wreck, page_size, con).items():
            app_meta.set(con, key, value)


def newest_good(folder: Path) -> tuple[Backup | None, dict[str, str]]:
    """The newest backup that passes its drill, and why the newer ones did not."""
    refused: dict[str, str] = {}
    for backup in backups_in(folder):
        try:
            drill(backup.path)
        except (DbError, sqlite3.Error) as error:
            refused[backup.path.name] = str(error)
            continue
        return backup, refused
    return None, refused


def _copy_of_wreck(home: Home, folder: Path) -> Path | None:
    if not home.database.exists() or not home.database.stat().st_size:
        return None
    wreck = folder / "wreck.db"
    for suffix in ("", "-wal", "-journal"):
        part = home.database.with_name(home.database.name + suffix)
        if part.exists():
            shutil.copyfile(part, f"{wreck}{suffix}")
    return wreck


def _finish(copy: Path, home: Home, clock: Clock, progress: Progress | None, what: str) -> int:
    con = connect(copy)
    try:
        migrate(con, home.backups, clock=clock, progress=progress, fresh=True)
        now_ms = round(clock.now() * 1000)
        with transaction(con):
            replayed = replay_orders(con, home.logs)
            # Rows may be missing in between: the chain begins anew behind them.
            last = con.execute("SELECT max(id) FROM order_journal").fetchone()[0]
            app_meta.set(con, "journal_chain_from", str(last or 0))
            app_meta.make_identity(con)
            trading_state.set(con, trading_state.GLOBAL, "HALTED", CONFIRM, now_ms)
            audit.record(con, "database.restored", at_ms=now_ms, detail={"how": what, "orders": replayed})
        return replayed
    finally:
        con.close()


def replay_orders(con: Connection, folder: Path) -> int:
    """Bring orders that only the order log knows into the journal, as UNKNOWN until the broker settles them.

    An order whose end the log knows keeps it. Returns how many rows were added. A damaged log file gives the
    entries before its damage.
    """
    known = {str(row[0]) for row in con.execute("SELECT uid FROM order_journal").fetchall()}
    orders: dict[str, dict[str, Any]] = {}
    for path in sorted(folder.glob("orders-*.jsonl")):
        with contextlib.suppress(Exception):
            for entry in order_log.read(path):
                uid = str(entry.get("uid", ""))
                if uid and uid not in known:
                    orders.setdefault(uid, {}).update(entry)
    added = 0
    for uid, entry in orders.items():
        added += _replay_one(con, uid, entry)
    return added


def _replay_one(con: Connection, uid: str, entry: dict[str, Any]) -> int:
    state = str(entry.get("state", "UNKNOWN"))
    if state not in ("FILLED", "PARTIAL", "REJECTED"):
        state = "UNKNOWN"
    request = entry.get("request") or "{}"
    wish = json.loads(request) if isinstance(request, str) else {}
    result = entry.get("result") or {}
    try:
        OrderJournal(con).bring_back(
            uid=uid, bot_id=entry.get("bot_id"), bot_name="", account=entry["account"], server=entry["server"],
            symbol=entry["symbol"], timeframe="", action=entry["action"], side=entry["side"], volume=entry["volume"],
            magic=entry["magic"], comment=str(wish.get("comment", "")), source="LOG", bar_time=entry["at_ms"] // 1000,
            state=state, created_ms=entry["at_ms"], sent_ms=entry["at_ms"], sent_srv=None, request_json=str(request),
            order_ticket=entry.get("order") or None, deal_ticket=entry.get("deal") or None,
            filled=float(result.get("volume") or 0.0), fill_price=result.get("price") or None,
            retcode=result.get("retcode"), resolution="from the order log", result_json=json.dumps(result),
        )  # fmt: skip
    except (DbError, KeyError, TypeError):
        return 0
    return 1
