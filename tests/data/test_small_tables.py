"""Deals, settings, trading state, trade journal, audit log and consent: each stores, answers and refuses as told."""

from __future__ import annotations

import pytest

from qbx_desktop.data import app_meta, audit, deals, settings, strategy_trust, trade_journal, trading_state
from qbx_desktop.data.database import Database
from qbx_desktop.domain.errors import Stop, UserMistake
from qbx_desktop.domain.records import TradeDeal


def test_each_deal_is_booked_once(db: Database) -> None:
    booked = [
        TradeDeal(ticket=n, order=n, time=1_000 + n, time_msc=(1_000 + n) * 1000 + 7, magic=1_000_000_001, type=n % 2,
                  symbol="EURUSD", profit=1.5, swap=-0.5, position_id=9, volume=0.1, price=1.1, comment="c")
        for n in range(1, 6)
    ]  # fmt: skip

    def record(count: int, account: int = 7) -> int:
        return db.write(
            lambda con: deals.record_deals(
                con, account, "Demo", booked[:count], lambda magic: magic - 1_000_000_000
            )
        )

    assert (record(3), record(5), record(5), record(1, account=8)) == (3, 2, 0, 1)
    con = db.reader()
    assert [each.deal for each in deals.deals_of(con, account=7)] == booked[::-1]
    assert deals.by_ticket(con, 7, "Demo", 3) == deals.BookedDeal(7, "Demo", 1, booked[2])
    assert deals.by_ticket(con, 7, "Demo", 99) is None
    assert deals.last_deal_time(con, 7, "Demo") == booked[4].time_msc
    assert deals.last_deal_time(con, 9, "Demo") == 0
    assert deals.profit_by_bot(con) == {1: 6.0}
    found = deals.deals_of(con, account=7, server="Demo", bot_id=1, position_id=9, symbol="EURUSD",
                           since_ms=booked[1].time_msc, until_ms=booked[3].time_msc)  # fmt: skip
    assert [each.deal.ticket for each in found] == [3, 2]


@pytest.mark.parametrize("value", [None, True, 5, 1.5, "text", [1, {"a": None}], {"deep": [1]}])
def test_settings_come_back(db: Database, value: object) -> None:
    assert settings.get(db.reader(), "key", "default") == "default"
    db.write(lambda con: settings.set(con, "key", value))
    db.write(lambda con: settings.set(con, "other", 1))
    assert settings.get(db.reader(), "key", "default") == value
    assert settings.all_settings(db.reader()) == {"key": value, "other": 1}


def test_settings_that_json_cannot_carry(db: Database) -> None:
    for value in (float("nan"), {1, 2}, object()):
        with pytest.raises(UserMistake):
            db.write(lambda con, v=value: settings.set(con, "key", v))
    db.write(lambda con: con.execute("INSERT INTO settings VALUES ('key', 'rubbish{')"))
    assert settings.get(db.reader(), "key", 5) == 5


def test_trading_state(db: Database) -> None:
    assert trading_state.get(db.reader(), trading_state.GLOBAL).state == "ACTIVE"
    db.write(lambda con: trading_state.set(con, "bot:1", "REDUCING", "why", 5))
    db.write(lambda con: trading_state.set(con, "bot:1", "HALTED", "more", 6, by_user=2))
    row = trading_state.get(db.reader(), "bot:1")
    assert (row.state, row.reason, row.at_ms, row.by_user) == ("HALTED", "more", 6, 2)
    assert trading_state.all_states(db.reader()) == [row]
    with pytest.raises(ValueError, match="OFF"):
        db.write(lambda con: trading_state.set(con, "bot:1", "OFF", "", 7))


def test_trade_journal(db: Database) -> None:
    def write(position: int, **what: object) -> int:
        return db.write(
            lambda con: trade_journal.write(
                con, account=7, server="Demo", position_id=position, at_ms=position, **what
            )  # type: ignore[arg-type]
        )

    first = write(1, notes="late entry", rating=2, tags=[" plan ", "plan", "news"])
    write(2, tags=["plan"])
    assert write(1, notes="changed", rating=None, tags=["calm"]) == first
    entry = trade_journal.of_position(db.reader(), 7, "Demo", 1)
    assert entry is not None
    assert (entry.notes, entry.rating, entry.tags, entry.created_ms) == ("changed", None, ("calm",), 1)
    assert trade_journal.tags(db.reader()) == {"calm": 1, "plan": 1}
    assert [each.position_id for each in trade_journal.page(db.reader())] == [2, 1]
    assert [each.position_id for each in trade_journal.page(db.reader(), tag="calm")] == [1]
    assert trade_journal.of_position(db.reader(), 7, "Demo", 3) is None
    for wrong in (
        {"rating": 0},
        {"rating": 6},
        {"rating": True},
        {"tags": [""]},
        {"tags": ["x" * 41]},
        {"notes": "x" * 20_001},
    ):
        with pytest.raises(UserMistake):
            write(1, **wrong)
    db.write(lambda con: trade_journal.delete(con, first))
    assert trade_journal.tags(db.reader()) == {"plan": 1}


def test_audit_finds_every_change(db: Database) -> None:
    for number in range(4):
        db.write(
            lambda con, n=number: audit.record(con, "limit.raised", at_ms=n, user_id=1, detail={"to": n})
        )
    assert audit.verify(db.reader()) == 4
    assert [row.at_ms for row in audit.page(db.reader(), limit=2)] == [3, 2]
    for change in ("UPDATE audit_log SET detail = '{}' WHERE id = 2", "UPDATE audit_log SET prev_hash = '' WHERE id = 2",
                   "DELETE FROM audit_log WHERE id = 2"):  # fmt: skip
        con = db.order_connection()
        con.execute("BEGIN")
        con.execute(change)
        with pytest.raises(Stop, match="audit log"):
            audit.verify(con)
        con.execute("ROLLBACK")
        con.close()


def test_consent_is_for_these_bytes_only(db: Database) -> None:
    db.write(lambda con: strategy_trust.approve(con, path="/s/a.py", sha256="aa", size=5, at_ms=1))
    db.write(lambda con: strategy_trust.approve(con, path="/s/a.py", sha256="aa", size=5, at_ms=2))
    assert strategy_trust.is_approved(db.reader(), "/s/a.py", "aa")
    assert not strategy_trust.is_approved(db.reader(), "/s/a.py", "bb")
    assert not strategy_trust.is_approved(db.reader(), "/s/b.py", "aa")
    assert db.write(lambda con: strategy_trust.revoke(con, "/s/a.py")) == 1
    assert not strategy_trust.is_approved(db.reader(), "/s/a.py", "aa")


def test_app_meta(db: Database) -> None:
    assert app_meta.get(db.reader(), "nothing") is None
    db.write(lambda con: app_meta.set(con, "a", "1"))
    db.write(lambda con: app_meta.set(con, "a", "2"))
    assert app_meta.get(db.reader(), "a") == "2"
    db.write(lambda con: con.execute("DELETE FROM app_meta WHERE key = 'magic_base'"))
    with pytest.raises(LookupError):
        app_meta.magic_base(db.reader())


def test_the_bytes_approved_last_are_kept(db: Database) -> None:
    for at, sha in enumerate(("aa", "bb")):
        db.write(
            lambda con, at=at, sha=sha: strategy_trust.approve(
                con, path="/s/a.py", sha256=sha, size=2, at_ms=at, source=sha.encode()
            )
        )
    assert strategy_trust.last_approved(db.reader(), "/s/a.py") == b"bb"
    assert strategy_trust.last_approved(db.reader(), "/s/b.py") is None
    assert strategy_trust.is_known(db.reader(), "/s/a.py")
    assert not strategy_trust.is_known(db.reader(), "/s/b.py")
