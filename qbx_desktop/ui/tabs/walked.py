"""A walk-forward with what it was asked for, so that a search can tell whether it is one of the same settings."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ...backtest.search.study import Request
from ...backtest.search.walk_forward import WalkForward
from ...workers.backtest_job import Choices


@dataclass(frozen=True, eq=False)
class Walked:
    """`found` came of these inputs and this request."""

    choices: Choices
    request: Request
    found: WalkForward

    def fits(self, choices: Choices, request: Request) -> bool:
        """Whether a search of these is the one that was walked forward; where it ran does not matter."""
        return choices == self.choices and _what(request) == _what(self.request)


def _what(request: Request) -> Request:
    return replace(request, resume=False, jobs=None, scheduler="")
