"""Languages switch live, sentences are built from codes, and a missing translation shows the English."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from qbx_desktop.domain import timeframe  # noqa: F401 - declares the sentence used below
from qbx_desktop.domain.messages import SENTENCES, Message
from qbx_desktop.ui import words as words_module
from qbx_desktop.ui.words import PSEUDO, Catalogue, Words

INDONESIAN = Catalogue(
    {"Start": "Mulai", "{n} bots": "{n} bot"}, {"timeframe.unknown": "Tidak ada {name!r}. Pilih: {known}."}
)


@pytest.fixture
def words(qapp: QApplication, monkeypatch: pytest.MonkeyPatch) -> Words:
    monkeypatch.setattr(
        words_module.Catalogue,
        "load",
        classmethod(lambda cls, language: INDONESIAN if language == "id" else Catalogue({}, {})),
    )
    return Words()


def test_words_and_messages_follow_the_language(words: Words) -> None:
    message = Message("timeframe.unknown", {"name": "H7", "known": "M1"})
    assert "timeframe.unknown" in SENTENCES
    assert (words.t("Start"), words.say(message)) == (
        "Start",
        "There is no timeframe 'H7'. Choose one of: M1.",
    )
    words.use("id")
    assert (words.t("Start"), words.say(message)) == ("Mulai", "Tidak ada 'H7'. Pilih: M1.")
    assert words.t("{n} bots", n=3) == "3 bot"
    assert words.t("Not translated") == "Not translated"
    assert words.say(Message("from.the.future")) == "from.the.future"
    words.use("xx")
    assert words.language == "en"


def test_bound_widgets_are_reworded_and_forgotten_when_gone(qtbot: QtBot, words: Words) -> None:
    label, gone = QLabel(), QLabel()
    qtbot.addWidget(label)
    words.bind(label, "Start")
    words.name(label, "Start", tooltip="{n} bots")
    words.bind(gone, "Start")
    gone.deleteLater()
    del gone
    with qtbot.waitSignal(words.changed):
        words.use("id")
    assert (label.text(), label.accessibleName()) == ("Mulai", "Mulai")
    words.use(PSEUDO)
    assert label.text() == "[Start]"
