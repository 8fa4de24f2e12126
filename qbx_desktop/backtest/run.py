"""One backtest from input to result: check, prepare, walk in pieces, report."""

from __future__ import annotations

from collections.abc import Callable

from ..domain.bars import Floats
from ..domain.errors import Stop
from ..domain.messages import Message, declare
from .compiled import ready
from .engine import Walk
from .input import BacktestInput, check
from .result import BacktestResult
from .tape import tape_of

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
    ready(work=len(given.bars))
    tape = tape_of(given)
    walk = Walk(given, tape)
    n = len(tape)
    piece = n if progress is None and cancelled is None else max(1, min(_LARGEST_PIECE, -(-n // _PIECES)))
    for start in range(0, n, piece):
        _stop_if(cancelled, start, n)
        stop = min(start + piece, n)
        walk.advance(start, stop)
        if progress is not None:
            progress(stop / n, stop, walk.curves.equity[start:stop])
    return BacktestResult(given, walk)


def _stop_if(cancelled: Callable[[], bool] | None, done: int, total: int) -> None:
    if cancelled is not None and cancelled():
        raise Cancelled(cancelled_after(done, total))


def cancelled_after(done: int, total: int) -> Message:
    """Why nothing was kept."""
    return _CANCELLED(done=done, total=total)
