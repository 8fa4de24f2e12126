"""The bots: stored with the predecessor's columns and our side table, each row read with distrust."""

from __future__ import annotations

import dataclasses
import json
import math
import sqlite3
from collections.abc import Mapping

from ..domain.bots import Bot, BotSettings, BotStatus, SizingMode, StopMode
from ..domain.errors import UserMistake
from ..domain.messages import declare
from . import seals
from .transaction import transaction

_GONE = declare("bots.gone", "There is no bot {id} any more; nothing was changed.")
_BUSY = declare(
    "bots.open_question",
    "The bot {name!r} was not deleted: an order of it is not settled yet. Wait until it is, or archive the bot.",
)
_NAMELESS = declare("bots.nameless", "A bot needs {what}; nothing was stored.")
_NUMBER = declare("bots.number", "{what} must be a finite number, not {value!r}; nothing was stored.")

_SELECT = (
    "SELECT b.*, s.bot_id AS settings_id, s.sizing_mode, s.stop_mode, s.risk_percent, s.sl_atr, s.tp_atr, s.atr_period,"
    " s.account, s.server, s.live_consent, s.limits_json, s.archived, s.halted_reason, s.owner_user_id, s.generation"
    " FROM bots b LEFT JOIN bot_settings s ON s.bot_id = b.id"
)
CHANGED_OUTSIDE = "its limits or its account were changed by another program; look at them in Edit and save"
_OPEN_STATES = "('QUEUED', 'SENDING', 'UNKNOWN', 'REVIEW')"


def create_bot(con: sqlite3.Connection, bot: Bot) -> int:
    """Store a new bot (its `id` is ignored) and return its id. Raises UserMistake for values no bot can have."""
    _check(bot)
    with transaction(con):
        cursor = con.execute(
            "INSERT INTO bots (name, market, status, lot_size, sl_pips, tp_pips, timeframe, check_interval_seconds,"
            " strategy, strategy_params) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                bot.name, bot.market, bot.status.value, bot.lot_size, bot.sl_pips, bot.tp_pips, bot.timeframe,
                bot.check_interval_seconds, bot.strategy, bot.strategy_params,
            ),
        )  # fmt: skip
        bot_id = int(cursor.lastrowid or 0)
        _store_settings(con, bot_id, bot.settings)
    return bot_id


def update_bot(con: sqlite3.Connection, bot: Bot) -> None:
    """Store what a form edits. Raises UserMistake for values no bot can have, also when it is gone.

    Status, halt, archive mark and generation are left alone: they have functions of their own, and the trading
    thread may have changed them since `bot` was read.
    """
    _check(bot)
    with transaction(con):
        changed = con.execute(
            "UPDATE bots SET name = ?, market = ?, lot_size = ?, sl_pips = ?, tp_pips = ?, timeframe = ?,"
            " check_interval_seconds = ?, strategy = ?, strategy_params = ? WHERE id = ?",
            (
                bot.name, bot.market, bot.lot_size, bot.sl_pips, bot.tp_pips, bot.timeframe,
                bot.check_interval_seconds, bot.strategy, bot.strategy_params, bot.id,
            ),
        ).rowcount  # fmt: skip
        _changed_one(changed, bot.id)
        _store_settings(con, bot.id, bot.settings)


def set_status(con: sqlite3.Connection, bot_id: int, status: BotStatus) -> None:
    """Store the trader's wish. Raises UserMistake when the bot is gone."""
    _changed_one(
        con.execute("UPDATE bots SET status = ? WHERE id = ?", (BotStatus(status).value, bot_id)).rowcount,
        bot_id,
    )


def get_bot(con: sqlite3.Connection, bot_id: int) -> Bot | None:
    """One bot, None when there is none of this id. A row with bad values comes back with `config_error`."""
    row = con.execute(_SELECT + " WHERE b.id = ?", (bot_id,)).fetchone()
    return None if row is None else _checked(con, _bot(row))


def list_bots(con: sqlite3.Connection, include_archived: bool = False) -> list[Bot]:
    """All bots, newest first. One bad row never keeps the others from loading."""
    condition = "" if include_archived else " WHERE coalesce(s.archived, 0) = 0"
    rows = con.execute(_SELECT + condition + " ORDER BY b.id DESC").fetchall()
    return [_checked(con, _bot(row)) for row in rows]


def archive_bot(con: sqlite3.Connection, bot_id: int) -> None:
    """Take the bot out of the lists and pause it; its history, orders and deals stay."""
    with transaction(con):
        set_status(con, bot_id, BotStatus.DIJEDA)
        con.execute("UPDATE bot_settings SET archived = 1 WHERE bot_id = ?", (bot_id,))


def restore_bot(con: sqlite3.Connection, bot_id: int) -> None:
    """Bring an archived bot back, paused."""
    _changed_one(
        con.execute("UPDATE bot_settings SET archived = 0 WHERE bot_id = ?", (bot_id,)).rowcount, bot_id
    )


def delete_bot(con: sqlite3.Connection, bot_id: int) -> None:
    """Delete the bot and, with it, its history rows; its orders and deals stay for ever.

    Raises UserMistake while an order of it is not settled. Whether it holds a position the caller must ask the
    terminal first, and it exports the history before (`export.archive_bot_history`).
    """
    with transaction(con):
        open_rows = con.execute(
            f"SELECT count(*) FROM order_journal WHERE bot_id = ? AND state IN {_OPEN_STATES}", (bot_id,)
        ).fetchone()[0]
        if open_rows:
            name = con.execute("SELECT name FROM bots WHERE id = ?", (bot_id,)).fetchone()
            raise UserMistake(_BUSY(name=name[0] if name else str(bot_id)))
        _changed_one(con.execute("DELETE FROM bots WHERE id = ?", (bot_id,)).rowcount, bot_id)
        seals.seal(con, seals.BOT, bot_id)


def set_halted(con: sqlite3.Connection, bot_id: int, reason: str | None) -> None:
    """Halt the bot with a reason until a person re-arms it (None)."""
    _changed_one(
        con.execute("UPDATE bot_settings SET halted_reason = ? WHERE bot_id = ?", (reason, bot_id)).rowcount,
        bot_id,
    )


def bump_generation(con: sqlite3.Connection, bot_id: int) -> int:
    """Count the bot's starts up and return the new number: orders of an earlier start are not sent."""
    row = con.execute(
        "UPDATE bot_settings SET generation = generation + 1 WHERE bot_id = ? RETURNING generation", (bot_id,)
    ).fetchone()
    _changed_one(0 if row is None else 1, bot_id)
    return int(row[0])


def _changed_one(changed: int, bot_id: int) -> None:
    if not changed:
        raise UserMistake(_GONE(id=bot_id))


def _check(bot: Bot) -> None:
    for what, value in (("a name", bot.name), ("a symbol", bot.market), ("a strategy", bot.strategy)):
        if not value.strip():
            raise UserMistake(_NAMELESS(what=what))
    numbers = {
        "The lot size": bot.lot_size, "The stop-loss": bot.sl_pips, "The take-profit": bot.tp_pips,
        "The check interval": bot.check_interval_seconds, "The risk": bot.settings.risk_percent,
        "The stop-loss in ATR": bot.settings.sl_atr, "The take-profit in ATR": bot.settings.tp_atr,
    }  # fmt: skip
    for what, number in numbers.items():
        if not math.isfinite(number):
            raise UserMistake(_NUMBER(what=what, value=number))


def _store_settings(con: sqlite3.Connection, bot_id: int, settings: BotSettings) -> None:
    con.execute(
        "INSERT INTO bot_settings (bot_id, sizing_mode, stop_mode, risk_percent, sl_atr, tp_atr, atr_period,"
        " account, server, live_consent, limits_json, archived, halted_reason, owner_user_id, generation)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (bot_id) DO UPDATE SET sizing_mode = excluded.sizing_mode, stop_mode = excluded.stop_mode,"
        " risk_percent = excluded.risk_percent, sl_atr = excluded.sl_atr, tp_atr = excluded.tp_atr,"
        " atr_period = excluded.atr_period, account = excluded.account, server = excluded.server,"
        " live_consent = excluded.live_consent, limits_json = excluded.limits_json,"
        " owner_user_id = excluded.owner_user_id",
        (
            bot_id, settings.sizing_mode.value, settings.stop_mode.value, settings.risk_percent, settings.sl_atr,
            settings.tp_atr, settings.atr_period, settings.account, settings.server, int(settings.live_consent),
            json.dumps(dict(settings.limits), allow_nan=False), int(settings.archived), settings.halted_reason,
            settings.owner_user_id, settings.generation,
        ),
    )  # fmt: skip
    seals.seal(con, seals.BOT, bot_id)


def _checked(con: sqlite3.Connection, bot: Bot) -> Bot:
    """A bot whose limits or account another program changed stays off until a person has looked at it and saved it."""
    if bot.config_error is None and not seals.is_whole(con, seals.BOT, bot.id):
        return dataclasses.replace(bot, config_error=CHANGED_OUTSIDE)
    return bot


class _Reading:
    """Reads the columns of one row and remembers the first that cannot be what it should be."""

    def __init__(self, row: sqlite3.Row) -> None:
        self._row = row
        self.problem: str | None = None

    def text(self, column: str, default: str = "") -> str:
        value = self._row[column]
        if isinstance(value, str) and (value.strip() or default):
            return value
        self.bad(column, value)
        return default

    def number(self, column: str, default: float, least: float = 0.0) -> float:
        value = self._row[column]
        if isinstance(value, int | float) and math.isfinite(value) and value >= least:
            return float(value)
        self.bad(column, value)
        return default

    def whole(self, column: str, default: int) -> int:
        value = self.number(column, default)
        if value == int(value):
            return int(value)
        self.bad(column, value)
        return default

    def stop(self, column: str, settings: BotSettings) -> int:
        """Pips are whole; a fraction is an ATR multiple of the predecessor, which waits in the settings."""
        if settings.stop_mode is StopMode.PIPS:
            return self.whole(column, 0)
        return math.floor(self.number(column, 0.0))

    def bad(self, column: str, value: object) -> None:
        """Note that `column` cannot be `value`; the first one is told."""
        self.problem = self.problem or f"{column} holds {str(value)[:40]!r}"


def _bot(row: sqlite3.Row) -> Bot:
    reading = _Reading(row)
    params = row["strategy_params"]
    if params is not None and not isinstance(params, str):
        reading.bad("strategy_params", params)
        params = None
    status = row["status"]
    settings = _settings(row, reading)
    bot = Bot(
        id=row["id"], name=reading.text("name", f"Bot {row['id']}"), market=reading.text("market"),
        timeframe=reading.text("timeframe", "H1"), strategy=reading.text("strategy"), strategy_params=params,
        status=BotStatus(status) if status in set(BotStatus) else BotStatus.DIJEDA,
        lot_size=reading.number("lot_size", 0.01), sl_pips=reading.stop("sl_pips", settings),
        tp_pips=reading.stop("tp_pips", settings), check_interval_seconds=reading.whole("check_interval_seconds", 60),
        settings=settings,
    )  # fmt: skip
    return dataclasses.replace(bot, config_error=reading.problem)


def _settings(row: sqlite3.Row, reading: _Reading) -> BotSettings:
    if row["settings_id"] is None:
        # The predecessor's program wrote this row: what its numbers mean was never chosen.
        return BotSettings(sizing_mode=SizingMode.LEGACY_UNSET, stop_mode=StopMode.LEGACY_UNSET)
    return BotSettings(
        sizing_mode=SizingMode(row["sizing_mode"]), stop_mode=StopMode(row["stop_mode"]),
        risk_percent=reading.number("risk_percent", 1.0), sl_atr=reading.number("sl_atr", 2.0),
        tp_atr=reading.number("tp_atr", 4.0), atr_period=reading.whole("atr_period", 14),
        account=row["account"], server=row["server"], live_consent=bool(row["live_consent"]),
        limits=_limits(row["limits_json"], reading), archived=bool(row["archived"]),
        halted_reason=row["halted_reason"], owner_user_id=row["owner_user_id"], generation=int(row["generation"]),
    )  # fmt: skip


def _limits(text: str | None, reading: _Reading) -> Mapping[str, float]:
    if not text:
        return {}
    try:
        value = json.loads(text)
        return {str(name): float(number) for name, number in value.items()}
    except (ValueError, TypeError, AttributeError):
        reading.bad("limits_json", text)
        return {}
