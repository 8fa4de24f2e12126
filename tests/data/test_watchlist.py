"""The watchlist: own entries only, alerts that arm, ring once and arm again."""

from __future__ import annotations

import math

import pytest

from qbx_desktop.data import history, users, watchlist
from qbx_desktop.data.database import Database
from qbx_desktop.domain.errors import UserMistake


@pytest.fixture
def user(db: Database) -> int:
    return db.write(users.ensure_practice_user)


def only(db: Database, user: int) -> watchlist.WatchlistEntry:
    (entry,) = watchlist.list_entries(db.reader(), user)
    return entry


def test_an_alert_arms_rings_once_and_arms_again(db: Database, user: int) -> None:
    entry = db.write(lambda con: watchlist.add(con, user, " EURUSD ", alert_price=1.2))
    assert only(db, user).symbol == "EURUSD"
    assert [each.id for each in watchlist.armed_entries(db.reader())] == [entry]
    db.write(lambda con: watchlist.change(con, entry, user, alert_direction="above", last_price=1.1))
    db.write(lambda con: watchlist.mark_hit(con, entry, 5, 1.2001))
    rung = only(db, user)
    assert (rung.alert_armed, rung.alert_hit_ms, rung.last_price) == (False, 5, 1.2001)
    assert watchlist.armed_entries(db.reader()) == []
    db.write(lambda con: watchlist.change(con, entry, user, alert_price=1.3))
    again = only(db, user)
    assert (again.alert_armed, again.alert_hit_ms, again.alert_direction) == (True, None, None)
    db.write(lambda con: watchlist.change(con, entry, user, alert_price=None))
    assert not only(db, user).alert_armed


def test_an_entry_of_the_predecessor_is_armed_by_its_price(db: Database, user: int) -> None:
    db.write(
        lambda con: con.execute(
            "INSERT INTO watchlist (user_id, symbol, alert_price) VALUES (?, 'X', 2.0)", (user,)
        )
    )
    assert only(db, user).alert_armed
    db.write(lambda con: con.execute("UPDATE watchlist SET alert_price = 'abc'"))
    assert only(db, user).alert_price is None


@pytest.mark.parametrize("price", [0, -1, math.nan, math.inf, "1.2", True])
def test_prices_that_are_none(db: Database, user: int, price: object) -> None:
    with pytest.raises(UserMistake):
        db.write(lambda con: watchlist.add_with_notification(con, user, "EURUSD", price, 1))  # type: ignore[arg-type]
    assert history.count(db.reader()) == 0


@pytest.mark.parametrize("symbol", ["", "  ", "x" * 65, None])
def test_symbols_that_are_none(db: Database, user: int, symbol: object) -> None:
    with pytest.raises(UserMistake):
        db.write(lambda con: watchlist.add(con, user, symbol))  # type: ignore[arg-type]


def test_only_the_own_entry_and_only_real_columns(db: Database, user: int) -> None:
    entry = db.write(lambda con: watchlist.add(con, user, "EURUSD"))
    for change in ({"id": 3}, {"added_date": "x"}, {"notes = 1 --": 1}):
        with pytest.raises(UserMistake):
            db.write(lambda con, c=change: watchlist.change(con, entry, user, **c))
    for call in (
        lambda con: watchlist.change(con, entry, user + 1, notes="x"),
        lambda con: watchlist.remove(con, entry, user + 1),
        lambda con: watchlist.mark_hit(con, entry + 1, 1, 1.0),
    ):
        with pytest.raises(UserMistake):
            db.write(call)
    assert only(db, user).notes is None
    db.write(lambda con: watchlist.remove(con, entry, user))
    assert watchlist.list_entries(db.reader(), user) == []


def test_a_users_entries_go_with_the_user(db: Database, user: int) -> None:
    db.write(lambda con: watchlist.add(con, user, "EURUSD"))
    db.write(lambda con: con.execute("DELETE FROM users WHERE id = ?", (user,)))
    assert watchlist.list_entries(db.reader(), user) == []
