"""Sessions in the exchange's own time: summer times of both sides, weekends, and the opening range made of them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from qbx_desktop.domain.bars import Bars
from qbx_desktop.domain.timeframe import Timeframe
from qbx_desktop.strategies import registry
from qbx_desktop.strategies.sessions import EXCHANGES, SERVER_CLOCKS, session_clock


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


@pytest.mark.parametrize("clock", list(SERVER_CLOCKS))
@pytest.mark.parametrize("exchange", list(EXCHANGES))
def test_against_the_standard_library(exchange: str, clock: str) -> None:
    """Every 5 hours of three years, so both of the year's changes on both sides, in hours that exist once."""
    times = np.arange(at("2022-01-03"), at("2025-01-02"), 5 * 3_600)
    found = session_clock(times, exchange, clock)
    zone, ahead = SERVER_CLOCKS[clock]
    server, there = ZoneInfo(zone), ZoneInfo(EXCHANGES[exchange].zone)
    for index, time in enumerate(times.tolist()):
        wall = datetime.fromtimestamp(time, UTC).replace(tzinfo=None) - timedelta(hours=ahead)
        stamped = wall.replace(tzinfo=server)
        if stamped.utcoffset() != wall.replace(tzinfo=server, fold=1).utcoffset():
            continue
        local = stamped.astimezone(there)
        assert found.minute[index] == local.hour * 60 + local.minute
        assert found.day[index] == (local.date() - date(1970, 1, 1)).days
        open_now = EXCHANGES[exchange].opens <= found.minute[index] < EXCHANGES[exchange].closes
        assert found.inside[index] == (open_now and local.weekday() < 5)


@pytest.mark.parametrize(
    ("day", "opens"),
    [("2024-01-15", "10:00"), ("2024-03-20", "11:00"), ("2024-07-15", "10:00"), ("2024-10-30", "11:00")],
)
def test_london_opens_an_hour_later_while_only_new_york_has_summer_time(day: str, opens: str) -> None:
    """8:00 in London on a server seven hours ahead of New York: 10:00, and 11:00 in the weeks between the changes."""
    times = np.arange(at(day), at(day) + 86_400, 900)
    inside = session_clock(times, "London", "New York + 7 h").inside
    assert times[np.argmax(inside)] == at(f"{day} {opens}")


def test_the_answer_for_a_bar_does_not_depend_on_the_others() -> None:
    times = np.arange(at("2023-12-20"), at("2024-04-10"), 1_800)
    whole = session_clock(times, "Tokyo", "Eastern Europe")
    for cut in range(7, len(times), 531):
        part = session_clock(times[cut - 7 : cut], "Tokyo", "Eastern Europe")
        assert part.minute.tolist() == whole.minute[cut - 7 : cut].tolist()


def half_hours(start: str, closes: list[float]) -> Bars:
    close = np.array(closes)
    opened = np.concatenate((close[:1], close[:-1]))
    time = at(start) + 1_800 * np.arange(len(close))
    return Bars.from_prices(time, opened, np.maximum(opened, close), np.minimum(opened, close), close)


def test_opening_range_by_hand() -> None:
    """A UTC server in winter: London's first hour makes 100 to 102; 103 is bought once, 99 closes, the evening is out."""
    closes = [101, 101, 102, 100, 101, 103, 104, 99, 98, *([98] * 8), 98, 98]
    bars = half_hours("2024-01-15 07:00", closes)
    strategy = registry.get("OPENING_RANGE")
    params = strategy.Params(server_clock="UTC", exit_minutes=60)
    found = strategy.signals(bars, params)
    assert np.flatnonzero(found.entry).tolist() == [5]
    assert found.entry[5] == 1
    hours = 7 + np.arange(len(closes)) / 2
    over = (hours < 8) | (hours >= 15.5)
    below = np.array(closes) < 100
    assert found.exit_long[2:].tolist() == (over | below)[2:].tolist()
    assert found.exit_short[5:7].all()
    often = strategy.signals(bars, strategy.Params(server_clock="UTC", one_entry=False)).entry
    assert np.flatnonzero(often > 0).tolist() == [5, 6]
    assert np.flatnonzero(often < 0).tolist() == list(range(7, 17))


def test_a_range_whose_beginning_was_not_seen_counts_for_nothing() -> None:
    bars = half_hours("2024-01-15 08:30", [101, 103, 104, 105])
    strategy = registry.get("OPENING_RANGE")
    params = strategy.Params(server_clock="UTC")
    assert not strategy.signals(bars, params).entry.any()
    assert strategy.explain(bars, params).message.code == "opening_range.no_range"


def test_a_timeframe_too_slow_for_the_range_is_said() -> None:
    strategy = registry.get("OPENING_RANGE")
    time = at("2024-01-15 00:00") + 14_400 * np.arange(4)
    price = np.full(4, 100.0)
    bars = Bars.from_prices(time, price, price, price, price)
    told = strategy.explain(
        bars, strategy.Params(server_clock="UTC", range_minutes=30, exchange="New York", exit_minutes=0)
    )
    assert told.message.code == "opening_range.over"
    told = strategy.explain(bars, strategy.Params(server_clock="UTC+2", range_minutes=30, exit_minutes=0))
    assert told.message.code == "opening_range.no_range"
    assert "30 minutes" in told.message.text


def test_session_history_reaches_back_before_the_open() -> None:
    strategy = registry.get("OPENING_RANGE")
    assert strategy.history(strategy.Params(), Timeframe.M30) == 17 + 2 + 2
