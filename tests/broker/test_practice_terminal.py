"""The practice terminal behind both roads: the whole facade, an account that outlives its process, stored bars."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import psutil
import pytest

from qbx_desktop.broker.client import TerminalClient
from qbx_desktop.broker.downloads import download
from qbx_desktop.broker.errors import TerminalError
from qbx_desktop.broker.limits import Limits
from qbx_desktop.broker.spec import TerminalSpec
from qbx_desktop.broker.terminal import Terminal
from qbx_desktop.broker.transports import InlineTransport, ProcessTransport
from qbx_desktop.commands import doctor
from qbx_desktop.data.bar_store import BarStore
from qbx_desktop.domain.bars import Bars
from qbx_desktop.domain.errors import Stop, UserMistake
from qbx_desktop.domain.events import Link
from qbx_desktop.domain.timeframe import Timeframe
from qbx_desktop.simulator.terminal import build_terminal

from .conftest import PATIENCE, QUICK, shorter, until

Practice = Callable[..., Terminal]


@pytest.fixture
def in_child() -> Iterator[Practice]:
    opened: list[Terminal] = []

    def open_it(limits: Limits = QUICK, **spec: object) -> Terminal:
        chosen = TerminalSpec(**{"clock_mode": "stepped", "speed": 1.0, **spec})  # type: ignore[arg-type]
        terminal = Terminal(TerminalClient(ProcessTransport(chosen), limits))
        opened.append(terminal)
        terminal.open(PATIENCE)
        return terminal

    yield open_it
    for each in opened:
        each.close()


@pytest.fixture
def in_process() -> Practice:
    def open_it(**spec: object) -> Terminal:
        terminal = Terminal(TerminalClient(InlineTransport(build_terminal(**spec)), QUICK))  # type: ignore[arg-type]
        terminal.open()
        return terminal

    return open_it


@pytest.fixture(params=["in_process", "in_child"])
def either(request: pytest.FixtureRequest) -> Practice:
    return request.getfixturevalue(request.param)


def order(terminal: Terminal, side: int = 0, **more: object) -> dict[str, object]:
    terminal.select("EURUSD")
    tick = terminal.tick("EURUSD")
    price = tick.ask if side == 0 else tick.bid
    return {"action": 1, "symbol": "EURUSD", "volume": 0.1, "type": side, "price": price, "magic": 7,
            "type_filling": 1, "sl": 0.0, "tp": 0.0, "deviation": 20, "comment": "QBtest", **more}  # fmt: skip


def test_the_whole_facade_over_the_practice_terminal(either: Practice) -> None:
    terminal = either()
    assert terminal.simulated
    assert terminal.link is Link.READY
    account = terminal.account()
    assert (account.balance, account.currency, account.leverage) == (10_000.0, "USD", 100)
    assert all(each.on for each in terminal.switches())
    assert "EURUSD" in terminal.symbol_names()
    request = order(terminal)
    assert terminal.symbol("EURUSD").digits == 5
    now = terminal.server_time()
    bars = terminal.bars("EURUSD", Timeframe.M5, 0, 300)
    assert len(bars) == 300
    assert bars.time[-1] <= now
    assert len(terminal.bars_range("EURUSD", Timeframe.H1, now - 86_400, now)) > 0
    assert terminal.check(request).retcode == 0
    assert terminal.calc_margin(0, "EURUSD", 1.0, 1.1) > 0
    assert terminal.calc_profit(0, "EURUSD", 1.0, 1.1, 1.11) == pytest.approx(1_000.0)
    answer = terminal.send(request)
    assert answer.result is not None
    assert answer.result.retcode == 10009
    (position,) = terminal.positions("EURUSD")
    assert (position.magic, position.volume, position.comment) == (7, 0.1, "QBtest")
    assert terminal.orders() == ()
    assert len(terminal.history_deals(now - 60, now + 86_400)) >= 1
    assert terminal.history_orders(now - 60, now + 86_400)[-1].ticket == answer.result.order
    closed = terminal.send(order(terminal, 1, position=position.ticket))
    assert closed.result is not None
    assert closed.result.retcode == 10009
    assert terminal.positions() == ()
    with pytest.raises(TerminalError):
        terminal.tick("NOSUCH")


def test_the_market_can_be_moved_on_through_the_client(either: Practice) -> None:
    terminal = either()
    before = terminal.server_time()
    terminal.sim("sim_advance", 3_600)
    assert terminal.server_time() == before + 3_600
    with pytest.raises(UserMistake):
        terminal.sim("sim_set_speed", -1.0)


def test_both_roads_see_the_same_market(in_process: Practice, in_child: Practice) -> None:
    here, there = in_process(), in_child()
    for terminal in (here, there):
        terminal.select("EURUSD")
        terminal.sim("sim_advance", 600)
    assert here.tick("EURUSD") == there.tick("EURUSD")
    mine, theirs = (each.bars("EURUSD", Timeframe.M1, 0, 500).to_rates() for each in (here, there))
    assert np.array_equal(mine, theirs)


def test_the_account_outlives_its_process(in_child: Practice, tmp_path: Path) -> None:
    file = tmp_path / "practice.json"
    terminal = in_child(snapshot_path=file)
    answer = terminal.send(order(terminal))
    assert answer.result is not None
    first = terminal.client.pid
    assert first is not None
    psutil.Process(first).kill()
    until(lambda: terminal.client.pid not in (first, None) and terminal.link is Link.READY)
    (position,) = terminal.positions()
    assert position.ticket == answer.result.order
    until(lambda: terminal.client.call("symbol_info_tick", "EURUSD").value is not None, "Market Watch")
    terminal.close()
    again = in_child(snapshot_path=file)
    assert again.positions()[0].ticket == answer.result.order
    assert again.client.about["qt_loaded"] is False


@pytest.mark.parametrize(
    ("kind", "sent", "booked"),
    [
        ("hang", None, 0),
        ("crash", None, 0),
        ("lost_before", True, 0),
        ("lost_after", True, 1),
        ("wrong_answer", True, 0),
    ],
)
def test_an_order_struck_by_a_fault_is_settled_by_looking(
    in_child: Practice, tmp_path: Path, kind: str, sent: bool | None, booked: int
) -> None:
    terminal = in_child(shorter(order=0.5, health_every=600.0), snapshot_path=tmp_path / "practice.json")
    request = order(terminal)
    terminal.sim("sim_fault", {"kind": kind, "function": "order_send"})
    answer = terminal.send(request)
    assert answer.result is None
    assert answer.sent is sent
    assert answer.error[0] in (-10000, -10002, -10005)
    until(lambda: terminal.link is Link.READY)
    assert len(terminal.positions()) == booked


def test_a_lost_pipe_heals_by_itself(either: Practice) -> None:
    terminal = either()
    terminal.select("EURUSD")
    terminal.sim("sim_fault", {"kind": "pipe_lost", "function": "positions_get"})
    with pytest.raises(TerminalError):
        terminal.positions()
    until(lambda: terminal.client.call("positions_get").value == (), "the link")
    assert terminal.tick("EURUSD").bid > 0


def test_a_damaged_account_file_stops_with_a_sentence(in_child: Practice, tmp_path: Path) -> None:
    file = tmp_path / "practice.json"
    file.write_bytes(b"not a snapshot")
    with pytest.raises(Stop):
        in_child(snapshot_path=file)


def test_stored_bars_are_played(in_child: Practice, tmp_path: Path) -> None:
    store = BarStore(tmp_path / "bars.db")
    time = 1_748_851_200 + 3_600 * np.arange(60)
    price = np.round(1.1 + 0.001 * np.arange(60), 5)
    hours = Bars.from_prices(time, price, price + 0.0005, price - 0.0005, price)
    store.put("EURUSD", Timeframe.H1, hours, digits=5, server="Somewhere")
    store.put("EURUSD", Timeframe.D1, hours[:1], digits=5, server="Somewhere")
    store.put("GBPUSD", Timeframe.H1, hours, digits=5, server="Somewhere")
    store.close()
    terminal = in_child(bars_path=tmp_path / "bars.db", symbols=("EURUSD",), bar_path="backtest")
    terminal.select("EURUSD")
    terminal.sim("sim_step_bar")
    terminal.sim("sim_step_bar")
    assert terminal.bars("EURUSD", Timeframe.H1, 1, 1).close[0] == 1.101
    assert terminal.symbol_names() == ("EURUSD",)


def test_a_download_from_the_practice_terminal(in_process: Practice) -> None:
    terminal = in_process()
    now = terminal.server_time()
    whole = terminal_bars(terminal, now, 5_000)
    pieces = terminal_bars(terminal, now, 700)
    assert len(whole) > 1_000
    assert np.array_equal(whole, pieces)


def terminal_bars(terminal: Terminal, now: int, most: int) -> np.ndarray:
    chunks = download(terminal, "EURUSD", Timeframe.M1, now - 3 * 86_400, now, most=most)
    return np.concatenate([each.bars.to_rates() for each in chunks])


def test_the_doctor_looks_at_the_practice_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    assert doctor.run(["--json", "--calls", "3"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["module"]["simulated"] is True
    assert found["account"]["trade_mode"] == "DEMO"
    assert found["problems"] == []
    assert found["symbol"]


def test_an_unknown_profile_stops_with_a_sentence(in_child: Practice) -> None:
    with pytest.raises(Stop):
        in_child(profile="No-Such-Broker")


def test_a_real_terminal_has_no_practice_functions() -> None:
    from tests.fakes.terminal_module import FakeTerminalModule

    terminal = Terminal(TerminalClient(InlineTransport(FakeTerminalModule(), TerminalSpec(kind="mt5"))))
    terminal.open()
    with pytest.raises(TerminalError):
        terminal.sim("sim_advance", 1)
