"""The state machine of the link and the reasons it gives; no clock, no process."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qbx_desktop.broker.client import TerminalClient
from qbx_desktop.broker.command import NO_CONNECTION, Command, Priority, Reply
from qbx_desktop.broker.command_queue import CommandQueue
from qbx_desktop.broker.connection import GAVE_UP, NO_BROKER, Connection, weakness
from qbx_desktop.broker.errors import ConnectionRefusedByUsError, TerminalError
from qbx_desktop.broker.latency import CallBook
from qbx_desktop.broker.limits import Limits
from qbx_desktop.broker.sentences import explain
from qbx_desktop.broker.spec import TerminalSpec
from qbx_desktop.broker.terminal import Terminal
from qbx_desktop.broker.trade_pace import TradePace
from qbx_desktop.broker.transports import InlineTransport
from qbx_desktop.domain.events import Link
from qbx_desktop.domain.messages import Message
from qbx_desktop.domain.records import OrderSendResult, TerminalInfo
from tests.fakes.terminal_module import FakeTerminalModule

WHY = Message("test.why")
STEPS = (1.0, 2.0, 5.0, 10.0, 30.0, 60.0)


def connection(**changes: object) -> Connection:
    return Connection(Limits(**changes), random.Random(1))  # type: ignore[arg-type]


def test_the_pauses_grow_to_a_minute_and_jitter_by_a_fifth() -> None:
    link = connection()
    link.connect()
    assert link.due(0.0)
    for step in (*STEPS, 60.0, 60.0):
        link.attempt()
        assert not link.due(1e9)
        link.lost(100.0, WHY)
        wait = link.wait(100.0)
        assert wait is not None
        assert 0.8 * step <= wait <= 1.2 * step
        assert not link.due(100.0)
        assert link.due(100.0 + 1.21 * step)
    link.ready()
    link.lost(0.0, WHY)
    assert (link.wait(0.0) or 99) <= 1.2


def test_five_deaths_in_ten_minutes_are_forgiven_and_the_sixth_is_not() -> None:
    link = connection()
    for count in range(5):
        link.died(100.0 * count, WHY)
        assert link.link is Link.LOST
    link.died(599.0, WHY)
    assert link.link is Link.STOPPED
    assert link.reason == GAVE_UP(count=6, minutes=10)
    assert link.wait(1e9) is None
    link.connect()
    link.died(600.0, WHY)
    assert link.link is Link.LOST


def test_rare_deaths_never_stop_it() -> None:
    link = connection()
    for count in range(100):
        link.died(121.0 * count, WHY)
        assert link.link is Link.LOST


def test_a_broker_that_is_away_or_slow_degrades() -> None:
    assert weakness(TerminalInfo(connected=True, ping_last=38_000)) is None
    assert weakness(TerminalInfo(connected=False)) == NO_BROKER()
    slow = weakness(TerminalInfo(connected=True, ping_last=2_500_000))
    assert slow is not None
    assert "2500 ms" in slow.text
    link = connection()
    link.ready(slow)
    assert link.up
    assert link.link is Link.DEGRADED


ERRORS = [
    (-1, "Terminal: Call failed"), (-2, "Terminal: Invalid params"), (-3, "No memory"), (-4, "Terminal: Not found"),
    (-5, "Terminal: Incompatible versions, please install the latest version"), (-6, "Terminal: Authorization failed"),
    (-7, "Terminal: Unsupported function"), (-8, "Auto-Trading using Python API disabled in Terminal"),
    (-10000, "IPC call failed"), (-10001, "IPC send failed"), (-10002, "IPC recv failed"),
    (-10003, "IPC initialize failed, MetaTrader 5 x64 not found"),
    (-10003, r"IPC initialize failed, Process create failed 'C:\x'"),
    (-10003, "IPC initialize failed, Pipe server didn't answer in 60 sec"),
    (-10003, "IPC initialize failed, Path too long"), (-10003, "IPC initialize failed, CreateFile failed [5]"),
    (-10003, r"IPC initialize failed, No MQL5 folder in 'C:\x'"),
    (-10004, "No IPC connection"), (-10005, "IPC timeout"),
]  # fmt: skip


def test_every_failure_has_its_own_sentence_with_money_and_remedy() -> None:
    texts = [explain(error).text for error in ERRORS]
    assert len(set(texts)) == len(ERRORS)
    for text in texts:
        assert text.count(". ") >= 1
        assert any(word in text for word in ("sent", "positions", "not used")), text
        assert "{" not in text
    assert r"C:\x" in explain((-10003, r"IPC initialize failed, Process create failed 'C:\x'")).text
    assert "-4242" in explain((-4242, "something new")).text
    assert "new detail" in explain((-10003, "IPC initialize failed, new detail")).text


def test_a_refusal_to_connect_gives_its_sentence_and_only_hopeful_ones_are_tried_again() -> None:
    for error in ERRORS:
        module = FakeTerminalModule()
        module.faults = {"error": {"initialize": list(error)}}
        terminal = Terminal(TerminalClient(InlineTransport(module, TerminalSpec(kind="mt5"))))
        with pytest.raises((TerminalError, ConnectionRefusedByUsError)) as caught:
            terminal.open()
        assert caught.value.sentence == explain(error).text
        expected = Link.STOPPED if error[0] in (-5, -6, -7) else Link.LOST
        assert terminal.link is expected
        assert terminal.send({"action": 1}).sent is False
        assert module.sent() == []


def command(
    name: str = "symbol_info", priority: Priority = Priority.QUOTES, expires: float = 10.0
) -> Command:
    return Command(name, ("EURUSD",), {}, priority, 5.0, 0.0, expires)


@given(st.lists(st.tuples(st.sampled_from(Priority), st.booleans()), max_size=30))
def test_the_queue_gives_the_most_urgent_and_among_equals_the_oldest(
    asked: list[tuple[Priority, bool]],
) -> None:
    queue = CommandQueue()
    put = [queue.put(command("order_send" if trade else "history_deals_get", each)) for each, trade in asked]
    got = []
    while (taken := queue.take(trades=True)) is not None:
        got.append(taken)
    assert got == sorted(put, key=lambda each: (each.priority, put.index(each)))


def test_reads_pass_by_orders_that_have_to_pause() -> None:
    queue = CommandQueue()
    order = queue.put(command("order_send", Priority.EMERGENCY))
    read = queue.put(command("symbol_info", Priority.DOWNLOAD))
    assert queue.take(trades=False) is read
    assert queue.take(trades=False) is None
    assert queue.take(trades=True) is order


def test_what_is_too_old_leaves_the_queue_with_a_definite_answer() -> None:
    queue = CommandQueue()
    old = queue.put(command("order_send", Priority.ENTRY, expires=5.0))
    young = queue.put(command("order_send", Priority.ENTRY, expires=6.0))
    assert queue.next_expiry() == 5.0
    ((gone, reply),) = queue.expired(5.0)
    assert gone is old
    assert (reply.sent, reply.error[1]) == (False, "not sent, expired")
    assert queue.clear() == [young]
    assert queue.next_expiry() is None


def test_a_waiting_poll_is_shared_until_it_is_taken() -> None:
    queue = CommandQueue()
    first = queue.put(command())
    assert queue.put(command()) is first
    assert queue.put(command(priority=Priority.BAR_CLOSE)) is not first
    assert len(queue) == 2
    queue.clear()
    again = command()
    assert queue.put(again) is again


def test_orders_are_never_shared() -> None:
    queue = CommandQueue()
    for _ in range(3):
        queue.put(command("order_send", Priority.QUOTES))
        queue.put(command("sim_advance", Priority.QUOTES))
    assert len(queue) == 6


def test_trade_requests_pause_and_pause_longer_after_too_many() -> None:
    pace = TradePace(0.05)
    assert pace.free_at(0.0) < 0
    pace.sent(10.0, Reply(OrderSendResult(retcode=10009)))
    assert pace.free_at(10.0) == 10.05
    pace.sent(11.0, Reply(OrderSendResult(retcode=10024)))
    assert pace.free_at(11.0) == 11.5
    pace.sent(12.0, Reply(OrderSendResult(retcode=10024)))
    assert pace.free_at(12.0) == 13.0
    for second in range(13, 25):
        pace.sent(float(second), Reply(OrderSendResult(retcode=10024)))
    assert pace.free_at(24.0) == 32.0
    assert pace.free_at(85.0) == 24.05


def test_the_book_keeps_latencies_and_the_last_errors() -> None:
    book = CallBook()
    for number in range(300):
        book.add("symbol_info", Reply(1, latency_ms=float(number)))
    for number in range(30):
        book.add("positions_get", Reply(None, (NO_CONNECTION, str(number))))
    reads = book.statistics()[1]
    assert (reads.name, reads.calls, reads.worst) == ("symbol_info", 300, 299.0)
    assert 190 <= reads.p50 <= 210
    assert len(book.errors) == 20
    assert book.errors[-1] == ("positions_get", (NO_CONNECTION, "29"))
