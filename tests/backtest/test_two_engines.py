"""The engine against the naive reference: every trade, refusal and mark, to the cent."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given, settings

from qbx_desktop.backtest.compiled import make
from qbx_desktop.backtest.engine import Walk

from .reference_engine import Reference
from .reference_input import Outcome, Setup
from .stage import cents
from .tapes import setups, walked


def compare(setup: Setup) -> Outcome:
    """Both forms of the engine against the reference, and with one another in every figure of the report."""
    expected = Reference(setup).run()
    plain, compiled = walked(setup), walked(setup, code=make())
    assert not make().plain
    agree(plain, expected)
    agree(compiled, expected)
    assert plain.figures().tobytes() == compiled.figures().tobytes()
    return expected


def agree(walk: Walk, expected: Outcome) -> None:
    listed = [dataclasses.asdict(trade) for trade in walk.trades]
    for ours, theirs in zip(listed, expected.trades, strict=False):
        assert ours == {k: v if isinstance(v, (str, bool, int)) else float(v) for k, v in theirs.items()}
    assert len(listed) == len(expected.trades)
    assert walk.refused == expected.refused
    curves = (expected.balance, expected.equity, expected.equity_low)
    for ours, theirs in zip(cents(walk), curves, strict=True):
        assert ours == [int(each * walk.unit) for each in theirs]
    assert walk.bars_in_market == expected.in_market
    if expected.margin_level is None:
        assert walk.margin_level is None
    else:
        assert walk.margin_level == pytest.approx(float(expected.margin_level), rel=1e-12, abs=1e-9)


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
    assert cents(whole) == cents(pieces)
    assert whole.margin_level == pieces.margin_level
