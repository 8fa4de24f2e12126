"""The days between which a backtest runs, as a trader types them: 2024-01-31, with or without hour and minute."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from ...domain.errors import UserMistake
from ...domain.messages import declare

DATE = declare("backtest.form_date", "{text!r} is not a date such as 2024-01-31; leave it empty for all.")


def seconds_of(text: str) -> int | None:
    """Server epoch seconds of what was typed, None for nothing. Raises UserMistake."""
    text = text.strip()
    if not text:
        return None
    try:
        if not re.fullmatch(r"\d{4}-\d{2}-\d{2}( \d{2}:\d{2})?", text):
            raise ValueError(text)
        return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())
    except ValueError:
        raise UserMistake(DATE(text=text)) from None


def text_of(seconds: int | None) -> str:
    """What to show for server epoch seconds; nothing for None."""
    if seconds is None:
        return ""
    form = "%Y-%m-%d" if seconds % 86_400 == 0 else "%Y-%m-%d %H:%M"
    return datetime.fromtimestamp(seconds, UTC).strftime(form)
