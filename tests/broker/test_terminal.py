"""The typed facade over both roads: what it answers, and that a failure never looks like "nothing there"."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from qbx_desktop.broker.command import EXPIRED, HALTED, WRONG_ACCOUNT, Priority
from qbx_desktop.broker.errors import BadPricesError, ConnectionRefusedByUsError, TerminalError
from qbx_desktop.broker.handshake import OTHER_ACCOUNT, OTHER_SERVER, REAL_MONEY
from qbx_desktop.domain.events import Link
from qbx_desktop.domain.mt5 import OrderType
from qbx_desktop.domain.records import AccountInfo, TradePosition, TradeRequest
from qbx_desktop.domain.timeframe import Timeframe

from .conftest import CLOSE, ENTRY, FakeWorld, Opener, shorter, until


def test_reads_come_as_records(either: Opener) -> None:
    terminal = either()
    assert terminal.link is Link.READY
    assert isinstance(terminal.account(), AccountInfo)
    assert terminal.account().login == 51234567
    assert terminal.terminal_info().build == 5260
    assert terminal.symbol("EURUSD").digits == 5
    assert terminal.symbol_names() == ("EURUSD",)
    assert terminal.tick("EURUSD").ask == 1.1001
    assert terminal.positions() == terminal.orders() == terminal.history_orders(0, 2**31 - 1) == ()
    assert terminal.calc_profit(0, "EURUSD", 1, 1.1, 1.2) == 10_000.0
    assert terminal.calc_margin(0, "EURUSD", 1.0, 1.1) == 1100.0
    assert terminal.check(ENTRY).retcode == 0


def test_bars_come_as_arrays_that_nobody_can_change(either: Opener) -> None:
    bars = either().bars("EURUSD", Timeframe.M1, 0, 5_000)
    assert len(bars) == 5_000
    assert bars.time.dtype == np.int64
    assert bars.tick_volume.dtype == np.int64
    with pytest.raises(ValueError, match="read-only"):
        bars.close[0] = 1.0


def test_an_order_is_answered_with_the_servers_result(either: Opener, world: FakeWorld) -> None:
    answer = either().send(ENTRY)
    assert answer.sent is True
    assert answer.result is not None
    assert answer.result.retcode == 10009
    assert isinstance(answer.result.request, TradeRequest)
    assert len(world.orders) == 1


def test_numbers_get_the_types_the_module_insists_on(either: Opener, world: FakeWorld) -> None:
    request = {
        **CLOSE,
        "volume": 1,
        "sl": np.float64(0),
        "tp": 0,
        "position": np.int64(7),
        "type": OrderType.SELL,
    }
    answer = either().send(request)
    assert answer.sent is True, answer
    assert answer.result is not None
    assert world.orders[0]["volume"] == 1.0


def test_none_is_always_an_error_and_empty_is_none_open(either: Opener, world: FakeWorld) -> None:
    terminal = either()
    assert terminal.positions() == ()
    world.fault(error={"positions_get": [-1, "Terminal: Call failed"]})
    with pytest.raises(TerminalError) as caught:
        terminal.positions()
    assert (caught.value.function, caught.value.code) == ("positions_get", -1)
    assert "No order was sent" in caught.value.sentence
    with pytest.raises(TerminalError) as missing:
        terminal.symbol("NOSUCH")
    assert missing.value.code == -4
    with pytest.raises(TerminalError):
        terminal.select("NOSUCH")


def test_an_order_answered_with_none_keeps_its_last_error(either: Opener, world: FakeWorld) -> None:
    terminal = either()
    world.fault(error={"order_send": [-8, "Auto-Trading using Python API disabled in Terminal"]})
    answer = terminal.send(ENTRY)
    assert (answer.result, answer.error[0], answer.sent) == (None, -8, True)
    assert world.orders == []


@pytest.mark.parametrize(("kind", "sent"), [("TypeError", False), ("SystemError", False), ("OSError", None)])
def test_what_the_call_itself_raises_is_an_answer(
    either: Opener, world: FakeWorld, kind: str, sent: bool | None
) -> None:
    terminal = either()
    world.fault(**{"raise": {"order_send": kind}})
    answer = terminal.send(ENTRY)
    assert answer.sent is sent
    assert kind in answer.exception
    assert answer.result is None


@pytest.mark.parametrize(
    "value", [{"bid": 0.0, "ask": 0.0}, {"bid": -1.0}, {"bid": 1.2}, {"ask": float("nan")}]
)
def test_prices_that_cannot_be_are_refused(
    in_process: Opener, world: FakeWorld, value: dict[str, float]
) -> None:
    terminal = in_process()
    world.fault(tick=value)
    with pytest.raises(BadPricesError):
        terminal.tick("EURUSD")


def test_an_expired_entry_is_not_sent_and_says_so(either: Opener, world: FakeWorld) -> None:
    terminal = either()
    answer = terminal.send(ENTRY, valid_until=0.0)
    assert (answer.sent, answer.error[0], answer.result) == (False, EXPIRED, None)
    assert world.orders == []


def test_the_halt_file_stops_all_but_an_emergency_close(
    either: Opener, world: FakeWorld, tmp_path: Path
) -> None:
    halt = tmp_path / "HALT"
    terminal = either(halt_file=halt)
    assert terminal.send(ENTRY).sent is True
    halt.touch()
    for request, priority in (
        (ENTRY, Priority.EMERGENCY),
        (ENTRY, Priority.ENTRY),
        (CLOSE, Priority.PROTECTIVE),
    ):
        answer = terminal.send(request, priority=priority)
        assert (answer.sent, answer.error) == (False, (HALTED, "halted, not sent"))
    assert len(world.orders) == 1
    assert terminal.send(CLOSE, priority=Priority.EMERGENCY).sent is True
    halt.unlink()
    assert terminal.send(ENTRY).sent is True


@pytest.mark.parametrize(
    ("account", "spec", "kind"),
    [
        ({"trade_mode": 2}, {}, REAL_MONEY),
        ({"login": 1}, {"account": 51234567}, OTHER_ACCOUNT),
        ({"server": "Other-Live"}, {"server": "Fake-Demo"}, OTHER_SERVER),
    ],
)
def test_a_wrong_account_is_refused_with_its_own_sentence(
    either: Opener, world: FakeWorld, account: dict[str, object], spec: dict[str, object], kind: object
) -> None:
    world.fault(account=account)
    terminal = either(shorter(back_off=(60.0,)), connect=False, **spec)
    with pytest.raises(TerminalError) as caught:
        terminal.open(60.0)
    assert caught.value.message.code == kind.code  # type: ignore[attr-defined]
    assert terminal.link is Link.LOST
    assert terminal.send(ENTRY).sent is False
    assert world.orders == []


@pytest.mark.parametrize(
    "change",
    [{"login": 99}, {"server": "Elsewhere"}, {"trade_mode": 2}, {"trade_mode": 1}, {"margin_mode": 0}],
)
def test_an_account_switched_under_us_lets_no_order_through(
    in_process: Opener, world: FakeWorld, change: dict[str, object]
) -> None:
    switch_under(in_process, world, change)


def test_an_account_switched_under_the_child_lets_no_order_through(
    in_child: Opener, world: FakeWorld
) -> None:
    switch_under(in_child, world, {"login": 99})


def switch_under(opener: Opener, world: FakeWorld, change: dict[str, object]) -> None:
    terminal = opener(shorter(health_every=600.0, back_off=(0.01,)))
    assert terminal.send(ENTRY).sent is True
    world.fault(account=change)
    answer = terminal.send(ENTRY)
    assert (answer.sent, answer.error[0]) == (False, WRONG_ACCOUNT)
    assert len(world.orders) == 1
    assert terminal.link is not Link.READY
    assert terminal.send(ENTRY).sent is False
    world.fault()
    until(lambda: terminal.client.call("account_info").sent is True, "the link")
    assert terminal.send(ENTRY).sent is True


def test_real_money_needs_to_be_allowed(either: Opener, world: FakeWorld) -> None:
    world.fault(account={"trade_mode": 2})
    assert either(demo_only=False).send(ENTRY).sent is True


def test_it_logs_in_only_when_asked_and_another_account_is_there(either: Opener, world: FakeWorld) -> None:
    terminal = either(account=77, server="Fake-Demo", password=lambda: "secret")
    assert terminal.account().login == 77
    terminal.close()
    with pytest.raises(TerminalError):
        either(shorter(back_off=(60.0,)), account=78, password=lambda: None)


def test_a_refused_login_is_not_tried_again(either: Opener, world: FakeWorld) -> None:
    asked = []

    def password() -> str:
        asked.append(1)
        return "wrong"

    terminal = either(connect=False, account=77, password=password)
    with pytest.raises(ConnectionRefusedByUsError, match="refused the login"):
        terminal.open(60.0)
    assert terminal.link is Link.STOPPED
    assert asked == [1]


def test_the_four_switches_have_a_remedy_each(either: Opener, world: FakeWorld) -> None:
    world.fault(terminal={"trade_allowed": False, "tradeapi_disabled": True}, account={"trade_expert": False})
    found = {each.name: each for each in either().switches()}
    assert [each.on for each in found.values()] == [False, False, False, True]
    assert len({each.remedy.text for each in found.values()}) == 4


def test_a_newer_build_with_more_fields_is_no_problem(
    in_process: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal = in_process()
    module = terminal.client._transport.api  # type: ignore[union-attr]
    longer = type("TradePosition", (tuple,), {})(range(25))
    monkeypatch.setattr(module, "do_positions_get", lambda **named: (longer,), raising=False)
    assert isinstance(terminal.positions()[0], TradePosition)


def test_a_caller_that_has_no_module_gets_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    from qbx_desktop.broker import mt5_module
    from qbx_desktop.domain.errors import UserMistake

    monkeypatch.setitem(sys.modules, "MetaTrader5", None)
    with pytest.raises(UserMistake, match="cannot be loaded"):
        mt5_module.load()
    monkeypatch.setitem(sys.modules, "MetaTrader5", SimpleNamespace())
    assert mt5_module.load() is not None
