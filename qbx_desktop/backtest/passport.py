"""A result's passport: hashes and settings that say what exactly was run, so that it can be run again."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Sequence
from typing import Any

from .. import __version__
from ..domain.bars import Bars
from ..domain.clock import server_text
from ..domain.params import make
from ..domain.sizing import StopDistance
from ..domain.symbol import SymbolSpec
from ..strategies import registry
from ..strategies.own.strategy import OwnStrategy
from .fingerprint import checks_of, packed
from .input import BacktestInput, RateSeries

# Beside the settings, and not among what is hashed: they only help to name the bar that changed.
CHECKS = "checks"
# items of a list that are written in one go
_PIECE = 256


def hash_of_bars(bars: Bars) -> str:
    """SHA-256 over all columns of the bars."""
    digest = hashlib.sha256()
    for name in ("time", "open", "high", "low", "close", "tick_volume", "spread", "real_volume"):
        digest.update(name.encode())
        digest.update(getattr(bars, name).tobytes())
    return digest.hexdigest()


def hash_of(value: Any) -> str:
    """SHA-256 of a plain value's canonical JSON."""
    return hashlib.sha256(_canonical(value).encode()).hexdigest()


def hash_of_list(items: Sequence[Any], *more: Any) -> str:
    """:func:`hash_of` a list of `items` and what follows it, piece by piece: long JSON lets no other thread in."""
    digest = hashlib.sha256(b"[[")
    for start in range(0, len(items), _PIECE):
        digest.update(b"," if start else b"")
        digest.update(_canonical(items[start : start + _PIECE])[1:-1].encode())
    digest.update(f"],{_canonical(list(more))[1:-1]}]".encode())
    return digest.hexdigest()


def _canonical(value: Any) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)


def passport_of(given: BacktestInput) -> dict[str, Any]:
    """Everything the result depends on, as plain JSON values; a new input is in it by being one."""
    strategy = registry.get(given.strategy)
    settings: dict[str, Any] = {}
    checks: dict[str, str] = {}
    for each in dataclasses.fields(given):
        value = getattr(given, each.name)
        series = value.bars if isinstance(value, RateSeries) else value
        if isinstance(series, Bars):
            checks[each.name] = packed(checks_of(series))
        if each.name == "bars":
            settings |= {
                "bars_hash": hash_of_bars(value), "bars_count": len(value),
                "bars_first": server_text(int(value.time[0])), "bars_last": server_text(int(value.time[-1])),
            }  # fmt: skip
        elif each.name == "spec":
            settings["symbol"] = value.to_mapping()
        elif each.name == "params":
            settings["params"] = dataclasses.asdict(make(strategy.Params, value))
        else:
            settings[each.name] = plain(value)
    # A strategy of the trader's own is its file; those that come with the program are its version.
    settings["strategy_file"] = getattr(getattr(strategy, "source", None), "sha256", None)
    settings["application"] = __version__
    if isinstance(strategy, OwnStrategy):
        settings["strategy_sha256"] = strategy.source.sha256
    return {**settings, "hash": hash_of(settings), CHECKS: checks}


def plain(value: Any) -> Any:
    """One setting as a plain JSON value."""
    if isinstance(value, RateSeries):
        return {"bars_hash": hash_of_bars(value.bars), "inverted": value.inverted}
    if isinstance(value, Bars):
        return {"bars_hash": hash_of_bars(value), "bars_count": len(value)}
    if isinstance(value, StopDistance):
        return {"unit": str(value.unit), "value": value.value}
    if isinstance(value, SymbolSpec):
        return value.to_mapping()
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return plain(dataclasses.asdict(value))
    if isinstance(value, dict):
        return {str(name): plain(each) for name, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(each) for each in value]
    return value
