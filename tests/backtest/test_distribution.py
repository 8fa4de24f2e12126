"""Net profit by hour, weekday and month: every trade counted once, at its own time."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qbx_desktop.backtest.distribution import by_hour, by_month, by_weekday
from qbx_desktop.backtest.trade import Trade


def trade(opened: int, net: float) -> Trade:
    return Trade(1, "buy", 0.1, opened, 1.1, 0, 0, opened + 60, 1.2, "tp", net, 0, 0, net, 1, net, 0, False)


moments = st.integers(0, 2_000_000_000)
money = st.integers(-100_000, 100_000).map(lambda cents: cents / 100)


@given(st.lists(st.tuples(moments, money), max_size=50))
def test_every_trade_is_in_the_part_of_its_entry(given_trades: list[tuple[int, float]]) -> None:
    trades = [trade(*each) for each in given_trades]
    for found, parts, part_of in (
        (by_hour(trades), 24, lambda at: at.hour),
        (by_weekday(trades), 7, lambda at: at.weekday()),
        (by_month(trades), 12, lambda at: at.month - 1),
    ):
        assert len(found) == parts
        for part in range(parts):
            own = [
                net for opened, net in given_trades if part_of(datetime.fromtimestamp(opened, UTC)) == part
            ]
            assert found.trades[part] == len(own)
            assert found.net[part] == pytest.approx(sum(own), abs=1e-6)


def test_no_trades_are_no_bars() -> None:
    assert not by_hour([]).trades.any()
    assert not np.any(by_month([]).net)
