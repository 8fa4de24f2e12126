"""U29: every English word that any part of the window says has its Indonesian one."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from qbx_desktop import ui
from qbx_desktop.ui.settings import DECLARED
from qbx_desktop.ui.states import LOOKS
from tests.ui.test_backtest_words import catalogue, spoken

SOURCES = sorted(Path(ui.__file__).parent.rglob("*.py"))
# The same in both languages, or no words at all.
KEYS = re.compile(r"(Ctrl\+|Shift\+|Alt\+)*(F?\d+|[A-Z]|Del|Ins|Return|Backspace)")
SAME = {"", "QuantumBotX", "QuantumBotX Desktop"}


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(path.parents[2])))
def test_u29_every_word_has_its_indonesian(path: Path) -> None:
    said = {each for each in spoken(path) if not KEYS.fullmatch(each)}
    assert sorted(said - set(catalogue()["words"]) - SAME) == []


def test_u29_settings_and_states_have_their_indonesian() -> None:
    said = {each.title for each in DECLARED if each.group} | {each.group for each in DECLARED if each.group}
    said |= {text for each in DECLARED if each.group and each.choices for text in each.choices.values()}
    said |= {look.word for look in LOOKS.values()}
    assert sorted(said - set(catalogue()["words"]) - {"English", "Bahasa Indonesia"}) == []
