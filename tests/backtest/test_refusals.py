"""Stops, sizes and margin at the entry: what is refused, under which name, and what is cut."""

from __future__ import annotations

import pytest

from qbx_desktop.domain.sizing import StopDistance, StopUnit

from .stage import EURUSD, USDJPY, XAUUSD, flat, only, play, points, price

QUIET = [flat() for _ in range(6)]
RESTLESS = [(110_000, 110_050, 109_950, 110_000) for _ in range(8)]


def refused(walk: object) -> dict[str, int]:
    return {reason: count for reason, count in walk.refused.items() if count}  # type: ignore[attr-defined]


def test_stops_are_measured_from_the_fill_and_rounded_to_the_tick() -> None:
    trade = only(play(QUIET, {0: 1}, spread=12, slippage=1, sl=price(0.00123), tp=price(0.00456)))
    assert (trade.open_price, trade.sl, trade.tp) == (1.10013, 1.0989, 1.10469)
    trade = only(play(QUIET, {0: 1}, sl=price(0.00123), tp=price(0.00454), tick_size=5e-5))
    # 1.09877 is 21975.4 ticks -> 1.09875; 1.10454 is 22090.8 ticks -> 1.10455
    assert (trade.sl, trade.tp) == (1.09875, 1.10455)


def test_a_stop_between_two_ticks_goes_away_from_zero() -> None:
    trade = only(play(QUIET, {0: 1}, sl=points(95), tp=points(95), tick_size=1e-4))
    assert (trade.sl, trade.tp) == (1.0991, 1.101)  # 1.09905 and 1.10095 lie in the middle


def test_pips_of_a_five_digit_pair_are_ten_points_and_of_gold_one() -> None:
    pips = StopDistance(StopUnit.PIPS, 25)
    assert only(play(QUIET, {0: -1}, sl=pips)).sl == 1.1025
    assert only(play(QUIET, {0: -1}, sl=pips, spec=USDJPY)).sl == 110.25
    gold = only(play([flat(240_000)] * 4, {0: -1}, sl=pips, spec=XAUUSD))
    assert gold.sl == 2400.25
    assert only(play(QUIET, {0: -1}, sl=pips, pip=0.001)).sl == 1.125


def test_no_atr_before_its_first_value() -> None:
    atr = StopDistance(StopUnit.ATR, 2)
    # ATR(3) exists from bar 3 on
    walk = play(RESTLESS, {2: 1, 3: 1}, sl=atr, atr_period=3)
    assert refused(walk) == {"no atr": 1}
    # true range 100 points on each bar: SL 200 points away
    assert only(walk).sl == 1.098
    assert refused(play(RESTLESS, {2: 1}, tp=atr, atr_period=3)) == {"no atr": 1}


def test_atr_of_the_signal_bar_counts() -> None:
    rows = [*RESTLESS[:4], (110_000, 110_500, 109_500, 110_000), *RESTLESS[:3]]
    walk = play(rows, {3: 1}, sl=StopDistance(StopUnit.ATR, 1), atr_period=3)
    assert only(walk).sl == 1.099  # the wild bar is the entry's own, not the signal's


def test_a_distance_of_no_atr_at_all_is_an_invalid_stop() -> None:
    """Where nothing moved the ATR is 0, and a stop on the fill itself is none that a broker would take."""
    walk = play(QUIET, {3: 1}, sl=StopDistance(StopUnit.ATR, 2), atr_period=2)
    assert refused(walk) == {"invalid stops": 1}


@pytest.mark.parametrize(("distance", "ok"), [(9, False), (10, True), (11, True)])
def test_stops_level(distance: int, ok: bool) -> None:
    """Held against the price that would close: for a buy the open, not the fill. Spread 4, so SL 1.10004 - distance."""
    walk = play(QUIET, {0: 1}, spread=4, sl=points(distance + 4), stops_level=10)
    assert bool(walk.trades) is ok
    walk = play(QUIET, {0: -1}, spread=4, tp=points(distance - 4), stops_level=10)
    # sell at 1.10000, closed by the ask 1.10004: TP 1.10000 - distance + 4 is `distance` below the ask
    assert bool(walk.trades) is ok


def test_without_a_stops_level_one_point_is_needed() -> None:
    assert refused(play(QUIET, {0: 1}, spread=12, sl=points(12))) == {"invalid stops": 1}
    assert only(play(QUIET, {0: 1}, spread=12, sl=points(13))).sl == 1.09999
    # a target inside the spread is one the price has reached already
    assert refused(play(QUIET, {0: -1}, spread=12, tp=points(0.4))) == {}
    assert refused(play(QUIET, {0: -1}, spread=0, tp=points(0.4))) == {"invalid stops": 1}


def test_fixed_lots_are_cut_to_the_step_refused_below_the_minimum_and_capped() -> None:
    assert only(play(QUIET, {0: 1}, lots=0.379)).volume == 0.37
    assert only(play(QUIET, {0: 1}, lots=0.3)).volume == 0.3
    assert refused(play(QUIET, {0: 1}, lots=0.0099)) == {"invalid volume": 1}
    assert only(play(QUIET, {0: 1}, lots=3.0, volume_max=0.25)).volume == 0.25


def test_risk_sizing_by_hand() -> None:
    """1 % of 10 000 = 100; one lot loses 150 points = 150; 0.666… lots, cut to 0.66."""
    trade = only(play(QUIET, {0: 1}, risk=1.0, sl=points(150)))
    assert trade.volume == 0.66


def test_risk_sizing_counts_spread_through_the_fill_and_commission_of_both_sides() -> None:
    """Fill 1.10012, SL 150 below it: 150 + 2 · 3.50 = 157 a lot; 100 / 157 = 0.636… -> 0.63."""
    trade = only(play(QUIET, {0: 1}, risk=1.0, sl=points(150), spread=12, commission=3.5))
    assert trade.volume == 0.63


def test_risk_sizing_leaves_slippage_of_the_stop_out() -> None:
    assert only(play(QUIET, {0: 1}, risk=1.0, sl=points(100), slippage=30)).volume == 1.0


def test_risk_sizing_of_an_own_price_conversion_is_at_the_stop() -> None:
    """USDJPY: 100 000 · 0.5 / 109.5 = 456.62 a lot at the SL; 1 000 / 456.62 = 2.19."""
    trade = only(play(QUIET, {0: 1}, spec=USDJPY, risk=10.0, sl=price(0.5)))
    assert trade.volume == 2.19


def test_risk_sizing_never_rounds_up() -> None:
    """100 a lot, 0.9 to lose: 0.009 lots are refused, not made 0.01."""
    assert refused(play(QUIET, {0: 1}, risk=0.9, sl=points(100), balance=100.0)) == {"invalid volume": 1}


def test_risk_sizing_uses_the_balance_of_the_moment() -> None:
    rows = [flat(), flat(), (110_000, 110_000, 109_900, 109_900), flat(109_900), flat(109_900)]
    first, second = play(rows, {0: 1, 2: 1}, risk=10.0, sl=points(100), leverage=500.0).trades
    assert (first.volume, first.net, second.volume) == (10.0, -1_000.0, 9.0)


@pytest.mark.parametrize(("balance", "ok"), [(1_100.0, True), (1_099.99, False)])
def test_margin_must_not_exceed_the_free_margin(balance: float, ok: bool) -> None:
    """1 lot at 1.10000 on 1:100 takes 1 100.00."""
    walk = play(QUIET, {0: 1}, lots=1.0, balance=balance)
    assert refused(walk) == ({} if ok else {"no money": 1})


def test_free_margin_is_the_balance_before_the_commission() -> None:
    walk = play(QUIET, {0: 1}, lots=1.0, balance=1_100.0, commission=50.0)
    assert only(walk).commission == -100.0


def test_margin_is_worked_out_at_the_fill() -> None:
    assert refused(play(QUIET, {0: 1}, lots=1.0, balance=1_100.0, spread=1)) == {"no money": 1}
    assert refused(play(QUIET, {0: -1}, lots=1.0, balance=1_100.0, spread=1)) == {}


def test_a_lost_balance_refuses_every_entry() -> None:
    rows = [flat(), flat(), flat(10_000), flat(10_000), flat(10_000)]
    walk = play(rows, {0: 1, 2: 1, 3: -1}, lots=1.0, balance=1_100.0, sl=points(100))
    assert walk.balance == -98_900.0
    assert refused(walk) == {"no money": 2}


def test_refusals_are_tested_in_their_order() -> None:
    atr = StopDistance(StopUnit.ATR, 2)
    poor = {"balance": 1.0, "lots": 0.001}
    assert refused(play(RESTLESS, {0: 1}, sl=atr, atr_period=3, stops_level=5_000, **poor)) == {"no atr": 1}
    assert refused(play(RESTLESS, {4: 1}, sl=atr, atr_period=3, stops_level=5_000, **poor)) == {
        "invalid stops": 1
    }
    assert refused(play(RESTLESS, {4: 1}, sl=atr, atr_period=3, **poor)) == {"invalid volume": 1}
    assert refused(play(RESTLESS, {4: 1}, sl=atr, atr_period=3, balance=1.0, lots=0.1)) == {"no money": 1}
    assert EURUSD.volume_min == 0.01


def test_a_refused_entry_is_not_tried_again() -> None:
    walk = play(RESTLESS, {1: 1}, sl=StopDistance(StopUnit.ATR, 2), atr_period=3)
    assert not walk.trades
    assert refused(walk) == {"no atr": 1}
