"""F39 and F40: a folder that cannot be used is answered by another one, remembered, and never by another database."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QFileDialog
from pytestqt.qtbot import QtBot

from qbx_desktop import app, launch
from qbx_desktop.data import home as data_home
from qbx_desktop.data.home import Home
from qbx_desktop.domain.errors import UserMistake
from qbx_desktop.ui.dialogs.choose_folder import ChooseFolderDialog

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")


@pytest.fixture
def pointer(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The start as a trader has it: no QBX_HOME, and a usual folder that cannot be made."""
    path = tmp_path / "config" / "QuantumBotX.folder"
    (tmp_path / "file").write_text("not a folder")
    monkeypatch.delenv("QBX_HOME")
    monkeypatch.setattr(data_home, "pointer_file", lambda: path)
    monkeypatch.setattr(
        data_home.platformdirs, "user_data_dir", lambda *_, **__: str(tmp_path / "file" / "QuantumBotX")
    )
    return path


def answer(monkeypatch: pytest.MonkeyPatch, *folders: Path) -> list[str]:
    """Choose these folders one after the other as soon as the dialog is there, then quit; what it said each time."""
    said: list[str] = []
    left = list(folders)
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(left.pop(0)))

    def act() -> None:
        dialog = QApplication.activeModalWidget()
        assert isinstance(dialog, ChooseFolderDialog)
        said.append(dialog.said.text())
        while left and dialog.home is None:
            dialog.choose.click()
            said.append(dialog.said.text())
        if dialog.home is None:
            dialog.leave.click()

    QTimer.singleShot(0, act)
    return said


def start(*arguments: str) -> launch.Options:
    return launch.with_usable_folder(launch.options(["--window", *arguments]), app.application)


@pytest.mark.usefixtures("qtbot")
def test_another_folder_is_used_and_remembered(
    pointer: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = answer(monkeypatch, tmp_path / "OneDrive", tmp_path / "good")
    assert start().home.root == tmp_path / "good"
    assert "The data folder" in said[0]
    assert "synchronised folder" in said[1], "another bad one is refused and asked again"
    assert (tmp_path / "good" / "backups").is_dir()
    # The next start asks nothing: a dialog would hang it here.
    assert start().home.root == Home.default().root == tmp_path / "good"


@pytest.mark.usefixtures("qtbot")
def test_leaving_changes_nothing(
    pointer: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    answer(monkeypatch)
    assert app.run(["--window"]) == 2
    assert not pointer.exists()
    assert "Traceback" not in capsys.readouterr().err


@pytest.mark.usefixtures("qtbot")
def test_a_chosen_folder_that_is_gone_is_not_made_anew(
    pointer: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drive = tmp_path / "drive"
    Home(drive).prepare().remember()
    drive.rename(tmp_path / "unplugged")
    with pytest.raises(UserMistake, match="not there any more"):
        Home.default().prepare()
    said = answer(monkeypatch)
    with pytest.raises(SystemExit):
        start()
    assert "not there any more" in said[0]
    assert not drive.exists()
    (tmp_path / "unplugged").rename(drive)
    assert start().home.root == drive


@pytest.mark.usefixtures("qtbot")
def test_where_it_cannot_be_remembered_it_is_used_once_and_asked_again(
    pointer: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_rights(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(data_home.snapshots, "write", no_rights)
    for _ in range(2):
        said = answer(monkeypatch, tmp_path / "good")
        options = start()
        assert options.home.root == tmp_path / "good"
        assert said
        options.home.database.touch()
    assert not pointer.exists()


@pytest.mark.usefixtures("qtbot")
def test_a_folder_named_for_this_start_is_not_remembered(
    pointer: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer(monkeypatch, tmp_path / "good")
    assert start("--home", str(tmp_path / "file" / "x")).home.root == tmp_path / "good"
    assert not pointer.exists()


def test_without_anybody_to_ask_it_is_one_sentence(
    pointer: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert app.run(["--window", "--screenshot", str(tmp_path / "pictures")]) == 2
    assert capsys.readouterr().err.startswith("qbx: The data folder")


@pytest.mark.parametrize("content", [b"", b"relative/x", b"\xff\x00"])
def test_a_spoilt_pointer_is_told(pointer: Path, content: bytes) -> None:
    pointer.parent.mkdir()
    pointer.write_bytes(content)
    with pytest.raises(UserMistake, match="names the data folder"):
        Home.default()


def test_a_folder_with_other_things_gets_one_of_ours_inside(qtbot: QtBot, words, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    documents = tmp_path / "documents"
    documents.mkdir(mode=0o755)
    (documents / "letter.txt").write_text("Dear")
    before = documents.stat().st_mode
    for folder in (documents, documents / "QuantumBotX"):
        dialog = ChooseFolderDialog(words, UserMistake(data_home._UNWRITABLE(path="x", why="y")))
        qtbot.addWidget(dialog)
        dialog.use(folder)
        assert dialog.home is not None
        assert dialog.home.root == documents / "QuantumBotX"
        dialog.home.database.touch()
    assert documents.stat().st_mode == before
