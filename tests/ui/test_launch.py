"""Before there is a window: the command line, the folder, the second start; and what a failure looks like."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from qbx_desktop import app, launch
from qbx_desktop.data.home import Home
from qbx_desktop.domain.errors import Temporary, UserMistake
from qbx_desktop.domain.events import Notice
from qbx_desktop.ui.context import AppContext
from qbx_desktop.ui.live import Live
from qbx_desktop.ui.problems import Problems
from qbx_desktop.ui.settings import DECLARED, Settings
from qbx_desktop.ui.single_instance import RaiseServer, ask_to_raise
from qbx_desktop.ui.window import MainWindow
from qbx_desktop.workers.board import NoticeBoard

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")


@pytest.mark.parametrize("speed", ["0", "1001", "fast", "nan", "-3"])
def test_a_wrong_speed_is_one_sentence(speed: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert app.run(["--window", f"--speed={speed}"]) == 2
    assert capsys.readouterr().err.startswith("qbx: --speed must be a number from 1 to 1000")


def test_an_unknown_flag_is_refused_and_help_is_given(capsys: pytest.CaptureFixture[str]) -> None:
    assert app.run(["--window", "--nonsense"]) == 2
    assert app.run(["--window", "--help"]) == 0
    assert "--screenshot" in capsys.readouterr().out


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="needs a folder that root cannot make")
def test_an_unusable_folder_is_one_sentence(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    blocker = tmp_path / "file"
    blocker.write_text("not a folder")
    # With a picture wanted there is nobody to ask for another folder.
    assert app.run(["--window", "--screenshot", str(tmp_path), "--home", str(blocker / "home")]) == 2
    error = capsys.readouterr().err
    assert error.startswith("qbx: The data folder")
    assert "Traceback" not in error


def test_a_second_start_raises_the_first_and_says_so(qtbot: QtBot, home: Path) -> None:
    folder = Home(home).prepare()
    lock = launch.lock_folder(folder)
    assert lock is not None
    server = RaiseServer(folder.root)
    arguments = [sys.executable, "-m", "qbx_desktop", "--window", "--home", str(home)]
    try:
        with qtbot.waitSignal(server.raise_wanted, timeout=60_000):
            second = subprocess.Popen(
                arguments,
                stderr=subprocess.PIPE,
                text=True,
                env=os.environ | {"QT_QPA_PLATFORM": "offscreen"},
            )
        _, error = second.communicate(timeout=60)
    finally:
        server.close()
        lock.release()
    assert second.returncode == 0
    assert "already running" in error
    assert "Traceback" not in error


def test_nobody_listening_is_said_too(qtbot: QtBot, tmp_path: Path) -> None:
    assert not ask_to_raise(tmp_path)


def test_an_expected_failure_becomes_a_notice_and_a_bug_one_window(
    qtbot: QtBot, window: MainWindow, context: AppContext, board: NoticeBoard, live: Live
) -> None:
    problems = Problems(context, window)
    problems.noticed.connect(live.noticed)
    notices: list[Notice] = []
    live.noticed.connect(notices.append)
    error = Temporary("The disk is full. Nothing was stored.")
    board.problem.emit(error)
    context.answers.problem.emit(error)
    assert [each.message.text for each in notices] == ["The disk is full. Nothing was stored."]
    assert problems.windows == []

    def bug(value: int) -> float:
        return 1 / value

    for _ in range(3):
        try:
            bug(0)
        except ZeroDivisionError as raised:
            board.problem.emit(raised)
    assert len(problems.windows) == 1
    assert "ZeroDivisionError" in problems.windows[0].text.toPlainText()


def test_what_nobody_caught_reaches_the_window(qtbot: QtBot, window: MainWindow, context: AppContext) -> None:
    problems = Problems(context, window)
    before = sys.excepthook
    problems.install()
    try:
        try:
            raise KeyError("nobody caught me")
        except KeyError as error:
            sys.excepthook(type(error), error, error.__traceback__)
        qtbot.waitUntil(lambda: len(problems.windows) == 1)
    finally:
        problems.uninstall()
    assert sys.excepthook is before


def test_settings_keep_only_what_fits(qtbot: QtBot) -> None:
    saved: list[tuple[str, object]] = []
    settings = Settings(
        {"ui.theme": "neon", "ui.language": "id", "notify.fill": "yes", "unknown": 1},
        lambda *x: saved.append(x),
    )
    assert settings.get("ui.theme") == "dark"
    assert settings.get("ui.language") == "id"
    assert settings.get("notify.fill") is True
    with qtbot.waitSignal(settings.changed):
        settings.set("ui.theme", "light")
    settings.set("ui.theme", "light")
    assert saved == [("ui.theme", "light")]
    with pytest.raises(ValueError, match="neon"):
        settings.set("ui.theme", "neon")
    with pytest.raises(KeyError):
        settings.get("nobody.declared")
    assert len({each.key for each in DECLARED}) == len(DECLARED)


def test_the_folder_is_locked_once(home: Path) -> None:
    folder = Home(home).prepare()
    lock = launch.lock_folder(folder)
    assert lock is not None
    assert launch.lock_folder(folder) is None
    lock.release()
    with pytest.raises(UserMistake):
        launch.lock_folder(Home(home / "window.lock"))
