"""A predecessor's file is opened on a copy; nothing of it is lost, and none of its bots trades before it was asked."""

from __future__ import annotations

import random
import sqlite3
import string
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from werkzeug.security import generate_password_hash

from qbx_desktop.data import bots, history, legacy, users
from qbx_desktop.data.database import Database
from qbx_desktop.data.errors import DbDamaged, DbForeign, DbNewer
from qbx_desktop.data.home import Home
from qbx_desktop.domain.bots import SizingMode, StopMode
from qbx_desktop.domain.errors import QbxError, UserMistake
from tests.fakes.clock import FakeClock
from tests.upgrade.shapes import build, content


def imported(source: Path, folder: Home, **options: bool) -> legacy.ImportReport:
    return legacy.import_database(source, folder, clock=FakeClock(), **options)


def test_the_original_stays_byte_identical(folder: Home, tmp_path: Path) -> None:
    source = build("v0_upstream", tmp_path / "old.db")
    before = source.read_bytes()
    imported(source, folder)
    assert source.read_bytes() == before
    assert {path.name for path in tmp_path.iterdir() if path.name.startswith("old.db")} == {"old.db"}


def test_the_report_tells_all_of_it(folder: Home, tmp_path: Path) -> None:
    source = build("v0_upstream", tmp_path / "old.db")
    con = sqlite3.connect(source)
    con.execute("CREATE TRIGGER steal AFTER INSERT ON trade_history BEGIN DELETE FROM users; END")
    con.execute("CREATE VIEW seen AS SELECT * FROM users")
    con.execute(
        "UPDATE users SET password_hash = ?", (generate_password_hash("admin", "pbkdf2:sha256:1000"),)
    )
    con.commit()
    con.close()
    report = imported(source, folder)
    assert report.rows == {"users": 1, "bots": 3, "trade_history": 4, "backtest_results": 1, "watchlist": 0}
    assert report.legacy_bots == ("2 Euro", "3 Gold", "5 Broken")
    assert report.changed_status == {"3 Gold": "Berhenti"}
    assert "lot_size" in report.config_errors["5 Broken"]
    assert report.orphans == 2
    assert report.must_change_password == (1,)
    assert set(report.removed_triggers_and_views) == {"trigger steal", "view seen"}
    assert report.unknown_tables == ("ai_mentor_reports", "daily_trading_data", "trading_sessions")
    assert report.unknown_columns == ("trade_history.mood",)


def test_no_bot_can_start_before_its_meaning_was_chosen(folder: Home, tmp_path: Path) -> None:
    imported(build("v0_seed", tmp_path / "old.db"), folder)
    with Database.open(folder.database) as db:
        assert [bot.is_startable for bot in bots.list_bots(db.reader())] == [False, False, False]
        euro = db.write(lambda con: legacy.choose_meaning(con, 2, SizingMode.FIXED_LOT, StopMode.PIPS, 1))
        assert euro.is_startable
        assert (euro.sizing.lots, euro.stop_loss.value) == (0.01, 100)
        with pytest.raises(UserMistake, match=r"1\.5"):
            db.write(lambda con: legacy.choose_meaning(con, 3, SizingMode.FIXED_LOT, StopMode.PIPS, 1))
        gold = db.write(
            lambda con: legacy.choose_meaning(con, 3, SizingMode.RISK_PERCENT, StopMode.ATR_MULT, 1)
        )
        assert gold.is_startable
        assert (gold.sizing.risk_percent, gold.stop_loss.value, gold.take_profit.value) == (1.0, 1.5, 3.0)
        broken = bots.get_bot(db.reader(), 5)
        assert broken is not None
        assert not broken.is_startable
        with pytest.raises(UserMistake):
            db.write(lambda con: legacy.choose_meaning(con, 2, SizingMode.LEGACY_UNSET, StopMode.PIPS, 1))
        with pytest.raises(UserMistake):
            db.write(lambda con: legacy.choose_meaning(con, 99, SizingMode.FIXED_LOT, StopMode.PIPS, 1))


def test_notifications_enter_the_history_once_and_their_table_stays(folder: Home, tmp_path: Path) -> None:
    imported(build("v0_notifications", tmp_path / "old.db"), folder)
    with Database.open(folder.database) as db:
        rows = [row for row in history.notifications(db.reader()) if row.action == "NOTIFICATION"]
        assert [(row.details, row.bot_id, row.orphan_bot_id, row.is_read) for row in rows] == [
            ("of a deleted bot", None, 4, True),
            ("POSISI DIBUKA BUY 0.01", 2, None, False),
        ]
        assert db.reader().execute("SELECT count(*) FROM notifications").fetchone()[0] == 2


def test_a_watchlist_without_its_user_gets_one(folder: Home, tmp_path: Path) -> None:
    report = imported(build("v0_seed_watchlist", tmp_path / "old.db"), folder)
    assert report.recovered_users == (7,)
    with Database.open(folder.database) as db:
        assert {user.email for user in users.list_users(db.reader())} == {
            "admin@quantumbotx.com", "recovered-7@localhost",
        }  # fmt: skip


def test_committed_rows_in_a_hot_log_come_along(folder: Home, tmp_path: Path) -> None:
    source = build("v0_seed", tmp_path / "old.db")
    con = sqlite3.connect(source)
    con.execute("PRAGMA journal_mode = WAL")
    con.executemany("INSERT INTO trade_history (bot_id, action) VALUES (2, ?)", [("INFO",)] * 500)
    con.commit()
    report = imported(source, folder)
    con.close()
    assert report.rows["trade_history"] == 504


def test_a_present_database_with_content_is_not_replaced_unasked(folder: Home, tmp_path: Path) -> None:
    with Database.open(folder.database) as db:
        db.log(bot_id=None, action="INFO", message=legacy._CHOSEN(what="mine")).result()
    source = build("v0_seed", tmp_path / "old.db")
    before = content(folder.database)
    with pytest.raises(UserMistake, match="--replace"):
        imported(source, folder)
    assert content(folder.database) == before
    imported(source, folder, replace=True)
    (aside,) = folder.root.glob("before-import-*/bots.db")
    assert content(aside) == before


@pytest.mark.parametrize(
    ("make", "kind"),
    [
        (lambda path: path.touch(), DbDamaged),
        (lambda path: path.write_bytes(b"MZ" * 1000), DbDamaged),
        (lambda path: pragma(path, "user_version = 7"), DbForeign),
        (lambda path: pragma(path, "application_id = 7"), DbForeign),
        (
            lambda path: (pragma(path, f"application_id = {0x51425844}"), pragma(path, "user_version = 99")),
            DbNewer,
        ),
        (lambda path: None, UserMistake),
    ],
    ids=["empty", "rubbish", "foreign number", "foreign mark", "newer", "missing"],
)
def test_what_is_not_ours_is_refused_and_nothing_changes(
    make: object, kind: type[QbxError], folder: Home, tmp_path: Path
) -> None:
    source = tmp_path / "old.db"
    make(source)  # type: ignore[operator]
    with pytest.raises(kind):
        imported(source, folder)
    assert not folder.database.exists()
    assert not list(folder.root.glob(".import-*"))


def pragma(path: Path, text: str) -> None:
    con = sqlite3.connect(path)
    con.execute("CREATE TABLE IF NOT EXISTS t (x)")
    con.execute(f"PRAGMA {text}")
    con.commit()
    con.close()


CELL = st.one_of(
    st.none(), st.integers(-(2**63), 2**63 - 1), st.floats(), st.binary(max_size=20),
    st.text(st.characters(codec="utf-8"), max_size=20), st.sampled_from(["Aktif", "", "NaN", "-1", "1e999", "'; DROP TABLE bots;--"]),
)  # fmt: skip
NAME = st.text(string.ascii_letters + " \"'-é", min_size=1, max_size=8)


@settings(max_examples=10)
@given(data=st.data())
def test_any_values_in_any_column_are_imported_or_refused_whole(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    any_values(data, tmp_path_factory)


@pytest.mark.long
@pytest.mark.timeout(3600)
@settings(max_examples=1_000)
@given(data=st.data())
def test_a_thousand_files_with_any_values(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    any_values(data, tmp_path_factory)


def any_values(data: st.DataObject, tmp_path_factory: pytest.TempPathFactory) -> None:
    place = tmp_path_factory.mktemp("fuzz")
    folder = Home(place / "home").prepare()
    source = place / "old.db"
    con = sqlite3.connect(source)
    con.executescript("CREATE TABLE users (id INTEGER PRIMARY KEY, name, email, password_hash);")
    extra = data.draw(NAME, "extra column")
    con.execute(
        "CREATE TABLE bots (id INTEGER PRIMARY KEY, name, market, status, lot_size, sl_pips, tp_pips, timeframe,"
        f' check_interval_seconds, strategy, strategy_params, "{extra.replace(chr(34), chr(34) * 2)}")'
    ) if extra.lower() not in ("id", "name", "market", "status", "strategy") else con.execute(
        "CREATE TABLE bots (id INTEGER PRIMARY KEY, name, market, status, lot_size, strategy)"
    )
    con.execute(
        "CREATE TABLE trade_history (id INTEGER PRIMARY KEY, bot_id, timestamp, action, details, is_notification, is_read)"
    )
    con.execute(
        "CREATE TABLE watchlist (id INTEGER PRIMARY KEY, user_id, symbol, added_date, notes, alert_price)"
    )
    for table in ("users", "bots", "trade_history", "watchlist"):
        width = len(con.execute(f"PRAGMA table_info({table})").fetchall()) - 1
        for _ in range(data.draw(st.integers(0, 3), f"rows of {table}")):
            values = data.draw(st.lists(CELL, min_size=width, max_size=width))
            con.execute(f"INSERT INTO {table} VALUES (NULL, {', '.join('?' * width)})", values)
    con.commit()
    con.close()
    before = content(source)
    try:
        imported(source, folder)
    except QbxError:
        assert not folder.database.exists()
        return
    with Database.open(folder.database) as db:
        found = bots.list_bots(db.reader())
        assert not any(bot.is_startable for bot in found)
        history.page(db.reader())
        for user in users.list_users(db.reader()):
            assert isinstance(user.name, str)
    after = content(folder.database)
    for table in ("bots", "trade_history", "watchlist"):
        assert [row["id"] for row in before[table]] == [row["id"] for row in after[table]]


@pytest.mark.parametrize("seed", [306, *range(9)])
def test_a_damaged_file_is_imported_or_refused_but_never_crashes(
    seed: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    damaged_file(seed, tmp_path_factory)


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_a_thousand_damaged_files(tmp_path_factory: pytest.TempPathFactory) -> None:
    for seed in range(1_000):
        damaged_file(seed, tmp_path_factory)


def damaged_file(seed: int, tmp_path_factory: pytest.TempPathFactory) -> None:
    place = tmp_path_factory.mktemp("fuzz")
    folder = Home(place / "home").prepare()
    chance = random.Random(seed)
    content = bytearray(build("v0_upstream", place / "old.db").read_bytes())
    for _ in range(seed % 41):
        content[chance.randrange(len(content))] = chance.randrange(256)
    if seed % 3 == 1:
        del content[chance.randrange(len(content)) :]
    (place / "old.db").write_bytes(content)
    try:
        imported(place / "old.db", folder)
    except QbxError:
        assert not folder.database.exists()
    else:
        Database.open(folder.database).close()
