"""Reproduce: equal when nothing changed, else the very bar, setting or version is named."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given as property_of
from hypothesis import settings
from hypothesis import strategies as st

from qbx_desktop.backtest import passport
from qbx_desktop.backtest.fingerprint import checks_of, difference, packed, unpacked
from qbx_desktop.backtest.input import Account, BacktestInput, Costs, RateSeries
from qbx_desktop.backtest.reproduce import Reproduction, input_again, reproduce, series_needed
from qbx_desktop.backtest.run import run
from qbx_desktop.domain.bars import Bars
from qbx_desktop.domain.clock import server_text
from qbx_desktop.domain.errors import UserMistake
from qbx_desktop.domain.known_symbols import known_symbol
from qbx_desktop.domain.sizing import Sizing, StopDistance, StopUnit
from qbx_desktop.strategies import registry
from qbx_desktop.strategies.own.source import OwnSource

MONDAY, HOUR = 1_704_067_200, 3_600


def history(n: int = 600, seed: int = 1, price: float = 1.1, digits: int = 5) -> Bars:
    rng = np.random.default_rng(seed)
    close = np.round(price * np.exp(np.cumsum(rng.normal(0, 0.001, n))), digits)
    opened = np.concatenate(([price], close[:-1]))
    return Bars.from_prices(
        MONDAY + HOUR * np.arange(n), opened, np.maximum(opened, close), np.minimum(opened, close), close,
        spread=np.full(n, 10),
    )  # fmt: skip


GIVEN = BacktestInput(
    history(), known_symbol("EURUSD"), "MA_CROSSOVER", {"fast_period": 5, "slow_period": 15},
    sizing=Sizing(risk_percent=1.0), sl=StopDistance(StopUnit.ATR, 2.0), tp=StopDistance(StopUnit.ATR, 3.0),
    costs=Costs(spread_from_bars=True, commission_per_lot=3.5),
)  # fmt: skip


def saved(given: BacktestInput) -> dict[str, Any]:
    """As a file keeps it."""
    value: dict[str, Any] = json.loads(json.dumps(run(given).to_json(), allow_nan=False))
    assert len(value["trades"]) > 10
    return value


def again(kept: dict[str, Any], bars: Bars, **changes: Any) -> Reproduction:
    series = changes.pop("series", {})
    return reproduce(kept, dataclasses.replace(input_again(kept, bars, series), **changes))


def codes(found: Reproduction) -> list[str]:
    return [each.code for each in found.messages]


def column(bars: Bars, name: str, at: int, by: float) -> Bars:
    values = getattr(bars, name).copy()
    values[at] += by
    return dataclasses.replace(bars, **{name: values})


def test_the_same_again_is_equal() -> None:
    found = again(saved(GIVEN), GIVEN.bars)
    assert found.equal
    assert codes(found) == ["reproduce.equal"]


@pytest.mark.parametrize("at", [0, 77, 599])
@pytest.mark.parametrize("name", ["open", "high", "low", "close", "spread", "tick_volume"])
def test_one_altered_bar_is_named(at: int, name: str) -> None:
    by = 1 if name in ("spread", "tick_volume") else 0.00001
    found = again(saved(GIVEN), column(GIVEN.bars, name, at, by))
    assert f"The bar of {server_text(int(GIVEN.bars.time[at]))} was altered since." in [
        each.text for each in found.messages
    ]


def test_a_bar_that_changes_the_result_names_the_first_trade() -> None:
    kept = saved(GIVEN)
    moment = kept["trades"][4]["open_time"]
    at = int(np.searchsorted(GIVEN.bars.time, moment))
    found = again(kept, column(GIVEN.bars, "open", at, 0.0005))
    assert not found.equal
    assert codes(found) == ["reproduce.differs", "reproduce.first_trade", "reproduce.bar"]
    touched = [each for each in kept["trades"] if moment in (each["open_time"], each["close_time"])]
    assert found.messages[1].params["number"] == touched[0]["ticket"]


def test_missing_and_added_bars_are_named() -> None:
    kept = saved(GIVEN)
    everything = np.arange(len(GIVEN.bars))

    def without(*gone: int) -> Bars:
        stay = np.setdiff1d(everything, gone)
        return Bars(*(getattr(GIVEN.bars, each.name)[stay] for each in dataclasses.fields(Bars)))

    assert "2 bars are missing before that of 2024-01-05 06:00." in [
        each.text for each in again(kept, without(100, 101)).messages
    ]
    assert "3 bars are missing at the end" in " ".join(
        each.text for each in again(kept, without(597, 598, 599)).messages
    )
    short = saved(dataclasses.replace(GIVEN, bars=without(100, 101)))
    assert "2 bars were added, from that of 2024-01-05 04:00 on." in [
        each.text for each in again(short, GIVEN.bars).messages
    ]


def test_newer_bars_are_left_out() -> None:
    kept = saved(dataclasses.replace(GIVEN, bars=GIVEN.bars[:500]))
    found = again(kept, GIVEN.bars)
    assert found.equal
    assert codes(found) == ["reproduce.equal", "reproduce.newer"]
    assert found.messages[1].params == {"count": 100}


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"costs": Costs(spread_from_bars=True, commission_per_lot=4.0)}, "costs.commission_per_lot"),
        ({"spec": dataclasses.replace(GIVEN.spec, swap_long=-9.0)}, "symbol.swap_long"),
        ({"params": {"fast_period": 6, "slow_period": 15}}, "params.fast_period"),
        ({"account": Account(balance=5_000.0)}, "account.balance"),
        ({"sl": StopDistance(StopUnit.ATR, 2.5)}, "sl.value"),
        ({"reverse": False}, "reverse"),
    ],
)
def test_a_changed_setting_is_named(change: dict[str, Any], name: str) -> None:
    found = again(saved(GIVEN), GIVEN.bars, **change)
    changed = [each for each in found.messages if each.code == "reproduce.changed"]
    assert [each.params["name"] for each in changed] == [name]


def test_another_version_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = saved(GIVEN)
    monkeypatch.setattr(passport, "__version__", "99.0")
    found = again(kept, GIVEN.bars)
    assert found.equal
    assert codes(found) == ["reproduce.equal", "reproduce.version"]


def test_a_changed_file_of_an_own_strategy_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    strategy = registry.get("MA_CROSSOVER")
    monkeypatch.setattr(type(strategy), "source", OwnSource(Path("x.py"), b"1", "one"), raising=False)
    kept = saved(GIVEN)
    assert kept["passport"]["strategy_file"] == "one"
    monkeypatch.setattr(type(strategy), "source", OwnSource(Path("x.py"), b"2", "two"), raising=False)
    assert codes(again(kept, GIVEN.bars)) == ["reproduce.equal", "reproduce.strategy"]


def test_a_result_that_was_tampered_with_is_not_equal() -> None:
    kept = saved(GIVEN)
    kept["trades"][3]["net"] += 0.01
    kept["hash"] = "0"
    found = again(kept, GIVEN.bars)
    assert codes(found) == ["reproduce.differs", "reproduce.first_trade", "reproduce.unexplained"]
    assert found.messages[1].params["number"] == 4


def test_conversion_prices_are_part_of_it() -> None:
    bars, rates = history(price=190.0, digits=3), history(seed=2, price=160.0, digits=3)
    rates = dataclasses.replace(rates, time=rates.time - HOUR)
    given = BacktestInput(
        bars, known_symbol("GBPJPY"), "MA_CROSSOVER", {"fast_period": 5, "slow_period": 15},
        account=Account("EUR"), rate=RateSeries(rates, inverted=True),
    )  # fmt: skip
    kept = saved(given)
    assert series_needed(kept) == ("rate",)
    assert again(kept, bars, series={"rate": rates}).equal
    found = again(kept, bars, series={"rate": column(rates, "close", 300, 0.01)})
    said = " ".join(each.text for each in found.messages)
    assert f"In the prices for the conversion: The bar of {server_text(int(rates.time[300]))} was" in said


@pytest.mark.parametrize(
    "kept", [{}, {"passport": None}, {"passport": {"bars_hash": "x", "strategy": "MA_CROSSOVER"}}]
)
def test_a_result_without_a_passport_is_one_sentence(kept: dict[str, Any]) -> None:
    with pytest.raises(UserMistake, match="cannot be run again"):
        reproduce(kept, input_again(kept, GIVEN.bars, {}))


def test_an_input_that_came_later_is_no_change() -> None:
    kept = saved(GIVEN)
    del kept["passport"]["costs"]["swap_free"]
    del kept["passport"]["delay_bars"]
    del kept["passport"]["strategy_file"]
    assert codes(again(kept, GIVEN.bars)) == ["reproduce.equal"]


def test_a_saved_result_of_an_earlier_version_has_no_checks() -> None:
    kept = saved(GIVEN)
    del kept["passport"]["checks"]
    found = again(kept, column(GIVEN.bars, "low", 9, -0.00001))
    assert "reproduce.bars_unknown" in codes(found)


@settings(max_examples=60, deadline=None)
@property_of(st.integers(1, 80), st.data())
def test_a_difference_is_found_where_it_is(n: int, data: st.DataObject) -> None:
    bars = history(n)
    checks = checks_of(bars)
    back = unpacked(packed(checks))
    assert back is not None
    assert difference(back, checks) is None
    at = data.draw(st.integers(0, n - 1))
    found = difference(checks, checks_of(column(bars, "close", at, 0.00001)))
    assert found is not None
    assert (found.index, found.altered) == (at, (at,))
    shorter = np.delete(checks, at)
    lost, won = difference(checks, shorter), difference(shorter, checks)
    assert lost is not None
    assert won is not None
    assert (lost.removed, lost.added, won.removed, won.added) == (1, 0, 0, 1)
