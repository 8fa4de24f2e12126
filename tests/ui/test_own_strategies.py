"""The trader's own strategies in the window: from a file in the folder over consent and check to the lists, and back."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox
from pytestqt.qtbot import QtBot

from qbx_desktop.data import audit
from qbx_desktop.data.database import Database
from qbx_desktop.domain.messages import Message
from qbx_desktop.strategies.own.library import FileState
from qbx_desktop.ui.context import AppContext
from qbx_desktop.ui.dialogs.bot_editor import BotEditor
from qbx_desktop.ui.dialogs.strategies import StrategiesDialog
from qbx_desktop.ui.dialogs.strategy_consent import StrategyConsent
from qbx_desktop.ui.live import Live
from qbx_desktop.ui.own_shelf import OwnShelf
from qbx_desktop.ui.tabs.backtest_form import BacktestForm
from qbx_desktop.workers.own_parts import OwnParts
from qbx_desktop.workers.strategy_thread import StrategyThread
from tests.fakes import own_files

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")

_PATIENCE = 60_000


class Own:
    """The real thread and processes, wired as in the program."""

    def __init__(self, context: AppContext, home: Path) -> None:
        self.folder = home / "strategies"
        self.paused: list[tuple[str, Message]] = []
        self.parts = OwnParts(context.home, context.db)
        self.thread = StrategyThread(self.parts)
        self.shelf = OwnShelf(self.thread, context.answers, lambda key, why: self.paused.append((key, why)))
        self.thread.changed.connect(context.board.strategies_changed)
        self.thread.problem.connect(context.board.problem)
        context.board.strategies_changed.connect(self.shelf.show)
        self.context = dataclasses.replace(context, own=self.shelf)
        self.thread.start()

    def write(self, name: str, text: str) -> Path:
        path = self.folder / f"{name}.py"
        path.write_text(text, encoding="utf-8")
        return path

    def state(self, name: str) -> FileState | None:
        return next((each.state for each in self.shelf.files if each.path.stem == name), None)


@pytest.fixture
def own(context: AppContext, home: Path, db: Database) -> Iterator[Own]:
    made = Own(context, home)
    yield made
    made.thread.finish()
    assert made.thread.wait(_PATIENCE)


@pytest.fixture
def dialog(own: Own, qtbot: QtBot) -> StrategiesDialog:
    made = StrategiesDialog(own.context)
    qtbot.addWidget(made)
    made.show()
    return made


def consent_of(dialog: StrategiesDialog) -> StrategyConsent:
    found = dialog.findChildren(StrategyConsent)
    assert found
    return found[-1]


def enabled(box: QComboBox, key: str) -> bool | None:
    at = box.findData(key)
    return None if at < 0 else bool(box.model().flags(box.model().index(at, 0)) & Qt.ItemFlag.ItemIsEnabled)


def test_from_file_to_bot_and_back(own: Own, dialog: StrategiesDialog, live: Live, qtbot: QtBot) -> None:
    """A file appears by itself, marked; consent shows path, size, hash and text; then it can be chosen; its check is
    shown; a change shows the difference, pauses its bots and takes it off the lists."""
    editor = BotEditor(own.context, live)
    qtbot.addWidget(editor)
    form = BacktestForm(own.context.words, own.context.home.bars, own.shelf)
    qtbot.addWidget(form)
    boxes = [editor.strategy.editor, form.fields["strategy"].editor]
    path = own.write("shifts", own_files.SHIFTS)
    own.write("broken", own_files.SYNTAX)
    own.write("reaches", own_files.IMPORTS_TERMINAL)
    qtbot.waitUntil(lambda: len(own.shelf.files) == 3, timeout=_PATIENCE)
    assert [own.state(each) for each in ("broken", "reaches", "shifts")] == [
        FileState.REFUSED, FileState.REFUSED, FileState.NEW,
    ]  # fmt: skip
    assert [enabled(box, "own:shifts") for box in boxes] == [False, False]
    dialog.select("own:broken")
    assert dialog.why.text() == "broken.py, line 2: expected ':'"
    assert not dialog.allow.isVisible()
    dialog.select("own:reaches")
    assert "reaches.py, line 3: imports MetaTrader5." in dialog.why.text()

    dialog.select("own:shifts")
    dialog.allow.click()
    asks = consent_of(dialog)
    source = asks.source
    shown = " ".join(label.text() for label in asks.findChildren(type(dialog.why)))
    for fact in (str(path), f"{len(source.data)} bytes", source.sha256, "no protection against"):
        assert fact in shown
    assert "np.sign(np.diff(bars.close))" in asks.text.toPlainText()
    asks.allow.click()
    qtbot.waitUntil(lambda: own.state("shifts") is FileState.READY, timeout=_PATIENCE)
    assert [enabled(box, "own:shifts") for box in boxes] == [True, True]
    assert [row.what for row in audit.page(own.context.db.reader())] == ["strategy approved"]

    dialog.select("own:shifts")
    dialog.check.click()
    qtbot.waitUntil(lambda: bool(dialog.verdicts.texts()), timeout=_PATIENCE)
    told = dialog.verdicts.texts()
    assert "Look-ahead: failed" in told
    assert any(each.startswith("Looks ahead: entry on the bar of 2024-") for each in told)
    assert any("entry, bar of 2024-" in each and "after the cut" in each for each in told)

    editor.strategy.set_value("own:shifts")
    editor.strategy.changed.emit()
    editor.name.set_value("Mine")
    editor.name.changed.emit()
    assert editor.save.isEnabled()
    assert editor.bot().strategy == "own:shifts"

    own.write("shifts", own_files.SHIFTS.replace("np.sign(", "-np.sign("))
    qtbot.waitUntil(lambda: own.state("shifts") is FileState.CHANGED, timeout=_PATIENCE)
    assert [key for key, _ in own.paused] == ["own:shifts"]
    assert "was changed since you approved it" in own.paused[0][1].text
    assert not editor.save.isEnabled()
    assert "was changed since you approved it" in editor.save.toolTip()
    assert editor.strategy.value() == "own:shifts"
    dialog.select("own:shifts")
    dialog.allow.click()
    change = consent_of(dialog).change.toPlainText()
    assert "-        return np.append(np.sign(" in change
    assert "+        return np.append(-np.sign(" in change


def test_check_a_shipped_strategy_on_real_prices(own: Own, dialog: StrategiesDialog, qtbot: QtBot) -> None:
    dialog.select("MA_CROSSOVER")
    dialog.market.setCurrentIndex(1)
    dialog.check.click()
    qtbot.waitUntil(lambda: bool(dialog.verdicts.texts()), timeout=_PATIENCE)
    assert "Look-ahead: passed" in dialog.verdicts.texts()
    assert "History length: passed" in dialog.verdicts.texts()


def test_a_new_file_from_the_template(
    own: Own, dialog: StrategiesDialog, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    monkeypatch.setattr(
        "qbx_desktop.ui.dialogs.strategies.QDesktopServices.openUrl",
        lambda url: opened.append(url.fileName()),
    )
    dialog.begin_new("my_idea")
    qtbot.waitUntil(lambda: own.state("my_idea") is FileState.NEW, timeout=_PATIENCE)
    assert opened == ["my_idea.py"]
    dialog.begin_new("my_idea")
    assert "There is a file" in dialog.why.text()
    dialog.begin_new("../up")
    assert "letters, digits and _" in dialog.why.text()


def test_withdrawn_consent_takes_it_off(own: Own, dialog: StrategiesDialog, qtbot: QtBot) -> None:
    own.write("mine", own_files.CROSSOVER)
    qtbot.waitUntil(lambda: own.state("mine") is FileState.NEW, timeout=_PATIENCE)
    dialog.select("own:mine")
    dialog.allow.click()
    consent_of(dialog).allow.click()
    qtbot.waitUntil(lambda: own.state("mine") is FileState.READY, timeout=_PATIENCE)
    dialog.select("own:mine")
    dialog.forget.click()
    qtbot.waitUntil(lambda: own.state("mine") is FileState.NEW, timeout=_PATIENCE)


def test_the_window_opens_it(window: object, qtbot: QtBot) -> None:
    window.dialogs.strategies()  # type: ignore[attr-defined]
    found = window.findChildren(StrategiesDialog)  # type: ignore[attr-defined]
    assert len(found) == 1
    found[0].reject()
