"""How far closed trades ran, as worked out once from bars."""

from __future__ import annotations

import sqlite3

from ..domain.excursion import Excursion


def store(
    con: sqlite3.Connection, account: int, server: str, position_id: int, part: int, found: Excursion | None
) -> None:
    """Keep what was found, or that nothing can be found (None)."""
    con.execute(
        "INSERT OR REPLACE INTO trade_excursions (account, server, position_id, part, mfe, mae) VALUES (?, ?, ?, ?, ?, ?)",
        (account, server, position_id, part, found and found.mfe, found and found.mae),
    )


def of_account(con: sqlite3.Connection, account: int, server: str) -> dict[tuple[int, int], Excursion | None]:
    """Position and part -> what is kept; None where it is known that nothing can be found."""
    rows = con.execute(
        "SELECT position_id, part, mfe, mae FROM trade_excursions WHERE account = ? AND server = ?",
        (account, server),
    ).fetchall()
    return {
        (int(row[0]), int(row[1])): None
        if row[2] is None or row[3] is None
        else Excursion(float(row[2]), float(row[3]))
        for row in rows
    }
