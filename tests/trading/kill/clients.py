"""Who is killed: the real desk, and beside it the control flow of the predecessor's bots."""

from __future__ import annotations

import contextlib
import sqlite3
import time
from collections.abc import Callable, Mapping
from multiprocessing.connection import Client
from pathlib import Path
from typing import Any

from qbx_desktop.broker.client import TerminalClient
from qbx_desktop.broker.command import Reply
from qbx_desktop.broker.convert import unpacked
from qbx_desktop.broker.module_caller import Identity
from qbx_desktop.broker.spec import TerminalSpec
from qbx_desktop.broker.terminal import Terminal
from qbx_desktop.broker.transports import InlineTransport
from qbx_desktop.data import bots
from qbx_desktop.data.database import Database
from qbx_desktop.domain.bots import Bot, BotSettings, BotStatus
from qbx_desktop.trading.desk import Desk

from ..order_world import Flips
from ..stage import FREE
from .broker import SPEED, SYMBOL

# Desk seconds per real second: three minutes of settling take three.
HASTE = 60.0
MINUTES = 5
BOTS = ("A", "B", "C")


class FastClock:
    """The computer's clock, faster, and the same in every process."""

    def now(self) -> float:
        return 1_760_000_000.0 + self.monotonic()

    def monotonic(self) -> float:
        return time.monotonic() * HASTE


class Line(InlineTransport):
    """The way to the broker's process."""

    def __init__(self, address: str) -> None:
        self._line = Client(address, "AF_UNIX")
        self.spec = TerminalSpec(
            speed=SPEED / HASTE, halt_file=Path(address).parent / "HALT", demo_only=False
        )

    def about(self) -> dict[str, object]:
        self._line.send(("about",))
        return dict(self._line.recv())

    def call(self, name: str, args: tuple[object, ...], kwargs: Mapping[str, object], flatten: bool) -> Reply:
        self._line.send(("call", name, args, dict(kwargs), flatten))
        reply: Reply = self._line.recv()
        return reply

    def pin(self, identity: Identity) -> None:
        self._line.send(("pin", identity))

    def close(self) -> None:
        self._line.close()


def open_desk(home: Path, db: Database) -> Desk:
    """A desk as the program opens it, on the far broker."""
    clock, flips = FastClock(), Flips()
    terminal = Terminal(TerminalClient(Line(str(home / "broker.sock")), clock=clock), clock=clock)
    return Desk(db, terminal, clock, strategy_of=lambda _key: flips, detect_sleep=False)


def make_bots(home: Path) -> None:
    """Three bots that the trader wants to run."""
    db = Database.open(home / "bots.db")
    limits = {**FREE, "max_open_lots": 0, "refusals_in_a_row": 0}
    for name in BOTS:
        bot = Bot(0, name, SYMBOL, f"M{MINUTES}", "FLIPS", status=BotStatus.AKTIF, lot_size=0.01, sl_pips=1_000_000, tp_pips=1_000_000,
                  settings=BotSettings(limits=limits))  # fmt: skip
        db.write(lambda con, bot=bot: bots.create_bot(con, bot))
    db.close()


def desk_life(home: Path, ready: Callable[[], None]) -> None:
    """Trade until killed; `ready` is called when the recovery is done."""
    desk = open_desk(home, Database.open(home / "bots.db"))
    desk.open(desk.floor.clock.monotonic())
    while True:
        if desk._care.ready:
            ready()
        list(desk.run_due(desk.floor.clock.monotonic()))
        time.sleep(min(0.02, desk.seconds_to_next(desk.floor.clock.monotonic()) / HASTE))


def old_life(home: Path, ready: Callable[[], None]) -> None:
    """The predecessor's loop: no journal, a failed query reads as flat, a close is not looked at, the log comes first."""
    line = Line(str(home / "broker.sock"))
    con = sqlite3.connect(home / "bots.db", isolation_level=None, timeout=5)
    con.execute("CREATE TABLE IF NOT EXISTS trade_history (id INTEGER PRIMARY KEY, bot_id INT, action TEXT)")

    def call(name: str, *args: object, **named: object) -> Any:
        return unpacked(line.call(name, args, named, False).value)

    def log(bot_id: int, action: str) -> None:
        con.execute("INSERT INTO trade_history (bot_id, action) VALUES (?, ?)", (bot_id, action))

    def deal(bot_id: int, side: int, position: int | None = None) -> None:
        tick = call("symbol_info_tick", SYMBOL)
        request = {"action": 1, "symbol": SYMBOL, "volume": 0.01, "type": 0 if side > 0 else 1, "magic": bot_id,
                   "price": tick.ask if side > 0 else tick.bid, "comment": "QuantumBotX Trade", "type_filling": 1}  # fmt: skip
        call("order_send", request if position is None else {**request, "position": position})

    call("initialize")
    call("symbol_select", SYMBOL, True)
    ready()
    while True:
        for bot_id in range(1, len(BOTS) + 1):
            with contextlib.suppress(AttributeError, TypeError):
                bars = call("copy_rates_from_pos", SYMBOL, MINUTES, 0, 30)
                side = 1 if bars.time[-1] // (60 * MINUTES) % 2 == 0 else -1
                held = [each for each in call("positions_get", symbol=SYMBOL) or () if each.magic == bot_id]
                position = held[0] if held else None
                if position is not None and (1 - 2 * position.type) != side:
                    log(bot_id, "CLOSE")
                    deal(bot_id, side, position.ticket)
                    position = None
                if position is None:
                    log(bot_id, "OPEN")
                    deal(bot_id, side)
        time.sleep(0.02)
