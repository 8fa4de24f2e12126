"""What is to be done with the database before it is opened the next time: one note in the data folder."""

from __future__ import annotations

import json
from pathlib import Path

from . import snapshots
from .home import Home

IMPORT, RESTORE = "import", "restore"


def wish(home: Home, what: str, source: Path) -> None:
    """Note it; an earlier wish is replaced. Raises Stop."""
    snapshots.write(_note(home), json.dumps({"what": what, "source": str(source.absolute())}).encode())


def wished(home: Home, what: str) -> Path | None:
    """The file of a wish of this kind, None when there is none (or its note does not read)."""
    try:
        note = json.loads(_note(home).read_bytes())
        return Path(note["source"]) if note["what"] == what else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def forget(home: Home) -> None:
    """Wish nothing. Raises OSError."""
    _note(home).unlink(missing_ok=True)


def _note(home: Home) -> Path:
    return home.root / "next-start.json"
