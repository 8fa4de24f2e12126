"""The journal: the allowed steps and no others, one open question per bot, and no quiet change of a row."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qbx_desktop.data.database import Database
from qbx_desktop.data.home import Home
from qbx_desktop.data.order_journal import ALLOWED, AlreadyJournaled, OrderJournal
from qbx_desktop.data.transaction import transaction
from qbx_desktop.domain.errors import Stop
from qbx_desktop.domain.journal import JournalAction, JournalRow, JournalState

from .conftest import an_order

S = JournalState


@pytest.fixture
def con(db: Database) -> Iterator[sqlite3.Connection]:
    con = db.order_connection()
    yield con
    con.close()


@pytest.fixture
def journal(con: sqlite3.Connection) -> OrderJournal:
    return OrderJournal(con)


def reach(journal: OrderJournal, state: JournalState, **changes: Any) -> JournalRow:
    """A row in `state`, by the allowed steps."""
    if state is S.DENIED:
        return journal.insert(**an_order(state=S.DENIED, **changes))
    row = journal.insert(**an_order(**changes))
    path: dict[JournalState, list[JournalState]] = {
        S.QUEUED: [], S.EXPIRED: [S.EXPIRED], S.SENDING: [S.SENDING], S.UNKNOWN: [S.SENDING, S.UNKNOWN],
        S.FILLED: [S.SENDING, S.FILLED], S.PARTIAL: [S.SENDING, S.PARTIAL], S.REJECTED: [S.SENDING, S.REJECTED],
        S.NOT_PLACED: [S.SENDING, S.UNKNOWN, S.NOT_PLACED], S.REVIEW: [S.SENDING, S.UNKNOWN, S.REVIEW],
    }  # fmt: skip
    for step in path[state]:
        row = journal.transition(row.id, step)
    return row


@pytest.mark.parametrize("old", list(S))
@pytest.mark.parametrize("new", list(S))
def test_every_pair_of_states(journal: OrderJournal, old: JournalState, new: JournalState) -> None:
    row = reach(journal, old)
    if new in ALLOWED.get(old, ()):
        assert journal.transition(row.id, new).state is new
    else:
        with pytest.raises(Stop):
            journal.transition(row.id, new)
        assert journal.get(row.id) == row


def test_terminal_states_are_the_documented_ones() -> None:
    assert {state for state in S if not ALLOWED.get(state)} == {
        S.DENIED, S.EXPIRED, S.FILLED, S.PARTIAL, S.REJECTED, S.NOT_PLACED,
    }  # fmt: skip
    assert {state for state in S if state.is_open_question} == set(ALLOWED)


@pytest.mark.parametrize("state", [S.SENDING, S.FILLED, S.UNKNOWN])
def test_a_row_begins_queued_or_denied(journal: OrderJournal, state: JournalState) -> None:
    with pytest.raises(Stop):
        journal.insert(**an_order(state=state))


def test_a_row_comes_back_as_it_was_stored(journal: OrderJournal) -> None:
    row = journal.insert(
        **an_order(sl=1.05, tp=2, position_ticket=9, action=JournalAction.CLOSE, bot_id=None)
    )
    assert journal.get(row.id) == row
    assert (row.sl, row.tp, row.action, row.state, row.bot_id) == (
        1.05,
        2.0,
        JournalAction.CLOSE,
        S.QUEUED,
        None,
    )


def test_one_open_question_per_bot(journal: OrderJournal) -> None:
    first = journal.insert(**an_order())
    with pytest.raises(AlreadyJournaled):
        journal.insert(**an_order(bar_time=7_200))
    journal.insert(**an_order(bot_id=2, bar_time=7_200))
    journal.transition(first.id, S.SENDING)
    with pytest.raises(AlreadyJournaled):
        journal.insert(**an_order(bar_time=7_200))
    journal.transition(first.id, S.FILLED)
    journal.insert(**an_order(bar_time=7_200))
    assert [row.bot_id for row in journal.open_questions()] == [2, 1]
    assert (journal.unresolved_count(), journal.unresolved_count(1)) == (2, 1)


def test_one_decision_is_recorded_once(journal: OrderJournal) -> None:
    reach(journal, S.REJECTED)
    with pytest.raises(AlreadyJournaled):
        journal.insert(**an_order())
    journal.insert(**an_order(attempt=2))


def test_a_broker_order_is_claimed_once(journal: OrderJournal) -> None:
    row = reach(journal, S.SENDING)
    journal.transition(row.id, S.FILLED, order_ticket=5, deal_ticket=6)
    other = reach(journal, S.SENDING, bot_id=2)
    with pytest.raises(Exception, match="UNIQUE"):
        journal.transition(other.id, S.FILLED, order_ticket=5)
    assert journal.get(other.id).state is S.SENDING
    assert journal.by_order_ticket(7, "Demo", 5) == journal.get(row.id)
    assert journal.by_deal_ticket(7, "Demo", 6) == journal.get(row.id)
    assert journal.by_order_ticket(8, "Demo", 5) is None


@pytest.mark.parametrize("volume", [0, -1, 1e6, float("nan"), float("inf")])
def test_no_row_without_a_volume_that_can_be(journal: OrderJournal, volume: float) -> None:
    with pytest.raises(AlreadyJournaled):
        journal.insert(**an_order(volume=volume))


def test_notes_on_open_rows_only_and_never_on_their_identity(journal: OrderJournal) -> None:
    row = reach(journal, S.UNKNOWN)
    assert journal.note(row.id, clean_scans=2, last_scan_ms=5).clean_scans == 2
    for column in ("uid", "volume", "bot_id", "magic", "id"):
        with pytest.raises(ValueError, match=column):
            journal.note(row.id, **{column: 1})
    with pytest.raises(Stop):
        journal.note(row.id, state="FILLED")
    done = reach(journal, S.FILLED, bot_id=2)
    with pytest.raises(Stop):
        journal.note(done.id, resolution="other")


def test_outcome_and_history_are_one_transaction(journal: OrderJournal, con: sqlite3.Connection) -> None:
    row = reach(journal, S.SENDING)
    with pytest.raises(RuntimeError), transaction(con):  # noqa: PT012 - the block itself is what is tested
        journal.transition(row.id, S.FILLED)
        raise RuntimeError
    assert journal.get(row.id).state is S.SENDING


def test_pages(journal: OrderJournal) -> None:
    ids = [reach(journal, S.REJECTED, bar_time=number).id for number in range(10)]
    assert [row.id for row in journal.for_bot(1, limit=3)] == ids[:-4:-1]
    assert [row.id for row in journal.for_bot(1, before_id=ids[3], limit=10)] == ids[2::-1]
    assert [row.id for row in journal.page(limit=2)] == [ids[9], ids[8]]
    assert journal.last_fill(1) is None


def test_every_changed_column_and_every_missing_row_is_found(
    journal: OrderJournal, con: sqlite3.Connection
) -> None:
    for number in range(5):
        reach(journal, S.FILLED, bar_time=number)
    assert journal.verify() == 5
    names = [row[1] for row in con.execute("PRAGMA table_info(order_journal)").fetchall() if row[1] != "id"]
    for name in names:
        old = con.execute(f"SELECT {name} FROM order_journal WHERE id = 3").fetchone()[0]
        new = {"action": "CLOSE", "state": "REJECTED", "volume": 0.5, "attempt": 2}.get(name, 424242)
        con.execute(f"UPDATE order_journal SET {name} = ? WHERE id = 3", (new,))
        with pytest.raises(Stop, match=r"Row [34]"):
            journal.verify()
        con.execute(f"UPDATE order_journal SET {name} = ? WHERE id = 3", (old,))
    assert journal.verify() == 5
    con.execute("DELETE FROM order_journal WHERE id = 2")
    with pytest.raises(Stop, match="Row 3"):
        journal.verify()


@settings(max_examples=30)
@given(steps=st.lists(st.tuples(st.integers(1, 3), st.sampled_from(list(S)), st.integers(0, 3)), max_size=40))
def test_any_sequence_keeps_the_rules(
    steps: list[tuple[int, JournalState, int]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder: Path = tmp_path_factory.mktemp("journal")
    with Database.open(Home(folder).database) as db:
        con = db.order_connection()
        journal = OrderJournal(con)
        ended: dict[int, JournalRow] = {}
        for bot, state, bar in steps:
            open_rows = [row for row in journal.open_questions() if row.bot_id == bot]
            assert len(open_rows) <= 1
            try:
                if open_rows:
                    row = journal.transition(open_rows[0].id, state)
                else:
                    row = journal.insert(**an_order(bot_id=bot, bar_time=bar, state=state))
            except Stop:
                continue
            if not row.state.is_open_question:
                ended[row.id] = row
        for row_id, row in ended.items():
            assert journal.get(row_id) == row
        assert journal.verify() == (max((row.id for row in journal.page()), default=0))
        con.close()
