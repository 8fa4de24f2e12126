"""An alert fires once, on a real cross."""

from __future__ import annotations

import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qbx_desktop.trading.alerts import (
    Direction,
    PriceRange,
    crossed,
    crossed_while_away,
    direction_of,
    hit_message,
)

LINE = 1.1000


@pytest.mark.parametrize(
    ("previous", "price", "direction", "fires"),
    [
        (1.0999, 1.1001, "up", True),
        (1.0999, 1.1000, "up", True),  # reached exactly, from its own side
        (1.1001, 1.1000, "up", False),  # touched from the wrong side
        (1.1000, 1.1001, "up", False),  # was standing on the line
        (1.1001, 1.0999, "up", False),  # crossed the other way
        (1.1001, 1.0999, "down", True),
        (1.1001, 1.1000, "down", True),
        (1.0999, 1.1000, "down", False),
        (1.1000, 1.0999, "down", False),
        (1.0999, 1.1001, "down", False),
        (1.0999, 1.1001, None, True),
        (1.1001, 1.0999, None, True),
        (1.1000, 1.1000, None, False),
        (None, 1.1001, "up", False),
        (math.nan, 1.1001, "up", False),
        (1.0999, math.nan, "up", False),
    ],
)
def test_u24_fires_on_a_cross_not_on_a_touch_from_the_wrong_side(previous, price, direction, fires) -> None:
    assert crossed(previous, price, LINE, direction) is fires


def test_an_unknown_direction_is_an_error_not_a_silent_never() -> None:
    with pytest.raises(ValueError, match="sideways"):
        crossed(1.0, 1.2, LINE, "sideways")


prices = st.integers(90_000, 110_000).map(lambda points: points / 100_000)


@given(st.lists(prices, min_size=2, max_size=60), prices)
def test_a_tape_fires_exactly_when_the_line_is_first_reached(tape: list[float], line: float) -> None:
    direction = direction_of(line, tape[0])
    fired = [crossed(a, b, line, direction) for a, b in itertools.pairwise(tape)]
    reached = [b >= line if direction is Direction.UP else b <= line for b in tape[1:]]
    if tape[0] == line:
        return
    first = reached.index(True) if True in reached else None
    assert (fired.index(True) if True in fired else None) == first


@given(prices, prices, prices)
def test_up_and_down_never_fire_on_the_same_move(a: float, b: float, line: float) -> None:
    assert not (crossed(a, b, line, "up") and crossed(a, b, line, "down"))


def test_direction_is_the_way_to_the_line() -> None:
    assert direction_of(1.2, 1.1) is Direction.UP
    assert direction_of(1.0, 1.1) is Direction.DOWN


def test_a_spike_that_came_back_counts_while_away() -> None:
    assert crossed_while_away(1.09, PriceRange(1.08, 1.105), 1.095, LINE, "up")
    assert not crossed_while_away(1.09, PriceRange(1.08, 1.0999), 1.095, LINE, "up")
    assert crossed_while_away(1.09, None, 1.101, LINE, "up")
    assert not crossed_while_away(None, PriceRange(1.08, 1.105), 1.095, LINE, "up")
    assert crossed_while_away(1.12, PriceRange(1.0990, 1.13), 1.11, LINE, "down")


def test_the_sentence_says_what_happened_and_that_nothing_was_traded() -> None:
    text = hit_message("EURUSD", 1.1, 1.10012, "up", 5, away=True).text
    assert text.startswith("While you were away EURUSD crossed up 1.10000; the price is now 1.10012.")
    assert "no orders" in text
    assert not hit_message("EURUSD", 1.1, 1.10012, "up", 5, away=False).text.startswith("While")
