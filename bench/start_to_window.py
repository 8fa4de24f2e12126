"""How long until the window is painted, beside a bare Qt window with a table: CPU seconds of whole processes."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

ROUNDS = 5
BARE = """
import resource, sys
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QMainWindow, QTableWidget
app = QApplication(sys.argv)
window = QMainWindow()
window.setCentralWidget(QTableWidget(20, 8))
window.resize(1366, 768)
window.show()
def painted():
    window.grab()
    used = resource.getrusage(resource.RUSAGE_SELF)
    print(used.ru_utime + used.ru_stime)
    app.exit(0)
QTimer.singleShot(0, painted)
app.exec()
"""
OURS = """
import gc, resource, sys
gc.disable()  # as __main__ does
from PySide6.QtCore import QTimer
from qbx_desktop import app, launch
if __name__ == "__main__":
    options = launch.options(["--window", "--home", sys.argv[1]])
    options.home.prepare()
    program = app.Program(options)
    program.window.show()
    def painted():
        program.window.grab()
        used = resource.getrusage(resource.RUSAGE_SELF)
        print(used.ru_utime + used.ru_stime)
        program.quit()
    QTimer.singleShot(0, painted)
    program.app.exec()
    program.stop()
"""


def seconds(script: str, folder: Path) -> float:
    """CPU seconds of one fresh process up to its first painted window."""
    path = folder / "start.py"
    path.write_text(script, encoding="utf-8")
    # Compiled modules are kept, as in every installation; the first start of the run makes them.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environment |= {"QT_QPA_PLATFORM": "offscreen", "PYTHONPYCACHEPREFIX": str(folder / "compiled")}
    ended = subprocess.run(
        [sys.executable, str(path), str(folder / "home")],
        capture_output=True, text=True, check=True, env=environment,
    )  # fmt: skip
    return float(ended.stdout.split()[-1])


def main() -> None:
    """Print the ratio per round and its median; the goal is 1.6."""
    ratios = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        seconds(BARE, folder)
        seconds(OURS, folder)  # makes the database, fills the caches
        for number in range(1, ROUNDS + 1):
            bare, ours = seconds(BARE, folder), seconds(OURS, folder)
            ratios.append(ours / bare)
            print(f"round {number}: bare {bare:.2f} s, ours {ours:.2f} s, ratio {ours / bare:.2f}")
    print(f"median ratio {statistics.median(ratios):.2f} (goal 1.6)")


if __name__ == "__main__":
    main()
