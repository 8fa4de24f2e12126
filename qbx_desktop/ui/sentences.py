"""History rows in the chosen language: action words by their stored code, sentences rebuilt from code and parameters."""

from __future__ import annotations

from ..data.history import HistoryRow
from ..domain.messages import SENTENCES, Message
from .words import Words

# Stored word -> English on the screen. The stored words are the predecessor's and never change.
ACTIONS: dict[str, str] = {
    "POSISI DIBUKA": "Position opened",
    "GAGAL BUKA POSISI": "Could not open",
    "POSISI DITUTUP": "Position closed",
    "GAGAL TUTUP POSISI": "Could not close",
    "START": "Started",
    "STOP": "Paused",
    "WATCHLIST_ADD": "Watchlist",
    "ALERT": "Price alert",
    "ERROR": "Error",
    "INFO": "Information",
}


def action_words(action: str, words: Words) -> str:
    """The action of a row on the screen; a word of the predecessor that we do not know is shown as it is."""
    known = ACTIONS.get(action)
    return words.t(known) if known else action


def details_words(row: HistoryRow, words: Words) -> str:
    """What the row says, in the chosen language; rows without a code (the predecessor's) as they were written."""
    if row.code and row.code in SENTENCES:
        return words.say(Message(row.code, row.params))
    return row.details
