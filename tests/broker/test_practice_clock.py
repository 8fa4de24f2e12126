"""The practice market's time never goes back: a killed terminal goes on where it was last seen."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from qbx_desktop.broker.client import TerminalClient
from qbx_desktop.broker.limits import Limits
from qbx_desktop.broker.spec import TerminalSpec
from qbx_desktop.broker.terminal import Terminal
from qbx_desktop.broker.transports import ProcessTransport
from qbx_desktop.domain.events import Link
from qbx_desktop.simulator.terminal import DEFAULT_START, build_terminal

from .conftest import PATIENCE, shorter, until

# Time enough, after a kill, to bring an older file back.
SLOWLY = shorter(back_off=(1.5,))
Opener = Callable[[Path], Terminal]


@pytest.fixture
def fast(request: pytest.FixtureRequest) -> Iterator[Opener]:
    opened: list[Terminal] = []

    def open_it(file: Path, limits: Limits = SLOWLY) -> Terminal:
        spec = TerminalSpec(
            clock_mode="accelerated", speed=1_000.0, start=DEFAULT_START, snapshot_path=file, seed=4
        )
        terminal = Terminal(TerminalClient(ProcessTransport(spec), limits))
        opened.append(terminal)
        terminal.open(PATIENCE)
        return terminal

    yield open_it
    for each in opened:
        each.close()


def kill(terminal: Terminal) -> None:
    pid = terminal.client.pid
    assert pid is not None
    psutil.Process(pid).kill()
    until(lambda: terminal.link is Link.LOST, "the loss")


def come_back(terminal: Terminal) -> None:
    until(lambda: terminal.link is Link.READY, "the link")


def buy_with_a_near_stop(terminal: Terminal) -> None:
    """Sooner or later within the hours that follow, one of the two is hit."""
    terminal.select("EURUSD")
    tick = terminal.tick("EURUSD")
    answer = terminal.send(
        {"action": 1, "symbol": "EURUSD", "volume": 0.1, "type": 0, "price": tick.ask, "deviation": 50,
         "type_filling": 1, "magic": 7, "sl": tick.bid - 0.0006, "tp": tick.bid + 0.0006}
    )  # fmt: skip
    assert answer.result is not None
    assert answer.result.retcode == 10009


def without_the_kill(snapshot: bytes, instant: float) -> bytes:
    """The ledger of a market that simply lived on from `snapshot` to `instant`."""
    api = build_terminal(snapshot=snapshot, clock_mode="stepped", not_before=instant)
    api.sim_state()
    return api.sim_ledger()


def held(terminal: Terminal) -> tuple[float, bytes]:
    """Hold the market; the instant and the ledger."""
    terminal.sim("sim_pause", True)
    state: Any = terminal.sim("sim_state")
    ledger: Any = terminal.sim("sim_ledger")
    return state["utc"], ledger


@pytest.mark.parametrize("with_position", [False, True])
@pytest.mark.parametrize("older_file", [False, True])
def test_a_killed_terminal_goes_on_where_it_was_seen_last(
    fast: Opener, tmp_path: Path, with_position: bool, older_file: bool
) -> None:
    file = tmp_path / "practice.json"
    terminal = fast(file)
    if with_position:
        buy_with_a_near_stop(terminal)
    else:
        terminal.sim("sim_set_speed", 999.0)
    snapshot = file.read_bytes()
    begin = terminal.server_time()
    until(lambda: terminal.server_time() > begin + 1_800, "half an hour")
    if with_position:
        until(lambda: not terminal.positions(), "the stop")
    before = terminal.server_time()
    kill(terminal)
    if older_file:
        # As if nothing had been saved since: what was hit meanwhile is hit again, the same way.
        file.write_bytes(snapshot)
    come_back(terminal)
    assert terminal.server_time() >= before
    instant, ledger = held(terminal)
    assert ledger == without_the_kill(snapshot, instant)
    deals = json.loads(ledger)[0]["deals"]
    assert len(deals) == (3 if with_position else 1)


def test_a_kill_of_the_whole_program_loses_seconds_only(fast: Opener, tmp_path: Path) -> None:
    file = tmp_path / "practice.json"
    terminal = fast(file)
    terminal.sim("sim_set_speed", 900.0)

    def saved() -> float:
        return float(json.loads(file.read_bytes())["clock"]["utc"])

    first = saved()

    def is_saved_by_itself() -> bool:
        terminal.server_time()
        return saved() > first

    until(is_saved_by_itself, "a saved clock")
