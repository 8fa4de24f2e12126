"""The values of a closed bar an alert can name: prices, volume and indicators, with their numbers and bounds."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

NUMBER = "number"
PRICE, INDEX, DISTANCE, VOLUME = "price", "index", "distance", "volume"


@dataclass(frozen=True)
class Setting:
    """One number of an indicator: its English label, default and bounds; `decimals` 0 for whole numbers."""

    label: str
    default: float
    low: float
    high: float
    decimals: int = 0


@dataclass(frozen=True)
class BarValue:
    """One value. `label` is the same in every language; only values of one `unit` can be compared."""

    name: str
    label: str
    unit: str
    settings: tuple[Setting, ...] = ()

    @property
    def defaults(self) -> tuple[float, ...]:
        """The numbers to begin with."""
        return tuple(each.default for each in self.settings)


_PERIOD_MOST = 500


def _period(default: int, label: str = "Period", low: int = 2) -> Setting:
    return Setting(label, default, low, _PERIOD_MOST)


_BANDS = (_period(20), Setting("Width", 2.0, 0.1, 10.0, 1))
VALUES: dict[str, BarValue] = {
    each.name: each
    for each in (
        BarValue("close", "Close", PRICE),
        BarValue("open", "Open", PRICE),
        BarValue("high", "High", PRICE),
        BarValue("low", "Low", PRICE),
        BarValue("sma", "SMA", PRICE, (_period(50),)),
        BarValue("ema", "EMA", PRICE, (_period(50),)),
        BarValue("rsi", "RSI", INDEX, (_period(14),)),
        BarValue("adx", "ADX", INDEX, (_period(14),)),
        BarValue("stoch_k", "Stochastic %K", INDEX, (_period(14), _period(3, "Smoothing", 1))),
        BarValue("stoch_d", "Stochastic %D", INDEX, (_period(14), _period(3, "Smoothing", 1), _period(3, "Signal", 1))),
        BarValue("macd", "MACD", DISTANCE, (_period(12, "Fast"), _period(26, "Slow", 3))),
        BarValue("macd_signal", "MACD signal", DISTANCE, (_period(12, "Fast"), _period(26, "Slow", 3), _period(9, "Signal"))),
        BarValue("atr", "ATR", DISTANCE, (_period(14),)),
        BarValue("bb_upper", "Bollinger upper", PRICE, _BANDS),
        BarValue("bb_lower", "Bollinger lower", PRICE, _BANDS),
        BarValue("highest", "Highest high before", PRICE, (_period(20, low=1),)),
        BarValue("lowest", "Lowest low before", PRICE, (_period(20, low=1),)),
        BarValue("volume", "Tick volume", VOLUME),
    )
}  # fmt: skip


def text_of(name: str, numbers: Sequence[float]) -> str:
    """A value as a trader writes it: `RSI(14)`, `Close`, `30`."""
    if name == NUMBER:
        return f"{numbers[0]:.10g}" if numbers else "?"
    label = VALUES[name].label if name in VALUES else name
    return f"{label}({', '.join(f'{each:g}' for each in numbers)})" if numbers else label


def wrong_setting(name: str, numbers: Sequence[float]) -> int | None:
    """The place of the first number that cannot be, None when all can. MACD's fast period is shorter than its slow one.

    Raises KeyError for an unknown name.
    """
    if name == NUMBER:
        return None if len(numbers) == 1 and math.isfinite(numbers[0]) else 0
    settings = VALUES[name].settings
    if len(numbers) != len(settings):
        return 0
    for at, (number, each) in enumerate(zip(numbers, settings, strict=True)):
        whole = each.decimals > 0 or float(number).is_integer()
        if not math.isfinite(number) or not each.low <= number <= each.high or not whole:
            return at
    if name in ("macd", "macd_signal") and numbers[0] >= numbers[1]:
        return 0
    return None
