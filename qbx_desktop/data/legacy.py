"""Opening a predecessor's bots.db: on a copy, keeping every row and unknown column, with a report of what was done."""

from __future__ import annotations

import json
import shutil
import sqlite3
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..domain.bots import Bot, SizingMode, StopMode
from ..domain.clock import Clock
from ..domain.errors import UserMistake
from ..domain.messages import declare
from . import app_meta, audit, bots, seals, shape, start_check
from .backup import copy_database
from .connection import Connection, connect
from .home import Home
from .legacy_repair import quoted
from .migrate import Progress, migrate
from .replace_database import has_content, put_in_place
from .transaction import transaction

_NOT_IMPORTED = declare(
    "legacy.refused",
    "The file {path} cannot be imported ({why}). It and your present data were left as they are.",
)
_IN_THE_WAY = declare(
    "legacy.in_the_way",
    "There is a database with bots or history at {path} already; nothing was imported. Set it aside with --replace.",
)
_FRACTION = declare(
    "legacy.fraction",
    "The bot {name!r} has a stop of {value}: that is an ATR multiple, not pips. Nothing was changed; choose ATR.",
)
_CHOSEN = declare(
    "legacy.choice", "Choose what the numbers of this bot mean; {what} is no answer. Nothing was changed."
)


@dataclass(frozen=True)
class ImportReport:
    """What an import found and did; every number counts rows."""

    source: str
    rows: Mapping[str, int]
    legacy_bots: tuple[str, ...] = ()
    config_errors: Mapping[str, str] = field(default_factory=dict)
    orphans: int = 0
    changed_status: Mapping[str, str] = field(default_factory=dict)
    recovered_users: tuple[int, ...] = ()
    must_change_password: tuple[int, ...] = ()
    unknown_tables: tuple[str, ...] = ()
    unknown_columns: tuple[str, ...] = ()
    set_aside: tuple[str, ...] = ()
    removed_triggers_and_views: Mapping[str, str] = field(default_factory=dict)
    added: Mapping[str, int] = field(default_factory=dict)


def import_database(
    source: Path, home: Home, *, clock: Clock, replace: bool = False, progress: Progress | None = None
) -> ImportReport:
    """Make a copy of `source` the database of `home`. The caller holds the instance lock.

    Raises UserMistake when the present database has content and `replace` is false, or when the file cannot be
    imported; DbError for what `start_check` finds. Then nothing was changed.
    """
    if not replace and home.database.exists() and has_content(home.database):
        raise UserMistake(_IN_THE_WAY(path=str(home.database)))
    if not source.is_file():
        raise UserMistake(_NOT_IMPORTED(path=str(source), why="there is no such file"))
    with tempfile.TemporaryDirectory(prefix=".import-", dir=home.root) as folder:
        copy = Path(folder) / "bots.db"
        try:
            _copy(source, copy, Path(folder))
            report = _upgrade(copy, source, home, clock, progress)
        except sqlite3.Error as error:
            # Whatever sqlite dislikes about a foreign file is the file's fault here, not a bug of ours.
            raise UserMistake(_NOT_IMPORTED(path=str(source), why=str(error)[:200])) from error
        seals.trust_next(home.database)
        put_in_place(copy, home, clock, "before-import")
    return report


def _copy(source: Path, copy: Path, folder: Path) -> None:
    found = start_check.look(source, folder)
    journal = source.with_name(f"{source.name}-journal")
    if journal.exists() and journal.stat().st_size:
        # It was left by a crash: sqlite must roll it back, which it may do to a copy only.
        rescued = folder / "rescued.db"
        shutil.copyfile(source, rescued)
        shutil.copyfile(journal, folder / "rescued.db-journal")
        con = connect(rescued)
        con.execute("SELECT count(*) FROM sqlite_schema").fetchone()
        con.close()
        source = rescued
    start_check.look_inside(source, found)
    copy_database(source, copy)


def _upgrade(copy: Path, source: Path, home: Home, clock: Clock, progress: Progress | None) -> ImportReport:
    con = connect(copy)
    try:
        removed = _remove_code(con)
        migrate(con, home.backups, clock=clock, progress=progress, fresh=True)
        why = shape.missing(con)
        if why:
            raise UserMistake(_NOT_IMPORTED(path=str(source), why=why))
        with transaction(con):
            app_meta.make_identity(con)
            audit.record(
                con, "database.imported", at_ms=round(clock.now() * 1000), detail={"file": str(source)}
            )
            if removed:
                app_meta.set(con, "removed_triggers_and_views", json.dumps(removed))
        return _report(con, source, removed)
    finally:
        con.close()


def _remove_code(con: Connection) -> dict[str, str]:
    """Triggers and views of a foreign file are code that would run in ours: only their text is kept, as a note."""
    rows = con.execute(
        "SELECT type, name, sql FROM sqlite_schema WHERE type IN ('trigger', 'view')"
    ).fetchall()
    removed = {}
    with transaction(con):
        for row in rows:
            con.execute(f"DROP {row[0].upper()} IF EXISTS {quoted(row[1])}")
            removed[f"{row[0]} {row[1]}"] = str(row[2])[:10_000]
    return removed


def _report(con: Connection, source: Path, removed: dict[str, str]) -> ImportReport:
    found: dict[str, Any] = json.loads(app_meta.get(con, "legacy_report") or "{}")
    all_bots = {bot.id: bot for bot in bots.list_bots(con, include_archived=True)}

    def label(bot_id: int) -> str:
        return f"{bot_id} {all_bots[bot_id].name}" if bot_id in all_bots else str(bot_id)

    counts = {
        table: int(con.execute(f"SELECT count(*) FROM {table}").fetchone()[0])
        for table in ("users", "bots", "trade_history", "backtest_results", "watchlist")
    }
    return ImportReport(
        source=str(source), rows=counts, legacy_bots=tuple(label(each) for each in found.get("legacy_bots", ())),
        config_errors={label(bot.id): bot.config_error for bot in all_bots.values() if bot.config_error},
        orphans=found.get("orphans", 0),
        changed_status={label(int(key)): value for key, value in found.get("changed_status", {}).items()},
        recovered_users=tuple(found.get("recovered_users", ())),
        must_change_password=tuple(found.get("must_change_password", ())),
        unknown_tables=tuple(found.get("unknown_tables", ())),
        unknown_columns=tuple(found.get("unknown_columns", ())), set_aside=tuple(found.get("set_aside", ())),
        removed_triggers_and_views=removed, added=found.get("added", {}),
    )  # fmt: skip


def choose_meaning(
    con: sqlite3.Connection, bot_id: int, sizing: SizingMode, stops: StopMode, at_ms: int
) -> Bot:
    """Store what the trader says the bot's old columns mean; only then can it start.

    With FIXED_LOT `lot_size` counts, with RISK_PERCENT `settings.risk_percent`; with PIPS `sl_pips` and `tp_pips`,
    with ATR_MULT `settings.sl_atr` and `settings.tp_atr`; all were filled from the old columns. Raises UserMistake.
    """
    for chosen, unset in ((sizing, SizingMode.LEGACY_UNSET), (stops, StopMode.LEGACY_UNSET)):
        if chosen is unset:
            raise UserMistake(_CHOSEN(what=chosen.value))
    with transaction(con):
        raw = con.execute("SELECT name, sl_pips, tp_pips FROM bots WHERE id = ?", (bot_id,)).fetchone()
        if raw is not None and stops is StopMode.PIPS:
            for value in raw[1:]:
                if isinstance(value, float) and value != int(value):
                    raise UserMistake(_FRACTION(name=raw[0], value=value))
        changed = con.execute(
            "UPDATE bot_settings SET sizing_mode = ?, stop_mode = ? WHERE bot_id = ?",
            (sizing.value, stops.value, bot_id),
        ).rowcount
        if not changed:
            con.execute(
                "INSERT INTO bot_settings (bot_id, sizing_mode, stop_mode) SELECT id, ?, ? FROM bots WHERE id = ?",
                (sizing.value, stops.value, bot_id),
            )
        seals.seal(con, seals.BOT, bot_id)
        bot = bots.get_bot(con, bot_id)
        if bot is None:
            raise UserMistake(_CHOSEN(what=f"bot {bot_id}, which does not exist,"))
        audit.record(
            con, "bot.meaning_chosen", at_ms=at_ms,
            detail={"bot": bot_id, "sizing": sizing.value, "stops": stops.value},
        )  # fmt: skip
    return bot
