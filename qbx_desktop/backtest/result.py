"""What a backtest gives back, and its JSON."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any, NamedTuple

from ..domain.bars import Floats, Ints
from ..domain.messages import Message
from .assumptions import assumptions_of
from .compiled import why_slow
from .engine import Walk
from .input import BacktestInput
from .passport import hash_of_list, passport_of
from .report import report_of
from .trust import TrustMark, marks_of

# bars walked without machine code from which a trader notices
_SLOW = 200_000


class Band(NamedTuple):
    """Net profit had every bar that touched both stop and target gone against the trader, as counted, and for him."""

    pessimistic: float
    resolved: float
    optimistic: float


class BacktestResult:
    """Trades, refused entries by reason, curves per bar, report, passport, assumptions and trust marks.

    Money is in account currency, `times` are the opens of the bars (server epoch seconds). What only a reader of the
    result needs is made when it is read.
    """

    def __init__(self, given: BacktestInput, walk: Walk) -> None:
        """From a walk that is done."""
        self._given = given
        self._bars, self._spread = walk.tape.bars, walk.tape.spread
        self.trades = walk.trades
        self.refused: Mapping[str, int] = walk.refused
        self.times: Ints = walk.tape.bars.time
        self.balance: Floats = walk.curves.balance
        self.equity: Floats = walk.curves.equity
        self.equity_low: Floats = walk.curves.equity_low
        self._slow = walk.plain_bars > _SLOW
        figures = walk.figures()
        self.report: Mapping[str, Any] = report_of(figures, walk.exits, walk.unit)
        self.band = Band(
            float(figures["pessimistic_net"][0]) / walk.unit, self.report["net_profit"],
            float(figures["optimistic_net"][0]) / walk.unit,
        )  # fmt: skip

    @cached_property
    def passport(self) -> Mapping[str, Any]:
        """Everything the result depends on."""
        return passport_of(self._given)

    @cached_property
    def assumptions(self) -> list[Message]:
        """What the result takes for granted; last, if this run was slow, why."""
        why = why_slow() if self._slow else None
        return assumptions_of(self._given) + ([why] if why else [])

    @cached_property
    def trust(self) -> list[TrustMark]:
        """How far it can be believed."""
        return marks_of(self._given, self._bars, self.trades, self._spread)

    @property
    def hash(self) -> str:
        """SHA-256 of trades, refusals, report and final curves: equal runs have equal hashes."""
        curves = [array.tobytes().hex() for array in (self.balance[-1:], self.equity[-1:])]
        trades = [vars(trade) for trade in self.trades]
        return hash_of_list(trades, dict(self.refused), dict(self.report), curves)

    def to_json(self, *, curves: bool = False) -> dict[str, Any]:
        """As plain JSON values; an empty figure is null. `curves` adds the values of every bar."""
        value: dict[str, Any] = {
            "trades": [dict(vars(trade)) for trade in self.trades],
            "refused": dict(self.refused),
            "band": self.band._asdict(),
            "report": dict(self.report),
            "passport": dict(self.passport),
            "assumptions": [_plain(each) for each in self.assumptions],
            "trust": [{"name": mark.name, "good": mark.good, **_plain(mark.message)} for mark in self.trust],
            "hash": self.hash,
        }
        if curves:
            value["curves"] = {
                "time": self.times.tolist(),
                "balance": self.balance.tolist(),
                "equity": self.equity.tolist(),
                "equity_low": self.equity_low.tolist(),
            }
        return value


def _plain(message: Message) -> dict[str, Any]:
    return {"code": message.code, "params": dict(message.params), "text": message.text}
