"""The rules once more, in pandas and pandas-ta-classic, the way the field writes them: an independent second opinion."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pandas_ta_classic as ta

from qbx_desktop.domain.bars import Bars

Frame = pd.DataFrame
Told = tuple[pd.Series, pd.Series]


def frame_of(bars: Bars) -> Frame:
    names = ("time", "open", "high", "low", "close", "tick_volume")
    return pd.DataFrame({name: np.array(getattr(bars, name)) for name in names})


def crosses(a: pd.Series, b: pd.Series) -> Told:
    return (a.shift(1) <= b.shift(1)) & (a > b), (a.shift(1) >= b.shift(1)) & (a < b)


def bands(close: pd.Series, length: int, width: float) -> tuple[pd.Series, pd.Series, pd.Series]:
    middle, apart = close.rolling(length).mean(), close.rolling(length).std(ddof=0)
    return middle - width * apart, middle, middle + width * apart


def ma_crossover(f: Frame) -> Told:
    return crosses(f.close.rolling(20).mean(), f.close.rolling(50).mean())


def rsi_crossover(f: Frame) -> Told:
    rsi, trend = ta.rsi(f.close, 14, talib=False), f.close.rolling(50).mean()
    up, down = crosses(rsi, rsi.rolling(10).mean())
    return up & (f.close > trend), down & (f.close < trend)


def bollinger_reversion(f: Frame) -> Told:
    lower, _, upper = bands(f.close, 20, 2.0)
    trend = f.close.rolling(200).mean()
    return (f.close > trend) & (f.low <= lower), (f.close < trend) & (f.high >= upper)


def turtle_breakout(f: Frame) -> Told:
    top, bottom = f.high.rolling(20).max().shift(1), f.low.rolling(20).min().shift(1)
    return f.close > top, f.close < bottom


def squeeze(f: Frame) -> Told:
    lower, middle, upper = bands(f.close, 20, 2.0)
    width = (upper - lower) / middle * 100
    narrow = (width < 0.7 * width.rolling(10).mean()).shift(1, fill_value=False)
    return narrow & (f.close > upper.shift(1)), narrow & (f.close < lower.shift(1))


def bollinger_squeeze(f: Frame) -> Told:
    buy, sell = squeeze(f)
    rsi = ta.rsi(f.close, 14, talib=False)
    return buy & (rsi < 70), sell & (rsi > 30)


def quantum_velocity(f: Frame) -> Told:
    buy, sell = squeeze(f)
    trend = ta.ema(f.close, 200, talib=False)
    return buy & (f.close > trend), sell & (f.close < trend)


def momentum_cross(f: Frame, period: int) -> Told:
    trend = f.close.rolling(period).mean()
    histogram = ta.macd(f.close, 12, 26, 9, talib=False).iloc[:, 1].reindex(f.index)
    stoch = ta.stoch(f.high, f.low, f.close, 14, 3, 3, talib=False).reindex(f.index)
    up, down = crosses(stoch.iloc[:, 0], stoch.iloc[:, 1])
    return up & (f.close > trend) & (histogram > 0), down & (f.close < trend) & (histogram < 0)


def regime(f: Frame, adx: int, threshold: float, fast: int, slow: int, length: int, width: float, long: int) -> list[pd.Series]:  # fmt: skip
    strong = ta.adx(f.high, f.low, f.close, adx, talib=False).iloc[:, 0] > threshold
    up, down = crosses(f.close.rolling(fast).mean(), f.close.rolling(slow).mean())
    lower, _, upper = bands(f.close, length, width)
    trend = f.close.rolling(long).mean()
    over, under = f.close > trend, f.close < trend
    return [
        strong & up & over, strong & down & under, ~strong & over & (f.low <= lower), ~strong & under & (f.high >= upper)
    ]  # fmt: skip


def hybrid(f: Frame) -> Told:
    a, b, c, d = regime(f, 14, 25, 20, 50, 20, 2.0, 200)
    return a | c, b | d


def crypto(f: Frame) -> Told:
    a, b, c, d = regime(f, 10, 20, 12, 26, 20, 2.2, 100)
    rsi = ta.rsi(f.close, 14, talib=False)
    calm = f.close.rolling(24).std(ddof=0) / f.close.rolling(24).mean() * 100 <= 2.0
    weekday = (f.time // 86_400 + 3) % 7  # Monday is 0
    calm &= (weekday < 5) | ((rsi - 50).abs() >= 15)
    return (a & (rsi < 75) | c & (rsi < 25)) & calm, (b & (rsi > 25) | d & (rsi > 75)) & calm


def ichimoku(f: Frame) -> Told:
    def middle(n: int) -> pd.Series:
        return (f.high.rolling(n).max() + f.low.rolling(n).min()) / 2

    tenkan, kijun = middle(9), middle(26)
    span_a, span_b = ((tenkan + kijun) / 2).shift(26), middle(52).shift(26)
    up, down = crosses(tenkan, kijun)
    return (
        up & (f.close > span_a) & (f.close > span_b),
        down & (f.close < span_a) & (f.close < span_b),
    )


def dynamic_breakout(f: Frame) -> Told:
    trend = ta.ema(f.close, 50, talib=False)
    lively = f.high - f.low > 0.8 * ta.atr(f.high, f.low, f.close, 14, talib=False)
    top, bottom = f.high.rolling(20).max().shift(1), f.low.rolling(20).min().shift(1)
    return lively & (f.close > top) & (f.close > trend), lively & (f.close < bottom) & (f.close < trend)


def local_times(f: Frame, zone: str) -> list[datetime]:
    """Each bar's open in `zone`, from a server that runs seven hours ahead of New York."""
    new_york, there = ZoneInfo("America/New_York"), ZoneInfo(zone)
    found = []
    for stamp in f.time:
        wall = datetime.fromtimestamp(int(stamp), UTC).replace(tzinfo=None) - timedelta(hours=7)
        found.append(wall.replace(tzinfo=new_york).astimezone(there))
    return found


def index_momentum(f: Frame) -> Told:
    rsi = ta.rsi(f.close, 14, talib=False)
    surge = f.tick_volume / f.tick_volume.rolling(20).mean() >= 1.3
    change = f.close.diff()
    gap = (f.open - f.close.shift(1)) / f.close.shift(1) * 100
    buy = (surge & (rsi > 50) & (rsi < 70) & (change > 0)) | ((gap > 2) & (rsi < 70))
    sell = (surge & (rsi < 50) & (rsi > 30) & (change < 0)) | ((gap < -2) & (rsi > 30))
    minutes = [each.hour * 60 + each.minute for each in local_times(f, "America/New_York")]
    weekday = [each.weekday() < 5 for each in local_times(f, "America/New_York")]
    allowed = pd.Series([570 <= at < 960 for at in minutes]) & pd.Series(weekday) & (rsi <= 70) & (rsi >= 30)
    return buy & allowed, sell & ~buy & allowed


def index_breakout_pro(f: Frame) -> Told:
    top, bottom = f.high.rolling(20).max().shift(2), f.low.rolling(20).min().shift(2)
    room = 0.2 * ta.atr(f.high, f.low, f.close, 14, talib=False)
    fast, slow = ta.ema(f.close, 20, talib=False), ta.ema(f.close, 50, talib=False)
    surge = f.tick_volume / f.tick_volume.rolling(10).mean() > 1.5
    typical = (f.high + f.low + f.close) / 3
    vwap = (typical * f.tick_volume).rolling(50).sum() / f.tick_volume.rolling(50).sum()
    pairs = ((f.close, 5), (fast, 20), (slow, 50))
    ups = sum((line > line.shift(n)).astype(int) for line, n in pairs)
    downs = sum((line < line.shift(n)).astype(int) for line, n in pairs)
    change = f.close / f.close.shift(1) - 1
    buy = (f.close > top + room) & (f.close > top) & (f.close.shift(1) > top)
    buy &= ~((fast < slow) & (f.close < fast)) & ~(surge & (change < -0.001)) & (ups >= 2) & (f.close > vwap)
    sell = (f.close < bottom - room) & (f.close < bottom) & (f.close.shift(1) < bottom)
    sell &= (
        ~((fast > slow) & (f.close > fast)) & ~(surge & (change > 0.001)) & (downs >= 2) & (f.close < vwap)
    )
    return buy, sell


def donchian_trend(f: Frame) -> Told:
    days = f.close.groupby(f.time // 86_400).last()
    # At a bar of day d the newest day known for sure is d - 1 in the order of trading days.
    mean = days.iloc[1:].rolling(20).mean().shift(1)
    trend = (f.time // 86_400).map(mean)
    top, bottom = f.high.rolling(20).max().shift(1), f.low.rolling(20).min().shift(1)
    return (f.close > top) & (f.close > trend), (f.close < bottom) & (f.close < trend)


def rsi2_reversion(f: Frame) -> Told:
    rsi, trend = ta.rsi(f.close, 2, talib=False), f.close.rolling(200).mean()
    return (rsi < 10) & (f.close > trend), (rsi > 90) & (f.close < trend)


def opening_range(f: Frame) -> Told:
    buy, sell = np.zeros(len(f), bool), np.zeros(len(f), bool)
    high, low, done = {}, {}, set()
    for t, local in enumerate(local_times(f, "Europe/London")):
        minute, day = local.hour * 60 + local.minute, local.date()
        if local.weekday() > 4 or not 480 <= minute < 930:
            continue
        if minute < 540:
            high[day] = max(high.get(day, 0.0), f.high[t])
            low[day] = min(low.get(day, 1e9), f.low[t])
        elif day in high and day not in done and not low[day] <= f.close[t] <= high[day]:
            done.add(day)
            buy[t], sell[t] = f.close[t] > high[day], f.close[t] < low[day]
    return pd.Series(buy), pd.Series(sell)


RULES: dict[str, Callable[[Frame], Told]] = {
    "MA_CROSSOVER": ma_crossover,
    "RSI_CROSSOVER": rsi_crossover,
    "BOLLINGER_REVERSION": bollinger_reversion,
    "TURTLE_BREAKOUT": turtle_breakout,
    "BOLLINGER_SQUEEZE": bollinger_squeeze,
    "quantum_velocity": quantum_velocity,
    "MERCY_EDGE": lambda f: momentum_cross(f, 200),
    "PULSE_SYNC": lambda f: momentum_cross(f, 100),
    "QUANTUMBOTX_HYBRID": hybrid,
    "QUANTUMBOTX_CRYPTO": crypto,
    "ICHIMOKU_CLOUD": ichimoku,
    "DYNAMIC_BREAKOUT": dynamic_breakout,
    "INDEX_MOMENTUM": index_momentum,
    "INDEX_BREAKOUT_PRO": index_breakout_pro,
    "DONCHIAN_TREND": donchian_trend,
    "RSI2_REVERSION": rsi2_reversion,
    "OPENING_RANGE": opening_range,
}
