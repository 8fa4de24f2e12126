"""The open of a bar: what a gap does to a position, and in which order. EURUSD, 0.1 lot: a point is 0.10 USD."""

from __future__ import annotations

from .stage import EURUSD, flat, only, play, points

# enters at the open of bar 1 at 1.10000 (spread 0), SL 1.09900, TP 1.10200
STOPS = {"sl": points(100), "tp": points(200)}


def test_long_gap_below_the_stop_fills_at_the_open() -> None:
    trade = only(play([flat(), flat(), (109_850, 109_900, 109_800, 109_880)], {0: 1}, **STOPS))
    assert (trade.reason, trade.close_price, trade.profit) == ("sl", 1.0985, -15.0)
    assert not trade.ambiguous


def test_an_open_exactly_at_the_stop_is_met_before_the_signal_and_the_bar() -> None:
    rows = [flat(), flat(), (109_900, 109_950, 109_890, 109_950), flat(109_950)]
    walk = play(rows, {0: 1}, exits={1: "long"}, **STOPS)
    assert (only(walk).reason, only(walk).close_price, walk.bars_in_market) == ("sl", 1.099, 1)
    walk = play(rows, {0: 1}, exits={1: "long"}, sl=points(101))
    assert only(walk).reason == "signal"


def test_an_open_exactly_at_the_target_is_met_before_the_signal_and_the_bar() -> None:
    rows = [flat(), flat(), (110_200, 110_250, 109_950, 110_100), flat(110_100)]
    walk = play(rows, {0: 1}, exits={1: "long"}, **STOPS)
    assert (only(walk).reason, only(walk).close_price, walk.bars_in_market) == ("tp", 1.102, 1)
    assert only(play(rows, {0: 1}, exits={1: "long"}, tp=points(201))).reason == "signal"


def test_an_open_exactly_at_the_stop_out_price_is_met_before_the_signal() -> None:
    rows = [flat(), flat(), (109_350, 109_360, 109_300, 109_350), flat(109_350)]
    options = {"lots": 1.0, "balance": 1_200.0, "stop_out": 50.0, "exits": {1: "long"}}
    assert only(play(rows, {0: 1}, **options)).reason == "stop out"  # type: ignore[arg-type]
    rows[2] = (109_351, 109_360, 109_300, 109_350)
    assert only(play(rows, {0: 1}, **options)).reason == "signal"  # type: ignore[arg-type]


def test_a_gap_is_measured_from_the_stop_of_the_slipped_fill() -> None:
    trade = only(play([flat(), flat(), (109_900, 109_950, 109_900, 109_950)], {0: 1}, slippage=3, **STOPS))
    # fill 1.10003 with slippage, so SL 1.09903: the open is beyond it and fills 3 points worse
    assert (trade.open_price, trade.sl, trade.close_price) == (1.10003, 1.09903, 1.09897)
    assert trade.profit == -10.6


def test_long_gap_above_the_target_fills_at_the_target() -> None:
    trade = only(play([flat(), flat(), (110_450, 110_500, 110_400, 110_480)], {0: 1}, slippage=3, **STOPS))
    assert (trade.reason, trade.close_price, trade.profit) == ("tp", 1.10203, 20.0)


def test_short_gap_above_the_stop_fills_at_the_ask_of_the_open() -> None:
    # sell at 1.10000, SL 1.10100; bar 2 opens at bid 1.10150, ask 1.10170
    trade = only(
        play([flat(), flat(), (110_150, 110_200, 110_100, 110_150)], {0: -1}, spread=20, slippage=2, **STOPS)
    )
    # fill 1.09998, SL 1.10098, closed at ask 1.10170 + 0.00002
    assert (trade.reason, trade.close_price, trade.profit) == ("sl", 1.10172, -17.4)


def test_short_stop_is_met_by_the_ask_not_the_bid() -> None:
    # bid 1.10085 is below the SL 1.10100, ask 1.10105 is not
    trade = only(play([flat(), flat(), (110_085, 110_086, 110_084, 110_085)], {0: -1}, spread=20, **STOPS))
    assert (trade.reason, trade.close_price) == ("sl", 1.10105)


def test_short_gap_below_the_target_fills_at_the_target() -> None:
    # TP 1.09800; open 1.09700, ask 1.09720
    trade = only(play([flat(), flat(), (109_700, 109_750, 109_650, 109_700)], {0: -1}, spread=20, **STOPS))
    assert (trade.reason, trade.close_price, trade.profit) == ("tp", 1.098, 20.0)


def test_short_target_waits_for_the_ask() -> None:
    # open 1.09790 but ask 1.09810 is still above the TP 1.09800, and stays there
    walk = play([flat(), flat(), (109_790, 109_800, 109_781, 109_790)], {0: -1}, spread=20, **STOPS)
    assert only(walk).reason == "end of data"


def test_the_gap_comes_before_the_signal() -> None:
    """A stop met at the open closes as `sl`, and the opposite signal still opens its own position there."""
    rows = [flat(), flat(), (109_850, 109_900, 109_800, 109_880), flat(109_880)]
    first, second = play(rows, {0: 1, 1: -1}, **STOPS).trades
    assert (first.reason, first.close_price) == ("sl", 1.0985)
    assert (second.side, second.open_price, second.open_time) == ("sell", 1.0985, first.close_time)


def test_a_position_closed_by_the_gap_does_not_block_the_same_side() -> None:
    rows = [flat(), flat(), (109_850, 109_900, 109_850, 109_880), flat(109_880)]
    first, second = play(rows, {0: 1, 1: 1}, **STOPS).trades
    assert (first.reason, second.side, second.open_price) == ("sl", "buy", 1.0985)


def test_gap_through_the_stop_out_price_fills_at_the_open() -> None:
    # 1 lot on 1:100: margin 1 100, level 50 % = 550; 1 200 - 550 = 650 to lose = 650 points
    rows = [flat(), flat(), (109_200, 109_300, 109_100, 109_200)]
    trade = only(play(rows, {0: 1}, lots=1.0, balance=1_200.0, stop_out=50.0, slippage=0))
    assert (trade.reason, trade.close_price, trade.profit) == ("stop out", 1.092, -800.0)


def test_gap_through_stop_loss_and_stop_out_counts_as_the_stop_loss() -> None:
    rows = [flat(), flat(), (109_200, 109_300, 109_100, 109_200)]
    trade = only(play(rows, {0: 1}, lots=1.0, balance=1_200.0, stop_out=50.0, sl=points(700)))
    assert (trade.reason, trade.close_price) == ("sl", 1.092)


def test_the_entry_bar_has_no_gap() -> None:
    """The position opens at the open: nothing is jumped over there."""
    trade = only(play([flat(), (110_500, 110_510, 110_490, 110_500), flat(110_500)], {0: 1}, **STOPS))
    assert (trade.open_price, trade.reason) == (1.105, "end of data")
    assert EURUSD.stops_level == 0
