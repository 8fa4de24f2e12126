"""Money formulas against reference cases, to the printed digit, and against their own laws."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qbx_desktop.domain import money
from qbx_desktop.domain.conversion import Converter

FACTS: dict[str, Any] = json.loads(Path(__file__).with_name("calc_cases.json").read_text(encoding="utf-8"))
CASES: list[dict[str, Any]] = FACTS["cases"]


def converter(case: dict[str, Any]) -> Converter:
    quotes = {name: tuple(quote) for name, quote in {**FACTS["quotes"], **case.get("quotes", {})}.items()}
    pairs = {
        (facts["currency_base"], facts["currency_profit"]): name
        for name, facts in FACTS["symbols"].items()
        if facts["trade_calc_mode"] == 0
    }
    return Converter(case["account"], pairs, quotes.get)  # type: ignore[arg-type]


def tick_money(facts: dict[str, Any]) -> float:
    found: float = facts.get("tick_price", facts["trade_tick_size"] * facts["trade_contract_size"])
    return found


def forex_base(facts: dict[str, Any]) -> str:
    return str(facts["currency_base"]) if facts["trade_calc_mode"] == 0 else ""


def margin_of(case: dict[str, Any], facts: dict[str, Any]) -> float:
    per_lot = facts["margin_initial"]
    if case["calculates"] == "margin_maintenance":
        per_lot = money.holding_margin(per_lot, facts["margin_maintenance"])
    amount = money.margin(
        facts["trade_calc_mode"], case["volume"], case["price"], facts["trade_contract_size"],
        case["leverage"], facts["trade_tick_size"], tick_money(facts), per_lot, case["margin_rate"],
        facts.get("trade_face_value", 0.0),
    )  # fmt: skip
    rate = converter(case).margin(
        facts["currency_margin"],
        case["side"] == "buy",
        forex_base(facts),
        facts["currency_profit"],
        case["price"],
    )
    assert rate is not None
    return money.round_to(amount * rate, 2)


def profit_of(case: dict[str, Any], facts: dict[str, Any]) -> float:
    amount = money.profit(
        facts["trade_calc_mode"], 1 if case["side"] == "buy" else -1, case["volume"], case["open"],
        case["close"], facts["trade_contract_size"], facts["trade_tick_size"], tick_money(facts),
    )  # fmt: skip
    rate = converter(case).profit(amount, facts["currency_profit"], forex_base(facts), case["close"])
    assert rate is not None
    return money.round_to(amount * rate, 2)


def test_all_reference_cases_are_there() -> None:
    assert len(CASES) == 32


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_reference_case(case: dict[str, Any]) -> None:
    facts = FACTS["symbols"][case["symbol"]]
    if case["calculates"].startswith("margin"):
        assert margin_of(case, facts) == case["expected"]
    elif case["calculates"] == "profit":
        assert profit_of(case, facts) == case["expected"]
    else:
        tick, rates = tick_money(facts), converter(case)
        gain, loss = rates.gain(facts["currency_profit"]), rates.loss(facts["currency_profit"])
        assert gain is not None
        assert loss is not None
        assert [tick * gain, tick * loss] == pytest.approx(case["expected"], rel=1e-15)


@pytest.mark.parametrize(
    ("margin_hedged", "use_leg", "expected"),
    [(100_000.0, False, (440.0, 661.13)), (0.0, False, (440.0, 0.0)), (100_000.0, True, (1_100.0, 0.0))],
)
def test_hedged_margin_of_a_euro_position(
    margin_hedged: float, use_leg: bool, expected: tuple[float, float]
) -> None:
    parts = money.hedged_margin(
        0, 1.0, 0.6, 1.1, 1.105, 1.101875, 1.1, 1.105, 1.101875, 1.0, 1.0, 100_000.0, 100.0, 1e-5, 1.0, 0.0,
        margin_hedged, use_leg,
    )  # fmt: skip
    assert tuple(money.round_to(part, 2) for part in parts) == expected


def test_hedged_margin_charges_margin_per_lot_where_a_symbol_has_one() -> None:
    parts = money.hedged_margin(
        1, 3.0, 1.0, 50.0, 51.0, 50.25, 1.0, 1.0, 1.0, 1.0, 1.0, 10.0, 100.0, 0.25, 12.5, 1_000.0, 400.0, False
    )  # fmt: skip
    assert parts == (2_000.0, 400.0)


@pytest.mark.parametrize(
    ("mode", "rate", "expected", "currency"),
    [
        (0, -7.1, 0.0, "profit"),
        (1, -7.1, -2.13, "profit"),
        (2, -7.1, -2.13, "base"),
        (3, -7.1, -2.13, "margin"),
        (4, -7.1, -2.13, "deposit"),
        (5, -20.0, -0.3 * 100_000 * 1.1 * 0.2 / 360, "profit"),
        (6, -20.0, -0.3 * 100_000 * 1.0 * 0.2 / 360, "profit"),
        (7, -7.1, -2.13, "profit"),
        (8, -7.1, -2.13, "profit"),
        (99, -7.1, 0.0, "profit"),
    ],
)
def test_swap_of_a_night_in_every_mode(mode: int, rate: float, expected: float, currency: str) -> None:
    assert money.swap_night(mode, rate, 0.3, 1.1, 1.0, 1e-5, 100_000.0) == pytest.approx(expected)
    assert money.swap_currency(mode) == currency


def test_swap_of_interest_on_a_coin() -> None:
    night = money.swap_night(5, -20.0, 0.05, 65_000.0, 1.0, 0.01, 1.0)
    assert money.round_to(night, 2) == -1.81


def test_nights_of_a_week() -> None:
    assert [money.swap_nights(day, 3) for day in range(7)] == [0, 1, 1, 3, 1, 1, 0]
    assert [money.swap_nights(day, 5) for day in range(7)] == [0, 1, 1, 1, 1, 3, 0]
    assert money.swap_nights(6, 6) == 3


def test_bond_is_quoted_in_percent_of_its_face_value() -> None:
    made = money.profit(37, 1, 2.0, 98.0, 99.5, 1.0, 0.01, 0.01, 1_000.0, 12.5)
    assert made == pytest.approx(2.0 * (15.0 + 12.5))


def test_option_moves_by_its_tick_price_and_collateral_not_at_all() -> None:
    assert money.profit(34, -1, 2.0, 10.0, 9.0, 1.0, 0.5, 5.0) == pytest.approx(20.0)
    assert money.profit(64, 1, 2.0, 10.0, 20.0, 1.0, 0.5, 5.0) == 0.0
    assert money.margin(64, 2.0, 10.0, 1.0, 100.0, 0.5, 5.0, 50.0, 1.0) == 0.0


def test_stop_out_price_of_the_worked_example() -> None:
    # Balance 1000 at 1:500, one lot bought at 1.10000: margin 220, out at half of it.
    price = money.stop_out_price(1, 1.1, 1_000.0, 220.0 * 0.5, 100_000.0, False, 1e-5, 5)
    assert price == 1.0911
    assert money.margin_level(1_000.0 + (1.092 - 1.1) * 100_000, 220.0) == pytest.approx(90.909, abs=1e-3)
    assert money.margin_level(1_000.0, 0.0) == 0.0


def test_no_stop_out_price_without_margin_or_when_the_price_cannot_get_there() -> None:
    assert money.stop_out_price(1, 1.1, 1_000.0, 0.0, 100_000.0, False, 1e-5, 5) == 0.0
    assert money.stop_out_price(1, 1.1, 1_000_000.0, 10.0, 1_000.0, False, 1e-5, 5) == 0.0


@given(
    direction=st.sampled_from((1, -1)),
    opened=st.integers(10_000, 20_000),
    cash=st.floats(100, 50_000),
    margin=st.floats(50, 5_000),
    volume=st.floats(0.01, 5),
    own=st.booleans(),
)
def test_stop_out_price_is_the_first_tick_at_the_level(
    direction: int, opened: int, cash: float, margin: float, volume: float, own: bool
) -> None:
    tick, price_open, size = 0.01, opened / 100, 1_000.0
    wanted = money.stop_out_price(direction, price_open, cash, margin, size * volume, own, tick, 2)

    def equity(price: float) -> float:
        return cash + direction * (price - price_open) * size * volume / (price if own else 1.0)

    if wanted:
        assert equity(wanted) <= margin + 1e-3
        before = wanted + direction * tick
        assert before <= 0 or equity(before) > margin - 1e-3


@given(st.floats(-1e9, 1e9), st.integers(0, 5))
def test_rounding_is_half_away_from_zero_and_symmetric(amount: float, digits: int) -> None:
    rounded = money.round_to(amount, digits)
    assert money.round_to(-amount, digits) == -rounded
    assert abs(rounded - amount) <= 0.5 * 10.0**-digits * 1.001 + abs(amount) * 1e-15
    assert money.round_to(rounded, digits) == rounded


@given(st.floats(0, 1_000), st.sampled_from((0.01, 0.1, 1.0, 0.001)))
def test_volume_is_never_rounded_up(volume: float, step: float) -> None:
    cut = money.floor_step(volume, step)
    assert cut <= volume + step * 1e-6
    assert volume - cut < step * 1.000001
    assert math.isclose(cut / step, round(cut / step), abs_tol=1e-6)


def test_yen_accounts_have_no_decimals() -> None:
    assert money.currency_digits("JPY") == 0
    assert money.currency_digits("USD") == 2
