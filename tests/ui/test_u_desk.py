"""U5, U6, U7 and U10: the whole window over the real desk on the simulated terminal, stepped by hand."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import shiboken6
from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from qbx_desktop.data import bots, history, users
from qbx_desktop.domain.bots import BotStatus, SizingMode
from qbx_desktop.ui.context import AppContext
from qbx_desktop.ui.dialogs.preflight import Preflight, look
from qbx_desktop.ui.journal import JournalRing
from qbx_desktop.ui.live import Live
from qbx_desktop.ui.window import MainWindow
from qbx_desktop.workers.board import NoticeBoard
from tests.fakes.tray import FakeTray
from tests.fakes.workers import FakeQuotes, FakeTrading
from tests.trading.stage import Stage
from tests.trading.test_faults_market import answer
from tests.trading.test_preflight import record

pytestmark = [pytest.mark.qt_log_ignore("This plugin does not support"), pytest.mark.timeout(120)]
BEFORE_THE_SWITCH = 20


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    made = Stage(tmp_path)
    made.start()
    yield made
    made.end()


class Screen:
    """The window over a stage; `show` hands the desk's events to the board, as the trading thread does."""

    def __init__(
        self, context: AppContext, stage: Stage, board: NoticeBoard, tray: FakeTray, folder: Path
    ) -> None:
        self.stage, self.board, self.tray = stage, board, tray
        user = stage.db.write(users.ensure_practice_user)
        self.context = replace(
            context, db=stage.db, trading=FakeTrading(stage.desk, board.happened.emit),
            quotes=FakeQuotes(stage.terminal), user_id=user,
        )  # fmt: skip
        self.live = Live(board)
        layout = QSettings(str(folder / "window.ini"), QSettings.Format.IniFormat)
        self.window = MainWindow(self.context, self.live, tray, JournalRing(), layout, 60.0)
        self.window.resize(1366, 768)
        self.window.show()

    def show(self, events: list[Any]) -> None:
        for event in events:
            self.board.happened.emit(event)

    def bar(self) -> None:
        self.show(self.stage.bar())


@pytest.fixture
def screen(
    context: AppContext, stage: Stage, board: NoticeBoard, tray: FakeTray, tmp_path: Path
) -> Iterator[Screen]:
    made = Screen(context, stage, board, tray, tmp_path)
    yield made
    made.window.end()
    shiboken6.delete(made.window)


def start_one(screen: Screen, qtbot: QtBot) -> int:
    bot_id = screen.stage.new_bot()
    screen.window.bots.reload()
    screen.window.bots.select(bot_id)
    screen.window.bots.start()
    qtbot.waitUntil(lambda: bot_id in screen.stage.desk.floor.slots)
    return bot_id


@pytest.mark.parametrize("count", [60, pytest.param(500, marks=pytest.mark.long)])
def test_u05_after_the_switch_no_order_of_the_round_leaves(
    count: int, context: AppContext, stage: Stage, board: NoticeBoard, tray: FakeTray, tmp_path: Path
) -> None:
    stage.kill()
    for number in range(count):
        free = {"max_open_positions": 0, "max_open_lots": 0}
        stage.new_bot(name=f"Cross {number}", lot_size=0.01, limits=free, status=BotStatus.AKTIF)
    stage.start()
    screen = Screen(context, stage, board, tray, tmp_path)
    try:
        throw_the_switch(screen, count)
    finally:
        screen.window.end()
        shiboken6.delete(screen.window)


def throw_the_switch(screen: Screen, count: int) -> None:
    stage, window = screen.stage, screen.window
    assert len(stage.desk.floor.slots) == count
    sends = stage.api.sends
    for _ in range(40):
        stage.api.api.sim_step_bar()
        stage.clock.advance(stage.frame_seconds)
        for event in stage.desk.run_due(stage.clock.monotonic()):
            screen.board.happened.emit(event)
            if len(sends) >= BEFORE_THE_SWITCH:
                break
        if len(sends) >= BEFORE_THE_SWITCH:
            break
    assert BEFORE_THE_SWITCH <= len(sends) < count, "the switch is thrown in the middle of the round"
    window.algo.action.trigger()
    thrown_at = len(sends)
    screen.show(stage.round(3))
    screen.bar()
    assert len(sends) == thrown_at
    assert not window.algo.action.isChecked()
    assert window.commands.algo.text() == "Algo trading OFF"
    assert window.status.algo.isVisible()
    assert window.status.algo.text() == "Algo trading OFF"
    assert "Algo trading OFF" in screen.tray.states[-1][1]
    window.algo.action.trigger()
    assert window.commands.algo.text() == "Algo trading ON"
    assert not window.status.algo.isVisible()


def test_u06_a_fill_reaches_row_history_centre_badge_and_one_balloon(screen: Screen, qtbot: QtBot) -> None:
    window, stage = screen.window, screen.stage
    bot_id = start_one(screen, qtbot)
    window.show_tab(1)
    window.show_tab(0)
    told = len(screen.tray.messages)
    unread = window.toolbox.notices.unread
    order: list[str] = []
    window.bots.model.dataChanged.connect(
        lambda: order.append("row") if window.bots.model.row_of(bot_id).positions else None
    )
    screen.live.history_appended.connect(lambda _: order.append("history"))
    window.notifier.said.connect(lambda _: order.append("centre"))
    events: list[Any] = []
    for _ in range(40):
        events = stage.bar()
        if stage.positions():
            break
        screen.show(events)
    began = time.perf_counter()
    screen.show(events)
    took = time.perf_counter() - began
    assert took < 5 * 0.5
    assert window.bots.model.row_of(bot_id).positions
    assert next(row.action for row in history.page(stage.db.reader(), bot_id=bot_id)) == "POSISI DIBUKA"
    assert (
        "Bought" in window.toolbox.notices.rows[0].message.text
        or "Sold" in window.toolbox.notices.rows[0].message.text
    )
    assert window.toolbox.notices.unread == unread + 1
    assert window.commands.bell.text() == str(unread + 1)
    assert len(screen.tray.messages) == told + 1
    assert order.index("history") < order.index("centre")
    assert "row" in order


def test_u07_a_refusal_is_nowhere_a_position(screen: Screen, qtbot: QtBot) -> None:
    window, stage = screen.window, screen.stage
    bot_id = start_one(screen, qtbot)
    stage.api.instead["order_send"] = answer(stage, 10019)
    for _ in range(40):
        screen.bar()
        if "GAGAL BUKA POSISI" in stage.actions(bot_id):
            break
    rows = history.page(stage.db.reader(), bot_id=bot_id)
    assert "POSISI DIBUKA" not in [row.action for row in rows]
    refused = next(row for row in rows if row.action == "GAGAL BUKA POSISI")
    sentence = screen.context.words.say(refused.message)
    assert "Not enough free margin" in sentence
    assert "Nothing was opened" in sentence
    assert not window.bots.model.row_of(bot_id).positions
    assert any("Not enough free margin" in text for _, text, _ in screen.tray.messages)
    assert any("Not enough free margin" in row.message.text for row in window.toolbox.notices.rows)
    assert not any("Bought" in text or "Sold" in text for _, text, _ in screen.tray.messages)


FAULTS: list[tuple[str, Callable[[Stage], dict[str, Any] | None]]] = [
    ("account", lambda s: {"settings": {"account": 4711}}),
    ("algo", lambda s: record(s, "terminal_info", trade_allowed=False)),
    ("algo", lambda s: record(s, "terminal_info", tradeapi_disabled=True)),
    ("algo", lambda s: record(s, "account_info", trade_expert=False)),
    ("algo", lambda s: record(s, "account_info", trade_allowed=False)),
    ("filling", lambda s: record(s, "symbol_info", filling_mode=0)),
    ("session", lambda s: record(s, "symbol_info", trade_mode=0)),
    ("stops", lambda s: record(s, "symbol_info", trade_stops_level=100_000)),
    ("lots", lambda s: {"lot_size": 0.001}),
    ("lots", lambda s: {"lot_size": 3.0}),
    ("lots", lambda s: {"sl_pips": 0}),
    ("lots", lambda s: {"settings": {"sizing_mode": SizingMode.RISK_PERCENT, "risk_percent": 0.001}}),
    ("margin", lambda s: record(s, "account_info", margin_free=100.0)),
    ("symbol", lambda s: {"market": "EURUSDX"}),
    ("money", lambda s: record(s, "account_info", trade_mode=2)),
]


@pytest.mark.parametrize(
    ("code", "spoil"), FAULTS, ids=[f"{at}-{code}" for at, (code, _) in enumerate(FAULTS)]
)
def test_u10_one_planted_fault_is_the_one_red_line_with_a_remedy(
    qtbot: QtBot, context: AppContext, stage: Stage, live: Live, code: str, spoil: Callable[[Stage], Any]
) -> None:
    changes = spoil(stage) or {}
    if code == "money":
        # An account is real from its beginning; one that turned real under the program is refused altogether.
        stage.kill()
        stage.start()
    bot = bots.get_bot(stage.db.reader(), stage.new_bot(**changes))
    assert bot is not None
    checks = look(stage.desk, bot)
    dialog = Preflight(context, live, bot, checks)
    qtbot.addWidget(dialog)
    dialog.show()
    bad = [check for check in checks if not check.ok]
    assert code in [check.code for check in bad]
    red = [each for each in dialog.findChildren(QLabel) if each.property("role") == "error"]
    assert len(red) == len([check for check in bad if check.blocks])
    wrong = next(check for check in bad if check.code == code)
    line = next(each.text() for each in red if each.text().startswith(context.words.say(wrong.message)))
    assert line.endswith(context.words.say(wrong.remedy))
    assert wrong.remedy.text
    assert not dialog.start.isEnabled()
    assert dialog.start.toolTip()


def test_u10_without_a_fault_all_fifteen_are_fine_and_start_is_there(
    qtbot: QtBot, context: AppContext, stage: Stage, live: Live
) -> None:
    bot = bots.get_bot(stage.db.reader(), stage.new_bot())
    assert bot is not None
    checks = look(stage.desk, bot)
    dialog = Preflight(context, live, bot, checks)
    qtbot.addWidget(dialog)
    assert len(checks) == 15
    assert dialog.start.isEnabled()
