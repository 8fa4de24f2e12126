"""What the predecessor's backtest got wrong, each with the true figure worked out beside it."""

from __future__ import annotations

import dataclasses

import pytest

from qbx_desktop.domain.errors import UserMistake
from qbx_desktop.domain.known_symbols import known_symbol

from .stage import EURUSD, HOUR, MONDAY, US30, USDJPY, XAUUSD, Row, flat, marks, only, play, points, price


def test_yen_are_not_dollars() -> None:
    """0.01 lot USDJPY, 11 pips lost: -0.110 * 1 000 = -110 JPY = -0.74 USD at 148.390; it booked -110.51 "USD"."""
    trade = only(play([flat(148_500), flat(148_500), flat(148_390)], {0: 1}, spec=USDJPY, lots=0.01))
    assert (trade.profit, trade.net) == (-0.74, -0.74)


def test_yen_are_not_dollars_in_the_size_either() -> None:
    """1 % of 10 000 USD over 0.366 yen of stop: 100 / (36 600 / 148.134) = 0.4047, so 0.40; it took 0.01."""
    trade = only(
        play(
            [flat(148_500), flat(148_500), flat(148_600)],
            {0: 1},
            spec=USDJPY,
            risk=1.0,
            lots=None,
            sl=price(0.366),
        )
    )
    assert trade.volume == 0.40


def test_a_gap_below_the_stop_fills_at_the_open() -> None:
    """0.1 lot at 1.10000, stop 50 pips below, the next bar opens 490 pips below: -490 USD, not -50."""
    rows = [flat(), flat(), (105_100, 105_200, 105_000, 105_100), flat(105_100)]
    trade = only(play(rows, {0: 1}, sl=points(500)))
    assert (trade.close_price, trade.reason, trade.profit) == (1.051, "sl", -490.0)


def test_a_floating_loss_is_a_drawdown() -> None:
    """0.1 lot, 95 pips under water and back: the equity fell to 9 905; it reported 0 %."""
    rows = [flat(), flat(), (110_000, 110_000, 109_050, 109_900), flat(110_100)]
    walk = play(rows, {0: 1})
    assert only(walk).profit == 10.0
    assert [low for _, _, low in marks(walk)] == [10_000.0, 10_000.0, 9_905.0, 10_010.0]
    assert [balance for balance, _, _ in marks(walk)][:3] == [10_000.0] * 3


def test_the_open_trade_at_the_end_is_listed() -> None:
    """+20 pips on 0.1 lot when the data end: 20 USD; it vanished."""
    trade = only(play([flat(), flat(), flat(110_200)], {0: 1}))
    assert (trade.reason, trade.net) == ("end of data", 20.0)


def test_the_spread_is_paid_once() -> None:
    """0.1 lot, 12 points of spread, price unmoved: -0.00012 * 10 000 = -1.20 USD; it took the spread twice."""
    assert only(play([flat(), flat(), flat()], {0: 1}, spread=12)).net == -1.20
    assert only(play([flat(), flat(), flat()], {0: -1}, spread=12)).net == -1.20


def test_a_target_fills_at_its_price() -> None:
    """TP 100 pips above a fill at 1.10012: 100.00 USD on 0.1 lot, whatever spread and slippage."""
    rows = [flat(), flat(), (110_000, 111_500, 110_000, 111_400), flat(111_400)]
    trade = only(play(rows, {0: 1}, spread=10, slippage=2, tp=points(1_000)))
    assert (trade.open_price, trade.close_price, trade.profit) == (1.10012, 1.11012, 100.0)


@pytest.mark.parametrize(
    ("name", "opened", "closed", "profit"),
    [
        # one dollar, 0.1 lot: 5 000 ounces of silver, 100 of gold, one bitcoin; it reckoned 100 000 of everything unknown
        ("XAGUSD", 30_000, 31_000, 500.0),
        ("XAUUSD", 240_000, 240_100, 10.0),
        ("BTCUSD", 6_500_000, 6_500_100, 0.10),
    ],
)
def test_every_symbol_has_its_own_contract(name: str, opened: int, closed: int, profit: float) -> None:
    spec = dataclasses.replace(known_symbol(name), swap_mode=0)
    trade = only(
        play([flat(opened), flat(opened), flat(closed)], {0: 1}, spec=spec, lots=0.1, balance=100_000.0)
    )
    assert trade.profit == profit


def test_of_an_unknown_symbol_nothing_is_guessed() -> None:
    with pytest.raises(UserMistake, match="Nothing is known of the symbol 'USOIL'"):
        known_symbol("USOIL")


def test_two_percent_on_an_index_are_two_percent() -> None:
    """2 % of 10 000 over a stop of 200.0 index points at 1 USD a point and lot: 1.0 lot; it took 0.01."""
    rows = [flat(380_000), flat(380_000), (380_000, 380_000, 377_000, 377_500), flat(377_500)]
    trade = only(play(rows, {0: 1}, spec=US30, lots=None, risk=2.0, sl=price(200.0)))
    assert (trade.volume, trade.profit, trade.reason) == (1.0, -200.0, "sl")


def test_gold_is_not_braked_a_hundredfold() -> None:
    """1 % of 10 000 over a stop of 9.94: 100 / 994 = 0.1006, so 0.10 lot; its brake reckoned 99 400 and refused."""
    rows = [flat(240_000), flat(240_000), flat(240_100)]
    trade = only(play(rows, {0: 1}, spec=XAUUSD, lots=None, risk=1.0, sl=price(9.94)))
    assert (trade.volume, trade.profit) == (0.10, 10.0)


def test_a_size_below_the_smallest_is_refused_not_rounded_up() -> None:
    """0.1 % of 500 USD over 100 pips: 0.0005 lot; it traded 0.01, twenty times the risk."""
    walk = play([flat(), flat(), flat()], {0: 1}, lots=None, risk=0.1, balance=500.0, sl=points(1_000))
    assert not walk.trades
    assert walk.refused["invalid volume"] == 1


def test_a_signal_acts_at_the_next_open() -> None:
    """The signal's bar closes at 1.10500, the next opens at 1.10700: that is the price; it took the close."""
    rows: list[Row] = [(110_000, 110_500, 110_000, 110_500), flat(110_700), flat(110_800)]
    trade = only(play(rows, {0: 1}))
    assert (trade.open_time, trade.open_price, trade.net) == (MONDAY + HOUR, 1.107, 10.0)


def test_an_opposite_signal_turns_the_position() -> None:
    """Long from 1.10000, the sell signal acts at 1.09700: -30 USD at 0.1 lot, then short to 1.09500: +20."""
    rows = [flat(), flat(), flat(109_700), flat(109_500)]
    first, second = play(rows, {0: 1, 1: -1}).trades
    assert (first.reason, first.profit) == ("reverse", -30.0)
    assert (second.side, second.profit) == ("sell", 20.0)


def test_after_a_stop_the_bar_opens_nothing_more() -> None:
    """Stopped inside the bar of a new signal: the next trade opens at the bar after it, not at this one's close."""
    rows: list[Row] = [flat(), flat(), (110_000, 110_000, 109_000, 109_200), flat(109_300), flat(109_400)]
    first, second = play(rows, {0: 1, 2: 1}, sl=points(500)).trades
    assert (first.close_time, first.close_price) == (MONDAY + 2 * HOUR, 1.095)
    assert (second.open_time, second.open_price) == (MONDAY + 3 * HOUR, 1.093)


def test_every_trade_is_kept() -> None:
    """Fifty turns make fifty trades; it kept the last twenty."""
    walk = play([flat()] * 51, {k: 1 if k % 2 else -1 for k in range(50)})
    assert [trade.ticket for trade in walk.trades] == list(range(1, 51))


def test_nothing_is_traded_on_a_lost_account() -> None:
    """A gap takes 1 000 USD from 500: the balance is -500 and every later signal is refused; it went on to -130 %."""
    rows = [flat(), flat(), flat(100_000), flat(100_000), flat(100_000)]
    walk = play(rows, {0: 1, 2: 1, 3: 1}, sl=points(100), balance=500.0)
    assert only(walk).profit == -1_000.0
    assert marks(walk)[-1][0] == -500.0
    assert walk.refused["no money"] == 2


def test_commission_and_nights_are_charged() -> None:
    """0.3 lot over one night: 2 * 3.50 * 0.3 = -2.10 and -7.1 * 0.00001 * 30 000 = -2.13; it knew neither."""
    spec = dataclasses.replace(EURUSD, swap_mode=1, swap_long=-7.1)
    times = [MONDAY + 22 * HOUR, MONDAY + 23 * HOUR, MONDAY + 24 * HOUR]
    trade = only(play([flat()] * 3, {0: 1}, spec=spec, lots=0.3, commission=3.5, times=times))
    assert (trade.commission, trade.swap, trade.net) == (-2.10, -2.13, -4.23)


def test_bitcoin_costs_what_it_costs() -> None:
    """3 188 points of spread are 31.88 USD a bitcoin: -1.59 on 0.05 lot; it reckoned with 0.02 USD."""
    spec = dataclasses.replace(known_symbol("BTCUSD"), swap_mode=0)
    trade = only(play([flat(6_500_000)] * 3, {0: 1}, spec=spec, lots=0.05, spread=spec.spread))
    assert trade.net == -1.59
