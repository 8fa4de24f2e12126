"""The columns of an event in the news calendar: from when until when, for which currency, and what it is."""

from __future__ import annotations

from collections.abc import Callable

from ...domain.clock import server_text
from ...domain.news import EVERY, NewsEvent
from ..words import Words
from .columns import Column


def news_columns(words: Words, server_time: Callable[[], int]) -> tuple[Column, ...]:
    """Columns over :class:`domain.news.NewsEvent`; what is over at `server_time` (0: not known) is pale."""

    def colour(row: NewsEvent) -> str | None:
        now = server_time()
        return "muted" if now >= row.end else "warning" if now >= row.begin else None

    return (
        Column("From", lambda row: server_text(row.begin), sort=lambda row: row.begin, colour=colour),
        Column("Until", lambda row: server_text(row.end), sort=lambda row: row.end, colour=colour),
        Column(
            "Currency", lambda row: words.t("all") if row.currency == EVERY else row.currency,
            sort=lambda row: row.currency, colour=colour,
        ),
        Column("Event", lambda row: row.title, sort=lambda row: row.title, colour=colour, tooltip=lambda row: row.title),
    )  # fmt: skip
