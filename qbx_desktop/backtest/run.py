"""One backtest from input to result: check, prepare, walk in pieces, report."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..domain.bars import Floats, Ints
from ..domain.errors import Stop
from ..domain.messages import Message, declare
from ..domain.money import currency_digits
from .assumptions import assumptions_of
from .engine import Walk
from .input import BacktestInput, check
from .passport import passport_of
from .report import Curves, report_of
from .result import BacktestResult
from .tape import Tape, tape_of
from .trust import marks_of

_CANCELLED = declare(
    "backtest.cancelled", "The backtest was cancelled after {done} of {total} bars. Nothing was kept."
)

_PIECES, _LARGEST_PIECE = 50, 50_000

# share done 0-1, bars done, equity of the bars since the last call
Progress = Callable[[float, int, Floats], None]


class Cancelled(Stop):
    """The trader stopped the run."""


def run(
    given: BacktestInput,
    *,
    progress: Progress | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> BacktestResult:
    """Run one backtest. Raises UserMistake for an input that cannot be run, Cancelled when `cancelled()` is true."""
    check(given)
    _stop_if(cancelled, 0, len(given.bars))
    tape = tape_of(given)
    walk = Walk(given, tape)
    n = len(tape)
    piece = max(1, min(_LARGEST_PIECE, -(-n // _PIECES)))
    for start in range(0, n, piece):
        _stop_if(cancelled, start, n)
        stop = min(start + piece, n)
        walk.advance(start, stop)
        if progress is not None:
            progress(stop / n, stop, walk.equities[start:stop] / walk.terms.unit)
    return _result(given, walk)


def walk_of(given: BacktestInput, tape: Tape) -> tuple[Walk, dict[str, Any]]:
    """A whole walk over a prepared tape and its report, without a result around them."""
    walk = Walk(given, tape)
    walk.advance(0, len(tape))
    return walk, _report(given, walk, _curves(walk))


def _curves(walk: Walk) -> Curves:
    curves = (walk.balances, walk.equities, walk.lows)
    return Curves(walk.tape.bars.time, *(_money(each, walk.terms.unit) for each in curves))


def _report(given: BacktestInput, walk: Walk, curves: Curves) -> dict[str, Any]:
    return report_of(
        walk.trades,
        curves,
        walk.terms.cents(given.account.balance) / walk.terms.unit,
        bars_in_market=walk.bars_in_market,
        margin_level=walk.margin_level,
        digits=currency_digits(given.account.currency),
    )


def _result(given: BacktestInput, walk: Walk) -> BacktestResult:
    tape, curves, trades = walk.tape, _curves(walk), tuple(walk.trades)
    report = _report(given, walk, curves)
    return BacktestResult(
        trades=trades,
        refused=dict(walk.refused),
        times=curves.time,
        balance=curves.balance,
        equity=curves.equity,
        equity_low=curves.equity_low,
        report=report,
        passport=passport_of(given),
        assumptions=assumptions_of(given, tape),
        trust=marks_of(given, tape.bars, trades, tape.spread),
    )


def _money(cents: Ints, unit: int) -> Floats:
    return cents / unit


def _stop_if(cancelled: Callable[[], bool] | None, done: int, total: int) -> None:
    if cancelled is not None and cancelled():
        raise Cancelled(cancelled_after(done, total))


def cancelled_after(done: int, total: int) -> Message:
    """Why nothing was kept."""
    return _CANCELLED(done=done, total=total)
