"""How late a 10 ms timer of the window gets while a search runs on all cores, beside the same window idle.

The whole program with its Backtest tab; a grid of 400 on the sample prices, one process per core, from the click to the
verdict, the table and the map.  At the end the program is closed in the middle of a second search, and what was computed
is counted.  The machine code is made before (`qbx prepare`).  Run: python bench/search_stall.py [--rounds N]
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from PySide6.QtWidgets import QTabWidget

from qbx_desktop import app, launch
from qbx_desktop.data import searches
from qbx_desktop.data.database import Database
from qbx_desktop.ui.tabs.backtest_tab import BacktestTab
from qbx_desktop.ui.tabs.optimise_page import OptimisePage
from tests.ui.stall_probe import Lateness, pause, wait

ROOT = Path(__file__).resolve().parent.parent
LIMIT_MS = 100.0


def show(window: object, *titles: str) -> None:
    """Bring pages into sight by their titles."""
    for title in titles:
        for tabs in window.findChildren(QTabWidget):  # type: ignore[attr-defined]
            for at in range(tabs.count()):
                if tabs.tabText(at) == title:
                    tabs.setCurrentIndex(at)
        pause(0.5)


def whole_search(page: OptimisePage, late: Lateness) -> tuple[float, float]:
    """The worst lateness while a search runs, and while its results are looked at."""
    late.restart()
    page.start()
    wait(lambda: not page.is_running, "the search", 600.0)
    pause(1.0)
    running = late.worst
    late.restart()
    for at in range(page.views.count()):
        page.views.setCurrentIndex(at)
        pause(0.5)
    return running, late.worst


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    app.application()
    with tempfile.TemporaryDirectory(prefix="qbx-bench-") as folder:
        os.environ["QBX_HOME"] = folder
        subprocess.run([sys.executable, "-m", "qbx_desktop", "prepare"], cwd=ROOT, check=True)
        asked = launch.options([])
        asked.home.prepare()
        program = app.Program(asked)
        program.start()
        pause(3.0)
        show(program.window, "Backtest", "Optimise")
        page = program.window.findChild(BacktestTab).studies.optimise
        page.ranges.set_range("fast_period", 5, 2, 43)
        page.ranges.set_range("slow_period", 50, 10, 240)
        late = Lateness()
        late.restart()
        pause(8.0)
        idle = max(late.worst, 0.1)
        print(f"10 ms timer, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
        print(f"idle window      {idle:8.1f} ms at worst")
        for _ in range(options.rounds):
            for name, worst in zip(
                ("search running", "results shown"), whole_search(page, late), strict=True
            ):
                print(
                    f"{name:<16} {worst:8.1f} ms at worst, {worst / idle:.1f} x idle, {worst / LIMIT_MS:.0%} of 100 ms, "
                    f"load {os.getloadavg()[0]:.1f}"
                )
        page.start()
        wait(lambda: page.progress.value() >= 300 or not page.is_running, "results", 300.0)
        told = page.status.text()
        program.quit()
        program.stop()
        with Database.open(Path(folder) / "bots.db") as db:
            kept = len(searches.runs(db.reader(), options.rounds + 1))
        print(f"closed in the middle: the page said {told!r}, {kept} results are in the database")


if __name__ == "__main__":
    main()
