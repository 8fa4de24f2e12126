"""Where a span begins in a list of records that only grows, without looking at all the older ones."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from operator import attrgetter
from typing import Any


class Past:
    """The latest moment up to each record: it never falls, even where the server's clock was put back.

    `moment` names the field that holds a record's time in server seconds.
    """

    def __init__(self, moment: str) -> None:
        self._moment = attrgetter(moment)
        self._latest: list[int] = []

    def tail(self, records: Sequence[Any], first: int) -> Sequence[Any]:
        """The records from the first one on that may be as young as `first`: none before it is."""
        latest = self._latest
        if len(latest) > len(records):
            latest.clear()
        for record in records[len(latest) :]:
            moment = self._moment(record)
            latest.append(max(moment, latest[-1]) if latest else moment)
        return records[bisect_left(latest, first) :]
