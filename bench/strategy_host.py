"""A decision on 500 bars through the strategy process, against the same rule called in this process as the limit.

Also: how long after a strategy hung (and its process was ended) the next one is answered, and what a backtest's one
question about 100,000 bars costs.  Run: python bench/strategy_host.py
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT)]

from qbx_desktop.strategies.ma_crossover import MaCrossover  # noqa: E402
from qbx_desktop.strategies.own.errors import OwnStrategyError  # noqa: E402
from qbx_desktop.strategies.own.host import HostLimits, StrategyHost  # noqa: E402
from qbx_desktop.strategies.own.source import read_source  # noqa: E402
from qbx_desktop.strategies.own.strategy import Known, OwnStrategy  # noqa: E402
from qbx_desktop.strategies.own.template import template  # noqa: E402
from qbx_desktop.strategies.sample_market import sample_market  # noqa: E402
from tests.fakes import own_files  # noqa: E402

ROUNDS = 300
BARS = 500
MANY = 100_000


def median_us(work: Callable[[], object]) -> float:
    """Median of ROUNDS calls in microseconds."""
    work()
    taken = []
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        work()
        taken.append(1e6 * (time.perf_counter() - begun))
    return statistics.median(taken)


def main() -> None:
    """Print the table and the same as JSON."""
    bars, many = sample_market(BARS), sample_market(MANY)
    shipped = MaCrossover()
    params = shipped.Params()

    def inline() -> None:
        shipped.signals(bars, params)
        shipped.explain(bars, params)

    with tempfile.TemporaryDirectory() as folder:
        host = StrategyHost(Path(folder), HostLimits(seconds=2.0))
        sources = {}
        for name, text in (
            ("numpy_rule", template("numpy_rule")),
            ("pandas_rule", own_files.WITH_PANDAS),
            ("hangs", own_files.HANGS),
        ):
            path = Path(folder) / f"{name}.py"
            path.write_text(text, encoding="utf-8")
            sources[name] = read_source(path)
        begun = time.perf_counter()
        numpy_rule = OwnStrategy(sources["numpy_rule"], host, Known())
        start = time.perf_counter() - begun
        inside = median_us(inline)
        through = median_us(lambda: host.ask(sources["numpy_rule"], "look", {}, bars).result())
        pandas = median_us(lambda: host.ask(sources["pandas_rule"], "look", {}, bars).result())
        begun = time.perf_counter()
        numpy_rule.signals(many, numpy_rule.Params())
        whole = time.perf_counter() - begun
        begun = time.perf_counter()
        shipped.signals(many, params)
        whole_inside = time.perf_counter() - begun
        try:
            host.ask(sources["hangs"], "look", {}, bars).result()
        except OwnStrategyError as error:
            said = error.sentence
        begun = time.perf_counter()
        host.ask(sources["numpy_rule"], "look", {}, bars).result()
        again = time.perf_counter() - begun
        host.close()

    print(f"decision on {BARS} bars, crossover of two means (median of {ROUNDS})")
    print(f"  in this process            {inside:8.0f} us   1.0 x")
    print(f"  through the process, numpy {through:8.0f} us  {through / inside:4.1f} x")
    print(f"  through the process, pandas{pandas:8.0f} us  {pandas / inside:4.1f} x")
    print(
        f"signals of {MANY:,} bars: here {1e3 * whole_inside:.1f} ms, through the process {1e3 * whole:.1f} ms"
    )
    print(f"start of the process and first file: {start:.2f} s")
    print(f"'{said}': the next strategy was answered {again:.2f} s later")
    print(json.dumps({"inline_us": inside, "host_us": through, "pandas_us": pandas, "restart_s": again}))


if __name__ == "__main__":
    main()
