"""One run in progress: the tape, where the run stands, and the pass that takes it on, compiled as soon as it can be."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from . import spare
from .compiled import Pass, ready
from .input import BacktestInput
from .layout import FIGURES, NOT_REFUSED, REASONS, REFUSALS, RULES, STATE, TRADE, Columns, Curves
from .tape import Tape, fit
from .terms import unit_of
from .trades import Trades
from .worth import in_cents


class Walk:
    """`advance` may be called in pieces of any size; the result is the same.

    `plain_bars` counts those walked without machine code. `curves` give room for the curves where there is some already. `code` is asked before every piece, so that a run which
    began before the machine code was there goes on with it.
    """

    def __init__(
        self,
        given: BacktestInput,
        tape: Tape,
        *,
        curves: Curves | None = None,
        code: Callable[[], Pass] = ready,
    ) -> None:
        self.given = given
        self.tape = tape
        self.unit = unit_of(given)
        n = len(tape)
        self.curves = curves or Curves(spare.floats(n), spare.floats(n), spare.floats(n))
        self._code = code
        self.plain_bars = 0
        self._state = np.zeros(1, STATE)
        self._state["balance"] = self.deposit = in_cents(given.account.balance * self.unit)
        self._state["deposit"] = self._state["peak"] = self.deposit
        self._state["level"] = math.inf
        self._state["day"] = self._state["halted"] = NOT_REFUSED
        self._refused = np.zeros(len(REFUSALS), np.int64)
        self._exits = np.zeros(2 * len(REASONS), np.int64)
        self._listed = spare.records(min(tape.entries, n) + 1, TRADE)

    def advance(self, start: int, stop: int) -> None:
        """Walk the bars `start … stop - 1`; pieces follow one another without a hole."""
        code = self._code()
        if not code.plain:
            code.advance(
                self.tape.columns, self.tape.terms, self._state, self.curves, self._listed, self._refused,
                start, stop,
            )  # fmt: skip
            return
        self.plain_bars += stop - start
        state = _as_dict(self._state)
        columns = Columns(*(fit(code, each) for each in self.tape.columns))
        curves = Curves(*(fit(code, each) for each in self.curves))
        code.advance(
            columns, [_as_dict(self.tape.terms)], [state], curves, self._listed, self._refused, start, stop
        )
        for name, value in state.items():
            self._state[name] = value

    def figures(self) -> NDArray[Any]:
        """The report's figures of a walk that is done: one record of :data:`layout.FIGURES`."""
        code = self._code()
        found = np.zeros(1, FIGURES)
        self._exits[:] = 0
        figures: Any = found if not code.plain else [_as_dict(found)]
        curves = Curves(*(fit(code, each) for each in self.curves))
        room = spare.floats(4 * (self._count + 1))
        code.figures(
            fit(code, self.tape.columns.time), curves, self._listed, room, self._count, float(self.unit),
            int(self._state["in_market"][0]), float(self._state["level"][0]), self.deposit, figures, self._exits,
        )  # fmt: skip
        if code.plain:
            for name, value in figures[0].items():
                found[name] = value
        return found

    @property
    def trades(self) -> Trades:
        """The trades closed so far."""
        return Trades(
            self._listed[: self._count], self.tape.bars.time, 10.0**self.given.spec.digits, self.unit
        )

    @property
    def refused(self) -> dict[str, int]:
        """Refused entries by reason; the guards' only where there are guards."""
        counts = dict(zip(REFUSALS, self._refused.tolist(), strict=True))
        return {name: counts[name] for name in (REFUSALS if self.given.guarded else RULES)}

    @property
    def balance(self) -> float:
        """Balance in account currency after the last deal."""
        return float(self._state["balance"][0]) / self.unit

    @property
    def bars_in_market(self) -> int:
        """Bars with a position inside them."""
        return int(self._state["in_market"][0])

    @property
    def margin_level(self) -> float | None:
        """The lowest margin level in percent; None where there never was a margin."""
        level = float(self._state["level"][0])
        return level if level < math.inf else None

    @property
    def exits(self) -> dict[str, tuple[int, int]]:
        """Trades and their net in cents by reason, as of the last call of `figures`."""
        counts, nets = self._exits.reshape(2, -1).tolist()
        return {
            reason: (count, net) for reason, count, net in zip(REASONS, counts, nets, strict=True) if count
        }

    @property
    def _count(self) -> int:
        return int(self._state["trades"][0])


def _as_dict(record: NDArray[Any]) -> dict[str, Any]:
    return {name: record[name][0].item() for name in record.dtype.names or ()}
