"""What an alert compares when a bar closes: each declared value computed over whole bars, and how many it needs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ..domain.alerts import BarShows, Value
from ..domain.bar_values import NUMBER
from ..domain.bars import Bars, Floats
from . import indicators as ta


@dataclass(frozen=True)
class _Computed:
    """`values(bars, numbers)` one per bar, NaN before the first; `needs(numbers)` the bars until it is settled."""

    values: Callable[[Bars, tuple[float, ...]], Floats]
    needs: Callable[[tuple[float, ...]], int]


def _stochastic(bars: Bars, numbers: tuple[float, ...]) -> tuple[Floats, Floats]:
    period, smooth = int(numbers[0]), int(numbers[1])
    signal = int(numbers[2]) if len(numbers) > 2 else 1
    return ta.stochastic(bars.high, bars.low, bars.close, period, smooth, signal)


def _macd(bars: Bars, numbers: tuple[float, ...]) -> tuple[Floats, Floats]:
    signal = int(numbers[2]) if len(numbers) > 2 else 2
    return ta.macd(bars.close, int(numbers[0]), int(numbers[1]), signal)


def _longest(numbers: tuple[float, ...]) -> int:
    return int(max(numbers)) + 1


def _none(_: tuple[float, ...]) -> int:
    return 1


def _macd_needs(numbers: tuple[float, ...]) -> int:
    return sum(ta.settled_ema(int(each)) for each in numbers[1:])


_COMPUTED: dict[str, _Computed] = {
    "close": _Computed(lambda bars, _: bars.close, _none),
    "open": _Computed(lambda bars, _: bars.open, _none),
    "high": _Computed(lambda bars, _: bars.high, _none),
    "low": _Computed(lambda bars, _: bars.low, _none),
    "volume": _Computed(lambda bars, _: bars.tick_volume.astype(np.float64), _none),
    "sma": _Computed(lambda bars, n: ta.sma(bars.close, int(n[0])), _longest),
    "ema": _Computed(lambda bars, n: ta.ema(bars.close, int(n[0])), lambda n: ta.settled_ema(int(n[0]))),
    "rsi": _Computed(lambda bars, n: ta.rsi(bars.close, int(n[0])), lambda n: ta.settled_wilder(int(n[0]))),
    "adx": _Computed(
        lambda bars, n: ta.adx(bars.high, bars.low, bars.close, int(n[0])), lambda n: 2 * ta.settled_wilder(int(n[0]))
    ),
    "atr": _Computed(
        lambda bars, n: ta.atr(bars.high, bars.low, bars.close, int(n[0])), lambda n: ta.settled_wilder(int(n[0]))
    ),
    "stoch_k": _Computed(
        lambda bars, n: _stochastic(bars, n)[0], lambda n: int(sum(n)) + 1
    ),
    "stoch_d": _Computed(
        lambda bars, n: _stochastic(bars, n)[1], lambda n: int(sum(n)) + 1
    ),
    "macd": _Computed(lambda bars, n: _macd(bars, n)[0], _macd_needs),
    "macd_signal": _Computed(lambda bars, n: _macd(bars, n)[1], _macd_needs),
    "bb_upper": _Computed(lambda bars, n: ta.bollinger(bars.close, int(n[0]), n[1])[2], _longest),
    "bb_lower": _Computed(lambda bars, n: ta.bollinger(bars.close, int(n[0]), n[1])[0], _longest),
    "highest": _Computed(lambda bars, n: ta.highest_before(bars.high, int(n[0])), _longest),
    "lowest": _Computed(lambda bars, n: ta.lowest_before(bars.low, int(n[0])), _longest),
}  # fmt: skip


def values_of(value: Value, bars: Bars) -> Floats:
    """One value per bar, NaN before the first. Raises KeyError for an unknown name."""
    if value.name == NUMBER:
        return np.full(len(bars), value.numbers[0])
    if not len(bars):
        return np.empty(0)
    return np.asarray(_COMPUTED[value.name].values(bars, value.numbers), dtype=np.float64)


def bars_needed(condition: BarShows) -> int:
    """How many bars before the one judged both sides need, the bar before it included."""
    sides = (condition.left, condition.right)
    return 1 + max(1 if each.name == NUMBER else _COMPUTED[each.name].needs(each.numbers) for each in sides)
