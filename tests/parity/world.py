"""One world for both witnesses: bars, symbol, account and costs as the backtest takes them and as a broker has them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from qbx_desktop.backtest.input import Account, BacktestInput, Costs
from qbx_desktop.backtest.run import run
from qbx_desktop.backtest.trade import Trade
from qbx_desktop.data import calendar_file, settings
from qbx_desktop.domain.bars import Bars
from qbx_desktop.domain.bots import SizingMode, StopMode
from qbx_desktop.domain.limits import Limits
from qbx_desktop.domain.sizing import Sizing, StopDistance, StopUnit
from qbx_desktop.domain.symbol import SymbolSpec
from qbx_desktop.domain.timeframe import Timeframe
from qbx_desktop.trading.commission import KEY
from qbx_desktop.trading.desk import Desk
from tests.simulator.second_witness import Closed, trades_of
from tests.trading.stage import Stage

# What a live desk refuses beyond the rules of the backtest, switched off: this suite is about the fills.
OPEN_LIMITS: dict[str, float] = {
    "max_lots_per_order": 0, "max_open_lots": 0, "min_free_margin_percent": 0, "refusals_in_a_row": 0,
}  # fmt: skip
_REASONS = {"reverse": "signal"}


@dataclass(frozen=True)
class World:
    """`warm` bars before the first one traded, then `live` bars; `stops` in pips, or in ATR with risk sizing."""

    name: str
    spec: SymbolSpec
    bars: Bars
    warm: int
    live: int
    account: Account = field(default_factory=lambda: Account(stop_out=50.0))
    costs: Costs = field(default_factory=Costs)
    lots: float = 0.1
    risk: float | None = None
    sl: float = 40.0
    tp: float = 60.0
    netting: bool = False
    guards: Limits | None = None
    calendar: str = ""

    def given(self, strategy: str) -> BacktestInput:
        """As the backtest takes it."""
        unit = StopUnit.PIPS if self.risk is None else StopUnit.ATR
        end = self.warm + self.live
        return BacktestInput(
            self.bars[: end + 1], self.spec, strategy, account=self.account, costs=self.costs,
            sizing=Sizing(lots=self.lots) if self.risk is None else Sizing(risk_percent=self.risk),
            sl=StopDistance(unit, self.sl), tp=StopDistance(unit, self.tp),
            start=int(self.bars.time[self.warm]), end=int(self.bars.time[end]), guards=self.guards,
            news=calendar_file.parse(self.calendar),
        )  # fmt: skip

    def bot(self, strategy: str) -> dict[str, Any]:
        """As the live desk takes it."""
        chosen: dict[str, Any] = {}
        pips = {"sl_pips": int(self.sl), "tp_pips": int(self.tp)}
        if self.risk is not None:
            chosen = {
                "sizing_mode": SizingMode.RISK_PERCENT, "risk_percent": self.risk, "stop_mode": StopMode.ATR_MULT,
                "sl_atr": self.sl, "tp_atr": self.tp,
            }  # fmt: skip
            pips = {}
        limits = OPEN_LIMITS if self.guards is None else {**OPEN_LIMITS, **self.guards.to_mapping()}
        return {
            "market": self.spec.symbol, "timeframe": self.frame.name, "strategy": strategy, "strategy_params": None,
            "lot_size": self.lots, "settings": chosen, "limits": limits, **pips,
        }  # fmt: skip

    @property
    def frame(self) -> Timeframe:
        step = int(np.median(np.diff(self.bars.time)))
        return next(each for each in Timeframe if each.seconds == step)

    def broker(self) -> dict[str, Any]:
        """As the simulated terminal takes it."""
        spec, costs = self.spec, self.costs
        symbol = {
            "digits": spec.digits, "trade_tick_size": spec.tick_size, "trade_contract_size": spec.contract_size,
            "trade_calc_mode": spec.calc_mode, "currency_base": spec.currency_base,
            "currency_profit": spec.currency_profit, "currency_margin": spec.currency_margin,
            "volume_min": spec.volume_min, "volume_max": spec.volume_max, "volume_step": spec.volume_step,
            "trade_stops_level": spec.stops_level, "swap_mode": spec.swap_mode, "swap_long": spec.swap_long,
            "swap_short": spec.swap_short, "swap_rollover3days": spec.swap_rollover3days,
            "margin_rate": spec.margin_rate, "margin_hedged": spec.contract_size,
            "spread": spec.spread if costs.spread_points is None else costs.spread_points,
            "spread_float": costs.spread_from_bars,
            "commission": {"kind": "per_lot", "amount": costs.commission_per_lot},
            "slippage": {"kind": "fixed", "points": costs.slippage_points},
        }  # fmt: skip
        account = {
            "currency": self.account.currency, "balance": self.account.balance,
            "leverage": int(self.account.leverage), "margin_so_so": self.account.stop_out, "margin_so_call": 0.0,
        }  # fmt: skip
        return {
            "profile": "Demo-Netting" if self.netting else "Demo-Hedging",
            "bars": self.bars[: self.warm + self.live + 1], "warm": self.warm, "symbol": self.spec.symbol,
            "overrides": {"account": account, "symbols": {self.spec.symbol: symbol}, "always_open": True},
        }  # fmt: skip


def backtested(world: World, strategy: str) -> list[Closed]:
    """What the backtest makes of it, without the trade that the end of the data cut off."""
    return [_closed(each) for each in run(world.given(strategy)).trades if each.reason != "end of data"]


def _closed(trade: Trade) -> Closed:
    return Closed(
        trade.side, trade.volume, trade.open_time, trade.open_price, trade.sl, trade.tp, trade.close_time,
        trade.close_price, _REASONS.get(trade.reason, trade.reason), trade.profit, trade.swap, trade.commission,
    )  # fmt: skip


def traded(
    world: World, strategy: str, folder: Path, before: Callable[[Any], object] = lambda api: None
) -> list[Closed]:
    """What the live desk makes of it: a real database, the real order road, the stepped simulator.

    `before` gets the terminal when the bot runs and no bar has passed yet.
    """
    with desk_at_work(world, strategy, folder) as (stage, _):
        before(stage.api.api)
        _live(stage, world.live)
        return trades_of(stage.api.api, world.bars.time)


@contextmanager
def desk_at_work(world: World, strategy: str, folder: Path) -> Iterator[tuple[Stage, int]]:
    """A stage whose one bot runs, with its number; no bar has passed yet."""
    stage = Stage(folder, **world.broker())
    (folder / "calendar.csv").write_text(world.calendar, encoding="utf-8")
    stage.desk_class = partial(
        Desk, slippage_points=world.costs.slippage_points, calendar_path=folder / "calendar.csv"
    )
    try:
        commission = str(world.costs.commission_per_lot)
        stage.db.write(lambda con: settings.set(con, KEY, commission))
        stage.start()
        yield stage, stage.running_bot(**world.bot(strategy))
    finally:
        stage.end()


def _live(stage: Stage, count: int) -> None:
    """Bar by bar; the desk's clock moves as far as the market's did, also over a weekend."""
    before = int(stage.api.api.sim_state()["server_time"])
    for _ in range(count):
        now = stage.api.api.sim_step_bar()
        if now is None:
            return
        stage.clock.advance(now - before)
        before = now
        stage.round(2)


def differences(world: World, live: list[Closed], tested: list[Closed]) -> list[str]:
    """What differs, trade by trade; what the live desk opened at or after the end is left out."""
    end = int(world.bars.time[world.warm + world.live])
    live = [each for each in live if each.close_time < end]
    found = [f"{k}: {a} | {b}" for k, (a, b) in enumerate(zip(live, tested, strict=False)) if a != b]
    if len(live) != len(tested):
        found.insert(0, f"{len(live)} live trades, {len(tested)} in the backtest")
    return found[:4]
