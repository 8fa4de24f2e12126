"""The MetaTrader5 look-alike: one object with the module's constants, record types and functions.

Nothing outside can tell it from the module but by `SIMULATED` and the extra functions whose names begin with `sim_`.
An empty keyword dictionary (`order_send(request, **{})`), which the module takes for keywords, cannot be seen from
Python and passes here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..domain.errors import UserMistake
from ..domain.messages import declare
from . import surface
from .api_connection import ConnectionFunctions
from .api_python import PythonFunctions
from .history_texts import HistoryTexts
from .snapshot import ledger_of

_NOT_STEPPED = declare("simulator.not_stepped", "Only a stepped practice market can be moved by hand.")


class SimApi(PythonFunctions, ConnectionFunctions):
    """A simulated terminal that answers like the MetaTrader5 module. For one caller at a time, like the module."""

    __version__ = surface.WHEEL_VERSION
    __author__ = "MetaQuotes Ltd."
    SIMULATED = True

    def sim_advance(self, seconds: float) -> int:
        """Move a stepped market forward; the new server time in seconds. Raises UserMistake for other clocks."""
        self._stepped()
        self._clock.step(seconds)
        return self._moved()

    def sim_advance_to(self, server_time: float) -> int:
        """Move a stepped market to a server time; the new server time. Raises UserMistake for other clocks."""
        self._stepped()
        self._clock.step_to(server_time)
        return self._moved()

    def sim_step_bar(self) -> int | None:
        """Finish the running bar of the given series and open the next one; its open time, None after the last.

        Without given series the next minute is opened.
        """
        self._stepped()
        feeds = list(self._market.recorded.values())
        now = self._server.now_ms // 1_000
        if not feeds:
            return self.sim_advance_to((now // 60 + 1) * 60)
        later = [
            int(feed.times[index]) for feed in feeds if (index := feed.next_index(now)) < len(feed.times)
        ]
        if later:
            return self.sim_advance_to(min(later))
        self.sim_advance_to(max(int(feed.times[-1]) + feed.seconds - 1 for feed in feeds))
        return None

    def sim_set_speed(self, speed: float) -> None:
        """Server seconds per second, above 0 up to 1000. Raises UserMistake."""
        self._move()
        self._clock.set_speed(speed)
        self._save_now()

    def sim_pause(self, on: bool) -> None:
        """Stop the market, or let it go on."""
        self._move()
        self._clock.pause(on)
        self._save_now()

    def sim_state(self) -> dict[str, Any]:
        """`server_time` (seconds), `utc`, `speed`, `paused`, `profile`, `clock_mode`, `seed`."""
        self._move()
        self._save_changes()
        return {
            "server_time": self._server.now_ms // 1_000,
            "utc": self._clock.utc,
            "speed": self._clock.speed,
            "paused": self._clock.paused,
            "profile": self._server.profile.name,
            "clock_mode": self._clock.mode,
            "seed": self._server.seed,
        }

    def sim_fault(self, fault: Mapping[str, Any]) -> None:
        """Add a disturbance (see docs/simulator.md). Raises UserMistake for one that cannot be read."""
        self._faults.add(fault, self._server.now_ms)

    def sim_ledger(self) -> bytes:
        """Everything booked and open on all accounts; equal runs give equal bytes."""
        texts = [ledger_of(account, HistoryTexts()) for account in self._server.accounts.values()]
        return f"[{','.join(texts)}]".encode()

    def _stepped(self) -> None:
        if self._clock.mode != "stepped":
            raise UserMistake(_NOT_STEPPED())

    def _moved(self) -> int:
        self._move()
        self._save_changes()
        return self._server.now_ms // 1_000


for _name, _value in {**surface.CONSTANTS, **surface.STRUCTS}.items():
    setattr(SimApi, _name, _value)
