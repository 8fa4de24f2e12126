"""How late a 10 ms timer of the window gets while its terminal hangs, crashes, lies or restarts, and while a backtest of
a million bars reads its file, runs and is shown, beside an idle window.

The whole program with a trading bot on a practice market at 600x; every order in flight must be reported as unknown and
the link must come back.  Run: python bench/window_stall.py   (offscreen, or on $DISPLAY with QT_QPA_PLATFORM=xcb)
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from qbx_desktop import app
from tests.fakes.prices import walk, write_csv
from tests.ui.stall_probe import STRIKES, Patient, pause, wait

LIMIT_MS = 100.0
IDLE_SECONDS = 8.0
BARS = 1_000_000


def long_backtest(patient: Patient, folder: Path) -> list[tuple[str, float]]:
    """The Backtest tab built, a price file of a million bars chosen and run, the candles shown."""
    window = patient.program.window
    found = []

    def step(name: str, action: Callable[[], object], until: Callable[[], bool]) -> None:
        patient.lateness.restart()
        action()
        wait(until, name, 600.0)
        pause(1.0)
        found.append((name, patient.lateness.worst))

    path = write_csv(folder / "EURUSD_M1.csv", walk(BARS))
    step("Backtest tab is built", lambda: window.show_tab(2), lambda: window.backtest.content is not None)
    tab = window.backtest.built()
    step(f"a file of {BARS:,} bars", lambda: tab.use_file(path), lambda: True)
    step(f"backtest of {BARS:,} bars", tab.start, lambda: not tab.is_running)
    step("its candles", lambda: tab.result.pages.setCurrentIndex(1), lambda: True)
    return found


def main() -> None:
    app.application()
    with tempfile.TemporaryDirectory(prefix="qbx-bench-") as folder:
        patient = Patient(Path(folder))
        pause(1.0)
        patient.lateness.restart()
        pause(IDLE_SECONDS)
        rows = [("idle window", patient.lateness.worst)]
        patient.start_bot()
        patient.lateness.restart()
        pause(IDLE_SECONDS)
        rows.append(("a bot trades", patient.lateness.worst))
        rows += [(each.name, patient.strike(each)) for each in STRIKES]
        reported = patient.unknown
        rows += long_backtest(patient, Path(folder))
        patient.close()
    idle = max(rows[0][1], 0.1)
    print(f"10 ms timer on {os.environ['QT_QPA_PLATFORM']}, load {os.getloadavg()[0]:.1f}")
    print(f"{'':<26}{'worst late ms':>14}{'x idle':>8}{'of 100 ms':>11}")
    for name, late in rows:
        print(f"{name:<26}{late:>14.1f}{late / idle:>8.1f}{late / LIMIT_MS:>10.0%}")
    print(f"{reported} orders in flight were reported as unknown")


if __name__ == "__main__":
    main()
