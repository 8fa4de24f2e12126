"""A scenario file: which simulated terminal to build and what goes wrong in it, as JSON."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..domain.bars import Bars
from ..domain.clock import Clock
from ..domain.errors import UserMistake
from ..domain.messages import declare
from .api import SimApi
from .terminal import BarPath, build_terminal

_UNREADABLE = declare(
    "simulator.scenario",
    "The scenario cannot be read: {problem}. Nothing was started; mend the file and try again.",
)
_PATHS = ("auto", "worst_case", "backtest")


@dataclass(frozen=True)
class Scenario:
    """What :func:`build_terminal` takes, as far as a file can say it; `start` is server epoch seconds."""

    profile: str = "Demo-Hedging"
    seed: int = 1
    start: int | None = None
    path: BarPath = "auto"
    symbols: tuple[str, ...] | None = None
    overrides: Mapping[str, Any] = field(default_factory=dict)
    accounts: tuple[Mapping[str, Any], ...] = ()
    faults: tuple[Mapping[str, Any], ...] = ()

    def build(
        self,
        *,
        bars: Mapping[Any, Bars] | None = None,
        save: Callable[[bytes], None] | None = None,
        clock: Clock | None = None,
    ) -> SimApi:
        """The terminal on a stepped clock. Raises UserMistake."""
        return build_terminal(
            self.profile, seed=self.seed, start=self.start, path=self.path, symbols=self.symbols,
            overrides=self.overrides, accounts=self.accounts, faults=self.faults, bars=bars, save=save, clock=clock,
        )  # fmt: skip


def read_scenario(text: str | bytes) -> Scenario:
    """Read the part of a scenario that describes the terminal; other keys at the top belong to other readers.

    The keys are those of :class:`Scenario`, together under `terminal` or at the top. Raises UserMistake.
    """
    try:
        data = json.loads(text)
    except ValueError as error:
        raise UserMistake(_UNREADABLE(problem=f"it is no JSON ({error})")) from error
    if not isinstance(data, dict):
        raise UserMistake(_UNREADABLE(problem="it is no JSON object"))
    nested = "terminal" in data
    data = data["terminal"] if nested else data
    if not isinstance(data, dict):
        raise UserMistake(_UNREADABLE(problem="terminal is no JSON object"))
    kinds: dict[str, type] = {
        "profile": str, "seed": int, "start": int, "path": str, "symbols": list, "overrides": dict,
        "accounts": list, "faults": list,
    }  # fmt: skip
    values: dict[str, Any] = {}
    for name, value in data.items():
        if name not in kinds:
            if nested:
                raise UserMistake(_UNREADABLE(problem=f"terminal has no setting {name}"))
            continue
        if not isinstance(value, kinds[name]) or isinstance(value, bool):
            raise UserMistake(_UNREADABLE(problem=f"{name} is no {kinds[name].__name__}"))
        values[name] = tuple(value) if isinstance(value, list) else value
    if values.get("path", "auto") not in _PATHS:
        raise UserMistake(_UNREADABLE(problem=f"path is none of {', '.join(_PATHS)}"))
    for each in (*values.get("faults", ()), *values.get("accounts", ())):
        if not isinstance(each, dict):
            raise UserMistake(_UNREADABLE(problem="faults and accounts hold JSON objects"))
    return Scenario(**values)
