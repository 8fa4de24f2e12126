"""How late a 10 ms timer of the window gets while its terminal hangs, crashes, lies or restarts, beside an idle window.

The whole program with a trading bot on a practice market at 600x; every order in flight must be reported as unknown and
the link must come back.  Run: python bench/window_stall.py   (offscreen, or on $DISPLAY with QT_QPA_PLATFORM=xcb)
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from qbx_desktop import app
from tests.ui.stall_probe import STRIKES, Patient, pause

LIMIT_MS = 100.0
IDLE_SECONDS = 8.0


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
        patient.close()
    idle = max(rows[0][1], 0.1)
    print(f"10 ms timer on {os.environ['QT_QPA_PLATFORM']}, load {os.getloadavg()[0]:.1f}")
    print(f"{'':<26}{'worst late ms':>14}{'x idle':>8}{'of 100 ms':>11}")
    for name, late in rows:
        print(f"{name:<26}{late:>14.1f}{late / idle:>8.1f}{late / LIMIT_MS:>10.0%}")
    print(f"{reported} orders in flight were reported as unknown")


if __name__ == "__main__":
    main()
