"""The trader's module as a strategy of the contract: missing parts filled in, every answer checked."""

from __future__ import annotations

import builtins
import dataclasses
import importlib.util
import inspect
import linecache
import sys
from collections.abc import Callable
from importlib.abc import InspectLoader
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...domain.bars import Bars
from ...domain.errors import PLAIN
from ...domain.messages import Message, declare
from ...domain.params import infos
from ...domain.signals import Signals
from ...domain.timeframe import Timeframe
from ..answers import warming_up, word_of
from ..contract import Explanation, Plot

_SEES = declare("own.sees", "It sees {values}.")

_WORDS = {"BUY": 1, "SELL": -1, "HOLD": 0}
_MOST_NAMES = 60


class BadAnswerError(Exception):
    """The strategy's answer cannot be used; the text says what it was and what it should be."""


class _Loader(InspectLoader):
    """Compiles the bytes that were hashed, not what the disk holds by now."""

    def __init__(self, data: bytes, path: str) -> None:
        self._data, self._path = data, path

    def get_source(self, _name: str) -> str:
        return self._data.decode("utf-8-sig")

    def get_code(self, _name: str) -> Any:
        return self.source_to_code(self._data, self._path)


def load(data: bytes, path: str, import_it: Callable[..., Any]) -> OwnRule:
    """Run the module's top level. Raises whatever it raises, and BadAnswerError when it holds no strategy."""
    name = f"own_strategy_{Path(path).stem}"
    spec = importlib.util.spec_from_loader(name, _Loader(data, path))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    module.__file__ = path
    module.__dict__["__builtins__"] = {**builtins.__dict__, "__import__": import_it}
    # Dataclasses look their module up; tracebacks look the source up, which may be another by now.
    sys.modules[name] = module
    lines = data.decode("utf-8-sig", "replace").splitlines(keepends=True)
    linecache.cache[path] = (len(data), None, lines, path)
    spec.loader.exec_module(module)
    return OwnRule(_strategy_in(module), Path(path).stem)


def _strategy_in(module: ModuleType) -> Any:
    kind = getattr(module, "Strategy", None)
    if not isinstance(kind, type):
        raise BadAnswerError(
            "it has no class named Strategy; 'qbx strategy new' writes a file that shows one"
        )
    missing = [name for name in ("warmup", "signals") if not callable(getattr(kind, name, None))]
    if missing:
        raise BadAnswerError(f"its class Strategy lacks {' and '.join(missing)}")
    return kind()


class OwnRule:
    """Keeps the contract of :class:`..contract.Strategy` whatever the trader's class leaves out."""

    def __init__(self, rule: Any, stem: str) -> None:
        self._rule = rule
        self.title = _short_text(getattr(rule, "title", "") or stem.replace("_", " "))
        self.description = str(getattr(rule, "description", "") or rule.__class__.__doc__ or "")[
            :2_000
        ].strip()
        self.Params = _params_type(rule)

    def warmup(self, params: Any) -> int:
        """As the class says; a whole number from 0 on."""
        return _whole(self._rule.warmup(params), "warmup", 0)

    def history(self, params: Any, timeframe: Timeframe) -> int:
        """As the class says, else twenty warm-ups (an average forgets its start in that time), at most 5,000 bars."""
        least = self.warmup(params) + 2
        if callable(getattr(self._rule, "history", None)):
            wanted = (params, timeframe)[: len(inspect.signature(self._rule.history).parameters)]
            return max(_whole(self._rule.history(*wanted), "history", 0), least)
        return max(least, min(max(20 * least, 300), 5_000))

    def signals(self, bars: Bars, params: Any) -> Signals:
        """Nothing before the warm-up, whatever the class answers there; with fewer bars it is not even asked."""
        if len(bars) <= self.warmup(params):
            return Signals.none(len(bars))
        found = signals_of(self._rule.signals(bars, params), len(bars))
        ready = np.arange(len(bars)) >= self.warmup(params)
        return Signals(
            (found.entry * ready).astype(np.int8), found.exit_long & ready, found.exit_short & ready
        )

    def plots(self, bars: Bars, params: Any) -> tuple[Plot, ...]:
        """The class's lines, or none."""
        if not callable(getattr(self._rule, "plots", None)) or not len(bars):
            return ()
        given = self._rule.plots(bars, params)
        lines = given.items() if isinstance(given, dict) else given
        return tuple(_plot(each, len(bars)) for each in lines)

    def explain(self, bars: Bars, params: Any) -> Explanation:
        """The class's own words, else its lines' last values; the word is always that of its signals."""
        if len(bars) <= self.warmup(params):
            return Explanation("HOLD", warming_up(len(bars), self.warmup(params) + 1))
        word = word_of(self.signals(bars, params))
        if callable(getattr(self._rule, "explain", None)):
            message, values = _told(self._rule.explain(bars, params))
            return Explanation(word, message, values)
        values = {each.name: float(each.values[-1]) for each in self.plots(bars, params)}
        values = {name: value for name, value in values.items() if np.isfinite(value)}
        values["close"] = float(bars.close[-1])
        text = ", ".join(f"{name} = {value:.7g}" for name, value in values.items())
        return Explanation(word, _SEES(values=text), values)


def signals_of(answer: Any, n: int) -> Signals:
    """What a trader's `signals` may give: Signals, one value per bar (1, 0, -1 or BUY, HOLD, SELL), or three such columns
    (entry, exit long, exit short), as arrays, lists or pandas series. Raises BadAnswerError for anything else."""
    if isinstance(answer, Signals):
        parts: tuple[Any, ...] = (answer.entry, answer.exit_long, answer.exit_short)
    elif isinstance(answer, tuple) and len(answer) == 3:
        parts = answer
    else:
        parts = (answer, np.zeros(n, np.bool_), np.zeros(n, np.bool_))
    entry = _column(parts[0], n, "signals")
    leave = [
        _column(each, n, name) for each, name in zip(parts[1:], ("exit_long", "exit_short"), strict=True)
    ]
    if not np.isin(entry, (-1, 0, 1)).all():
        worst = entry[~np.isin(entry, (-1, 0, 1))][0]
        raise BadAnswerError(f"signals holds {worst:g}; each bar needs 1 (buy), -1 (sell) or 0 (nothing)")
    return Signals(entry.astype(np.int8), leave[0] != 0, leave[1] != 0)


def _column(given: Any, n: int, name: str) -> NDArray[np.float64]:
    if given is None:
        raise BadAnswerError(f"{name} is nothing (None); end the method with return")
    values = np.asarray(given)
    if values.dtype.kind in "OUS":
        words = [str(each) for each in values.ravel().tolist()]
        unknown = [each for each in words if each not in _WORDS]
        if not unknown:
            values = np.array([_WORDS[each] for each in words])
    try:
        column = values.astype(np.float64)
    except (TypeError, ValueError):
        raise BadAnswerError(
            f"{name} holds {str(values.ravel()[:1].tolist())[:40]}, which is no number"
        ) from None
    if column.shape != (n,):
        raise BadAnswerError(
            f"{name} has the shape {column.shape}; it needs one value for each of the {n} bars"
        )
    bad = np.flatnonzero(~np.isfinite(column))
    if len(bad):
        raise BadAnswerError(
            f"{name} holds {column[bad[0]]} on bar {bad[0]}; put 0 where there is no signal (pandas: .fillna(0))"
        )
    return column


def _plot(given: Any, n: int) -> Plot:
    if isinstance(given, Plot):
        name, values, pane, gaps = given.name, given.values, given.pane, given.gaps
    elif isinstance(given, tuple) and len(given) == 2:
        (name, values), pane, gaps = given, 0, False
    else:
        raise BadAnswerError("plots needs Plot(name, values) or a dictionary of name and values")
    line = np.asarray(values, dtype=np.float64)
    if line.shape != (n,):
        raise BadAnswerError(
            f"the line {name!r} has the shape {line.shape}; it needs one value per bar ({n})"
        )
    return Plot(_short_text(name), line, 1 if pane else 0, bool(gaps))


def _told(given: Any) -> tuple[Message, dict[str, float]]:
    if isinstance(given, Explanation):
        values = {str(name)[:_MOST_NAMES]: float(value) for name, value in given.values.items()}
        bad = [name for name, value in values.items() if not np.isfinite(value)]
        if bad:
            raise BadAnswerError(
                f"explain gives {values[bad[0]]} for {bad[0]}; every value must be a finite number"
            )
        return given.message, values
    if isinstance(given, str):
        return PLAIN(text=given[:500]), {}
    raise BadAnswerError("explain needs to give a text")


def _params_type(rule: Any) -> type:
    kind = getattr(rule, "Params", None)
    if kind is None:
        kind = dataclasses.make_dataclass("Params", [], frozen=True)
    frozen = getattr(getattr(kind, "__dataclass_params__", None), "frozen", False)
    if not isinstance(kind, type) or not frozen:
        raise BadAnswerError("Params must be a dataclass with frozen=True")
    for each in dataclasses.fields(kind):
        if "label" not in each.metadata or type(each.default) not in (int, float, bool, str):
            raise BadAnswerError(
                f"the parameter {each.name} needs param(default, label, ...), the default a number, a text or True/False"
            )
    infos(kind)
    return kind


def _whole(given: Any, name: str, low: int) -> int:
    if (
        isinstance(given, bool)
        or not isinstance(given, (int, np.integer))
        or given < low
        or given > 10_000_000
    ):
        raise BadAnswerError(f"{name} gives {given!r}; it needs a whole number from {low} on")
    return int(given)


def _short_text(given: Any) -> str:
    text = " ".join(str(given).split())
    return text[:_MOST_NAMES] or "?"
