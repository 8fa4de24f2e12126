"""Stored databases of every format, as SQL text: built into a file when a test needs one."""

from __future__ import annotations

import sqlite3
from pathlib import Path

FILES = Path(__file__).parent / "files"
LEGACY = sorted(path.stem for path in FILES.glob("v0_*.sql"))
OURS = sorted((path.stem for path in FILES.glob("v[1-9]*.sql")), key=lambda stem: int(stem[1:]))


def build(shape: str, target: Path) -> Path:
    """Make the stored database `shape` at `target`."""
    con = sqlite3.connect(target)
    try:
        con.executescript((FILES / f"{shape}.sql").read_text(encoding="utf-8"))
    finally:
        con.close()
    return target


def content(path: Path, tables: set[str] | None = None) -> dict[str, list[dict[str, object]]]:
    """Every row of every table (or of `tables`), by column name."""
    con = sqlite3.connect(path)
    con.row_factory = sqlite3.Row
    try:
        names = {row[0] for row in con.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
        return {
            name: [dict(row) for row in con.execute(f'SELECT * FROM "{name}" ORDER BY 1')]
            for name in sorted(names if tables is None else names & tables)
            if not name.startswith("sqlite_")
        }
    finally:
        con.close()
