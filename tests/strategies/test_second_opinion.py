"""Rules and indicators against pandas and pandas-ta-classic, on the sample prices and on real ones where there are."""

from __future__ import annotations

import functools
import os
from pathlib import Path

import numpy as np
import pandas as pd
import pandas_ta_classic as ta
import pytest

from qbx_desktop.data.bar_files import read_bars
from qbx_desktop.domain.bars import Bars, Floats
from qbx_desktop.domain.resources import resource
from qbx_desktop.strategies import indicators as ind
from qbx_desktop.strategies import registry

from .pandas_rules import RULES, frame_of

REAL = os.environ.get("QBX_REAL_BARS", "")
# So many bars until averages with another start agree to 1e-8; the library starts Wilder's differently.
SETTLED = 900


@functools.cache
def sample() -> Bars:
    return read_bars(resource("prices", "USDJPY_H1.csv.gz")).bars[:6_000]


def real(symbol: str) -> Bars:
    if not REAL:
        pytest.skip("QBX_REAL_BARS names no folder with real price files")
    files = [path for path in sorted(Path(REAL).iterdir()) if symbol in path.name]
    if not files:
        pytest.skip(f"no file of {symbol} in {REAL}")
    return read_bars(files[0]).bars


def compare_rule(key: str, bars: Bars) -> None:
    strategy = registry.get(key)
    buy, sell = RULES[key](frame_of(bars))
    theirs = buy.to_numpy(dtype=np.int8, na_value=0) - sell.to_numpy(dtype=np.int8, na_value=0)
    ours = strategy.signals(bars, strategy.Params()).entry
    assert np.count_nonzero(ours[SETTLED:]) > 10
    # Floats without a tolerance decide ties by rounding noise: a handful in thousands of bars.
    differ = np.flatnonzero(theirs[SETTLED:] != ours[SETTLED:])
    assert len(differ) <= 2 + len(bars) // 8_000, differ


@pytest.mark.parametrize("key", list(RULES))
def test_rules_on_the_samples(key: str) -> None:
    compare_rule(key, sample())


@pytest.mark.parametrize("symbol", ["USDJPY", "EURUSD", "US30", "USDCHF"])
@pytest.mark.parametrize("key", list(RULES))
def test_rules_on_real_prices(key: str, symbol: str) -> None:
    compare_rule(key, real(symbol))


def values_of(bars: Bars) -> dict[str, tuple[Floats, pd.Series]]:
    f = frame_of(bars)
    h, low, c = bars.high, bars.low, bars.close
    line, signal = ind.macd(c, 12, 26, 9)
    k, d = ind.stochastic(h, low, c, 14, 3, 3)
    macd, stoch = ta.macd(f.close, talib=False), ta.stoch(f.high, f.low, f.close, 14, 3, 3, talib=False)
    bands = ta.bbands(f.close, 20, 2.0, talib=False, ddof=0)
    return {
        "sma": (ind.sma(c, 20), ta.sma(f.close, 20, talib=False)),
        "ema": (ind.ema(c, 50), ta.ema(f.close, 50, talib=False)),
        "rsi": (ind.rsi(c, 14), ta.rsi(f.close, 14, talib=False)),
        "atr": (ind.atr(h, low, c, 14), ta.atr(f.high, f.low, f.close, 14, talib=False)),
        "adx": (ind.adx(h, low, c, 14), ta.adx(f.high, f.low, f.close, 14, talib=False).iloc[:, 0]),
        "macd": (line, macd.iloc[:, 0]),
        "macd signal": (signal, macd.iloc[:, 2]),
        "stochastic k": (k, stoch.iloc[:, 0]),
        "stochastic d": (d, stoch.iloc[:, 1]),
        "lower band": (ind.bollinger(c, 20, 2.0)[0], bands.iloc[:, 0]),
        "upper band": (ind.bollinger(c, 20, 2.0)[2], bands.iloc[:, 2]),
        "highest": (ind.highest(h, 20), f.high.rolling(20).max()),
        "lowest before": (ind.lowest_before(low, 20), f.low.rolling(20).min().shift(1)),
        "vwap": (
            ind.vwap(h, low, c, bars.tick_volume.astype(float), 30),
            (((f.high + f.low + f.close) / 3) * f.tick_volume).rolling(30).sum() / f.tick_volume.rolling(30).sum(),
        ),
    }  # fmt: skip


def compare_values(bars: Bars) -> None:
    for name, (ours, theirs) in values_of(bars).items():
        other = theirs.reindex(range(len(bars))).to_numpy()
        size = np.nanmedian(np.abs(bars.close)) if "macd" in name else np.nanmax(np.abs(ours))
        worst = np.nanmax(np.abs(ours[SETTLED:] - other[SETTLED:])) / size
        assert worst < 1e-9, (name, worst)
        assert not np.isnan(ours[SETTLED:]).any(), name


def test_indicators_on_the_samples() -> None:
    compare_values(sample())


@pytest.mark.parametrize("symbol", ["USDJPY", "NZDUSD", "US30"])
def test_indicators_on_real_prices(symbol: str) -> None:
    compare_values(real(symbol))


def test_first_values_are_where_the_definitions_put_them() -> None:
    bars = sample()
    h, low, c = bars.high, bars.low, bars.close
    firsts = {
        "rsi": (ind.rsi(c, 14), 14), "atr": (ind.atr(h, low, c, 14), 14), "adx": (ind.adx(h, low, c, 14), 27),
        "macd signal": (ind.macd(c, 12, 26, 9)[1], 33), "stochastic d": (ind.stochastic(h, low, c, 14, 3, 3)[1], 17),
        "ema": (ind.ema(c, 50), 49), "band": (ind.bollinger(c, 20, 2.0)[0], 19),
    }  # fmt: skip
    for name, (values, first) in firsts.items():
        assert ind.first_valid(values) == first, name


def test_adx_by_the_book() -> None:
    """Wilder's worksheet, bar by bar in plain Python, with simple means to start all three smoothings."""
    rng = np.random.default_rng(4)
    close = np.round(100 + np.cumsum(rng.normal(0, 1, 60)), 2)
    high, low = close + np.round(rng.random(60), 2), close - np.round(rng.random(60), 2)
    n = 5

    def smooth(values: list[float]) -> list[float]:
        level = sum(values[:n]) / n
        found = [level]
        for value in values[n:]:
            level = (level * (n - 1) + value) / n
            found.append(level)
        return found

    plus, minus, ranges = [], [], []
    for t in range(1, 60):
        up, down = high[t] - high[t - 1], low[t - 1] - low[t]
        plus.append(up if up > down and up > 0 else 0.0)
        minus.append(down if down > up and down > 0 else 0.0)
        ranges.append(max(high[t], close[t - 1]) - min(low[t], close[t - 1]))
    index = []
    for p, m, r in zip(smooth(plus), smooth(minus), smooth(ranges), strict=True):
        p, m = 100 * p / r, 100 * m / r
        index.append(100 * abs(p - m) / (p + m) if p + m else 0.0)
    np.testing.assert_allclose(ind.adx(high, low, close, n)[2 * n - 1 :], smooth(index), rtol=1e-12)


def test_markets_that_stand_still() -> None:
    flat = np.full(60, 1.1)
    assert set(ind.adx(flat, flat, flat, 5)[9:]) == {0.0}
    assert set(ind.stochastic(flat, flat, flat, 5, 3, 3)[1][8:]) == {50.0}
    assert ind.deviation(flat, 5)[4:].max() < 1e-12
    assert ind.vwap(flat, flat, flat, np.zeros(60), 5)[4:] == pytest.approx(flat[4:])
    # Long after the last move TA-Lib would call a market that went up exhausted downwards.
    once = np.concatenate((np.linspace(1.0, 1.1, 20), np.full(3_000, 1.1)))
    assert ind.rsi(once, 14)[-1] == pytest.approx(100.0)


def test_the_published_values_of_the_golden_bar() -> None:
    """USDJPY H1, 2025-08-20 12:00, as pandas_ta 0.3.14b0 computed them over all bars."""
    bars = real("FBS_USDJPY")
    at = int(np.searchsorted(bars.time, 1_755_691_200))
    h, low, c = bars.high, bars.low, bars.close
    line, signal = ind.macd(c, 12, 26, 9)
    k, d = ind.stochastic(h, low, c, 14, 3, 3)
    lower, middle, upper = ind.bollinger(c, 20, 2.0)
    tenkan, kijun = ind.midpoint(h, low, 9), ind.midpoint(h, low, 26)
    found = [
        ind.sma(c, 20)[at], ind.sma(c, 50)[at], ind.ema(c, 50)[at], ind.ema(c, 200)[at], ind.rsi(c, 14)[at],
        ind.atr(h, low, c, 14)[at], ind.adx(h, low, c, 14)[at], line[at], signal[at], k[at], d[at], lower[at],
        middle[at], upper[at], tenkan[at], kijun[at], ind.before((tenkan + kijun) / 2, 26)[at],
        ind.before(ind.midpoint(h, low, 52), 26)[at],
    ]  # fmt: skip
    published = [
        147.5738, 147.66672, 147.577943, 147.568121, 45.429438, 0.188653978, 18.077676, -0.0374791, -0.0321792,
        62.611276, 53.549056, 147.391121, 147.5738, 147.756479, 147.419, 147.5205, 147.71975, 147.425,
    ]  # fmt: skip
    np.testing.assert_allclose(found, published, rtol=2e-6)
