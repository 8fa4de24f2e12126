"""Run a saved result again and say that it is equal, or name what changed: the bar, the setting, the version."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np

from ..domain.bars import Bars
from ..domain.clock import server_text
from ..domain.errors import UserMistake
from ..domain.limits import Limits
from ..domain.messages import Message, declare
from ..domain.news import NewsEvent
from ..domain.sizing import Sizing, StopDistance, StopUnit
from ..domain.symbol import SymbolSpec
from .fingerprint import checks_of, difference, unpacked
from .input import Account, BacktestInput, Costs, RateSeries
from .passport import CHECKS, passport_of
from .result import BacktestResult
from .run import run

_EQUAL = declare("reproduce.equal", "Run again: every trade and every figure is equal.")
_DIFFERS = declare(
    "reproduce.differs",
    "Run again: not equal. Net profit was {before}, is now {now}; {trades_before} trades became {trades_now}.",
)
_FIRST = declare("reproduce.first_trade", "The first trade that differs is number {number}, opened {time}.")
_UNEXPLAINED = declare(
    "reproduce.unexplained",
    "Nothing that goes into the run has changed; the program reckons differently. Please report this.",
)
_ALTERED = declare("reproduce.bar", "The bar of {time} was altered since.")
_ALTERED_MANY = declare(
    "reproduce.bars", "{count} bars were altered since; the first is that of {time}, the last that of {last}."
)
_REMOVED = declare("reproduce.removed", "{count} bars are missing before that of {time}.")
_REMOVED_END = declare("reproduce.removed_end", "{count} bars are missing at the end, after that of {time}.")
_ADDED = declare("reproduce.added", "{count} bars were added, from that of {time} on.")
_REPLACED = declare(
    "reproduce.replaced", "From the bar of {time} on {before} bars were replaced by {now} others."
)
_UNKNOWN_BAR = declare(
    "reproduce.bars_unknown", "The bars are not the same any more; which of them changed cannot be told."
)
_OTHER_SERIES = declare("reproduce.series", "In the prices for {name}: {what}")
_NEWER = declare("reproduce.newer", "{count} bars newer than the saved run were left out.")
_CHANGED = declare("reproduce.changed", "{name} was {before}, is now {now}.")
_STRATEGY = declare("reproduce.strategy", "The file of the strategy {key} was changed since.")
_VERSION = declare(
    "reproduce.version", "It was made by version {before} of this program; this is version {now}."
)
NO_RESULT = declare(
    "reproduce.no_result",
    "The saved backtest {id} holds no more than its figures (an earlier program wrote it). Nothing was run.",
)
_NO_PASSPORT = declare(
    "reproduce.no_passport",
    "This result cannot be run again: it carries no passport that this version reads ({why}). Nothing was run.",
)

# Said by the bars themselves, or no input.
_NO_SETTING = frozenset(
    {"bars_hash", "bars_count", "bars_first", "bars_last", "hash", CHECKS, "application", "strategy_file"}
)
_NAMES = {"rate": "the conversion", "detail": "the finer bars"}


@dataclass(frozen=True, eq=False)
class Reproduction:
    """`equal` means trades, refusals, report and curves; `messages` name everything that changed, the verdict first."""

    equal: bool
    messages: tuple[Message, ...]
    given: BacktestInput
    result: BacktestResult


def reproduce(
    saved: Mapping[str, Any], given: BacktestInput, *, cancelled: Callable[[], bool] | None = None
) -> Reproduction:
    """Run `given`, today's inputs, and compare with `saved`, a result's JSON (`trades`, `report`, `passport`, `hash`).

    Bars newer than the saved run's last are left out. Raises UserMistake where `saved` cannot be read or `given`
    cannot be run, Cancelled.
    """
    passport = _passport(saved)
    given, newer = _as_long(passport, given)
    changes = [*_bar_changes(passport, given), *_setting_changes(passport, given)]
    result = run(given, cancelled=cancelled)
    equal = result.hash == saved.get("hash")
    verdict = [_EQUAL()] if equal else [*_differs(saved, result)]
    if not equal and not changes:
        verdict.append(_UNEXPLAINED())
    if newer:
        changes.append(_NEWER(count=newer))
    return Reproduction(equal, (*verdict, *changes), given, result)


def input_again(
    saved: Mapping[str, Any], bars: Bars, series: Mapping[str, Bars], spec: SymbolSpec | None = None
) -> BacktestInput:
    """The inputs that the passport of `saved` names, on `bars`.

    `series` holds the other series of bars by the input's name (`rate`), `spec` stands in for the saved
    specification. Raises UserMistake.
    """
    passport = _passport(saved)
    try:
        return BacktestInput(**dict(_fields(passport, bars, series, spec)))
    except (KeyError, TypeError, ValueError) as error:
        raise UserMistake(_NO_PASSPORT(why=f"{type(error).__name__}: {error}"[:120])) from error


def series_needed(saved: Mapping[str, Any]) -> tuple[str, ...]:
    """Names of the inputs beside `bars` that are series of bars. Raises UserMistake."""
    checks = _passport(saved).get(CHECKS)
    return tuple(name for name in checks if name != "bars") if isinstance(checks, Mapping) else ()


def _fields(
    passport: Mapping[str, Any], bars: Bars, series: Mapping[str, Bars], spec: SymbolSpec | None
) -> Iterator[tuple[str, Any]]:
    yield "bars", bars
    yield "spec", spec or SymbolSpec(**passport["symbol"])
    yield "account", Account(**passport["account"])
    yield "costs", Costs(**_tuples(passport["costs"]))
    yield "sizing", Sizing(**passport["sizing"])
    for name in ("sl", "tp"):
        yield name, StopDistance(StopUnit(passport[name]["unit"]), passport[name]["value"])
    rate = passport["rate"]
    if isinstance(rate, Mapping):
        rate = RateSeries(series["rate"], inverted=bool(rate["inverted"]))
    yield "rate", rate
    done = {"bars", "spec", "account", "costs", "sizing", "sl", "tp", "rate"}
    for each in dataclasses.fields(BacktestInput):
        if each.name in done or each.name not in passport:
            continue
        value = passport[each.name]
        if each.name == "guards" and value is not None:
            value = Limits.of(value)
        if each.name == "news":
            value = tuple(NewsEvent(**event) for event in value)
        yield each.name, series[each.name] if isinstance(value, dict) and "bars_hash" in value else value


def _tuples(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: tuple(each) if isinstance(each, list) else each for name, each in values.items()}


def _passport(saved: Mapping[str, Any]) -> Mapping[str, Any]:
    passport = saved.get("passport")
    if not isinstance(passport, Mapping) or "bars_hash" not in passport or "strategy" not in passport:
        raise UserMistake(_NO_PASSPORT(why="no passport"))
    return passport


def _as_long(passport: Mapping[str, Any], given: BacktestInput) -> tuple[BacktestInput, int]:
    """Without the bars that came after the saved run; how many those are."""
    try:
        last = datetime.fromisoformat(str(passport.get("bars_last"))).replace(tzinfo=UTC).timestamp()
    except ValueError:
        return given, 0
    # the text has no seconds
    end = int(np.searchsorted(given.bars.time, last + 60))
    newer = len(given.bars) - end
    if not newer or not end:
        return given, 0
    return dataclasses.replace(given, bars=given.bars[:end]), newer


def _bar_changes(passport: Mapping[str, Any], given: BacktestInput) -> Iterator[Message]:
    now = passport_of(given)
    if passport["bars_hash"] != now["bars_hash"]:
        yield _named(passport, "bars", given.bars)
    for name in now[CHECKS]:
        before = passport.get(name)
        if name == "bars" or not isinstance(before, Mapping):
            continue
        if before.get("bars_hash") != now[name]["bars_hash"]:
            value = getattr(given, name)
            bars = value.bars if isinstance(value, RateSeries) else value
            yield _OTHER_SERIES(name=_NAMES.get(name, name), what=_named(passport, name, bars).text)


def _named(passport: Mapping[str, Any], name: str, bars: Bars) -> Message:
    old = unpacked((passport.get(CHECKS) or {}).get(name))
    found = None if old is None else difference(old, checks_of(bars))
    if found is None:
        return _UNKNOWN_BAR()

    def time(index: int) -> str:
        return server_text(int(bars.time[index])) if len(bars) else "?"

    if len(found.altered) == 1:
        return _ALTERED(time=time(found.index))
    if found.altered:
        return _ALTERED_MANY(
            count=len(found.altered), time=time(found.altered[0]), last=time(found.altered[-1])
        )
    if found.removed and found.added:
        return _REPLACED(time=time(found.index), before=found.removed, now=found.added)
    if found.added:
        return _ADDED(count=found.added, time=time(found.index))
    if found.index >= len(bars):
        return _REMOVED_END(count=found.removed, time=time(len(bars) - 1))
    return _REMOVED(count=found.removed, time=time(found.index))


def _setting_changes(passport: Mapping[str, Any], given: BacktestInput) -> Iterator[Message]:
    now = passport_of(given)
    for name in passport:  # an input that the saved run did not know yet had no say in it
        if name not in _NO_SETTING:
            yield from _leaves(name, passport.get(name), now.get(name))
    if passport.get("strategy_file", now["strategy_file"]) != now["strategy_file"]:
        yield _STRATEGY(key=given.strategy)
    if passport.get("application") != now["application"]:
        yield _VERSION(before=passport.get("application", "?"), now=now["application"])


def _leaves(name: str, before: Any, now: Any) -> Iterator[Message]:
    if isinstance(before, Mapping) and isinstance(now, Mapping):
        for each in before:
            if each not in ("bars_hash", "bars_count"):
                yield from _leaves(f"{name}.{each}", before.get(each), now.get(each))
    elif before != now:
        yield _CHANGED(name=name, before=_word(before), now=_word(now))


def _word(value: Any) -> str:
    return "not set" if value is None else str(value)


def _differs(saved: Mapping[str, Any], result: BacktestResult) -> Iterator[Message]:
    report = saved.get("report") or {}
    yield _DIFFERS(
        before=_word(report.get("net_profit")), now=_word(result.report["net_profit"]),
        trades_before=_word(report.get("total_trades")), trades_now=result.report["total_trades"],
    )  # fmt: skip
    trades = saved.get("trades") or []
    for number, trade in enumerate(result.trades):
        if number >= len(trades) or trades[number] != dataclasses.asdict(trade):
            yield _FIRST(number=number + 1, time=server_text(trade.open_time))
            return
    if len(trades) > len(result.trades):
        number = len(result.trades)
        yield _FIRST(number=number + 1, time=server_text(int(trades[number]["open_time"])))
