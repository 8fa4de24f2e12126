"""Where history rows wait when the database cannot take them: one JSON line each, flushed, played back exactly once."""

from __future__ import annotations

import json
import os
import secrets
import sqlite3
import threading
from pathlib import Path
from typing import Any

from . import app_meta, history
from .errors import from_os
from .transaction import transaction

_DONE = "spool_done"


class Spool:
    """An append-only file beside the database. Its first line names it, so that it is never played back twice."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._guard = threading.Lock()
        self.waiting = path.exists()

    def keep(self, entry: dict[str, Any]) -> bool:
        """Store one row on disk; False when even that is impossible."""
        try:
            line = json.dumps(entry, allow_nan=False) + "\n"
            with self._guard:
                new = not self._path.exists()
                handle = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
                with os.fdopen(handle, "ab") as file:
                    if new:
                        file.write((json.dumps({"spool": secrets.token_hex(16)}) + "\n").encode())
                    file.write(line.encode())
                    file.flush()
                    os.fsync(file.fileno())
                self.waiting = True
        except (OSError, ValueError):
            return False
        return True

    def play_back(self, con: sqlite3.Connection) -> int:
        """Append every waiting row to the history in one transaction; says how many. Raises DbError."""
        if not self.waiting:
            return 0
        with self._guard:
            try:
                lines = self._path.read_bytes().split(b"\n")
            except OSError as error:
                raise from_os(self._path, error) from error
            rows = [row for row in map(_parsed, lines) if row is not None]
            name = str(rows[0].get("spool", "")) if rows else ""
            entries = [row for row in rows if "action" in row]
            if app_meta.get(con, _DONE) != name:
                with transaction(con):
                    for entry in entries:
                        history.append_entry(con, entry)
                    app_meta.set(con, _DONE, name)
            try:
                self._path.unlink(missing_ok=True)
            except OSError as error:
                raise from_os(self._path, error) from error
            self.waiting = False
            return len(entries)


def _parsed(line: bytes) -> dict[str, Any] | None:
    """One line; the last one may have been cut by a crash before it was acknowledged."""
    try:
        value = json.loads(line)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None
