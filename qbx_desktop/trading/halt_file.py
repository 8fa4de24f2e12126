"""The HALT file: the door that works with a frozen window. While it is there no order leaves."""

from __future__ import annotations

from pathlib import Path

_FLATTEN = "flatten"


def pull(path: Path, reason: str, flatten: bool = False) -> None:
    """Make the file, from any thread: the next order is stopped already. With `flatten` the desk also closes all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"{_FLATTEN if flatten else 'halt'}\n{reason}\n", encoding="utf-8")


def wants_flat(path: Path) -> bool:
    """Whether the file asks for everything to be closed. An unreadable file halts, and nothing more."""
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip().lower().startswith(_FLATTEN)
    except OSError:
        return False


def release(path: Path) -> None:
    """Remove the file; a missing one is fine."""
    path.unlink(missing_ok=True)
