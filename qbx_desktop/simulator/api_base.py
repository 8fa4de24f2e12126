"""What every function call goes through: arguments, time, link, disturbances, saving, the last error."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from typing import Any

from ..domain.clock import Clock
from ..domain.errors import Stop
from .account import Account
from .arguments import Refused, none
from .faults import FaultPlan
from .lost_link import LostLink
from .snapshot import snapshot_of
from .terminal_state import TerminalState

NOT_FOUND = Refused(-4, "Terminal: Not found")
FAILED = Refused(-1, "Terminal: Call failed")
WRONG = Refused(-2, "Terminal: Invalid params")
_SUCCESS = (1, "Success")
# How stale the saved clock may become while nothing is booked, in seconds of the computer's time; a long history may
# cost the disk so many bytes a second.
_SAVE_EVERY = 2.0
_SAVE_RATE = 100_000.0


class ApiBase:
    """Shared by all groups of functions; not used on its own."""

    def __init__(
        self,
        state: TerminalState,
        wall: Clock,
        faults: FaultPlan,
        save: Callable[[bytes], None] | None = None,
    ) -> None:
        self._state = state
        self._server = state.server
        self._market = state.server.market
        self._clock = state.clock
        self._wall = wall
        self._faults = faults
        self._save = save
        self._chosen: dict[str, bool] = {}  # symbols in Market Watch
        self._books: set[str] = set()
        self._last_error: tuple[int, str] = (0, "")
        self._stale_at = wall.monotonic() + _SAVE_EVERY
        self._is_unsaved = False

    def last_error(self, *args: Any, **kwargs: Any) -> tuple[int, str]:
        """Code and text of the last call's error."""
        none("last_error", args, kwargs)
        return self._last_error

    def _call(
        self, name: str, read: Callable[[], Any], run: Callable[[Any], Any], failure: Any = None,
        *, needs_link: bool = True, unlinked: tuple[Any, tuple[int, str]] | None = None,
    ) -> Any:  # fmt: skip
        """One function call; `failure` is what it returns when it fails, `unlinked` the answer and the error of a
        function that says something of its own before anybody connected."""
        self._last_error = _SUCCESS
        try:
            arguments = read()
            self._move()
            if unlinked is not None and self._state.never_linked:
                answer, self._last_error = unlinked
                return answer
            if needs_link:
                self._state.require_link()
            self._faults.before(name, self._state)
            if needs_link:
                self._state.require_link()
            answer = self._faults.after(name, run(arguments), self._state)
        except LostLink as lost:
            self._state.break_link(lost.code, lost.text, lost.lasting)
            self._last_error, answer = (lost.code, lost.text), failure
        except Refused as refused:
            self._last_error, answer = (refused.code, refused.text), failure
        self._save_changes()
        return answer

    def _move(self) -> None:
        """Let the market live until now, disturbances in their order included."""
        target = self._clock.tick()
        while (moment := self._faults.next_moment()) is not None and moment <= target:
            self._server.advance_to(moment)
            self._faults.act(moment, self._state)
            target = self._clock.server_ms()  # the disturbance may have moved the clock
        self._server.advance_to(target)

    def _save_changes(self) -> None:
        """Before an answer tells of a change, the change is safe."""
        self._is_unsaved = self._server.take_change() or self._is_unsaved
        if self._is_unsaved:
            self._save_now()
        elif self._clock.runs and self._wall.monotonic() >= self._stale_at:
            # Only the clock is stale: a disk that fails is told of by the next booking.
            with contextlib.suppress(Stop):
                self._save_now()

    def _save_now(self) -> None:
        if self._save is not None:
            content = self.sim_snapshot()
            self._stale_at = self._wall.monotonic() + max(_SAVE_EVERY, len(content) / _SAVE_RATE)
            self._save(content)
        self._is_unsaved = False

    def sim_snapshot(self) -> bytes:
        """The whole server as JSON bytes, for `build_terminal(snapshot=…)`."""
        return snapshot_of(self._server, self._clock, self._account.login, self._chosen)

    def sim_instant(self) -> float:
        """The instant the market has reached, UTC epoch seconds; asking does not move it."""
        return float(self._clock.utc)

    def sim_show(self, symbols: Mapping[str, bool]) -> None:
        """Put symbols into Market Watch without a call, as a terminal finds them at its start."""
        self._chosen.update({name: on for name, on in symbols.items() if name in self._market.setups})

    @property
    def _account(self) -> Account:
        return self._state.account

    @property
    def _shown_ms(self) -> int:
        return self._state.shown_ms

    def _known(self, symbol: str, error: Refused = NOT_FOUND) -> str:
        if symbol not in self._market.setups or symbol in self._state.removed:
            raise error
        return symbol

    def _names(self) -> list[str]:
        return [name for name in self._market.setups if name not in self._state.removed]

    def _is_selected(self, symbol: str) -> bool:
        return self._state.selected(self._chosen, symbol)
