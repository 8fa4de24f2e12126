"""What holds for every run, whatever the tape."""

from __future__ import annotations

import dataclasses
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qbx_desktop.backtest.trade import Trade
from qbx_desktop.backtest.worth import in_cents

from .reference_input import Setup
from .stage import EURUSD, Row, cents, play, points
from .tapes import setups, walked


@settings(max_examples=50)
@given(setups())
def test_the_books_balance(setup: Setup) -> None:
    walk = walked(setup)
    unit, deposit = walk.unit, float(setup.balance)
    balances, equities, lows = cents(walk)
    booked = sum(round(trade.net * unit) for trade in walk.trades)
    assert balances[-1] == round(walk.balance * unit) == in_cents(deposit * unit) + booked
    assert equities[-1] == balances[-1]  # nothing is left open
    assert all(low <= equity for low, equity in zip(lows, equities, strict=True))
    for trade in walk.trades:
        assert round(trade.net * unit) == round((trade.profit + trade.swap + trade.commission) * unit)
        assert trade.commission <= 0
        assert trade.mae <= min(0, trade.profit) <= max(0, trade.profit) <= trade.mfe


@settings(max_examples=50)
@given(setups())
def test_one_position_at_a_time_and_only_on_bars(setup: Setup) -> None:
    walk = walked(setup)
    times = [bar[0] for bar in setup.bars]
    free_from = times[0]
    for trade in walk.trades:
        opened, closed = times.index(trade.open_time), times.index(trade.close_time)
        assert opened >= 1
        assert trade.bars_held == closed - opened >= 0
        assert trade.open_time >= free_from
        free_from = trade.close_time
    signals = sum(entry != 0 for entry, _, _ in setup.signals[:-1])
    assert len(walk.trades) + sum(walk.refused.values()) <= signals


@settings(max_examples=50)
@given(setups())
def test_no_fill_outside_the_bar_but_by_slippage(setup: Setup) -> None:
    """Bid prices for buys, ask prices for sells; only a target jumped over fills at a price that was not seen."""
    slip = setup.slippage * setup.spec["point"]
    bars = {bar[0]: bar for bar in setup.bars}
    for trade in walked(setup).trades:
        _, _, high, low, _, own = bars[trade.close_time]
        ask = (own if setup.spread_bar and own > 0 else setup.spread) * setup.spec["point"]
        price = Decimal(str(trade.close_price))
        if trade.side == "buy":
            assert price <= high
            assert price >= low - slip or trade.reason == "tp"
        else:
            assert price >= low + ask
            assert price <= high + ask + slip or trade.reason == "tp"


@settings(max_examples=50)
@given(setups())
def test_sizes_obey_the_symbol(setup: Setup) -> None:
    spec = setup.spec
    for trade in walked(setup).trades:
        volume = Decimal(str(trade.volume))
        assert spec["volume_min"] <= volume <= spec["volume_max"]
        assert volume % spec["volume_step"] == 0 or volume == spec["volume_max"]


rows = st.lists(
    st.tuples(st.integers(-60, 60), st.integers(-60, 60), st.integers(0, 60), st.integers(0, 60)),
    min_size=3, max_size=40,
)  # fmt: skip


def tape(moves: list[tuple[int, int, int, int]]) -> list[Row]:
    found, at = [], 110_000
    for gap, move, up, down in moves:
        opened = at + gap
        at = opened + move
        found.append((opened, max(opened, at) + up, min(opened, at) - down, at))
    return found


def mirrored(row: Row) -> Row:
    opened, high, low, close = (220_000 - each for each in row)
    return opened, low, high, close


@given(
    rows, st.lists(st.sampled_from((0, 0, 1, -1)), min_size=40, max_size=40), st.integers(0, 5), st.booleans()
)
def test_a_mirrored_market_gives_mirrored_trades(
    moves: list[tuple[int, int, int, int]], sides: list[int], slippage: int, reverse: bool
) -> None:
    """Without spread nothing in the rules favours a side: prices turned over and sides swapped, the money is the same."""
    bars = tape(moves)
    entries = {t: side for t, side in enumerate(sides[: len(bars)]) if side}
    options = {"sl": points(70), "tp": points(110), "slippage": slippage, "reverse": reverse, "balance": 1e6}
    there = play(bars, entries, **options)  # type: ignore[arg-type]
    back = play([mirrored(row) for row in bars], {t: -side for t, side in entries.items()}, **options)  # type: ignore[arg-type]
    assert [_turned(trade) for trade in back.trades] == there.trades
    assert cents(back) == cents(there)


def _turned(trade: Trade) -> Trade:
    def price(x: float) -> float:
        return round(2.2 - x, EURUSD.digits)

    return dataclasses.replace(
        trade,
        side="sell" if trade.side == "buy" else "buy",
        open_price=price(trade.open_price),
        close_price=price(trade.close_price),
        sl=price(trade.sl),
        tp=price(trade.tp),
    )


@settings(max_examples=50)
@given(setups())
def test_costs_never_help(setup: Setup) -> None:
    """With fixed lots and no price-made exits, each cost alone lowers the final balance or leaves it."""
    plain = dataclasses.replace(
        setup, commission=Decimal(0), spread=0, spread_bar=False, slippage=0, lots=Decimal("0.1"), risk=None,
        sl=("none", Decimal(0)), tp=("none", Decimal(0)), stop_out=Decimal(0), balance=Decimal(10_000_000),
    )  # fmt: skip
    free = walked(plain).balance
    for cost in ({"commission": Decimal("3.5")}, {"spread": 12}, {"slippage": 3}):
        assert walked(dataclasses.replace(plain, **cost)).balance <= free  # type: ignore[arg-type]


def test_a_long_quiet_hold_is_walked_in_windows_of_any_size() -> None:
    """Thousands of bars in one position: the quick way over them gives what the slow way gives."""
    bars = [(110_000 + k % 97, 110_040 + k % 101, 109_960 + k % 89, 110_000 + k % 83) for k in range(9_000)]
    quick = play(bars, {0: 1}, lots=0.1)
    assert quick.bars_in_market == 8_999
    expected = [10_000 + (bars[t][3] - bars[1][0]) / 10 for t in range(1, 9_000)]
    assert quick.curves.equity[1:].tolist() == pytest.approx(expected, abs=1e-9)
    assert only_mae(quick.trades) == pytest.approx(min(bars[t][2] - bars[1][0] for t in range(1, 9_000)) / 10)


def only_mae(trades: list[Trade]) -> float:
    assert len(trades) == 1
    return trades[0].mae
