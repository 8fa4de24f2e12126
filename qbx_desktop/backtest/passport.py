"""A result's passport: hashes and settings that say what exactly was run, so that it can be run again."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from typing import Any

from .. import __version__
from ..domain.bars import Bars
from ..domain.clock import server_text
from ..domain.params import make
from ..domain.sizing import StopDistance
from ..strategies import registry
from .input import BacktestInput, RateSeries


def hash_of_bars(bars: Bars) -> str:
    """SHA-256 over all columns of the bars."""
    digest = hashlib.sha256()
    for name in ("time", "open", "high", "low", "close", "tick_volume", "spread", "real_volume"):
        digest.update(name.encode())
        digest.update(getattr(bars, name).tobytes())
    return digest.hexdigest()


def hash_of(value: Any) -> str:
    """SHA-256 of a plain value's canonical JSON."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def passport_of(given: BacktestInput) -> dict[str, Any]:
    """Everything the result depends on, as plain JSON values."""
    strategy = registry.get(given.strategy)
    settings: dict[str, Any] = {
        "symbol": given.spec.to_mapping(),
        "strategy": given.strategy,
        "params": dataclasses.asdict(make(strategy.Params, given.params)),
        "account": dataclasses.asdict(given.account),
        "costs": dataclasses.asdict(given.costs),
        "sizing": dataclasses.asdict(given.sizing),
        "sl": _stop(given.sl),
        "tp": _stop(given.tp),
        "atr_period": given.atr_period,
        "reverse": given.reverse,
        "start": given.start,
        "end": given.end,
        "rate": _rate(given.rate),
        "bars_hash": hash_of_bars(given.bars),
        "bars_count": len(given.bars),
        "bars_first": server_text(int(given.bars.time[0])),
        "bars_last": server_text(int(given.bars.time[-1])),
        "application": __version__,
    }
    return {**settings, "hash": hash_of(settings)}


def _stop(stop: StopDistance) -> dict[str, Any]:
    return {"unit": str(stop.unit), "value": stop.value}


def _rate(rate: float | RateSeries | None) -> Any:
    if isinstance(rate, RateSeries):
        return {"bars_hash": hash_of_bars(rate.bars), "inverted": rate.inverted}
    return rate
