"""Whatever another program changes in users, limits, bindings or orders is found, and bots stay off until a person decides."""

from __future__ import annotations

import dataclasses
import functools
import json
import sqlite3
from pathlib import Path

import pytest

from qbx_desktop.cli import run
from qbx_desktop.data import app_meta, backup, bots, recovery, seals, settings, tampering, users
from qbx_desktop.data.database import Database
from qbx_desktop.data.home import Home
from qbx_desktop.data.login import Gate, LoginRefused
from qbx_desktop.data.order_journal import OrderJournal
from qbx_desktop.data.order_log import OrderLog
from qbx_desktop.data.password_rules import hash_password
from qbx_desktop.domain.journal import JournalState
from tests.fakes.clock import FakeClock
from tests.rights import is_private
from tests.upgrade.shapes import build

from .conftest import a_bot, an_order

PASSWORD = "seven quiet harbours"


@functools.cache
def hashed_once(password: str) -> str:
    return hash_password(password)


@pytest.fixture
def filled(folder: Home, clock: FakeClock) -> Home:
    """A bot with limits, a user with a password, an agreed account, two sent orders; everything closed."""
    hashed = hashed_once(PASSWORD)
    with Database.open(folder.database, clock=clock) as db:
        limited = dataclasses.replace(a_bot().settings, limits={"max_lots_per_order": 0.5}, account=7)
        db.write(lambda con: bots.create_bot(con, dataclasses.replace(a_bot(), settings=limited)))
        db.write(lambda con: users.create(con, name="Ana", email="ana@home", password_hash=hashed, at_ms=1))
        db.write(lambda con: settings.set(con, "terminal.real_account", 42))
        log = OrderLog(folder.logs)
        con = db.order_connection()
        journal = OrderJournal(con)
        for number in range(3):
            magic = app_meta.magic_base(con) + 1
            row = journal.insert(**an_order(bar_time=number, bot_id=number + 1, magic=magic))
            log.append({"uid": row.uid, "magic": magic, "state": "SENDING"}, 1_750_000_000_000 + number)
            journal.transition(row.id, JournalState.SENDING, sent_ms=1_750_000_000_000 + number)
            journal.transition(row.id, JournalState.FILLED, order_ticket=number + 1, deal_ticket=number + 1)
        con.close()
    return folder


def behind_its_back(home: Home, sql: str) -> None:
    con = sqlite3.connect(home.database)
    with con:
        assert con.execute(sql).rowcount > 0, sql
    con.close()


def found(home: Home) -> list[str]:
    with Database.open(home.database) as db:
        return [each.text for each in tampering.findings(db.reader(), home.logs)]


def test_untouched_records_give_no_finding(filled: Home, clock: FakeClock) -> None:
    assert found(filled) == []
    assert run(["db", "check", "--home", str(filled.root)]) == 0
    with Database.open(filled.database, clock=clock) as db:
        assert bots.list_bots(db.reader())[0].is_startable
        assert Gate(db, clock).log_in("ana@home", PASSWORD)


@pytest.mark.parametrize(
    "change",
    [
        "limits_json = '{\"max_lots_per_order\": 50.0}'", "account = 8", "server = 'Live'", "live_consent = 1",
        "risk_percent = 50.0", "sizing_mode = 'RISK_PERCENT'", "stop_mode = 'ATR_MULT'", "limits_json = NULL",
    ],
)  # fmt: skip
def test_a_bots_limits_or_account(filled: Home, capsys: pytest.CaptureFixture[str], change: str) -> None:
    behind_its_back(filled, f"UPDATE bot_settings SET {change}")
    assert len(found(filled)) == 1
    with Database.open(filled.database) as db:
        (bot,) = bots.list_bots(db.reader())
        assert not bot.is_startable
        assert bot.config_error == bots.CHANGED_OUTSIDE
        assert bots.get_bot(db.reader(), bot.id) == bot
        # The trader looks at it in the editor and saves: now it is this program's word again.
        mended = dataclasses.replace(bot, config_error=None)
        db.write(lambda con: bots.update_bot(con, mended))
        assert bots.list_bots(db.reader())[0].is_startable
    assert found(filled) == []
    assert run(["db", "check", "--home", str(filled.root)]) == 0
    capsys.readouterr()


def test_a_seal_moved_or_removed_does_not_help(filled: Home) -> None:
    behind_its_back(filled, "DELETE FROM seals WHERE kind = 'bot'")
    with Database.open(filled.database) as db:
        assert not bots.list_bots(db.reader())[0].is_startable


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE users SET password_hash = '{other}' WHERE email = 'ana@home'",
        "UPDATE users SET email = 'eve@home', password_hash = '{other}' WHERE email = 'ana@home'",
        "UPDATE user_security SET role = 'practice' WHERE user_id = (SELECT max(id) FROM users)",
        "INSERT INTO users (name, email, password_hash) VALUES ('Eve', 'eve@home', '{other}')",
    ],
)
def test_a_user_added_or_changed_cannot_log_in(filled: Home, clock: FakeClock, sql: str) -> None:
    other = "eleven loud kettles"
    behind_its_back(filled, sql.format(other=hashed_once(other)))
    assert any("The user" in each for each in found(filled))
    with Database.open(filled.database, clock=clock) as db:
        for email in ("ana@home", "eve@home"):
            with pytest.raises(LoginRefused):
                Gate(db, clock).log_in(email, other)
        last = db.reader().execute("SELECT max(id) FROM users").fetchone()[0]
        fresh = hashed_once(other)
        db.write(lambda con: users.set_password(con, last, fresh, 1))
    assert found(filled) == []


def test_an_agreed_account_that_another_program_wrote_counts_as_not_agreed(filled: Home) -> None:
    with Database.open(filled.database) as db:
        assert settings.get(db.reader(), "terminal.real_account", 0) == 42
    behind_its_back(filled, "UPDATE settings SET value = '43' WHERE key = 'terminal.real_account'")
    with Database.open(filled.database) as db:
        assert settings.get(db.reader(), "terminal.real_account", 0) == 0
        assert settings.all_settings(db.reader())["terminal.real_account"] is None
    assert len(found(filled)) == 1


@pytest.mark.parametrize(
    "sql",
    [
        "DELETE FROM order_journal WHERE id = 3",
        "DELETE FROM order_journal WHERE id = 2",
        "UPDATE order_journal SET volume = 9 WHERE id = 2",
        "UPDATE order_journal SET state = 'REJECTED' WHERE id = 3",
        "DELETE FROM audit_log WHERE id = 1",
        "UPDATE audit_log SET what = 'nothing'",
    ],
)
def test_an_order_or_audit_row_changed_or_deleted(filled: Home, sql: str) -> None:
    if "audit_log WHERE id = 1" in sql:
        with Database.open(filled.database) as db:
            fresh = hashed_once(PASSWORD)
            db.write(lambda con: users.set_password(con, 1, fresh, 2))
    behind_its_back(filled, sql)
    assert found(filled)


@pytest.mark.parametrize("lines", [0, 1, 2])
def test_an_order_log_cut_between_two_lines(filled: Home, lines: int) -> None:
    (path,) = filled.logs.glob("orders-*.jsonl")
    kept = path.read_bytes().splitlines(keepends=True)[:lines]
    path.write_bytes(b"".join(kept))
    assert bool(found(filled)) is bool(lines), "a log that was deleted whole says nothing"


def test_an_order_log_with_one_changed_figure(filled: Home) -> None:
    (path,) = filled.logs.glob("orders-*.jsonl")
    path.write_bytes(path.read_bytes().replace(b'"SENDING"', b'"FILLED"', 1))
    assert found(filled)


def test_what_a_person_accepted_stops_nothing_again_but_something_new_does(filled: Home) -> None:
    behind_its_back(filled, "UPDATE order_journal SET volume = 9 WHERE id = 2")
    with Database.open(filled.database) as db:
        first = tampering.findings(db.reader(), filled.logs)
        assert not tampering.is_accepted(db.reader(), first)
        db.write(lambda con: tampering.accept(con, filled.logs))
        assert tampering.is_accepted(db.reader(), first)
    behind_its_back(filled, "UPDATE bot_settings SET account = 9")
    with Database.open(filled.database) as db:
        assert not tampering.is_accepted(db.reader(), tampering.findings(db.reader(), filled.logs))


def test_what_the_program_itself_puts_in_place_is_trusted(
    filled: Home, clock: FakeClock, tmp_path: Path
) -> None:
    """A backup keeps its seals, one of before the seals gets some, and so does an import."""
    saved = backup.make_backup(filled.database, filled.backups, "manual", clock=clock)
    clock.advance(10)
    recovery.restore(saved.path, filled, clock=clock)
    assert found(filled) == []
    old = build("v3", tmp_path / "v3.db")
    clock.advance(10)
    recovery.restore(old, filled, clock=clock)
    assert not [each for each in found(filled) if "was changed by another program" in each]
    behind_its_back(filled, "UPDATE bot_settings SET account = 9")
    assert [each for each in found(filled) if "was changed by another program" in each]
    source = build("v0_seed", tmp_path / "old.db")
    assert run(["db", "import", str(source), "--replace", "--home", str(filled.root)]) == 0
    assert found(filled) == []


def test_the_key_is_private_and_not_in_the_database(filled: Home) -> None:
    path = seals.key_file(filled.database)
    assert is_private(path)
    key = json.loads(path.read_bytes())["key"]
    assert key.encode() not in filled.database.read_bytes()
