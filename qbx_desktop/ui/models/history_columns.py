"""The columns of a history row: time, bot, action, symbol and the sentence, in the chosen language."""

from __future__ import annotations

from ...data.history import HistoryRow
from .. import figures
from ..sentences import action_words, details_words
from ..words import Words
from .columns import Column

_COLOURS = {"problem": "error", "warning": "warning", "good": "text"}


def history_columns(words: Words, with_bot: bool = True) -> tuple[Column, ...]:
    """Columns over :class:`data.history.HistoryRow`; without the bot's name for the log of one bot."""
    bot = (Column("Bot", lambda row: row.bot_name or figures.NOTHING),) if with_bot else ()
    return (
        Column("Time (local)", local_text, sort=lambda row: row.id),
        *bot,
        Column("Action", lambda row: action_words(row.action, words), colour=lambda row: _COLOURS.get(row.level)),
        Column("Symbol", lambda row: row.symbol or figures.NOTHING),
        Column("Details", lambda row: details_words(row, words), tooltip=lambda row: details_words(row, words)),
    )  # fmt: skip


def local_text(row: HistoryRow) -> str:
    """The row's time on this computer's clock; an old row without milliseconds shows its stored UTC text."""
    return figures.local_time(row.ts_ms / 1000) if row.ts_ms is not None else f"{row.timestamp} UTC"
