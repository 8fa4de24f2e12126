"""What a signal does at the next open: exits, reverses, entries, and what it leaves alone."""

from __future__ import annotations

import pytest

from .stage import HOUR, MONDAY, flat, only, play, points

RISING = [flat(110_000 + 10 * k) for k in range(8)]


def test_a_signal_acts_at_the_next_open_buy_at_the_ask_sell_at_the_bid() -> None:
    buy = only(play(RISING, {2: 1}, spread=12, slippage=3))
    assert (buy.open_time, buy.open_price) == (MONDAY + 3 * HOUR, 1.10045)  # 1.10030 + 12 + 3
    sell = only(play(RISING, {2: -1}, spread=12, slippage=3))
    assert sell.open_price == 1.10027


def test_a_signal_on_the_last_bar_does_nothing() -> None:
    walk = play(RISING, {7: 1})
    assert not walk.trades
    assert sum(walk.refused.values()) == 0


def test_entry_on_the_last_bar_but_one_lives_in_the_last() -> None:
    trade = only(play(RISING, {6: 1}))
    assert (trade.bars_held, trade.reason) == (0, "end of data")


def test_the_opposite_signal_closes_and_reverses_at_the_same_open() -> None:
    first, second = play(RISING, {1: 1, 4: -1}, spread=12, slippage=3).trades
    # the long closes at bid minus slippage; the sell opens at the very same price
    assert (first.reason, first.close_price, second.open_price) == ("reverse", 1.10047, 1.10047)
    assert first.close_time == second.open_time == MONDAY + 5 * HOUR
    # a short closes at the ask plus slippage
    first, second = play(RISING, {1: -1, 4: 1}, spread=12, slippage=3).trades
    assert (first.close_price, second.open_price) == (1.10065, 1.10065)


def test_reverse_is_the_reason_even_when_the_new_entry_is_refused() -> None:
    """5 lots at 1.10020 take 5 501.00; after +150 and 400 of commission only 5 251.00 is left."""
    walk = play(RISING, {1: 1, 4: -1}, lots=5.0, balance=5_501.0, commission=40.0)
    assert [(each.side, each.reason) for each in walk.trades] == [("buy", "reverse")]
    assert walk.refused["no money"] == 1


def test_without_reverse_the_opposite_signal_is_ignored_and_not_a_refusal() -> None:
    walk = play(RISING, {1: 1, 4: -1}, reverse=False)
    assert only(walk).reason == "end of data"
    assert sum(walk.refused.values()) == 0


def test_an_exit_flag_closes_with_reason_signal() -> None:
    trade = only(play(RISING, {1: 1}, exits={4: "long"}, slippage=2))
    assert (trade.reason, trade.close_price, trade.close_time) == ("signal", 1.10048, MONDAY + 5 * HOUR)


def test_an_exit_flag_of_the_other_side_does_nothing() -> None:
    assert only(play(RISING, {1: 1}, exits={4: "short"})).reason == "end of data"
    assert only(play(RISING, {1: -1}, exits={4: "long"})).reason == "end of data"


def test_exit_flag_with_an_opposite_entry_is_a_reverse() -> None:
    first, second = play(RISING, {1: 1, 4: -1}, exits={4: "long"}).trades
    assert (first.reason, second.side) == ("reverse", "sell")


def test_exit_flag_with_an_opposite_entry_without_reverse_is_a_signal_and_enters() -> None:
    """The flag closes; flat then, the entry is not blocked on either side."""
    first, second = play(RISING, {1: 1, 4: -1}, exits={4: "long"}, reverse=False).trades
    assert (first.reason, second.side, second.open_time) == ("signal", "sell", first.close_time)


def test_exit_flag_with_a_same_side_entry_closes_and_enters_again() -> None:
    first, second = play(RISING, {1: 1, 4: 1}, exits={4: "long"}).trades
    assert (first.reason, second.side, second.open_time) == ("signal", "buy", first.close_time)


def test_same_side_signals_do_nothing_while_in_a_position() -> None:
    assert only(play(RISING, {1: 1, 2: 1, 5: 1})).open_time == MONDAY + 2 * HOUR


def test_end_of_data_closes_at_the_close_without_slippage() -> None:
    buy = only(play(RISING, {1: 1}, spread=12, slippage=3))
    assert (buy.reason, buy.close_price, buy.bars_held) == ("end of data", 1.1007, 5)
    sell = only(play(RISING, {1: -1}, spread=12, slippage=3))
    assert (sell.close_price, sell.close_time) == (1.10082, MONDAY + 7 * HOUR)


def test_the_last_bar_still_meets_its_stops_first() -> None:
    rows = [flat(), flat(), (110_000, 110_010, 109_850, 109_990)]
    assert only(play(rows, {0: 1}, sl=points(100))).reason == "sl"


def test_a_signal_of_the_bar_before_the_range_does_nothing() -> None:
    """The tape of a range begins without a past: its first bar acts on nothing."""
    walk = play(RISING, {})
    assert walk.tape.columns.act[0] == 0
    assert not walk.trades


@pytest.mark.parametrize("side", [1, -1])
def test_tickets_count_up_and_times_are_bar_opens(side: int) -> None:
    trades = play(RISING, {0: side, 1: -side, 2: side, 3: -side}).trades
    assert [trade.ticket for trade in trades] == [1, 2, 3, 4]
    assert [trade.open_time for trade in trades] == [MONDAY + HOUR * k for k in (1, 2, 3, 4)]
