"""Every function, statement and example of the predecessor's document on its database layer, as documented.

Where it contradicts SQLite or the second document, the test's name says which of the two holds.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from werkzeug.security import check_password_hash

from qbx_desktop.cli import run
from qbx_desktop.data import bots, history, users
from qbx_desktop.data.database import Database
from qbx_desktop.data.errors import DbConstraint, DbDamaged
from qbx_desktop.data.queries import Queries


@pytest.fixture
def queries(db: Database) -> Queries:
    return Queries(db)


@pytest.fixture
def user_id(db: Database) -> int:
    return db.write(users.ensure_practice_user)


def add_bot(queries: Queries, name: str = "Bot") -> int:
    return queries.add_bot(name, "EURUSD", 0.01, 100, 200, "H1", 60, "MA_CROSSOVER")


def table(db: Database, name: str) -> list[tuple[str, str, int, str | None, int]]:
    return [tuple(row)[1:6] for row in db.reader().execute(f"PRAGMA table_info({name})")]


# --- Database Layer: schema ---------------------------------------------------------------------------------


def test_table_users(db: Database) -> None:
    assert table(db, "users") == [
        ("id", "INTEGER", 0, None, 1),
        ("name", "TEXT", 1, None, 0),
        ("email", "TEXT", 1, None, 0),
        ("password_hash", "TEXT", 1, None, 0),
        ("join_date", "DATETIME", 0, "CURRENT_TIMESTAMP", 0),
    ]


def test_table_bots(db: Database) -> None:
    assert table(db, "bots") == [
        ("id", "INTEGER", 0, None, 1),
        ("name", "TEXT", 1, None, 0),
        ("market", "TEXT", 1, None, 0),
        ("status", "TEXT", 1, "'Dijeda'", 0),
        ("lot_size", "REAL", 1, "0.01", 0),
        ("sl_pips", "INTEGER", 1, "100", 0),
        ("tp_pips", "INTEGER", 1, "200", 0),
        ("timeframe", "TEXT", 1, "'H1'", 0),
        ("check_interval_seconds", "INTEGER", 1, "60", 0),
        ("strategy", "TEXT", 1, None, 0),
        ("strategy_params", "TEXT", 0, None, 0),
    ]


def test_table_trade_history_with_bot_id_nullable_so_that_both_documents_hold(db: Database) -> None:
    assert table(db, "trade_history")[:7] == [
        ("id", "INTEGER", 0, None, 1),
        ("bot_id", "INTEGER", 0, None, 0),
        ("timestamp", "DATETIME", 0, "CURRENT_TIMESTAMP", 0),
        ("action", "TEXT", 1, None, 0),
        ("details", "TEXT", 0, None, 0),
        ("is_notification", "INTEGER", 1, "0", 0),
        ("is_read", "INTEGER", 1, "0", 0),
    ]
    link = db.reader().execute("PRAGMA foreign_key_list(trade_history)").fetchone()
    assert (link["table"], link["from"], link["to"], link["on_delete"]) == ("bots", "bot_id", "id", "CASCADE")


def test_table_backtest_results(db: Database) -> None:
    assert table(db, "backtest_results") == [
        ("id", "INTEGER", 0, None, 1),
        ("timestamp", "DATETIME", 0, "CURRENT_TIMESTAMP", 0),
        ("strategy_name", "TEXT", 1, None, 0),
        ("data_filename", "TEXT", 1, None, 0),
        ("total_profit_usd", "REAL", 1, None, 0),
        ("total_trades", "INTEGER", 1, None, 0),
        ("win_rate_percent", "REAL", 1, None, 0),
        ("max_drawdown_percent", "REAL", 1, None, 0),
        ("wins", "INTEGER", 1, None, 0),
        ("losses", "INTEGER", 1, None, 0),
        ("equity_curve", "TEXT", 0, None, 0),
        ("trade_log", "TEXT", 0, None, 0),
        ("parameters", "TEXT", 0, None, 0),
    ]


def test_table_watchlist(db: Database) -> None:
    assert table(db, "watchlist")[:6] == [
        ("id", "INTEGER", 0, None, 1),
        ("user_id", "INTEGER", 1, None, 0),
        ("symbol", "TEXT", 1, None, 0),
        ("added_date", "DATETIME", 0, "CURRENT_TIMESTAMP", 0),
        ("notes", "TEXT", 0, None, 0),
        ("alert_price", "REAL", 0, None, 0),
    ]


@pytest.mark.parametrize(
    ("index", "owner", "columns"),
    [
        ("idx_trade_history_bot_id", "trade_history", ["bot_id"]),
        ("idx_trade_history_notification", "trade_history", ["is_notification", "is_read", "timestamp"]),
        ("idx_bots_status", "bots", ["status"]),
        ("idx_backtest_results_timestamp", "backtest_results", ["timestamp"]),
        ("idx_backtest_timestamp", "backtest_results", ["timestamp"]),
        ("idx_watchlist_user_id", "watchlist", ["user_id"]),
        ("idx_watchlist_symbol", "watchlist", ["symbol"]),
    ],
)
def test_recommended_index(db: Database, index: str, owner: str, columns: list[str]) -> None:
    con = db.reader()
    assert [row["name"] for row in con.execute(f"PRAGMA index_info({index})")] == columns
    assert con.execute("SELECT tbl_name FROM sqlite_schema WHERE name = ?", (index,)).fetchone()[0] == owner


# --- Database Layer: constraints ----------------------------------------------------------------------------


def test_all_tables_use_an_auto_incrementing_primary_key(db: Database) -> None:
    for name in ("users", "bots", "trade_history", "backtest_results", "watchlist"):
        sql = db.reader().execute("SELECT sql FROM sqlite_schema WHERE name = ?", (name,)).fetchone()[0]
        assert "AUTOINCREMENT" in sql


def test_deleting_a_bot_removes_its_history(queries: Queries) -> None:
    bot = add_bot(queries)
    queries.add_history_log(bot, "START", "started")
    assert queries.delete_bot(bot)
    assert queries.get_history_by_bot_id(bot) == []


def test_an_orphan_row_is_refused(db: Database) -> None:
    with pytest.raises(DbConstraint):
        db.write(lambda con: con.execute("INSERT INTO trade_history (bot_id, action) VALUES (999, 'x')"))


def test_email_is_unique(db: Database) -> None:
    db.write(
        lambda con: con.execute("INSERT INTO users (name, email, password_hash) VALUES ('a', 'a@b', 'x')")
    )
    with pytest.raises(DbConstraint):
        db.write(
            lambda con: con.execute("INSERT INTO users (name, email, password_hash) VALUES ('b', 'a@b', 'x')")
        )


def test_default_values(db: Database) -> None:
    def insert(con: sqlite3.Connection) -> None:
        con.execute("INSERT INTO bots (name, market, strategy) VALUES ('a', 'EURUSD', 's')")
        con.execute("INSERT INTO trade_history (bot_id, action) VALUES (1, 'START')")

    db.write(insert)
    bot = db.reader().execute("SELECT * FROM bots").fetchone()
    assert tuple(bot)[3:9] == ("Dijeda", 0.01, 100, 200, "H1", 60)
    row = db.reader().execute("SELECT * FROM trade_history").fetchone()
    assert (row["is_notification"], row["is_read"]) == (0, 0)
    assert len(row["timestamp"]) == len("2026-01-01 00:00:00")


# --- Database Layer: functions ------------------------------------------------------------------------------


def test_get_db_connection_gives_rows_by_name_and_is_closed_after_its_block(queries: Queries) -> None:
    with queries.get_db_connection() as con:
        con.execute("INSERT INTO bots (name, market, strategy) VALUES ('a', 'EURUSD', 's')")
        assert con.execute("SELECT name FROM bots").fetchone()["name"] == "a"
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        con.execute("SELECT 1")
    assert len(queries.get_all_bots()) == 1


def test_get_db_connection_rolls_back_when_its_block_raises(queries: Queries) -> None:
    with pytest.raises(RuntimeError), queries.get_db_connection() as con:  # noqa: PT012 - the block itself is what is tested
        con.execute("INSERT INTO bots (name, market, strategy) VALUES ('a', 'EURUSD', 's')")
        raise RuntimeError
    assert queries.get_all_bots() == []


def test_add_bot(queries: Queries, db: Database) -> None:
    bot = queries.add_bot("Gold", "XAUUSD", 0.02, 150, 300, "M15", 30, "TURTLE", '{"entry": 20}')
    row = queries.get_bot_by_id(bot)
    assert row == {
        "id": bot, "name": "Gold", "market": "XAUUSD", "status": "Dijeda", "lot_size": 0.02, "sl_pips": 150,
        "tp_pips": 300, "timeframe": "M15", "check_interval_seconds": 30, "strategy": "TURTLE",
        "strategy_params": '{"entry": 20}',
    }  # fmt: skip
    ours = bots.get_bot(db.reader(), bot)
    assert ours is not None
    assert not ours.is_startable, "what its numbers mean was never said"


def test_get_all_bots_newest_first(queries: Queries) -> None:
    ids = [add_bot(queries, name) for name in "abc"]
    assert [row["id"] for row in queries.get_all_bots()] == ids[::-1]


def test_get_bot_by_id_of_nobody_is_none(queries: Queries) -> None:
    assert queries.get_bot_by_id(1) is None


def test_update_bot(queries: Queries) -> None:
    bot = add_bot(queries)
    assert queries.update_bot(bot, "New", "GBPUSD", 0.5, 10, 20, "M5", 15, "RSI", "{}")
    row = queries.get_bot_by_id(bot)
    assert row is not None
    assert (row["name"], row["market"], row["lot_size"], row["status"]) == ("New", "GBPUSD", 0.5, "Dijeda")


def test_update_bot_of_nobody_says_so(queries: Queries) -> None:
    assert not queries.update_bot(5, "New", "GBPUSD", 0.5, 10, 20, "M5", 15, "RSI")


def test_update_bot_status(queries: Queries) -> None:
    bot = add_bot(queries)
    assert queries.update_bot_status(bot, "Aktif")
    row = queries.get_bot_by_id(bot)
    assert row is not None
    assert row["status"] == "Aktif"


def test_delete_bot(queries: Queries) -> None:
    bot = add_bot(queries)
    assert queries.delete_bot(bot)
    assert not queries.delete_bot(bot)
    assert queries.get_all_bots() == []


def test_add_history_log(queries: Queries) -> None:
    bot = add_bot(queries)
    queries.add_history_log(bot, "POSISI DIBUKA", "BUY 0.1", is_notification=True)
    queries.add_history_log(bot, "INFO", "quiet")
    rows = queries.get_history_by_bot_id(bot)
    assert [(row["action"], row["details"], row["is_notification"], row["is_read"]) for row in rows] == [
        ("INFO", "quiet", 0, 0),
        ("POSISI DIBUKA", "BUY 0.1", 1, 0),
    ]


def test_get_history_by_bot_id_newest_first_even_within_one_second(queries: Queries) -> None:
    bot = add_bot(queries)
    for number in range(5):
        queries.add_history_log(bot, "INFO", str(number))
    assert [row["details"] for row in queries.get_history_by_bot_id(bot)] == ["4", "3", "2", "1", "0"]


def test_mark_notifications_as_read_all_some_none(queries: Queries) -> None:
    bot = add_bot(queries)
    ids = [queries.add_history_log(bot, "START", str(each), is_notification=True) for each in range(3)]
    assert queries.get_unread_notifications_count() == 3
    assert queries.mark_notifications_as_read([])
    assert queries.get_unread_notifications_count() == 3
    assert queries.mark_notifications_as_read([str(ids[0])])
    assert [row["is_read"] for row in queries.get_notifications()] == [0, 0, 1]
    assert queries.mark_notifications_as_read()
    assert queries.get_unread_notifications_count() == 0


def test_mark_notifications_as_read_refuses_what_is_no_number(queries: Queries) -> None:
    with pytest.raises(ValueError, match="invalid literal"):
        queries.mark_notifications_as_read(["1) OR (1=1"])


def test_a_damaged_file_is_an_error_and_not_an_empty_list(queries: Queries, db: Database) -> None:
    add_bot(queries)
    db.close()
    db.path.write_bytes(b"\0" * 100 + db.path.read_bytes()[100:])
    with pytest.raises(DbDamaged):
        queries.get_all_bots()


def test_ambil_semua_bot_finds_the_active_bots_even_when_one_is_broken(
    queries: Queries, db: Database
) -> None:
    first, second = add_bot(queries, "a"), add_bot(queries, "b")
    queries.update_bot_status(first, "Aktif")
    queries.update_bot_status(second, "Aktif")
    db.write(lambda con: con.execute("UPDATE bots SET lot_size = 'abc' WHERE id = ?", (second,)))
    found = {bot.id: bot.config_error for bot in bots.list_bots(db.reader()) if bot.status == "Aktif"}
    assert found[first] is None
    assert "lot_size" in str(found[second])


def test_hentikan_bot_stores_dijeda_even_when_the_bot_is_not_in_memory(queries: Queries) -> None:
    bot = add_bot(queries)
    queries.update_bot_status(bot, "Aktif")
    for _ in range(2):
        assert queries.update_bot_status(bot, "Dijeda")
        row = queries.get_bot_by_id(bot)
        assert row is not None
        assert row["status"] == "Dijeda"


def test_log_trade_action_is_on_disk_at_once_and_flags_what_matters(queries: Queries, db: Database) -> None:
    bot = add_bot(queries)
    for action, matters in (("POSISI DIBUKA", True), ("GAGAL BUKA POSISI", True), ("INFO", False)):
        queries.add_history_log(bot, action, "details", is_notification=matters)
        other = sqlite3.connect(f"file:{db.path}?mode=ro", uri=True)
        assert other.execute("SELECT action FROM trade_history ORDER BY id DESC").fetchone() == (action,)
        other.close()
    assert [row["action"] for row in queries.get_notifications()] == ["GAGAL BUKA POSISI", "POSISI DIBUKA"]


# --- Database Layer: performance and security ---------------------------------------------------------------


def test_history_queries_carry_a_limit_and_pages(queries: Queries, db: Database) -> None:
    bot = add_bot(queries)
    for number in range(12):
        queries.add_history_log(bot, "INFO", str(number))
    assert len(queries.get_history_by_bot_id(bot, limit=5)) == 5
    first = history.page(db.reader(), limit=5)
    second = history.page(db.reader(), before_id=first[-1].id, limit=5)
    assert [row.details for row in (*first, *second)] == [str(number) for number in range(11, 1, -1)]


def test_write_ahead_logging_is_on_and_the_file_is_not_mapped_into_memory(db: Database) -> None:
    assert db.reader().execute("PRAGMA journal_mode").fetchone()[0] == "wal"
    assert db.reader().execute("PRAGMA mmap_size").fetchone()[0] == 0


@pytest.mark.parametrize("text", ["'; DROP TABLE bots; --", 'x" OR "1"="1', "%s", "?", "\x00end"])
def test_every_value_is_a_parameter_and_never_sql(queries: Queries, text: str) -> None:
    bot = queries.add_bot(text, "EURUSD", 0.01, 1, 2, "H1", 60, text, text)
    row = queries.get_bot_by_id(bot)
    assert row is not None
    assert (row["name"], row["strategy"], row["strategy_params"]) == (text, text, text)
    assert queries.get_bot_by_id("1 OR 1=1") is None  # type: ignore[arg-type]


# --- Database Layer: initialisation -------------------------------------------------------------------------


def test_init_db_makes_the_tables_and_the_default_admin(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["db", "init", "--json"]) == 0
    with Database.open(home / "bots.db") as db:
        row = db.reader().execute("SELECT * FROM users").fetchone()
        assert (row["name"], row["email"]) == ("Admin User", "admin@quantumbotx.com")
        assert check_password_hash(row["password_hash"], "admin")
        assert users.list_users(db.reader())[0].must_change, "it opens only the set-password page"


def test_init_db_again_changes_nothing(home: Path) -> None:
    assert run(["db", "init"]) == 0
    before = _content(home / "bots.db")
    assert run(["db", "init"]) == 0
    assert _content(home / "bots.db") == before


def test_init_db_force_sets_the_old_file_aside_instead_of_removing_it(home: Path) -> None:
    assert run(["db", "init"]) == 0
    with Database.open(home / "bots.db") as db:
        add_bot(Queries(db), "precious")
    assert run(["db", "init", "--force"]) == 0
    with Database.open(home / "bots.db") as db:
        assert Queries(db).get_all_bots() == []
    (aside,) = home.glob("replaced-*/bots.db")
    assert "precious" in str(_content(aside))
    (saved,) = (home / "backups").glob("bots-*-before-init.db")
    assert "precious" in str(_content(saved))


def _content(path: Path) -> list[tuple[object, ...]]:
    con = sqlite3.connect(path)
    try:
        return [tuple(row) for name in ("users", "bots") for row in con.execute(f"SELECT * FROM {name}")]
    finally:
        con.close()
