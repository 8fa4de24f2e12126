"""A real desk on a real database, through the real client, on the real stepped simulator; only the clock is ours."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from qbx_desktop.broker.client import TerminalClient
from qbx_desktop.broker.spec import TerminalSpec
from qbx_desktop.broker.terminal import Terminal
from qbx_desktop.broker.transports import InlineTransport
from qbx_desktop.data import bots, history
from qbx_desktop.data.database import Database
from qbx_desktop.domain.bars import Bars
from qbx_desktop.domain.bots import Bot, BotSettings, BotStatus
from qbx_desktop.domain.events import Event
from qbx_desktop.domain.journal import JournalRow
from qbx_desktop.domain.records import TradePosition
from qbx_desktop.simulator.terminal import build_terminal
from qbx_desktop.trading.desk import Desk
from tests.fakes.clock import FakeClock

MONDAY = 1_748_822_400  # 2025-06-02 00:00 server time
# Limits that never say no: for tests of something else.
FREE = {
    "orders_per_minute": 0, "orders_per_day": 0, "account_orders_per_minute": 0, "bot_daily_loss_percent": 0,
    "daily_loss_percent": 0, "drawdown_percent": 0, "bot_drawdown_percent": 0, "max_gap_atr": 0,
    "cooldown_losses": 0, "max_risk_percent": 0, "slippage_points": 0, "spread_medians": 0,
}  # fmt: skip


class Crash(BaseException):
    """The process ends here."""


class Breakable:
    """The simulator, with a switch per function: before and after a call, or in its place."""

    def __init__(self, api: Any) -> None:
        self.api = api
        self.before: dict[str, Callable[..., None]] = {}
        self.after: dict[str, Callable[[Any], Any]] = {}
        self.instead: dict[str, Callable[..., Any]] = {}
        self.error: tuple[int, str] | None = None
        self.sends: list[dict[str, Any]] = []

    def __getattr__(self, name: str) -> Any:
        real = getattr(self.api, name)
        if not callable(real) or name == "last_error":
            return real

        def call(*args: Any, **kwargs: Any) -> Any:
            self.error = None
            if name in self.before:
                self.before[name](*args)
            if name == "order_send":
                self.sends.append(dict(args[0]))
            answer = self.instead[name](*args, **kwargs) if name in self.instead else real(*args, **kwargs)
            return self.after[name](answer) if name in self.after else answer

        return call

    def last_error(self) -> tuple[int, str]:
        return self.error if self.error is not None else self.api.last_error()

    def fail(self, code: int, text: str = "broken") -> None:
        """To be called inside a replaced function: what `last_error` says next."""
        self.error = (code, text)

    def mend(self) -> None:
        """Everything works again."""
        self.before.clear()
        self.after.clear()
        self.instead.clear()
        self.error = None


def wave(count: int = 400, period: int = 16, height: float = 0.0060, step: int = 3_600) -> Bars:
    """Closes on a sine: averages of 2 and 5 bars cross twice per period."""
    time = MONDAY - 200 * step + step * np.arange(count)
    close = np.round(1.10 + height * np.sin(2 * math.pi * np.arange(count) / period), 5)
    opened = np.concatenate([[close[0]], close[:-1]])
    high, low = np.maximum(opened, close) + 0.0002, np.minimum(opened, close) - 0.0002
    return Bars.from_prices(
        time, opened, np.round(high, 5), np.round(low, 5), close, spread=np.full(count, 10)
    )


class Stage:
    """One installation with one terminal. `start` opens the desk, `kill` leaves it as a power cut would."""

    def __init__(
        self, folder: Path, bars: Bars | None = None, warm: int = 200, symbol: str = "EURUSD", **terminal: Any
    ) -> None:
        self.folder = folder
        self.clock = FakeClock()
        self.bars = wave() if bars is None else bars
        self.frame_seconds = int(self.bars.time[1] - self.bars.time[0])
        self.saved: bytes | None = None
        options: dict[str, Any] = {
            "bars": {symbol: self.bars}, "symbols": [symbol], "start": int(self.bars.time[warm]),
            "path": "backtest", "save": self._save, **terminal,
        }  # fmt: skip
        self.api = Breakable(build_terminal(clock=self.clock, **options))
        self.halt_file = folder / "HALT"
        self.db = Database.open(folder / "bots.db", clock=self.clock)
        self.events: list[Event] = []
        self._desk: Desk | None = None
        self.detect_sleep = False
        self.desk_class: Callable[..., Desk] = Desk

    def _save(self, snapshot: bytes) -> None:
        self.saved = snapshot

    # -- the desk

    def start(self) -> Desk:
        """Open client, terminal and desk, as the program's start does."""
        spec = TerminalSpec(clock_mode="stepped", speed=1.0, halt_file=self.halt_file, demo_only=False)
        client = TerminalClient(InlineTransport(self.api, spec), clock=self.clock)
        self.terminal = Terminal(client, clock=self.clock)
        self._desk = self.desk_class(
            self.db, self.terminal, self.clock, halt_file=self.halt_file, detect_sleep=self.detect_sleep
        )
        self.events += self._desk.open(self.clock.monotonic())
        return self._desk

    @property
    def desk(self) -> Desk:
        assert self._desk is not None
        return self._desk

    def close(self) -> None:
        """An orderly end."""
        self.desk.close()
        self._desk = None
        self.terminal.close()

    def kill(self) -> None:
        """The process is gone; what was committed stays, the connection is simply dropped."""
        if self._desk is not None:
            self._desk.floor.ledger.con.close()
            self._desk = None

    def restart(self) -> Desk:
        """After a kill or a close: a new process on the same files and the same broker."""
        self.kill()
        self.api.mend()
        return self.start()

    def end(self) -> None:
        """Close everything, in whatever state."""
        self.kill()
        self.db.close()

    # -- time

    def round(self, rounds: int = 1) -> list[Event]:
        """Some rounds of the desk without letting time pass."""
        found: list[Event] = []
        for _ in range(rounds):
            found += list(self.desk.run_due(self.clock.monotonic()))
        self.events += found
        return found

    def wait(self, seconds: float, step: float = 5.0) -> list[Event]:
        """Let time pass for desk and market in steps, a round after each."""
        found: list[Event] = []
        passed = 0.0
        while passed < seconds:
            self.api.api.sim_advance(step)
            self.clock.advance(step)
            passed += step
            found += self.round()
        return found

    def bar(self, count: int = 1) -> list[Event]:
        """Let the running bar close and the desk see it."""
        found: list[Event] = []
        for _ in range(count):
            self.api.api.sim_step_bar()
            self.clock.advance(self.frame_seconds)
            found += self.round(2)
        return found

    def until(self, happened: Callable[[], bool], bars: int = 60) -> None:
        """Step bars until `happened`."""
        for _ in range(bars):
            if happened():
                return
            self.bar()
        raise AssertionError("it did not happen")

    # -- bots and what they did

    def new_bot(self, **changes: Any) -> int:
        """A crossover bot on EURUSD H1, without limits in the way; `settings` and `limits` as keywords."""
        limits = {**FREE, **changes.pop("limits", {})}
        settings = replace(BotSettings(limits=limits), **changes.pop("settings", {}))
        bot = Bot(
            id=0, name="Cross", market="EURUSD", timeframe="H1", strategy="MA_CROSSOVER",
            strategy_params='{"fast_period":2,"slow_period":5}', lot_size=0.1, sl_pips=100, tp_pips=300,
            status=BotStatus.DIJEDA, settings=settings,
        )  # fmt: skip
        return self.db.write(lambda con: bots.create_bot(con, replace(bot, **changes)))

    def running_bot(self, **changes: Any) -> int:
        """A new bot, started."""
        bot_id = self.new_bot(**changes)
        self.events += self.desk.start_bot(bot_id)
        self.round()
        return bot_id

    def status(self, bot_id: int) -> BotStatus:
        bot = bots.get_bot(self.db.reader(), bot_id)
        assert bot is not None
        return bot.status

    def journal(self, bot_id: int) -> list[JournalRow]:
        """The bot's rows, oldest first."""
        return self.desk.floor.ledger.journal.for_bot(bot_id)[::-1]

    def positions(self) -> tuple[TradePosition, ...]:
        """What the broker really holds."""
        return tuple(self.api.api.positions_get() or ())

    def deals(self) -> list[Any]:
        """Every trade the broker really booked."""
        found = self.api.api.history_deals_get(0, 2_000_000_000) or ()
        return [deal for deal in found if deal.type in (0, 1)]

    def actions(self, bot_id: int | None = None) -> list[str]:
        """The history's action words, oldest first."""
        return [row.action for row in history.page(self.db.reader(), bot_id=bot_id, limit=1_000)][::-1]

    def details(self, action: str) -> list[str]:
        """The sentences of one action word, oldest first."""
        return [row.details for row in history.page(self.db.reader(), action=action, limit=1_000)][::-1]
