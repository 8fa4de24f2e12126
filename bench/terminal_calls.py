"""Calls per second through the child's pipe, against the same calls in this process as the limit.

Also: how far a 10 ms timer of this process is thrown off while the child hangs with the interpreter lock held, against
the same hang in a thread of this process.  Run: python bench/terminal_calls.py
"""

from __future__ import annotations

import ctypes
import json
import os
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "tests" / "fakes" / "drop_in"), str(ROOT)]

from qbx_desktop.broker.client import TerminalClient  # noqa: E402
from qbx_desktop.broker.limits import Limits  # noqa: E402
from qbx_desktop.broker.spec import TerminalSpec  # noqa: E402
from qbx_desktop.broker.terminal import Terminal  # noqa: E402
from qbx_desktop.broker.transports import InlineTransport, ProcessTransport  # noqa: E402
from qbx_desktop.domain.timeframe import Timeframe  # noqa: E402
from qbx_desktop.simulator.terminal import build_terminal  # noqa: E402

ROUNDS, CALLS = 5, 400
STALL = 2


def rate(work: Callable[[], object]) -> float:
    """Calls per second, the median of some rounds."""
    rounds = []
    work()
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        for _ in range(CALLS):
            work()
        rounds.append(CALLS / (time.perf_counter() - begun))
    return statistics.median(rounds)


def worst_gap(hang: Callable[[], object]) -> float:
    """The longest pause, in milliseconds, of a 10 ms timer while `hang` runs in another thread."""
    done = threading.Event()

    def run() -> None:
        hang()
        done.set()

    gaps, last = [], time.perf_counter()
    threading.Thread(target=run).start()
    while True:
        now = time.perf_counter()
        gaps.append((now - last) * 1000)
        last = now
        if done.is_set():
            break
        time.sleep(0.01)
    return max(gaps)


def calls() -> None:
    """The practice terminal behind the pipe and in this process."""
    limits = Limits(health_every=3600.0)
    here = Terminal(TerminalClient(InlineTransport(build_terminal()), limits))
    there = Terminal(TerminalClient(ProcessTransport(TerminalSpec(clock_mode="stepped", speed=1.0)), limits))
    here.open()
    begun = time.perf_counter()
    there.open()
    print(f"child started, attached and verified in {(time.perf_counter() - begun) * 1000:.0f} ms")
    for terminal in (here, there):
        terminal.select("EURUSD")
    works: dict[str, Callable[[Terminal], object]] = {
        "tick": lambda terminal: terminal.tick("EURUSD"),
        "500 bars": lambda terminal: terminal.bars("EURUSD", Timeframe.M1, 0, 500),
        "5000 bars": lambda terminal: terminal.bars("EURUSD", Timeframe.M1, 0, 5000),
        "account": lambda terminal: terminal.account(),
        "positions": lambda terminal: terminal.positions(),
    }
    print(f"{'call':<10}{'in process/s':>14}{'pipe/s':>10}{'pipe ms':>10}{'share of limit':>16}")
    for name, work in works.items():
        limit, pipe = rate(lambda work=work: work(here)), rate(lambda work=work: work(there))
        print(f"{name:<10}{limit:>14.0f}{pipe:>10.0f}{1000 / pipe:>10.2f}{pipe / limit:>15.1%}")
    begun = time.perf_counter()
    there.close()
    print(f"closed in {(time.perf_counter() - begun) * 1000:.0f} ms")
    here.close()


def stall() -> None:
    """A timer beside a hung call that holds the interpreter lock, as the real module does; then what it takes to end."""
    folder = Path(tempfile.mkdtemp(prefix="qbx-bench-"))
    os.environ["QBX_FAKE_TERMINAL"] = str(folder)
    limits = Limits(health_every=3600.0)
    there = Terminal(TerminalClient(ProcessTransport(TerminalSpec(kind="mt5", path=str(folder))), limits))
    there.open()
    pause = ctypes.PyDLL(None).sleep
    faults = folder / "faults.json"
    faults.write_text(json.dumps({"hang_with_gil": {"symbol_info": STALL}}))
    inside = worst_gap(lambda: pause(STALL))
    outside = worst_gap(lambda: there.symbol("EURUSD"))
    print(
        f"10 ms timer while a call hangs {STALL} s: worst gap {outside:.0f} ms behind the pipe, {inside:.0f} ms in a thread"
    )
    faults.write_text(json.dumps({"hang_with_gil": {"symbol_info": 600}}))
    there.client.ask("symbol_info", "EURUSD")
    time.sleep(0.5)
    begun = time.perf_counter()
    there.close()
    print(f"closed while a call hangs in {(time.perf_counter() - begun) * 1000:.0f} ms")


def main() -> None:
    calls()
    stall()


if __name__ == "__main__":
    main()
