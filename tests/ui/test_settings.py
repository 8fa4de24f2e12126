"""Settings: made from their declarations, in force at once, in the language now spoken; the policy; the size of text."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QMessageBox,
    QPushButton,
    QSpinBox,
)
from pytestqt.qtbot import QtBot

from qbx_desktop.domain.events import Level, Topic
from qbx_desktop.ui.context import AppContext
from qbx_desktop.ui.dialogs.notification_policy import NotificationPolicy
from qbx_desktop.ui.dialogs.settings import SettingsDialog
from qbx_desktop.ui.live import Live
from qbx_desktop.ui.models.notices_model import NoticesModel
from qbx_desktop.ui.notifier import Notifier
from qbx_desktop.ui.problems import Problems
from qbx_desktop.ui.send_logs import save_to
from qbx_desktop.ui.settings import DECLARED, NOTIFICATIONS, POLICY, Settings, fits
from qbx_desktop.ui.theme import Theme
from qbx_desktop.ui.window import MainWindow
from qbx_desktop.workers.board import NoticeBoard
from tests.fakes.clock import FakeClock
from tests.fakes.tray import FakeTray
from tests.ui.test_fit import cut
from tests.ui.test_notifier import notice

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")


@pytest.fixture
def dialog(qtbot: QtBot, context: AppContext) -> SettingsDialog:
    made = SettingsDialog(context)
    qtbot.addWidget(made)
    made.show()
    return made


def test_every_declared_setting_with_a_group_has_its_editor(dialog: SettingsDialog) -> None:
    policy = dialog.findChild(NotificationPolicy)
    assert policy is not None
    shown = set(dialog.fields) | set(policy.boxes)
    assert shown == {each.key for each in DECLARED if each.group}
    kinds = {bool: QCheckBox, int: QSpinBox, float: QDoubleSpinBox}
    for each in DECLARED:
        if each.key in dialog.fields:
            editor = dialog.fields[each.key].editor
            assert isinstance(editor, QComboBox if each.choices else kinds[type(each.default)])
            assert editor.accessibleName()
            assert dialog.fields[each.key].value() == each.default


def test_an_edit_is_in_force_at_once_and_one_from_elsewhere_is_shown(
    dialog: SettingsDialog, context: AppContext
) -> None:
    dialog.fields["safety.risk_percent"].editor.setValue(0.4)
    assert context.settings.get("safety.risk_percent") == 0.4
    box = dialog.fields["ui.theme"].editor
    box.setCurrentIndex(box.findData("light"))
    assert context.settings.get("ui.theme") == "light"
    context.settings.set("ui.reduce_motion", True)
    assert dialog.fields["ui.reduce_motion"].value() is True


def test_the_language_switches_under_the_open_dialog(dialog: SettingsDialog, context: AppContext) -> None:
    box = dialog.fields["ui.theme"].editor
    context.words.use("id")
    assert dialog.windowTitle() == "Pengaturan"
    assert box.itemText(0) == "Gelap"
    assert box.currentData() == "dark"
    assert dialog.pages.tabText(dialog._groups.index(NOTIFICATIONS)) == "Notifikasi"


@pytest.mark.parametrize("language", ["en", "id"])
def test_u29_nothing_is_cut_on_any_page(dialog: SettingsDialog, context: AppContext, language: str) -> None:
    context.words.use(language)
    for at in range(dialog.pages.count()):
        dialog.pages.setCurrentIndex(at)
        dialog.adjustSize()
        QApplication.processEvents()
        assert cut(dialog) == []


def test_a_stored_value_out_of_its_bounds_counts_as_never_set() -> None:
    stored = {
        "safety.risk_percent": 99.0,
        "ui.text_scale": 130,
        "ui.theme": "pink",
        "safety.open_positions": 5.5,
    }
    settings = Settings(stored, lambda key, value: None)
    for key in stored:
        declared = next(each for each in DECLARED if each.key == key)
        assert settings.get(key) == declared.default
        assert not fits(declared, stored[key])
        with pytest.raises(ValueError, match=key):
            settings.set(key, stored[key])


def test_the_policy_decides_tray_and_sound_of_each_topic(
    qtbot: QtBot, context: AppContext, live: Live, tray: FakeTray, clock: FakeClock, board: NoticeBoard
) -> None:
    beeps: list[float] = []
    model = NoticesModel(context.words, context.theme, context.icons)
    made = Notifier(
        live,
        model,
        tray,
        context.settings,
        context.words,
        clock,
        beep=lambda: beeps.append(clock.monotonic()),
    )
    policy = NotificationPolicy(context)
    qtbot.addWidget(policy)
    told: dict[Topic, tuple[bool, bool]] = {}
    for topic in POLICY:
        clock.advance(1_000)
        tray.messages.clear()
        beeps.clear()
        board.happened.emit(notice(f"about {topic}", topic, Level.INFO))
        told[topic] = (bool(tray.messages), bool(beeps))
    assert told == {topic: (by_tray, by_sound) for topic, (by_tray, by_sound, _) in POLICY.items()}
    assert model.rowCount() == len(POLICY), "the centre keeps every one"
    policy.boxes["notify.info"].click()
    policy.boxes["notify.alert.sound"].click()
    clock.advance(1_000)
    tray.messages.clear()
    beeps.clear()
    board.happened.emit(notice("info", Topic.INFO, Level.INFO, bot_id=9))
    board.happened.emit(notice("alert", Topic.ALERT, Level.INFO, bot_id=9))
    assert (len(tray.messages), beeps) == (2, [])
    made.mute(60)
    board.happened.emit(notice("refused", Topic.REFUSAL, Level.WARNING, bot_id=9))
    assert (len(tray.messages), beeps) == (2, [])


def test_sounds_do_not_become_a_siren(
    context: AppContext, live: Live, tray: FakeTray, clock: FakeClock, board: NoticeBoard
) -> None:
    beeps: list[int] = []
    model = NoticesModel(context.words, context.theme, context.icons)
    made = Notifier(live, model, tray, context.settings, context.words, clock, beep=lambda: beeps.append(1))
    for number in range(100):
        board.happened.emit(notice(f"alert {number}", Topic.ALERT, Level.WARNING))
    assert made.muted_until == 0.0
    assert len(beeps) == 1


@pytest.mark.parametrize("language", ["en", "id"])
def test_text_twice_as_large_cuts_no_label(
    qtbot: QtBot, window: MainWindow, theme: Theme, language: str
) -> None:
    window._context.words.use(language)
    window.resize(1920, 1080)
    window.show()
    qtbot.waitExposed(window)
    rows = window.bots.view.verticalHeader().defaultSectionSize()
    width = window.market.view.columnWidth(1)
    before = window.fontMetrics().height()
    try:
        theme.use(scale=200)
        QApplication.processEvents()
        assert window.fontMetrics().height() >= 1.8 * before
        assert window.bots.view.verticalHeader().defaultSectionSize() == 2 * rows
        assert window.market.view.columnWidth(1) == 2 * width
        for at in range(2):
            window.show_tab(at)
            QApplication.processEvents()
            assert cut(window) == []
    finally:
        theme.use(scale=100)
    assert window.bots.view.verticalHeader().defaultSectionSize() == rows


def test_the_logs_to_send_hold_no_secret(
    qtbot: QtBot, window: MainWindow, context: AppContext, tmp_path: Path
) -> None:
    context.home.logs.mkdir(exist_ok=True)
    (context.home.logs / "qbx.log").write_text(
        f"login 51234567 password: hunter2 mail reyna@example.org in {Path.home()}/x\norder 512345678 stays\n",
        encoding="utf-8",
    )
    target = tmp_path / "logs.zip"
    save_to(context, target, [51234567], window)
    qtbot.waitUntil(lambda: window.findChild(QMessageBox) is not None, timeout=5_000)
    assert str(target) in window.findChild(QMessageBox).text()
    with zipfile.ZipFile(target) as bundle:
        log = bundle.read("logs/qbx.log").decode()
        facts = json.loads(bundle.read("facts.json"))
    assert log == "login …567 password: *** mail ***@*** in ~/x\norder 512345678 stays\n"
    assert facts["settings"]["ui.theme"] == "dark"
    assert "terminal.path" not in facts["settings"]
    for box in window.findChildren(QMessageBox):
        box.close()
    save_to(context, tmp_path / "no such folder" / "logs.zip", [], window)
    qtbot.waitUntil(
        lambda: any("could not" in box.text() for box in window.findChildren(QMessageBox)), timeout=5_000
    )


def test_a_bug_opens_one_window_with_its_text_to_copy(
    qtbot: QtBot, window: MainWindow, context: AppContext
) -> None:
    problems = Problems(context, window)

    def bug() -> None:
        raise RuntimeError("token=abc123 is in the text")

    for _ in range(3):
        try:
            bug()
        except RuntimeError as error:
            problems.take(error)
    (shown,) = problems.windows
    text = shown.text.toPlainText()
    assert "RuntimeError" in text
    assert "abc123" not in text
    copy = next(each for each in shown.findChildren(QPushButton) if each.text() == "Copy")
    copy.click()
    assert QApplication.clipboard().text() == text
    shown.reject()
