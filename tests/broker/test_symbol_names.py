"""Symbols are proposed with reasons and doubts; another currency or an implausible price is never proposed."""

from __future__ import annotations

from dataclasses import replace

from qbx_desktop.broker.symbol_names import NO_PRICE, OTHER_CONTRACT, OTHER_DIGITS, Proposal, propose
from qbx_desktop.domain.records import SymbolInfo


def symbol(name: str, base: str = "EUR", profit: str = "USD", bid: float = 1.1, **more: object) -> SymbolInfo:
    values = {"digits": 5, "trade_contract_size": 100_000.0, "trade_mode": 4, **more}
    return SymbolInfo(name=name, currency_base=base, currency_profit=profit, bid=bid, **values)  # type: ignore[arg-type]


def names(found: tuple[Proposal, ...]) -> list[str]:
    return [each.name for each in found]


def test_the_exact_name_comes_first_then_the_brokers_variants() -> None:
    offered = [
        symbol("EURUSD.x"),
        symbol("mEURUSD"),
        symbol("EURUSD"),
        symbol("GBPUSD", "GBP"),
        symbol("EURUSDmicro2"),
    ]
    assert names(propose("EURUSD", offered)) == ["EURUSD", "mEURUSD", "EURUSD.x"]


def test_a_name_with_an_addition_finds_the_plain_one() -> None:
    assert names(propose("EURUSD.pro", [symbol("EURUSD"), symbol("EURJPY", "EUR", "JPY")])) == ["EURUSD"]


def test_other_currencies_are_never_proposed_whatever_the_name() -> None:
    trap = symbol("EURUSDx", "EUR", "JPY")
    assert propose("EURUSD", [trap]) == ()
    assert propose("GOLD", [symbol("GOLD", "XAU", "EUR")], known=symbol("XAUUSD", "XAU", "USD")) == ()


def test_an_implausible_price_is_never_proposed() -> None:
    offered = [symbol("XAUUSD", "XAU", bid=2400.0), symbol("XAUUSD.g", "XAU", bid=77.0)]
    assert names(propose("GOLD", offered, price=2384.0)) == ["XAUUSD"]


def test_other_words_for_the_same_thing() -> None:
    offered = [symbol("USTEC", "USD", bid=20_000.0), symbol("DE40.cash", "EUR", "EUR", bid=18_000.0)]
    assert names(propose("NAS100", offered)) == ["USTEC"]
    assert names(propose("GER40", offered)) == ["DE40.cash"]


def test_doubts_are_named() -> None:
    known = symbol("XAUUSD", "XAU", bid=2400.0, digits=2, trade_contract_size=100.0)
    found = propose("XAUUSD", [replace(known, name="XAUUSD.x", trade_contract_size=10.0, digits=3, bid=0.0)], known=known, price=2400.0)  # fmt: skip
    codes = {doubt.code for doubt in found[0].doubts}
    assert codes == {NO_PRICE.code, OTHER_CONTRACT.code, OTHER_DIGITS.code}
    assert all("{" not in each.text for each in (*found[0].doubts, *found[0].reasons))


def test_a_closed_symbol_is_doubted() -> None:
    assert len(propose("EURUSD", [symbol("EURUSD", trade_mode=0)])[0].doubts) == 1


def test_nothing_fits_nothing_is_proposed() -> None:
    assert propose("EURUSD", [symbol("USDJPY", "USD", "JPY"), symbol("EURU")]) == ()
