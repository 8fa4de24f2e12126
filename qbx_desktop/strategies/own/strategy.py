"""A strategy of the trader's as everybody else sees it: the contract, answered by the strategy process."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

from ...domain import params as schema
from ...domain.bars import Bars
from ...domain.signals import Signals
from ...domain.timeframe import Timeframe
from ..contract import Difficulty, Explanation, Guidance, Plot, Preset
from . import errors
from .host import Answer, StrategyHost
from .questions import heard
from .source import OwnSource

_KINDS: dict[str, type] = {"int": int, "float": float, "bool": bool, "str": str}


@dataclass(frozen=True)
class Facts:
    """What does not depend on the bars."""

    warmup: int
    history: Mapping[str, int]  # by the timeframe's name


class Known:
    """What was learned of files and parameters, by hash: true for ever, shared by all who ask."""

    def __init__(self) -> None:
        self.descriptions: dict[str, Mapping[str, Any]] = {}
        self.facts: dict[tuple[str, str], Facts] = {}


class OwnStrategy:
    """Every method waits for the strategy process, at most as long as its limits say; never call it where nothing may
    wait. Raises OwnStrategyError with file and line, ParamError for parameters that do not fit."""

    guidance = Guidance(Difficulty.ADVANCED, "")
    presets: tuple[Preset, ...] = ()

    def __init__(self, source: OwnSource, host: StrategyHost, known: Known) -> None:
        """`known` holds the description of the source already, else this asks for it."""
        self.source = source
        self.key = source.key
        self._host = host
        self._known = known
        if source.sha256 not in known.descriptions:
            head, _ = self._wait(host.ask(source, "load"))
            known.descriptions[source.sha256] = head
        about = known.descriptions[source.sha256]
        self.title: str = str(about["title"])
        self.description: str = str(about["description"])
        self.Params: type = params_type_of(about["schema"])

    def warmup(self, params: Any) -> int:
        return self._facts(params).warmup

    def history(self, params: Any, timeframe: Timeframe) -> int:
        return self._facts(params).history[timeframe.name]

    def signals(self, bars: Bars, params: Any) -> Signals:
        _, columns = self._wait(self._ask("signals", params, bars))
        return signals_in(self.source.name, columns, len(bars))

    def explain(self, bars: Bars, params: Any) -> Explanation:
        head, _ = self._wait(self._ask("explain", params, bars))
        return explanation_in(self.source.name, head)

    def plots(self, bars: Bars, params: Any) -> tuple[Plot, ...]:
        head, columns = self._wait(self._ask("plots", params, bars))
        lines = zip(head["lines"], columns, strict=True)
        return tuple(Plot(str(name), values, int(pane), bool(gaps)) for (name, pane, gaps), values in lines)

    def _facts(self, params: Any) -> Facts:
        key = (self.source.sha256, schema.to_json(params))
        if key not in self._known.facts:
            head, _ = self._wait(self._ask("facts", params))
            self._known.facts[key] = Facts(int(head["warmup"]), dict(head["history"]))
        return self._known.facts[key]

    def _ask(self, what: str, params: Any, bars: Bars | None = None) -> Future[Answer]:
        return self._host.ask(self.source, what, dataclasses.asdict(params), bars)

    def _wait(self, future: Future[Answer]) -> Answer:
        return future.result()


@dataclass(frozen=True)
class Seen:
    """What a strategy said about the last of some closed bars: its signals there, in words, and the warm-up index."""

    signals: Signals
    explanation: Explanation


class LiveStrategy(OwnStrategy):
    """The same for the thread that trades: nothing here waits. What is not known yet raises StillWorking, and the same
    question asked again later finds the answer."""

    def __init__(self, source: OwnSource, host: StrategyHost, known: Known, asked: Asked) -> None:
        self._asked = asked
        super().__init__(source, host, known)

    def look(self, bars: Bars, params: Any) -> Seen:
        """The decision on the last bar; bots with the same bars and parameters share one."""
        key = (
            self.source.sha256,
            schema.to_json(params),
            len(bars),
            int(bars.time[-1]),
            hash(bars.close.tobytes()),
        )
        future = self._asked.get_or_ask(key, lambda: self._ask("look", params, bars))
        if not future.done():
            raise errors.thinking()
        head, columns = future.result()
        return Seen(signals_in(self.source.name, columns, 1), explanation_in(self.source.name, head))

    def _wait(self, future: Future[Answer]) -> Answer:
        raise AssertionError("the live strategy never waits")

    def _facts(self, params: Any) -> Facts:
        key = (self.source.sha256, schema.to_json(params))
        if key not in self._known.facts:
            head, _ = self._asked.take(("facts", *key), lambda: self._ask("facts", params))
            self._known.facts[key] = Facts(int(head["warmup"]), dict(head["history"]))
        return self._known.facts[key]


class Asked:
    """Questions of the trading thread that are under way, and the last answers."""

    _KEPT = 256

    def __init__(self) -> None:
        self._futures: dict[tuple[object, ...], Future[Answer]] = {}
        self._lock = threading.Lock()

    def get_or_ask(self, key: tuple[object, ...], ask: Any) -> Future[Answer]:
        """The question of this key, asked now unless it was before."""
        with self._lock:
            if key not in self._futures:
                while len(self._futures) >= self._KEPT:
                    self._futures.pop(next(iter(self._futures)))
                self._futures[key] = ask()
            return self._futures[key]

    def take(self, key: tuple[object, ...], ask: Any) -> Answer:
        """The answer, forgotten with this. Raises StillWorking while there is none, and what the question fails with."""
        future = self.get_or_ask(key, ask)
        if not future.done():
            raise errors.loading()
        with self._lock:
            self._futures.pop(key, None)
        return future.result()


def signals_in(file: str, columns: list[Any], n: int) -> Signals:
    """The columns as signals of `n` bars. Raises OwnStrategyError when the process answered something else."""
    kinds = [(len(each), each.dtype.kind) for each in columns]
    if kinds != [(n, "i"), (n, "b"), (n, "b")]:
        raise errors.garbage(file)
    return Signals(columns[0], columns[1], columns[2])


def explanation_in(file: str, head: Mapping[str, Any]) -> Explanation:
    """The explanation of an answer. Raises OwnStrategyError when there is none."""
    try:
        return heard(head["explanation"])
    except (KeyError, TypeError, ValueError):
        raise errors.garbage(file) from None


def params_type_of(described: Any) -> type:
    """The schema as a frozen dataclass with the same names, defaults and bounds. Rules between fields are known to
    the strategy's own class only, and are checked there."""
    fields = []
    for each in described:
        kind = _KINDS[each["kind"]]
        declared = schema.param(
            kind(each["default"]), str(each["label"]), low=each["low"], high=each["high"], step=each["step"],
            help=str(each["help"]), choices=tuple(each["choices"]), search=tuple(each["search"]) if each["search"] else None,
        )  # fmt: skip
        fields.append((str(each["name"]), kind, declared))
    made = dataclasses.make_dataclass("Params", fields, frozen=True)
    schema.make(made, {})
    return made
