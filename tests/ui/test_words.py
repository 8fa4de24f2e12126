"""Languages switch live, sentences are built from codes, and a missing translation shows the English."""

from __future__ import annotations

import importlib
import json
import pkgutil
import string

import pytest
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

import qbx_desktop
from qbx_desktop.domain import timeframe  # noqa: F401 - declares the sentence used below
from qbx_desktop.domain.messages import SENTENCES, Message
from qbx_desktop.domain.resources import resource
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


def test_every_indonesian_sentence_fits_its_english_one(qapp: QApplication) -> None:
    for module in pkgutil.walk_packages(qbx_desktop.__path__, "qbx_desktop."):
        if module.name.split(".")[1] not in ("__main__", "broker") or module.name.endswith("sentences"):
            importlib.import_module(module.name)
    catalogue = Catalogue.load("id")
    assert len(catalogue.words) > 250
    for code, template in catalogue.messages.items():
        if code in SENTENCES:
            assert names_in(template) <= names_in(SENTENCES[code]), code
    for english, indonesian in catalogue.words.items():
        assert names_in(indonesian) == names_in(english), english


def test_a_word_has_one_meaning_whichever_file_says_it() -> None:
    said: dict[tuple[str, str], dict[str, str]] = {}
    for path in sorted(resource("translations").glob("id*.json")):
        part = json.loads(path.read_text(encoding="utf-8"))
        for kind in ("words", "messages"):
            for english, indonesian in part.get(kind, {}).items():
                said.setdefault((kind, english), {})[path.name] = indonesian
    assert [each for each in said.items() if len(set(each[1].values())) > 1] == []


def names_in(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}


def test_the_past_is_told_in_the_new_language(qapp: QApplication) -> None:
    words = Words("id")
    fill = Message(
        "order.opened",
        {
            "did": "Bought",
            "volume": 0.1,
            "symbol": "EURUSD",
            "price": "1.1",
            "sl": "1.0",
            "tp": "1.2",
            "ticket": 5,
        },
    )
    assert words.say(fill) == "Membeli 0.1 EURUSD di 1.1, stop 1.0, target 1.2 (tiket 5)."
