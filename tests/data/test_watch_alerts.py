"""Stored alerts: set, found by the desk, switched, replaced, removed; nothing half done."""

from __future__ import annotations

from typing import Any

import pytest

from qbx_desktop.data import users, watch_alerts, watchlist
from qbx_desktop.data.database import Database
from qbx_desktop.domain.alerts import (
    AlertState,
    BarShows,
    Is,
    Often,
    PriceReaches,
    Schedule,
    SpreadReaches,
    Value,
    WatchAlert,
    Way,
)
from qbx_desktop.domain.errors import UserMistake
from qbx_desktop.domain.timeframe import Timeframe

RSI = BarShows(Timeframe.H1, Value("rsi", (14,)), Is.BELOW, Value("number", (30,)))


@pytest.fixture
def user(db: Database) -> int:
    return db.write(users.ensure_practice_user)


def put(db: Database, user: int, condition: Any = RSI, schedule: Schedule = Schedule(), **more: Any) -> int:  # noqa: B008 - frozen
    return db.write(lambda con: watch_alerts.add(con, user, "EURUSD", condition, schedule, at_ms=1, **more))


def all_of(db: Database, user: int) -> list[WatchAlert]:
    return watch_alerts.list_alerts(db.reader(), user)


def test_an_alert_makes_its_line_and_shares_it(db: Database, user: int) -> None:
    first = put(db, user, schedule=Schedule(Often.PER_BAR, None, 3, 60, 99), notes=" low ")
    second = put(db, user, SpreadReaches(30))
    assert [each.symbol for each in watchlist.list_entries(db.reader(), user)] == ["EURUSD"]
    one, other = all_of(db, user)
    assert (one.id, one.condition, one.schedule, one.notes) == (
        first, RSI, Schedule(Often.PER_BAR, None, 3, 60, 99), "low",
    )  # fmt: skip
    assert (other.id, other.entry_id) == (second, one.entry_id)
    assert [each.id for each in watch_alerts.armed_alerts(db.reader())] == [first, second]


def test_the_price_of_a_line_is_one_more_alert(db: Database, user: int) -> None:
    entry = db.write(lambda con: watchlist.add(con, user, "EURUSD", alert_price=1.2))
    db.write(lambda con: watchlist.change(con, entry, user, alert_direction="up"))
    (alert,) = all_of(db, user)
    assert (alert.id, alert.condition, alert.state.armed) == (0, PriceReaches(1.2, Way.UP), True)
    db.write(lambda con: watch_alerts.store_state(con, alert, AlertState(True, 0, None, 0, 1.1)))
    assert watchlist.list_entries(db.reader(), user)[0].last_price == 1.1
    db.write(lambda con: watch_alerts.store_state(con, alert, AlertState(False, 1, 77, 0, 1.21)))
    (rung,) = all_of(db, user)
    assert (rung.state.armed, rung.state.hit_ms) == (False, 77)
    db.write(lambda con: watch_alerts.switch(con, [rung], True, 5))
    (again,) = watch_alerts.armed_alerts(db.reader())
    assert (again.state.armed, again.state.hits) == (True, 0)
    db.write(lambda con: watch_alerts.switch(con, [again], False, 5))
    assert watch_alerts.armed_alerts(db.reader()) == []
    db.write(lambda con: watch_alerts.remove(con, again))
    assert all_of(db, user) == []
    assert len(watchlist.list_entries(db.reader(), user)) == 1


def test_replacing_the_price_of_a_line_is_one_step(db: Database, user: int) -> None:
    db.write(lambda con: watchlist.add(con, user, "EURUSD", alert_price=1.2))
    (alert,) = all_of(db, user)
    with pytest.raises(UserMistake):
        put(db, user, PriceReaches(-1.0), instead_of=alert)
    assert all_of(db, user) == [alert]
    put(db, user, PriceReaches(1.3), instead_of=alert)
    (now,) = all_of(db, user)
    assert (now.condition, now.entry_id) == (PriceReaches(1.3), alert.entry_id)


def test_state_is_kept_until_it_is_set_anew(db: Database, user: int) -> None:
    put(db, user, schedule=Schedule(Often.PER_BAR))
    (alert,) = all_of(db, user)
    state = AlertState(True, 2, 50, 3_600, 1.25, 7_200)
    db.write(lambda con: watch_alerts.store_state(con, alert, state))
    (kept,) = all_of(db, user)
    assert kept.state == state
    db.write(lambda con: watch_alerts.switch(con, [kept], True, 9))
    (fresh,) = all_of(db, user)
    assert (fresh.state, fresh.set_ms) == (AlertState(), 9)
    assert fresh.key != kept.key
    with pytest.raises(UserMistake):
        db.write(lambda con: watch_alerts.store_state(con, kept, state))
    db.write(lambda con: watch_alerts.switch(con, [fresh], False, 9))
    with pytest.raises(UserMistake):
        db.write(lambda con: watch_alerts.store_state(con, fresh, state))


def test_what_is_gone_is_said_and_nothing_is_half_done(db: Database, user: int) -> None:
    put(db, user)
    put(db, user, SpreadReaches(30))
    one, other = all_of(db, user)
    db.write(lambda con: watch_alerts.remove(con, other))
    for call in (
        lambda con: watch_alerts.remove(con, other),
        lambda con: watch_alerts.switch(con, [one, other], False, 1),
        lambda con: watch_alerts.add(con, user, "EURUSD", RSI, Schedule(), at_ms=1, instead_of=other),
        lambda con: watch_alerts.add(con, user, "EURUSD", RSI, Schedule(), at_ms=1, notes="x" * 1_001),
    ):
        with pytest.raises(UserMistake):
            db.write(call)
    assert all_of(db, user) == [one]


def test_alerts_go_with_their_line_and_unknown_ones_are_kept(db: Database, user: int) -> None:
    put(db, user)
    db.write(lambda con: con.execute("""UPDATE watch_alerts SET condition = '{"kind":"moon"}'"""))
    (alert,) = all_of(db, user)
    assert alert.condition is None
    assert watch_alerts.armed_alerts(db.reader()) == []
    db.write(lambda con: watchlist.remove(con, alert.entry_id, user))
    assert db.reader().execute("SELECT count(*) FROM watch_alerts").fetchone()[0] == 0
