"""A thousand bots on fifty symbols and three timeframes beside one thread per bot that fetches for itself.

Prints: bars seen and decided (missed and doubled must be 0), terminal calls, time from bar close to the last decision
(p50, p99, max), and the same work done the way of one thread per bot.

    python bench/thousand_bots.py [--bots 1000] [--hours 3]
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from qbx_desktop.broker.client import TerminalClient
from qbx_desktop.broker.spec import TerminalSpec
from qbx_desktop.broker.terminal import Terminal
from qbx_desktop.broker.transports import InlineTransport
from qbx_desktop.data import bots
from qbx_desktop.data.database import Database
from qbx_desktop.domain.bars import Bars
from qbx_desktop.domain.bots import Bot, BotSettings, BotStatus
from qbx_desktop.domain.events import BotChanged
from qbx_desktop.domain.limits import Limits
from qbx_desktop.simulator.terminal import build_terminal
from qbx_desktop.strategies import registry
from qbx_desktop.trading.desk import Desk
from tests.fakes.clock import FakeClock

MONDAY = 1_748_822_400
FRAMES = {"M5": 300, "M15": 900, "H1": 3_600}


class Counting:
    """The simulator, with every call counted."""

    def __init__(self, api: Any) -> None:
        self.api, self.calls = api, 0

    def __getattr__(self, name: str) -> Any:
        found = getattr(self.api, name)
        if not callable(found) or name == "last_error":
            return found

        def call(*args: Any, **kwargs: Any) -> Any:
            self.calls += 1
            return found(*args, **kwargs)

        return call


def market(symbols: int, hours: int) -> dict[str, Bars]:
    """Five-minute random walks; enough history for every bot before Monday."""
    before, count = 1_000, 1_000 + hours * 12 + 13
    stamps = MONDAY - before * 300 + 300 * np.arange(count)
    found = {}
    for number in range(symbols):
        rng = np.random.default_rng(number)
        close = np.round(1.2 * np.exp(np.cumsum(rng.normal(0, 0.0004, count))), 5)
        opened = np.concatenate([[close[0]], close[:-1]])
        high, low = np.maximum(opened, close) + 0.0002, np.minimum(opened, close) - 0.0002
        spread = np.full(count, 10)
        found[f"SYM{number:02d}"] = Bars.from_prices(
            stamps, opened, np.round(high, 5), np.round(low, 5), close, spread=spread
        )
    return found


def desk_run(folder: Path, series: dict[str, Bars], count: int, hours: int) -> None:
    clock = FakeClock()
    api = Counting(build_terminal(bars=series, symbols=list(series), start=MONDAY, clock=clock))
    spec = TerminalSpec(clock_mode="stepped", speed=1.0, demo_only=False)
    terminal = Terminal(TerminalClient(InlineTransport(api, spec), clock=clock), clock=clock)
    db = Database.open(folder / "bots.db")
    limits = dict.fromkeys(Limits().to_mapping(), 0.0)
    names, frames = list(series), list(FRAMES)

    def create(con: Any) -> None:
        for number in range(count):
            bot = Bot(
                0, f"Bot {number}", names[number % len(names)], frames[number % len(frames)], "MA_CROSSOVER",
                '{"fast_period":10,"slow_period":30}', lot_size=0.01, sl_pips=2_000, tp_pips=2_000,
                status=BotStatus.AKTIF, settings=replace(BotSettings(), limits=limits), check_interval_seconds=60,
            )  # fmt: skip
            bots.create_bot(con, bot)

    db.write(create)
    desk = Desk(db, terminal, clock, detect_sleep=False)
    begun = time.perf_counter()
    desk.open(clock.monotonic())
    print(f"taking up {len(desk.floor.slots)} bots: {time.perf_counter() - begun:.2f} s")
    list(desk.run_due(clock.monotonic()))
    seen: dict[int, list[int]] = {}
    delays: list[float] = []
    calls: list[int] = []
    begun = time.perf_counter()
    for _ in range(hours * 12):
        api.api.sim_advance(300)
        clock.advance(300)
        before, at = api.calls, time.perf_counter()
        for _ in range(2):
            for event in desk.run_due(clock.monotonic()):
                if isinstance(event, BotChanged) and event.bar_time:
                    bars = seen.setdefault(event.bot_id, [])
                    if not bars or bars[-1] != event.bar_time:
                        bars.append(event.bar_time)
                        delays.append(time.perf_counter() - at)
        calls.append(api.calls - before)
    took = time.perf_counter() - begun
    missed = doubled = decided = 0
    for bot in desk.floor.bots.values():
        step = FRAMES[bot.timeframe]
        bars = [each for each in seen.get(bot.id, []) if each >= MONDAY]
        decided += len(bars)
        doubled += len(bars) - len(set(bars))
        missed += hours * 3_600 // step - len(set(bars))
    delays.sort()
    orders = desk.floor.ledger.journal.unresolved_count()
    print(f"market time: {hours * 3_600 / took:.0f} x real time ({took:.1f} s for {hours} hours)")
    print(f"decisions {decided}, missed {missed}, doubled {doubled}, orders unsettled {orders}")
    print(
        f"bar close to decision: p50 {delays[len(delays) // 2]:.3f} s, p99 {delays[int(len(delays) * 0.99)]:.3f} s, "
        f"max {delays[-1]:.3f} s"
    )
    print(f"terminal calls per five minutes: median {sorted(calls)[len(calls) // 2]}, most {max(calls)}")
    desk.close()
    terminal.close()
    db.close()


def threads_run(series: dict[str, Bars], count: int) -> None:
    """One bar, the predecessor's way: every bot its own thread, its own fetch, its own analysis."""
    api = build_terminal(bars=series, symbols=list(series), start=MONDAY)
    api.initialize()
    lock, strategy, names = threading.Lock(), registry.get("MA_CROSSOVER"), list(series)
    params = strategy.Params(fast_period=10, slow_period=30)
    frames = {"M5": 5, "M15": 15, "H1": 16385}
    done: list[float] = []
    fetches = [0]
    go = threading.Event()
    at = [0.0]

    def one(number: int) -> None:
        go.wait()
        with lock:
            fetches[0] += 1
            rates = api.copy_rates_from_pos(
                names[number % len(names)], frames[list(FRAMES)[number % 3]], 0, 250
            )
        strategy.signals(Bars.from_rates(rates), params)
        done.append(time.perf_counter() - at[0])

    threads = [threading.Thread(target=one, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    at[0] = time.perf_counter()
    go.set()
    for thread in threads:
        thread.join()
    done.sort()
    print(
        f"one thread per bot: {fetches[0]} fetches for one bar, analysis alone p99 {done[int(len(done) * 0.99)]:.3f} s, "
        f"max {done[-1]:.3f} s"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bots", type=int, default=1_000)
    parser.add_argument("--symbols", type=int, default=50)
    parser.add_argument("--hours", type=int, default=3)
    given = parser.parse_args()
    series = market(given.symbols, given.hours)
    with tempfile.TemporaryDirectory() as folder:
        desk_run(Path(folder), series, given.bots, given.hours)
    threads_run(series, given.bots)


if __name__ == "__main__":
    main()
