"""What another program changed in the records: broken chains, orders missing on one of two sides, broken seals."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from ..domain.errors import QbxError
from ..domain.messages import Message, declare
from . import app_meta, audit, order_log, seals
from .order_journal import OrderJournal

_SEAL = declare("tamper.seal", "{what} {id} was changed by another program")
_NOT_JOURNALED = declare(
    "tamper.journal", "{count} orders of the order log are missing in the journal, the first is {uid}"
)
_NOT_LOGGED = declare(
    "tamper.log", "{count} sent orders of the journal are missing in the order log, the first is {uid}"
)
_WHAT = {
    seals.USER: "The user",
    seals.BOT: "The limits or the account of bot",
    seals.SETTING: "The setting",
}
_NEWEST = 10_000
_MONTHS = 2
_ACCEPTED = "tampering_accepted"


def findings(con: sqlite3.Connection, logs: Path, *, newest: int | None = _NEWEST) -> list[Message]:
    """One message per finding, empty when everything is as this program left it.

    With `newest` only the last so many orders are looked at, which is quick enough for every start. Raises DbError.
    """
    found: list[Message] = []
    journal = OrderJournal(con)
    begin = int(app_meta.get(con, "journal_chain_from") or 0)
    last = con.execute("SELECT max(id) FROM order_journal").fetchone()[0] or 0
    if newest is not None:
        begin = max(begin, last - newest)
    for look in (lambda: _chain(journal, begin), lambda: audit.verify(con)):
        try:
            look()
        except QbxError as error:
            found.append(error.message)
    found += [_SEAL(what=_WHAT[kind], id=name) for kind, name in seals.broken(con)]
    return found + list(_both_sides(con, logs, begin, newest is None))


def accept(con: sqlite3.Connection, logs: Path) -> None:
    """A person has looked: the same findings stop nothing any more. In the caller's transaction."""
    app_meta.set(con, _ACCEPTED, _digest(findings(con, logs)))


def is_accepted(con: sqlite3.Connection, found: list[Message]) -> bool:
    """Whether a person has looked at exactly these findings."""
    return app_meta.get(con, _ACCEPTED) == _digest(found)


def _digest(found: list[Message]) -> str:
    return hashlib.sha256(json.dumps([each.text for each in found]).encode()).hexdigest()


def _chain(journal: OrderJournal, begin: int) -> None:
    while (checked := journal.verify(begin)) > begin:
        begin = checked


def _both_sides(con: sqlite3.Connection, logs: Path, begin: int, whole: bool) -> Iterator[Message]:
    """Every sent order of this installation stands in the journal and, while its file is kept, in the order log."""
    base = app_meta.magic_base(con)
    ours = range(base, base + app_meta.MAGIC_STEP)
    logged: set[str] = set()
    earliest: int | None = None
    files = sorted(logs.glob("orders-*.jsonl"))
    for path in files if whole else files[-_MONTHS:]:
        try:
            for entry in order_log.read(path):
                at = int(entry.get("at_ms", 0))
                earliest = at if earliest is None else min(earliest, at)
                if entry.get("magic") in ours:
                    logged.add(str(entry.get("uid", "")))
        except QbxError as error:
            yield error.message
            return
    if earliest is None:
        return
    known = {str(row[0]) for row in con.execute("SELECT uid FROM order_journal").fetchall()}
    gone = sorted(logged - known)
    if gone:
        yield _NOT_JOURNALED(count=len(gone), uid=gone[0])
    sent = con.execute(
        "SELECT uid FROM order_journal WHERE id > ? AND sent_ms >= ? AND magic >= ? AND magic < ? AND source <> 'LOG'"
        " ORDER BY id",
        (begin, earliest, ours.start, ours.stop),
    ).fetchall()
    unlogged = [str(row[0]) for row in sent if str(row[0]) not in logged]
    if unlogged:
        yield _NOT_LOGGED(count=len(unlogged), uid=unlogged[0])
