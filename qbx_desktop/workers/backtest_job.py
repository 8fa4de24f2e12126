"""What the trader chose in the form, as plain values that can be stored, and the backtest input made of them."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..backtest.input import Account, BacktestInput, Costs
from ..data.bar_files import BarFile
from ..data.bar_source import SeriesName
from ..domain.errors import UserMistake
from ..domain.known_symbols import known_symbol, with_digits
from ..domain.limits import Limits
from ..domain.messages import declare
from ..domain.params import make
from ..domain.sizing import Sizing, StopDistance, StopUnit
from ..domain.symbol import SymbolSpec
from ..strategies import registry

_OLD = declare(
    "backtest.choices_unreadable",
    "The inputs of this saved run were written by another version ({why}). Its results are shown; choose the inputs anew.",
)


@dataclass(frozen=True)
class Choices:
    """All inputs of one run. `start` is taken in, `end` left out (server epoch seconds, None: all bars).

    The bars are those of the price file `path`, or with `series` that history of the bar store at `path`; likewise the finer
    bars `detail` that decide which of stop and target came first.
    `spec` is the symbol's specification where the terminal gave one, else the built-in one counts. `rate` is account
    currency for one of profit currency, None where it is not needed.
    """

    path: Path
    symbol: str
    strategy: str
    params: Mapping[str, object] = field(default_factory=dict)
    account: Account = field(default_factory=Account)
    costs: Costs = field(default_factory=Costs)
    sizing: Sizing = field(default_factory=lambda: Sizing(lots=0.1))
    sl: StopDistance = field(default_factory=StopDistance)
    tp: StopDistance = field(default_factory=StopDistance)
    atr_period: int = 14
    reverse: bool = True
    start: int | None = None
    end: int | None = None
    rate: float | None = None
    spec: SymbolSpec | None = None
    series: SeriesName | None = None
    delay_bars: int = 0
    inside_bar: str = "pessimistic"
    guards: Limits | None = None
    detail: Path | None = None
    detail_series: SeriesName | None = None

    @property
    def finer(self) -> Choices | None:
        """The same choice of the finer bars; None where there are none."""
        if self.detail is None:
            return None
        return dataclasses.replace(self, path=self.detail, series=self.detail_series, detail=None)

    @property
    def source(self) -> str:
        """What the bars are called: the file's name, or symbol, timeframe and server of the stored history."""
        return self.path.name if self.series is None else self.series.title

    def to_json(self) -> dict[str, Any]:
        """As plain JSON values, for the saved run."""
        detail = None if self.detail is None else str(self.detail)
        return {
            **dataclasses.asdict(self), "path": str(self.path), "params": dict(self.params), "detail": detail
        }  # fmt: skip

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Choices:
        """From what `to_json` gave. Raises UserMistake for anything else."""
        try:
            return cls(
                path=Path(values["path"]), symbol=str(values["symbol"]), strategy=str(values["strategy"]),
                params=dict(values["params"]), account=Account(**values["account"]), costs=Costs(**values["costs"]),
                sizing=Sizing(**values["sizing"]), sl=_stop(values["sl"]), tp=_stop(values["tp"]),
                atr_period=int(values["atr_period"]), reverse=bool(values["reverse"]), start=values["start"],
                end=values["end"], rate=values["rate"],
                spec=None if values["spec"] is None else SymbolSpec(**values["spec"]),
                series=_series(values.get("series")),
                delay_bars=int(values.get("delay_bars", 0)), inside_bar=str(values.get("inside_bar", "pessimistic")),
                guards=Limits.of(values["guards"], Limits.off()) if values.get("guards") else None,
                detail=Path(values["detail"]) if values.get("detail") else None,
                detail_series=_series(values.get("detail_series")),
            )  # fmt: skip
        except (KeyError, TypeError, ValueError) as error:
            raise UserMistake(_OLD(why=f"{type(error).__name__}: {error}"[:120])) from error


def spec_of(choices: Choices, bar_file: BarFile) -> SymbolSpec:
    """The specification to run with: the terminal's, or the built-in one with as many digits as the file has.

    Raises UserMistake for a symbol of which nothing is known.
    """
    if choices.spec is not None:
        return choices.spec
    known = known_symbol(choices.symbol)
    return with_digits(known, bar_file.digits) if bar_file.digits > known.digits else known


def input_of(choices: Choices, bar_file: BarFile, detail: BarFile | None = None) -> BacktestInput:
    """The choices with the bars they name, as the engine takes them: what the command line makes of the same files.

    Raises UserMistake, ParamError for a parameter.
    """
    strategy = registry.get(choices.strategy)
    return BacktestInput(
        bars=bar_file.bars,
        spec=spec_of(choices, bar_file),
        strategy=strategy.key,
        params=dataclasses.asdict(make(strategy.Params, choices.params)),
        account=choices.account,
        costs=choices.costs,
        sizing=choices.sizing,
        sl=choices.sl,
        tp=choices.tp,
        atr_period=choices.atr_period,
        reverse=choices.reverse,
        start=choices.start,
        end=choices.end,
        rate=choices.rate,
        delay_bars=choices.delay_bars,
        detail=None if detail is None else detail.bars,
        inside_bar=choices.inside_bar,
        guards=choices.guards,
    )


def _series(values: Mapping[str, Any] | None) -> SeriesName | None:
    return SeriesName(**values) if values else None


def _stop(values: Mapping[str, Any]) -> StopDistance:
    return StopDistance(StopUnit(values["unit"]), float(values["value"]))
