"""U30: a program that trades ends at once, and takes its threads and its terminal's process with it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

END_S, PATIENCE = 3.0, 5  # the check's figure; five times as much before it fails

_SCRIPT = """
import sys, threading, time
import psutil
from PySide6.QtCore import QTimer
from qbx_desktop import app, launch
from qbx_desktop.domain.events import Link

def threads():
    return [each.name for each in threading.enumerate()
            if each is not threading.main_thread() and not isinstance(each, threading._DummyThread)]

def children():
    # Python's own tracker of shared memory ends with the program, not before it.
    lines = [" ".join(each.cmdline()) for each in psutil.Process().children(recursive=True)]
    return [each for each in lines if "resource_tracker" not in each]

if __name__ == "__main__":
    options = launch.options(["--window", "--home", sys.argv[1], "--speed", "600"])
    options.home.prepare()
    program = app.Program(options)
    program.start()
    poll = QTimer(interval=100)
    poll.timeout.connect(lambda: program.quit() if program.live.link.link is Link.READY else None)
    poll.start()
    program.app.exec()
    print("RAN", len(threads()) > 2, len(children()) > 0)
    began = time.perf_counter()
    program.stop()
    print("ENDED", time.perf_counter() - began, threads(), children())
"""


def test_u30_threads_and_children_are_gone_within_three_seconds(tmp_path: Path) -> None:
    script = tmp_path / "end.py"
    script.write_text(_SCRIPT, encoding="utf-8")
    ended = subprocess.run(
        [sys.executable, str(script), str(tmp_path / "home")],
        capture_output=True, text=True, timeout=110, env=os.environ | {"QT_QPA_PLATFORM": "offscreen"},
    )  # fmt: skip
    assert "RAN True True" in ended.stdout, ended.stdout + ended.stderr
    said = next(line for line in ended.stdout.splitlines() if line.startswith("ENDED"))
    _, seconds, left = said.split(" ", 2)
    assert left == "[] []"
    assert float(seconds) < END_S * PATIENCE
    assert ended.returncode == 0
