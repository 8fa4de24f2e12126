"""Profit, commission, conversion and margin of single trades, each worked out by hand in its comment."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from qbx_desktop.backtest.input import RateSeries
from qbx_desktop.domain.bars import Bars
from qbx_desktop.domain.errors import UserMistake
from qbx_desktop.domain.symbol import SymbolSpec

from .stage import EURUSD, FUTURE, GBPJPY, HOUR, MONDAY, US30, USDJPY, XAUUSD, Row, cents, flat, only, play

BTCUSD = SymbolSpec("BTCUSD", 2, 0.01, 0.01, 1.0, 2, "BTC", "USD", "USD", margin_rate=0.1)
US500 = dataclasses.replace(US30, symbol="US500")
STOCK = SymbolSpec(
    "META", 2, 0.01, 0.01, 1.0, 32, "USD", "USD", "USD", volume_min=1, volume_step=1, volume_max=1e4
)


def moved(opened: int, closed: int) -> list[Row]:
    """Entry at the open of bar 1 at `opened`, end of data at `closed`."""
    return [flat(opened), flat(opened), flat(closed)]


@pytest.mark.parametrize(
    ("spec", "side", "lots", "opened", "closed", "profit"),
    [
        (EURUSD, 1, 0.10, 108_542, 108_742, 20.00),  # 0.00200 · 100 000 · 0.10
        (EURUSD, -1, 0.25, 108_530, 108_661, -32.75),  # -0.00131 · 100 000 · 0.25
        (EURUSD, 1, 0.01, 110_000, 110_001, 0.01),
        (USDJPY, 1, 0.50, 151_243, 151_893, 213.97),  # 0.650 · 50 000 / 151.893
        (USDJPY, -1, 0.50, 151_231, 151_731, -164.77),  # -0.500 · 50 000 / 151.731
        (USDJPY, 1, 0.01, 148_500, 148_390, -0.74),  # -0.110 · 1 000 / 148.390, booked as -110 elsewhere
        (XAUUSD, 1, 0.10, 240_050, 241_275, 122.50),  # 12.25 · 100 · 0.10
        (XAUUSD, -1, 0.03, 240_050, 241_275, -36.75),
        (BTCUSD, -1, 0.05, 6_534_846, 6_410_000, 62.42),  # 1248.46 · 0.05 = 62.423
        (US500, 1, 2.0, 53_214, 53_409, 39.00),  # 19.5 · 2
        (US30, -1, 0.3, 389_000, 389_505, -15.15),  # -50.5 · 0.3
        (FUTURE, 1, 2.0, 532_150, 533_025, 875.00),  # 8.75 / 0.25 = 35 ticks · 12.5 · 2
        (STOCK, 1, 7.0, 50_000, 50_123, 8.61),
    ],
)
def test_profit(spec: SymbolSpec, side: int, lots: float, opened: int, closed: int, profit: float) -> None:
    trade = only(play(moved(opened, closed), {0: side}, spec=spec, lots=lots, balance=100_000.0))
    assert (trade.volume, trade.profit, trade.net) == (lots, profit, profit)


def test_euro_account_trades_its_own_pair() -> None:
    """200 USD / 1.08742 = 183.92 EUR; -200 USD / 1.08342 = -184.60 EUR."""
    assert only(play(moved(108_542, 108_742), {0: 1}, lots=1.0, currency="EUR")).profit == 183.92
    assert only(play(moved(108_542, 108_342), {0: 1}, lots=1.0, currency="EUR")).profit == -184.60


def test_a_constant_rate() -> None:
    """GBPJPY on a EUR account at 0.0062 EUR for a yen: 0.360 · 20 000 = 7 200 JPY = 44.64 EUR."""
    trade = only(play(moved(190_000, 190_360), {0: 1}, spec=GBPJPY, lots=0.2, currency="EUR", rate=0.0062))
    assert trade.profit == 44.64


def series(closes: list[float], shift: int = 0) -> Bars:
    column = np.array(closes)
    return Bars.from_prices(MONDAY + HOUR * np.arange(len(closes)) + shift, column, column, column, column)


def test_a_rate_series_is_the_last_bar_closed_before() -> None:
    """Bar 2 closes the trade; the rate bar of bar 1 is the last one that opened before: 7 200 / 160 = 45.00."""
    rate = RateSeries(series([155.0, 160.0, 170.0]), inverted=True)
    assert (
        only(play(moved(190_000, 190_360), {0: 1}, spec=GBPJPY, lots=0.2, currency="EUR", rate=rate)).profit
        == 45.0
    )
    direct = RateSeries(series([0.0060, 0.0062, 0.0070]))
    assert (
        only(play(moved(190_000, 190_360), {0: 1}, spec=GBPJPY, lots=0.2, currency="EUR", rate=direct)).profit
        == 44.64
    )


def test_a_rate_missing_only_at_the_first_bar_is_none_missing() -> None:
    rate = RateSeries(series([160.0, 161.0, 162.0]), inverted=True)
    walk = play(moved(190_000, 190_000), {0: 1}, spec=GBPJPY, lots=0.2, currency="EUR", rate=rate)
    assert only(walk).profit == 0


@pytest.mark.parametrize("closes", [[], [160.0, 161.0]])
def test_a_rate_missing_later_refuses(closes: list[float]) -> None:
    rate = RateSeries(series(closes, shift=HOUR), inverted=True)
    with pytest.raises(UserMistake, match="begin too late"):
        play(moved(190_000, 190_360), {0: 1}, spec=GBPJPY, lots=0.2, currency="EUR", rate=rate)


def test_no_rate_refuses() -> None:
    with pytest.raises(UserMistake, match="Give a rate"):
        play(moved(190_000, 190_360), {0: 1}, spec=GBPJPY, currency="EUR")


def test_margin_in_a_currency_that_nothing_converts_refuses() -> None:
    with pytest.raises(UserMistake, match="margin of XAUUSD is in XAU"):
        play(moved(240_000, 240_000), {0: 1}, spec=XAUUSD, currency_margin="XAU")


def test_swap_in_a_currency_that_nothing_converts_refuses_unless_it_is_free() -> None:
    with pytest.raises(UserMistake, match="swap of XAUUSD is in XAU"):
        play(moved(240_000, 240_000), {0: 1}, spec=XAUUSD, swap_mode=2, swap_long=-1.0)
    assert only(play(moved(240_000, 240_000), {0: 1}, spec=XAUUSD, swap_mode=2)).swap == 0


def test_half_a_cent_goes_away_from_zero() -> None:
    """0.005 lots, 1 point = 0.005 USD."""
    small = {"lots": 0.005, "volume_min": 0.001, "volume_step": 0.001}
    assert only(play(moved(110_000, 110_001), {0: 1}, **small)).profit == 0.01
    assert only(play(moved(110_000, 109_999), {0: 1}, **small)).profit == -0.01
    # 3 points = 0.015, which binary floats hold as 0.01499…
    assert only(play(moved(110_000, 110_003), {0: 1}, **small)).profit == 0.02


def test_yen_account_keeps_whole_yen() -> None:
    """0.37 USD · 151.2 = 55.944 -> 56 yen; commission 33 · 0.01 = 0.33 -> 0 yen a side."""
    trade = only(play(
        moved(110_000, 110_037), {0: 1}, lots=0.01, currency="JPY", rate=151.2, balance=1_000_000.0, commission=33.0,
    ))  # fmt: skip
    assert (trade.profit, trade.commission, trade.net) == (56.0, 0.0, 56.0)


def test_commission_is_charged_and_rounded_on_each_side() -> None:
    """0.333 · 0.10 = 0.0333 -> 0.03 a side."""
    walk = play([flat()] * 4, {0: 1}, commission=0.333)
    assert only(walk).commission == -0.06
    assert cents(walk)[0] == [1_000_000, 999_997, 999_997, 999_994]


@pytest.mark.parametrize(
    ("spec", "side", "lots", "at", "currency", "rate", "margin"),
    [
        (EURUSD, 1, 0.10, 108_542, "USD", None, 108.54),  # 100 EUR · 1.08542
        (EURUSD, 1, 0.10, 108_542, "EUR", None, 100.00),
        (USDJPY, 1, 0.50, 151_243, "USD", None, 500.00),
        (GBPJPY, 1, 0.20, 190_000, "EUR", 0.0062, 235.60),  # 200 GBP · 190.000 · 0.0062
        (XAUUSD, 1, 0.10, 240_050, "USD", None, 240.05),  # 0.10 · 100 · 2400.50 / 100
        (BTCUSD, 1, 0.05, 6_538_034, "USD", None, 326.90),  # 0.05 · 65380.34 · 0.1
        (US500, 1, 2.0, 53_214, "USD", None, 532.14),  # 2 · 5321.4 · 0.05
        (US30, 1, 0.3, 389_000, "USD", None, 583.50),
        (FUTURE, 1, 2.0, 532_150, "USD", None, 24_000.00),
        (STOCK, 1, 7.0, 50_000, "USD", None, 3_500.00),
    ],
)
def test_margin_is_enough_to_the_cent(
    spec: SymbolSpec, side: int, lots: float, at: int, currency: str, rate: float | None, margin: float
) -> None:
    """The entry fits a balance of exactly its margin, and is refused one cent below."""
    options = {"spec": spec, "lots": lots, "currency": currency, "rate": rate}
    assert play([flat(at)] * 3, {0: side}, balance=margin, **options).trades
    walk = play([flat(at)] * 3, {0: side}, balance=margin - 0.01, **options)
    assert walk.refused["no money"] == 1


def test_maintenance_margin_holds_an_open_position() -> None:
    """2 lots: 24 000 to open, 21 800 held. Level 100 %: 24 000 - 21 800 = 2 200 to lose = 22 points of price."""
    rows = [flat(532_150), flat(532_150), (532_150, 532_150, 529_000, 529_500)]
    trade = only(play(rows, {0: 1}, spec=FUTURE, lots=2.0, balance=24_000.0, stop_out=100.0))
    assert (trade.reason, trade.close_price, trade.profit) == ("stop out", 5299.5, -2_200.0)


def test_margin_initial_is_divided_by_the_leverage_on_forex() -> None:
    walk = play([flat()] * 3, {0: 1}, lots=1.0, balance=10.0 * 1.1, margin_initial=1_000.0)
    assert walk.trades
    assert play([flat()] * 3, {0: 1}, lots=1.0, balance=10.0 * 1.1 - 0.01, margin_initial=1_000.0).refused[
        "no money"
    ]


@pytest.mark.parametrize(("side", "at"), [(1, 1.09110), (-1, 1.10890)])
def test_stop_out_price_by_hand(side: int, at: float) -> None:
    """Balance 1 000, 1:500, 1 lot at 1.10000: margin 220, half of it 110, so 890 to lose: 890 points."""
    down, up = (108_000, 110_000) if side > 0 else (110_000, 112_000)
    rows = [flat(), flat(), (110_000, up, down, 110_000)]
    trade = only(play(rows, {0: side}, lots=1.0, balance=1_000.0, leverage=500.0, stop_out=50.0))
    assert (trade.reason, trade.close_price, trade.profit) == ("stop out", at, -890.0)


def test_stop_out_price_of_an_own_price_conversion() -> None:
    """USDJPY 1 lot at 150.000, 1:100, 1 500 USD: margin 1 000, half 500, 1 000 to lose.

    Long: 150 / (1 + 1 000 / 100 000) = 148.5148… down to the tick 148.514.
    Short: 150 / (1 - 1 000 / 100 000) = 151.5151… up to the tick 151.516.
    """
    wide = [flat(150_000), flat(150_000), (150_000, 153_000, 147_000, 150_000)]
    options = {"spec": USDJPY, "lots": 1.0, "balance": 1_500.0, "stop_out": 50.0}
    assert only(play(wide, {0: 1}, **options)).close_price == 148.514
    assert only(play(wide, {0: -1}, **options)).close_price == 151.516


def test_stop_out_price_falls_with_accrued_swap() -> None:
    """100 USD of swap a night: 650 points to lose become 550 after one midnight."""
    rows = [flat(), flat(), flat(), (110_000, 110_000, 109_300, 109_400)]
    times = [MONDAY + 21 * HOUR + HOUR * k for k in range(4)]  # the last bar opens at midnight
    options = {"lots": 1.0, "balance": 1_200.0, "stop_out": 50.0, "times": times}
    assert only(play(rows, {0: 1}, **options)).close_price == 1.0935
    charged = only(play(rows, {0: 1}, swap_mode=4, swap_long=-100.0, **options))
    assert (charged.close_price, charged.swap, charged.net) == (1.0945, -100.0, -650.0)
