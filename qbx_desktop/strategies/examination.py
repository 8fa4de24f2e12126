"""Check a strategy, shipped or the trader's own: the tests of the contract, each with its verdict in words."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np

from ..domain import params as schema
from ..domain.bars import Bars
from ..domain.errors import QbxError, Stop
from ..domain.messages import Message, declare
from ..domain.params import ParamError
from ..domain.timeframe import Timeframe
from .analysis import Analysis, Change, Cut, analyse
from .contract import Strategy
from .sample_market import sample_market

_FAILED = declare("check.failed", "It failed: {why}")
_BLIND = declare("check.look_ahead", "Knows nothing of the future: {cuts} cuts, no value changed.")
_SETTLED = declare(
    "check.history", "The {kept} bars that a bot loads are enough: {cuts} cuts, no value changed."
)
_SHORT = declare("check.history_short", "Not tested: it wants {kept} bars of history and there are {bars}.")
_PURE = declare("check.pure", "The same bars give the same answer, whatever was asked in between.")
_IMPURE = declare(
    "check.impure", "The same bars gave another answer the second time, first on the bar number {bar}."
)
_CHANGED_INPUT = declare("check.changed_input", "It changes the bars it is given.")
_WARM = declare("check.warm_up", "Every line exists from bar {warmup} on, and there is no signal before.")
_EARLY = declare("check.early", "It signals on bar {bar}, before its warm-up of {warmup} bars is complete.")
_NOT_WARM = declare(
    "check.not_warm", "The line {line!r} has no value on bar {bar}, after its warm-up of {warmup} bars."
)
_FAST = declare("check.fast", "A decision on {bars} bars takes {ms:.1f} ms.")
_SLOW = declare(
    "check.slow", "A decision on {bars} bars takes {ms:.0f} ms; more than {most:.0f} ms is too slow."
)
_ROUND = declare("check.parameters", "{count} parameters survive form, text and bounds.")
_LOST = declare(
    "check.parameters_lost", "The parameters come back changed from their text: {was} became {now}."
)
_AGREES = declare("check.explanation", "Its words agree with its signals on {bars} bars.")
_DISAGREES = declare("check.disagrees", "On bar {bar} its words say {word}, its signal says {signal}.")
_SPEAKS = declare("check.signals", "{buys} buys, {sells} sells and {exits} exits on {bars} bars.")
_SILENT = declare("check.silent", "It gave no signal at all on {bars} bars.")

_DECISION_BARS, _MOST_MS = 500, 250.0
_LEAST_BARS, _MOST_BARS = 3_000, 30_000


class Grade(StrEnum):
    """A verdict: a warning does not keep a strategy from trading, a failure should."""

    GOOD = "good"
    WARNING = "warning"
    BAD = "bad"


# In the order in which they are carried out and shown.
NAMES = {
    "signals": "Signals", "look_ahead": "Look-ahead", "history": "History length", "pure": "Purity", "warm_up": "Warm-up",
    "explanation": "Explanation", "parameters": "Parameters", "speed": "Speed",
}  # fmt: skip


@dataclass(frozen=True)
class Verdict:
    """One test's outcome; `changes` are the values that changed in a look-ahead or history test."""

    test: str
    grade: Grade
    message: Message
    changes: tuple[Change, ...] = ()

    @property
    def name(self) -> str:
        """What the test is called."""
        return NAMES[self.test]


@dataclass(frozen=True)
class Report:
    """All verdicts of one strategy."""

    key: str
    verdicts: tuple[Verdict, ...]
    bars: int

    @property
    def grade(self) -> Grade:
        """The worst of them."""
        grades = {each.grade for each in self.verdicts}
        return next(
            each for each in (Grade.BAD, Grade.WARNING, Grade.GOOD) if each in grades or each is Grade.GOOD
        )


def examine(
    strategy: Strategy, params: Any = None, bars: Bars | None = None, timeframe: Timeframe = Timeframe.H1, *,
    cancelled: Callable[[], bool] = lambda: False, progress: Callable[[float, str], None] = lambda share, name: None,
) -> Report:  # fmt: skip
    """All tests on `bars` (a made-up market by default), with `params` or the defaults. Waits for the trader's process.

    A test that fails in another way than it tests is bad with what was raised. Raises Stop when `cancelled`.
    """
    made = strategy.Params() if params is None else params
    if bars is None:
        try:
            wanted = strategy.history(made, timeframe) + 1_000
        except QbxError:
            wanted = 0
        bars = sample_market(min(max(wanted, _LEAST_BARS), _MOST_BARS), timeframe=timeframe)
    run = _Run(strategy, made, bars, timeframe, cancelled)
    verdicts: list[Verdict] = []
    for at, name in enumerate(NAMES):
        if cancelled():
            raise Stop("The check was stopped.")
        progress(at / len(NAMES), NAMES[name])
        verdicts += _guarded(name, getattr(run, name))
        if name == "signals" and verdicts[-1].grade is Grade.BAD:
            break
    return Report(strategy.key, tuple(verdicts), len(bars))


def _guarded(name: str, test: Callable[[], Iterator[Verdict]]) -> list[Verdict]:
    try:
        return list(test())
    except Stop as error:
        if error.message.code == "analysis.cancelled":
            raise
        return [Verdict(name, Grade.BAD, _FAILED(why=error.sentence))]
    except QbxError as error:
        return [Verdict(name, Grade.BAD, _FAILED(why=error.sentence))]
    except Exception as error:  # noqa: BLE001 - a strategy may raise anything; that is what is tested
        return [Verdict(name, Grade.BAD, _FAILED(why=f"{type(error).__name__}: {error}"[:200]))]


class _Run:
    """One method per test, called as it is in NAMES."""

    def __init__(
        self, strategy: Strategy, params: Any, bars: Bars, timeframe: Timeframe, cancelled: Callable[[], bool]
    ) -> None:
        self._strategy, self._params, self._bars = strategy, params, bars
        self._timeframe, self._cancelled = timeframe, cancelled
        self._found: Analysis | None = None

    def signals(self) -> Iterator[Verdict]:
        for few in (1, 2):
            assert len(self._strategy.signals(self._bars[:few], self._params)) == few
        found = self._strategy.signals(self._bars, self._params)
        buys, sells = int((found.entry > 0).sum()), int((found.entry < 0).sum())
        exits = int((found.exit_long | found.exit_short).sum())
        if buys + sells == 0:
            yield Verdict("signals", Grade.WARNING, _SILENT(bars=len(self._bars)))
        else:
            message = _SPEAKS(buys=buys, sells=sells, exits=exits, bars=len(self._bars))
            yield Verdict("signals", Grade.GOOD, message)

    def look_ahead(self) -> Iterator[Verdict]:
        found = self._analysis()
        changes = found.of(Cut.FUTURE)
        if changes:
            yield Verdict("look_ahead", Grade.BAD, changes[0].message, changes)
        else:
            yield Verdict("look_ahead", Grade.GOOD, _BLIND(cuts=found.future_cuts))

    def history(self) -> Iterator[Verdict]:
        found, kept = self._analysis(), self._strategy.history(self._params, self._timeframe)
        changes = found.of(Cut.PAST)
        if changes:
            yield Verdict("history", Grade.BAD, changes[0].message, changes)
        elif not found.past_cuts:
            yield Verdict("history", Grade.WARNING, _SHORT(kept=kept, bars=len(self._bars)))
        else:
            yield Verdict("history", Grade.GOOD, _SETTLED(kept=kept, cuts=found.past_cuts))

    def pure(self) -> Iterator[Verdict]:
        copies = {name: getattr(self._bars, name).copy() for name in ("time", "open", "high", "low", "close")}
        first = self._columns(self._bars)
        other = sample_market(600, number=7, timeframe=self._timeframe)
        self._strategy.signals(other, self._params)
        self._strategy.explain(other, self._params)
        second = self._columns(self._bars)
        differs = np.flatnonzero(np.any(first != second, axis=0))
        if len(differs):
            yield Verdict("pure", Grade.BAD, _IMPURE(bar=int(differs[0])))
        elif any(not np.array_equal(getattr(self._bars, name), copy) for name, copy in copies.items()):
            yield Verdict("pure", Grade.BAD, _CHANGED_INPUT())
        else:
            yield Verdict("pure", Grade.GOOD, _PURE())

    def warm_up(self) -> Iterator[Verdict]:
        warmup = self._strategy.warmup(self._params)
        early = np.flatnonzero(np.any(self._columns(self._bars)[:, :warmup] != 0, axis=0))
        if len(early):
            yield Verdict("warm_up", Grade.BAD, _EARLY(bar=int(early[0]), warmup=warmup))
            return
        for plot in self._strategy.plots(self._bars, self._params):
            holes = np.flatnonzero(~np.isfinite(plot.values[warmup:]))
            if len(holes) and not plot.gaps:
                message = _NOT_WARM(line=plot.name, bar=int(holes[0]) + warmup, warmup=warmup)
                yield Verdict("warm_up", Grade.WARNING, message)
                return
        yield Verdict("warm_up", Grade.GOOD, _WARM(warmup=warmup))

    def explanation(self) -> Iterator[Verdict]:
        found = self._strategy.signals(self._bars, self._params)
        first = max(self._strategy.warmup(self._params) - 1, 0)
        spoken = np.flatnonzero(found.entry)
        ends = {int(each) for each in np.linspace(first, len(self._bars) - 1, 10)}
        ends |= {
            int(each) for each in spoken[np.linspace(0, len(spoken) - 1, min(10, len(spoken))).astype(int)]
        }
        for end in sorted(ends):
            word = self._strategy.explain(self._bars[: end + 1], self._params).signal
            said = {1: "BUY", -1: "SELL", 0: "HOLD"}[int(found.entry[end])]
            if word != said:
                yield Verdict("explanation", Grade.BAD, _DISAGREES(bar=end, word=word, signal=said))
                return
        yield Verdict("explanation", Grade.GOOD, _AGREES(bars=len(ends)))

    def parameters(self) -> Iterator[Verdict]:
        kind = self._strategy.Params
        infos = schema.infos(kind)
        for info in infos:
            for value in (info.default, info.low, info.high):
                if value is None:
                    continue
                fitting = info.kind(value)
                try:
                    made = schema.make(kind, {**dataclasses.asdict(kind()), info.name: fitting})
                    self._strategy.warmup(made)
                except ParamError:
                    # A rule between two parameters may forbid it; that is a sentence under the field.
                    continue
                again = schema.from_json(kind, schema.to_json(made))
                if again != made:
                    yield Verdict("parameters", Grade.BAD, _LOST(was=str(made), now=str(again)))
                    return
        yield Verdict("parameters", Grade.GOOD, _ROUND(count=len(infos)))

    def speed(self) -> Iterator[Verdict]:
        bars = self._bars[-min(_DECISION_BARS, len(self._bars)) :]
        taken = []
        for _ in range(5):
            begin = time.perf_counter()
            self._strategy.signals(bars, self._params)
            self._strategy.explain(bars, self._params)
            taken.append(1_000 * (time.perf_counter() - begin))
        best = min(taken)
        if best > _MOST_MS:
            yield Verdict("speed", Grade.BAD, _SLOW(bars=len(bars), ms=best, most=_MOST_MS))
        else:
            yield Verdict("speed", Grade.GOOD, _FAST(bars=len(bars), ms=best))

    def _columns(self, bars: Bars) -> Any:
        found = self._strategy.signals(bars, self._params)
        return np.array([found.entry, found.exit_long, found.exit_short], np.int8)

    def _analysis(self) -> Analysis:
        if self._found is None:
            self._found = analyse(
                self._strategy, self._bars, self._params, self._timeframe, cancelled=self._cancelled
            )
        return self._found
