"""A study with its walk-forward in a process of its own: `python -m … HOME`; prints what its process had to load."""

from __future__ import annotations

import sys
from pathlib import Path

from qbx_desktop.backtest.search.space import axis_of_text
from qbx_desktop.backtest.search.study import Request, optimise, walk
from qbx_desktop.data.database import Database

from .landscape import swings

if __name__ == "__main__":
    given = swings(700)
    request = Request((axis_of_text("fast_period=2:4:1"), axis_of_text("slow_period=10,20")), jobs=2)
    with Database.open(Path(sys.argv[1]) / "bots.db") as db:
        study = optimise(db, given, request)
        found = walk(db, given, request, 10, 5)
    assert study.verdict is not None
    assert found.trades
    sys.stdout.write(",".join(sorted({"numba", "talib", "pandas"} & sys.modules.keys())))
