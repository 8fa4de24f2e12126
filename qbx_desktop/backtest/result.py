"""What a backtest gives back, and its JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..domain.bars import Floats, Ints
from ..domain.messages import Message
from .passport import hash_of
from .trade import Trade
from .trust import TrustMark


@dataclass(frozen=True, eq=False)
class BacktestResult:
    """Trades, refused entries by reason, curves per bar, report, passport, assumptions and trust marks.

    Money is in account currency, `times` are the opens of the bars (server epoch seconds).
    """

    trades: tuple[Trade, ...]
    refused: Mapping[str, int]
    times: Ints
    balance: Floats
    equity: Floats
    equity_low: Floats
    report: Mapping[str, Any]
    passport: Mapping[str, Any]
    assumptions: list[Message]
    trust: list[TrustMark]

    @property
    def hash(self) -> str:
        """SHA-256 of trades, refusals, report and final curves: equal runs have equal hashes."""
        curves = [array.tobytes().hex() for array in (self.balance[-1:], self.equity[-1:])]
        return hash_of(
            [[vars(trade) for trade in self.trades], dict(self.refused), dict(self.report), curves]
        )

    def to_json(self, *, curves: bool = False) -> dict[str, Any]:
        """As plain JSON values; an empty figure is null. `curves` adds the values of every bar."""
        value: dict[str, Any] = {
            "trades": [dict(vars(trade)) for trade in self.trades],
            "refused": dict(self.refused),
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
