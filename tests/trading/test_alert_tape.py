"""A tape of known crossings on the stepped simulator: each kind of alert fires exactly so often, across a restart too."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from qbx_desktop.broker.client import TerminalClient
from qbx_desktop.broker.spec import TerminalSpec
from qbx_desktop.broker.terminal import Terminal
from qbx_desktop.broker.transports import InlineTransport
from qbx_desktop.data import history, users, watch_alerts, watchlist
from qbx_desktop.data.database import Database
from qbx_desktop.data.home import Home
from qbx_desktop.domain.alerts import (
    BarShows,
    Is,
    MovesPercent,
    Often,
    PriceReaches,
    Schedule,
    Since,
    SpreadReaches,
    Value,
    Way,
)
from qbx_desktop.domain.bars import Bars
from qbx_desktop.domain.events import Notice
from qbx_desktop.domain.timeframe import Timeframe
from qbx_desktop.simulator.terminal import build_terminal
from qbx_desktop.trading.quotes import QuoteDesk
from tests.fakes.clock import FakeClock

MONDAY = 1_748_822_400
WARM, LENGTH = 600, 180  # minutes before the desk is opened, and of the tape
LOW, HIGH, LINE = 1.0900, 1.1100, 1.1000
# Minutes of the tape at which the price jumps to the other side.
JUMPS = (7, 13, 21, 22, 40, 61, 62, 63, 90, 121, 140, 155, 171)
WIDE = range(30, 35), range(100, 101), range(150, 170)
END = 100


def levels() -> list[float]:
    return [HIGH if sum(jump <= minute for jump in JUMPS) % 2 else LOW for minute in range(LENGTH)]


def spreads() -> list[int]:
    return [40 if any(minute in each for each in WIDE) else 10 for minute in range(LENGTH)]


def tape() -> Bars:
    price = np.array([LOW] * WARM + levels() + levels()[-1:] * 30)
    spread = np.array([10] * WARM + spreads() + [10] * 30)
    time = MONDAY + 60 * np.arange(len(price))
    return Bars.from_prices(time, price, price, price, price, spread=spread)


def at(minute: int) -> int:
    return MONDAY + 60 * (WARM + minute)


NUMBER = Value("number", (LINE,))
CLOSE_ABOVE = BarShows(Timeframe.M5, Value("close"), Is.ABOVE, NUMBER)
CLOSE_CROSSES = BarShows(Timeframe.M5, Value("close"), Is.CROSSES_UP, NUMBER)
SMA_CROSSES = BarShows(Timeframe.M5, Value("close"), Is.CROSSES_DOWN, Value("sma", (3,)))
EACH, PER_BAR = Schedule(Often.EACH), Schedule(Often.PER_BAR)
UP, DOWN = PriceReaches(LINE, Way.UP), PriceReaches(LINE, Way.DOWN)
ALERTS: dict[str, tuple[Any, Schedule]] = {
    "up": (UP, EACH),
    "down": (DOWN, EACH),
    "either": (PriceReaches(LINE), EACH),
    "once": (DOWN, Schedule()),
    "per bar": (UP, Schedule(Often.PER_BAR, Timeframe.M30)),
    "at most two": (UP, Schedule(Often.EACH, most=2)),
    "pause": (UP, Schedule(Often.EACH, pause=1_800)),
    "ends": (UP, EACH),
    "percent of a price": (MovesPercent(1.0, Way.UP, Since.PRICE, LOW), EACH),
    "within minutes": (MovesPercent(1.0, Way.UP, Since.MINUTES, 10), EACH),
    "spread": (SpreadReaches(30, Way.UP), EACH),
    "spread falls": (SpreadReaches(20, Way.DOWN), EACH),
    "close above": (CLOSE_ABOVE, PER_BAR),
    "close crosses": (CLOSE_CROSSES, PER_BAR),
    "close crosses its mean": (SMA_CROSSES, PER_BAR),
    "close above once": (CLOSE_ABOVE, Schedule()),
}


def expected() -> Counter[str]:
    """Counted from the jumps themselves, by another way than the program's."""
    ups = [jump for number, jump in enumerate(JUMPS) if number % 2 == 0]
    downs = [jump for number, jump in enumerate(JUMPS) if number % 2 == 1]
    found = Counter({"up": len(ups), "down": len(downs), "either": len(JUMPS), "once": 1, "at most two": 2})
    found["per bar"] = len({at(jump) // 1_800 for jump in ups})
    last = -10_000
    for jump in ups:
        if jump - last >= 30:
            found["pause"], last = found["pause"] + 1, jump
    found["ends"] = sum(jump < END for jump in ups)
    found["percent of a price"] = len(ups)
    whole = [LOW] * 600 + levels()
    near = [min(whole[place - 9 : place + 1]) for place in range(600 - 1, len(whole))]
    risen = [price >= 1.01 * low for price, low in zip(whole[599:], near, strict=True)]
    found["within minutes"] = sum(now and not before for before, now in pairwise(risen))
    wide = [each >= 30 for each in [10, *spreads()]]
    found["spread"] = sum(now and not before for before, now in pairwise(wide))
    found["spread falls"] = sum(before and not now for before, now in pairwise(wide))
    closes = levels()[4::5]
    found["close above"] = sum(each > LINE for each in closes)
    found["close crosses"] = sum(a < LINE < b for a, b in pairwise([LOW, *closes]))
    run = [LOW] * 3 + closes
    under = [run[n] < sum(run[n - 2 : n + 1]) / 3 - 1e-12 for n in range(2, len(run))]
    found["close crosses its mean"] = sum(now and not before for before, now in pairwise(under))
    found["close above once"] = 1
    return found


class Stage:
    """One installation on one stepped market."""

    def __init__(self, home: Path) -> None:
        self.clock = FakeClock()
        bars = tape()
        self.api = build_terminal(
            clock=self.clock, bars={"EURUSD": bars}, symbols=["EURUSD"], start=at(-1), path="backtest"
        )
        spec = TerminalSpec(clock_mode="stepped", speed=1.0, halt_file=home / "HALT", demo_only=False)
        self.terminal = Terminal(
            TerminalClient(InlineTransport(self.api, spec), clock=self.clock), clock=self.clock
        )
        self.terminal.open()
        self.db = Database.open(Home(home).prepare().database, clock=self.clock)
        self.user = self.db.write(users.ensure_practice_user)
        self.texts: list[str] = []
        self.desk = self._new_desk()

    def _new_desk(self) -> QuoteDesk:
        return QuoteDesk(self.db, self.terminal, self.clock, self.user)

    def set_alerts(self, names: list[str]) -> None:
        def job(con: Any) -> None:
            for name in names:
                condition, schedule = ALERTS[name]
                if name == "ends":
                    end = round(self.clock.now() * 1000) + 60_000 * (END + 1)
                    schedule = Schedule(Often.EACH, expires_ms=end)
                watch_alerts.add(con, self.user, "EURUSD", condition, schedule, at_ms=1, notes=name)

        self.db.write(job)

    def go(self, seconds: int, *, watched: bool = True, step: int = 15) -> None:
        """Let time pass, a look every step while watched."""
        for _ in range(0, seconds, step):
            self.api.sim_advance(step)
            self.clock.advance(step)
            if watched:
                self.poll()

    def poll(self) -> None:
        events = self.desk.poll(self.clock.monotonic())
        self.texts += [each.message.text for each in events if isinstance(each, Notice)]

    def restart(self, *, closed: bool) -> None:
        """A new process on the same files: after an orderly end, or after a crash."""
        if closed:
            self.desk.close()
        self.db.write(lambda con: None)
        self.desk = self._new_desk()

    def hits(self) -> Counter[str]:
        found = watch_alerts.list_alerts(self.db.reader(), self.user)
        return Counter({each.notes: each.state.hits for each in found})

    def told(self) -> int:
        return len(history.page(self.db.reader(), action="ALERT", limit=1_000))


@pytest.fixture
def stage(home: Path) -> Iterator[Stage]:
    made = Stage(home)
    yield made
    made.db.close()
    made.terminal.close()


@pytest.mark.parametrize("restarts", [(), (0, 8, 62, 151), tuple(range(3, LENGTH, 9))])
def test_a_tape_of_known_crossings_fires_each_kind_exactly_the_right_number_of_times(
    stage: Stage, restarts: tuple[int, ...]
) -> None:
    stage.set_alerts(list(ALERTS))
    stage.poll()
    stage.go(60)
    for minute in range(LENGTH):
        stage.go(60)
        if minute in restarts:
            stage.restart(closed=True)
    assert stage.hits() == expected()
    # Each firing is told once, in the history and as a notice.
    assert (stage.told(), len(stage.texts)) == (expected().total(), expected().total())


def test_a_crash_between_two_looks_fires_nothing_twice(stage: Stage) -> None:
    stage.set_alerts(["up", "once", "close above", "spread"])
    stage.poll()
    stage.go(60)
    for minute in range(60):
        stage.go(60)
        if minute % 7 == 0:
            stage.restart(closed=False)
    hits = stage.hits()
    counted = {"up": 3, "once": 1, "spread": 1}
    assert {name: hits[name] for name in counted} == counted
    assert hits["close above"] == sum(each > LINE for each in levels()[4:60:5])


def test_what_happened_while_closed_is_said_once_with_its_time(stage: Stage) -> None:
    stage.set_alerts(["up", "once", "close above", "close above once", "at most two"])
    stage.poll()
    stage.go(60 * 3)
    stage.desk.close()
    stage.go(60 * 60, watched=False)
    stage.restart(closed=False)
    stage.go(60)
    assert stage.hits() == {"up": 1, "once": 1, "close above": 5, "close above once": 1, "at most two": 1}
    texts = sorted(stage.texts)
    first = at(7)
    clock = f"{first % 86_400 // 3_600:02}:{first % 3_600 // 60:02}"
    assert len(texts) == 5
    assert all("While you were away" in each for each in texts)
    assert sum(f"EURUSD crossed up 1.10000 at {clock} server time" in each for each in texts) == 2
    # Bars that closed high: those of minutes 5 to 9 and 40 to 59.
    assert sum("at the close of 5 bars of EURUSD M5" in each for each in texts) == 1
    stage.go(60 * 2)
    assert len(stage.texts) == 5


def test_an_alert_that_ended_while_closed_still_tells_what_came_before_its_end(stage: Stage) -> None:
    def job(con: Any) -> None:
        now = round(stage.clock.now() * 1000)
        for name, minutes in (("in time", 15), ("too late", 5)):
            schedule = Schedule(expires_ms=now + 60_000 * minutes)
            watch_alerts.add(con, stage.user, "EURUSD", UP, schedule, at_ms=1, notes=name)

    stage.db.write(job)
    stage.poll()
    stage.go(60)
    stage.desk.close()
    stage.go(60 * 40, watched=False)
    stage.restart(closed=False)
    stage.go(60)
    assert stage.hits() == {"in time": 1, "too late": 0}
    assert watch_alerts.armed_alerts(stage.db.reader()) == []


def test_an_alert_switched_off_changed_or_removed_while_running_is_left_alone(stage: Stage) -> None:
    stage.set_alerts(["up", "down", "close above"])
    stage.poll()
    stage.go(60)
    found = {each.notes: each for each in watch_alerts.list_alerts(stage.db.reader(), stage.user)}
    stage.db.write(lambda con: watch_alerts.switch(con, [found["up"]], False, 2))
    stage.db.write(lambda con: watch_alerts.remove(con, found["down"]))
    # The desk has not read the list again: what it stores of them must not bring them back, nor be told.
    stage.go(60 * 20)
    assert stage.hits() == {"up": 0, "close above": 1}
    assert len(stage.texts) == 1
    stage.desk.reload_alerts()
    stage.db.write(lambda con: watch_alerts.switch(con, [found["up"]], True, 3))
    stage.go(60 * 10)
    assert stage.hits()["up"] == 1


def test_an_alert_on_a_symbol_without_prices_stops_no_other(stage: Stage) -> None:
    stage.set_alerts(["up"])
    stage.db.write(
        lambda con: watch_alerts.add(con, stage.user, "NOSUCH", CLOSE_ABOVE, PER_BAR, at_ms=1, notes="none")
    )
    stage.poll()
    stage.go(60 * 10)
    assert stage.hits() == {"up": 1, "none": 0}
    assert {each.symbol for each in watchlist.list_entries(stage.db.reader(), stage.user)} == {
        "EURUSD",
        "NOSUCH",
    }


def test_bars_that_closed_while_the_link_was_lost_are_one_sentence(stage: Stage) -> None:
    stage.set_alerts(["close above"])
    stage.poll()
    stage.go(60 * 12)
    stage.go(60 * 60, watched=False)
    stage.go(60)
    assert stage.hits() == {"close above": 5}
    assert ["EURUSD M5: Close was above 1.1 at the close of" in each for each in stage.texts] == [True, True]
    assert "at the close of 4 bars" in stage.texts[1]


def test_what_was_told_before_a_crash_is_not_told_again_after_it(stage: Stage) -> None:
    stage.set_alerts(["up", "down"])
    stage.poll()
    stage.go(60 * 3)
    stage.desk._saved_at = float("inf")  # nothing but the firings is stored from here on
    stage.go(60 * 13)
    assert stage.hits() == {"up": 1, "down": 1}
    stage.restart(closed=False)
    stage.go(60 * 3)
    assert stage.hits() == {"up": 1, "down": 1}
    assert len(stage.texts) == 2
