"""Server time with daylight saving, and the three clocks."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qbx_desktop.domain.errors import UserMistake
from qbx_desktop.simulator.server_time import offset, skipped_hours, to_server, to_utc
from qbx_desktop.simulator.terminal import DEFAULT_START, build_terminal
from tests.fakes.clock import FakeClock

from .trader import connected, deal

ZONES = ("new_york_close", "europe", "utc", "utc+3", "utc-5")


def utc(*when: int) -> int:
    return int(dt.datetime(*when, tzinfo=dt.UTC).timestamp())  # type: ignore[arg-type, misc]


@pytest.mark.parametrize(
    ("zone", "when", "hours"),
    [
        ("new_york_close", (2025, 1, 15), 2),
        ("new_york_close", (2025, 7, 15), 3),
        ("new_york_close", (2025, 3, 9, 6, 59), 2),
        ("new_york_close", (2025, 3, 9, 7), 3),
        ("new_york_close", (2025, 11, 2, 5, 59), 3),
        ("new_york_close", (2025, 11, 2, 6), 2),
        ("europe", (2025, 3, 20), 2),  # America has changed already, Europe has not
        ("europe", (2025, 3, 30, 1), 3),
        ("europe", (2025, 10, 26, 0, 59), 3),
        ("europe", (2025, 10, 26, 1), 2),
        ("utc", (2025, 7, 1), 0),
        ("utc+3", (2025, 7, 1), 3),
        ("utc-5", (2025, 7, 1), -5),
    ],
)
def test_offset(zone: str, when: tuple[int, ...], hours: int) -> None:
    assert offset(zone, utc(*when)) == hours * 3_600


def test_midnight_is_five_in_the_afternoon_in_new_york_all_year() -> None:
    for month, hour in ((1, 22), (7, 21)):
        assert to_server("new_york_close", utc(2025, month, 15, hour)) % 86_400 == 0


@given(st.sampled_from(ZONES), st.integers(utc(2003, 1, 1), utc(2036, 1, 1)), st.integers(0, 7_200))
def test_server_time_never_goes_back_and_can_be_undone(zone: str, moment: int, later: int) -> None:
    server = to_server(zone, moment)
    assert to_server(zone, moment + later) >= server
    assert to_utc(zone, server) <= moment
    assert to_server(zone, to_utc(zone, server)) == server


def test_an_unknown_zone_is_refused() -> None:
    for zone in ("mars", "utc+x"):
        with pytest.raises(UserMistake):
            offset(zone, 0)


def test_bars_of_the_skipped_hour_are_missing() -> None:
    change = utc(2025, 3, 9, 9)  # server time: 09:00 becomes 10:00
    assert skipped_hours("new_york_close", change - 86_400, change + 86_400) == [(change, change + 3_600)]
    api = connected(start=change - 600)
    api.sim_advance(3_600)
    times = api.copy_rates_from_pos("BTCUSD", api.TIMEFRAME_M1, 0, 80)["time"]
    assert api.sim_state()["server_time"] == change - 600 + 7_200
    assert not ((times >= change) & (times < change + 3_600)).any()
    assert change - 60 in times


def test_in_the_repeated_hour_the_feed_rests() -> None:
    change = utc(2025, 11, 2, 9)
    api = connected(start=change - 600)
    api.sim_advance(600 + 1_800)
    assert api.sim_state()["server_time"] == change
    before = api.symbol_info_tick("BTCUSD")
    api.sim_advance(1_700)
    assert api.symbol_info_tick("BTCUSD") == before
    api.sim_advance(400)
    assert api.symbol_info_tick("BTCUSD").time > before.time


def test_a_stepped_clock_moves_by_hand_only() -> None:
    wall = FakeClock()
    api = build_terminal(clock=wall)
    wall.advance(1_000)
    assert api.sim_state()["server_time"] == DEFAULT_START
    assert api.sim_advance(90) == DEFAULT_START + 90
    assert api.sim_advance_to(DEFAULT_START + 60) == DEFAULT_START + 90
    assert api.sim_step_bar() == DEFAULT_START + 120


def test_an_accelerated_clock_runs_and_rests() -> None:
    wall = FakeClock()
    api = build_terminal(clock_mode="accelerated", speed=60, start=DEFAULT_START, clock=wall)
    api.initialize()
    wall.advance(10)
    assert api.sim_state()["server_time"] == DEFAULT_START + 600
    api.sim_set_speed(1_000)
    wall.advance(1)
    assert api.sim_state()["server_time"] == DEFAULT_START + 1_600
    api.sim_pause(True)
    wall.advance(100)
    assert api.sim_state()["server_time"] == DEFAULT_START + 1_600
    assert api.sim_state()["paused"] is True
    api.sim_pause(False)
    wall.advance(1)
    assert api.sim_state()["server_time"] == DEFAULT_START + 2_600
    for speed in (0, -1, 1_001):
        with pytest.raises(UserMistake):
            api.sim_set_speed(speed)
    with pytest.raises(UserMistake):
        api.sim_advance(1)


def test_a_computer_that_slept_does_not_wake_up_months_later() -> None:
    wall = FakeClock()
    api = build_terminal(clock_mode="accelerated", speed=1_000, start=DEFAULT_START, clock=wall)
    wall.advance(8 * 3_600)
    assert api.sim_state()["server_time"] == DEFAULT_START + 60_000


def test_a_jump_of_the_computers_clock_moves_nothing() -> None:
    wall = FakeClock()
    api = build_terminal(clock_mode="realtime", start=DEFAULT_START, clock=wall)
    wall.jump(86_400)
    wall.advance(5)
    assert api.sim_state()["server_time"] == DEFAULT_START + 5


def test_a_market_in_real_time_starts_now() -> None:
    wall = FakeClock()
    api = build_terminal(clock_mode="realtime", clock=wall)
    assert api.sim_state()["utc"] == wall.now()
    assert api.sim_state()["server_time"] == int(wall.now()) + 3 * 3_600


@pytest.mark.parametrize(
    ("speed", "away", "gone"), [(1.0, 3_600, 3_600), (1.0, 30 * 86_400, 7 * 86_400), (60.0, 3_600, 0)]
)
def test_at_speed_one_the_market_catches_up(speed: float, away: int, gone: int) -> None:
    wall, kept = FakeClock(), []
    api = build_terminal(
        clock_mode="accelerated", speed=speed, start=DEFAULT_START, clock=wall, save=kept.append
    )
    api.initialize()
    api.symbol_select("EURUSD")
    deal(api, "EURUSD", "buy", 0.1)
    api.shutdown()
    wall.advance(away)
    again = build_terminal(clock_mode="accelerated", speed=speed, snapshot=kept[-1], clock=wall)
    again.initialize()
    assert again.sim_state()["server_time"] == DEFAULT_START + gone
    assert again.positions_total() == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"start": 5},
        {"clock_mode": "backwards"},
        {"profile": "Nobody"},
        {"symbols": ["NOPE"]},
        {"account": 5},
        {"ticks_per_bar": 3},
        {"overrides": {"wings": 2}},
        {"overrides": {"account": {"wings": 2}}},
        {"overrides": {"symbols": {"EURUSD": {"wings": 2}}}},
        {"overrides": {"symbols": {"NOPE": {"digits": 2}}}},
        {"overrides": {"symbols": {"EURUSD": {"trade_calc_mode": 64}}}},
        {"overrides": {"always_open": False, "symbols": {"EURUSD": {"sessions": "monday"}}}},
    ],
)
def test_wrong_starts_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(UserMistake):
        build_terminal(**wrong)
