"""One transaction: all of it is committed, or none of it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def transaction(con: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    """BEGIN IMMEDIATE … COMMIT, or ROLLBACK when the block raises. Inside another one it is a savepoint.

    After the block returned, its rows survive a crash and a power loss. Raises DbError when it cannot begin or
    commit; then nothing was written.
    """
    if con.in_transaction:
        with _savepoint(con):
            yield con
        return
    con.execute("BEGIN IMMEDIATE")
    try:
        yield con
        con.execute("COMMIT")
    except BaseException:
        _roll_back(con, "ROLLBACK")
        raise


def _roll_back(con: sqlite3.Connection, *statements: str) -> None:
    """Undo, unless a full disk or an I/O error has already rolled back on its own."""
    if con.in_transaction:
        for statement in statements:
            con.execute(statement)


@contextmanager
def _savepoint(con: sqlite3.Connection) -> Iterator[None]:
    con.execute("SAVEPOINT inner_step")
    try:
        yield
    except BaseException:
        _roll_back(con, "ROLLBACK TO inner_step", "RELEASE inner_step")
        raise
    con.execute("RELEASE inner_step")
