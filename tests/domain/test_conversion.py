"""Conversion takes the side the trader would have to take, and says so when there is no road."""

from __future__ import annotations

import pytest

from qbx_desktop.domain.conversion import Converter

QUOTES = {
    "EURUSD": (1.0853, 1.08542),
    "GBPUSD": (1.2701, 1.27022),
    "USDJPY": (151.231, 151.243),
    "USDCHF": (0.89, 0.8901),
    "USDDKK": (0.0, 0.0),
}
PAIRS = {(name[:3], name[3:]): name for name in QUOTES}


def into(currency: str) -> Converter:
    return Converter(currency, PAIRS, QUOTES.get)


def test_same_currency_needs_no_road() -> None:
    assert into("USD").gain("USD") == 1.0
    assert into("USD").loss("USD") == 1.0


def test_gains_are_sold_cheap_and_losses_bought_dear() -> None:
    assert into("USD").gain("GBP") == 1.2701
    assert into("USD").loss("GBP") == 1.27022
    assert into("USD").gain("JPY") == 1 / 151.243
    assert into("USD").loss("JPY") == 1 / 151.231


def test_without_a_direct_pair_the_road_leads_over_the_dollar() -> None:
    assert into("EUR").gain("JPY") == pytest.approx(1 / 151.243 / 1.08542)
    assert into("EUR").loss("JPY") == pytest.approx(1 / 151.231 / 1.0853)
    assert into("CHF").gain("GBP") == pytest.approx(1.2701 * 0.89)


def test_without_any_road_there_is_no_number() -> None:
    assert into("USD").gain("SEK") is None
    assert into("SEK").loss("EUR") is None
    assert into("USD").profit(5.0, "SEK") is None
    assert into("USD").margin("SEK", True, "SEK", "NOK", 1.0) is None


def test_a_pair_without_a_quote_is_no_road() -> None:
    assert into("USD").gain("DKK") is None


def test_own_pair_converts_at_the_price_of_the_calculation() -> None:
    assert into("USD").profit(100.0, "JPY", "USD", 150.0) == 1 / 150.0
    assert into("EUR").profit(-100.0, "USD", "EUR", 1.1) == 1 / 1.1
    assert into("USD").margin("EUR", True, "EUR", "USD", 1.2) == 1.2
    assert into("EUR").margin("USD", True, "EUR", "USD", 1.25) == 0.8


def test_margin_of_a_cross_takes_ask_for_buys_and_bid_for_sells() -> None:
    assert into("USD").margin("EUR", True, "EUR", "JPY", 164.0) == 1.08542
    assert into("USD").margin("EUR", False, "EUR", "JPY", 164.0) == 1.0853
    assert into("CHF").margin("EUR", True, "EUR", "JPY", 164.0) == pytest.approx(1.08542 * 0.8901)
    assert into("EUR").margin("USD", True, "USD", "JPY", 151.0) == pytest.approx(1 / 1.08542)
