"""Balance, equity, lowest equity, excursions, exposure and margin level. EURUSD, 1 lot: a point is 1 USD."""

from __future__ import annotations

import numpy as np
import pytest

from qbx_desktop.backtest.input import RateSeries
from qbx_desktop.domain.bars import Bars

from .stage import GBPJPY, HOUR, MONDAY, flat, marks, only, play, points

ONE = {"lots": 1.0}


def test_marks_of_a_buy_by_hand() -> None:
    """Commission 5 a side; bought at 1.10010; low 1.09950, close 1.10030, then out at 1.10040."""
    rows = [flat(), (110_000, 110_050, 109_950, 110_030), flat(110_040), flat(110_040)]
    walk = play(rows, {0: 1}, exits={1: "long"}, spread=10, commission=5.0, **ONE)
    assert marks(walk) == [
        (10_000.0, 10_000.0, 10_000.0),
        (9_995.0, 10_015.0, 9_935.0),  # +20 at the close, -60 at the low
        (10_020.0, 10_020.0, 10_020.0),  # +30 - 5
        (10_020.0, 10_020.0, 10_020.0),
    ]


def test_marks_of_a_sell_are_at_the_ask() -> None:
    rows = [flat(), (110_000, 110_050, 109_950, 110_030), flat(110_030)]
    walk = play(rows, {0: -1}, spread=10, **ONE)
    # sold at 1.10000; ask of the close 1.10040, ask of the high 1.10060
    assert marks(walk)[1] == (10_000.0, 9_960.0, 9_940.0)


def test_each_bar_has_its_own_spread_when_asked() -> None:
    rows = [flat()] * 4
    walk = play(rows, {0: -1}, spread=10, spread_from_bars=True, spreads=[7, 7, 0, 25], **ONE)
    # 0 means unknown: the constant counts
    assert [equity for _, equity, _ in marks(walk)] == [10_000.0, 9_993.0, 9_990.0, 9_975.0]
    assert only(walk).close_price == 1.10025


def test_lowest_equity_of_a_bar_left_by_its_target_knows_the_worst_price() -> None:
    rows = [flat(), (110_000, 110_250, 109_950, 110_240), flat(110_240)]
    walk = play(rows, {0: 1}, tp=points(200), sl=points(100), **ONE)
    assert marks(walk)[1] == (10_200.0, 10_200.0, 9_950.0)
    trade = only(walk)
    assert (trade.mfe, trade.mae) == (200.0, -50.0)


def test_lowest_equity_of_a_bar_left_by_its_stop_is_the_balance_after_it() -> None:
    rows = [flat(), (110_000, 110_150, 109_800, 110_100), flat(110_100)]
    walk = play(rows, {0: 1}, sl=points(100), **ONE)
    assert marks(walk)[1] == (9_900.0, 9_900.0, 9_900.0)
    trade = only(walk)
    # neither the high nor the low of that bar is known to have been lived through
    assert (trade.mfe, trade.mae) == (0.0, -100.0)


def test_lowest_equity_knows_the_balance_between_two_positions() -> None:
    """The long loses 300 at the reverse; the short has won 350 by the close."""
    rows = [flat(), flat(), (109_700, 109_700, 109_350, 109_350), flat(109_350)]
    walk = play(rows, {0: 1, 1: -1}, **ONE)
    assert marks(walk)[2] == (9_700.0, 10_050.0, 9_700.0)


def test_lowest_equity_is_never_above_equity_or_any_balance_of_the_bar() -> None:
    rows = [flat(), flat(), (110_300, 110_300, 110_300, 110_300), flat(110_300)]
    walk = play(rows, {0: 1, 1: -1}, commission=10.0, **ONE)
    # +300 - 10, then -10 for the new entry: the equity is the lowest
    assert marks(walk)[2] == (10_270.0, 10_270.0, 10_270.0)


def test_excursions_over_every_bar_lived_through_and_the_exit() -> None:
    rows = [
        flat(),
        (110_000, 110_040, 109_970, 110_000),
        (110_000, 110_120, 109_990, 110_100),
        (109_880, 110_500, 109_500, 110_000),  # left at the open: its extremes do not count
        flat(),
    ]
    trade = only(play(rows, {0: 1}, exits={2: "long"}, **ONE))
    assert (trade.profit, trade.mfe, trade.mae) == (-120.0, 120.0, -120.0)
    trade = only(play(rows[:3], {0: 1}, **ONE))
    assert (trade.profit, trade.mfe, trade.mae) == (100.0, 120.0, -30.0)


def test_excursions_leave_swap_and_commission_out_and_begin_at_zero() -> None:
    trade = only(play([flat()] * 3, {0: 1}, commission=10.0, spread=5, **ONE))
    assert (trade.mfe, trade.mae) == (0.0, -5.0)
    trade = only(play([flat(), (110_000, 110_020, 110_000, 110_010), flat(110_010)], {0: 1}, **ONE))
    assert (trade.mfe, trade.mae) == (20.0, 0.0)


def test_the_best_money_need_not_be_at_the_best_price_when_the_rate_moves() -> None:
    """+150 yen points at 1 / 200 first, then +100 at 1 / 100: the lower price was worth more."""
    times = [MONDAY + HOUR * k for k in range(5)]
    closes = np.array([200.0, 200.0, 100.0, 100.0, 100.0])
    rate = RateSeries(Bars.from_prices(np.array(times), closes, closes, closes, closes), inverted=True)
    rows = [flat(190_000), flat(190_000), (190_000, 190_150, 190_000, 190_000), (190_000, 190_100, 190_000, 190_000),
            flat(190_000)]  # fmt: skip
    trade = only(play(rows, {0: 1}, spec=GBPJPY, currency="EUR", rate=rate, lots=1.0, balance=1e6))
    assert (trade.mfe, trade.profit) == (100.0, 0.0)


def test_the_mark_of_the_last_bar_comes_after_its_close() -> None:
    rows = [flat(), (110_000, 110_050, 109_900, 110_040)]
    walk = play(rows, {0: 1}, **ONE)
    assert marks(walk)[1] == (10_040.0, 10_040.0, 9_900.0)


def test_bars_in_market_are_those_that_pass_the_inside_of_the_bar() -> None:
    rows = [flat()] * 6
    assert play(rows, {1: 1}, exits={3: "long"}).bars_in_market == 2  # bars 2 and 3; left at the open of 4
    assert play([flat(), (110_000, 110_000, 109_000, 109_500)], {0: 1}, sl=points(50)).bars_in_market == 1


def test_margin_level_at_the_worst_price_of_each_bar() -> None:
    """Margin 1 100; equity at the low 10 000 - 350 = 9 650."""
    rows = [flat(), (110_000, 110_010, 109_650, 110_000), flat()]
    assert play(rows, {0: 1}, **ONE).margin_level == pytest.approx(9_650 / 1_100 * 100)


def test_margin_level_at_the_exit_where_the_stop_ended_the_bar() -> None:
    rows = [flat(), (110_000, 110_010, 109_000, 110_000), flat()]
    walk = play(rows, {0: 1}, sl=points(100), slippage=0, commission=7.0, **ONE)
    # commission of the entry is paid, that of the exit is not yet part of the equity
    assert walk.margin_level == pytest.approx((10_000 - 7 - 100) / 1_100 * 100)


def test_no_position_no_margin_level() -> None:
    assert play([flat()] * 3, {}).margin_level is None
    assert play([flat()] * 3, {0: 1}, margin_rate=0.0).margin_level is None
