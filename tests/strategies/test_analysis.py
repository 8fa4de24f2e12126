"""The look-ahead and history tool: what it must find, and what it must leave alone."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from qbx_desktop.domain.bars import Bars
from qbx_desktop.domain.signals import Signals
from qbx_desktop.domain.timeframe import Timeframe
from qbx_desktop.strategies import registry
from qbx_desktop.strategies.analysis import Cut, analyse
from qbx_desktop.strategies.answers import signals_from
from qbx_desktop.strategies.contract import Plot, Strategy
from qbx_desktop.strategies.examination import Grade, examine
from qbx_desktop.strategies.ma_crossover import MaCrossover
from qbx_desktop.strategies.sample_market import sample_market


class ShiftsBack(MaCrossover):
    """The crossing of the bar after: `shift(-1)`."""

    def signals(self, bars: Bars, params: Any) -> Signals:
        found = super().signals(bars, params)
        return Signals(np.append(found.entry[1:], np.int8(0)), found.exit_long, found.exit_short)


class CentredLine(MaCrossover):
    """Its signals are honest, one of its lines is not."""

    def plots(self, bars: Bars, params: Any) -> tuple[Plot, ...]:
        smooth = np.convolve(bars.close, np.ones(5) / 5, "same")
        return (*super().plots(bars, params), Plot("centred", smooth))


class Cumulates(MaCrossover):
    """Above or below the mean since the data began."""

    def signals(self, bars: Bars, params: Any) -> Signals:
        mean = np.cumsum(bars.close) / np.arange(1, len(bars) + 1)
        ready = np.arange(len(bars)) >= self.warmup(params)
        return signals_from((bars.close > mean) & ready, (bars.close < mean) & ready)

    def plots(self, bars: Bars, params: Any) -> tuple[Plot, ...]:
        return ()


class Remembers(MaCrossover):
    """Answers by how often it was asked."""

    asked = 0

    def signals(self, bars: Bars, params: Any) -> Signals:
        self.asked += 1
        found = super().signals(bars, params)
        return found if self.asked % 3 else Signals(-found.entry, found.exit_long, found.exit_short)


def test_a_planted_shift_is_found_with_bar_and_value() -> None:
    found = analyse(ShiftsBack(), sample_market(1_500), MaCrossover.Params(), Timeframe.H1)
    change = found.of(Cut.FUTURE)[0]
    assert (change.value, change.bar) == ("entry", change.edge)
    honest = MaCrossover().signals(sample_market(1_500), MaCrossover.Params()).entry
    assert honest[change.bar + 1] == change.was != change.now == 0
    words = change.message.text
    assert words.startswith("Looks ahead: entry on the bar of 2024-")
    assert "HOLD when the bars after" in words


def test_a_line_that_looks_ahead_is_found_though_the_signals_do_not() -> None:
    found = analyse(CentredLine(), sample_market(1_500), MaCrossover.Params(), Timeframe.H1)
    assert {each.value for each in found.of(Cut.FUTURE)} == {"centred"}


def test_a_cumulative_indicator_is_found() -> None:
    found = analyse(Cumulates(), sample_market(1_500), MaCrossover.Params(), Timeframe.H1)
    assert not found.of(Cut.FUTURE)
    change = found.of(Cut.PAST)[0]
    assert (change.value, change.kept) == ("entry", 52)
    assert "The bot would decide otherwise than the backtest." in change.message.text


def test_too_few_bars_for_the_past_are_said() -> None:
    report = examine(MaCrossover(), MaCrossover.Params(), sample_market(40))
    history = next(each for each in report.verdicts if each.test == "history")
    assert history.grade is Grade.WARNING
    assert "wants 52 bars of history and there are 40" in history.message.text


@pytest.mark.parametrize(
    ("strategy", "test"),
    [(ShiftsBack(), "look_ahead"), (Cumulates(), "history"), (Remembers(), "pure")],
    ids=lambda each: type(each).__name__,
)  # fmt: skip
def test_the_examination_names_what_is_wrong(strategy: Strategy, test: str) -> None:
    report = examine(strategy, bars=sample_market(1_200))
    assert report.grade is Grade.BAD
    assert test in {each.test for each in report.verdicts if each.grade is Grade.BAD}


@pytest.mark.parametrize("strategy", registry.shipped(), ids=lambda each: each.key)
def test_every_shipped_strategy_passes(strategy: Strategy) -> None:
    """Speed is left out here: a busy machine would fail it."""
    report = examine(strategy)
    bad = [each for each in report.verdicts if each.grade is Grade.BAD and each.test != "speed"]
    assert not bad, [each.message.text for each in bad]


def test_the_sample_market_is_the_same_every_time_and_restless() -> None:
    for frame in (Timeframe.M5, Timeframe.H1, Timeframe.D1):
        bars = sample_market(5_000, 3, frame)
        np.testing.assert_array_equal(bars.close, sample_market(5_000, 3, frame).close)
        assert (np.diff(bars.time) > 0).all()
        assert (bars.low <= np.minimum(bars.open, bars.close)).all()
        assert (bars.high >= np.maximum(bars.open, bars.close)).all()
        assert bars.close.min() > 0.5
