"""A search in a process of its own, to be killed: `python -m … HOME LOG`; logs each number as it is run."""

from __future__ import annotations

import sys
import time
from concurrent.futures import Future
from pathlib import Path

from qbx_desktop.backtest.search.criterion import criterion
from qbx_desktop.backtest.search.evaluate import Batch
from qbx_desktop.backtest.search.loop import search
from qbx_desktop.backtest.search.outcome import Outcome, fields
from qbx_desktop.backtest.search.plan import plan_of
from qbx_desktop.backtest.search.runner import Inline
from qbx_desktop.backtest.search.space import axis_of_text, checked_axes
from qbx_desktop.backtest.search.stored import key_of_search, stored_search
from qbx_desktop.data.database import Database

from .landscape import swings


class Logging(Inline):
    """Writes down what it runs, and takes a little time."""

    def __init__(self, log: Path) -> None:
        super().__init__(swings(300))
        self._log = log

    def submit(self, batch: Batch) -> Future[list[Outcome]]:
        future = super().submit(batch)
        with self._log.open("a") as file:
            file.write("".join(f"{number}\n" for number, _ in batch.items))
        time.sleep(0.01)
        return future


def resumed(home: Path, log: Path) -> list[Outcome]:
    """Run, or go on with, the search of this home."""
    given = swings(300)
    axes = checked_axes(given, [axis_of_text("fast_period=2:12:1"), axis_of_text("slow_period=10:45:5")])
    plan = plan_of("grid", axes, 0, 0, criterion("net_profit", [], fields()))
    with Database.open(home / "bots.db") as db:
        key = key_of_search(given, {"method": "grid"}, axes)
        store = stored_search(db, given, key, "grid", "test", {}, plan.total, resume=True)
        return search(plan, Logging(log), store)


if __name__ == "__main__":
    resumed(Path(sys.argv[1]), Path(sys.argv[2]))
