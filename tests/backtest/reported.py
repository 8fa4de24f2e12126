"""The report of hand-made trades and curves, by both forms of the pass."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from qbx_desktop.backtest.compiled import make
from qbx_desktop.backtest.figures import figures
from qbx_desktop.backtest.layout import FIGURES, REASONS, TRADE, Curves
from qbx_desktop.backtest.report import report_of
from qbx_desktop.backtest.trade import Trade
from qbx_desktop.domain.bars import Floats, Ints

MONDAY = 1_704_067_200


class TimedCurves(NamedTuple):
    """Curves with the bars' times."""

    time: Ints
    balance: Floats
    equity: Floats
    low: Floats


def reported(trades: Sequence[Trade], line: TimedCurves, deposit: float, in_market: int) -> dict[str, Any]:
    """The report. The times of the trades lie behind those of the bars, so that they need not be bars."""
    moments = [at for each in trades for at in (each.open_time, each.close_time)]
    time = np.array([*line.time.tolist(), *moments])
    rows = np.zeros(len(trades), TRADE)
    exits: dict[str, tuple[int, int]] = {}
    counted = [np.zeros(2 * len(REASONS), np.int64) for _ in range(2)]
    for k, (row, each) in enumerate(zip(rows, trades, strict=True)):
        row["side"] = 1 if each.side == "buy" else -1
        row["entered"], row["left"] = len(line.time) + 2 * k, len(line.time) + 2 * k + 1
        row["profit"], row["swap"], row["mfe"], row["mae"] = (
            round(each.profit * 100), round((each.net - each.profit) * 100), round(each.mfe * 100), round(each.mae * 100),
        )  # fmt: skip
        row["reason"] = REASONS.index(each.reason)
        count, cents = exits.get(each.reason, (0, 0))
        exits[each.reason] = count + 1, cents + round(each.net * 100)
    found = [np.zeros(1, FIGURES) for _ in range(2)]
    for code, out, by_reason in zip((figures, make().figures), found, counted, strict=True):
        code(
            time, Curves(line.balance, line.equity, line.low), rows, np.empty(4 * (len(rows) + 1)), len(rows), 100.0,
            in_market, math.inf, round(deposit * 100), out, by_reason,
        )  # fmt: skip
    assert found[0].tobytes() == found[1].tobytes()
    for by_reason in counted:
        counts, nets = by_reason.reshape(2, -1).tolist()
        assert exits == {r: (c, net) for r, c, net in zip(REASONS, counts, nets, strict=True) if c}
    return report_of(found[0], exits, 100)
