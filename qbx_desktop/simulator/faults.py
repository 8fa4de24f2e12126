"""Disturbances of the simulated terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .arguments import Refused


class LostLink(Refused):
    """The pipe to the terminal broke; only `initialize` mends it."""


class FaultPlan:
    """What goes wrong, and when."""

    def __init__(self, seed: int = 1, faults: Sequence[Mapping[str, Any]] = (), start_ms: int = 0) -> None:
        self.removed: set[str] = set()

    def next_moment(self) -> int | None:
        """When the next disturbance of the server begins or ends, in server milliseconds."""
        return None

    def act(self, moment: int, api: Any) -> None:
        """Begin or end what is due at `moment`."""

    def before(self, name: str, api: Any) -> None:
        """Disturb a call before it runs."""

    def after(self, name: str, answer: Any) -> Any:
        """Disturb a call's answer."""
        return answer

    def add(self, fault: Mapping[str, Any], now_ms: int) -> None:
        """Add a disturbance."""

    def send(self, api: Any, request: Any) -> Any:
        """Execute a request, disturbed or not."""
        return api._server.send(api._account, request)

    def view(self, api: Any, account: Any) -> Any:
        """What the terminal shows of an account."""
        return account
