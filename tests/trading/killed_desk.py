"""A desk in a process of its own, to be killed: python -m tests.trading.killed_desk HOME. Flips on every bar."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from qbx_desktop.broker.client import TerminalClient
from qbx_desktop.broker.spec import TerminalSpec
from qbx_desktop.broker.terminal import Terminal
from qbx_desktop.broker.transports import ProcessTransport
from qbx_desktop.data import bots
from qbx_desktop.data.database import Database
from qbx_desktop.domain.bots import Bot, BotSettings
from qbx_desktop.domain.clock import SystemClock
from qbx_desktop.trading.desk import Desk

from .order_world import Flips
from .stage import FREE


def main(home: Path) -> None:
    clock = SystemClock()
    spec = TerminalSpec(speed=240.0, snapshot_path=home / "practice.json", halt_file=home / "HALT", seed=3)
    db = Database.open(home / "bots.db")
    terminal = Terminal(TerminalClient(ProcessTransport(spec)))
    flips = Flips()
    desk = Desk(db, terminal, clock, strategy_of=lambda _key: flips)
    if not bots.list_bots(db.reader()):
        for name in ("A", "B", "C"):
            bot = Bot(
                0, name, "EURUSD", "M1", "FLIPS", lot_size=0.01, sl_pips=500, tp_pips=500,
                settings=BotSettings(limits={**FREE, "max_open_lots": 0}),
            )  # fmt: skip
            db.write(lambda con, bot=bot: bots.create_bot(con, bot))
        desk.open(clock.monotonic())
        for bot in bots.list_bots(db.reader()):
            desk.start_bot(bot.id)
    else:
        desk.open(clock.monotonic())
    ready = False
    while True:
        if not ready and desk.floor.login:
            ready = True
            sys.stdout.write("ready\n")
            sys.stdout.flush()
        list(desk.run_due(clock.monotonic()))
        time.sleep(min(0.02, desk.seconds_to_next(clock.monotonic())))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
