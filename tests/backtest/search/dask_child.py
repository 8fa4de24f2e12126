"""Two Dask workers in processes of their own against the serial search: `python -m …`; prints what it found."""

from __future__ import annotations

import sys
import time

from qbx_desktop.backtest.search.criterion import criterion
from qbx_desktop.backtest.search.loop import Memory, search
from qbx_desktop.backtest.search.outcome import fields
from qbx_desktop.backtest.search.plan import plan_of
from qbx_desktop.backtest.search.runner import Inline, runner_for
from qbx_desktop.backtest.search.space import axis_of_text, checked_axes
from qbx_desktop.backtest.search.study import doubts_of
from qbx_desktop.domain.errors import Temporary

from .landscape import swings


def say(*words: object) -> None:
    sys.stdout.write(" ".join(map(str, words)) + "\n")
    sys.stdout.flush()


def main() -> None:
    from distributed import LocalCluster

    given = swings(400)
    axes = checked_axes(given, [axis_of_text("fast_period=2:6:1"), axis_of_text("slow_period=10:30:10")])
    plan = plan_of("grid", axes, 0, 0, criterion("net_profit", [], fields()))
    serial = search(plan, Inline(given), Memory())
    with LocalCluster(  # type: ignore[no-untyped-call]
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
    ) as cluster:
        with runner_for(given, scheduler=cluster.scheduler_address) as runner:
            spread = search(plan, runner, Memory())
            say("workers", runner.workers)
            blocks = [each.blocks for each in serial]
            asked, known = serial[0].combo, doubts_of(given, serial[0].combo, blocks)
            say(
                "doubts", runner.call(doubts_of, asked, blocks).random_share == known.random_share is not None
            )
            cancelled_at = time.monotonic()
            runner.stop()
            say("stopped", time.monotonic() - cancelled_at < 5)
        say("equal", spread == serial, len(spread))
    try:
        runner_for(given, scheduler="tcp://127.0.0.1:9")
    except Temporary as error:
        say("refused", error.sentence)


if __name__ == "__main__":
    main()
