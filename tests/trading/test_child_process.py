"""F28: the terminal's process dies while a bot trades; the desk waits, recovers by itself, and sends nothing twice."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from qbx_desktop.broker.client import TerminalClient
from qbx_desktop.broker.spec import TerminalSpec
from qbx_desktop.broker.terminal import Terminal
from qbx_desktop.broker.transports import ProcessTransport
from qbx_desktop.data import bots
from qbx_desktop.data.database import Database
from qbx_desktop.domain.bots import Bot, BotSettings
from qbx_desktop.domain.clock import SystemClock
from qbx_desktop.domain.journal import JournalState
from qbx_desktop.trading.desk import Desk

from .order_world import Flips
from .stage import FREE


@pytest.mark.timeout(180)
def test_f28_a_killed_child_comes_back_and_no_order_is_doubled(tmp_path: Path) -> None:
    clock = SystemClock()
    spec = TerminalSpec(speed=240.0, snapshot_path=tmp_path / "practice.json", halt_file=tmp_path / "HALT")
    db = Database.open(tmp_path / "bots.db")
    client = TerminalClient(ProcessTransport(spec))
    terminal = Terminal(client)
    flips = Flips()
    desk = Desk(db, terminal, clock, strategy_of=lambda _key: flips)
    try:
        desk.open(clock.monotonic())
        bot = Bot(
            0, "Flips", "EURUSD", "M1", "FLIPS", lot_size=0.01, sl_pips=500, tp_pips=500,
            settings=BotSettings(limits=FREE),
        )  # fmt: skip
        bot_id = db.write(lambda con: bots.create_bot(con, bot))
        desk.start_bot(bot_id)

        def rows() -> list[JournalState]:
            return [row.state for row in desk.floor.ledger.journal.for_bot(bot_id)]

        def serve_until(done: Callable[[], bool]) -> None:
            until = clock.monotonic() + 80
            while not done():
                assert clock.monotonic() < until
                list(desk.run_due(clock.monotonic()))
                time.sleep(min(0.05, desk.seconds_to_next(clock.monotonic())))

        serve_until(lambda: rows().count(JournalState.FILLED) >= 2)
        assert client.pid is not None
        os.kill(client.pid, signal.SIGKILL)
        before = len(rows())
        serve_until(lambda: rows().count(JournalState.FILLED) >= before + 2)
        filled = [
            row for row in desk.floor.ledger.journal.for_bot(bot_id) if row.state is JournalState.FILLED
        ]
        magic = desk.floor.view.magic_of(bot_id)
        booked = terminal.history_deals(0, terminal.server_time() + 86_400)
        mine = {deal.order for deal in booked if deal.magic == magic and deal.reason == 3}
        assert mine == {row.order_ticket for row in filled}
        assert len(desk.floor.view.of_bot(bot_id)) <= 1
    finally:
        desk.close()
        terminal.close()
        db.close()
