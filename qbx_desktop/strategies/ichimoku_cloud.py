"""ICHIMOKU_CLOUD: the turning line crossing the standard line, outside of the cloud, on the current bar."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..domain.bars import Bars
from ..domain.messages import Message, declare
from ..domain.params import check, param
from ..domain.signals import Signals
from .answers import signals_from
from .comparisons import above, crossings
from .contract import Difficulty, Guidance, Plot, Preset
from .indicators import before, midpoint
from .rule import Lines, RuleStrategy

_BUY = declare(
    "ichimoku_cloud.buy",
    "Tenkan ({tenkan:.7g}) has just crossed above kijun ({kijun:.7g}); the close is {close:.7g}, the cloud reaches from "
    "{span_a:.7g} to {span_b:.7g}.",
)
_SELL = declare(
    "ichimoku_cloud.sell",
    "Tenkan ({tenkan:.7g}) has just crossed below kijun ({kijun:.7g}); the close is {close:.7g}, the cloud reaches from "
    "{span_a:.7g} to {span_b:.7g}.",
)
_WAIT = declare(
    "ichimoku_cloud.wait",
    "Tenkan {tenkan:.7g}, kijun {kijun:.7g}, close {close:.7g}, cloud {span_a:.7g} to {span_b:.7g}; "
    "waiting for a crossing outside of the cloud.",
)

_BUY_ANY = declare(
    "ichimoku_cloud.buy_any", "Tenkan ({tenkan:.7g}) has just crossed above kijun ({kijun:.7g})."
)
_SELL_ANY = declare(
    "ichimoku_cloud.sell_any", "Tenkan ({tenkan:.7g}) has just crossed below kijun ({kijun:.7g})."
)
_WAIT_ANY = declare(
    "ichimoku_cloud.wait_any", "Tenkan {tenkan:.7g}, kijun {kijun:.7g}; waiting for a crossing."
)


@dataclass(frozen=True)
class Params:
    """Lengths in bars; the cloud is drawn `kijun_period` bars ahead."""

    tenkan_period: int = param(
        9, "Tenkan", low=1, high=1_000, step=1, search=(5, 20, 3),
        help="Bars of the quick middle line between the highest high and the lowest low.",
    )  # fmt: skip
    kijun_period: int = param(
        26, "Kijun", low=1, high=1_000, step=1, search=(20, 52, 4),
        help="Bars of the slow middle line, and how many bars ahead the cloud is drawn.",
    )  # fmt: skip
    senkou_period: int = param(
        52, "Senkou B", low=1, high=1_000, step=1, search=(40, 104, 8),
        help="Bars of the slowest middle line, which is one edge of the cloud.",
    )  # fmt: skip
    use_cloud_filter: bool = param(
        True,
        "Cloud filter",
        help="Buys only above the cloud and sells only below it; off trades every crossing.",
    )

    def __post_init__(self) -> None:
        check(self)


class IchimokuCloud(RuleStrategy):
    """Hosoda's lines without the lagging one: it is the close of the past and decides nothing about the last bar.

    The cloud at a bar was drawn `kijun_period` bars before, so nothing here reads a later bar.
    """

    key = "ICHIMOKU_CLOUD"
    title = "Ichimoku Cloud"
    description = (
        "Buys when the tenkan line crosses above the kijun line while the close is above the cloud, and sells on the "
        "mirror. Decides on the bar that just closed."
    )
    Params: type = Params
    guidance = Guidance(
        Difficulty.INTERMEDIATE,
        "Markets with long trends: yen pairs, indices and metals, on H4 to D1.",
        "Ichimoku Kinko Hyo (Goichi Hosoda, 1969)",
    )
    presets: tuple[Preset, ...] = (
        Preset(
            "Learning", "Every crossing is traded: the cloud is only looked at.",
            {"use_cloud_filter": False},
        ),
        Preset(
            "Calm", "Doubled lengths: few crossings, only long trends.",
            {"tenkan_period": 18, "kijun_period": 52, "senkou_period": 104},
        ),
    )  # fmt: skip

    def reads_from(self, params: Any) -> int:
        crossing = max(params.tenkan_period, params.kijun_period)
        if not params.use_cloud_filter:
            return int(crossing)
        return int(max(crossing, params.senkou_period)) - 1 + int(params.kijun_period)

    def lines(self, bars: Bars, params: Any) -> Lines:
        tenkan, kijun, slow = (
            midpoint(bars.high, bars.low, period)
            for period in (params.tenkan_period, params.kijun_period, params.senkou_period)
        )
        ahead, gaps = int(params.kijun_period), not params.use_cloud_filter
        return {
            "tenkan": Plot(f"Tenkan {params.tenkan_period}", tenkan),
            "kijun": Plot(f"Kijun {params.kijun_period}", kijun),
            "span_a": Plot("Senkou A", before((tenkan + kijun) / 2, ahead), gaps=gaps),
            "span_b": Plot("Senkou B", before(slow, ahead), gaps=gaps),
        }

    def rule(self, bars: Bars, params: Any, lines: Lines) -> Signals:
        up, down = crossings(lines["tenkan"].values, lines["kijun"].values)
        if params.use_cloud_filter:
            span_a, span_b = lines["span_a"].values, lines["span_b"].values
            up &= above(bars.close, span_a) & above(bars.close, span_b)
            down &= above(span_a, bars.close) & above(span_b, bars.close)
        return signals_from(up, down)

    def say(self, word: str, values: Mapping[str, float], params: Any) -> Message:
        if params.use_cloud_filter:
            return {"BUY": _BUY, "SELL": _SELL}.get(word, _WAIT)(**values)
        return {"BUY": _BUY_ANY, "SELL": _SELL_ANY}.get(word, _WAIT_ANY)(**values)
