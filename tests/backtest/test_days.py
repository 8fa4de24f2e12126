"""The end of a server day is found whatever was guessed."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from qbx_desktop.backtest.days import DAY, end_of_day


@given(st.lists(st.integers(1, DAY), min_size=1, max_size=40), st.integers(0, 40), st.integers(0, 45))
def test_the_first_bar_of_a_later_day(steps: list[int], start: int, guess: int) -> None:
    time = [sum(steps[: k + 1]) for k in range(len(steps))]
    start %= len(time)
    later = [k for k in range(start, len(time)) if time[k] // DAY > time[start] // DAY]
    assert end_of_day(time, start, guess) == (later[0] if later else len(time))
