"""Stops, targets and stop-outs between open and close. EURUSD, 0.1 lot: a point is 0.10 USD."""

from __future__ import annotations

import pytest

from .stage import flat, only, play, points

STOPS = {"sl": points(100), "tp": points(200)}


def test_stop_in_a_later_bar() -> None:
    trade = only(play([flat(), flat(), (110_000, 110_010, 109_899, 109_950)], {0: 1}, **STOPS))
    assert (trade.reason, trade.close_price, trade.profit, trade.bars_held) == ("sl", 1.099, -10.0, 1)


def test_stop_is_met_at_its_very_price() -> None:
    trade = only(play([flat(), flat(), (110_000, 110_010, 109_900, 109_950)], {0: 1}, **STOPS))
    assert trade.reason == "sl"
    walk = play([flat(), flat(), (110_000, 110_010, 109_901, 109_950)], {0: 1}, **STOPS)
    assert only(walk).reason == "end of data"


def test_stop_in_the_entry_bar() -> None:
    trade = only(play([flat(), (110_000, 110_010, 109_850, 109_900), flat(109_900)], {0: 1}, **STOPS))
    assert (trade.reason, trade.close_price, trade.bars_held) == ("sl", 1.099, 0)
    assert trade.open_time == trade.close_time


def test_target_in_the_entry_bar() -> None:
    trade = only(play([flat(), (110_000, 110_200, 109_950, 110_150), flat(110_150)], {0: 1}, **STOPS))
    assert (trade.reason, trade.close_price, trade.profit) == ("tp", 1.102, 20.0)


def test_slippage_worsens_the_stop_and_never_the_target() -> None:
    stop = only(play([flat(), (110_000, 110_010, 109_850, 109_900), flat()], {0: 1}, slippage=4, **STOPS))
    assert (stop.open_price, stop.sl, stop.close_price, stop.profit) == (1.10004, 1.09904, 1.099, -10.4)
    target = only(play([flat(), (110_000, 110_300, 109_990, 110_150), flat()], {0: 1}, slippage=4, **STOPS))
    assert (target.close_price, target.profit) == (1.10204, 20.0)
    short = only(play([flat(), (110_000, 110_150, 109_990, 110_000), flat()], {0: -1}, slippage=4, **STOPS))
    assert (short.open_price, short.sl, short.close_price, short.profit) == (1.09996, 1.10096, 1.101, -10.4)


def test_stop_and_target_in_one_bar_is_the_stop_and_marked() -> None:
    trade = only(play([flat(), flat(), (110_000, 110_250, 109_850, 110_100)], {0: 1}, **STOPS))
    assert (trade.reason, trade.close_price, trade.ambiguous) == ("sl", 1.099, True)
    short = only(play([flat(), flat(), (110_000, 110_150, 109_750, 109_900)], {0: -1}, **STOPS))
    assert (short.reason, short.close_price, short.ambiguous) == ("sl", 1.101, True)


def test_short_stop_and_target_are_met_by_the_ask() -> None:
    # sell at 1.10000, SL 1.10100, TP 1.09800, spread 20
    rows = [flat(), flat(), (110_000, 110_080, 109_781, 110_000)]
    trade = only(play(rows, {0: -1}, spread=20, **STOPS))
    assert (trade.reason, trade.close_price) == ("sl", 1.101)
    rows = [flat(), flat(), (110_000, 110_079, 109_781, 110_000)]
    assert only(play(rows, {0: -1}, spread=20, **STOPS)).reason == "end of data"
    rows = [flat(), flat(), (110_000, 110_079, 109_780, 110_000)]
    assert only(play(rows, {0: -1}, spread=20, **STOPS)).reason == "tp"


def test_no_entry_in_the_bar_of_an_exit_and_its_signal_acts_at_the_next_open() -> None:
    rows = [flat(), flat(), (110_000, 110_010, 109_850, 109_900), (109_900,) * 4, (109_900,) * 4]
    first, second = play(rows, {0: 1, 2: 1}, **STOPS).trades
    assert first.reason == "sl"
    assert second.open_time == first.close_time + 3_600


STOPPED_OUT = {"lots": 1.0, "balance": 1_200.0, "stop_out": 50.0}  # buy at 1.10000: stop-out price 1.09350


def test_stop_out_fills_at_its_price() -> None:
    trade = only(play([flat(), flat(), (110_000, 110_010, 109_340, 109_400)], {0: 1}, **STOPPED_OUT))
    assert (trade.reason, trade.close_price, trade.profit) == ("stop out", 1.0935, -650.0)


@pytest.mark.parametrize(("low", "stopped"), [(109_351, False), (109_350, True), (109_349, True)])
def test_stop_out_after_a_quiet_hold_is_met_at_its_very_price(low: int, stopped: bool) -> None:
    quiet = [flat()] * 40
    rows = [*quiet, (110_000, 110_010, low, 109_900), *quiet]
    trade = only(play(rows, {0: 1}, **STOPPED_OUT))
    assert trade.reason == ("stop out" if stopped else "end of data")
    turned = [*quiet, (110_000, 220_000 - low, 109_990, 110_100), *quiet]
    assert only(play(turned, {0: -1}, **STOPPED_OUT)).reason == trade.reason


def test_stop_out_fills_worse_by_the_slippage() -> None:
    # fill 1.10002, margin 1 100.02, half 550.01, 649.99 to lose: 1.09352.01, down to the tick: 1.09352
    trade = only(
        play([flat(), flat(), (110_000, 110_010, 109_340, 109_400)], {0: 1}, slippage=2, **STOPPED_OUT)
    )
    assert (trade.open_price, trade.close_price) == (1.10002, 1.0935)


@pytest.mark.parametrize(("distance", "reason"), [(649, "sl"), (650, "sl"), (651, "stop out")])
def test_stop_loss_or_stop_out_the_nearer_one(distance: int, reason: str) -> None:
    rows = [flat(), flat(), (110_000, 110_010, 109_300, 109_400)]
    trade = only(play(rows, {0: 1}, sl=points(distance), **STOPPED_OUT))
    assert trade.reason == reason
    assert trade.close_price == max(1.0935, round(1.1 - distance * 1e-5, 5))


@pytest.mark.parametrize(("distance", "reason"), [(649, "sl"), (650, "sl"), (651, "stop out")])
def test_the_same_for_a_sell(distance: int, reason: str) -> None:
    rows = [flat(), flat(), (110_000, 110_700, 109_990, 110_400)]
    trade = only(play(rows, {0: -1}, sl=points(distance), **STOPPED_OUT))
    assert trade.reason == reason
    assert trade.close_price == min(1.1065, round(1.1 + distance * 1e-5, 5))


def test_stop_out_and_target_in_one_bar_is_the_stop_out_and_marked() -> None:
    rows = [flat(), flat(), (110_000, 110_300, 109_300, 109_400)]
    trade = only(play(rows, {0: 1}, tp=points(200), **STOPPED_OUT))
    assert (trade.reason, trade.ambiguous) == ("stop out", True)


def test_stop_out_behind_the_open_is_met_at_the_open() -> None:
    """Level 100 % with the spread eating the equity: already at the entry's open there is too little."""
    # buy at ask 1.10050: margin 1 100.50, balance 1 100.50, so any loss is too much; stop-out price 1.10050
    rows = [flat(), (110_000, 110_020, 109_900, 110_000), flat()]
    trade = only(play(rows, {0: 1}, lots=1.0, balance=1_100.5, stop_out=100.0, spread=50, slippage=0))
    assert (trade.reason, trade.open_price, trade.close_price, trade.profit) == (
        "stop out",
        1.1005,
        1.1,
        -50.0,
    )


def test_stop_out_behind_the_open_is_nearer_than_any_stop_loss() -> None:
    rows = [flat(), (110_000, 110_020, 109_900, 110_000), flat()]
    trade = only(play(rows, {0: 1}, lots=1.0, balance=1_100.5, stop_out=100.0, spread=50, sl=points(60)))
    assert (trade.reason, trade.close_price) == ("stop out", 1.1)


def test_no_stop_out_without_a_level() -> None:
    rows = [flat(), flat(), (110_000, 110_010, 108_700, 108_800)]
    walk = play(rows, {0: 1}, lots=1.0, balance=1_200.0, stop_out=0.0)
    assert (only(walk).reason, walk.balance) == ("end of data", 0)
