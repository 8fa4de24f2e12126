"""The state of the link to the terminal and when to try again: pure, time is an argument."""

from __future__ import annotations

import random
from collections import deque
from dataclasses import dataclass

from ..domain.events import Link
from ..domain.messages import Message, declare
from ..domain.records import AccountInfo, TerminalInfo
from .limits import Limits

GAVE_UP = declare(
    "connection.gave_up",
    "The terminal's process failed {count} times within {minutes} minutes, so it is left alone now. Bots are waiting; "
    "open positions keep their stops at the broker. Look at MetaTrader, then press Connect.",
)
NO_BROKER = declare(
    "connection.no_broker",
    "MetaTrader has lost its broker. Prices are old and no new position is opened; open positions keep their stops at "
    "the broker. It reconnects by itself; check the internet connection if it lasts.",
)
SLOW_BROKER = declare(
    "connection.slow_broker",
    "The broker answers slowly ({ping} ms). No new position is opened until it is faster; "
    "open positions keep their stops.",
)
SWITCH_TERMINAL = declare(
    "connection.switch_terminal",
    'Algo Trading is switched off in MetaTrader. Nothing can be sent. Press the "Algo Trading" button there.',
)
SWITCH_API = declare(
    "connection.switch_api",
    "MetaTrader forbids trading through Python. Nothing can be sent. In Tools, Options, Expert Advisors, clear "
    '"Disable algorithmic trading via external Python API".',
)
SWITCH_EXPERT = declare(
    "connection.switch_expert",
    "The broker's server forbids automatic trading on this account. Nothing can be sent. Ask the broker to allow it.",
)
SWITCH_INVESTOR = declare(
    "connection.switch_investor",
    "This login may only look (investor password) or the account is disabled. Nothing can be sent. "
    "Log in inside MetaTrader with the trading password.",
)

_SLOW_PING_MICROSECONDS = 2_000_000


@dataclass(frozen=True)
class Switch:
    """One of the four switches that must be on before an order can pass; `remedy` says how."""

    name: str
    on: bool
    remedy: Message


def switches(terminal: TerminalInfo, account: AccountInfo) -> tuple[Switch, ...]:
    """The four switches, in the order in which a trader meets them."""
    return (
        Switch("terminal_info.trade_allowed", terminal.trade_allowed, SWITCH_TERMINAL()),
        Switch("terminal_info.tradeapi_disabled", not terminal.tradeapi_disabled, SWITCH_API()),
        Switch("account_info.trade_expert", account.trade_expert, SWITCH_EXPERT()),
        Switch("account_info.trade_allowed", account.trade_allowed, SWITCH_INVESTOR()),
    )


def weakness(terminal: TerminalInfo) -> Message | None:
    """Why the link is only DEGRADED although the terminal answers; None when it is good."""
    if not terminal.connected:
        return NO_BROKER()
    if terminal.ping_last > _SLOW_PING_MICROSECONDS:
        return SLOW_BROKER(ping=terminal.ping_last // 1000)
    return None


class Connection:
    """STOPPED, CONNECTING, READY, DEGRADED or LOST; LOST tries again after 1, 2, 5, 10, 30, 60 s, give or take 20 %."""

    def __init__(self, limits: Limits, rng: random.Random) -> None:
        self._limits = limits
        self._rng = rng
        self._failures = 0
        self._deaths: deque[float] = deque()
        self.link = Link.STOPPED
        self.reason: Message | None = None
        self.retry_at: float | None = None

    @property
    def up(self) -> bool:
        """True when calls are let through."""
        return self.link in (Link.READY, Link.DEGRADED)

    def connect(self) -> None:
        """A person (or the start) wants the link: counters forgotten, an attempt is due at once."""
        self._failures = 0
        self._deaths.clear()
        self.link, self.reason, self.retry_at = Link.CONNECTING, None, float("-inf")

    def due(self, now: float) -> bool:
        """True when an attempt may start."""
        return self.retry_at is not None and now >= self.retry_at

    def wait(self, now: float) -> float | None:
        """Seconds to the next attempt; None when there is none without a person."""
        return None if self.retry_at is None else max(0.0, self.retry_at - now)

    def attempt(self) -> None:
        """An attempt begins."""
        self.link, self.retry_at = Link.CONNECTING, None

    def ready(self, weak: Message | None = None) -> None:
        """The terminal answers and is the agreed one; `weak` makes it DEGRADED."""
        self._failures = 0
        self.retry_at = None
        self.link = Link.DEGRADED if weak else Link.READY
        self.reason = weak

    def lost(self, now: float, reason: Message) -> None:
        """The link failed; the next attempt is planned."""
        steps = self._limits.back_off
        pause = steps[min(self._failures, len(steps) - 1)]
        pause *= 1 + self._rng.uniform(-self._limits.jitter, self._limits.jitter)
        self._failures += 1
        self.link, self.reason, self.retry_at = Link.LOST, reason, now + pause

    def died(self, now: float, reason: Message) -> None:
        """The child process crashed or had to be killed; after too many of these in a row we stop by ourselves."""
        self._deaths.append(now)
        while self._deaths[0] < now - self._limits.restart_window:
            self._deaths.popleft()
        if len(self._deaths) > self._limits.restarts:
            minutes = round(self._limits.restart_window / 60)
            self.stop(GAVE_UP(count=len(self._deaths), minutes=minutes))
        else:
            self.lost(now, reason)

    def stop(self, reason: Message | None = None) -> None:
        """No further attempt until a person asks for one."""
        self.link, self.reason, self.retry_at = Link.STOPPED, reason, None
