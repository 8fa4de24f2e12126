"""The order journal: no order leaves without a committed row, a row is sent at most once, an end is an end."""

from __future__ import annotations

import hashlib
import json
import secrets
import sqlite3
from dataclasses import fields
from typing import Any

from ..domain.errors import Stop
from ..domain.journal import JournalAction, JournalRow, JournalState
from ..domain.messages import declare
from .errors import DbConstraint
from .transaction import transaction

_FORBIDDEN = declare(
    "journal.transition",
    "The order {uid} cannot go from {old} to {new}. Its record was left as it is and no order was sent; look at "
    "the account before going on.",
)
_GONE = declare("journal.gone", "The order journal has no row {id}. No order was sent; check the database.")
_TWICE = declare(
    "journal.twice",
    "This order was already recorded, or the bot has an order that is not settled yet. It was not sent again.",
)
_TAMPERED = declare(
    "journal.tampered",
    "Row {id} of the order journal is not what was written there ({why}). Trading stays off; compare with the "
    "order log and the broker's history.",
)

_S = JournalState
ALLOWED: dict[JournalState, frozenset[JournalState]] = {
    _S.QUEUED: frozenset({_S.SENDING, _S.EXPIRED}),
    _S.SENDING: frozenset({_S.FILLED, _S.PARTIAL, _S.REJECTED, _S.UNKNOWN}),
    _S.UNKNOWN: frozenset({_S.UNKNOWN, _S.FILLED, _S.PARTIAL, _S.NOT_PLACED, _S.REVIEW}),
    _S.REVIEW: frozenset({_S.FILLED, _S.PARTIAL, _S.NOT_PLACED, _S.REJECTED}),
}
_FIRST = frozenset({_S.DENIED, _S.QUEUED})
_COLUMNS = tuple(each.name for each in fields(JournalRow))
# Column by column, so that a row's identity can never be part of an update.
_MUTABLE = (
    "state", "retcode", "last_error", "order_ticket", "deal_ticket", "filled", "fill_price", "sent_srv", "sent_ms",
    "resolved_ms", "clean_scans", "last_scan_ms", "resolution", "result_json", "request_json", "price", "sl", "tp",
)  # fmt: skip
_FIXED = tuple(name for name in _COLUMNS if name not in (*_MUTABLE, "id", "prev_hash", "row_hash"))
_UPDATE = {name: f"UPDATE order_journal SET {name} = ? WHERE id = ?" for name in (*_MUTABLE, "row_hash")}
_OPEN = "state IN ('QUEUED', 'SENDING', 'UNKNOWN', 'REVIEW')"


class AlreadyJournaled(Stop):
    """The unique rules of the journal refused a row: it would be a second order for one decision."""


class OrderJournal:
    """The journal over one writing connection (or a reading one, for questions)."""

    def __init__(self, con: sqlite3.Connection) -> None:
        self._con = con

    def insert(self, **columns: Any) -> JournalRow:
        """Record a new order as QUEUED (or DENIED, with its `resolution`) and return the row with id and `uid`.

        Everything of JournalRow without a default is needed but `id` and `uid`. Commits on its own unless a
        transaction is open. Raises AlreadyJournaled and DbError; then nothing was recorded and nothing may be sent.
        """
        columns.setdefault("uid", secrets.token_hex(16))
        columns.setdefault("state", JournalState.QUEUED)
        state = JournalState(columns["state"])
        if state not in _FIRST:
            raise Stop(_FORBIDDEN(uid=columns["uid"], old="nothing", new=state.value))
        return self._append(columns)

    def bring_back(self, **columns: Any) -> JournalRow:
        """Record an order that only the order log remembers, in the state it had there."""
        return self._append(columns)

    def _append(self, columns: dict[str, Any]) -> JournalRow:
        with transaction(self._con):
            previous = self._con.execute("SELECT * FROM order_journal ORDER BY id DESC LIMIT 1").fetchone()
            row = JournalRow(
                id=0, **{**columns, "prev_hash": "" if previous is None else _identity(_values(previous))}
            )
            stored = _plain(row)
            stored["row_hash"] = _row_hash(stored)
            names = [name for name in _COLUMNS if name != "id"]
            marks = ", ".join("?" * len(names))
            try:
                cursor = self._con.execute(
                    f"INSERT INTO order_journal ({', '.join(names)}) VALUES ({marks})",
                    [stored[name] for name in names],
                )
            except DbConstraint as error:
                raise AlreadyJournaled(_TWICE(), detail=error.sentence) from error
            return self._read(int(cursor.lastrowid or 0))

    def transition(self, row_id: int, to_state: JournalState, **columns: Any) -> JournalRow:
        """Move a row to `to_state`, setting further `columns`. Raises Stop for a step that the table forbids.

        Terminal states never change. Commits on its own unless a transaction is open.
        """
        to_state = JournalState(to_state)
        with transaction(self._con):
            row = self._read(row_id)
            if to_state not in ALLOWED.get(row.state, frozenset()):
                raise Stop(_FORBIDDEN(uid=row.uid, old=row.state.value, new=to_state.value))
            return self._store(row_id, {**columns, "state": to_state.value})

    def note(self, row_id: int, **columns: Any) -> JournalRow:
        """Set columns of an unsettled row without changing its state (scans counted, tickets found)."""
        with transaction(self._con):
            row = self._read(row_id)
            if not row.state.is_open_question or "state" in columns:
                raise Stop(_FORBIDDEN(uid=row.uid, old=row.state.value, new="another content"))
            return self._store(row_id, columns)

    def get(self, row_id: int) -> JournalRow:
        """One row. Raises Stop when it does not exist."""
        return self._read(row_id)

    def open_questions(self) -> list[JournalRow]:
        """Every order whose end is not known, oldest first."""
        # By the plus the planner takes the index of the few that are open, not the table in the order of ids.
        return self._rows(f"WHERE {_OPEN} ORDER BY +id", ())

    def unresolved_count(self, bot_id: int | None = None) -> int:
        """How many orders are unsettled, of one bot or of all."""
        if bot_id is None:
            return self._number(f"SELECT count(*) FROM order_journal WHERE {_OPEN}", ())
        return self._number(f"SELECT count(*) FROM order_journal WHERE bot_id = ? AND {_OPEN}", (bot_id,))

    def for_bot(self, bot_id: int, before_id: int | None = None, limit: int = 100) -> list[JournalRow]:
        """The bot's newest orders, newest first."""
        if before_id is None:
            return self._rows("WHERE bot_id = ? ORDER BY id DESC LIMIT ?", (bot_id, limit))
        return self._rows("WHERE bot_id = ? AND id < ? ORDER BY id DESC LIMIT ?", (bot_id, before_id, limit))

    def page(self, before_id: int | None = None, limit: int = 100) -> list[JournalRow]:
        """The newest orders of all bots, newest first."""
        return self._rows("WHERE id < ? ORDER BY id DESC LIMIT ?", (before_id or 1 << 62, limit))

    def by_order_ticket(self, account: int, server: str, ticket: int) -> JournalRow | None:
        """The row that claims a broker order, None when none does."""
        # Without the last condition the index, which leaves tickets of 0 out, would not be used.
        where = "WHERE account = ? AND server = ? AND order_ticket = ? AND order_ticket <> 0"
        return self._one(where, (account, server, ticket))

    def by_deal_ticket(self, account: int, server: str, ticket: int) -> JournalRow | None:
        """The row that claims a deal, None when none does."""
        where = "WHERE account = ? AND server = ? AND deal_ticket = ? AND deal_ticket <> 0"
        return self._one(where, (account, server, ticket))

    def for_position(self, position_ticket: int) -> list[JournalRow]:
        """Every row about one position (closes and changes), oldest first."""
        return self._rows("WHERE position_ticket = ? ORDER BY id", (position_ticket,))

    def last_fill(self, bot_id: int) -> JournalRow | None:
        """The bot's newest FILLED or PARTIAL row, None when it has none."""
        return self._one(
            "WHERE bot_id = ? AND state IN ('FILLED', 'PARTIAL') ORDER BY id DESC LIMIT 1", (bot_id,)
        )

    def verify(self, after_id: int = 0, limit: int = 10_000) -> int:
        """Check the hash chain of up to `limit` rows; returns the last id checked, `after_id` when there were none.

        Raises Stop naming the first row that was changed or whose predecessor is missing.
        """
        before = self._con.execute(
            "SELECT * FROM order_journal WHERE id <= ? ORDER BY id DESC LIMIT 1", (after_id,)
        ).fetchone()
        expected = "" if before is None else _identity(_values(before))
        last = after_id
        for row in self._con.execute(
            "SELECT * FROM order_journal WHERE id > ? ORDER BY id LIMIT ?", (after_id, limit)
        ).fetchall():
            values = _values(row)
            if values["prev_hash"] != expected:
                raise Stop(_TAMPERED(id=values["id"], why="the row before it is missing or was changed"))
            if values["row_hash"] != _row_hash(values):
                raise Stop(_TAMPERED(id=values["id"], why="its content was changed"))
            expected = _identity(values)
            last = int(values["id"])
        return last

    def _store(self, row_id: int, columns: dict[str, Any]) -> JournalRow:
        for name, value in columns.items():
            if name not in _MUTABLE:
                raise ValueError(f"the column {name!r} of the journal cannot be changed")
            self._con.execute(_UPDATE[name], (value, row_id))
        fresh = self._con.execute("SELECT * FROM order_journal WHERE id = ?", (row_id,)).fetchone()
        self._con.execute(_UPDATE["row_hash"], (_row_hash(_values(fresh)), row_id))
        return self._read(row_id)

    def _read(self, row_id: int) -> JournalRow:
        row = self._one("WHERE id = ?", (row_id,))
        if row is None:
            raise Stop(_GONE(id=row_id))
        return row

    def _one(self, condition: str, values: tuple[object, ...]) -> JournalRow | None:
        rows = self._rows(condition, values)
        return rows[0] if rows else None

    def _rows(self, condition: str, values: tuple[object, ...]) -> list[JournalRow]:
        found = self._con.execute(f"SELECT * FROM order_journal {condition}", values).fetchall()
        return [row_of(row) for row in found]

    def _number(self, sql: str, values: tuple[object, ...]) -> int:
        return int(self._con.execute(sql, values).fetchone()[0])


def row_of(stored: sqlite3.Row) -> JournalRow:
    """A stored row with all its columns as what it means."""
    return _row(_values(stored))


def _values(row: sqlite3.Row) -> dict[str, Any]:
    return {name: row[name] for name in _COLUMNS}


def _row(values: dict[str, Any]) -> JournalRow:
    return JournalRow(
        **{**values, "action": JournalAction(values["action"]), "state": JournalState(values["state"])}
    )


def _plain(row: JournalRow) -> dict[str, Any]:
    """As stored; floats where the column is REAL, so that the hash is the same after reading."""
    values = {name: getattr(row, name) for name in _COLUMNS}
    values["action"] = JournalAction(row.action).value
    values["state"] = JournalState(row.state).value
    for name in ("volume", "price", "sl", "tp", "filled", "fill_price"):
        values[name] = None if values[name] is None else float(values[name])
    return values


def _identity(values: dict[str, Any]) -> str:
    """What a row is, whatever becomes of it; the next row's `prev_hash`."""
    return _digest([values["prev_hash"], *(values[name] for name in _FIXED)])


def _row_hash(values: dict[str, Any]) -> str:
    return _digest([_identity(values), *(values[name] for name in _MUTABLE)])


def _digest(parts: list[Any]) -> str:
    return hashlib.sha256(json.dumps(parts, ensure_ascii=True, separators=(",", ":")).encode()).hexdigest()
