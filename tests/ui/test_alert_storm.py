"""A thousand alerts in one look at the market: each stored, each in the centre, and five balloons."""

from __future__ import annotations

from typing import Any

from PySide6.QtWidgets import QApplication

from qbx_desktop.data import history, watch_alerts
from qbx_desktop.data.database import Database
from qbx_desktop.domain.alerts import PriceReaches, Schedule, Way
from qbx_desktop.trading.quotes import QuoteDesk
from qbx_desktop.ui.icons import Icons
from qbx_desktop.ui.live import Live
from qbx_desktop.ui.models.notices_model import NoticesModel
from qbx_desktop.ui.notifier import MOST_BALLOONS, Notifier
from qbx_desktop.ui.settings import Settings
from qbx_desktop.ui.theme import Theme
from qbx_desktop.ui.words import Words
from qbx_desktop.workers.board import NoticeBoard
from tests.fakes.clock import FakeClock
from tests.fakes.tray import FakeTray
from tests.trading.test_quotes import PriceBoard

SYMBOLS = tuple(f"SYM{number:02}" for number in range(20))
PER_SYMBOL = 50


def test_a_thousand_events_in_a_second_stay_under_the_balloon_limit_and_none_is_missing_in_the_centre(
    qapp: QApplication, db: Database, board: NoticeBoard, live: Live, tray: FakeTray, theme: Theme, words: Words,
    icons: Icons, clock: FakeClock, context_user: int,
) -> None:  # fmt: skip
    centre = NoticesModel(words, theme, icons)
    beeps: list[int] = []
    settings = Settings({}, lambda key, value: None)
    notifier = Notifier(live, centre, tray, settings, words, clock, beep=lambda: beeps.append(1))

    def fill(con: Any) -> None:
        for symbol in SYMBOLS:
            for number in range(PER_SYMBOL):
                line = PriceReaches(1.1 + number / 10_000, Way.UP)
                watch_alerts.add(con, context_user, symbol, line, Schedule(), at_ms=1)

    db.write(fill)
    market = PriceBoard()
    desk = QuoteDesk(db, market, clock, context_user)  # type: ignore[arg-type]
    for bid in (1.09, 1.2):
        market.bids = dict.fromkeys(SYMBOLS, bid)
        clock.advance(1.0)
        market.time += 1
        for event in desk.poll(clock.monotonic()):
            board.happened.emit(event)
    total = len(SYMBOLS) * PER_SYMBOL
    assert centre.rowCount() == total == notifier._model.unread
    assert len({words.say(row.message) for row in centre.rows}) == total
    assert len(history.page(db.reader(), action="ALERT", limit=2 * total)) == total
    assert len(tray.messages) == MOST_BALLOONS
    assert len(beeps) == 1
    assert watch_alerts.armed_alerts(db.reader()) == []
