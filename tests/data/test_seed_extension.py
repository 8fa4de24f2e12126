"""Every function, statement and example of the predecessor's document on extending its tables, as documented.

Where it contradicts SQLite or the first document, the test's name says which holds.
"""

from __future__ import annotations

import json
import threading
from pathlib import Path

import pytest

from qbx_desktop.data import users, watchlist
from qbx_desktop.data.database import Database
from qbx_desktop.data.errors import DbConstraint
from qbx_desktop.data.queries import Queries
from qbx_desktop.domain.errors import UserMistake


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


# --- Database Model Extension -------------------------------------------------------------------------------


def test_add_to_watchlist(queries: Queries, user_id: int) -> None:
    entry = queries.add_to_watchlist(
        user_id=user_id, symbol="BTC/USDT", notes="Potential breakout pattern forming", alert_price=50000.0
    )
    (row,) = queries.get_watchlist_by_user(user_id)
    assert (row["id"], row["symbol"], row["notes"], row["alert_price"]) == (
        entry, "BTC/USDT", "Potential breakout pattern forming", 50000.0,
    )  # fmt: skip


def test_add_to_watchlist_of_a_user_that_does_not_exist(queries: Queries) -> None:
    with pytest.raises(DbConstraint):
        queries.add_to_watchlist(99, "EURUSD")


def test_get_watchlist_by_user_newest_first_and_only_the_own(
    queries: Queries, db: Database, user_id: int
) -> None:
    other = db.write(
        lambda con: (
            con.execute("INSERT INTO users (name, email, password_hash) VALUES ('o', 'o@o', '!')").lastrowid
        )
    )
    queries.add_to_watchlist(other, "GBPUSD")
    queries.add_to_watchlist(user_id, "EURUSD")
    queries.add_to_watchlist(user_id, "XAUUSD")
    assert [row["symbol"] for row in queries.get_watchlist_by_user(user_id)] == ["XAUUSD", "EURUSD"]


def test_update_watchlist_entry(queries: Queries, user_id: int) -> None:
    entry = queries.add_to_watchlist(user_id, "BTC/USDT", alert_price=50000.0)
    assert queries.update_watchlist_entry(
        entry_id=entry,
        user_id=user_id,
        alert_price=52000.0,
        notes="Updated analysis: stronger resistance at $52k",
    )
    (row,) = queries.get_watchlist_by_user(user_id)
    assert (row["alert_price"], row["notes"]) == (52000.0, "Updated analysis: stronger resistance at $52k")


def test_update_watchlist_entry_takes_no_sql_from_its_keys(queries: Queries, user_id: int) -> None:
    entry = queries.add_to_watchlist(user_id, "EURUSD", notes="mine")
    with pytest.raises(UserMistake):
        queries.update_watchlist_entry(entry, user_id, **{"notes = ? || ? || ? --": "PWNED"})
    (row,) = queries.get_watchlist_by_user(user_id)
    assert row["notes"] == "mine"


def test_remove_from_watchlist_only_by_its_owner(queries: Queries, user_id: int) -> None:
    entry = queries.add_to_watchlist(user_id, "EURUSD")
    assert not queries.remove_from_watchlist(entry, user_id + 1)
    assert queries.remove_from_watchlist(entry_id=entry, user_id=user_id)
    assert queries.get_watchlist_by_user(user_id) == []


def test_add_symbol_with_notification_in_one_transaction(
    queries: Queries, db: Database, user_id: int
) -> None:
    entry = queries.add_symbol_with_notification(user_id, "EURUSD", 1.1)
    assert [row["id"] for row in queries.get_watchlist_by_user(user_id)] == [entry]
    (row,) = queries.get_notifications()
    assert (row["bot_id"], row["action"], row["details"]) == (
        None,
        "WATCHLIST_ADD",
        "Symbol EURUSD added with alert $1.1",
    )


def test_add_symbol_with_notification_leaves_nothing_when_half_of_it_fails(
    queries: Queries, db: Database, user_id: int
) -> None:
    db.write(
        lambda con: con.execute(
            "CREATE TRIGGER no BEFORE INSERT ON trade_history BEGIN SELECT raise(ABORT, 'planted'); END"
        )
    )
    with pytest.raises(DbConstraint):
        queries.add_symbol_with_notification(user_id, "EURUSD", 1.1)
    assert queries.get_watchlist_by_user(user_id) == []


def test_watchlist_crud(queries: Queries, user_id: int) -> None:
    entry_id = queries.add_to_watchlist(user_id, "ETH/USDT")
    assert entry_id is not None
    watchlist = queries.get_watchlist_by_user(user_id)
    assert len(watchlist) == 1
    assert watchlist[0]["symbol"] == "ETH/USDT"
    assert queries.remove_from_watchlist(entry_id, user_id) is True


def test_watchlist_entry_holds_what_the_documents_model_holds(
    queries: Queries, db: Database, user_id: int
) -> None:
    entry = queries.add_to_watchlist(user_id, "EURUSD", "notes", 1.5)
    (found,) = watchlist.list_entries(db.reader(), user_id)
    assert (found.id, found.user_id, found.symbol, found.notes, found.alert_price) == (
        entry, user_id, "EURUSD", "notes", 1.5,
    )  # fmt: skip


def test_each_test_has_a_database_of_its_own(queries: Queries, home: Path, db: Database) -> None:
    assert db.path.is_relative_to(home)
    assert queries.get_all_bots() == []


def test_rows_serialise_to_json_as_the_routes_expect(queries: Queries, user_id: int) -> None:
    add_bot(queries)
    queries.add_to_watchlist(user_id, "EURUSD")
    assert json.loads(json.dumps([queries.get_all_bots(), queries.get_watchlist_by_user(user_id)]))


def test_batched_logging_from_many_threads_loses_nothing(queries: Queries) -> None:
    bot = add_bot(queries)
    threads = [
        threading.Thread(target=queries.add_history_log, args=(bot, "INFO", str(n))) for n in range(50)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    rows = queries.get_history_by_bot_id(bot)
    assert {row["details"] for row in rows} == {str(n) for n in range(50)}
    assert [row["seq"] for row in rows] == list(range(50, 0, -1))
