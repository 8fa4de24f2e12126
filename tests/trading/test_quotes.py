"""The quotes desk on a terminal whose prices a test sets: ticks, ages, alerts, and what was missed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from qbx_desktop.data import history, users, watch_alerts, watchlist
from qbx_desktop.data.database import Database
from qbx_desktop.data.home import Home
from qbx_desktop.domain.alerts import BarShows, Is, MovesPercent, PriceReaches, Schedule, Since, Value, Way
from qbx_desktop.domain.bars import Bars
from qbx_desktop.domain.errors import Temporary, UserMistake
from qbx_desktop.domain.events import HistoryAppended, Level, Notice, TickArrived, Topic
from qbx_desktop.domain.quotes import AlertFired, DayPrices, NoPrices, SymbolsKnown
from qbx_desktop.domain.records import AccountInfo, SymbolInfo, Tick
from qbx_desktop.domain.timeframe import Timeframe
from qbx_desktop.trading.quotes import QuoteDesk
from tests.fakes.clock import FakeClock

NOON = 1_750_075_200  # server time


class PriceBoard:
    """A terminal of which a test sets bid, time and bars."""

    def __init__(self) -> None:
        self.bids: dict[str, float] = {}
        self.time = NOON
        self.dead = False
        self.unwatched = Bars.empty()
        self.asked: list[tuple[Any, ...]] = []
        self.server = "Demo"
        self.selected: list[str] = []

    def account(self) -> AccountInfo:
        self._alive()
        return AccountInfo(server=self.server)

    def symbol_names(self) -> tuple[str, ...]:
        self._alive()
        return tuple(self.bids)

    def select(self, name: str) -> None:
        self._alive()
        self.selected.append(name)

    def symbol(self, name: str) -> SymbolInfo:
        if name not in self.bids:
            raise Temporary(f"{name} is unknown.")
        return SymbolInfo(name=name, digits=5, point=0.00001)

    def tick(self, name: str) -> Tick:
        self._alive()
        bid = self.bids[name]
        return Tick(time=self.time, bid=bid, ask=round(bid + 0.00013, 5), time_msc=self.time * 1000)

    def bars(self, symbol: str, timeframe: Timeframe, start: int, count: int) -> Bars:
        times = timeframe.open_of(self.time) + timeframe.seconds * np.arange(-count + 1, 1)
        prices = np.full(count, 1.0) + np.arange(count) / 100
        return Bars.from_prices(times, prices, prices, prices, prices)

    def bars_range(self, symbol: str, timeframe: Timeframe, time_from: int, time_to: int) -> Bars:
        self.asked.append((symbol, timeframe, time_from, time_to))
        return self.unwatched

    def _alive(self) -> None:
        if self.dead:
            raise Temporary("The terminal does not answer.")


@pytest.fixture
def db(home: Path) -> Iterator[Database]:
    database = Database.open(Home(home).prepare().database)
    yield database
    database.close()


@pytest.fixture
def user(db: Database) -> int:
    return db.write(users.ensure_practice_user)


@pytest.fixture
def board() -> PriceBoard:
    return PriceBoard()


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def desk(db: Database, board: PriceBoard, clock: FakeClock, user: int) -> QuoteDesk:
    return QuoteDesk(db, board, clock, user)  # type: ignore[arg-type]


def arm(
    db: Database, user: int, price: float, direction: str | None = "up", last: float | None = None
) -> int:
    def job(con: Any) -> int:
        entry = watchlist.add(con, user, "EURUSD", alert_price=price)
        watchlist.change(con, entry, user, alert_direction=direction, last_price=last)
        return entry

    return db.write(job)


def play(desk: QuoteDesk, board: PriceBoard, clock: FakeClock, bids: list[float]) -> list[Any]:
    """One poll per bid, a second apart; everything that happened."""
    events: list[Any] = []
    for bid in bids:
        board.bids["EURUSD"] = bid
        clock.advance(1.0)
        board.time += 1
        events += desk.poll(clock.monotonic())
    return events


def of(kind: type, events: list[Any]) -> list[Any]:
    return [each for each in events if isinstance(each, kind)]


def test_a_watched_symbol_is_selected_once_and_its_changes_announced(
    desk: QuoteDesk, board: PriceBoard, clock: FakeClock
) -> None:
    desk.watch("watchlist", frozenset({"EURUSD"}))
    events = play(desk, board, clock, [1.1, 1.1, 1.1, 1.10001])
    ticks = of(TickArrived, events)
    assert [each.tick.bid for each in ticks] == [1.1, 1.10001]
    assert (ticks[0].spread_points, ticks[0].digits, ticks[0].age) == (13, 5, 0.0)
    assert board.selected == ["EURUSD"]
    assert of(SymbolsKnown, events) == [SymbolsKnown(("EURUSD",))]


def test_a_price_that_stands_still_is_announced_with_its_age(
    desk: QuoteDesk, board: PriceBoard, clock: FakeClock
) -> None:
    desk.watch("watchlist", frozenset({"EURUSD"}))
    ticks = of(TickArrived, play(desk, board, clock, [1.1] * 12))
    assert [each.age for each in ticks] == [0.0, 5.0, 10.0]


def test_whoever_looks_later_is_told_at_once(desk: QuoteDesk, board: PriceBoard, clock: FakeClock) -> None:
    desk.watch("market watch", frozenset({"EURUSD"}))
    play(desk, board, clock, [1.1, 1.1])
    desk.watch("watchlist", frozenset({"EURUSD"}))
    events = play(desk, board, clock, [1.1])
    assert len(of(TickArrived, events)) == 1
    assert len(of(DayPrices, events)) == 1


def test_the_day_is_measured_from_the_close_before(
    desk: QuoteDesk, board: PriceBoard, clock: FakeClock
) -> None:
    desk.watch("watchlist", frozenset({"EURUSD"}))
    days = of(DayPrices, play(desk, board, clock, [1.1] * 3))
    assert len(days) == 1
    assert days[0].previous_close == 1.0
    assert len(days[0].closes) == 13  # midnight to noon


def test_one_unknown_symbol_does_not_stop_the_others(
    desk: QuoteDesk, board: PriceBoard, clock: FakeClock
) -> None:
    desk.watch("watchlist", frozenset({"EURUSD", "NOSUCH"}))
    events = play(desk, board, clock, [1.1, 1.2])
    assert [each.symbol for each in of(NoPrices, events)] == ["NOSUCH"]
    assert len(of(TickArrived, events)) == 2


def test_a_dead_terminal_is_the_links_problem(desk: QuoteDesk, board: PriceBoard, clock: FakeClock) -> None:
    desk.watch("watchlist", frozenset({"EURUSD"}))
    play(desk, board, clock, [1.1])
    board.dead = True
    for _ in range(2):
        with pytest.raises(Temporary):
            play(desk, board, clock, [1.1])
    board.dead = False
    assert of(TickArrived, play(desk, board, clock, [1.2]))


def test_u24_an_alert_fires_once_and_is_off(
    db: Database, desk: QuoteDesk, board: PriceBoard, clock: FakeClock, user: int
) -> None:
    entry = arm(db, user, 1.105)
    events = play(desk, board, clock, [1.10, 1.104, 1.106, 1.10, 1.106, 1.11])
    assert [(each.entry_id, each.price) for each in of(AlertFired, events)] == [(entry, 1.106)]
    notice = of(Notice, events)[0]
    assert (notice.topic, notice.level) == (Topic.ALERT, Level.WARNING)
    assert notice.message.text.startswith("EURUSD crossed up 1.10500; the price is 1.10600.")
    row = history.page(db.reader())[0]
    assert (row.id, row.action, row.symbol, row.is_notification) == (
        notice.history_id,
        "ALERT",
        "EURUSD",
        True,
    )
    assert of(HistoryAppended, events) == [HistoryAppended(row.id, None)]
    stored = watchlist.list_entries(db.reader(), user)[0]
    assert not stored.alert_armed
    assert stored.alert_hit_ms is not None


def test_u24_a_touch_from_the_wrong_side_is_silent(
    db: Database, desk: QuoteDesk, board: PriceBoard, clock: FakeClock, user: int
) -> None:
    arm(db, user, 1.105, "up")
    assert of(Notice, play(desk, board, clock, [1.11, 1.105, 1.11, 1.106])) == []


def test_an_alert_without_direction_takes_either_way(
    db: Database, desk: QuoteDesk, board: PriceBoard, clock: FakeClock, user: int
) -> None:
    arm(db, user, 1.105, None)
    notice = of(Notice, play(desk, board, clock, [1.11, 1.104]))[0]
    assert "crossed down" in notice.message.text


def test_an_alert_set_while_running_starts_at_the_next_price(
    db: Database, desk: QuoteDesk, board: PriceBoard, clock: FakeClock, user: int
) -> None:
    desk.watch("watchlist", frozenset({"EURUSD"}))
    play(desk, board, clock, [1.09])
    arm(db, user, 1.105, "up", last=1.09)
    desk.reload_alerts()
    assert of(Notice, play(desk, board, clock, [1.11, 1.12])) == []
    assert len(of(Notice, play(desk, board, clock, [1.10, 1.11]))) == 1


def test_an_alert_armed_again_does_not_fire_on_old_prices(
    db: Database, desk: QuoteDesk, board: PriceBoard, clock: FakeClock, user: int
) -> None:
    entry = arm(db, user, 1.105, "up")
    play(desk, board, clock, [1.10, 1.11, 1.10])
    db.write(lambda con: watchlist.change(con, entry, user, alert_price=1.105, alert_direction="down"))
    desk.reload_alerts()
    assert of(Notice, play(desk, board, clock, [1.10, 1.10])) == []


def test_u24_what_was_crossed_while_closed_is_said_once(
    db: Database, board: PriceBoard, clock: FakeClock, user: int
) -> None:
    arm(db, user, 1.105)
    desk = QuoteDesk(db, board, clock, user)  # type: ignore[arg-type]
    play(desk, board, clock, [1.10, 1.101])
    desk.close()
    board.time += 3_600
    again = QuoteDesk(db, board, clock, user)  # type: ignore[arg-type]
    notices = of(Notice, play(again, board, clock, [1.11, 1.10, 1.11]))
    assert [each.message.text.split(";")[0] for each in notices] == [
        "While you were away EURUSD crossed up 1.10500 by 13:00 server time"
    ]


def test_u24_a_spike_while_closed_is_found_in_the_bars(
    db: Database, board: PriceBoard, clock: FakeClock, user: int
) -> None:
    arm(db, user, 1.105)
    desk = QuoteDesk(db, board, clock, user)  # type: ignore[arg-type]
    play(desk, board, clock, [1.10])
    seen = board.time
    desk.close()
    board.time += 7_200
    before, inside = Timeframe.M1.open_of(seen), Timeframe.M1.next_open(seen)
    board.unwatched = Bars.from_prices(
        [before, inside, inside + 60], [1.10, 1.10, 1.104], [1.2, 1.106, 1.104], [1.1, 1.1, 1.1], [1.1, 1.104, 1.10]
    )  # fmt: skip
    again = QuoteDesk(db, board, clock, user)  # type: ignore[arg-type]
    (told,) = of(Notice, play(again, board, clock, [1.10, 1.10]))
    assert "crossed up 1.10500 at 12:01 server time" in told.message.text
    assert board.asked[0][:3] == ("EURUSD", Timeframe.M1, inside)


def test_nothing_crossed_while_closed_stays_silent_and_armed(
    db: Database, board: PriceBoard, clock: FakeClock, user: int
) -> None:
    arm(db, user, 1.105)
    desk = QuoteDesk(db, board, clock, user)  # type: ignore[arg-type]
    play(desk, board, clock, [1.10])
    desk.close()
    board.time += 7_200
    board.unwatched = Bars.from_prices([board.time - 60], [1.1], [1.1049], [1.1], [1.1])
    again = QuoteDesk(db, board, clock, user)  # type: ignore[arg-type]
    assert of(Notice, play(again, board, clock, [1.10])) == []
    assert len(of(Notice, play(again, board, clock, [1.106]))) == 1


def test_an_alert_that_cannot_be_stored_stays_armed_and_is_tried_again(
    db: Database,
    desk: QuoteDesk,
    board: PriceBoard,
    clock: FakeClock,
    user: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    arm(db, user, 1.105)
    play(desk, board, clock, [1.10])
    real = watchlist.mark_hit

    def full(*_: object) -> None:
        raise UserMistake("The disk is full.")

    monkeypatch.setattr(watchlist, "mark_hit", full)
    events = play(desk, board, clock, [1.106, 1.107])
    assert of(AlertFired, events) == []
    assert [each.level for each in of(Notice, events)] == [Level.PROBLEM]
    assert history.page(db.reader()) == []
    monkeypatch.setattr(watchlist, "mark_hit", real)
    assert len(of(AlertFired, play(desk, board, clock, [1.107]))) == 1


def test_a_crash_forgets_little(db: Database, board: PriceBoard, clock: FakeClock, user: int) -> None:
    arm(db, user, 1.105)
    desk = QuoteDesk(db, board, clock, user)  # type: ignore[arg-type]
    play(desk, board, clock, [1.10] + [1.101] * 17)
    db.write(lambda con: None)  # whatever the desk handed over before is committed now
    assert watchlist.list_entries(db.reader(), user)[0].last_price == 1.101


def test_another_users_alert_is_left_alone(
    db: Database, board: PriceBoard, clock: FakeClock, user: int
) -> None:
    arm(db, user, 1.105)
    desk = QuoteDesk(db, board, clock, user + 1)  # type: ignore[arg-type]
    assert of(Notice, play(desk, board, clock, [1.10, 1.11])) == []


def test_bars_that_cannot_be_read_hold_up_neither_prices_nor_other_alerts(
    db: Database,
    desk: QuoteDesk,
    board: PriceBoard,
    clock: FakeClock,
    user: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shows = BarShows(Timeframe.M1, Value("close"), Is.ABOVE, Value("number", (0.5,)))
    within = MovesPercent(1.0, Way.UP, Since.MINUTES, 5)
    for condition in (shows, within, PriceReaches(1.105, Way.UP)):
        db.write(lambda con, each=condition: watch_alerts.add(con, user, "EURUSD", each, Schedule(), at_ms=1))
    real, asked = board.bars, []

    def refuse(symbol: str, timeframe: Timeframe, start: int, count: int) -> Bars:
        asked.append(timeframe)
        if timeframe is Timeframe.M1:
            raise Temporary("The terminal is loading its history.")
        return real(symbol, timeframe, start, count)

    monkeypatch.setattr(board, "bars", refuse)
    events = play(desk, board, clock, [1.10, 1.104, 1.106] + [1.106] * 20)
    assert len(of(AlertFired, events)) == 1
    assert of(NoPrices, events) == []
    assert len(of(TickArrived, events)) > 4
    assert asked.count(Timeframe.M1) == 1, "not asked for again every second"
    monkeypatch.setattr(board, "bars", real)
    board.time += 60
    told = of(AlertFired, play(desk, board, clock, [1.106] * 80))
    assert len(told) == 1, "the bar's condition, once its bars can be read"


def test_prices_of_another_server_were_not_crossed_on_this_one(
    db: Database, board: PriceBoard, clock: FakeClock, user: int
) -> None:
    arm(db, user, 1.105)
    db.write(
        lambda con: watch_alerts.add(con, user, "EURUSD", PriceReaches(1.105, Way.UP), Schedule(), at_ms=1)
    )
    desk = QuoteDesk(db, board, clock, user)  # type: ignore[arg-type]
    play(desk, board, clock, [1.02, 1.03])
    desk.close()
    board.server, board.time = "Real", board.time + 7_200
    again = QuoteDesk(db, board, clock, user)  # type: ignore[arg-type]
    assert of(Notice, play(again, board, clock, [1.20, 1.21, 1.10])) == []
    assert len(of(Notice, play(again, board, clock, [1.11]))) == 2
