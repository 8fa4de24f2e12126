"""A thousand bots on fifty symbols and three timeframes beside one thread per bot that fetches for itself.

First the desk alone on a market that is stepped: bars seen and decided (missed and doubled must be 0), terminal calls,
time from bar close to decision (p50, p99, max), market seconds per second. Then what a window feels meanwhile: a 10 ms
timer of a shown window, idle, beside the desk in its thread with the terminal in its process, and beside one thread
per bot, each with its own fetch and analysis.

    python bench/thousand_bots.py [--bots 1000] [--days 30] [--window-seconds 30] [--window-speed 120]
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import numpy as np
from PySide6.QtCore import QElapsedTimer, QEventLoop, Qt, QTimer
from PySide6.QtWidgets import QApplication, QWidget

from qbx_desktop.broker.client import TerminalClient
from qbx_desktop.broker.spec import TerminalSpec
from qbx_desktop.broker.terminal import Terminal
from qbx_desktop.broker.transports import InlineTransport, ProcessTransport
from qbx_desktop.data import bots
from qbx_desktop.data.bar_store import BarStore
from qbx_desktop.data.database import Database
from qbx_desktop.domain.bars import Bars
from qbx_desktop.domain.bots import Bot, BotSettings, BotStatus
from qbx_desktop.domain.clock import SystemClock
from qbx_desktop.domain.events import BotChanged
from qbx_desktop.domain.limits import Limits
from qbx_desktop.domain.timeframe import Timeframe
from qbx_desktop.simulator.terminal import build_terminal
from qbx_desktop.strategies import registry
from qbx_desktop.trading.desk import Desk
from qbx_desktop.workers.trading_thread import TradingThread
from tests.fakes.clock import FakeClock

MONDAY = 1_748_822_400
DAY = 86_400
STEP = 300
FRAMES = {"M15": 900, "H1": 3_600, "H4": 14_400}
TIMER_MS, LIMIT_MS = 10, 50.0


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


def market(symbols: int, days: int) -> dict[str, Bars]:
    """Five-minute random walks, Monday to Friday; enough history for every bot before the first Monday."""
    count = (days + 60) * DAY // STEP
    stamps = MONDAY - 60 * DAY + STEP * np.arange(count)
    stamps = stamps[(stamps // DAY + 3) % 7 < 5]
    found = {}
    for number in range(symbols):
        rng = np.random.default_rng(number)
        close = np.round(1.2 * np.exp(np.cumsum(rng.normal(0, 0.0004, len(stamps)))), 5)
        opened = np.concatenate([[close[0]], close[:-1]])
        high, low = np.maximum(opened, close) + 0.0002, np.minimum(opened, close) - 0.0002
        spread = np.full(len(stamps), 10)
        found[f"SYM{number:02d}"] = Bars.from_prices(
            stamps, opened, np.round(high, 5), np.round(low, 5), close, spread=spread
        )
    return found


def create_bots(db: Database, names: list[str], count: int) -> None:
    """Every symbol with every timeframe, four strategies in turn, no limit in the way."""
    limits = dict.fromkeys(Limits().to_mapping(), 0.0)
    frames, strategies = list(FRAMES), registry.all_strategies()[:4]

    def create(con: Any) -> None:
        for number in range(count):
            bot = Bot(
                0, f"Bot {number}", names[number % len(names)], frames[number % len(frames)],
                strategies[number // 150 % len(strategies)].key, None, lot_size=0.01, sl_pips=2_000, tp_pips=2_000,
                status=BotStatus.AKTIF, settings=replace(BotSettings(), limits=limits), check_interval_seconds=60,
            )  # fmt: skip
            bots.create_bot(con, bot)

    db.write(create)


def expected(stamps: Any, step: int, end: int) -> set[int]:
    """The bars of `step` seconds that opened from Monday on and whose next bar had begun by `end`."""
    opens = np.unique(stamps[(stamps >= MONDAY) & (stamps <= end)] // step * step)
    return {int(each) for each in opens[:-1]}


def quantile(values: list[float], share: float) -> float:
    """The value below which `share` of them lie."""
    return sorted(values)[int(len(values) * share)]


def desk_run(folder: Path, series: dict[str, Bars], count: int, days: int) -> None:
    clock = FakeClock()
    api = Counting(build_terminal(bars=series, symbols=list(series), start=MONDAY, clock=clock))
    spec = TerminalSpec(clock_mode="stepped", speed=1.0, demo_only=False)
    terminal = Terminal(TerminalClient(InlineTransport(api, spec), clock=clock), clock=clock)
    db = Database.open(folder / "bots.db")
    create_bots(db, list(series), count)
    desk = Desk(db, terminal, clock, detect_sleep=False)
    begun = time.perf_counter()
    desk.open(clock.monotonic())
    print(f"taking up {len(desk.floor.slots)} bots: {time.perf_counter() - begun:.2f} s", flush=True)
    list(desk.run_due(clock.monotonic()))
    seen: dict[int, list[int]] = {}
    delays: list[float] = []
    calls: list[int] = []
    stamps = next(iter(series.values())).time

    def tally(end: int) -> tuple[int, int, int]:
        """(decided, missed, doubled) up to `end`."""
        wanted = {name: expected(stamps, step, end) for name, step in FRAMES.items()}
        sums = [0, 0, 0]
        for bot in desk.floor.bots.values():
            bars = seen.get(bot.id, [])
            found = len(bars), len(wanted[bot.timeframe] - set(bars)), len(bars) - len(set(bars))
            sums = [old + new for old, new in zip(sums, found, strict=True)]
        return sums[0], sums[1], sums[2]

    begun, cpu = time.perf_counter(), time.process_time()
    for number in range(days * DAY // STEP):
        api.api.sim_advance(STEP)
        clock.advance(STEP)
        before, at = api.calls, time.perf_counter()
        for _ in range(2):
            for event in desk.run_due(clock.monotonic()):
                if isinstance(event, BotChanged) and event.bar_time >= MONDAY:
                    bars = seen.setdefault(event.bot_id, [])
                    if not bars or bars[-1] != event.bar_time:
                        bars.append(event.bar_time)
                        delays.append(time.perf_counter() - at)
        calls.append(api.calls - before)
        if (number + 1) % (DAY // STEP) == 0:
            day = (number + 1) // (DAY // STEP)
            took, used = time.perf_counter() - begun, time.process_time() - cpu
            decided, missed, doubled = tally(MONDAY + day * DAY)
            # One line a day: a run that is cut still says what it saw.
            print(
                f"  day {day}: {day * DAY / took:.0f} x real time, {day * DAY / used:.0f} x by CPU time; "
                f"decisions {decided}, missed {missed}, doubled {doubled}; p50 {quantile(delays, 0.5):.3f} s, "
                f"p99 {quantile(delays, 0.99):.3f} s",
                flush=True,
            )
    decided, missed, doubled = tally(MONDAY + days * DAY)
    rows, fills, unsettled = desk.floor.ledger.con.execute(
        "SELECT count(*), sum(state = 'FILLED'), sum(state IN ('QUEUED', 'SENDING', 'UNKNOWN', 'REVIEW'))"
        " FROM order_journal"
    ).fetchone()
    took, used = time.perf_counter() - begun, time.process_time() - cpu
    print(
        f"{days} days in {took:.0f} s: {days * DAY / took:.0f} x real time, {days * DAY / used:.0f} x by CPU time"
    )
    print(
        f"decisions {decided}, missed {missed}, doubled {doubled}; orders {rows}, filled {fills}, unsettled {unsettled}"
    )
    print(f"bots still on {len(desk.floor.slots)} of {count}")
    print(
        f"bar close to decision: p50 {quantile(delays, 0.5):.3f} s, p99 {quantile(delays, 0.99):.3f} s, "
        f"max {max(delays):.3f} s (limit 5 s for 1,000 bots)"
    )
    print(f"terminal calls per five minutes: median {sorted(calls)[len(calls) // 2]}, most {max(calls)}")
    desk.close()
    terminal.close()
    db.close()


class Lateness:
    """A shown window's timer: how late each beat came, in milliseconds."""

    def __init__(self) -> None:
        self._window = QWidget()
        self._window.show()
        self._clock = QElapsedTimer()
        self._timer = QTimer(self._window)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._beat)
        self._timer.start(TIMER_MS)
        self.late: list[float] = []

    def _beat(self) -> None:
        if self._clock.isValid():
            self.late.append(max(0.0, self._clock.nsecsElapsed() / 1e6 - TIMER_MS))
        self._clock.start()

    def over(self, seconds: float, what: str) -> None:
        """Let the window live for a while and print how it felt."""
        self.late.clear()
        self._clock.invalidate()
        loop = QEventLoop()
        QTimer.singleShot(round(seconds * 1_000), loop.quit)
        loop.exec()
        late = sorted(self.late)
        p99 = late[int(len(late) * 0.99)]
        print(
            f"window timer, {what}: p50 {late[len(late) // 2]:.1f} ms, p99 {p99:.1f} ms, worst {late[-1]:.1f} ms "
            f"({p99 / LIMIT_MS:.0%} of {LIMIT_MS:.0f} ms)",
            flush=True,
        )


def window_run(folder: Path, series: dict[str, Bars], count: int, seconds: float, speed: float) -> None:
    """The desk in the trading thread, the terminal in its child process, the window beside them."""
    lateness = Lateness()
    lateness.over(5.0, "idle")
    with BarStore(folder / "bars.db") as store:
        for name, bars in series.items():
            store.put(name, Timeframe.M5, bars, digits=5, server="Bench", source="bench")
    clock = SystemClock()
    spec = TerminalSpec(
        speed=speed,
        start=MONDAY + 7 * 3_600,
        bars_path=folder / "bars.db",
        symbols=tuple(series),
        demo_only=False,
    )
    db = Database.open(folder / "bots.db")
    create_bots(db, list(series), count)
    terminal = Terminal(TerminalClient(ProcessTransport(spec)))
    decided = [0]

    class Watched(Desk):
        def run_due(self, now: float) -> Any:
            for event in super().run_due(now):
                decided[0] += isinstance(event, BotChanged) and event.bar_time >= MONDAY
                yield event

    thread = TradingThread(lambda: Watched(db, terminal, clock, detect_sleep=False), clock)
    thread.start()
    lateness.over(15.0, "1,000 bots are taken up")
    decided[0] = 0
    lateness.over(seconds, f"the desk trades at {speed:.0f} x")
    print(f"  {decided[0]} bot events meanwhile")
    thread.finish()
    thread.wait()
    terminal.close()
    db.close()
    go = threading.Event()
    threads = threads_of(series, count, go, [], [0], [0.0])
    QTimer.singleShot(200, go.set)
    lateness.over(8.0, "one thread per bot, one bar")
    for each in threads:
        each.join()


def threads_of(
    series: dict[str, Bars],
    count: int,
    go: threading.Event,
    done: list[float],
    fetches: list[int],
    at: list[float],
) -> list[threading.Thread]:
    """The predecessor's way: every bot its own thread, its own fetch, its own analysis."""
    api = build_terminal(bars=series, symbols=list(series), start=MONDAY)
    api.initialize()
    lock, names = threading.Lock(), list(series)
    strategies = registry.all_strategies()[:4]
    frames = (15, 16385, 16388)

    def one(number: int) -> None:
        strategy = strategies[number // 150 % len(strategies)]
        go.wait()
        with lock:
            fetches[0] += 1
            rates = api.copy_rates_from_pos(names[number % len(names)], frames[number % 3], 0, 250)
        strategy.signals(Bars.from_rates(rates), strategy.Params())
        done.append(time.perf_counter() - at[0])

    threads = [threading.Thread(target=one, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    return threads


def threads_run(series: dict[str, Bars], count: int) -> None:
    """One bar, one thread per bot."""
    go, done, fetches, at = threading.Event(), list[float](), [0], [0.0]
    threads = threads_of(series, count, go, done, fetches, at)
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
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--bots", type=int, default=1_000)
    parser.add_argument("--symbols", type=int, default=50)
    parser.add_argument("--days", type=int, default=30)
    parser.add_argument("--window-seconds", type=float, default=30.0)
    parser.add_argument("--window-speed", type=float, default=120.0)
    given = parser.parse_args()
    application = QApplication.instance() or QApplication([])
    application.setQuitOnLastWindowClosed(False)
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")
    series = market(given.symbols, max(given.days, 7))
    if given.window_seconds:
        with tempfile.TemporaryDirectory() as folder:
            window_run(Path(folder), series, given.bots, given.window_seconds, given.window_speed)
    if given.days:
        with tempfile.TemporaryDirectory() as folder:
            desk_run(Path(folder), series, given.bots, given.days)
    threads_run(series, given.bots)


if __name__ == "__main__":
    main()
