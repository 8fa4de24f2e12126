"""One finished or reloaded backtest as the screen shows it, and its row in `backtest_results`."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..backtest.result import BacktestResult, Band
from ..backtest.trade import Trade
from ..data.backtests import BacktestRecord
from ..domain.bars import Bars, Floats, Ints
from ..domain.curves import drawdown_percent
from ..domain.errors import QbxError
from ..domain.messages import Message
from ..domain.money import currency_digits
from .backtest_job import Choices

_POINTS_STORED = 2_000
# what the appraisal adds to a result
_BESIDE = ("baseline", "history_quality")


@dataclass(frozen=True)
class Mark:
    """One trust mark: `good` is green."""

    name: str
    good: bool
    message: Message


@dataclass(frozen=True, eq=False)
class ShownRun:
    """Everything the result side shows. `bars` are empty when the file of a saved run is gone.

    `band` is the net profit at the worst, as counted and at the best where bars touched both stop and target; None where
    an old run does not know it. `problem` is why it could not be saved or shown whole; `record_id` 0 means not saved. Curves have one value per
    `times`, which for a reloaded run may be thinned out; bar 0 of `bars` is the run's first. `appraisal` is empty until it
    is known, `deepest` is :func:`drawdown_percent` where it is worked out already.
    """

    choices: Choices | None
    title: str
    trades: Sequence[Trade]
    report: dict[str, Any]
    times: Ints
    balance: Floats
    equity: Floats
    equity_low: Floats
    refused: dict[str, int] = field(default_factory=dict)
    band: Band | None = None
    assumptions: tuple[Message, ...] = ()
    trust: tuple[Mark, ...] = ()
    bars: Bars = field(default_factory=Bars.empty)
    digits: int = 5
    currency: str = "USD"
    deposit: float = 10_000.0
    record_id: int = 0
    problem: QbxError | None = None
    appraisal: Mapping[str, Any] = field(default_factory=dict)
    deepest: Floats | None = None

    @property
    def money_digits(self) -> int:
        """Decimals of the account's money."""
        return currency_digits(self.currency)


def shown_run(choices: Choices, result: BacktestResult, bars: Bars, digits: int, **more: Any) -> ShownRun:
    """What the screen shows of a run that has just ended."""
    return ShownRun(
        choices=choices, title=title_of(choices), trades=result.trades, report=dict(result.report),
        times=result.times, balance=result.balance, equity=result.equity, equity_low=result.equity_low,
        refused=dict(result.refused), band=result.band, assumptions=tuple(result.assumptions),
        trust=tuple(Mark(each.name, each.good, each.message) for each in result.trust),
        bars=bars, digits=digits, currency=choices.account.currency, deposit=choices.account.balance,
        deepest=drawdown_percent(result.equity, result.equity_low, choices.account.balance), **more,
    )  # fmt: skip


def title_of(choices: Choices) -> str:
    """Strategy, symbol and file in one line."""
    return f"{choices.strategy} · {choices.symbol} · {choices.source}"


def record_of(choices: Choices, result: BacktestResult, user_id: int) -> BacktestRecord:
    """The row to store: the predecessor's columns filled honestly, and everything the run produced."""
    report = result.report
    total = int(report["total_trades"])
    won = int(report["profit_trades"])
    stored = result.to_json()
    trades = stored.pop("trades")  # the column trade_log has them
    kept = thinned(len(result.times), _POINTS_STORED)
    stored["curves"] = {
        "time": result.times[kept].tolist(),
        "balance": result.balance[kept].tolist(),
        "equity": result.equity[kept].tolist(),
        "equity_low": _lowest(result.equity_low, kept).tolist(),
    }
    return BacktestRecord(
        strategy_name=choices.strategy, data_filename=choices.source,
        total_profit_usd=float(report["net_profit"]), total_trades=total,
        win_rate_percent=100.0 * won / total if total else 0.0,
        max_drawdown_percent=float(report["equity_drawdown_relative_percent"] or 0.0),
        wins=won, losses=total - won, equity_curve=stored["curves"]["equity"], trade_log=trades,
        parameters=choices.to_json(), result=stored, user_id=user_id,
    )  # fmt: skip


def from_record(record: BacktestRecord) -> ShownRun:
    """A saved run again, without bars. A row of the predecessor shows its columns and its curve as it is."""
    choices, problem = None, None
    try:
        choices = Choices.from_json(record.parameters)
    except QbxError as error:
        problem = error
    result = record.result or {}
    curves = result.get("curves") or {}
    equity = np.asarray(curves.get("equity") or _plain_curve(record.equity_curve), np.float64)
    times = np.asarray(curves.get("time") or [0] * len(equity), np.int64)
    names = {each.name for each in dataclasses.fields(Trade)}
    trades = [Trade(**each) for each in record.trade_log if set(each) == names]
    return ShownRun(
        choices=choices, title=f"{record.strategy_name} · {record.data_filename}" if choices is None else title_of(choices),
        trades=tuple(trades), report=result.get("report") or _old_report(record), times=times,
        balance=np.asarray(curves.get("balance") or equity, np.float64), equity=equity,
        equity_low=np.asarray(curves.get("equity_low") or equity, np.float64),
        refused=dict(result.get("refused") or {}),
        band=Band(**result["band"]) if result.get("band") else None,
        assumptions=tuple(Message(each["code"], each["params"]) for each in result.get("assumptions", ())),
        trust=tuple(Mark(m["name"], m["good"], Message(m["code"], m["params"])) for m in result.get("trust", ())),
        currency=choices.account.currency if choices else "USD",
        deposit=choices.account.balance if choices else float(equity[0]) if len(equity) else 0.0,
        record_id=record.id, problem=problem,
        appraisal={name: result[name] for name in _BESIDE if name in result},
    )  # fmt: skip


def thinned(count: int, most: int) -> Ints:
    """At most about `most` indexes of `count`, the last one always among them."""
    if count <= most:
        return np.arange(count)
    return np.unique(np.append(np.arange(0, count, -(-count // most)), count - 1))


def _lowest(values: Floats, kept: Ints) -> Floats:
    """The lowest value of each stretch that a kept index stands for, so that no drawdown is thinned away."""
    starts = np.append(0, kept[:-1] + 1)
    return np.minimum.reduceat(values, starts) if len(values) else values


def _plain_curve(curve: list[Any]) -> list[float]:
    return [float(each) for each in curve if isinstance(each, int | float)]


def _old_report(record: BacktestRecord) -> dict[str, Any]:
    return {
        "net_profit": record.total_profit_usd, "total_trades": record.total_trades, "profit_trades": record.wins,
        "loss_trades": record.losses, "equity_drawdown_relative_percent": record.max_drawdown_percent,
    }  # fmt: skip
