"""A whole program with a trading bot, struck by faults of its terminal, and how late a 10 ms timer of its window gets."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import shiboken6
from PySide6.QtCore import QEventLoop, QObject, Qt, QTimer

from qbx_desktop import app, launch
from qbx_desktop.app import Program
from qbx_desktop.broker.client import TerminalClient
from qbx_desktop.broker.command import Priority
from qbx_desktop.broker.limits import Limits
from qbx_desktop.data import bots
from qbx_desktop.domain.bots import Bot, BotSettings, BotStatus, SizingMode, StopMode
from qbx_desktop.domain.events import Link, Notice
from qbx_desktop.trading import order_sentences
from tests.trading.stage import FREE

INTERVAL_MS = 10
PATIENCE = 90.0
# An order that hangs is given up sooner than by the product, and crashes are forgiven more often.
LIMITS = Limits(order=4.0, back_off=(0.2,), restarts=100)
HUNG = 120.0
SYMBOLS = ("EURUSD", "GBPUSD", "USDJPY", "AUDUSD", "USDCHF", "XAUUSD")


@dataclass(frozen=True)
class Strike:
    """One fault. `in_flight`: it strikes an order, which must be reported as unknown."""

    name: str
    fault: dict[str, object]
    in_flight: bool


STRIKES = (
    Strike("hung order (120 s)", {"kind": "hang", "function": "order_send", "seconds": HUNG}, True),
    Strike("hung read (120 s)", {"kind": "hang", "function": "account_info", "seconds": HUNG}, False),
    Strike("crashed child", {"kind": "crash", "function": "order_send"}, True),
    Strike("wrong answer", {"kind": "wrong_answer", "function": "order_send"}, True),
    Strike("answer lost on the way", {"kind": "answer_lost", "function": "order_send"}, True),
    Strike("terminal restart", {"kind": "pipe_lost", "function": "positions_get"}, False),
)


class Lateness(QObject):
    """The worst lateness, in milliseconds, of a precise 10 ms timer since :meth:`restart`."""

    def __init__(self) -> None:
        super().__init__()
        self.worst = 0.0
        self._last = time.perf_counter()
        self._timer = QTimer(self, interval=INTERVAL_MS)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._beat)
        self._timer.start()

    def restart(self) -> None:
        self.worst, self._last = 0.0, time.perf_counter()

    def _beat(self) -> None:
        now = time.perf_counter()
        self.worst = max(self.worst, (now - self._last) * 1_000 - INTERVAL_MS)
        self._last = now


def wait(condition: Callable[[], bool], what: str, patience: float = PATIENCE) -> None:
    """Serve the event loop until `condition` holds."""
    loop, until = QEventLoop(), time.monotonic() + patience
    poll = QTimer(interval=50)
    poll.timeout.connect(lambda: loop.quit() if condition() or time.monotonic() > until else None)
    poll.start()
    loop.exec()
    assert condition(), f"{what} did not come within {patience:.0f} s"


def pause(seconds: float) -> None:
    """Serve the event loop for a while."""
    loop = QEventLoop()
    QTimer.singleShot(round(seconds * 1_000), loop.quit)
    loop.exec()


class Patient:
    """The program over `home`, with its window shown and its link up; `close` ends it."""

    def __init__(self, home: Path) -> None:
        options = launch.options(["--window", "--home", str(home), "--speed", "600"])
        options.home.prepare()
        made, app.TerminalClient = app.TerminalClient, partial(TerminalClient, limits=LIMITS)  # type: ignore[misc]
        try:
            self.program = Program(options)
        finally:
            app.TerminalClient = made  # type: ignore[misc]
        self.unknown = 0
        self.links: list[Link] = []
        self.program.board.happened.connect(self._heard)
        self.program.live.link_changed.connect(lambda: self.links.append(self.program.live.link.link))
        self.lateness = Lateness()
        self.program.start()
        wait(lambda: self.is_ready, "the link")

    @property
    def is_ready(self) -> bool:
        return self.program.live.link.link is Link.READY

    def start_bot(self) -> None:
        """One more bot, on a symbol of its own, that turns its position every few bars."""
        count = self.program.window.bots.model.rowCount()
        bot = Bot(
            id=0, name=f"Quick {count}", market=SYMBOLS[count], timeframe="M1", strategy="MA_CROSSOVER", lot_size=0.1,
            strategy_params='{"fast_period":2,"slow_period":5}', status=BotStatus.DIJEDA,
            settings=BotSettings(
                sizing_mode=SizingMode.FIXED_LOT, stop_mode=StopMode.ATR_MULT, sl_atr=10.0, tp_atr=0.0, limits=FREE
            ),
        )  # fmt: skip
        bot_id = self.program.db.write(lambda con: bots.create_bot(con, bot))
        self.program.trading.tell(lambda desk: desk.start_bot(bot_id))
        wait(lambda: self.program.window.bots.model.rowCount() > count, "the bot")

    def strike(self, strike: Strike) -> float:
        """Let it happen, wait until the link is back; the worst lateness meanwhile, in milliseconds.

        A bot whose order is unknown waits until that is settled, so each order in flight is a new bot's.
        """
        self.lateness.restart()
        self.links.clear()
        unknown = self.unknown
        self.program.client.ask("sim_fault", {**strike.fault, "times": 1}, priority=Priority.RECONCILE)
        if strike.in_flight:
            self.start_bot()
        wait(lambda: any(each is not Link.READY for each in self.links), "the loss of the link")
        if strike.in_flight:
            wait(lambda: self.unknown > unknown, "the report of an unknown order")
        wait(lambda: self.is_ready, "the recovery")
        return self.lateness.worst

    def close(self) -> None:
        self.program.stop()
        shiboken6.delete(self.program.window)

    def _heard(self, event: object) -> None:
        if isinstance(event, Notice) and event.message.code == order_sentences.UNKNOWN.code:
            self.unknown += 1
