"""Read the frozen program's self-test and say what is not as it should be on Windows. Argument: its JSON file."""

from __future__ import annotations

import json
import sys
from pathlib import Path

_PAINT_SECONDS = 5.0  # aim: 3 s warm on a quiet machine


def wrong(report: dict) -> list[str]:
    """Everything that is not as it should be."""
    window, terminal = report["window"], report["metatrader"]
    checks = {
        "it passed as a whole": report["passed"],
        "it is frozen": report["frozen"],
        "it runs on Windows": report["platform"] == "win32",
        "the window is drawn by Qt's Windows plugin": window.get("plugin") == "windows",
        "numba, TA-Lib and pandas load after the first paint": window.get("loaded_before_paint") == [],
        f"the first paint came within {_PAINT_SECONDS:.0f} s": window.get("first_paint_seconds", 99)
        < _PAINT_SECONDS,
        "TLS checks certificates": report["tls"].get("checks"),
        "the data lies in the local profile": "\\AppData\\Local\\QuantumBotX"
        in report["paths"].get("home", ""),
        "the real MetaTrader5 answers that there is no terminal": terminal.get("reason")
        == "terminal.init_not_found",
        "it answers within seconds": terminal.get("seconds", 99) < 5,
        "the trader gets a sentence": len(terminal.get("sentence", "")) > 40,
        "one simulated bot traded in a child process": report["bot"].get("child") is True,
        "the backtest has its hash": len(report["backtest"].get("hash", "")) == 64,
    }
    return [what for what, holds in checks.items() if not holds]


def main() -> int:
    """Print the figures and what is wrong; 1 when anything is."""
    report = json.loads(Path(sys.argv[1]).read_text("utf-8"))
    sys.stdout.write(
        f"first paint {report['window'].get('first_paint_seconds')} s, MetaTrader5 {report['metatrader'].get('reason')} in "
        f"{report['metatrader'].get('seconds')} s, whole self-test {report['seconds']} s, on {report['paths'].get('program')}\n"
    )
    lines = wrong(report)
    sys.stdout.writelines(f"not so: {line}\n" for line in lines or [])
    return int(bool(lines))


if __name__ == "__main__":
    sys.exit(main())
