"""Closed bars are seen once, oldest history never traded, late ones flagged."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qbx_desktop.broker.bar_watch import BarClosed, BarKey, BarRevised, BarWatch
from qbx_desktop.domain.bars import Bars
from qbx_desktop.domain.timeframe import Timeframe

KEY = BarKey("EURUSD", Timeframe.M5)
START = 1_750_000_200  # an M5 boundary


def look(*opens: int, close: float = 1.1) -> Bars:
    price = np.full(len(opens), close)
    return Bars.from_prices(np.array(opens), price, price, price, price)


def history(forming: int, count: int = 3) -> Bars:
    return look(*(forming - 300 * back for back in reversed(range(count))))


@pytest.fixture
def watch() -> BarWatch:
    watch = BarWatch()
    watch.add(KEY)
    return watch


def test_the_first_look_is_only_the_beginning(watch: BarWatch) -> None:
    assert watch.due(0.0) == [KEY]
    assert watch.saw(KEY, history(START), 0.0, START + 7) is None
    assert watch.due(0.0) == []


def test_a_bar_closes_once(watch: BarWatch) -> None:
    watch.saw(KEY, history(START), 0.0, START + 299)
    event = watch.saw(KEY, history(START + 300), 1.0, START + 300)
    assert event == BarClosed(KEY, START, START + 300, missed=0, late=False)
    assert watch.saw(KEY, history(START + 300), 2.0, START + 301) is None


def test_missed_bars_are_counted_and_a_late_one_is_flagged(watch: BarWatch) -> None:
    watch.saw(KEY, history(START), 0.0, START + 10)
    event = watch.saw(KEY, history(START + 3 * 3600), 3 * 3600.0, START + 3 * 3600 + 200)
    assert event == BarClosed(KEY, START + 3 * 3600 - 300, START + 3 * 3600, missed=35, late=True)


def test_the_newest_bar_is_fresh_even_after_a_long_gap(watch: BarWatch) -> None:
    watch.saw(KEY, history(START), 0.0, START + 10)
    event = watch.saw(KEY, history(START + 7200), 7200.0, START + 7203)
    assert isinstance(event, BarClosed)
    assert (event.missed, event.late) == (23, False)


def test_a_weekend_misses_nothing(watch: BarWatch) -> None:
    watch.saw(KEY, history(START), 0.0, START + 10)
    monday = START + 2 * 86_400
    event = watch.saw(KEY, look(START - 300, START, monday), 172_800.0, monday + 1)
    assert event == BarClosed(KEY, START, monday, missed=0, late=False)


def test_a_bar_whose_first_price_came_late_is_not_late_when_we_were_looking(watch: BarWatch) -> None:
    watch.saw(KEY, history(START), 0.0, START + 10)
    watch.saw(KEY, history(START), 420.0, START + 430)
    event = watch.saw(KEY, history(START + 300), 421.0, START + 431)
    assert isinstance(event, BarClosed)
    assert event.late is False


def test_a_terminal_whose_time_went_back_means_nothing(watch: BarWatch) -> None:
    watch.saw(KEY, history(START), 0.0, START + 10)
    assert watch.saw(KEY, history(START - 3600), 1.0, START - 3590) is None
    assert watch.saw(KEY, Bars.empty(), 2.0, START) is None
    assert isinstance(watch.saw(KEY, history(START + 300), 3.0, START + 301), BarClosed)


def test_a_changed_bar_is_reported_and_is_no_new_signal(watch: BarWatch) -> None:
    watch.saw(KEY, history(START), 0.0, START + 299)
    watch.saw(KEY, history(START + 300), 1.0, START + 300)
    assert watch.seconds_to_next(1.0) == 3.0
    changed = look(START - 300, START, START + 300, close=1.2)
    assert watch.saw(KEY, changed, 4.0, START + 303) == BarRevised(KEY, START, 1.1, 1.2)
    assert watch.saw(KEY, changed, 5.0, START + 304) is None


@pytest.mark.parametrize(
    ("server_time", "pause"),
    [(START + 10, 30.0), (START + 295, 4.8), (START + 301, 0.25), (START + 330, 1.0), (START + 500, 5.0),
     (START + 90_000, 30.0)],
)  # fmt: skip
def test_it_looks_often_only_around_a_close(watch: BarWatch, server_time: int, pause: float) -> None:
    watch.saw(KEY, history(START), 100.0, server_time)
    assert watch.seconds_to_next(100.0) == pytest.approx(pause)


def test_practice_at_sixty_times_looks_sixty_times_as_often() -> None:
    watch = BarWatch(speed=60.0)
    watch.add(KEY)
    watch.saw(KEY, history(START), 0.0, START)
    assert watch.seconds_to_next(0.0) == pytest.approx(4.8)


def test_users_share_a_key_and_the_last_one_ends_it(watch: BarWatch) -> None:
    watch.add(KEY)
    watch.remove(KEY)
    assert watch.keys == (KEY,)
    watch.remove(KEY)
    assert watch.keys == ()
    assert watch.seconds_to_next(0.0) is None


def test_a_failed_look_is_repeated_soon(watch: BarWatch) -> None:
    watch.failed(KEY, 10.0)
    assert watch.due(10.5) == []
    assert watch.due(11.0) == [KEY]


@given(st.lists(st.tuples(st.integers(0, 900), st.integers(0, 2)), min_size=1, max_size=40))
def test_whatever_the_looks_every_close_is_reported_once_and_in_order(steps: list[tuple[int, int]]) -> None:
    watch = BarWatch()
    watch.add(KEY)
    now = START
    closed: list[int] = []
    total = 0
    first = None
    for wait, times in steps:
        now += wait
        forming = Timeframe.M5.open_of(now)
        first = forming if first is None else first
        for _ in range(times + 1):
            event = watch.saw(KEY, history(forming), float(now), now)
            if isinstance(event, BarClosed):
                closed.append(event.time)
                total += 1 + event.missed
    assert closed == sorted(set(closed))
    assert total == (Timeframe.M5.open_of(now) - (first or 0)) // 300
