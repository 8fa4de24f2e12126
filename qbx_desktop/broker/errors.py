"""What the broker package raises: every failure of the terminal is typed and has its sentence."""

from __future__ import annotations

from ..domain.errors import Stop, Temporary
from ..domain.messages import Message
from .command import Error
from .sentences import explain


class TerminalError(Temporary):
    """The terminal answered `None` or `False`, or did not answer: never to be read as "nothing there"."""

    def __init__(self, function: str, error: Error, message: Message | None = None) -> None:
        self.function = function
        self.code, self.text = error
        super().__init__(message or explain(error), detail=f"{function}: ({self.code}, {self.text!r})")


class BadPricesError(TerminalError):
    """Prices that cannot be (not finite, not positive, bid above ask): no strategy gets to see them."""


class ConnectionRefusedByUsError(Stop):
    """The terminal is there, but it is not the one that was agreed on: another account, real money, wrong password."""
