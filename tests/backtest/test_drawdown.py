"""Drawdowns, whose short cuts over blocks of a curve must not show."""

from __future__ import annotations

from unittest import mock

from hypothesis import given
from hypothesis import strategies as st

from qbx_desktop.backtest import drawdown as module
from qbx_desktop.backtest.drawdown import Drawdown, drawdown

CENTS = st.integers(9_990, 10_010)


def by_the_definition(deposit: int, highs: list[int], lows: list[int]) -> Drawdown:
    """In whole cents, every bar looked at; of equal ones the first counts."""
    falls = []
    for t, low in enumerate(lows):
        peak = max([deposit, *highs[:t]])
        falls.append((max(peak - low, 0), peak))
    absolute = max(0, deposit - min(lows))
    most = max(falls, key=lambda each: each[0])
    widest = max(falls, key=lambda each: each[0] / each[1])
    percent = [100.0 * (each[0] / 100) / (each[1] / 100) for each in (most, widest)]
    return Drawdown(absolute / 100, most[0] / 100, percent[0], widest[0] / 100, percent[1])


@given(
    st.sampled_from([1, 3, 9, 512]), st.lists(st.tuples(CENTS, st.integers(0, 3)), min_size=1, max_size=30)
)
def test_every_curve_as_by_the_definition(block: int, bars: list[tuple[int, int]]) -> None:
    highs, lows = [close for close, _ in bars], [close - below for close, below in bars]
    with mock.patch.object(module, "_BLOCK", block):
        found = drawdown(100.0, [each / 100 for each in highs], [each / 100 for each in lows], 100.0)
    wanted = by_the_definition(10_000, highs, lows)
    assert [round(each, 9) for each in found] == [round(each, 9) for each in wanted]


def test_the_same_low_under_a_higher_peak_is_deeper() -> None:
    assert drawdown(100.0, [120.0, 110.0], [95.0, 95.0], 100.0).maximal == 25.0
