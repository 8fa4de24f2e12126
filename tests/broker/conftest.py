"""A terminal of each kind: the stand-in module in this process and behind a real child process."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from qbx_desktop.broker import mt5_module
from qbx_desktop.broker.client import TerminalClient
from qbx_desktop.broker.limits import Limits
from qbx_desktop.broker.spec import TerminalSpec
from qbx_desktop.broker.terminal import Terminal
from qbx_desktop.broker.transports import InlineTransport, ProcessTransport
from tests.fakes.terminal_module import FakeTerminalModule

DROP_IN = Path(__file__).parent.parent / "fakes" / "drop_in"
# Quick to come back; the budgets are short only where a test lets a call hang.
QUICK = Limits(health_every=0.2, back_off=(0.05, 0.1), close=0.5)
PATIENCE = 60.0


@dataclass
class FakeWorld:
    """The broker behind the stand-in: its faults can be changed while a child runs, its ledger outlives the child."""

    folder: Path

    def fault(self, **faults: Any) -> None:
        """Replace all faults."""
        new = self.folder / "faults.new"
        new.write_text(json.dumps(faults))
        os.replace(new, self.folder / "faults.json")

    @property
    def orders(self) -> list[dict[str, Any]]:
        """The requests that the broker executed."""
        ledger = self.folder / "ledger.jsonl"
        return [json.loads(line) for line in ledger.read_text().splitlines()] if ledger.exists() else []


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeWorld:
    folder = tmp_path / "broker"
    folder.mkdir()
    monkeypatch.setenv("QBX_FAKE_TERMINAL", str(folder))
    monkeypatch.setattr(sys, "path", [str(DROP_IN), *sys.path])
    return FakeWorld(folder)


Opener = Callable[..., Terminal]


@pytest.fixture
def in_child(world: FakeWorld) -> Iterator[Opener]:
    """Opens a terminal in a real child process; everything is closed at the end."""
    opened: list[Terminal] = []

    def open_it(
        limits: Limits = QUICK, *, connect: bool = True, password: Any = None, **spec: Any
    ) -> Terminal:
        chosen = TerminalSpec(kind="mt5", path=str(world.folder), **spec)
        terminal = Terminal(TerminalClient(ProcessTransport(chosen), limits, password=password))
        opened.append(terminal)
        if connect:
            terminal.open(PATIENCE)
        return terminal

    yield open_it
    for each in opened:
        each.close()


@pytest.fixture
def in_process(world: FakeWorld, monkeypatch: pytest.MonkeyPatch) -> Opener:
    """Opens a terminal over an object at sys.modules["MetaTrader5"], in this process."""

    def open_it(
        limits: Limits = QUICK, *, connect: bool = True, password: Any = None, **spec: Any
    ) -> Terminal:
        module = FakeTerminalModule(world.folder / "faults.json", world.folder / "ledger.jsonl")
        monkeypatch.setitem(sys.modules, "MetaTrader5", module)
        transport = InlineTransport(mt5_module.load(), TerminalSpec(kind="mt5", **spec))
        terminal = Terminal(TerminalClient(transport, limits, password=password))
        if connect:
            terminal.open()
        return terminal

    return open_it


@pytest.fixture(params=["in_process", "in_child"])
def either(request: pytest.FixtureRequest) -> Opener:
    """The same test over both roads."""
    return request.getfixturevalue(request.param)


def until(condition: Callable[[], bool], what: str = "it") -> None:
    """Wait, patiently, until `condition` holds."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, f"{what} did not happen within {PATIENCE} s"
        time.sleep(0.01)


def shorter(**changes: Any) -> Limits:
    """The quick limits with some of them changed."""
    return replace(QUICK, **changes)


ENTRY = {"action": 1, "symbol": "EURUSD", "volume": 0.1, "type": 0, "price": 1.1001, "sl": 1.09, "magic": 7}
CLOSE = {**ENTRY, "type": 1, "position": 1}
