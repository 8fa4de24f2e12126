"""QUANTUMBOTX_CRYPTO: trending or ranging, with the RSI as a brake and flags for wild hours and weekends."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from ..domain.bars import Bars, Ints
from ..domain.messages import Message, MessageKind, declare
from ..domain.params import check, param
from ..domain.signals import Signals
from ..domain.timeframe import Timeframe
from .answers import signals_from
from .comparisons import Flags, above, not_above
from .contract import Difficulty, Guidance, Plot, Preset
from .indicators import deviation, rsi, settled_wilder, sma
from .regime import regime_from, regime_lines, regime_rules, regime_settled
from .rule import HIDDEN, Lines, RuleStrategy, once_per_setup

_BUY = declare(
    "quantumbotx_crypto.buy",
    "ADX {adx:.1f}, RSI {rsi:.1f}, close {close:.7g} above the trend ({trend:.7g}): a crossing up or a touch of the lower "
    "band ({lower:.7g}).",
)
_SELL = declare(
    "quantumbotx_crypto.sell",
    "ADX {adx:.1f}, RSI {rsi:.1f}, close {close:.7g} below the trend ({trend:.7g}): a crossing down or a touch of the "
    "upper band ({upper:.7g}).",
)
_WAIT = declare(
    "quantumbotx_crypto.wait",
    "ADX {adx:.1f}, RSI {rsi:.1f}, close {close:.7g}, trend {trend:.7g}, volatility {volatility:.2f} %; waiting.",
)
_WILD = declare(
    "quantumbotx_crypto.wild",
    "The closes of 24 bars deviate by {volatility:.2f} % of their mean: too wild, no signal.",
)
_DAY = 86_400
_VOLATILITY_BARS = 24
_MIDDLE, _WEEKEND_DISTANCE = 50.0, 15.0


@dataclass(frozen=True)
class Params:
    """Lengths in bars, width in standard deviations, thresholds in points of ADX and RSI, volatility in percent."""

    adx_period: int = param(
        10, "ADX", low=1, high=500, step=1, search=(7, 28, 7),
        help="Bars in the ADX, which tells how strong the trend is, whatever its direction.",
    )  # fmt: skip
    adx_threshold: float = param(
        20.0, "ADX threshold", low=0, high=100, step=1, search=(15, 40, 5),
        help="Above this ADX the market counts as trending and crossings are traded, below it touches of the bands.",
    )  # fmt: skip
    ma_fast_period: int = param(
        12, "Fast average", low=1, high=5_000, step=1, search=(5, 50, 5),
        help="Bars in the fast average; fewer bars react sooner and give more false signals.",
    )  # fmt: skip
    ma_slow_period: int = param(
        26, "Slow average", low=1, high=5_000, step=1, search=(20, 200, 10),
        help="Bars in the slow average, which stands for the trend; it should be longer than the fast one.",
    )  # fmt: skip
    bb_length: int = param(
        20, "Bands", low=2, high=1_000, step=1, search=(10, 40, 5),
        help="Bars in the bands: how many bars are the normal range that price returns to.",
    )  # fmt: skip
    bb_std: float = param(
        2.2, "Width", low=0.1, high=10.0, step=0.1, search=(1.5, 3.0, 0.25),
        help="Standard deviations between the middle and a band; wider bands are touched less often.",
    )  # fmt: skip
    trend_filter_period: int = param(
        100, "Trend filter", low=1, high=5_000, step=1, search=(50, 300, 50),
        help="Bars in the long average: above it only buying is allowed, below it only selling.",
    )  # fmt: skip
    rsi_period: int = param(
        14, "RSI", low=1, high=1_000, step=1, search=(7, 28, 7),
        help="Bars in the RSI, which tells how strong the latest moves were; fewer bars make it nervous.",
    )  # fmt: skip
    rsi_overbought: float = param(
        75.0, "RSI overbought", low=0, high=100, step=1, search=(65, 85, 5),
        help="Above this RSI no crossing is bought any more, and touches of the upper band may be sold.",
    )  # fmt: skip
    rsi_oversold: float = param(
        25.0, "RSI oversold", low=0, high=100, step=1, search=(15, 35, 5),
        help="Below this RSI no crossing is sold any more, and touches of the lower band may be bought.",
    )  # fmt: skip
    volatility_filter: float = param(
        2.0, "Most volatility, %", low=0.0, high=100.0, step=0.1, search=(0.5, 4.0, 0.5),
        help="No signal while the closes of the last 24 bars deviate from their mean by more than this percentage.",
    )  # fmt: skip
    weekend_mode: bool = param(
        True, "Careful at weekends",
        help="On Saturdays and Sundays a signal also needs an RSI at least 15 points away from 50.",
    )  # fmt: skip
    once_per_setup: bool = once_per_setup()

    def __post_init__(self) -> None:
        check(self)


class QuantumBotXCrypto(RuleStrategy):
    """The hybrid's two rules with quicker lengths, an RSI brake, a limit of volatility and a weekend flag.

    Volatility is the population deviation of the last 24 closes in percent of their mean, so the default of 2 % can
    really block. Weekend is Saturday and Sunday in server time, by the open of the bar.
    """

    key = "QUANTUMBOTX_CRYPTO"
    title = "QuantumBotX Crypto"
    description = (
        "Crossings of averages while the ADX says that the market trends, touches of the bands with an extreme RSI while "
        "it ranges; with a limit of volatility and extra care at weekends, both of which can be turned off."
    )
    Params: type = Params
    guidance = Guidance(
        Difficulty.ADVANCED,
        "Cryptocurrencies, which never close and move far, on H1 to H4; costs are high there.",
    )
    presets: tuple[Preset, ...] = (
        Preset(
            "Learning", "A nearer trend and milder extremes: signals come often enough to watch and learn.",
            {"trend_filter_period": 50, "rsi_overbought": 70.0, "rsi_oversold": 30.0, "once_per_setup": True},
        ),
        Preset(
            "All week", "No extra care at weekends: Saturday and Sunday count like any other day.",
            {"weekend_mode": False},
        ),
    )  # fmt: skip
    sentences: ClassVar[Mapping[str, MessageKind]] = {"BUY": _BUY, "SELL": _SELL, "HOLD": _WAIT}

    def reads_from(self, params: Any) -> int:
        return max(regime_from(params), int(params.rsi_period), _VOLATILITY_BARS - 1)

    def settled_after(self, params: Any, timeframe: Timeframe) -> int:
        return max(regime_settled(params), settled_wilder(params.rsi_period), self.reads_from(params))

    def lines(self, bars: Bars, params: Any) -> Lines:
        mean = sma(bars.close, _VOLATILITY_BARS)
        with np.errstate(invalid="ignore", divide="ignore"):
            volatility = 100.0 * deviation(bars.close, _VOLATILITY_BARS) / mean
        return {
            **regime_lines(bars, params),
            "rsi": Plot(f"RSI {params.rsi_period}", rsi(bars.close, params.rsi_period), pane=2),
            "volatility": Plot("Volatility, %", volatility, pane=HIDDEN),
        }

    def rule(self, bars: Bars, params: Any, lines: Lines) -> Signals:
        strength = lines["rsi"].values
        trending, ranging = (each.entry for each in regime_rules(bars, params, lines))
        buy = (trending > 0) & above(params.rsi_overbought, strength)
        buy |= (ranging > 0) & above(params.rsi_oversold, strength)
        sell = (trending < 0) & above(strength, params.rsi_oversold)
        sell |= (ranging < 0) & above(strength, params.rsi_overbought)
        allowed = not_above(lines["volatility"].values, params.volatility_filter)
        if params.weekend_mode:
            far = not_above(_WEEKEND_DISTANCE, np.abs(strength - _MIDDLE))
            allowed &= far | ~_weekend(bars.time)
        return signals_from(buy & allowed, sell & allowed)

    def say(self, word: str, values: Mapping[str, float], params: Any) -> Message:
        if word == "HOLD" and above(values["volatility"], params.volatility_filter):
            return _WILD(**values)
        return super().say(word, values, params)


def _weekend(times: Ints) -> Flags:
    """Saturday or Sunday; 1970-01-01 was a Thursday."""
    weekday = (times // _DAY + 4) % 7
    return np.asarray((weekday == 0) | (weekday == 6))
