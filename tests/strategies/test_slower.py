"""A slower frame made from faster bars: only what had closed for sure, on any calendar."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qbx_desktop.domain.bars import Bars
from qbx_desktop.domain.timeframe import Timeframe
from qbx_desktop.strategies.slower import bars_for, period_opens, slower_frame

START = 1_704_067_200
SLOW = (Timeframe.M30, Timeframe.H4, Timeframe.D1, Timeframe.W1, Timeframe.MN1)


def bars_at(times: list[int]) -> Bars:
    rng = np.random.default_rng(len(times))
    close = np.round(1.1 + np.cumsum(rng.normal(0, 0.001, len(times))), 5)
    opened = np.round(close + rng.normal(0, 0.001, len(times)), 5)
    reach = np.abs(rng.normal(0, 0.001, (2, len(times))))
    volume = rng.integers(1, 100, len(times))
    return Bars.from_prices(
        times, opened, np.maximum(opened, close) + reach[0], np.minimum(opened, close) - reach[1], close, volume,
        rng.integers(1, 20, len(times)),
    )  # fmt: skip


calendars = st.lists(st.sampled_from((1, 1, 1, 1, 2, 7, 30, 900)), max_size=90).map(
    lambda holes: (START + 3_600 * np.cumsum([0, *holes])).tolist()
)


@given(calendars, st.sampled_from(SLOW))
def test_against_a_slow_loop(times: list[int], timeframe: Timeframe) -> None:
    bars = bars_at(times)
    frame = slower_frame(bars, timeframe)
    groups: dict[int, list[int]] = {}
    for t, time in enumerate(times):
        groups.setdefault(timeframe.open_of(time), []).append(t)
    whole = list(groups.items())[1:-1]
    assert frame.bars.time.tolist() == [opened for opened, _ in whole]
    for at, (_, group) in enumerate(whole):
        assert frame.bars.open[at] == bars.open[group[0]]
        assert frame.bars.high[at] == max(bars.high[group])
        assert frame.bars.low[at] == min(bars.low[group])
        assert frame.bars.close[at] == bars.close[group[-1]]
        assert frame.bars.tick_volume[at] == sum(bars.tick_volume[group])
    for t, time in enumerate(times):
        now = timeframe.open_of(time)
        assert frame.known[t] == sum(opened < now for opened in list(groups)[1:])


@given(calendars, st.sampled_from(SLOW), st.data())
def test_the_future_changes_nothing(times: list[int], timeframe: Timeframe, data: st.DataObject) -> None:
    bars = bars_at(times)
    cut = data.draw(st.integers(1, len(times)))
    whole, part = slower_frame(bars, timeframe), slower_frame(bars[:cut], timeframe)
    known = part.spread_out(part.bars.close)
    np.testing.assert_array_equal(known, whole.spread_out(whole.bars.close)[:cut])


def test_the_first_period_is_left_out_and_the_next_known_one_bar_later() -> None:
    """Hours 22, 23 | 0 … 23 | 0: the whole day is known when the next one's first hour has closed."""
    bars = bars_at([START - 7_200 + 3_600 * k for k in range(27)])
    frame = slower_frame(bars, Timeframe.D1)
    close = frame.spread_out(frame.bars.close)
    assert np.isnan(close[:26]).all()
    assert close[26] == bars.close[25]


def test_no_bars() -> None:
    frame = slower_frame(Bars.empty(), Timeframe.D1)
    assert len(frame.bars) == len(frame.known) == len(frame.spread_out(frame.bars.close)) == 0


@pytest.mark.parametrize("timeframe", list(Timeframe))
def test_periods_begin_where_the_terminal_begins_them(timeframe: Timeframe) -> None:
    times = np.arange(START, START + 70 * 86_400, 7_260)
    assert period_opens(times, timeframe).tolist() == [timeframe.open_of(int(time)) for time in times]


@pytest.mark.parametrize("timeframe", SLOW)
def test_enough_bars_are_asked_for(timeframe: Timeframe) -> None:
    count = bars_for(5, timeframe, Timeframe.M30)
    bars = bars_at([START + 1_800 * (7 + k) for k in range(count)])
    assert slower_frame(bars, timeframe).known[-1] >= 5
