"""The watchlist's alerts as stored: any number per line, and the price that a line itself carries as one more."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from ..domain.alert_json import (
    check_condition,
    check_schedule,
    condition_json,
    condition_of,
    schedule_json,
    schedule_of,
)
from ..domain.alerts import AlertState, Condition, PriceReaches, Schedule, WatchAlert, Way
from ..domain.errors import UserMistake
from ..domain.messages import declare
from . import watchlist
from .transaction import transaction
from .watchlist import WatchlistEntry

GONE = declare("watch_alerts.gone", "This alert is gone; nothing was changed.")
_LONG = declare("watch_alerts.long", "The note has more than {most} characters; nothing was stored.")
_OWN = (
    "SELECT a.*, w.user_id, w.symbol FROM watch_alerts a JOIN watchlist w ON w.id = a.entry_id WHERE w.user_id = ?"
    " ORDER BY a.id"
)
_ARMED = (
    "SELECT a.*, w.user_id, w.symbol FROM watch_alerts a JOIN watchlist w ON w.id = a.entry_id WHERE a.armed = 1"
    " ORDER BY a.id"
)
_ON = (
    "UPDATE watch_alerts SET armed = 1, set_ms = ?, hits = 0, hit_ms = NULL, hit_bar = 0, measure = NULL, bar = 0"
    " WHERE id = ?"
)
_SWITCH_OFF = "UPDATE watch_alerts SET armed = 0 WHERE id = ?"
_MOST_NOTE = 1_000


def add(
    con: sqlite3.Connection,
    user_id: int,
    symbol: str,
    condition: Condition,
    schedule: Schedule,
    *,
    at_ms: int,
    notes: str = "",
    instead_of: WatchAlert | None = None,
) -> int:
    """Set an alert on the user's first line of `symbol`, made when there is none; returns its id. All or nothing.

    `instead_of` is the alert it replaces. Raises UserMistake (ParamError names the field).
    """
    _check(condition, schedule, notes)
    with transaction(con):
        if instead_of is not None:
            remove(con, instead_of)
            entry_id = instead_of.entry_id
        else:
            own = [each for each in watchlist.list_entries(con, user_id) if each.symbol == symbol]
            entry_id = own[-1].id if own else watchlist.add(con, user_id, symbol)
        cursor = con.execute(
            "INSERT INTO watch_alerts (entry_id, condition, schedule, notes, set_ms) VALUES (?, ?, ?, ?, ?)",
            (entry_id, condition_json(condition), schedule_json(schedule), notes.strip(), at_ms),
        )
    return int(cursor.lastrowid or 0)


def list_alerts(con: sqlite3.Connection, user_id: int) -> list[WatchAlert]:
    """Every alert of the user, on or off: those of the lines themselves first, then in the order they were set."""
    lines = [each for each in watchlist.list_entries(con, user_id) if each.alert_price is not None]
    return [*map(of_entry, reversed(lines)), *map(_alert, con.execute(_OWN, (user_id,)).fetchall())]


def armed_alerts(con: sqlite3.Connection) -> list[WatchAlert]:
    """Every alert, of any user, that may still fire."""
    found = [of_entry(each) for each in watchlist.armed_entries(con) if each.alert_armed]
    found += map(_alert, con.execute(_ARMED).fetchall())
    return [each for each in found if each.condition is not None]


def store_state(con: sqlite3.Connection, alert: WatchAlert, state: AlertState) -> None:
    """Store what has happened to the alert. Raises UserMistake when it is gone or was set anew meanwhile."""
    if not alert.id:
        if state.hits > alert.state.hits:
            watchlist.mark_hit(con, alert.entry_id, state.hit_ms or 0, state.measure or 0.0)
        else:
            watchlist.change(con, alert.entry_id, alert.user_id, last_price=state.measure)
        return
    changed = con.execute(
        "UPDATE watch_alerts SET armed = ?, hits = ?, hit_ms = ?, hit_bar = ?, measure = ?, bar = ?"
        " WHERE id = ? AND set_ms = ? AND armed = 1",
        (
            int(state.armed), state.hits, state.hit_ms, state.hit_bar, state.measure, state.bar, alert.id,
            alert.set_ms,
        ),
    ).rowcount  # fmt: skip
    if not changed:
        raise UserMistake(GONE())


def switch(con: sqlite3.Connection, alerts: Sequence[WatchAlert], on: bool, at_ms: int) -> None:
    """Switch alerts on, then they begin afresh, or off. Raises UserMistake when one is gone; then nothing changed."""
    with transaction(con):
        for each in alerts:
            if not each.id:
                fresh = {"alert_hit_ms": None, "last_price": None} if on else {}
                watchlist.change(con, each.entry_id, each.user_id, alert_armed=int(on), **fresh)
                continue
            statement = _ON if on else _SWITCH_OFF
            values = (at_ms, each.id) if on else (each.id,)
            if not con.execute(statement, values).rowcount:
                raise UserMistake(GONE())


def remove(con: sqlite3.Connection, alert: WatchAlert) -> None:
    """Remove the alert; its line stays on the watchlist. Raises UserMistake when it is gone."""
    if not alert.id:
        watchlist.change(con, alert.entry_id, alert.user_id, alert_price=None)
    elif not con.execute("DELETE FROM watch_alerts WHERE id = ?", (alert.id,)).rowcount:
        raise UserMistake(GONE())


def of_entry(entry: WatchlistEntry) -> WatchAlert:
    """The price a line itself carries, as an alert that fires once."""
    way = Way(entry.alert_direction) if entry.alert_direction in ("up", "down") else Way.EITHER
    state = AlertState(
        armed=entry.alert_armed, hits=int(entry.alert_hit_ms is not None), hit_ms=entry.alert_hit_ms,
        measure=entry.last_price,
    )  # fmt: skip
    return WatchAlert(
        0, entry.id, entry.user_id, entry.symbol, PriceReaches(entry.alert_price or 0.0, way), Schedule(), state
    )  # fmt: skip


def _alert(row: sqlite3.Row) -> WatchAlert:
    schedule = schedule_of(row["schedule"])
    state = AlertState(
        bool(row["armed"]), row["hits"], row["hit_ms"], row["hit_bar"], row["measure"], row["bar"]
    )  # fmt: skip
    return WatchAlert(
        row["id"], row["entry_id"], row["user_id"], str(row["symbol"]),
        condition_of(row["condition"]) if schedule else None, schedule or Schedule(), state, str(row["notes"]),
        row["set_ms"],
    )  # fmt: skip


def _check(condition: Condition, schedule: Schedule, notes: str) -> None:
    check_condition(condition)
    check_schedule(schedule, condition)
    if len(notes) > _MOST_NOTE:
        raise UserMistake(_LONG(most=_MOST_NOTE))
