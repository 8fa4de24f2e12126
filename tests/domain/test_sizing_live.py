"""Position size: by risk or fixed, never rounded up, refused below the minimum with the numbers in the sentence."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qbx_desktop.domain.position_size import own_price_loss, size
from qbx_desktop.domain.refusals import Refusal
from qbx_desktop.domain.sizing import Sizing
from qbx_desktop.domain.symbol import SymbolSpec

EURUSD = SymbolSpec("EURUSD", 5, 1e-5, 1e-5, 100_000, 0, "EUR", "USD", "EUR")
USDJPY = SymbolSpec("USDJPY", 3, 1e-3, 1e-3, 100_000, 0, "USD", "JPY", "USD")


def test_the_sentence_of_the_minimum_lot() -> None:
    refused = size(Sizing(risk_percent=1.0), 100.0, 250.0, EURUSD)
    assert isinstance(refused, Refusal)
    assert refused.message.text == (
        "1 % risk would need 0.004 lots; the smallest here is 0.01 (2.5 % risk). The trade was skipped."
    )


def test_fixed_lots_below_the_minimum_are_refused_too() -> None:
    refused = size(Sizing(lots=0.004), 10_000.0, 100.0, EURUSD)
    assert isinstance(refused, Refusal)
    assert refused.code == "guard.small_lot"


@given(
    st.floats(0.01, 10), st.floats(10, 1e6), st.floats(0.5, 1e5), st.sampled_from([0.01, 0.1, 1.0]),
)  # fmt: skip
def test_the_risk_is_never_exceeded(percent: float, balance: float, loss: float, step: float) -> None:
    spec = SymbolSpec("X", 5, 1e-5, 1e-5, 1, volume_min=step, volume_max=50.0, volume_step=step)
    lots = size(Sizing(risk_percent=percent), balance, loss, spec)
    wanted = balance * percent / 100 / loss
    if isinstance(lots, Refusal):
        assert wanted < step * (1 + 1e-6)
        return
    assert step - 1e-9 <= lots <= 50.0
    assert lots * loss <= balance * percent / 100 * (1 + 1e-6) + loss * step * 2e-9
    assert abs(lots / step - round(lots / step)) < 1e-6
    assert lots == 50.0 or wanted - lots < step * (1 + 1e-6)


def test_above_the_maximum_it_is_the_maximum() -> None:
    assert size(Sizing(lots=500.0), 1.0, 1.0, EURUSD) == 100.0


def test_the_loss_in_the_accounts_own_currency_needs_no_other_price() -> None:
    assert own_price_loss(EURUSD, 1, 1.1000, 1.0950, "USD") == pytest.approx(500.0)
    assert own_price_loss(USDJPY, -1, 150.0, 151.0, "USD") == pytest.approx(100_000 / 151.0)
    assert own_price_loss(EURUSD, 1, 1.1, 1.09, "GBP") is None
