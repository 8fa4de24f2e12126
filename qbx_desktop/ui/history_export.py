"""The history as CSV: UTF-8 with a byte order mark for Excel, ISO times in UTC with a local column, decimal points."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from datetime import UTC, datetime

from ..data.history import HistoryRow
from .sentences import action_words, details_words
from .words import Words

_HEADER = ("id", "time_utc", "time_local", "bot_id", "bot", "action", "action_words", "symbol", "details")
# A cell that a spreadsheet would run as a formula gets a quote in front.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def to_csv(rows: Iterable[HistoryRow], words: Words) -> bytes:
    """All `rows` as the bytes of a CSV file; sentences in the chosen language, codes as stored."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(_HEADER)
    for row in rows:
        utc, local = _times(row)
        bot = "" if row.bot_id is None else str(row.bot_id)
        cells = (row.id, utc, local, bot, row.bot_name, row.action, action_words(row.action, words), row.symbol or "",
                 details_words(row, words))  # fmt: skip
        writer.writerow([safe_cell(cell) for cell in cells])
    return text.getvalue().encode("utf-8-sig")


def _times(row: HistoryRow) -> tuple[str, str]:
    if row.ts_ms is None:
        return row.timestamp, ""
    at = datetime.fromtimestamp(row.ts_ms / 1000, UTC)
    return at.strftime("%Y-%m-%dT%H:%M:%SZ"), at.astimezone().strftime("%Y-%m-%d %H:%M:%S")


def safe_cell(cell: object) -> object:
    """The cell, disarmed if a spreadsheet would run it as a formula."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell
