"""Loading and size of a million minute bars: the bar store against a row per bar in sqlite and against CSV.

Every round loads each way once, in turn, by CPU time of this process; the ratio of a round compares only its own
loads. All ways end in the same arrays, which are compared. Run: python bench/bar_store.py [BARS] [ROUNDS]
"""

from __future__ import annotations

import json
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import pandas as pd  # noqa: E402

from qbx_desktop.data.bar_store import BarStore  # noqa: E402
from qbx_desktop.domain.bars import Bars  # noqa: E402
from qbx_desktop.domain.timeframe import Timeframe  # noqa: E402

BARS = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
ROUNDS = int(sys.argv[2]) if len(sys.argv) > 2 else 7
COLUMNS = ("time", "open", "high", "low", "close", "tick_volume", "spread", "real_volume")


def minute_bars(count: int) -> Bars:
    """A seeded random walk of 5 digits, 0.6 pip a minute, five days a week."""
    dice = np.random.default_rng(7)
    time_ = 1_199_059_200 + np.arange(count) * 60
    time_ += (np.arange(count) // 7_200) * 2 * 86_400
    close = 110_000 + np.cumsum(np.rint(dice.normal(0, 6, count)).astype(np.int64))
    opens = np.concatenate(([110_000], close[:-1]))
    high = np.maximum(opens, close) + np.abs(np.rint(dice.normal(0, 3, count))).astype(np.int64)
    low = np.minimum(opens, close) - np.abs(np.rint(dice.normal(0, 3, count))).astype(np.int64)
    return Bars(
        time_, opens / 1e5, high / 1e5, low / 1e5, close / 1e5, dice.poisson(60, count), dice.integers(2, 14, count),
        np.zeros(count, dtype=np.int64),
    )  # fmt: skip


def write_rows(path: Path, bars: Bars) -> None:
    """The peer: a row per bar, in the table layout that loads fastest."""
    con = sqlite3.connect(path)
    con.execute("CREATE TABLE bars (series INTEGER, time INTEGER, open REAL, high REAL, low REAL, close REAL, "
                "tick_volume INTEGER, spread INTEGER, real_volume INTEGER, PRIMARY KEY (series, time)) WITHOUT ROWID")  # fmt: skip
    with con:
        columns = zip(*(getattr(bars, name).tolist() for name in COLUMNS), strict=True)
        con.executemany("INSERT INTO bars VALUES (1, ?, ?, ?, ?, ?, ?, ?, ?)", columns)
    con.execute("VACUUM")
    con.close()


def load_rows(path: Path) -> Bars:
    """All rows of the series as bars."""
    con = sqlite3.connect(path)
    rows = con.execute("SELECT time, open, high, low, close, tick_volume, spread, real_volume FROM bars "
                       "WHERE series = 1 ORDER BY time").fetchall()  # fmt: skip
    con.close()
    return Bars(*(np.array(column) for column in zip(*rows, strict=True)))


def load_csv(path: Path) -> Bars:
    """The whole file by pandas' own reader."""
    frame = pd.read_csv(path)
    return Bars(*(frame[name].to_numpy() for name in COLUMNS))


def spent(work: Callable[[], Bars], expected: Bars) -> float:
    """CPU seconds of one load; what it loaded must be the same bars."""
    begun = time.process_time()
    bars = work()
    seconds = time.process_time() - begun
    assert all(np.array_equal(getattr(bars, name), getattr(expected, name)) for name in COLUMNS)
    return seconds


def main() -> None:
    """Print one JSON object with the medians and the ratios per round."""
    bars = minute_bars(BARS)
    with tempfile.TemporaryDirectory() as folder:
        blobs, rows, csv = (Path(folder, name) for name in ("bars.db", "rows.db", "bars.csv"))
        with BarStore(blobs) as store:
            store.put("EURUSD", Timeframe.M1, bars, digits=5)
        write_rows(rows, bars)
        pd.DataFrame({name: getattr(bars, name) for name in COLUMNS}).to_csv(csv, index=False)
        taken: dict[str, list[float]] = {"store": [], "rows": [], "csv": []}
        with BarStore(blobs, read_only=True) as store:
            for _ in range(ROUNDS):
                taken["store"].append(spent(lambda: store.get("EURUSD", Timeframe.M1), bars))
                taken["rows"].append(spent(lambda: load_rows(rows), bars))
                taken["csv"].append(spent(lambda: load_csv(csv), bars))
        sizes = {"store": blobs.stat().st_size, "rows": rows.stat().st_size, "csv": csv.stat().st_size}
    faster = {
        peer: statistics.median(a / b for a, b in zip(taken[peer], taken["store"], strict=True)) for peer in ("rows", "csv")
    }  # fmt: skip
    print(json.dumps({
        "bars": BARS,
        "load_ms_cpu": {name: round(1000 * statistics.median(each), 1) for name, each in taken.items()},
        "bytes_per_bar": {name: round(size / BARS, 2) for name, size in sizes.items()},
        "faster_than_rows": round(faster["rows"], 1), "goal_faster_than_rows": 15,
        "smaller_than_rows": round(sizes["rows"] / sizes["store"], 1), "goal_smaller_than_rows": 8,
        "faster_than_csv": round(faster["csv"], 1), "goal_faster_than_csv": 2.5,
    }, indent=1))  # fmt: skip


if __name__ == "__main__":
    main()
