"""Presets and advice in the parameter form, for every strategy."""

from __future__ import annotations

from dataclasses import asdict

import pytest
from PySide6.QtWidgets import QComboBox
from pytestqt.qtbot import QtBot

from qbx_desktop.domain.params import make
from qbx_desktop.strategies import registry
from qbx_desktop.strategies.contract import Strategy
from qbx_desktop.ui.dialogs.param_form import ParamForm
from qbx_desktop.ui.words import Words


def shown(qtbot: QtBot, strategy: Strategy, values: dict[str, object] | None = None) -> ParamForm:
    form = ParamForm(Words())
    qtbot.addWidget(form)
    form.show_strategy(strategy.Params, values, strategy.presets, strategy.guidance)
    return form


@pytest.mark.parametrize("strategy", registry.all_strategies(), ids=lambda each: each.key)
def test_each_preset_fills_the_form(qtbot: QtBot, strategy: Strategy) -> None:
    form = shown(qtbot, strategy)
    box = form.presets.box
    assert box.currentText() == "Defaults"
    assert strategy.guidance.market in form.presets.advice.text()
    for number, preset in enumerate(strategy.presets, start=2):
        box.setCurrentIndex(number)
        with qtbot.waitSignal(form.changed):
            box.activated.emit(number)
        assert form.made() == make(strategy.Params, preset.values)
        assert box.currentText() == preset.title
        assert form.presets.help.text() == preset.help
    box.setCurrentIndex(1)
    box.activated.emit(1)
    assert form.made() == strategy.Params()


def test_an_edited_value_is_an_own_one_and_a_stored_preset_is_recognised(qtbot: QtBot) -> None:
    strategy = registry.get("MA_CROSSOVER")
    stored = asdict(make(strategy.Params, strategy.presets[0].values))
    form = shown(qtbot, strategy, stored)
    assert form.presets.box.currentText() == "Learning"
    form.fields["fast_period"].editor.setValue(11)
    assert form.presets.box.currentText() == "Own values"
    form.reset()
    assert form.presets.box.currentText() == "Defaults"
    assert form.presets.help.isHidden()


def test_presets_and_choices_follow_the_language(qtbot: QtBot) -> None:
    words = Words()
    form = ParamForm(words)
    qtbot.addWidget(form)
    strategy = registry.get("DONCHIAN_TREND")
    form.show_strategy(strategy.Params, None, strategy.presets, strategy.guidance)
    form.fields["trend_frame"].set_value("Chart")
    words.use("pseudo")
    assert form.presets.box.itemText(2) == "[Learning]"
    assert "[Intermediate]" in form.presets.advice.text()
    editor = form.fields["trend_frame"].editor
    assert isinstance(editor, QComboBox)
    assert editor.currentText() == "[Chart]"
    assert form.values()["trend_frame"] == "Chart"
