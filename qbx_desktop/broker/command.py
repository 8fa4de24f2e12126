"""One call to the terminal: what is asked, how urgent it is, and what came back."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from enum import IntEnum

SUCCESS = (1, "Success")
# Codes of our own, outside MetaTrader 5's range: none of these calls reached the terminal.
EXPIRED = -20001
HALTED = -20002
WRONG_ACCOUNT = -20003
CLOSED = -20004
BROKEN_CALL = -20005
# MetaTrader 5's.
INTERNAL_FAIL = -10000
SEND_FAILED = -10001
RECEIVE_FAILED = -10002
NO_CONNECTION = -10004
TIME_OUT = -10005
# After one of these the pipe to the terminal stays dead until `initialize` is called again.
LINK_CODES = frozenset({INTERNAL_FAIL, SEND_FAILED, RECEIVE_FAILED, NO_CONNECTION})

Error = tuple[int, str]


class Priority(IntEnum):
    """Who goes first when several commands wait; the smaller the more urgent."""

    EMERGENCY = 0
    PROTECTIVE = 1
    ENTRY = 2
    RECONCILE = 3
    BAR_CLOSE = 4
    QUOTES = 5
    DOWNLOAD = 6


@dataclass(frozen=True)
class Reply:
    """What one call gave. `error` is `last_error()` read in the same step.

    `sent` is True when the terminal answered, False when it was proved never to have been asked (expired,
    halted, no link, wrong argument types), None when nobody knows (hung or crashed on the way).
    `exception` is the text of a Python exception that the call itself raised.
    """

    value: object
    error: Error = SUCCESS
    sent: bool | None = True
    exception: str = ""
    latency_ms: float = 0.0

    @property
    def cause(self) -> Error:
        """What to tell of a failure: the exception when there was one, else `error`."""
        return (BROKEN_CALL, self.exception) if self.exception else self.error

    @property
    def failed(self) -> bool:
        """True for `None`, `False`, an exception, and everything that was not sent. `()` is not a failure."""
        return self.sent is not True or bool(self.exception) or self.value is None or self.value is False


@dataclass(eq=False)
class Command:
    """A call waiting for its turn. `expires` and `submitted` by the monotonic clock."""

    name: str
    args: tuple[object, ...]
    kwargs: Mapping[str, object]
    priority: Priority
    budget: float
    submitted: float
    expires: float
    answer: Future[Reply] = field(default_factory=Future)

    @property
    def is_trade(self) -> bool:
        """True when the call may move money."""
        return self.name == "order_send"

    def settle(self, reply: Reply) -> None:
        """Hand the reply over, once; a caller that went away is no problem."""
        if not self.answer.done():
            self.answer.set_result(reply)
