"""The report's figures of a pass without curves. Compilable."""

from __future__ import annotations

import math
from typing import Any

from .figures import of_trades, of_whole, sortino


def skim_figures(
    time: Any, bars: int, falls: Any, equity: Any, trades: Any, room: Any, count: int, unit: float, deposit: int,
    state: Any, out: Any, exits: Any,
) -> None:  # fmt: skip
    """Fill the one record of `out` (`layout.FIGURES`): what `figures.figures` makes of curves, to the last bit.

    `falls` and `equity` as :func:`skim.skim` left them; `equity` becomes account currency.
    """
    row, now, balance, sunk = out[0], state[0], falls[0], falls[1]
    of_trades(time, trades, room, count, unit, deposit, row, exits)
    row["balance_drawdown_absolute"] = max(0.0, (deposit - balance["lowest"]) / unit)
    row["balance_drawdown_maximal"] = balance["maximal"] / unit
    row["balance_drawdown_maximal_percent"] = balance["its_share"] * 100.0
    row["balance_drawdown_relative"] = balance["its_money"] / unit
    row["balance_drawdown_relative_percent"] = balance["widest"] * 100.0
    row["equity_drawdown_absolute"] = max(0.0, (deposit - sunk["lowest"]) / unit)
    row["equity_drawdown_maximal"] = sunk["maximal"] / unit
    row["equity_drawdown_maximal_percent"] = sunk["its_share"] * 100.0
    row["equity_drawdown_relative"] = sunk["its_money"] / unit
    row["equity_drawdown_relative_percent"] = sunk["widest"] * 100.0
    for k in range(len(equity)):
        equity[k] /= unit
    row["sortino"] = sortino(equity, deposit / unit) if len(equity) > 0 else math.nan
    of_whole(time, bars, now["balance"] / unit, deposit / unit, now["in_market"], now["level"], row)
