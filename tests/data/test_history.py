"""The history: pages by key that meet every row once, filters that narrow, notifications read once."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qbx_desktop.data import bots, history, watchlist
from qbx_desktop.data.database import Database
from qbx_desktop.data.home import Home
from qbx_desktop.domain.errors import PLAIN

from .conftest import a_bot


def test_what_happened_is_kept_as_data_so_that_it_can_change_language(db: Database, bot_id: int) -> None:
    message = watchlist.ADDED(symbol="EURUSD", alert_price=1.5)
    row_id = db.log(
        bot_id=bot_id, action="POSISI DIBUKA", message=message, ts_ms=1_750_000_000_123, is_notification=True,
        level="good", topic="fill",
    ).result()  # fmt: skip
    row = history.get(db.reader(), row_id)
    assert row is not None
    assert row.message == message
    assert (row.details, row.timestamp, row.ts_ms) == (
        "Symbol EURUSD added with alert 1.5", "2025-06-15 15:06:40", 1_750_000_000_123,
    )  # fmt: skip
    assert (row.bot_name, row.symbol, row.level, row.topic, row.seq) == ("Trend", "EURUSD", "good", "fill", 1)
    assert history.get(db.reader(), 999) is None


def test_a_row_of_the_predecessor_says_its_own_text(db: Database, bot_id: int) -> None:
    db.write(
        lambda con: con.execute(
            "INSERT INTO trade_history (bot_id, action, details) VALUES (?, 'INFO', 'lama')", (bot_id,)
        )
    )
    (row,) = history.page(db.reader())
    assert (row.message.text, row.ts_ms, row.code) == ("lama", None, None)


ROW = st.tuples(
    st.sampled_from([None, 1, 2]), st.sampled_from(["INFO", "START", "POSISI DIBUKA"]),
    st.sampled_from(["plain", "50% of_all\\", "say 'x'", "ümlaut"]), st.booleans(),
)  # fmt: skip


@settings(max_examples=20)
@given(
    rows=st.lists(ROW, max_size=25), size=st.integers(1, 7), bot=st.sampled_from([None, 1, 2]),
    action=st.sampled_from([None, "INFO"]), text=st.sampled_from([None, "%", "_", "'", "plain", "Ü"]),
)  # fmt: skip
def test_pages_meet_every_row_that_fits_once_newest_first(
    rows: list[tuple[int | None, str, str, bool]], size: int, bot: int | None, action: str | None, text: str | None,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:  # fmt: skip
    with Database.open(Home(tmp_path_factory.mktemp("pages")).database) as db:
        for name in "ab":
            db.write(lambda con, n=name: bots.create_bot(con, a_bot(name=n)))
        for bot_id, kind, details, told in rows:
            db.log(bot_id=bot_id, action=kind, message=PLAIN(text=details), is_notification=told)
        db.write(lambda _: None)
        expected = [
            number + 1
            for number, row in enumerate(rows)
            if bot in (None, row[0]) and action in (None, row[1]) and (text is None or text in row[2])
        ][::-1]
        con = db.reader()
        met: list[int] = []
        before = None
        while page := history.page(con, bot_id=bot, action=action, text=text, before_id=before, limit=size):
            met += [row.id for row in page]
            before = met[-1]
        assert met == expected
        assert history.count(con, bot_id=bot, action=action, text=text) == len(expected)
        newest = expected[0] if expected else len(rows)
        places = history.places(con, size, newest=newest, bot_id=bot, action=action, text=text)
        assert (places.total, list(places.firsts)) == (len(expected), expected[::size])
        told_ids = [number + 1 for number, row in enumerate(rows) if row[3]][::-1]
        assert [row.id for row in history.notifications(con)] == told_ids
        assert history.unread_count(con) == len(told_ids)
        assert history.newest_id(con) == len(rows)


@given(gone=st.sets(st.integers(1, 40), max_size=39), size=st.integers(1, 9), newest=st.integers(1, 45))
@settings(max_examples=30)
def test_places_are_right_with_and_without_holes(
    gone: set[int], size: int, newest: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    left = [number for number in range(40, 0, -1) if number not in gone and number <= newest]
    with Database.open(Home(tmp_path_factory.mktemp("places")).database) as db:

        def fill(con: sqlite3.Connection) -> None:
            for number in range(40):
                history.append(con, bot_id=None, action="INFO", message=PLAIN(text="x"), ts_ms=number)
            con.executemany("DELETE FROM trade_history WHERE id = ?", [(each,) for each in gone])

        db.write(fill)
        places = history.places(db.reader(), size, newest=newest)
        assert (places.total, list(places.firsts)) == (len(left), left[::size])


def test_marking_as_read_counts_what_changed(db: Database) -> None:
    ids = [
        db.log(bot_id=None, action="A", message=PLAIN(text="x"), is_notification=True).result()
        for _ in range(1_200)
    ]
    quiet = db.log(bot_id=None, action="A", message=PLAIN(text="x")).result()
    assert db.write(lambda con: history.mark_read(con, [])) == 0
    assert db.write(lambda con: history.mark_read(con, [*ids[:700], quiet, 999_999])) == 700
    assert db.write(lambda con: history.mark_read(con, ids[:700])) == 0
    assert history.unread_count(db.reader()) == 500
    assert db.write(lambda con: history.mark_read(con, None)) == 500


def test_notifications_by_topic(db: Database) -> None:
    for topic in ("fill", "alert", None):
        db.log(bot_id=None, action="A", message=PLAIN(text="x"), is_notification=True, topic=topic).result()
    assert [row.topic for row in history.notifications(db.reader(), topic="alert")] == ["alert"]
    assert len(history.notifications(db.reader(), before_id=3)) == 2


@pytest.mark.parametrize(("ask", "index"), [
    (lambda con: history.page(con), "SCAN h"),
    (lambda con: history.page(con, bot_id=1), "qbx_history_bot"),
    (lambda con: history.page(con, action="START"), "qbx_history_action"),
    (lambda con: history.page(con, symbol="EURUSD"), "qbx_history_symbol"),
    (lambda con: history.notifications(con), "qbx_history_notification"),
    (lambda con: history.unread_count(con), "qbx_history_unread"),
], ids=["page", "bot", "action", "symbol", "notifications", "unread"])  # fmt: skip
def test_each_list_goes_along_its_index_and_sorts_nothing(
    db: Database, ask: Callable[[sqlite3.Connection], object], index: str
) -> None:
    asked: list[str] = []
    con = db.order_connection()
    con.set_trace_callback(asked.append)
    ask(con)
    con.set_trace_callback(None)
    plan = " ".join(row[3] for row in con.execute("EXPLAIN QUERY PLAN " + asked[-1]).fetchall())
    con.close()
    assert index in plan
    assert "TEMP B-TREE" not in plan
