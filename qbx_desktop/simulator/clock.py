"""The simulated server's clock: stepped by hand, accelerated with pause, or in real time."""

from __future__ import annotations

from typing import Literal

from ..domain.clock import Clock
from ..domain.errors import UserMistake
from ..domain.messages import declare
from .server_time import to_server, to_utc

ClockMode = Literal["stepped", "accelerated", "realtime"]
MAX_SPEED = 1_000.0
CATCH_UP_SECONDS = 7 * 86_400
# A computer that slept must not wake up months later in an accelerated market.
_LONGEST_SILENCE = 60.0

_SPEED = declare("simulator.speed", "The practice speed must lie above 0 and up to 1000; {speed} was given.")
_MODE = declare("simulator.clock_mode", "There is no clock mode {mode!r}.")


class SimClock:
    """Counts UTC; :meth:`server_ms` is what the server's own clock shows. Only stepped clocks stand between calls."""

    def __init__(self, mode: ClockMode, zone: str, clock: Clock, utc: float, speed: float = 1.0) -> None:
        if mode not in ("stepped", "accelerated", "realtime"):
            raise UserMistake(_MODE(mode=mode))
        self.mode: ClockMode = mode
        self.zone = zone
        self.speed = 1.0
        self.paused = False
        self._clock = clock
        self._utc = utc
        self._seen = clock.monotonic()
        self.shift = 0  # seconds by which the broker has moved its clock, a disturbance
        if mode == "accelerated":
            self.set_speed(speed)

    @property
    def utc(self) -> float:
        """The simulated instant, seconds since 1970."""
        return self._utc

    @property
    def runs(self) -> bool:
        """Whether the time goes on by itself."""
        return self.mode != "stepped" and not self.paused

    def tick(self) -> int:
        """Let the time go on that has passed since the last call; the server's clock in milliseconds."""
        now = self._clock.monotonic()
        if self.mode != "stepped" and not self.paused:
            passed = max(now - self._seen, 0.0)
            self._utc += passed if self.speed == 1.0 else min(passed, _LONGEST_SILENCE) * self.speed
        self._seen = now
        return self.server_ms()

    def server_ms(self) -> int:
        """What the server's clock shows, in milliseconds."""
        return round((to_server(self.zone, self._utc) + self.shift) * 1_000)

    def step(self, seconds: float) -> None:
        """Move the time forward by hand."""
        self._utc += max(seconds, 0.0)

    def step_to(self, server: float) -> None:
        """Move the time forward until the server's clock shows `server`; a past moment changes nothing."""
        self._utc = max(self._utc, to_utc(self.zone, server - self.shift))

    def not_before(self, utc: float) -> None:
        """Go on at `utc` (seconds since 1970), unless it is later already."""
        self._utc = max(self._utc, utc)

    def set_speed(self, speed: float) -> None:
        """Server seconds per second. Raises UserMistake outside (0, 1000]."""
        if not 0 < speed <= MAX_SPEED:
            raise UserMistake(_SPEED(speed=speed))
        self.tick()
        self.speed = float(speed)

    def pause(self, on: bool) -> None:
        """Stop the market, or let it go on."""
        self.tick()
        self.paused = on

    def saved(self) -> dict[str, object]:
        """State for a snapshot; `wall` is the computer's time, 0 for a stepped clock, which knows none."""
        wall = 0.0 if self.mode == "stepped" else self._clock.now()
        return {"utc": self._utc, "speed": self.speed, "wall": wall, "shift": self.shift}

    def catch_up(self, saved_wall: float) -> None:
        """At speed 1 the market went on while the program was closed, for at most a week."""
        if self.mode != "stepped" and self.speed == 1.0 and saved_wall:
            self._utc += min(max(self._clock.now() - saved_wall, 0.0), CATCH_UP_SECONDS)
