"""What a live chart shows, read in one go: closed bars, the forming one, a strategy's lines, the broker's clock."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from ..broker.command import Priority
from ..domain import params
from ..domain.bars import Bars
from ..domain.records import Tick
from ..domain.timeframe import Timeframe
from ..strategies import registry
from ..strategies.contract import Plot

if TYPE_CHECKING:
    from ..broker.terminal import Terminal

SHOWN = 1_500
_MOST = 20_000
_BEFORE = 60
_QUARTER = 900


@dataclass(frozen=True)
class ChartWish:
    """Which series, and whose lines: `strategy` empty for none, `strategy_params` the stored JSON text.

    `since` (server seconds, 0 for no matter) asks for bars that reach back to it, as far as 20,000 bars do.
    """

    symbol: str
    timeframe: Timeframe
    strategy: str = ""
    strategy_params: str | None = None
    since: int = 0


@dataclass(frozen=True, eq=False)
class ChartData:
    """`bars` closed, `forming` none or one, `plots` one value per closed bar; `ahead` seconds that the server's clock
    is ahead of UTC, None while unknown."""

    wish: ChartWish
    bars: Bars
    forming: Bars
    digits: int
    plots: tuple[Plot, ...]
    ahead: int | None


def read(terminal: Terminal, wish: ChartWish, shown: int = SHOWN) -> ChartData:
    """Read the series and work out the lines. Runs in the quotes thread. Raises QbxError."""
    terminal.select(wish.symbol)
    digits = terminal.symbol(wish.symbol, Priority.QUOTES).digits
    if wish.since:
        back = (terminal.server_time() - wish.since) // wish.timeframe.seconds + _BEFORE
        shown = min(_MOST, max(shown, back))
    strategy = registry.get(wish.strategy) if wish.strategy else None
    chosen = params.from_json(strategy.Params, wish.strategy_params) if strategy else None
    before = strategy.history(chosen, wish.timeframe) if strategy else 0
    bars = terminal.bars(wish.symbol, wish.timeframe, 0, shown + before + 1, Priority.QUOTES)
    closed, forming = bars[:-1], bars[-1:]
    plots: tuple[Plot, ...] = ()
    cut = max(0, len(closed) - shown)
    if strategy is not None and len(closed):
        whole = strategy.plots(closed, chosen)
        plots = tuple(Plot(each.name, each.values[cut:], each.pane) for each in whole)
    return ChartData(wish, closed[cut:], forming, digits, plots, _ahead(terminal))


def _ahead(terminal: Terminal) -> int | None:
    if terminal.simulated:
        state = cast(Mapping[str, float], terminal.sim("sim_state"))
        return round((state["server_time"] - state["utc"]) / _QUARTER) * _QUARTER
    offset = terminal.server_clock.offset
    return None if offset is None else offset.seconds


def moved(forming: Bars, tick: Tick, timeframe: Timeframe) -> Bars | None:
    """The forming bar after `tick` (its bid, as bars are made of); None when the tick begins a later bar."""
    if not len(forming) or timeframe.open_of(tick.time) != int(forming.time[0]):
        return None
    high, low = max(float(forming.high[0]), tick.bid), min(float(forming.low[0]), tick.bid)
    return Bars.from_prices(forming.time, forming.open, [high], [low], [tick.bid])
