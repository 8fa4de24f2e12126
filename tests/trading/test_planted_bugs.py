"""A safety test counts only when it fails on a bug: eighteen are planted, one at a time, and each must be found."""

from __future__ import annotations

import dataclasses
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from qbx_desktop.broker.errors import TerminalError
from qbx_desktop.broker.module_caller import ModuleCaller
from qbx_desktop.broker.terminal import OrderAnswer, Terminal
from qbx_desktop.data import order_counts
from qbx_desktop.data.order_journal import OrderJournal
from qbx_desktop.data.trading_state import TradingState
from qbx_desktop.domain import guards
from qbx_desktop.domain.journal import JournalState
from qbx_desktop.domain.mt5 import Retcode
from qbx_desktop.domain.orders import close_request
from qbx_desktop.trading import clean_scan, close_position, place_order, settle
from qbx_desktop.trading.book_deals import DealBook
from qbx_desktop.trading.bot_care import BotCare
from qbx_desktop.trading.bot_turn import BotTurn
from qbx_desktop.trading.connection_care import ConnectionCare
from qbx_desktop.trading.desk import Desk
from qbx_desktop.trading.floor import Floor
from qbx_desktop.trading.gate import Gate
from qbx_desktop.trading.match_order import candidates
from qbx_desktop.trading.protect import Protector

from .order_machine import OrderMachine
from .test_order_safety import template

__all__ = ["template"]
Patch = pytest.MonkeyPatch


def p01_row_after_the_send(patch: Patch) -> None:
    """The journal row is written when the answer is there."""
    transition, send = OrderJournal.transition, Terminal.send
    waiting: list[tuple[Any, ...]] = []

    def late(self: OrderJournal, row_id: int, to_state: JournalState, **columns: Any) -> Any:
        if to_state is JournalState.SENDING:
            waiting.append((self, row_id, columns))
            return self.get(row_id)
        for journal, number, kept in waiting:
            transition(journal, number, JournalState.SENDING, **kept)
        waiting.clear()
        return transition(self, row_id, to_state, **columns)

    def forgetting(self: Terminal, request: Any, **named: Any) -> OrderAnswer:
        try:
            return send(self, request, **named)
        except BaseException:
            waiting.clear()
            raise

    patch.setattr(OrderJournal, "transition", late)
    patch.setattr(Terminal, "send", forgetting)


def p02_resend_on_time_out(patch: Patch) -> None:
    """No answer, or a time-out for one: try again. After no answer at all the client itself drops the link, and with
    it the second order; a time-out's passes."""
    send = Terminal.send

    def stubborn(self: Terminal, request: Any, **named: Any) -> OrderAnswer:
        answer = send(self, request, **named)
        silent = answer.result is None or answer.result.retcode in (Retcode.TIMEOUT, Retcode.CONNECTION)
        return send(self, request, **named) if silent else answer

    patch.setattr(Terminal, "send", stubborn)


def p03_none_is_no_position(patch: Patch) -> None:
    """A failed query reads as flat."""
    positions = Terminal.positions

    def hopeful(self: Terminal, *args: Any, **named: Any) -> Any:
        try:
            return positions(self, *args, **named)
        except TerminalError:
            return ()

    patch.setattr(Terminal, "positions", hopeful)


def p04_time_out_is_rejected(patch: Patch) -> None:
    """No answer counts as a refusal."""
    classify = place_order.classify

    def rash(*args: Any) -> Any:
        outcome = classify(*args)
        if outcome.state is JournalState.UNKNOWN:
            return type(outcome)(JournalState.REJECTED, outcome.retcode, outcome.error)
        return outcome

    patch.setattr(place_order, "classify", rash)


def p05_no_settle_time(patch: Patch) -> None:
    """One look without a match is enough."""
    patch.setattr(settle, "CLEAN_SCANS", 1)
    patch.setattr(settle, "SETTLE_TIME", 0.0)
    patch.setattr(settle, "SETTLE_TIME_AFTER_SILENCE", 0.0)


def p06_comment_only(patch: Patch) -> None:
    """An order is recognised by its comment alone."""

    def trusting(row: Any, scan: Any, claimed: Any) -> Any:
        named = {deal.order for deal in scan.deals if deal.comment == row.comment}
        return [each for each in candidates(row, scan, claimed) if each.order in named]

    patch.setattr(settle, "candidates", trusting)


def p07_positions_only(patch: Patch) -> None:
    """History is not looked at."""

    def shortsighted(row: Any, scan: Any, claimed: Any) -> Any:
        without = clean_scan.Scan(scan.positions, scan.orders, (), (), scan.server_time, scan.since)
        return candidates(row, without, claimed)

    patch.setattr(settle, "candidates", shortsighted)


def p08_local_time(patch: Patch) -> None:
    """The history window ends at the computer's clock: where an order is settled. The audit of the deals keeps the
    server's, or the same blindness would hide the deal from the alarm too."""

    def local(terminal: Terminal, *args: Any) -> Any:
        scan, now = clean_scan.take_scan(terminal, *args), int(terminal._clock.now())
        seen = tuple(deal for deal in scan.deals if deal.time <= now)
        return dataclasses.replace(scan, deals=seen)

    patch.setattr(settle, "take_scan", local)


def p09_no_account_check(patch: Patch) -> None:
    """Whatever account is there will do; every layer that asks is deaf."""
    patch.setattr(Gate, "last_look", lambda *_: None)
    patch.setattr(Gate, "before_planning", lambda *_: None)
    patch.setattr(ModuleCaller, "_refusal", lambda *_: None)

    def any_account(self: ConnectionCare) -> bool:
        account = self._floor.view.account
        if account is not None and not self._floor.login:
            self._floor.login, self._floor.server = account.login, account.server
        return True

    patch.setattr(ConnectionCare, "_is_our_account", any_account)
    patch.setattr("qbx_desktop.broker.link_keeper.difference", lambda *_: None)
    patch.setattr("qbx_desktop.broker.handshake.difference", lambda *_: None)

    def careless(self: Desk, symbol: str | None = None) -> None:
        self.floor.view.look(symbol)
        self._care.sees_again()

    patch.setattr(Desk, "_look_again", careless)


def _forget_bars(patch: Patch) -> None:
    see = BotTurn.see

    def again(self: BotTurn, slot: Any, bars: Any, may_trade: bool, since: float) -> None:
        if may_trade:
            slot.bar_time = 0
        see(self, slot, bars, may_trade, since)

    patch.setattr(BotTurn, "see", again)
    patch.setattr(order_counts, "entries_on_bar", lambda *_: 0)


def p10_no_uniqueness_per_bar(patch: Patch) -> None:
    """The same bar twice is two signals."""
    _forget_bars(patch)
    drop_indexes("oj_once")


def p11_fill_not_awaited(patch: Patch) -> None:
    """The next decision does not wait until the last fill is seen."""

    def at_once(_self: BotCare, slot: Any) -> None:
        slot.unseen = None

    patch.setattr(BotCare, "look_for_fill", at_once)


def p12_no_uniqueness_and_open_questions_ignored(patch: Patch) -> None:
    """Neither index nor question stops the next order."""
    _forget_bars(patch)
    patch.setattr(OrderJournal, "unresolved_count", lambda *_: 0)
    drop_indexes("oj_once", "oj_one_open_question")


def p13_orders_are_not_counted(patch: Patch) -> None:
    """The limiter forgets what it let through."""
    patch.setattr(order_counts, "sent_by_bot", lambda *_: 0)


def p14_halted_is_forgotten(patch: Patch) -> None:
    """Neither state nor file keeps an order back; every layer that asks is deaf."""
    asked = guards.trading_state

    def forgetful(state: str, why: str, is_exit: bool) -> Any:
        return asked(state, why, is_exit) if why.startswith("daily loss") else None

    patch.setattr(guards, "trading_state", forgetful)
    patch.setattr(Floor, "is_halted_by_file", property(lambda _: False))
    refusal = ModuleCaller._refusal

    def deaf(self: ModuleCaller, args: Any, flatten: bool) -> Any:
        self._halt_file = None
        return refusal(self, args, flatten)

    patch.setattr(ModuleCaller, "_refusal", deaf)


def p15_stops_are_not_looked_at(patch: Patch) -> None:
    """What the entry asked for is taken for what the position has."""
    patch.setattr(Protector, "protect", lambda *_: None)


def p16_the_days_loss_lives_in_memory(patch: Patch) -> None:
    """The halt is not stored: a restart lifts it."""
    patch.setattr(
        Floor, "stop_for_the_day", lambda self: self.states.__setitem__(
            self.account_scope, (TradingState.REDUCING, f"daily loss {self.server_day}")
        ),
    )  # fmt: skip


def p17_a_close_is_an_opposite_order(patch: Patch) -> None:
    """The way of netting accounts: nothing says which position the order is to close."""

    def naive(*args: Any, **named: Any) -> Any:
        request = close_request(*args, **named)
        del request["position"]
        return request

    patch.setattr(close_position, "close_request", naive)


def p18_a_close_by_hand_is_nobodys(patch: Patch) -> None:
    """Deals are booked for the bot whose number they carry, and for no other."""
    patch.setattr(DealBook, "_owner", lambda self, deal, _around: self._floor.view.bot_of_magic(deal.magic))


_dropped: list[str] = []


def drop_indexes(*names: str) -> None:
    _dropped.extend(names)


def plant_in_database(stage: Any) -> None:
    """Take the unique indexes away that the bug is about."""
    for name in _dropped:
        stage.desk.floor.ledger.con.execute(f"DROP INDEX IF EXISTS {name}")


# The bug, the invariant it breaks (others may break with it), and the world in which it bites soon: the short form
# searches only that one, the long form all of them.
BUGS: dict[str, tuple[Callable[[Patch], None], str]] = {
    "P1": (p01_row_after_the_send, "I2"),
    "P2": (p02_resend_on_time_out, "I3"),
    "P3": (p03_none_is_no_position, "I1"),
    "P4": (p04_time_out_is_rejected, "I11"),
    "P5": (p05_no_settle_time, "I11"),
    "P6": (p06_comment_only, "I11"),
    "P7": (p07_positions_only, "I11"),
    "P8": (p08_local_time, "I11"),
    "P9": (p09_no_account_check, "I6"),
    "P10": (p10_no_uniqueness_per_bar, "I7"),
    "P11": (p11_fill_not_awaited, "I1"),
    "P12": (p12_no_uniqueness_and_open_questions_ignored, "I7"),
    "P13": (p13_orders_are_not_counted, "I12"),
    "P14": (p14_halted_is_forgotten, "I13"),
    "P15": (p15_stops_are_not_looked_at, "I14"),
    "P16": (p16_the_days_loss_lives_in_memory, "I15"),
    "P17": (p17_a_close_is_an_opposite_order, "I16"),
    "P18": (p18_a_close_by_hand_is_nobodys, "I17"),
}


_LOST = ("lost after", "silent, executed", "time-out, executed", "no connection, executed")
_LATE = ("time-out, filled later", "placed, filled later")
_FAULTS = ("signal", "signal_with_fault")
_WORLDS: dict[str, dict[str, Any]] = {
    "P2": {"only": _FAULTS, "faults": _LOST},
    "P3": {
        "only": ("signal", "signal_while_a_function_fails"),
        "failing": ("positions_get",),
        "lags": (0.0,),
    },
    "P4": {"only": _FAULTS, "faults": _LOST},
    "P5": {"only": _FAULTS, "faults": _LATE},
    "P6": {"only": _FAULTS, "faults": _LOST, "comments": (False,)},
    "P7": {"only": _FAULTS, "faults": ("stopped out unseen",)},
    "P8": {"only": _FAULTS, "faults": ("stopped out unseen",), "ahead": (10_800,)},
    "P9": {"only": ("signal", "signal_on_another_account")},
    "P10": {"only": ("signal", "same_bar_again"), "lags": (0.0,), "limits": (40,)},
    "P11": {"only": ("signal", "time_passes"), "lags": (75.0,)},
    "P12": {"only": ("signal", "same_bar_again"), "lags": (0.0,), "limits": (40,)},
    "P13": {"only": _FAULTS, "limits": (2,), "faults": ("requote without end",)},
    "P14": {"only": ("signal", "halted", "reducing")},
    "P15": {"only": ("signal", "stops_are_gone")},
    "P16": {"only": ("signal", "a_days_loss")},
    "P17": {"only": ("signal", "signal_after_a_close_by_hand"), "netting": (True,), "lags": (75.0, 20.0)},
    "P18": {"only": ("signal", "closed_by_hand")},
}


def _search(name: str, template: Path, patch: Patch, examples: int, **world: Any) -> str:
    """Plant a bug, search for the invariant it breaks, and return what was told; print what the search took."""
    _dropped.clear()
    plant, invariant = BUGS[name]
    plant(patch)
    machine = type(
        "Machine",
        (OrderMachine,),
        {"template": template, "planted": staticmethod(plant_in_database), "wanted": invariant, **world},
    )
    begun = time.perf_counter()
    with pytest.raises(AssertionError) as caught:
        run_state_machine_as_test(
            machine,
            settings=settings(
                max_examples=examples, stateful_step_count=12, deadline=None, print_blob=False, database=None,
                suppress_health_check=list(HealthCheck), phases=(Phase.generate,), report_multiple_bugs=False,
            ),
        )  # fmt: skip
    took = time.perf_counter() - begun
    sys.stdout.write(f"{name} {invariant}: {machine.examples} examples, {took:.1f} s; {caught.value}\n")
    return str(caught.value)


@pytest.mark.timeout(600)
@pytest.mark.parametrize("name", BUGS)
def test_the_planted_bug_is_found(name: str, template: Path, monkeypatch: Patch) -> None:
    # Where the kind of account does not matter the search stays on one, as the first twelve were measured.
    world = {"netting": (False,), **_WORLDS.get(name, {})}
    assert f"{BUGS[name][1]}:" in _search(name, template, monkeypatch, 2_000, **world)


@pytest.mark.long
@pytest.mark.timeout(0)
@pytest.mark.parametrize("name", BUGS)
def test_the_planted_bug_is_found_among_everything(name: str, template: Path, monkeypatch: Patch) -> None:
    assert f"{BUGS[name][1]}:" in _search(name, template, monkeypatch, 5_000)
