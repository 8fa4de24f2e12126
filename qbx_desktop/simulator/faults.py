"""Disturbances of the terminal: what goes wrong, when it strikes, and how calls and orders suffer.

A disturbance strikes at a time, at the n-th call of a function, or with a probability drawn from the plan's seed.
What changes the state of terminal, account or market is in `fault_states`.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..domain.errors import UserMistake
from ..domain.messages import declare
from ..domain.mt5 import Retcode
from ..domain.records import OrderSendResult, TradeRequest
from . import fault_states
from .account import Account
from .arguments import Refused
from .execution import Chance
from .lost_link import LostLink
from .server import COMMENTS, Bend
from .terminal_state import Seen, TerminalState

_UNREADABLE = declare(
    "simulator.fault", "The disturbance {fault} cannot be read: {problem}. Nothing was started."
)

_FOREVER = 1e9
_SEND = "order_send"
# What disturbs single calls: kind -> (the function it strikes by default, its own settings and their defaults).
CALL_KINDS: dict[str, tuple[str, dict[str, Any]]] = {
    "latency": ("*", {"seconds": 1.0, "spread": 0.0}),
    "hang": ("*", {"seconds": _FOREVER}),
    "crash": ("*", {}),
    "pipe_lost": ("*", {}),
    "answer_lost": ("*", {}),
    "wrong_answer": ("*", {}),
    "refuse": ("*", {"code": -1, "text": "Terminal: Call failed"}),
    "short_history": ("copy_rates_from_pos", {"count": 10}),
    "lost_before": (_SEND, {}),
    "lost_after": (_SEND, {}),
    "answer": (_SEND, {"retcode": int(Retcode.TIMEOUT)}),
    "late": (_SEND, {"seconds": 5.0, "retcode": int(Retcode.TIMEOUT)}),
    "placed": (_SEND, {"seconds": 5.0}),
    "retcode": (_SEND, {"retcode": int(Retcode.REQUOTE)}),
    "partial": (_SEND, {"share": 0.5}),
    "slippage": (_SEND, {"points": 10}),
    "view_lag": (_SEND, {"seconds": 5.0, "calls": 0}),
}
_WHEN = frozenset({"kind", "function", "at", "after", "call", "probability", "times"})
_ORDER_KINDS = frozenset(kind for kind, (function, _) in CALL_KINDS.items() if function == _SEND)


@dataclass
class Fault:
    """One disturbance. `at_ms` is server time; `call` the n-th call of `function` from when it was added."""

    kind: str
    function: str
    settings: dict[str, Any]
    at_ms: int | None = None
    call: int | None = None
    probability: float | None = None
    times: int = 1
    calls: int = 0
    struck: int = 0

    @property
    def is_spent(self) -> bool:
        """Whether it has struck as often as it should (`times` 0: without end)."""
        return 0 < self.times <= self.struck


@dataclass
class _Due:
    """A request the server executes later than it was answered."""

    moment: int
    account: Account
    request: TradeRequest


@dataclass
class FaultPlan:
    """All disturbances of one terminal. Not part of a snapshot: they end with the process."""

    seed: int = 1
    faults: Sequence[Mapping[str, Any]] = ()
    start_ms: int = 0

    def __post_init__(self) -> None:
        self._chance = Chance(self.seed + 7_919)
        self._active: list[Fault] = []
        self._ends: list[tuple[int, Fault, Any]] = []
        self._due: list[_Due] = []
        for each in self.faults:
            self.add(each, self.start_ms)

    # --- the plan ---

    def add(self, fault: Mapping[str, Any], now_ms: int) -> None:
        """Add a disturbance; `after` counts seconds from `now_ms`. Raises UserMistake for one that cannot be read."""
        kind = fault.get("kind")
        known = {**CALL_KINDS, **{name: ("", values) for name, values in fault_states.SETTINGS.items()}}
        if not isinstance(kind, str) or kind not in known:
            raise UserMistake(
                _UNREADABLE(fault=dict(fault), problem=f"its kind is none of {', '.join(known)}")
            )
        function, defaults = known[kind]
        for name in fault:
            if name not in _WHEN and name not in defaults and not (name == "seconds" and not function):
                raise UserMistake(_UNREADABLE(fault=dict(fault), problem=f"{kind} has no setting {name}"))
        settings = {**defaults, **{name: value for name, value in fault.items() if name not in _WHEN}}
        numbers = [fault.get(name, 0) for name in ("at", "after", "call", "probability", "times")]
        if not all(isinstance(number, (int, float)) and number >= 0 for number in numbers):
            raise UserMistake(_UNREADABLE(fault=dict(fault), problem="when it strikes is not a number"))
        at_ms = None
        if "at" in fault or "after" in fault:
            at_ms = round(fault["at"] * 1_000) if "at" in fault else now_ms + round(fault["after"] * 1_000)
        elif not function and "call" not in fault and "probability" not in fault:
            at_ms = now_ms
        unlimited = "probability" in fault
        self._active.append(
            Fault(
                kind,
                str(fault.get("function", function or "*")),
                settings,
                at_ms,
                fault.get("call"),
                fault.get("probability"),
                int(fault.get("times", 0 if unlimited else 1)),
            )
        )

    def next_moment(self) -> int | None:
        """When the server is next disturbed (or no longer), in server milliseconds."""
        moments = [due.moment for due in self._due] + [moment for moment, _, _ in self._ends]
        moments += [
            fault.at_ms
            for fault in self._active
            if fault.at_ms is not None and fault.kind in fault_states.SETTINGS and not fault.struck
        ]
        return min(moments, default=None)

    def act(self, moment: int, state: TerminalState) -> None:
        """Begin, end and execute what is due at `moment`."""
        for end in [each for each in self._ends if each[0] <= moment]:
            self._ends.remove(end)
            fault_states.end(end[1].kind, state, end[2])
        for due in [each for each in self._due if each.moment <= moment]:
            self._due.remove(due)
            state.server.send(due.account, due.request)
        for fault in self._active:
            is_due = fault.at_ms is not None and fault.at_ms <= moment and not fault.struck
            if fault.kind in fault_states.SETTINGS and is_due:
                self._begin(fault, moment, state)

    def _begin(self, fault: Fault, moment: int, state: TerminalState) -> None:
        fault.struck += 1
        before = fault_states.begin(fault.kind, state, fault.settings)
        if fault.settings.get("seconds"):
            self._ends.append((moment + round(fault.settings["seconds"] * 1_000), fault, before))

    # --- calls ---

    def before(self, name: str, state: TerminalState) -> None:
        """Disturb a call before it runs: wait, break the link, answer with an error."""
        if not self._active:
            return
        now = state.server.now_ms
        for fault in self._striking(name, now):
            if fault.kind in fault_states.SETTINGS:
                self._begin(fault, now, state)
            elif fault.kind not in _ORDER_KINDS and fault.kind != "short_history":
                self._disturb(fault)

    def _striking(self, name: str, now_ms: int, of: frozenset[str] | None = None) -> list[Fault]:
        """The disturbances that strike this call; those of orders are asked for by `of`."""
        found = []
        for fault in self._active:
            mine = fault.kind in of if of is not None else fault.kind not in _ORDER_KINDS | {"short_history"}
            if not mine or fault.function not in ("*", name) or fault.is_spent:
                continue
            if fault.kind in fault_states.SETTINGS and fault.at_ms is not None:
                continue
            fault.calls += 1
            if self._strikes(fault, now_ms):
                found.append(fault)
        return found

    def _strikes(self, fault: Fault, now_ms: int) -> bool:
        if fault.at_ms is not None and now_ms < fault.at_ms:
            return False
        if fault.call is not None and fault.calls < fault.call:
            return False
        if fault.probability is not None and self._chance.share() >= fault.probability:
            return False
        if fault.kind not in fault_states.SETTINGS:
            fault.struck += 1
        return True

    def _disturb(self, fault: Fault) -> None:
        settings = fault.settings
        if fault.kind in ("latency", "hang"):
            threading.Event().wait(
                self._pause(float(settings["seconds"]), float(settings.get("spread", 0.0)))
            )
        elif fault.kind == "crash":
            os.abort()
        elif fault.kind == "pipe_lost":
            raise LostLink(-10001, "IPC send failed", lasting=True)
        elif fault.kind == "answer_lost":
            raise LostLink(-10002, "IPC recv failed")
        elif fault.kind == "wrong_answer":
            raise Refused(-10000, "IPC call failed")
        else:
            raise Refused(int(settings["code"]), str(settings["text"]))

    def _pause(self, seconds: float, spread: float) -> float:
        """A constant wait, or with `spread` one of a skewed distribution whose median is `seconds`."""
        normal = sum(self._chance.share() for _ in range(12)) - 6.0 if spread else 0.0
        return float(min(seconds * 2.718281828459045 ** (spread * normal), _FOREVER))

    def after(self, name: str, answer: Any, state: TerminalState) -> Any:
        """Disturb a call's answer: history that is not complete yet."""
        if not self._active or answer is None:
            return answer
        for fault in self._striking(name, state.server.now_ms, frozenset({"short_history"})):
            answer = answer[-int(fault.settings["count"]) :]
        return answer

    # --- orders ---

    def send(self, state: TerminalState, request: TradeRequest) -> OrderSendResult:
        """Execute a request as disturbed as the plan wants it."""
        server, account = state.server, state.account
        if not state.flags.get("connected", True):
            return _answer(Retcode.CONNECTION, request)
        if request.symbol in state.removed:
            return _answer(Retcode.INVALID, request)
        bend = Bend()
        answers: list[Fault] = []
        for fault in self._striking(_SEND, server.now_ms, _ORDER_KINDS):
            if fault.kind == "partial":
                bend.share = float(fault.settings["share"])
            elif fault.kind == "slippage":
                bend.slippage = int(fault.settings["points"])
            elif fault.kind == "view_lag":
                seconds, calls = float(fault.settings["seconds"]), int(fault.settings["calls"])
                until = server.now_ms + round(seconds * 1_000)
                state.seen = Seen.of(account, until, calls)
            else:
                answers.append(fault)
        if not answers:
            return server.send(account, request, bend)
        return self._disturbed(answers[0], state, request, bend)

    def _disturbed(
        self, fault: Fault, state: TerminalState, request: TradeRequest, bend: Bend
    ) -> OrderSendResult:
        server, account, settings = state.server, state.account, fault.settings
        if fault.kind == "retcode":
            return _answer(int(settings["retcode"]), request, server.market.quote(request.symbol))
        if fault.kind == "lost_before":
            raise LostLink(-10002, "IPC recv failed")
        if fault.kind in ("late", "placed"):
            due = server.now_ms + round(float(settings["seconds"]) * 1_000)
            self._due.append(_Due(due, account, request))
            code = Retcode.PLACED if fault.kind == "placed" else int(settings["retcode"])
            return _answer(code, request)
        server.send(account, request, bend)
        if fault.kind == "lost_after":
            raise LostLink(-10002, "IPC recv failed")
        return _answer(int(settings["retcode"]), request)


def _answer(code: int, request: TradeRequest, quote: tuple[float, float] | None = None) -> OrderSendResult:
    bid, ask = quote if quote is not None else (0.0, 0.0)
    return OrderSendResult(
        retcode=int(code), bid=bid, ask=ask, comment=COMMENTS.get(code, ""), request=request
    )
