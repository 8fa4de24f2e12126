"""Every word of every strategy in Indonesian: titles, advice, presets, parameters, choices, explanations."""

from __future__ import annotations

import json
import string

import pytest

from qbx_desktop.domain.messages import SENTENCES
from qbx_desktop.domain.params import infos
from qbx_desktop.domain.resources import resource
from qbx_desktop.strategies import registry
from qbx_desktop.strategies.contract import Strategy

every = pytest.mark.parametrize("strategy", registry.all_strategies(), ids=lambda each: each.key)


def catalogue() -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {"words": {}, "messages": {}}
    for path in sorted(resource("translations").glob("id*.json")):
        part = json.loads(path.read_text(encoding="utf-8"))
        for kind in found:
            found[kind].update(part.get(kind, {}))
    return found


def words_of(strategy: Strategy) -> set[str]:
    found = {
        strategy.title,
        strategy.description,
        str(strategy.guidance.difficulty),
        strategy.guidance.market,
    }
    for preset in strategy.presets:
        found |= {preset.title, preset.help}
    for info in infos(strategy.Params):
        found |= {info.label, info.help, *info.choices}
    return found


def fields(template: str) -> set[tuple[str, str]]:
    return {(name, spec or "") for _, name, spec, _ in string.Formatter().parse(template) if name}


@every
def test_every_word_is_translated(strategy: Strategy) -> None:
    assert words_of(strategy) - set(catalogue()["words"]) == set()


@every
def test_every_explanation_is_translated_with_the_same_numbers(strategy: Strategy) -> None:
    translated = catalogue()["messages"]
    codes = [code for code in SENTENCES if code.partition(".")[0] == strategy.key.lower()]
    assert codes
    for code in [*codes, "strategy.warming_up", "strategy.already_said", "strategy.waiting_for_frame"]:
        assert fields(translated[code]) == fields(SENTENCES[code]), code


def test_nothing_is_translated_that_nobody_says() -> None:
    part = json.loads(resource("translations", "id.strategies.json").read_text(encoding="utf-8"))
    assert set(part["messages"]) <= set(SENTENCES)
    said = set().union(*(words_of(strategy) for strategy in registry.all_strategies()))
    form = {
        "Preset",
        "Own values",
        "Defaults",
        "Fills the parameters below with one click.",
        "After: {source}.",
    }
    assert set(part["words"]) <= said | form
    assert {"Preset", "Own values", "Defaults", "After: {source}."} <= set(catalogue()["words"])
