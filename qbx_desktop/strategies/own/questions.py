"""What may be asked of a loaded strategy, and how its answers look on the wire."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from ...domain.messages import SENTENCES, Message
from ...domain.params import infos, make
from ...domain.signals import Signals
from ...domain.timeframe import Timeframe
from ..contract import Explanation
from .module import OwnRule
from .wire import Array, bars_of

Reply = tuple[dict[str, Any], list[Array]]


def described(rule: OwnRule) -> dict[str, Any]:
    """Title, description and the schema of the parameters."""
    schema = [
        {**dataclasses.asdict(each), "kind": each.kind.__name__, "choices": list(each.choices)}
        for each in infos(rule.Params)
    ]
    make(rule.Params, {})
    return {"title": rule.title, "description": rule.description, "schema": schema}


def _facts(rule: OwnRule, params: Mapping[str, object], _arrays: Sequence[Array]) -> Reply:
    made = make(rule.Params, params)
    return {
        "warmup": rule.warmup(made),
        "history": {each.name: rule.history(made, each) for each in Timeframe},
    }, []


def _signals(rule: OwnRule, params: Mapping[str, object], arrays: Sequence[Array]) -> Reply:
    found = rule.signals(bars_of(arrays), make(rule.Params, params))
    return {}, [found.entry, found.exit_long, found.exit_short]


def _plots(rule: OwnRule, params: Mapping[str, object], arrays: Sequence[Array]) -> Reply:
    lines = rule.plots(bars_of(arrays), make(rule.Params, params))
    return {"lines": [[each.name, each.pane, each.gaps] for each in lines]}, [each.values for each in lines]


def _explain(rule: OwnRule, params: Mapping[str, object], arrays: Sequence[Array]) -> Reply:
    return {"explanation": told(rule.explain(bars_of(arrays), make(rule.Params, params)))}, []


def _look(rule: OwnRule, params: Mapping[str, object], arrays: Sequence[Array]) -> Reply:
    """All a decision needs: the last bar's signals, and what the strategy sees there."""
    bars, made = bars_of(arrays), make(rule.Params, params)
    found = rule.signals(bars, made)
    last = Signals(found.entry[-1:], found.exit_long[-1:], found.exit_short[-1:])
    return {"explanation": told(rule.explain(bars, made))}, [last.entry, last.exit_long, last.exit_short]


ANSWERS: dict[str, Callable[[OwnRule, Mapping[str, object], Sequence[Array]], Reply]] = {
    "facts": _facts, "signals": _signals, "plots": _plots, "explain": _explain, "look": _look,
}  # fmt: skip


def told(explanation: Explanation) -> dict[str, Any]:
    """An explanation as plain JSON."""
    message = explanation.message
    params = {name: _plain(value) for name, value in message.params.items()}
    values = {name: float(value) for name, value in explanation.values.items()}
    return {
        "signal": explanation.signal, "code": message.code, "params": params, "text": message.text, "values": values,
    }  # fmt: skip


def heard(told: Mapping[str, Any]) -> Explanation:
    """The explanation again; a sentence that only the trader's file declares stays as it was written."""
    from ...domain.errors import PLAIN

    known = told["code"] in SENTENCES
    message = Message(told["code"], told["params"]) if known else PLAIN(text=told["text"])
    return Explanation(told["signal"], message, dict(told["values"]))


def _plain(value: object) -> object:
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value if isinstance(value, (str, int, float, bool)) else str(value)
