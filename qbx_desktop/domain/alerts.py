"""What an alert waits for, how often it fires, and the one pure step from a look at the market to a firing or none."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from .timeframe import Timeframe

# A percentage is a quotient: 1.111 of 1.1 must count as one percent more.
_NOISE = 1e-9


class Way(StrEnum):
    """From which side a line is reached: UP from below, DOWN from above."""

    UP = "up"
    DOWN = "down"
    EITHER = "either"


class Since(StrEnum):
    """What a move in percent is measured from."""

    DAY = "day"
    PRICE = "price"
    MINUTES = "minutes"


class Is(StrEnum):
    """How the two values of a closed bar stand to each other."""

    ABOVE = "above"
    BELOW = "below"
    CROSSES_UP = "crosses_up"
    CROSSES_DOWN = "crosses_down"


class Often(StrEnum):
    """ONCE: then it is off. PER_BAR: at most once in each bar. EACH: every time."""

    ONCE = "once"
    PER_BAR = "per_bar"
    EACH = "each"


@dataclass(frozen=True)
class PriceReaches:
    """The bid reaches `level`."""

    level: float
    way: Way = Way.EITHER


@dataclass(frozen=True)
class MovesPercent:
    """The bid is `percent` away (above 0): from the close of the day before, from the price `base`, or, for MINUTES,
    up from the lowest (down from the highest) bid of the last `base` minutes."""

    percent: float
    way: Way = Way.EITHER
    since: Since = Since.DAY
    base: float = 0.0


@dataclass(frozen=True)
class SpreadReaches:
    """The spread rises to `points` or more (UP), or falls to `points` or less (DOWN)."""

    points: int
    way: Way = Way.UP


@dataclass(frozen=True)
class Value:
    """A value of a closed bar: the name of a price or an indicator with its numbers, or "number" with one."""

    name: str
    numbers: tuple[float, ...] = ()


@dataclass(frozen=True)
class BarShows:
    """When a bar of `timeframe` closes, `left` stands to `right` as `relation` says."""

    timeframe: Timeframe
    left: Value
    relation: Is
    right: Value


TickCondition = PriceReaches | MovesPercent | SpreadReaches
Condition = TickCondition | BarShows


@dataclass(frozen=True)
class Schedule:
    """How often it fires. `timeframe` is what PER_BAR counts, `most` the number of times (0: no limit), `pause` the
    seconds after a firing in which nothing counts, `expires_ms` UTC, from when it is over."""

    often: Often = Often.ONCE
    timeframe: Timeframe | None = None
    most: int = 0
    pause: int = 0
    expires_ms: int | None = None


@dataclass(frozen=True)
class AlertState:
    """What has happened so far. `hit_ms` UTC and `hit_bar` (open, server seconds) of the last firing; `measure` at the
    last look (bid, percent or points); `bar` the open of the last closed bar judged, 0 before the first."""

    armed: bool = True
    hits: int = 0
    hit_ms: int | None = None
    hit_bar: int = 0
    measure: float | None = None
    bar: int = 0


@dataclass(frozen=True)
class Look:
    """The market at one moment: `at_ms` UTC, `time` server seconds; NaN is what is not known. `low` and `high` are the
    extremes of the bid over the condition's minutes, `day_before` the close of the day before."""

    at_ms: int
    time: int
    bid: float
    spread: float = math.nan
    day_before: float = math.nan
    low: float = math.nan
    high: float = math.nan


@dataclass(frozen=True)
class ClosedBar:
    """A bar that has closed: `bar` its open, `time` its close (server seconds), and both values now and one bar before."""

    at_ms: int
    time: int
    bar: int
    left: float
    right: float
    left_before: float = math.nan
    right_before: float = math.nan


def measure(condition: TickCondition, look: Look) -> float:
    """What the condition compares with its line: the bid, percent or points; NaN while something is not known."""
    match condition:
        case PriceReaches():
            return look.bid
        case SpreadReaches():
            return look.spread
        case MovesPercent(since=Since.MINUTES):
            up, down = _percent(look.bid, look.low), _percent(look.bid, look.high)
            if condition.way is Way.EITHER:
                return up if abs(up) >= abs(down) else abs(down)
            return up if condition.way is Way.UP else down
        case MovesPercent(since=since, base=base):
            moved = _percent(look.bid, look.day_before if since is Since.DAY else base)
            return abs(moved) if condition.way is Way.EITHER else moved


def line_of(condition: TickCondition) -> tuple[float, Way]:
    """The line its measure has to reach, and the way: a move either way is measured by its size."""
    match condition:
        case PriceReaches(level, way):
            return level, way
        case SpreadReaches(points, way):
            return float(points), way
        case MovesPercent(percent, way):
            return (-percent, Way.DOWN) if way is Way.DOWN else (percent, Way.UP)


def reached(before: float | None, now: float, line: float, way: Way) -> bool:
    """Whether the step from `before` to `now` reaches the line from the near side.

    Standing on the line is not a cross, and touching it from the far side is not one either; reaching it exactly is.
    Nothing is known before the first value, so nothing is reached.
    """
    if before is None or not all(map(math.isfinite, (before, now, line))):
        return False
    up, down = before < line <= now, before > line >= now
    return {Way.UP: up, Way.DOWN: down, Way.EITHER: up or down}[way]


def way_to(line: float, price: float) -> Way:
    """The way `price` has to go to reach the line; UP when it stands on it."""
    return Way.DOWN if line < price else Way.UP


def holds(condition: BarShows, bar: ClosedBar) -> bool:
    """Whether the closed bar shows it; a value that is not known yet shows nothing."""
    now, before = _side(bar.left, bar.right), _side(bar.left_before, bar.right_before)
    match condition.relation:
        case Is.ABOVE:
            return now > 0
        case Is.BELOW:
            return now < 0
        case Is.CROSSES_UP:
            return now > 0 and before <= 0
        case Is.CROSSES_DOWN:
            return now < 0 and before >= 0


def step(
    condition: Condition, schedule: Schedule, state: AlertState, look: Look | ClosedBar
) -> tuple[AlertState, bool]:
    """The state after this look, and whether the alert fires. Looks come in the order of their time.

    A look of the other kind and a bar judged already change nothing. An alert that is over is switched off without
    firing. What is reached within the pause, or again in a bar that has fired, is passed over.
    """
    if not state.armed:
        return state, False
    if schedule.expires_ms is not None and look.at_ms >= schedule.expires_ms:
        return replace(state, armed=False), False
    if isinstance(condition, BarShows):
        if not isinstance(look, ClosedBar) or look.bar <= state.bar:
            return state, False
        hit = holds(condition, look)
        state = replace(state, bar=look.bar)
        bar = look.bar
    else:
        if isinstance(look, ClosedBar):
            return state, False
        now = measure(condition, look)
        if not math.isfinite(now):
            return state, False
        hit = reached(state.measure, now, *line_of(condition))
        state = replace(state, measure=now)
        bar = schedule.timeframe.open_of(look.time) if schedule.timeframe else 0
    if not hit or not _may(condition, schedule, state, look.at_ms, bar):
        return state, False
    hits = state.hits + 1
    over = schedule.often is Often.ONCE or 0 < schedule.most <= hits
    return replace(state, armed=not over, hits=hits, hit_ms=look.at_ms, hit_bar=bar), True


@dataclass(frozen=True)
class Missed:
    """Where a line was reached while nobody watched: in which bar, by the step from one measure to a price."""

    bar: int
    before: float
    price: float


def first_reached(
    condition: TickCondition, before: float | None, bars: Sequence[tuple[float, float, float, float]]
) -> Missed | None:
    """The first time the line was reached in bars (open, high, low, close) of a time nobody watched; None when it was
    not. Whatever the order inside a bar, the price went from its open to both extremes and from them to its close.

    Only lines that stand still can be found so: a price, and percent of a price.
    """
    if before is None or isinstance(condition, SpreadReaches):
        return None
    if isinstance(condition, MovesPercent) and condition.since is not Since.PRICE:
        return None
    line = line_of(condition)

    def at(price: float) -> float:
        return measure(condition, Look(0, 0, price))

    for number, (opened, high, low, closed) in enumerate(bars):
        for start, price in (
            (before, opened), (at(opened), high), (at(opened), low), (at(low), closed), (at(high), closed),
        ):  # fmt: skip
            if reached(start, at(price), *line):
                return Missed(number, start, price)
        before = at(closed)
    return None


@dataclass(frozen=True)
class WatchAlert:
    """A stored alert of a line of the watchlist. `id` 0 is the price the line itself carries; `condition` None is one
    that this version does not know: it is kept and never fires. `set_ms` is when it was last set."""

    id: int
    entry_id: int
    user_id: int
    symbol: str
    condition: Condition | None
    schedule: Schedule = field(default_factory=Schedule)
    state: AlertState = field(default_factory=AlertState)
    notes: str = ""
    set_ms: int = 0

    @property
    def key(self) -> tuple[object, ...]:
        """Its identity while it is set as it is: an alert that was changed or set again is another one."""
        return (self.id, self.entry_id, self.condition, self.schedule, self.set_ms)

    def is_over(self, now_ms: int) -> bool:
        """Whether its time has passed."""
        return self.schedule.expires_ms is not None and now_ms >= self.schedule.expires_ms


def _percent(price: float, base: float) -> float:
    if not math.isfinite(base) or base <= 0:
        return math.nan
    return round(100.0 * (price / base - 1.0), 9)


def _side(left: float, right: float) -> float:
    """1 above, -1 below, 0 equal but for rounding; NaN (which compares with nothing) where a value is missing."""
    apart = left - right
    if not math.isfinite(apart):
        return math.nan
    return 0.0 if abs(apart) <= _NOISE * max(abs(left), abs(right)) else math.copysign(1.0, apart)


def _may(condition: Condition, schedule: Schedule, state: AlertState, at_ms: int, bar: int) -> bool:
    if state.hit_ms is not None and at_ms - state.hit_ms < schedule.pause * 1000:
        return False
    return isinstance(condition, BarShows) or schedule.often is not Often.PER_BAR or bar != state.hit_bar
