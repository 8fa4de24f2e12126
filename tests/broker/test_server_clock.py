"""The server's offset: believed only when fresh ticks agree, never guessed on a weekend."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from qbx_desktop.broker.server_clock import ServerClock

NOW = 1_750_000_000.0


def feed(clock: ServerClock, offset: int, start: float, ticks: int, lag: float = 0.4) -> bool:
    """Ticks of a server that is `offset` seconds ahead; True when the offset became known or changed."""
    news = False
    for step in range(ticks):
        now = start + step
        news |= clock.observe("EURUSD", int(now + offset - lag), now, now)
    return news


def test_three_fresh_ticks_prove_the_offset() -> None:
    clock = ServerClock()
    assert not feed(clock, 10_800, NOW, 3)
    assert clock.offset is None
    assert clock.observe("EURUSD", int(NOW) + 10_803, NOW + 3, NOW + 3)
    assert clock.offset is not None
    assert (clock.offset.seconds, clock.offset.proved) == (10_800, True)
    assert clock.server_time(NOW + 10, NOW + 10) == int(NOW) + 10_810


def test_a_weekend_is_never_guessed_from() -> None:
    clock = ServerClock()
    assert clock.server_time(NOW, NOW) is None
    for step in range(100):
        assert not clock.observe("EURUSD", int(NOW) - 86_400, NOW + step, NOW + step)
    assert clock.offset is None
    # All that is known is the last tick's own time.
    assert clock.server_time(NOW + 100, NOW + 100) == int(NOW) - 86_400


def test_what_was_stored_is_used_until_it_is_proved() -> None:
    clock = ServerClock(known=7200)
    assert clock.offset is not None
    assert clock.offset.proved is False
    assert clock.server_time(NOW, 0.0) == int(NOW) + 7200
    feed(clock, 7200, NOW, 5)
    assert clock.offset.proved is True


def test_daylight_saving_changes_it_after_three_agreeing_ticks_and_time_stands_still_meanwhile() -> None:
    clock = ServerClock()
    feed(clock, 10_800, NOW, 5)
    before = clock.server_time(NOW + 5, NOW + 5)
    assert not feed(clock, 7200, NOW + 5, 2)
    assert clock.offset is not None
    assert clock.offset.seconds == 10_800
    assert feed(clock, 7200, NOW + 7, 2)
    assert clock.offset.seconds == 7200
    later = clock.server_time(NOW + 10, NOW + 10)
    assert before is not None
    assert later is not None
    assert later >= before - 2
    assert clock.server_time(NOW + 7200, NOW + 7200) == int(NOW) + 14_400


def test_time_never_goes_back_below_a_tick() -> None:
    clock = ServerClock()
    feed(clock, 10_800, NOW, 5)
    assert clock.server_time(NOW - 3600, NOW + 5) == int(NOW + 4 + 10_800 - 0.4)


def test_a_wrong_clock_of_this_computer_is_told_apart() -> None:
    clock = ServerClock()
    feed(clock, 10_800 + 420, NOW, 10)
    assert clock.offset is None
    assert abs(clock.computer_clock_wrong_by) >= 400
    assert clock.server_time(NOW + 20, NOW + 20) == int(NOW + 9 + 11_220 - 0.4) + 11


@given(st.integers(-48, 56), st.floats(0.0, 5.0))
def test_every_zone_in_quarter_hours_is_found(quarters: int, lag: float) -> None:
    clock = ServerClock()
    feed(clock, quarters * 900, NOW, 10, lag)
    assert clock.offset is not None
    assert clock.offset.seconds == quarters * 900
