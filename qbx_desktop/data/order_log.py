"""The second record of every order: append-only JSON lines, hash-chained, flushed before the order leaves."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ..domain.errors import Stop
from ..domain.messages import declare
from .errors import from_os

_BROKEN = declare(
    "order_log.broken",
    "The order log {path} is not what was written there (line {line}: {why}). Trading stays off; compare with the "
    "order journal and the broker's history.",
)
_ZERO = "0" * 64


class OrderLog:
    """Files `orders-YYYYMM.jsonl` in one folder; one thread appends."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._path: Path | None = None
        self._last = _ZERO

    def append(self, entry: Mapping[str, Any], at_ms: int, *, flush: bool = True) -> None:
        """Append one change of the journal. `flush` returns only when it is on disk. Raises DbError.

        `at_ms` (UTC milliseconds) decides the file's month.
        """
        month = datetime.fromtimestamp(at_ms / 1000, UTC).strftime("%Y%m")
        path = self.folder / f"orders-{month}.jsonl"
        try:
            if path != self._path:
                self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                _cut_torn_line(path)
                self._last = _last_hash(path)
                self._path = path
            body = {"at_ms": at_ms, **entry, "prev": self._last}
            digest = _digest(body)
            line = (
                json.dumps({**body, "hash": digest}, allow_nan=False, ensure_ascii=True, default=str) + "\n"
            )
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            with os.fdopen(handle, "ab") as file:
                file.write(line.encode())
                file.flush()
                if flush:
                    os.fsync(file.fileno())
        except OSError as error:
            # A half line may be there now: the next append looks at the file again.
            self._path = None
            raise from_os(path, error) from error
        self._last = digest


def read(path: Path) -> Iterator[dict[str, Any]]:
    """The entries of one file, checked. A last line torn by a crash is left out. Raises Stop on any other damage."""
    last = _ZERO
    lines = path.read_bytes().split(b"\n")
    for number, line in enumerate(lines[:-1], start=1):
        try:
            entry = json.loads(line)
            digest = entry.pop("hash")
            fits = _digest(entry) == digest
        except (ValueError, KeyError, AttributeError, TypeError, RecursionError) as error:
            raise Stop(_BROKEN(path=str(path), line=number, why="it cannot be read")) from error
        if entry.get("prev") != last or not fits:
            raise Stop(_BROKEN(path=str(path), line=number, why="its hash does not fit"))
        last = digest
        yield entry


def _digest(body: Mapping[str, Any]) -> str:
    text = json.dumps(body, allow_nan=False, ensure_ascii=True, default=str, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _cut_torn_line(path: Path) -> None:
    """A crash may have left half a line, which was never acknowledged: the next one starts on a line of its own."""
    if not path.exists():
        return
    content = path.read_bytes()
    if content and not content.endswith(b"\n"):
        with path.open("rb+") as file:
            file.truncate(content.rfind(b"\n") + 1)


def _last_hash(path: Path) -> str:
    if not path.exists():
        return _ZERO
    lines = path.read_bytes().rstrip(b"\n").rsplit(b"\n", 1)
    if not lines[-1]:
        return _ZERO
    try:
        return str(json.loads(lines[-1])["hash"])
    except (ValueError, KeyError, TypeError) as error:
        raise Stop(_BROKEN(path=str(path), line="last", why="it cannot be read")) from error
