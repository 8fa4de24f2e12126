"""The exits of the new rules, bar by bar in plain Python, and what their words say."""

from __future__ import annotations

import numpy as np
import pytest

from qbx_desktop.domain.bars import Bars
from qbx_desktop.strategies import indicators as ind
from qbx_desktop.strategies import registry
from qbx_desktop.strategies.trend_frame import CHART
from tests.contract.test_strategies import market

NOISE = 1e-9


def gt(a: float, b: float) -> bool:
    return bool(a - b > NOISE * max(abs(a), abs(b)))


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_donchian_leaves_at_the_chandelier(seed: int) -> None:
    bars = market(seed)
    strategy = registry.get("DONCHIAN_TREND")
    params = strategy.Params(
        entry_period=10, atr_period=7, atr_multiple=2.0, trend_frame=CHART, trend_period=30
    )
    found = strategy.signals(bars, params)
    ranges = ind.atr(bars.high, bars.low, bars.close, 7)
    seen = 0
    for t in range(strategy.warmup(params), len(bars)):
        close = bars.close[t]
        trend = sum(bars.close[t - 29 : t + 1]) / 30
        buy = gt(close, bars.high[t - 10 : t].max()) and gt(close, trend)
        sell = gt(bars.low[t - 10 : t].min(), close) and gt(trend, close)
        long_exit = bars.high[t - 6 : t + 1].max() - 2.0 * ranges[t]
        short_exit = bars.low[t - 6 : t + 1].min() + 2.0 * ranges[t]
        assert found.entry[t] == int(buy) - int(sell)
        assert found.exit_long[t] == (gt(long_exit, close) and not buy)
        assert found.exit_short[t] == (gt(close, short_exit) and not sell)
        seen += int(found.exit_long[t]) + int(found.exit_short[t])
    assert seen > 20


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_rsi2_leaves_at_the_short_mean(seed: int) -> None:
    bars = market(seed)
    strategy = registry.get("RSI2_REVERSION")
    params = strategy.Params(trend_period=40)
    found = strategy.signals(bars, params)
    strength = ind.rsi(bars.close, 2)
    for t in range(strategy.warmup(params), len(bars)):
        close = bars.close[t]
        trend, mean = sum(bars.close[t - 39 : t + 1]) / 40, sum(bars.close[t - 4 : t + 1]) / 5
        buy, sell = gt(10, strength[t]) and gt(close, trend), gt(strength[t], 90) and gt(trend, close)
        assert found.entry[t] == int(buy) - int(sell)
        assert found.exit_long[t] == (gt(close, mean) and not buy)
        assert found.exit_short[t] == (gt(mean, close) and not sell)
    assert (found.entry != 0).any()


def test_the_slower_trend_is_the_mean_of_closed_days() -> None:
    bars = market(3)
    strategy = registry.get("DONCHIAN_TREND")
    params = strategy.Params(trend_period=5)
    line = {plot.name: plot.values for plot in strategy.plots(bars, params)}["SMA 5 D1"]
    closes = bars.close[23::24]
    for t in range(len(bars)):
        day = t // 24
        if day < 6:
            assert np.isnan(line[t])
        else:
            assert line[t] == pytest.approx(closes[day - 5 : day].mean(), rel=1e-12)
    assert strategy.explain(bars[:100], params).message.code == "strategy.waiting_for_frame"
    assert not strategy.signals(bars[:140], params).exit_long.any()


def test_a_flag_stored_as_text_is_off_when_it_says_false() -> None:
    """A bot of QuantumBotX carries its yes and no as texts, and names that never did anything."""
    from qbx_desktop.domain.params import from_json

    crypto, index = registry.get("QUANTUMBOTX_CRYPTO"), registry.get("INDEX_BREAKOUT_PRO")
    assert from_json(crypto.Params, '{"weekend_mode": "false", "adx_period": "12"}').weekend_mode is False
    assert from_json(index.Params, '{"atr_multiplier_sl": 2.0, "vwap_filter": "true"}') == index.Params()


def test_weekend_care_can_be_turned_off() -> None:
    strategy = registry.get("QUANTUMBOTX_CRYPTO")
    careful = off = 0
    for seed in range(6):
        bars = market(seed, 3_000)
        weekend = np.isin((bars.time // 86_400 + 4) % 7, (0, 6))
        careful += np.count_nonzero(strategy.signals(bars, strategy.Params()).entry[weekend])
        off += np.count_nonzero(strategy.signals(bars, strategy.Params(weekend_mode=False)).entry[weekend])
    assert careful < off


def test_a_wild_market_is_left_alone() -> None:
    strategy = registry.get("QUANTUMBOTX_CRYPTO")
    bars = market(0, 3_000)
    calm = strategy.signals(bars, strategy.Params(volatility_filter=0.05))
    assert not calm.entry.any()
    assert strategy.explain(bars, strategy.Params(volatility_filter=0.05)).message.code.endswith("wild")


def test_gaps_are_followed_or_faded() -> None:
    """An open 3 % above the last close is bought; one 0.7 % above is sold where small gaps are faded."""
    close = np.full(60, 100.0) + 0.1 * (-1.0) ** np.arange(60)
    opened = close.copy()
    opened[50], opened[55] = 103.0, 100.7
    high, low = np.maximum(opened, close), np.minimum(opened, close)
    time = 1_704_067_200 + 3_600 * np.arange(60)
    bars = Bars.from_prices(time, opened, high, low, close, np.full(60, 100))
    strategy = registry.get("INDEX_MOMENTUM")
    plain = strategy.signals(bars, strategy.Params(session_filter=False)).entry
    assert np.flatnonzero(plain).tolist() == [50]
    assert plain[50] == 1
    fade = strategy.signals(bars, strategy.Params(session_filter=False, gap_fade_mode=True)).entry
    assert (fade[50], fade[55]) == (1, -1)
