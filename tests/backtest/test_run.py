"""A whole run: what is refused, dates, progress, cancelling, and equal hashes for equal runs."""

from __future__ import annotations

import dataclasses
import json
import math
from typing import Any

import numpy as np
import pytest

from qbx_desktop.backtest.input import Account, BacktestInput, Costs, RateSeries
from qbx_desktop.backtest.run import Cancelled, run
from qbx_desktop.backtest.summary import summary_of
from qbx_desktop.backtest.tape import tape_of
from qbx_desktop.domain.bars import Bars
from qbx_desktop.domain.errors import UserMistake
from qbx_desktop.domain.sizing import Sizing, StopDistance, StopUnit

from .stage import DAY, EURUSD, GBPJPY, HOUR, MONDAY


def market(n: int = 3_000, seed: int = 1) -> Bars:
    rng = np.random.default_rng(seed)
    close = np.round(1.1 + np.cumsum(rng.normal(0, 0.0008, n)), 5)
    opened = np.concatenate(([1.1], close[:-1]))
    high = np.round(np.maximum(opened, close) + np.abs(rng.normal(0, 0.0004, n)), 5)
    low = np.round(np.minimum(opened, close) - np.abs(rng.normal(0, 0.0004, n)), 5)
    return Bars.from_prices(MONDAY + HOUR * np.arange(n), opened, high, low, close)


BARS = market()
PLAIN = BacktestInput(
    bars=BARS,
    spec=EURUSD,
    strategy="MA_CROSSOVER",
    params={"fast_period": 5, "slow_period": 20},
    sl=StopDistance(StopUnit.ATR, 2.0),
    tp=StopDistance(StopUnit.ATR, 3.0),
    costs=Costs(spread_points=10, commission_per_lot=3.5),
)


def changed(**changes: Any) -> BacktestInput:
    return dataclasses.replace(PLAIN, **changes)


def test_a_run_has_everything() -> None:
    result = run(PLAIN)
    assert len(result.trades) > 50
    assert (
        len(result.times) == len(result.balance) == len(result.equity) == len(result.equity_low) == len(BARS)
    )
    assert result.balance[-1] == pytest.approx(10_000 + result.report["net_profit"])
    assert [mark.name for mark in result.trust] == ["trades", "span", "data", "ambiguous", "costs"]
    assert len(result.assumptions) >= 10
    assert all("{" not in each.text for each in result.assumptions)
    assert all("{" not in mark.message.text for mark in result.trust)
    text = summary_of(PLAIN, result)
    assert "MA_CROSSOVER on EURUSD" in text
    assert "Assumptions:" in text


def test_equal_runs_have_equal_hashes_and_json() -> None:
    first, second = run(PLAIN), run(dataclasses.replace(PLAIN, bars=market()))
    assert first.hash == second.hash
    assert json.dumps(first.to_json(curves=True)) == json.dumps(second.to_json(curves=True))


def test_the_json_is_plain_and_complete() -> None:
    result = run(PLAIN)
    value = json.loads(json.dumps(result.to_json(), allow_nan=False))
    assert set(value) == {"trades", "refused", "band", "report", "passport", "assumptions", "trust", "hash"}
    assert set(value["refused"]) == {"no atr", "invalid stops", "invalid volume", "no money"}
    assert list(value["trades"][0]) == [
        "ticket", "side", "volume", "open_time", "open_price", "sl", "tp", "close_time", "close_price", "reason",
        "profit", "swap", "commission", "net", "bars_held", "mfe", "mae", "ambiguous",
    ]  # fmt: skip
    assert result.to_json(curves=True)["curves"]["equity"] == result.equity.tolist()


@pytest.mark.parametrize(
    "change",
    [
        {"params": {"fast_period": 6, "slow_period": 20}},
        {"costs": Costs(spread_points=11, commission_per_lot=3.5)},
        {"spec": dataclasses.replace(EURUSD, swap_long=-1.0)},
        {"reverse": False},
        {"sizing": Sizing(lots=0.2)},
        {"bars": market(seed=2)},
        {"account": Account(balance=9_999.0)},
        {"start": MONDAY + DAY},
        {"strategy": "TURTLE_BREAKOUT", "params": {}},
        {"atr_period": 10},
        {"rate": 0.9},
    ],
)
def test_the_passport_knows_what_changed(change: dict[str, Any]) -> None:
    assert run(changed(**change)).passport["hash"] != run(PLAIN).passport["hash"]


def test_one_altered_bar_changes_the_hash_of_the_bars() -> None:
    close = BARS.close.copy()
    close[1_234] += 1e-5
    other = Bars.from_prices(BARS.time, BARS.open, BARS.high, BARS.low, close)
    assert run(changed(bars=other)).passport["bars_hash"] != run(PLAIN).passport["bars_hash"]


def test_progress_comes_often_and_its_tails_join_to_the_equity() -> None:
    seen: list[tuple[float, int]] = []
    tails: list[np.ndarray] = []

    def progress(share: float, done: int, tail: np.ndarray) -> None:
        seen.append((share, done))
        tails.append(tail)

    result = run(PLAIN, progress=progress)
    assert len(seen) >= 20
    assert seen == sorted(seen)
    assert seen[-1] == (1.0, len(BARS))
    np.testing.assert_array_equal(np.concatenate(tails), result.equity)


def test_cancel_stops_between_two_pieces() -> None:
    asked = 0

    def cancelled() -> bool:
        nonlocal asked
        asked += 1
        return asked > 5

    with pytest.raises(Cancelled, match="cancelled after"):
        run(PLAIN, cancelled=cancelled)
    assert asked == 6


def test_dates_take_the_first_in_and_leave_the_last_out() -> None:
    start, end = MONDAY + 10 * DAY, MONDAY + 30 * DAY
    result = run(changed(start=start, end=end))
    assert (result.times[0], result.times[-1]) == (start, end - HOUR)
    assert all(start < trade.open_time and trade.close_time < end for trade in result.trades)


def test_dates_between_two_bars_round_inwards() -> None:
    result = run(changed(start=MONDAY + 1, end=MONDAY + 5 * HOUR + 1))
    assert (result.times[0], result.times[-1]) == (MONDAY + HOUR, MONDAY + 5 * HOUR)


def test_earlier_bars_feed_the_indicators_only() -> None:
    """From the first bar inside on, signals are those of the whole history, but the bar before gives none."""
    whole = run(changed(sl=StopDistance(), tp=StopDistance(), sizing=Sizing(lots=0.1)))
    entry = whole.trades[10]
    later = run(changed(sl=StopDistance(), tp=StopDistance(), start=entry.open_time))
    # the signal bar lies before the range: its entry is not taken, the next crossing is
    assert later.trades[0].open_time == whole.trades[11].open_time
    at_signal = run(changed(sl=StopDistance(), tp=StopDistance(), start=entry.open_time - HOUR))
    assert at_signal.trades[0].open_time == entry.open_time


def test_later_bars_do_not_exist() -> None:
    end = MONDAY + 60 * DAY
    cut = run(changed(bars=BARS[: int(np.searchsorted(BARS.time, end))]))
    assert run(changed(end=end)).trades == cut.trades


def test_atr_of_the_history_before_the_range_counts() -> None:
    start = MONDAY + 30 * DAY
    late = run(changed(start=start, atr_period=200))
    assert late.refused["no atr"] == 0
    assert (
        run(changed(bars=BARS[int(np.searchsorted(BARS.time, start)) :], atr_period=200)).refused["no atr"]
        > 0
    )


def test_prices_are_rounded_to_the_digits_when_read() -> None:
    noise = np.random.default_rng(5).uniform(-4e-6, 4e-6, len(BARS))
    noisy = Bars.from_prices(
        BARS.time, *(each + noise for each in (BARS.open, BARS.high, BARS.low, BARS.close))
    )
    assert run(changed(bars=noisy)).trades == run(PLAIN).trades
    # what the strategy and the ATR read is rounded too, not only what fills
    np.testing.assert_array_equal(tape_of(changed(bars=noisy)).columns.atr, tape_of(PLAIN).columns.atr)


@pytest.mark.parametrize("n", [1, 2, 3])
def test_hardly_any_bars_are_enough_to_run(n: int) -> None:
    result = run(changed(bars=BARS[:n]))
    assert not result.trades
    assert result.equity.tolist() == [10_000.0] * n


def test_params_take_their_defaults() -> None:
    assert run(changed(params={})).passport["params"] == {"fast_period": 20, "slow_period": 50}


JPY_ON_EUR: dict[str, Any] = {"spec": GBPJPY, "account": Account("EUR"), "bars": market()}


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"sizing": Sizing(risk_percent=1.0), "sl": StopDistance()}, "sizing by risk needs a stop-loss"),
        ({"sizing": Sizing(risk_percent=1.0), "sl": StopDistance(StopUnit.PIPS, 0)}, "needs a stop-loss"),
        ({"sizing": Sizing(lots=0.0)}, "the lots must be more than 0"),
        ({"sizing": Sizing(lots=math.nan)}, "the lots must be more than 0"),
        ({"sizing": Sizing(risk_percent=-1.0)}, "the risk must be more than 0"),
        ({"account": Account(balance=0.0)}, "the balance must be more than 0"),
        ({"account": Account(leverage=math.inf)}, "the leverage"),
        ({"account": Account(stop_out=-1.0)}, "the stop-out level must be 0 or more"),
        ({"costs": Costs(spread_points=-1)}, "the spread must be a whole number"),
        ({"costs": Costs(slippage_points=-1)}, "the slippage must be a whole number"),
        ({"costs": Costs(commission_per_lot=-0.1)}, "the commission must be 0 or more"),
        ({"sl": StopDistance(StopUnit.PIPS, -5)}, "the stop-loss must be 0 or more"),
        ({"tp": StopDistance(StopUnit.ATR, math.nan)}, "the take-profit must be 0 or more"),
        ({"atr_period": 0}, "the ATR period"),
        ({"bars": Bars.empty()}, "no bar in the chosen range"),
        ({"start": MONDAY + 900 * DAY}, "no bar in the chosen range"),
        ({"start": MONDAY + DAY, "end": MONDAY}, "no bar in the chosen range"),
        ({"bars": Bars.from_prices([5, 5], [1, 1], [1, 1], [1, 1], [1, 1])}, "not in ascending order"),
        ({"bars": Bars.from_prices([5, 6], [1, 0], [1, 1], [1, 1], [1, 1])}, "bar 2 holds a price"),
        ({"bars": Bars.from_prices([5, 6], [1, 1], [1, math.nan], [1, 1], [1, 1])}, "bar 2 holds a price"),
        ({"strategy": "MA_CROSOVER"}, "did you mean 'MA_CROSSOVER'"),
        ({"params": {"fast_perid": 3}}, "did you mean 'fast_period'"),
        ({"params": {"fast_period": 0}}, "at least 1"),
        ({"spec": dataclasses.replace(EURUSD, point=1e-4)}, "does not fit 5 digits"),
        (JPY_ON_EUR, "Give a rate"),
        ({**JPY_ON_EUR, "rate": 0.0}, "must be more than 0"),
        ({**JPY_ON_EUR, "rate": math.inf}, "must be more than 0"),
        ({**JPY_ON_EUR, "rate": RateSeries(Bars.empty())}, "begin too late"),
    ],
)
def test_wrong_input_is_refused_with_a_sentence(change: dict[str, Any], sentence: str) -> None:
    with pytest.raises(UserMistake) as caught:
        run(changed(**change))
    assert sentence in caught.value.sentence
    assert "{" not in caught.value.sentence


def test_trust_marks_turn_red() -> None:
    poor = run(changed(bars=BARS[:200], costs=Costs(spread_points=0)))
    good = {mark.name: mark.good for mark in poor.trust}
    assert good == {"trades": False, "span": False, "data": True, "ambiguous": True, "costs": False}


def test_data_with_holes_and_odd_bars_turns_red() -> None:
    kept = np.arange(len(BARS)) % 10 != 3
    holes = Bars.from_prices(
        *(each[kept] for each in (BARS.time, BARS.open, BARS.high, BARS.low, BARS.close))
    )
    assert not {mark.name: mark for mark in run(changed(bars=holes)).trust}["data"].good
    close = BARS.close.copy()
    close[7] = BARS.high[7] + 0.001
    odd = Bars.from_prices(BARS.time, BARS.open, BARS.high, BARS.low, close)
    assert not {mark.name: mark for mark in run(changed(bars=odd)).trust}["data"].good
