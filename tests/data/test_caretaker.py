"""The caretaker: a backup a day, the archive only in quiet times, and failures that are told."""

from __future__ import annotations

import time

import pytest

from qbx_desktop.data import history
from qbx_desktop.data.backup import backups_in
from qbx_desktop.data.caretaker import Caretaker
from qbx_desktop.data.database import Database
from qbx_desktop.data.errors import DbDamaged
from qbx_desktop.data.home import Home
from qbx_desktop.data.order_journal import OrderJournal
from qbx_desktop.domain.errors import PLAIN, QbxError
from qbx_desktop.domain.journal import JournalState
from tests.fakes.clock import FakeClock

from .conftest import an_order


def test_it_backs_up_once_a_day(db: Database, folder: Home, clock: FakeClock) -> None:
    told: list[QbxError] = []
    caretaker = Caretaker(db, folder, told.append)
    for _ in range(49):
        caretaker.look()
        clock.advance(3_600)
    assert len(backups_in(folder.backups)) == 3
    assert told == []


def test_it_archives_only_while_no_order_is_under_way(db: Database, folder: Home, clock: FakeClock) -> None:
    db.log(bot_id=None, action="INFO", message=PLAIN(text="old")).result()
    clock.advance(200 * 86_400)
    row = db.write(lambda con: OrderJournal(con).insert(**an_order()))
    caretaker = Caretaker(db, folder, pytest.fail)
    caretaker.look()
    assert history.count(db.reader()) == 1
    db.write(lambda con: OrderJournal(con).transition(row.id, JournalState.EXPIRED))
    caretaker.look()
    assert history.count(db.reader()) == 0


def test_what_fails_is_told_and_the_rest_is_done(db: Database, folder: Home, clock: FakeClock) -> None:
    told: list[QbxError] = []
    folder.backups.rmdir()
    folder.backups.touch()
    db.log(bot_id=None, action="INFO", message=PLAIN(text="old")).result()
    clock.advance(200 * 86_400)
    Caretaker(db, folder, told.append).look()
    assert len(told) == 1
    assert str(folder.backups) in told[0].sentence
    assert history.count(db.reader()) == 0


def test_its_thread_ends(db: Database, folder: Home) -> None:
    caretaker = Caretaker(db, folder, pytest.fail)
    caretaker.close()
    caretaker = Caretaker(db, folder, pytest.fail)
    caretaker.start()
    caretaker.close()
    assert len(backups_in(folder.backups)) == 1


def test_a_backup_that_cannot_be_restored_is_told_within_a_week(
    db: Database, folder: Home, clock: FakeClock
) -> None:
    told: list[QbxError] = []
    caretaker = Caretaker(db, folder, told.append)
    caretaker.look()
    for _ in range(6 * 24):
        clock.advance(3_600)
        newest = backups_in(folder.backups)[0].path
        content = bytearray(newest.read_bytes())
        content[4096 * 2 : 4096 * 3] = b"\xff" * 4096
        newest.write_bytes(content)
        caretaker.look()
    assert len(told) == 1
    assert isinstance(told[0], DbDamaged)
    assert "bots-" in told[0].sentence


def test_the_last_look_at_the_end_makes_the_backup_a_sleeping_computer_missed(
    db: Database, folder: Home, clock: FakeClock
) -> None:
    caretaker = Caretaker(db, folder, pytest.fail)
    caretaker.start()
    while not backups_in(folder.backups):
        time.sleep(0.01)
    clock.advance(2 * 86_400)
    caretaker.close()
    assert len(backups_in(folder.backups)) == 2
