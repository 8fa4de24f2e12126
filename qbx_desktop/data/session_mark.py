"""Whether the program ended by itself last time: a small file that only a proper end removes."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path


class SessionMark:
    """`begin` at the start, `beat` now and then, `end` at a proper end. Times are UTC seconds. Raises nothing: a mark
    that cannot be written only means that a crash is not told."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def begin(self, now: float) -> float | None:
        """Mark this session; when the last one never ended, the last time it was seen alive."""
        before: float | None = None
        with contextlib.suppress(OSError, ValueError, TypeError, KeyError):
            before = float(json.loads(self._path.read_text(encoding="utf-8"))["seen"])
        self.beat(now)
        return before

    def beat(self, now: float) -> None:
        """The program is alive."""
        with contextlib.suppress(OSError):
            self._path.write_text(json.dumps({"seen": round(now, 3)}), encoding="utf-8")

    def end(self) -> None:
        """The program ends properly."""
        with contextlib.suppress(OSError):
            self._path.unlink(missing_ok=True)
