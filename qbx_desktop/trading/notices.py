"""Says a lasting problem once and counts it, instead of repeating it."""

from __future__ import annotations

from dataclasses import dataclass

from ..domain.clock import Clock

# A problem that goes on is said again after this long, with its count.
_SAY_AGAIN = 900.0


@dataclass
class _Said:
    at: float
    count: int = 1


class Notices:
    """Remembers what was said: the same code about the same bot within 15 minutes is counted, not repeated."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._said: dict[tuple[str, int | None, str], _Said] = {}

    def count(self, code: str, bot_id: int | None, about: str = "") -> int:
        """Note that it happened again. 0: it was said a short time ago; else say it, so often has it happened."""
        key = (code, bot_id, about)
        now = self._clock.monotonic()
        said = self._said.get(key)
        if said is None:
            self._said[key] = _Said(now)
            return 1
        said.count += 1
        if now - said.at < _SAY_AGAIN:
            return 0
        said.at = now
        return said.count

    def over(self, code: str, bot_id: int | None = None) -> None:
        """The problem has ended: the next one of its kind is new."""
        for key in [key for key in self._said if key[0] == code and key[1] == bot_id]:
            del self._said[key]

    def start_over(self, bot_id: int) -> None:
        """Whatever was said about this bot is old now: the trader started it again."""
        for key in [key for key in self._said if key[1] == bot_id]:
            del self._said[key]
