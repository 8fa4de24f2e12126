"""Speed and memory of reading, judging and importing a big CSV, against plain `pandas.read_csv` of the same file.

Ratios by CPU time, round by round in one process; below 1 is faster than pandas, which neither checks a row nor finds
digits nor says what is wrong. Peak memory is measured in fresh processes, and the longest pause between two questions
whether to cancel. Run: python bench/bar_import.py [BARS] [ROUNDS]
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "bench")]

import pandas as pd  # noqa: E402

from qbx_desktop.data.bar_export import export_bars  # noqa: E402
from qbx_desktop.data.bar_file_check import check_file  # noqa: E402
from qbx_desktop.data.bar_files import read_bars  # noqa: E402
from qbx_desktop.data.bar_import import import_file  # noqa: E402
from qbx_desktop.data.bar_store import BarStore  # noqa: E402
from qbx_desktop.domain.timeframe import Timeframe  # noqa: E402

BARS = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
ROUNDS = int(sys.argv[2]) if len(sys.argv) > 2 else 3

PEAK = """
import sys
sys.path[:0] = {paths!r}
{work}
print(int(next(line for line in open("/proc/self/status") if line.startswith("VmHWM")).split()[1]) // 1024)
"""
IMPORT = """
from qbx_desktop.data.bar_import import import_file
from qbx_desktop.data.bar_store import BarStore
with BarStore({store!r}) as store:
    import_file(store, {csv!r}, symbol="X")
"""
PANDAS = "import pandas\nframe = pandas.read_csv({csv!r}, parse_dates=['time'])"


def spent(work: Callable[[], object]) -> float:
    """CPU seconds."""
    begun = time.process_time()
    work()
    return time.process_time() - begun


def peak_megabytes(work: str) -> int:
    """Peak memory of a fresh process that does `work`."""
    script = PEAK.format(paths=sys.path[:2], work=work)
    return int(
        subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
    )


def longest_pause(csv: Path, store: BarStore) -> float:
    """Milliseconds between two questions whether to cancel, at most, during one import."""
    pauses, last = [0.0], time.perf_counter()

    def cancelled() -> bool:
        nonlocal last
        now = time.perf_counter()
        pauses.append(now - last)
        last = now
        return False

    import_file(store, csv, symbol="Y", cancelled=cancelled)
    return 1000 * max(pauses)


def main() -> None:
    """Print one JSON object."""
    from bar_store import minute_bars

    bars = minute_bars(BARS)
    with tempfile.TemporaryDirectory() as folder:
        csv, mt5 = Path(folder, "rates.csv"), Path(folder, "mt5.csv")
        export_bars(bars, mt5, timeframe=Timeframe.M1, digits=5)
        frame = pd.DataFrame({name: getattr(bars, name) for name in bars.__dataclass_fields__})
        frame["time"] = pd.to_datetime(frame["time"], unit="s")
        frame.to_csv(csv, index=False)
        del frame, bars
        ways: dict[str, Callable[[], object]] = {
            "pandas": lambda: pd.read_csv(csv, parse_dates=["time"]),
            "read_bars": lambda: read_bars(csv),
            "read_bars_mt5_export": lambda: read_bars(mt5),
            "check": lambda: check_file(csv),
        }
        taken: dict[str, list[float]] = {name: [] for name in [*ways, "import"]}
        for round_ in range(ROUNDS):
            for name, work in ways.items():
                taken[name].append(spent(work))
            with BarStore(Path(folder, f"{round_}.db")) as store:
                taken["import"].append(spent(lambda store=store: import_file(store, csv, symbol="X")))
        with BarStore(Path(folder, "0.db")) as store:
            pause = longest_pause(csv, store)
        memory = {
            "import": peak_megabytes(IMPORT.format(store=str(Path(folder, "m.db")), csv=str(csv))),
            "pandas": peak_megabytes(PANDAS.format(csv=str(csv))),
        }
        megabytes = csv.stat().st_size / 1e6
    print(json.dumps({
        "bars": BARS, "file_mb": round(megabytes),
        "seconds_cpu": {name: round(statistics.median(each), 2) for name, each in taken.items()},
        "times_pandas": {
            name: round(statistics.median(a / b for a, b in zip(each, taken["pandas"], strict=True)), 2)
            for name, each in taken.items() if name != "pandas"
        },
        "peak_mb": memory, "goal_peak_mb": 300,
        "longest_pause_ms": round(pause, 1), "goal_pause_ms": 200,
    }, indent=1))  # fmt: skip


if __name__ == "__main__":
    main()
