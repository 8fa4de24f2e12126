"""How late a 10 ms timer of the window gets while a search runs on all cores, beside the same window idle.

The whole program with its Backtest tab; a grid of 400 on the sample prices, one process per core. At the end the program
is closed in the middle of a search, and what was computed is counted.  Run: python bench/search_stall.py
"""

from __future__ import annotations

import os
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
from tests.ui.stall_probe import Lateness, pause

LIMIT_MS = 100.0


def show(window: object, *titles: str) -> None:
    """Bring pages into sight by their titles."""
    for title in titles:
        for tabs in window.findChildren(QTabWidget):  # type: ignore[attr-defined]
            for at in range(tabs.count()):
                if tabs.tabText(at) == title:
                    tabs.setCurrentIndex(at)
        pause(0.5)


def main() -> None:
    app.application()
    with tempfile.TemporaryDirectory(prefix="qbx-bench-") as folder:
        os.environ["QBX_HOME"] = folder
        options = launch.options([])
        options.home.prepare()
        program = app.Program(options)
        program.start()
        pause(3.0)
        show(program.window, "Backtest", "Optimise")
        tab = program.window.findChild(BacktestTab)
        page = tab.studies.optimise
        page.ranges.set_range("fast_period", 5, 2, 43)
        page.ranges.set_range("slow_period", 50, 10, 240)
        late = Lateness()
        late.restart()
        pause(8.0)
        idle = max(late.worst, 0.1)
        late.restart()
        page.start()
        heard = 0
        for _ in range(600):
            pause(0.1)
            heard = page.progress.value()
            if heard >= 500 or not page.is_running:
                break
        running = late.worst
        cores = os.cpu_count()
        print(f"10 ms timer, {cores} cores, load {os.getloadavg()[0]:.1f}, search at {heard / 10:.0f} %")
        print(f"idle window      {idle:8.1f} ms at worst")
        print(
            f"search running   {running:8.1f} ms at worst, {running / idle:.1f} x idle, {running / LIMIT_MS:.0%} of 100 ms"
        )
        told = page.status.text()
        program.quit()
        program.stop()
        with Database.open(Path(folder) / "bots.db") as db:
            kept = len(searches.runs(db.reader(), 1))
        print(f"closed in the middle: the page said {told!r}, {kept} results are in the database")


if __name__ == "__main__":
    main()
