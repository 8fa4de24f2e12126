"""The second witness: the live desk on the simulated terminal and the backtest make the same trades, to the cent."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from qbx_desktop.backtest.input import Account, BacktestInput, Costs
from qbx_desktop.backtest.run import run
from qbx_desktop.domain.bots import SizingMode, StopMode
from qbx_desktop.domain.sizing import Sizing, StopDistance, StopUnit
from qbx_desktop.domain.symbol import SymbolSpec
from qbx_desktop.strategies import registry
from qbx_desktop.strategies.contract import Strategy

from .stage import Stage
from .test_live_equals_replay import _LIVE, _WARM, noisy

OPEN_LIMITS = {
    "max_lots_per_order": 0,
    "max_open_lots": 0,
    "min_free_margin_percent": 0,
    "refusals_in_a_row": 0,
}
_REASONS = {3: "signal", 4: "sl", 5: "tp", 6: "stop out"}


def live_trades(stage: Stage) -> list[dict[str, Any]]:
    """The broker's deals as trades; only those that were closed."""
    trades: dict[int, dict[str, Any]] = {}
    for deal in stage.deals():
        if deal.entry == 0:
            trades[deal.position_id] = {
                "side": "buy" if deal.type == 0 else "sell", "volume": deal.volume, "open_price": deal.price,
                "profit": 0.0, "swap": 0.0, "commission": deal.commission,
            }  # fmt: skip
            continue
        trade = trades[deal.position_id]
        trade["close_price"], trade["reason"] = deal.price, _REASONS[deal.reason]
        for name in ("profit", "swap", "commission"):
            trade[name] = round(trade[name] + getattr(deal, name), 2)
    return [trade for trade in trades.values() if "close_price" in trade]


@pytest.mark.parametrize("how", ["fixed lots, pips", "risk, ATR"])
@pytest.mark.parametrize("strategy", registry.all_strategies(), ids=lambda each: each.key)
def test_live_and_backtest_agree(strategy: Strategy, how: str, make_stage: Callable[..., Stage]) -> None:
    bars = noisy(11)
    stage = make_stage(bars=bars, warm=_WARM)
    stage.start()
    if how == "risk, ATR":
        settings = {
            "sizing_mode": SizingMode.RISK_PERCENT, "risk_percent": 1.0, "stop_mode": StopMode.ATR_MULT, "sl_atr": 2.0,
            "tp_atr": 3.0,
        }  # fmt: skip
        sizing, sl, tp = (
            Sizing(risk_percent=1.0),
            StopDistance(StopUnit.ATR, 2.0),
            StopDistance(StopUnit.ATR, 3.0),
        )
    else:
        settings = {}
        sizing, sl, tp = Sizing(lots=0.1), StopDistance(StopUnit.PIPS, 40), StopDistance(StopUnit.PIPS, 60)
    stage.running_bot(
        strategy=strategy.key,
        strategy_params=None,
        sl_pips=40,
        tp_pips=60,
        settings=settings,
        limits=OPEN_LIMITS,
    )
    spec = SymbolSpec.from_symbol_info(stage.desk.floor.symbols.read("EURUSD"))
    stage.bar(_LIVE)
    live = live_trades(stage)

    result = run(
        BacktestInput(
            bars, spec, strategy.key, account=Account(stop_out=0.0), costs=Costs(spread_points=10), sizing=sizing,
            sl=sl, tp=tp, start=int(bars.time[_WARM]), end=int(bars.time[_WARM + _LIVE]),
        )
    )  # fmt: skip
    expected = [
        {
            "side": trade.side, "volume": trade.volume, "open_price": trade.open_price, "profit": trade.profit,
            "swap": trade.swap, "commission": trade.commission, "close_price": trade.close_price,
            "reason": "signal" if trade.reason in ("signal", "reverse") else trade.reason,
        }
        for trade in result.trades
        if trade.reason != "end of data"
    ]  # fmt: skip
    assert expected, "a comparison of nothing proves nothing"
    assert live[: len(expected)] == expected
    assert len(live) - len(expected) in (0, 1), "at most the trade that the end of the data cut off"
