"""Orders as CSV: every column of the order journal as stored, UTF-8 with a byte order mark for Excel."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import fields
from datetime import UTC, datetime

from ..domain.journal import JournalRow
from .history_export import safe_cell


def to_csv(rows: Iterable[JournalRow]) -> bytes:
    """These orders as the bytes of a CSV file, with the time in UTC in front; an unknown value is an empty cell."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    names = [each.name for each in fields(JournalRow)]
    writer.writerow(["time_utc", *names])
    for row in rows:
        at = datetime.fromtimestamp(row.created_ms / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        cells = [getattr(row, name) for name in names]
        writer.writerow([at, *("" if cell is None else safe_cell(cell) for cell in cells)])
    return text.getvalue().encode("utf-8-sig")
