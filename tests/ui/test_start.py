"""A start is light: charts and data frames are imported when their tab is first shown, not before the window."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

_SCRIPT = """
import sys
from PySide6.QtCore import QTimer
from qbx_desktop import app, launch
if __name__ == "__main__":
    options = launch.options(["--window", "--home", sys.argv[1], "--speed", "600"])
    options.home.prepare()
    program = app.Program(options)
    heavy = {"pandas", "pyqtgraph", "numba", "talib"}
    def look():
        print("AFTER SHOW", sorted(heavy & set(sys.modules)))
        program.quit()
    program.window.show()
    QTimer.singleShot(0, look)
    program.app.exec()
    program.stop()
"""


def test_u2_the_window_is_up_before_pandas_or_pyqtgraph(tmp_path: Path) -> None:
    script = tmp_path / "start.py"
    script.write_text(_SCRIPT)
    ended = subprocess.run(
        [sys.executable, str(script), str(tmp_path / "home")],
        capture_output=True, text=True, timeout=100, env=os.environ | {"QT_QPA_PLATFORM": "offscreen"},
    )  # fmt: skip
    assert "AFTER SHOW []" in ended.stdout, ended.stdout + ended.stderr
    assert ended.returncode == 0
