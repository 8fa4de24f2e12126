"""Decisions without an order go after the trader's number of days; those with one never do."""

from __future__ import annotations

import dataclasses

import pytest

from qbx_desktop.data import decisions, old_decisions, settings
from qbx_desktop.data.caretaker import Caretaker
from qbx_desktop.data.database import Database
from qbx_desktop.data.home import Home
from qbx_desktop.data.order_journal import OrderJournal
from qbx_desktop.domain.journal import JournalState
from tests.fakes.clock import FakeClock

from .conftest import an_order

DAY = 86_400
HELD = decisions.Decision(
    1, 0, "EURUSD", "H1", 0, "0" * 16, "BUY", None, "nothing", decisions.HOLDS, decisions.NOT_SENT
)


def decide(db: Database, journal_id: int | None = None) -> None:
    at_ms = round(db.clock.now() * 1000)
    entry = dataclasses.replace(HELD, at_ms=at_ms, journal_id=journal_id)
    db.write(lambda con: decisions.append(con, entry))


def kept(db: Database) -> list[int | None]:
    """The orders of the decisions that are left, newest first."""
    return [each.journal_id for each in decisions.page(db.reader(), 1, limit=100_000)]


def test_only_old_ones_without_an_order_go(db: Database, folder: Home, clock: FakeClock) -> None:
    row = db.write(lambda con: OrderJournal(con).insert(**an_order()))
    decide(db)
    decide(db, row.id)
    clock.advance(old_decisions.KEEP_DAYS * DAY)
    decide(db)
    look = Caretaker(db, folder, pytest.fail).look
    look()
    # An order is under way: nothing that makes other writers wait.
    assert kept(db) == [None, row.id, None]
    db.write(lambda con: OrderJournal(con).transition(row.id, JournalState.EXPIRED))
    look()
    assert kept(db) == [None, row.id, None]
    clock.advance(1)
    look()
    assert kept(db) == [None, row.id]
    clock.advance(old_decisions.KEEP_DAYS * DAY)
    look()
    assert kept(db) == [row.id]


@pytest.mark.parametrize(("days", "left"), [(0, 2), (365, 2), (30, 1)])
def test_the_trader_says_how_long(db: Database, clock: FakeClock, days: int, left: int) -> None:
    db.write(lambda con: settings.set(con, old_decisions.KEY, days))
    decide(db)
    clock.advance(200 * DAY)
    decide(db)
    assert old_decisions.forget_old_decisions(db) == 2 - left
    assert len(kept(db)) == left


def test_many_go_step_by_step(db: Database, clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(old_decisions, "_ROWS_PER_TRANSACTION", 7)
    row = db.write(lambda con: OrderJournal(con).insert(**an_order()))
    for number in range(40):
        decide(db, row.id if number % 9 == 0 else None)
    clock.advance(200 * DAY)
    decide(db)
    assert old_decisions.forget_old_decisions(db) == 35
    assert kept(db) == [None, *[row.id] * 5]
