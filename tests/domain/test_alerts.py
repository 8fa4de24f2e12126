"""An alert fires exactly when its line is reached, as often as it may, and the same across a restart."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qbx_desktop.domain.alert_json import (
    check_condition,
    check_schedule,
    condition_json,
    condition_of,
    schedule_json,
    schedule_of,
)
from qbx_desktop.domain.alert_sentences import fired, when
from qbx_desktop.domain.alerts import (
    AlertState,
    BarShows,
    ClosedBar,
    Is,
    Look,
    Missed,
    MovesPercent,
    Often,
    PriceReaches,
    Schedule,
    Since,
    SpreadReaches,
    Value,
    Way,
    first_reached,
    measure,
    reached,
    step,
    way_to,
)
from qbx_desktop.domain.bar_values import VALUES
from qbx_desktop.domain.params import ParamError
from qbx_desktop.domain.timeframe import Timeframe

LINE = 1.1000
START = 1_750_075_200
RSI_LOW = BarShows(Timeframe.H1, Value("rsi", (14,)), Is.BELOW, Value("number", (30,)))
SMA_UP = BarShows(Timeframe.H1, Value("close"), Is.CROSSES_UP, Value("sma", (50,)))
EACH = Schedule(Often.EACH)


@pytest.mark.parametrize(
    ("before", "now", "way", "fires"),
    [
        (1.0999, 1.1001, Way.UP, True),
        (1.0999, 1.1000, Way.UP, True),  # reached exactly, from its own side
        (1.1001, 1.1000, Way.UP, False),  # touched from the wrong side
        (1.1000, 1.1001, Way.UP, False),  # was standing on the line
        (1.1001, 1.0999, Way.UP, False),  # crossed the other way
        (1.1001, 1.0999, Way.DOWN, True),
        (1.1001, 1.1000, Way.DOWN, True),
        (1.0999, 1.1000, Way.DOWN, False),
        (1.1000, 1.0999, Way.DOWN, False),
        (1.0999, 1.1001, Way.DOWN, False),
        (1.0999, 1.1001, Way.EITHER, True),
        (1.1001, 1.0999, Way.EITHER, True),
        (1.1000, 1.1000, Way.EITHER, False),
        (None, 1.1001, Way.UP, False),
        (math.nan, 1.1001, Way.UP, False),
        (1.0999, math.nan, Way.UP, False),
    ],
)
def test_u24_fires_on_a_cross_not_on_a_touch_from_the_wrong_side(before, now, way, fires) -> None:
    assert reached(before, now, LINE, way) is fires


prices = st.integers(90_000, 110_000).map(lambda points: points / 100_000)


@given(st.lists(prices, min_size=2, max_size=60), prices)
def test_a_tape_fires_exactly_when_the_line_is_first_reached(tape: list[float], line: float) -> None:
    way = way_to(line, tape[0])
    hits = [reached(a, b, line, way) for a, b in itertools.pairwise(tape)]
    there = [b >= line if way is Way.UP else b <= line for b in tape[1:]]
    if tape[0] == line:
        return
    first = there.index(True) if True in there else None
    assert (hits.index(True) if True in hits else None) == first


@given(prices, prices, prices)
def test_up_and_down_never_fire_on_the_same_move(a: float, b: float, line: float) -> None:
    assert not (reached(a, b, line, Way.UP) and reached(a, b, line, Way.DOWN))


def play(condition: Any, schedule: Schedule, looks: list[Any], state: AlertState = AlertState()) -> Any:  # noqa: B008 - frozen
    """The state at the end, and the looks at which it fired."""
    hits = []
    for look in looks:
        state, hit = step(condition, schedule, state, look)
        if hit:
            hits.append(look)
    return state, hits


def ticks(bids: list[float], every: int = 1, **known: float) -> list[Look]:
    return [
        Look((START + every * at) * 1000, START + every * at, bid, **known) for at, bid in enumerate(bids)
    ]


ways = st.sampled_from(list(Way))
frames = st.sampled_from([Timeframe.M1, Timeframe.M5, Timeframe.H1])
schedules = st.builds(
    lambda often, frame, most, pause, end: Schedule(
        often, frame if often is Often.PER_BAR else None, most, pause, end and (START + end) * 1000
    ),
    st.sampled_from(list(Often)), frames, st.integers(0, 4), st.integers(0, 200), st.none() | st.integers(1, 2_000),
)  # fmt: skip
tapes = st.lists(st.integers(95, 105).map(lambda points: points / 100), min_size=1, max_size=80)


@given(tapes, ways, schedules, st.integers(1, 120))
def test_never_more_often_than_it_may(tape: list[float], way: Way, schedule: Schedule, every: int) -> None:
    state, hits = play(PriceReaches(1.0, way), schedule, ticks(tape, every))
    assert state.hits == len(hits)
    assert len(hits) <= (1 if schedule.often is Often.ONCE else schedule.most or len(tape))
    for one, other in itertools.pairwise(hits):
        assert other.at_ms - one.at_ms >= schedule.pause * 1000
    if schedule.expires_ms is not None:
        assert all(each.at_ms < schedule.expires_ms for each in hits)
    if schedule.often is Often.PER_BAR and schedule.timeframe:
        opened = [schedule.timeframe.open_of(each.time) for each in hits]
        assert len(set(opened)) == len(opened)


@given(tapes, ways)
def test_every_time_is_every_cross(tape: list[float], way: Way) -> None:
    _, hits = play(PriceReaches(1.0, way), EACH, ticks(tape))
    assert len(hits) == sum(reached(a, b, 1.0, way) for a, b in itertools.pairwise(tape))


@given(tapes, ways, schedules, st.integers(0, 80), st.integers(1, 120))
def test_a_restart_anywhere_changes_nothing(
    tape: list[float], way: Way, schedule: Schedule, cut: int, every: int
) -> None:
    condition = PriceReaches(1.0, way)
    looks = ticks(tape, every)
    whole = play(condition, schedule, looks)
    state, before = play(condition, schedule, looks[:cut])
    again, stored = condition_of(condition_json(condition)), schedule_of(schedule_json(schedule))
    assert (again, stored) == (condition, schedule)
    assert stored is not None
    state, after = play(again, stored, looks[cut:], state)
    assert (state, before + after) == whole


def test_a_move_in_percent_is_measured_from_what_was_chosen() -> None:
    from_day = MovesPercent(1.0, Way.UP)
    assert play(from_day, EACH, ticks([1.10, 1.111, 1.12, 1.10, 1.1111], day_before=1.1))[0].hits == 2
    assert play(from_day, EACH, ticks([1.10, 1.2]))[0].hits == 0  # the close of the day before is not known
    from_price = MovesPercent(2.0, Way.DOWN, Since.PRICE, 1.0)
    _, hits = play(from_price, EACH, ticks([1.0, 0.981, 0.98, 0.97, 1.0, 0.9]))
    assert [each.bid for each in hits] == [0.98, 0.9]
    either = MovesPercent(1.0, Way.EITHER, Since.PRICE, 1.0)
    assert len(play(either, EACH, ticks([1.0, 1.01, 1.0, 0.99, 0.995, 0.98]))[1]) == 3


def test_a_move_within_minutes_is_measured_from_the_extreme() -> None:
    look = Look(0, 0, 1.02, low=1.0, high=1.03)
    assert measure(MovesPercent(1, Way.UP, Since.MINUTES, 5), look) == 2.0
    assert measure(MovesPercent(1, Way.DOWN, Since.MINUTES, 5), look) == pytest.approx(
        100 * (1.02 / 1.03 - 1)
    )
    assert measure(MovesPercent(1, Way.EITHER, Since.MINUTES, 5), look) == 2.0
    assert math.isnan(measure(MovesPercent(1, Way.UP, Since.MINUTES, 5), replace(look, low=math.nan)))


def test_the_spread_fires_when_it_gets_there_not_while_it_stays() -> None:
    looks = [replace(each, spread=points) for each, points in zip(ticks([1.0] * 7), (10, 30, 31, 29, 40, 10, 10), strict=True)]  # fmt: skip
    assert [each.spread for each in play(SpreadReaches(30, Way.UP), EACH, looks)[1]] == [30, 40]
    assert [each.spread for each in play(SpreadReaches(10, Way.DOWN), EACH, looks)[1]] == [10]


def bars(values: list[float], line: float = 30.0) -> list[ClosedBar]:
    found = []
    for at, (before, now) in enumerate(itertools.pairwise(values)):
        opened = START + 3_600 * at
        found.append(ClosedBar((opened + 3_600) * 1000, opened + 3_600, opened, now, line, before, line))
    return found


def test_a_bar_is_judged_once_and_only_when_it_has_closed() -> None:
    looks = bars([35, 29, 28, 31, 29])
    twice = [each for each in looks for _ in range(2)]
    per_bar = Schedule(Often.PER_BAR)
    assert play(RSI_LOW, per_bar, twice)[0].hits == 3
    assert play(RSI_LOW, Schedule(), twice)[0].hits == 1
    assert play(RSI_LOW, per_bar, ticks([20.0, 10.0]))[0] == AlertState()
    assert play(PriceReaches(30, Way.DOWN), EACH, looks)[0] == AlertState()


@given(st.lists(st.integers(27, 33).map(float) | st.just(math.nan), min_size=2, max_size=40))
def test_crossing_at_the_close_is_what_every_rule_calls_a_cross(values: list[float]) -> None:
    per_bar = Schedule(Often.PER_BAR)
    up = replace(RSI_LOW, relation=Is.CROSSES_UP)
    down = replace(RSI_LOW, relation=Is.CROSSES_DOWN)
    pairs = list(itertools.pairwise(values))
    assert play(up, per_bar, bars(values))[0].hits == sum(a <= 30 < b for a, b in pairs)
    assert play(down, per_bar, bars(values))[0].hits == sum(a >= 30 > b for a, b in pairs)


def test_an_end_that_has_come_switches_it_off_without_a_word() -> None:
    schedule = Schedule(Often.EACH, expires_ms=(START + 2) * 1000)
    state, hits = play(PriceReaches(1.0, Way.UP), schedule, ticks([0.9, 1.1, 0.9, 1.1]))
    assert (len(hits), state.armed) == (1, False)


def flat(*prices: float) -> list[tuple[float, float, float, float]]:
    return [(each, each, each, each) for each in prices]


def test_what_nobody_watched_is_found_in_the_bars() -> None:
    up, down = PriceReaches(1.1, Way.UP), PriceReaches(1.1, Way.DOWN)
    spike = [(1.09, 1.0999, 1.08, 1.09), (1.09, 1.105, 1.08, 1.085)]
    assert first_reached(up, 1.09, spike) == Missed(1, 1.09, 1.105)
    assert first_reached(up, 1.09, spike[:1]) is None
    assert first_reached(up, None, spike) is None
    assert first_reached(down, 1.09, spike) == Missed(1, 1.105, 1.085)  # up first, then down through it
    assert first_reached(down, 1.12, flat(1.11, 1.0990)) == Missed(1, 1.11, 1.0990)
    assert first_reached(up, 1.12, [(1.12, 1.13, 1.09, 1.115)]) == Missed(0, 1.09, 1.115)
    falls = MovesPercent(1, Way.DOWN, Since.PRICE, 1.0)
    assert first_reached(falls, 0.0, flat(1.0, 0.98)) == Missed(1, 0.0, 0.98)
    assert first_reached(MovesPercent(1, Way.DOWN), 0.0, flat(0.5)) is None
    assert first_reached(SpreadReaches(3), 0.0, flat(0.5)) is None


@given(tapes, ways)
def test_flat_bars_are_found_as_the_prices_they_are(tape: list[float], way: Way) -> None:
    found = first_reached(PriceReaches(1.0, way), tape[0], flat(*tape))
    _, hits = play(PriceReaches(1.0, way), Schedule(), ticks(tape))
    assert (None if found is None else START + found.bar) == (hits[0].time if hits else None)


CONDITIONS = [
    PriceReaches(1.5, Way.DOWN), MovesPercent(1.5), MovesPercent(2, Way.UP, Since.PRICE, 1.1),
    MovesPercent(2, Way.DOWN, Since.MINUTES, 30), SpreadReaches(20, Way.DOWN), RSI_LOW, SMA_UP,
    *(BarShows(Timeframe.M5, Value(each.name, each.defaults), Is.ABOVE, Value("number", (1.5,))) for each in VALUES.values()),
]  # fmt: skip


@pytest.mark.parametrize("condition", CONDITIONS, ids=repr)
def test_what_is_stored_comes_back_and_speaks(condition: Any) -> None:
    assert condition_of(condition_json(condition)) == condition
    check_condition(condition)
    texts = [when("EURUSD", condition, 5).text]
    for away in ("", "at"):
        told = fired("EURUSD", condition, 5, price=1.1, spread=12, off=False, moment="12:05", away=away)
        texts.append(told.text)
        assert "sends no orders; it stays on" in told.text
        assert ("While you were away" in told.text) == bool(away)
    assert not [text for text in texts if "{" in text or "EURUSD" not in text]


def test_several_bars_at_once_are_one_sentence_with_their_number() -> None:
    for away, start in (
        ("", "EURUSD H1: RSI(14) was below 30 at the close of 3 bars, first at 12:05"),
        ("at", "While you were away RSI(14) was below 30 at the close of 3 bars of EURUSD H1"),
    ):
        told = fired("EURUSD", RSI_LOW, 5, price=1.1, spread=1, off=True, moment="12:05", away=away, times=3)
        assert told.text.startswith(start)


@pytest.mark.parametrize(
    "text",
    ["", "null", "[]", "{}", '{"kind":"moon"}', '{"kind":"price","level":-1,"way":"up"}', '{"kind":"spread","points":5,"way":"either"}',
     '{"kind":"bar","timeframe":"H9","left":["close"],"is":"above","right":["number",1]}',
     '{"kind":"bar","timeframe":"H1","left":["moon"],"is":"above","right":["number",1]}',
     '{"kind":"bar","timeframe":"H1","left":["rsi"],"is":"above","right":["number",1]}'],
)  # fmt: skip
def test_what_this_version_does_not_know_never_fires(text: str) -> None:
    assert condition_of(text) is None
    assert "never fires" in when("EURUSD", None, 5).text


@pytest.mark.parametrize("text", ["", "[]", '{"often":"never"}', '{"often":"each","timeframe":"H9"}'])
def test_a_schedule_this_version_does_not_know(text: str) -> None:
    assert schedule_of(text) is None


H1, CLOSE, RSI = Timeframe.H1, Value("close"), Value("rsi", (14,))


@pytest.mark.parametrize(
    ("condition", "field"),
    [
        (PriceReaches(0), "level"), (PriceReaches(math.nan), "level"), (PriceReaches(math.inf), "level"),
        (MovesPercent(0), "percent"), (MovesPercent(1, since=Since.PRICE), "base"),
        (MovesPercent(1, since=Since.MINUTES, base=0), "base"), (MovesPercent(1, since=Since.MINUTES, base=1.5), "base"),
        (SpreadReaches(0), "points"), (SpreadReaches(5, Way.EITHER), "points"),
        (BarShows(H1, RSI, Is.ABOVE, CLOSE), "right"),  # a percentage with a price
        (BarShows(H1, RSI, Is.ABOVE, RSI), "right"),
        (BarShows(H1, RSI, Is.ABOVE, Value("number")), "right"),
        (BarShows(H1, Value("number", (1,)), Is.ABOVE, Value("number", (2,))), "right"),
        (BarShows(H1, Value("rsi", (1,)), Is.ABOVE, Value("number", (2,))), "left"),
        (BarShows(H1, Value("rsi", (14.5,)), Is.ABOVE, Value("number", (2,))), "left"),
        (BarShows(H1, Value("macd", (26, 12)), Is.ABOVE, Value("number", (0,))), "left"),
        (BarShows(H1, Value("macd", (12, 12)), Is.ABOVE, Value("number", (0,))), "left"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_said_at_its_field(condition: Any, field: str) -> None:
    with pytest.raises(ParamError) as found:
        check_condition(condition)
    assert found.value.field == field
    assert "{" not in found.value.sentence


@pytest.mark.parametrize(
    ("schedule", "field"),
    [
        (Schedule(Often.EACH, most=-1), "most"), (Schedule(Often.EACH, pause=10**9), "pause"),
        (Schedule(Often.PER_BAR), "timeframe"),
    ],
)  # fmt: skip
def test_a_schedule_that_cannot_be(schedule: Schedule, field: str) -> None:
    with pytest.raises(ParamError) as found:
        check_schedule(schedule, PriceReaches(1.0))
    assert found.value.field == field
    check_schedule(Schedule(Often.PER_BAR), RSI_LOW)
