"""Who is told what, where and how often; the centre counts a lasting problem on one line."""

from __future__ import annotations

import pytest
from PySide6.QtTest import QAbstractItemModelTester
from pytestqt.qtbot import QtBot

from qbx_desktop.data import history
from qbx_desktop.data.database import Database
from qbx_desktop.domain.events import Level, Notice, Topic
from qbx_desktop.domain.messages import Message
from qbx_desktop.ui.context import AppContext
from qbx_desktop.ui.icons import Icons
from qbx_desktop.ui.live import Live
from qbx_desktop.ui.models.notices_model import NoticesModel
from qbx_desktop.ui.notifier import MOST_BALLOONS, Notifier
from qbx_desktop.ui.theme import Theme
from qbx_desktop.ui.words import Words
from qbx_desktop.workers.board import NoticeBoard
from tests.fakes.clock import FakeClock
from tests.fakes.tray import FakeTray


@pytest.fixture
def model(words: Words, theme: Theme, icons: Icons) -> NoticesModel:
    return NoticesModel(words, theme, icons)


@pytest.fixture
def notifier(
    context: AppContext, live: Live, model: NoticesModel, tray: FakeTray, clock: FakeClock
) -> Notifier:
    return Notifier(live, model, tray, context.settings, context.words, clock)


def notice(
    text: str, topic: Topic = Topic.FILL, level: Level = Level.GOOD, bot_id: int | None = 1, at: float = 1e9
) -> Notice:
    return Notice(Message("plain", {"text": text}), topic, level, at, bot_id, "Gold")


def sentences(model: NoticesModel) -> list[str]:
    return [model.index(row, 4).data() for row in range(model.rowCount())]


def test_u8_a_problem_of_fifty_polls_is_one_line_and_one_balloon(
    notifier: Notifier, model: NoticesModel, tray: FakeTray, board: NoticeBoard, clock: FakeClock
) -> None:
    for second in range(50):
        board.happened.emit(notice(f"No prices for {second} s", Topic.BOT_ERROR, Level.WARNING))
        clock.advance(1.0)
    assert sentences(model) == ["No prices for 49 s (×50)"]
    assert model.unread == 1
    assert len(tray.messages) == 1


def test_the_model_keeps_qts_rules(model: NoticesModel) -> None:
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal, model)
    for number in range(20):
        model.add(notice(f"Bought {number}"))
        model.add(notice("No prices", Topic.BOT_ERROR, Level.WARNING))
    model.mark_read([model.rows[0].number])
    model.show_topics(frozenset({Topic.FILL}))
    assert model.rowCount() == 20


def test_fills_are_told_each_but_at_most_five_balloons_a_minute(
    notifier: Notifier, model: NoticesModel, tray: FakeTray, board: NoticeBoard, clock: FakeClock
) -> None:
    for number in range(12):
        board.happened.emit(notice(f"Bought {number}"))
    assert len(tray.messages) == MOST_BALLOONS
    assert model.rowCount() == 12, "none is missing in the centre"
    clock.advance(61.0)
    board.happened.emit(notice("Bought again"))
    assert "7 more in QuantumBotX." in tray.messages[-1][1]


def test_a_thousand_events_at_once_are_all_in_the_centre(
    notifier: Notifier, model: NoticesModel, tray: FakeTray, board: NoticeBoard
) -> None:
    for number in range(1_000):
        board.happened.emit(notice(f"Bought {number}"))
    assert len(tray.messages) == MOST_BALLOONS
    assert len(set(sentences(model))) == 1_000


def test_the_policy_decides_and_muting_is_silence(
    notifier: Notifier, context: AppContext, tray: FakeTray, board: NoticeBoard, clock: FakeClock
) -> None:
    board.happened.emit(notice("for your information", Topic.INFO, Level.INFO))
    context.settings.set("notify.fill", False)
    board.happened.emit(notice("Bought"))
    assert tray.messages == []
    context.settings.set("notify.fill", True)
    notifier.muted_until = clock.monotonic() + 10
    board.happened.emit(notice("Bought 2"))
    assert tray.messages == []
    clock.advance(11)
    board.happened.emit(notice("Bought 3"))
    assert [text for _, text, _ in tray.messages] == ["Bought 3"]
    tray.there = False
    board.happened.emit(notice("Bought 4"))
    assert len(tray.messages) == 1, "without a tray nothing is sent to it"


def test_stored_notices_come_back_with_what_was_read(model: NoticesModel, db: Database) -> None:
    def store(con: object) -> list[int]:
        return [
            history.append(
                con,
                bot_id=None,
                action="POSISI DIBUKA",
                message=Message("plain", {"text": f"Bought {n}"}),
                ts_ms=1_750_000_000_000 + n,
                is_notification=True,
                level="good",
                topic="fill",
            )
            for n in range(3)
        ]

    ids = db.write(store)
    db.write(lambda con: history.mark_read(con, [ids[0]]))
    model.load(history.notifications(db.reader()))
    assert sentences(model) == ["Bought 2", "Bought 1", "Bought 0"]
    assert model.unread == 2
    assert model.mark_read() == [ids[2], ids[1]]
    assert model.unread == 0
    model.show_topics(frozenset({Topic.ALERT}))
    assert model.rowCount() == 0


def test_the_same_problem_after_reading_is_a_new_line(model: NoticesModel, qtbot: QtBot) -> None:
    model.add(notice("a", Topic.CONNECTION, Level.PROBLEM))
    model.mark_read()
    row = model.add(notice("b", Topic.CONNECTION, Level.PROBLEM))
    assert row.count == 1
    assert model.rowCount() == 2
