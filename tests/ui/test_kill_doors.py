"""The doors of the kill switch hold within 250 ms, with the window blocked and with the terminal hung: real processes."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from qbx_desktop.broker.command import Priority
from qbx_desktop.trading import halt_file

from .stall_probe import Patient, wait

# From the trigger on until no order starts any more.
WITHIN_MS = 250
BLOCKED = 1.5

pytestmark = [
    pytest.mark.timeout(400),
    pytest.mark.qt_log_ignore("This plugin does not support", "No such signal QPlatformNativeInterface"),
]


class Trader:
    """A program whose bots send several orders a second, and the journal to look at."""

    def __init__(self, home: Path) -> None:
        self.patient = Patient(home)
        self.program = self.patient.program
        for _ in range(3):
            self.patient.start_bot()
        self.bots = [row.bot.id for row in self.program.window.bots.model.every_row()]
        self.until_it_trades()

    def sent_after(self, ms: float, action: str = "OPEN") -> int:
        found = self.program.db.reader().execute(
            "SELECT count(*) FROM order_journal WHERE sent_ms > ? AND action = ? AND source = 'BOT'",
            (ms, action),
        )
        return int(found.fetchone()[0])

    def until_it_trades(self) -> None:
        begun = time.time() * 1_000
        wait(lambda: self.sent_after(begun) >= 2, "an order")

    def arm(self) -> None:
        """Everything as before."""

        def again(desk: object) -> None:
            desk.rearm()  # type: ignore[attr-defined]
            desk.set_algo(True)  # type: ignore[attr-defined]
            for bot_id in self.bots:
                desk.start_bot(bot_id)  # type: ignore[attr-defined]

        self.program.trading.tell(again)
        self.until_it_trades()

    def pulled(self, door: Callable[[], object]) -> float:
        """Pull, block the window; returns when the trigger was, in UTC milliseconds. The pull itself waits for nothing."""
        at = time.time() * 1_000
        door()
        assert time.time() * 1_000 - at < WITHIN_MS, "the door waited"
        time.sleep(BLOCKED)
        return at


@pytest.fixture
def trader(home: Path, qapp: QApplication) -> Iterator[Trader]:
    made = Trader(home)
    yield made
    made.patient.close()


def test_every_door_holds_while_the_window_is_blocked(trader: Trader) -> None:
    window, path = trader.program.window, trader.program.options.home.halt_file
    at = trader.pulled(lambda: halt_file.pull(path, "by hand"))
    assert trader.sent_after(at + WITHIN_MS) == 0
    assert trader.sent_after(at + WITHIN_MS, "CLOSE") == 0, "a halt sends nothing at all"
    trader.arm()
    for door in (window.algo.action.trigger, window.pause_all.trigger):
        at = trader.pulled(door)
        assert trader.sent_after(at + WITHIN_MS) == 0
        trader.arm()
    emergency, positions = window.emergency, window.toolbox.positions
    at = trader.pulled(emergency.action.trigger)
    assert trader.sent_after(at + WITHIN_MS) == 0
    assert emergency.question is not None
    emergency.question.buttons()[0].click()
    wait(lambda: positions.rowCount() == 0, "the positions to be closed")
    assert trader.sent_after(at + WITHIN_MS) == 0


def test_the_doors_hold_while_an_order_hangs(trader: Trader) -> None:
    window = trader.program.window
    for door in (window.algo.action.trigger, window.emergency.action.trigger):
        trader.program.client.ask(
            "sim_fault", {"kind": "hang", "function": "order_send", "seconds": 120.0, "times": 1},
            priority=Priority.RECONCILE,
        )  # fmt: skip
        unknown = trader.patient.unknown
        wait(lambda: hangs(trader), "an order that hangs")
        at = trader.pulled(door)
        wait(lambda: trader.patient.unknown > unknown, "the report of the order")  # noqa: B023
        wait(lambda: trader.patient.is_ready, "the link")
        time.sleep(BLOCKED)
        assert trader.sent_after(at + WITHIN_MS) == 0
        if window.emergency.question is not None:
            window.emergency.question.buttons()[1].click()
        else:
            trader.patient.start_bot()
            trader.bots.append(max(row.bot.id for row in window.bots.model.every_row()))
            trader.arm()


def hangs(trader: Trader) -> bool:
    """Whether an order was sent half a second ago and has no answer."""
    found = trader.program.db.reader().execute(
        "SELECT max(sent_ms) FROM order_journal WHERE state = 'SENDING'"
    )
    sent = found.fetchone()[0]
    return sent is not None and sent < time.time() * 1_000 - 500
