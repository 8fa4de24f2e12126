"""What the simulated terminal is besides its server: link, account in use, switches, the age of what it shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from .account import Account
from .arguments import Refused
from .clock import SimClock
from .server import SimServer

NO_LINK = (-10004, "No IPC connection")


@dataclass
class Seen:
    """What the terminal still shows of an account while its view lags behind the server."""

    account: Account
    until_ms: int
    calls: int

    @classmethod
    def of(cls, account: Account, until_ms: int, calls: int) -> Seen:
        """The account as it is now."""
        frozen = replace(
            account,
            holdings={ticket: replace(holding) for ticket, holding in account.holdings.items()},
            orders=dict(account.orders),
            past_orders=list(account.past_orders),
            deals=list(account.deals),
        )
        return cls(frozen, until_ms, calls)


class TerminalState:
    """Shared by the functions and the disturbances. `flags` are TerminalInfo fields."""

    def __init__(self, server: SimServer, clock: SimClock, account: int | None) -> None:
        self.server = server
        self.clock = clock
        self.flags: dict[str, Any] = dict(server.profile.terminal)
        self.is_linked = False
        self.link_error = NO_LINK
        # Symbols the terminal does not offer any more.
        self.removed: set[str] = set()
        # Since when the terminal has heard nothing from the server, in server milliseconds.
        self.stale_ms: int | None = None
        # The account as the terminal still shows it while its view lags behind.
        self.seen: Seen | None = None
        self._login = account if account is not None else next(iter(server.accounts))

    @property
    def account(self) -> Account:
        """The account the terminal is logged in to."""
        return self.server.accounts[self._login]

    @property
    def shown_ms(self) -> int:
        """The moment whose prices the terminal shows: now, or when it last heard from the server."""
        return self.server.now_ms if self.stale_ms is None else self.stale_ms

    def use_account(self, login: int) -> None:
        """Switch to another account of the server."""
        if login != self._login:
            self._login = login
            self.server.timeline.changed = True

    def link(self) -> None:
        """The program is attached."""
        self.is_linked = True
        self.link_error = NO_LINK

    @property
    def never_linked(self) -> bool:
        """Whether the program is not attached, and no pipe broke under it."""
        return not self.is_linked and self.link_error == NO_LINK

    def require_link(self) -> None:
        """Raises Refused while the program is not attached."""
        if not self.is_linked:
            raise Refused(*self.link_error)

    def break_link(self, code: int, text: str, lasting: bool = True) -> None:
        """The pipe is broken; calls fail with this error (when it lasts) until the program attaches again."""
        self.is_linked = False
        self.link_error = (code, text) if lasting else NO_LINK

    def selected(self, chosen: Mapping[str, bool], symbol: str) -> bool:
        """Whether the terminal receives a symbol's quotes: chosen, or needed by a position or order."""
        return symbol in chosen or symbol in self.account.exposed_symbols()

    def view(self) -> Account:
        """What the terminal shows of its account: the truth, or a while longer what it knew before."""
        seen = self.seen
        if seen is None or seen.account.login != self._login:
            return self.account
        if seen.calls:
            seen.calls -= 1
            return seen.account
        if self.server.now_ms < seen.until_ms:
            return seen.account
        self.seen = None
        return self.account
