"""The engine against the naive reference: every trade, refusal and mark, to the cent."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given, settings

from .reference_engine import Reference
from .reference_input import Outcome, Setup
from .tapes import setups, walked


def compare(setup: Setup) -> Outcome:
    expected = Reference(setup).run()
    walk = walked(setup)
    listed = [dataclasses.asdict(trade) for trade in walk.trades]
    for ours, theirs in zip(listed, expected.trades, strict=False):
        assert ours == {k: v if isinstance(v, (str, bool, int)) else float(v) for k, v in theirs.items()}
    assert len(listed) == len(expected.trades)
    assert walk.refused == expected.refused
    unit = walk.terms.unit
    for ours, theirs in (
        (walk.balances, expected.balance), (walk.equities, expected.equity), (walk.lows, expected.equity_low),
    ):  # fmt: skip
        assert ours.tolist() == [int(each * unit) for each in theirs]
    assert walk.bars_in_market == expected.in_market
    if expected.margin_level is None:
        assert walk.margin_level is None
    else:
        assert walk.margin_level == pytest.approx(float(expected.margin_level), rel=1e-12, abs=1e-9)
    return expected


@given(setups())
def test_equal_on_random_tapes(setup: Setup) -> None:
    compare(setup)


@pytest.mark.long
@pytest.mark.timeout(600)
@settings(max_examples=2_000)
@given(setups())
def test_equal_on_many_random_tapes(setup: Setup) -> None:
    compare(setup)


@given(setups())
def test_pieces_do_not_matter(setup: Setup) -> None:
    whole, pieces = walked(setup), walked(setup, pieces=3)
    assert whole.trades == pieces.trades
    assert whole.equities.tolist() == pieces.equities.tolist()
    assert whole.lows.tolist() == pieces.lows.tolist()
    assert whole.margin_level == pieces.margin_level
