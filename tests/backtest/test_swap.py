"""Nights: which cost what, when they are charged and booked."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qbx_desktop.backtest.prices import mark_care
from qbx_desktop.domain.money import swap_nights
from qbx_desktop.domain.symbol import SymbolSpec

from .stage import DAY, EURUSD, HOUR, MONDAY, USDJPY, cents, flat, only, play, points

POINTS = {"swap_mode": 1, "swap_long": -7.1, "swap_short": 2.9, "lots": 0.3}


def over(days: list[float], **options: object) -> float:
    """Swap of a buy at bar 1 held to the end, bars opening at `days` after Monday 00:00."""
    times = [MONDAY + int(day * DAY) for day in days]
    return only(play([flat()] * len(days), {0: 1}, times=times, **{**POINTS, **options})).swap  # type: ignore[arg-type]


def test_one_night() -> None:
    """-7.1 points · 0.30 lots = -2.13; Monday evening to Tuesday 00:00."""
    assert over([0.9, 0.95, 1.0]) == -2.13


def test_wednesday_night_counts_three() -> None:
    assert over([2.9, 2.95, 3.0]) == -6.39


def test_a_bar_that_opens_just_before_midnight_is_not_charged() -> None:
    times = [MONDAY, MONDAY + HOUR, MONDAY + DAY - 1]
    assert only(play([flat()] * 3, {0: 1}, times=times, **POINTS)).swap == 0


def test_entry_at_midnight_pays_nothing_for_it_and_exit_at_midnight_does() -> None:
    times = [MONDAY + 23 * HOUR, MONDAY + DAY, MONDAY + DAY + HOUR, MONDAY + 2 * DAY]
    trade = only(play([flat()] * 4, {0: 1}, exits={2: "long"}, times=times, **POINTS))
    assert (trade.reason, trade.swap) == ("signal", -2.13)


def test_the_weekend_is_free_and_holes_in_the_data_are_not() -> None:
    assert over([4.9, 4.95, 7.0]) == -2.13  # Friday's night only
    # Monday to Monday without a bar between: 1 + 1 + 3 + 1 + 1
    assert over([0.1, 0.2, 7.0]) == pytest.approx(-2.13 * 4 - 6.39)


@pytest.mark.parametrize(("rollover", "week"), [(3, 7), (5, 7), (6, 8), (0, 8), (1, 7), (9, 5)])
def test_the_day_of_the_triple_night(rollover: int, week: int) -> None:
    """A week costs seven nights; eight where the triple night is at the weekend, five where there is none."""
    assert over([0.1, 0.2, 7.0], swap_rollover3days=rollover, swap_long=-10.0, lots=0.1) == -1.0 * week


def test_each_charge_is_rounded_by_itself() -> None:
    """0.05 lots: -0.355 -> -0.36 a night, the triple one -1.065 -> -1.07 and not 3 · -0.36."""
    assert over([0.9, 0.95, 1.0], lots=0.05) == -0.36
    assert over([2.9, 2.95, 3.0], lots=0.05) == -1.07
    assert over([0.9, 0.95, 2.0], lots=0.05) == -0.72


def test_sells_have_their_own_rate() -> None:
    times = [MONDAY + 22 * HOUR, MONDAY + 23 * HOUR, MONDAY + DAY]
    assert only(play([flat()] * 3, {0: -1}, times=times, **POINTS)).swap == 0.87


def test_swap_is_in_the_equity_at_once_and_in_the_balance_at_the_close() -> None:
    times = [MONDAY + 22 * HOUR, MONDAY + 23 * HOUR, MONDAY + DAY, MONDAY + DAY + HOUR]
    walk = play([flat()] * 4, {0: 1}, times=times, **POINTS)
    assert cents(walk)[0] == [1_000_000, 1_000_000, 1_000_000, 999_787]
    assert cents(walk)[1] == [1_000_000, 1_000_000, 999_787, 999_787]


def test_the_night_is_charged_before_the_gap_closes() -> None:
    times = [MONDAY + 22 * HOUR, MONDAY + 23 * HOUR, MONDAY + DAY]
    rows = [flat(), flat(), flat(109_800)]
    trade = only(play(rows, {0: 1}, times=times, sl=points(100), **POINTS))
    assert (trade.reason, trade.swap) == ("sl", -2.13)


NIGHT = [MONDAY + 22 * HOUR, MONDAY + 23 * HOUR, MONDAY + DAY]


def night(spec: SymbolSpec, rows: list[tuple[int, int, int, int]], **options: object) -> float:
    return only(play(rows, {0: 1}, times=NIGHT, spec=spec, balance=100_000.0, **options)).swap  # type: ignore[arg-type]


BTC = SymbolSpec("BTCUSD", 2, 0.01, 0.01, 1.0, 2, "BTC", "USD", "USD", margin_rate=0.1)
# opened at 64 000.00, last close before midnight 65 000.00, first price after it 66 000.00
RISEN = [flat(6_400_000), (6_400_000, 6_500_000, 6_400_000, 6_500_000), flat(6_600_000)]


def test_interest_on_the_current_price() -> None:
    """65 000 · 0.05 · -20 % / 360 = -1.8056."""
    assert night(BTC, RISEN, lots=0.05, swap_mode=5, swap_long=-20.0) == -1.81


def test_interest_on_the_opening_price() -> None:
    """64 000 · 0.05 · -20 % / 360 = -1.7778."""
    assert night(BTC, RISEN, lots=0.05, swap_mode=6, swap_long=-20.0) == -1.78


def test_points_are_converted_at_the_close_before_midnight() -> None:
    """USDJPY 9.8 points · 0.5 lots = 490 JPY / 150.000 = 3.27, not / 140.000 = 3.50."""
    rows = [flat(140_000), (140_000, 150_000, 140_000, 150_000), flat(140_000)]
    assert night(USDJPY, rows, lots=0.5, swap_mode=1, swap_long=9.8) == 3.27


@pytest.mark.parametrize(
    ("mode", "swap"),
    [
        (0, 0.0),
        (2, -0.33),  # -1.5 EUR · 0.2 · 1.10000
        (3, -0.33),  # the margin currency is EUR too
        (4, -0.30),  # -1.5 USD · 0.2
        (7, -0.30),  # reopening by points: -1.5 points · 0.2
        (8, -0.30),
        (9, 0.0),
    ],
)
def test_other_modes(mode: int, swap: float) -> None:
    assert night(EURUSD, [flat()] * 3, lots=0.2, swap_mode=mode, swap_long=-1.5) == swap


@given(
    st.lists(st.integers(1, 20 * DAY), min_size=0, max_size=12), st.integers(0, 30 * DAY), st.integers(-1, 7)
)
def test_nights_are_the_midnights_one_by_one(steps: list[int], start: int, rollover: int) -> None:
    times = MONDAY + start + np.cumsum([0, *steps])
    found = [[0] * len(times) for _ in range(3)]
    level = [110_000] * len(times)
    count = mark_care(times.tolist(), level, level, level, rollover, *found)
    care = {t: (one, three) for t, one, three in zip(*(each[:count] for each in found), strict=True)}
    assert max(care) == len(times) - 1
    assert care.get(0, (0, 0)) == (0, 0)
    for t in range(1, len(times)):
        day = datetime.fromtimestamp(int(times[t - 1]), UTC).replace(hour=0, minute=0, second=0)
        counts = {0: 0, 1: 0, 3: 0}
        while (midnight := day + timedelta(days=1)).timestamp() <= times[t]:
            counts[swap_nights(day.isoweekday() % 7, rollover)] += 1
            day = midnight
        assert care.get(t, (0, 0)) == (counts[1], counts[3])
