"""The state behind the module's functions: connection, last error, the clock that moves the server, saving."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ..domain.clock import Clock
from .account import Account
from .arguments import Refused, none
from .clock import SimClock
from .faults import FaultPlan, LostLink
from .server import SimServer
from .snapshot import snapshot_of

NOT_FOUND = Refused(-4, "Terminal: Not found")
FAILED = Refused(-1, "Terminal: Call failed")
WRONG = Refused(-2, "Terminal: Invalid params")
_NO_LINK = (-10004, "No IPC connection")
_SUCCESS = (1, "Success")


class ApiBase:
    """Shared by all groups of functions; not used on its own."""

    def __init__(
        self, server: SimServer, clock: SimClock, wall: Clock, faults: FaultPlan,
        save: Callable[[bytes], None] | None = None, account: int | None = None,
    ) -> None:  # fmt: skip
        self._server = server
        self._market = server.market
        self._clock = clock
        self._wall = wall
        self._faults = faults
        self._save = save
        self._account_number = account if account is not None else next(iter(server.accounts))
        self._terminal: dict[str, Any] = dict(server.profile.terminal)
        self._selected: dict[str, bool] = {}  # symbol -> visible in Market Watch
        self._books: set[str] = set()
        self._linked = False
        self._last_error: tuple[int, str] = (0, "")
        self._saved_wall = wall.monotonic()
        self._origin = server.now_ms

    # --- every call ---

    def _call(
        self, name: str, read: Callable[[], Any], run: Callable[[Any], Any], failure: Any = None,
        *, needs_link: bool = True,
    ) -> Any:  # fmt: skip
        """One function call: read the arguments, then the connection, the disturbances and the server."""
        self._last_error = _SUCCESS
        try:
            arguments = read()
            self._move()
            if needs_link and not self._linked:
                raise Refused(*_NO_LINK)
            self._faults.before(name, self)
            answer = run(arguments)
            answer = self._faults.after(name, answer)
        except LostLink as lost:
            self._linked = False
            self._last_error = (lost.code, lost.text)
            answer = failure
        except Refused as refused:
            self._last_error = (refused.code, refused.text)
            answer = failure
        self._save_changes()
        return answer

    def _move(self) -> None:
        """Let the market live until now."""
        self._advance(self._clock.tick())

    def _advance(self, target_ms: int) -> None:
        while (moment := self._faults.next_moment()) is not None and moment <= target_ms:
            self._server.advance_to(moment)
            self._faults.act(moment, self)
        self._server.advance_to(target_ms)

    def _save_changes(self) -> None:
        """Before an answer that tells of a change is given, the change is safe."""
        if self._server.take_change():
            self._save_now()

    def _save_now(self) -> None:
        self._saved_wall = self._wall.monotonic()
        if self._save is not None:
            self._save(self.sim_snapshot())

    def sim_snapshot(self) -> bytes:
        """The whole server as JSON bytes, for `build_terminal(snapshot=…)`."""
        return snapshot_of(self._server, self._clock, self._account_number, self._selected)

    def sim_show(self, symbols: Mapping[str, bool]) -> None:
        """Put symbols into Market Watch without a call, as a terminal finds them at its start."""
        self._selected.update({name: on for name, on in symbols.items() if name in self._market.setups})

    # --- what the groups share ---

    @property
    def _account(self) -> Account:
        return self._server.accounts[self._account_number]

    def _known(self, symbol: str, error: Refused = NOT_FOUND) -> str:
        if symbol not in self._market.setups or symbol in self._faults.removed:
            raise error
        return symbol

    def _names(self) -> list[str]:
        return [name for name in self._market.setups if name not in self._faults.removed]

    def _is_selected(self, symbol: str) -> bool:
        """Whether the terminal receives the symbol's quotes: chosen, or needed by a position or order."""
        return symbol in self._selected or symbol in self._account.exposed_symbols()

    def last_error(self, *args: Any, **kwargs: Any) -> tuple[int, str]:
        """Code and text of the last call's error."""
        none("last_error", args, kwargs)
        return self._last_error
