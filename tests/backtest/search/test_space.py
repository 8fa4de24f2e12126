"""Ranges, axes and what a combination changes in the input."""

from __future__ import annotations

import dataclasses

import pytest

from qbx_desktop.backtest.search.space import (
    Axis,
    applied,
    axis_of_text,
    checked_axes,
    combo_at,
    key_of,
    place_of,
    size_of,
)
from qbx_desktop.domain.errors import UserMistake
from qbx_desktop.domain.params import ParamError
from qbx_desktop.domain.sizing import Sizing, StopDistance, StopUnit

from .landscape import swings


def test_ranges_count_in_decimals() -> None:
    assert axis_of_text("tp=0.1:0.7:0.2") == Axis("tp", (0.1, 0.3, 0.5, 0.7))
    assert axis_of_text("fast_period=10:40:15") == Axis("fast_period", (10, 25, 40))
    assert axis_of_text("fast_period=10:39:15").values == (10, 25)
    assert axis_of_text("x=a, b,3,0.5").values == ("a", "b", 3, 0.5)


@pytest.mark.parametrize(
    "text",
    [
        "fast",
        "=1:2:1",
        "fast=",
        "fast=1:2",
        "fast=1:2:0",
        "fast=2:1:1",
        "fast=a:2:1",
        "fast=1:nan:1",
        "f=0:1e9:1",
    ],
)
def test_wrong_ranges_are_refused(text: str) -> None:
    with pytest.raises(UserMistake, match="cannot be used"):
        axis_of_text(text)


def test_the_grid_is_counted_with_the_last_axis_fastest() -> None:
    axes = (Axis("fast_period", (1, 2)), Axis("slow_period", (10, 20, 30)))
    combos = [combo_at(axes, index) for index in range(size_of(axes))]
    assert [tuple(each.values()) for each in combos] == [(1, 10), (1, 20), (1, 30), (2, 10), (2, 20), (2, 30)]
    assert [place_of(axes, each) for each in combos] == [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2)]
    assert len({key_of(each) for each in combos}) == 6


def test_axes_are_held_against_the_strategy() -> None:
    given = swings(100)
    assert checked_axes(given, [Axis("fast_period", (3.0, 5.0))])[0].values == (3, 5)
    with pytest.raises(UserMistake, match="cannot be varied"):
        checked_axes(given, [Axis("fats", (1,))])
    with pytest.raises(ParamError, match="at least"):
        checked_axes(given, [Axis("fast_period", (0, 1))])
    with pytest.raises(UserMistake, match="stop-loss is not set"):
        checked_axes(given, [Axis("sl", (1.0,))])
    with pytest.raises(UserMistake, match="varied twice"):
        checked_axes(given, [Axis("lots", (0.1,)), Axis("lots", (0.2,))])
    with pytest.raises(UserMistake, match="same value twice"):
        checked_axes(given, [Axis("lots", (0.1, 0.1))])
    with pytest.raises(UserMistake, match="Nothing is varied"):
        checked_axes(given, [])
    with pytest.raises(UserMistake, match="combinations; at most"):
        checked_axes(given, [axis_of_text("fast_period=1:2000:1"), axis_of_text("slow_period=1:2000:1")])


def test_a_combination_changes_parameters_stops_and_size() -> None:
    given = dataclasses.replace(swings(100), sl=StopDistance(StopUnit.PIPS, 30.0))
    changed = applied(given, {"fast_period": 7, "sl": 40.0, "lots": 0.3, "atr_period": 5})
    assert changed.params["fast_period"] == 7
    assert changed.params["slow_period"] == 12
    assert changed.sl == StopDistance(StopUnit.PIPS, 40.0)
    assert changed.sizing == Sizing(lots=0.3)
    assert changed.atr_period == 5
    assert given.params["fast_period"] == 3
