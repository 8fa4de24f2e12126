"""What can go wrong with the child: it hangs, crashes, lies, is killed or stopped; the client comes back by itself."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import psutil
import pytest
from PySide6.QtCore import Qt, QTimer
from pytestqt.qtbot import QtBot

from qbx_desktop.broker.client import TerminalClient
from qbx_desktop.broker.command import CLOSED, NO_CONNECTION, TIME_OUT, Priority
from qbx_desktop.broker.connection import GAVE_UP
from qbx_desktop.broker.errors import ConnectionRefusedByUsError, TerminalError
from qbx_desktop.broker.sentences import SEND_FAILED, SILENT
from qbx_desktop.broker.spec import TerminalSpec
from qbx_desktop.broker.terminal import Terminal
from qbx_desktop.broker.transports import ProcessTransport
from qbx_desktop.domain.events import ConnectionChanged, Link
from qbx_desktop.domain.timeframe import Timeframe

from .conftest import CLOSE, ENTRY, PATIENCE, FakeWorld, Opener, shorter, until

HANG = 600.0


def ready(terminal: Terminal) -> bool:
    return terminal.link is Link.READY


def in_flight(terminal: Terminal) -> None:
    """Wait until what was asked has left the queue."""
    until(lambda: terminal.client.health().waiting == 0)


def test_a_thousand_calls_each_get_their_own_answer(in_child: Opener) -> None:
    terminal = in_child()
    for count in range(1, 1001):
        assert len(terminal.bars("EURUSD", Timeframe.M1, 0, count % 7 + 1)) == count % 7 + 1
    assert terminal.client.health().reconnects == 0


def test_many_threads_share_one_client(in_child: Opener) -> None:
    terminal = in_child()
    wrong: list[object] = []

    def work(count: int) -> None:
        for _ in range(50):
            if len(terminal.bars("EURUSD", Timeframe.M1, 0, count)) != count:
                wrong.append(count)

    threads = [threading.Thread(target=work, args=(count,)) for count in range(1, 7)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert wrong == []


def test_a_hung_read_is_cut_and_the_client_comes_back(in_child: Opener, world: FakeWorld) -> None:
    terminal = in_child(shorter(read=0.5, stall=0.1, health_every=600.0))
    first = terminal.client.pid
    heard: list[ConnectionChanged] = []
    terminal.client.listen(heard.append)
    world.fault(hang={"symbol_info": HANG})
    with pytest.raises(TerminalError) as caught:
        terminal.symbol("EURUSD")
    assert caught.value.code == TIME_OUT
    world.fault()
    until(lambda: ready(terminal))
    assert terminal.symbol("EURUSD").digits == 5
    assert terminal.client.pid != first
    assert terminal.client.health().reconnects == 1
    assert heard[0].link is Link.DEGRADED
    assert heard[0].reason is not None
    assert heard[0].reason.code == SILENT.code
    links = [each.link for each in heard[1:] if each.reason is None or each.reason.code != SILENT.code]
    assert links[:3] == [Link.LOST, Link.CONNECTING, Link.READY]


def test_a_slow_answer_is_reported_and_taken_back(in_child: Opener, world: FakeWorld) -> None:
    terminal = in_child(shorter(stall=0.05, health_every=600.0))
    heard: list[Link] = []
    terminal.client.listen(lambda event: heard.append(event.link))
    world.fault(hang={"symbol_info": 0.5})
    assert terminal.symbol("EURUSD").digits == 5
    assert heard == [Link.DEGRADED, Link.READY]


def test_f27_initialize_that_hangs_holds_up_the_child_only_and_can_be_given_up(
    in_child: Opener, world: FakeWorld
) -> None:
    world.fault(hang={"initialize": HANG})
    terminal = in_child(shorter(stall=0.2), connect=False)
    heard: list[ConnectionChanged] = []
    terminal.client.listen(heard.append)
    begun = time.monotonic()
    with pytest.raises(TerminalError):
        terminal.open(0.0)
    assert time.monotonic() - begun < 2.0, "whoever asks does not wait for it"
    until(lambda: any(each.reason is not None and each.reason.code == SILENT.code for each in heard))
    assert terminal.send(ENTRY).sent is False
    until(lambda: terminal.client.pid is not None)
    pid = terminal.client.pid
    begun = time.monotonic()
    terminal.close()
    assert time.monotonic() - begun < 5.0
    assert pid is not None
    assert not psutil.pid_exists(pid)
    assert world.orders == []


@pytest.mark.parametrize("before", [[], ["order_send"]], ids=["executed", "lost on the way"])
@pytest.mark.parametrize("fault", ["hang", "abort"])
def test_an_order_in_flight_is_unknown_and_never_sent_again(
    in_child: Opener, world: FakeWorld, fault: str, before: list[str]
) -> None:
    terminal = in_child(shorter(order=0.5, health_every=600.0))
    world.fault(**{fault: {"order_send": HANG}, "before": before})
    answer = terminal.send(ENTRY)
    assert (answer.result, answer.sent, answer.error[0]) == (None, None, TIME_OUT)
    world.fault()
    until(lambda: ready(terminal))
    assert len(terminal.positions()) == len(world.orders) == (0 if before else 1)
    assert terminal.send(ENTRY).sent is True
    assert len(world.orders) == (1 if before else 2)


def test_a_crash_while_reading_is_survived(in_child: Opener, world: FakeWorld) -> None:
    terminal = in_child(shorter(health_every=600.0))
    world.fault(abort=["symbol_info"])
    with pytest.raises(TerminalError):
        terminal.symbol("EURUSD")
    world.fault()
    until(lambda: ready(terminal))
    assert terminal.symbol("EURUSD").digits == 5


def test_after_too_many_crashes_it_is_left_alone_until_a_person_asks(
    in_child: Opener, world: FakeWorld
) -> None:
    terminal = in_child(shorter(back_off=(0.01,), restarts=2))
    world.fault(abort=["initialize", "account_info", "terminal_info"])
    until(lambda: terminal.link is Link.STOPPED)
    reason = terminal.client.reason
    assert reason is not None
    assert reason.code == GAVE_UP.code
    assert terminal.send(ENTRY).sent is False
    world.fault()
    assert terminal.client.start(PATIENCE)
    assert terminal.account().login == 51234567


def test_a_wrong_answer_is_not_used_and_the_child_is_replaced(in_child: Opener, world: FakeWorld) -> None:
    terminal = in_child(shorter(health_every=600.0))
    first = terminal.client.pid
    world.fault(wrong=["positions_get"])
    with pytest.raises(TerminalError) as caught:
        terminal.positions()
    assert caught.value.code == -10000
    world.fault(wrong=["order_send"])
    until(lambda: ready(terminal))
    assert terminal.client.pid != first
    answer = terminal.send(ENTRY)
    assert (answer.result, answer.sent) == (None, None)


def test_a_restarted_terminal_is_attached_again_with_the_same_child(
    in_child: Opener, world: FakeWorld
) -> None:
    terminal = in_child(shorter(health_every=600.0))
    first = terminal.client.pid
    heard: list[ConnectionChanged] = []
    terminal.client.listen(heard.append)
    world.fault(dead_pipe=True)
    with pytest.raises(TerminalError) as caught:
        terminal.positions()
    assert caught.value.code == -10001
    with pytest.raises(TerminalError) as later:
        terminal.positions()
    assert later.value.code == NO_CONNECTION
    assert terminal.send(ENTRY).sent is False
    assert heard[0].reason is not None
    assert heard[0].reason.code == SEND_FAILED.code
    assert heard[0].retry_in > 0
    world.fault()
    until(lambda: ready(terminal))
    assert terminal.client.pid == first
    assert terminal.positions() == ()


def test_an_idle_terminal_that_dies_is_noticed(in_child: Opener, world: FakeWorld) -> None:
    terminal = in_child()
    world.fault(dead_pipe=True)
    until(lambda: terminal.link is Link.LOST)
    world.fault()
    until(lambda: ready(terminal))


def test_the_symbol_list_of_a_lost_terminal_does_not_speak_of_versions(
    either: Opener, world: FakeWorld
) -> None:
    terminal = either(shorter(health_every=600.0))
    version = [-5, "Terminal: Incompatible versions"]
    world.fault(error={"symbols_get": version, "terminal_info": [-10004, "No IPC connection"]})
    with pytest.raises(TerminalError) as caught:
        terminal.symbols()
    assert caught.value.code == NO_CONNECTION
    assert terminal.link is Link.LOST


def test_market_watch_is_filled_again_after_a_restart(either: Opener, world: FakeWorld) -> None:
    terminal = either(shorter(health_every=600.0))
    terminal.select("EURUSD")
    world.fault(dead_pipe=True)
    with pytest.raises(TerminalError):
        terminal.positions()
    world.fault(terminal={"connected": False})
    until(lambda: terminal.client.call("account_info").sent is True, "the link")
    until(
        lambda: {each.name: each.calls for each in terminal.client.health().statistics}["symbol_select"] == 2
    )


def test_a_broker_that_is_gone_degrades_the_link(in_child: Opener, world: FakeWorld) -> None:
    terminal = in_child()
    world.fault(terminal={"connected": False})
    until(lambda: terminal.link is Link.DEGRADED)
    world.fault(terminal={"ping_last": 3_000_000})
    until(lambda: "3000 ms" in str(terminal.client.reason))
    world.fault()
    until(lambda: ready(terminal))


def test_killed_by_hand_while_idle(in_child: Opener) -> None:
    terminal = in_child(shorter(health_every=600.0))
    first = terminal.client.pid
    assert first is not None
    psutil.Process(first).kill()
    until(lambda: terminal.client.pid not in (first, None) and ready(terminal))
    assert terminal.positions() == ()


def test_killed_by_hand_while_an_order_is_in_flight(in_child: Opener, world: FakeWorld) -> None:
    terminal = in_child(shorter(health_every=600.0))
    world.fault(hang={"order_send": HANG})
    pid = terminal.client.pid
    answer = terminal.client.ask("order_send", ENTRY, priority=Priority.ENTRY)
    until(lambda: len(world.orders) == 1)
    world.fault()
    assert pid is not None
    psutil.Process(pid).kill()
    reply = answer.result(PATIENCE)
    assert (reply.value, reply.sent, reply.error[0]) == (None, None, TIME_OUT)
    until(lambda: ready(terminal))
    assert len(terminal.history_deals(0, 2**31 - 1)) == 1
    assert len(world.orders) == 1


@pytest.mark.skipif(not hasattr(signal, "SIGSTOP"), reason="this system cannot stop a process")
def test_a_stopped_child_is_replaced(in_child: Opener) -> None:
    terminal = in_child(shorter(read=0.5))
    first = terminal.client.pid
    assert first is not None
    os.kill(first, signal.SIGSTOP)
    until(lambda: terminal.client.pid not in (first, None) and ready(terminal))
    assert not psutil.pid_exists(first)


def test_commands_waiting_behind_a_crash_are_refused_as_not_sent(in_child: Opener, world: FakeWorld) -> None:
    terminal = in_child(shorter(health_every=600.0, read=0.5, back_off=(60.0,)))
    world.fault(hang={"symbol_info": HANG})
    hung = terminal.client.ask("symbol_info", "EURUSD")
    in_flight(terminal)
    waiting = [terminal.client.ask("order_send", ENTRY, priority=Priority.DOWNLOAD) for _ in range(3)]
    assert hung.result(PATIENCE).sent is None
    replies = [each.result(PATIENCE) for each in waiting]
    assert {(each.sent, each.error[0]) for each in replies} == {(False, NO_CONNECTION)}
    assert world.orders == []


def test_an_entry_that_expires_behind_a_hung_call_is_answered_before_the_call_ends(
    in_child: Opener, world: FakeWorld
) -> None:
    terminal = in_child(shorter(health_every=600.0))
    world.fault(hang={"symbol_info": 2.0})
    slow = terminal.client.ask("symbol_info", "EURUSD")
    in_flight(terminal)
    answer = terminal.send(ENTRY, valid_until=time.monotonic() + 0.1)
    assert answer.sent is False
    assert not slow.done()
    assert slow.result(PATIENCE).sent is True
    assert world.orders == []


def test_the_most_urgent_goes_first(in_child: Opener, world: FakeWorld) -> None:
    terminal = in_child(shorter(health_every=600.0))
    world.fault(hang={"symbol_info": 1.0})
    blocker = terminal.client.ask("symbol_info", "EURUSD")
    in_flight(terminal)
    finished: list[Priority] = []
    asked = []
    for priority in reversed(Priority):
        if priority <= Priority.ENTRY:
            request = CLOSE if priority < Priority.ENTRY else ENTRY
            future = terminal.client.ask("order_send", request, priority=priority)
        else:
            future = terminal.client.ask("symbol_info_tick", "EURUSD", priority=priority)
        future.add_done_callback(lambda _, priority=priority: finished.append(priority))
        asked.append(future)
    assert not blocker.done()
    assert all(each.result(PATIENCE).sent for each in asked)
    assert finished[0] is Priority.EMERGENCY
    trades = [each for each in finished if each <= Priority.ENTRY]
    reads = [each for each in finished if each > Priority.ENTRY]
    assert trades == sorted(trades)
    assert reads == sorted(reads)


def test_an_emergency_does_not_wait_for_a_hung_download(in_child: Opener, world: FakeWorld) -> None:
    terminal = in_child(shorter(health_every=600.0, history=HANG, stall=0.3))
    world.fault(hang={"history_deals_get": HANG})
    hung = terminal.client.ask("history_deals_get", 0, 1)
    in_flight(terminal)
    world.fault()
    answer = terminal.send(CLOSE, priority=Priority.EMERGENCY)
    # Not sent, and said so at once: whoever gave the emergency gives it again.
    assert answer.sent is False
    assert hung.result(PATIENCE).sent is None
    until(lambda: ready(terminal))
    assert terminal.send(CLOSE, priority=Priority.EMERGENCY).sent is True
    assert len(world.orders) == 1


def test_a_poll_that_waits_already_is_not_asked_twice(in_child: Opener, world: FakeWorld) -> None:
    terminal = in_child(shorter(health_every=600.0))
    world.fault(hang={"symbol_info": 1.0})
    blocker = terminal.client.ask("symbol_info", "EURUSD")
    in_flight(terminal)
    polls = [terminal.client.ask("symbol_info_tick", "EURUSD") for _ in range(20)]
    assert len({id(each) for each in polls}) == 1
    assert not blocker.done()
    assert polls[0].result(PATIENCE).sent is True


def test_arguments_that_cannot_cross_the_border_were_not_sent(in_child: Opener) -> None:
    terminal = in_child()
    answer = terminal.send({**ENTRY, "comment": threading.Lock()})
    assert answer.sent is False
    assert "Lock" in answer.exception or "pickle" in answer.exception
    assert terminal.send(ENTRY).sent is True


@pytest.mark.parametrize("hung", [False, True])
def test_close_ends_thread_and_child(in_child: Opener, world: FakeWorld, hung: bool) -> None:
    terminal = in_child(shorter(health_every=600.0))
    pid = terminal.client.pid
    answer = None
    if hung:
        world.fault(hang={"order_send": HANG})
        answer = terminal.client.ask("order_send", ENTRY, priority=Priority.ENTRY)
        until(lambda: len(world.orders) == 1)
    terminal.close()
    terminal.close()
    assert pid is not None
    assert not psutil.pid_exists(pid)
    assert terminal.link is Link.STOPPED
    assert terminal.send(ENTRY).error[0] == CLOSED
    if answer is not None:
        assert answer.result(PATIENCE).sent is None
    assert len(world.orders) == int(hung)


def test_the_child_loads_no_qt(in_child: Opener) -> None:
    about = in_child().client.about
    assert about["qt_loaded"] is False
    assert about["simulated"] is False


def test_a_module_that_cannot_be_loaded_stops_with_its_sentence(
    in_child: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "path", [each for each in sys.path if not each.endswith("drop_in")])
    terminal = in_child(connect=False)
    assert terminal.client.start(PATIENCE) is False
    assert terminal.link is Link.STOPPED
    assert "cannot be loaded" in str(terminal.client.reason)


def test_a_call_that_hangs_with_the_lock_held_delays_no_event_loop_here(
    in_child: Opener, world: FakeWorld, qtbot: QtBot
) -> None:
    terminal = in_child(shorter(health_every=600.0))
    world.fault(hang_with_gil={"symbol_info": 1.0})
    fired: list[int] = []
    timer = QTimer()
    timer.setTimerType(Qt.TimerType.PreciseTimer)
    timer.timeout.connect(lambda: fired.append(1))
    timer.start(10)
    slow = terminal.client.ask("symbol_info", "EURUSD")
    qtbot.waitUntil(slow.done, timeout=int(PATIENCE * 1000))
    timer.stop()
    # With the lock held in this process there would have been one or two of about a hundred.
    assert len(fired) > 10
    assert slow.result().sent is True


def test_a_second_child_on_the_same_terminal_is_refused(in_child: Opener, world: FakeWorld) -> None:
    first = in_child()
    with pytest.raises(ConnectionRefusedByUsError, match="Another QuantumBotX"):
        in_child()
    first.close()
    assert in_child().account().login == 51234567


ORPHAN = """
import os, sys, time
from qbx_desktop.broker.client import TerminalClient
from qbx_desktop.broker.limits import Limits
from qbx_desktop.broker.spec import TerminalSpec
from qbx_desktop.broker.transports import ProcessTransport
if __name__ == "__main__":
    limits = Limits(health_every=600.0, read=float(sys.argv[2]), connect=1.0, order=1.0, history=1.0)
    client = TerminalClient(ProcessTransport(TerminalSpec(kind="mt5", path=os.environ["QBX_FAKE_TERMINAL"])), limits)
    assert client.start(60)
    if sys.argv[1] != "idle":
        open(os.path.join(os.environ["QBX_FAKE_TERMINAL"], "faults.json"), "w").write(
            '{"%s": {"symbol_info": 600}}' % sys.argv[1])
        client.ask("symbol_info", "EURUSD")
        time.sleep(0.3)
    print(client.pid, flush=True)
    time.sleep(600)
"""


@pytest.mark.parametrize("state", ["idle", "hang"])
def test_the_child_ends_when_its_parent_is_killed(world: FakeWorld, tmp_path: Path, state: str) -> None:
    script = tmp_path / "parent.py"
    script.write_text(ORPHAN)
    with subprocess.Popen(
        [sys.executable, str(script), state, "600"],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(each for each in sys.path if each)},
        stdout=subprocess.PIPE,
        text=True,
    ) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        assert psutil.pid_exists(child)
        parent.kill()
        parent.wait()
    until(lambda: not psutil.pid_exists(child) or psutil.Process(child).status() == "zombie", "the end")


def test_an_orphan_that_holds_the_gil_ends_itself() -> None:
    """The watchdog that needs no interpreter: a child in a hung call of the real module, its parent dead."""
    script = (
        "import faulthandler, ctypes, os\n"
        "faulthandler.dump_traceback_later(0.3, exit=True, file=open(os.devnull, 'w'))\n"
        "ctypes.PyDLL(None).sleep(600)\n"
    )
    if sys.platform == "win32":
        pytest.skip("the C library's sleep has another name here")
    done = subprocess.run([sys.executable, "-c", script], timeout=PATIENCE, check=False)
    assert done.returncode != 0


def test_limits_say_how_long_each_kind_may_take() -> None:
    limits = replace(shorter(), read=1.0, history=2.0, connect=3.0, order=4.0)
    wanted = {"symbol_info": 1.0, "copy_rates_range": 2.0, "history_deals_get": 2.0, "initialize": 3.0,
              "login": 3.0, "order_send": 4.0}  # fmt: skip
    assert {name: limits.of(name) for name in wanted} == wanted
    assert limits.longest > 4.0


def test_a_client_that_was_never_started_can_be_closed() -> None:
    client = TerminalClient(ProcessTransport(TerminalSpec(kind="mt5")))
    assert client.call("account_info").sent is False
    client.close()
