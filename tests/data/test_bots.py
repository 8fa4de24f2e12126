"""Bots: stored whole, read with distrust, never overwritten by an old copy, and gone only when nothing hangs on them."""

from __future__ import annotations

import contextlib
import dataclasses

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qbx_desktop.data import bots, history
from qbx_desktop.data.database import Database
from qbx_desktop.data.home import Home
from qbx_desktop.data.order_journal import OrderJournal
from qbx_desktop.domain.bots import BotSettings, BotStatus, SizingMode, StopMode
from qbx_desktop.domain.errors import PLAIN, UserMistake
from qbx_desktop.domain.journal import JournalState
from qbx_desktop.domain.params import ParamError, parse_object

from .conftest import a_bot, an_order


def test_a_bot_comes_back_as_it_was_stored(db: Database) -> None:
    bot = a_bot(
        strategy_params='{"fast_period": 9}', lot_size=0.3, sl_pips=0, tp_pips=50, check_interval_seconds=5,
        settings=BotSettings(
            SizingMode.RISK_PERCENT, StopMode.ATR_MULT, 0.5, 1.5, 3.0, 10, 123, "Demo", True, {"max_lots": 2.0},
        ),
    )  # fmt: skip
    new = db.write(lambda con: bots.create_bot(con, bot))
    assert bots.get_bot(db.reader(), new) == dataclasses.replace(bot, id=new)


def test_an_edit_leaves_what_the_trading_thread_stored_meanwhile(db: Database, bot_id: int) -> None:
    old = bots.get_bot(db.reader(), bot_id)
    assert old is not None
    db.write(lambda con: bots.set_status(con, bot_id, BotStatus.ERROR))
    db.write(lambda con: bots.set_halted(con, bot_id, "drawdown"))
    assert db.write(lambda con: bots.bump_generation(con, bot_id)) == 1
    db.write(lambda con: bots.update_bot(con, dataclasses.replace(old, name="New")))
    now = bots.get_bot(db.reader(), bot_id)
    assert now is not None
    assert (now.name, now.status, now.settings.halted_reason, now.settings.generation) == (
        "New", BotStatus.ERROR, "drawdown", 1,
    )  # fmt: skip


def test_lists(db: Database) -> None:
    ids = [db.write(lambda con: bots.create_bot(con, a_bot())) for _ in range(3)]
    db.write(lambda con: bots.archive_bot(con, ids[1]))
    assert [bot.id for bot in bots.list_bots(db.reader())] == [ids[2], ids[0]]
    assert [bot.id for bot in bots.list_bots(db.reader(), include_archived=True)] == ids[::-1]
    db.write(lambda con: bots.restore_bot(con, ids[1]))
    assert len(bots.list_bots(db.reader())) == 3


def test_a_bot_with_an_open_question_is_not_deleted_and_its_orders_outlive_it(
    db: Database, bot_id: int
) -> None:
    row = db.write(lambda con: OrderJournal(con).insert(**an_order(bot_id=bot_id)))
    db.log(bot_id=bot_id, action="START", message=PLAIN(text="x")).result()
    with pytest.raises(UserMistake, match="not settled"):
        db.write(lambda con: bots.delete_bot(con, bot_id))
    db.write(lambda con: OrderJournal(con).transition(row.id, JournalState.EXPIRED))
    db.write(lambda con: bots.delete_bot(con, bot_id))
    assert bots.get_bot(db.reader(), bot_id) is None
    assert history.count(db.reader()) == 0
    assert OrderJournal(db.reader()).get(row.id).bot_id == bot_id
    assert db.write(lambda con: bots.create_bot(con, a_bot())) > bot_id, "an id is never given twice"


@pytest.mark.parametrize("change", [{"name": " "}, {"market": ""}, {"strategy": ""}, {"lot_size": float("nan")},
                                    {"settings": BotSettings(sl_atr=float("inf"))}])  # fmt: skip
def test_values_that_no_bot_can_have(db: Database, change: dict[str, object]) -> None:
    with pytest.raises(UserMistake):
        db.write(lambda con: bots.create_bot(con, a_bot(**change)))
    assert bots.list_bots(db.reader()) == []


@pytest.mark.parametrize("call", [
    lambda con: bots.update_bot(con, a_bot(id=9)), lambda con: bots.set_status(con, 9, BotStatus.AKTIF),
    lambda con: bots.archive_bot(con, 9), lambda con: bots.delete_bot(con, 9), lambda con: bots.set_halted(con, 9, "x"),
    lambda con: bots.bump_generation(con, 9), lambda con: bots.restore_bot(con, 9),
])  # fmt: skip
def test_a_bot_that_is_gone_is_said_to_be(db: Database, call: object) -> None:
    with pytest.raises(UserMistake):
        db.write(call)  # type: ignore[arg-type]


COLUMNS = (
    "name",
    "market",
    "status",
    "lot_size",
    "sl_pips",
    "tp_pips",
    "timeframe",
    "check_interval_seconds",
    "strategy",
)
VALUE = st.one_of(
    st.integers(-(2**63), 2**63 - 1),
    st.floats(allow_nan=False),
    st.binary(max_size=9),
    st.text(st.characters(codec="utf-8"), max_size=9),
)


@settings(max_examples=40)
@given(column=st.sampled_from(COLUMNS), value=VALUE)
def test_any_value_in_a_column_never_hides_the_other_bots(
    column: str, value: object, tmp_path_factory: pytest.TempPathFactory
) -> None:
    global _shared
    if _shared is None:
        _shared = Home(tmp_path_factory.mktemp("bots"))
        with Database.open(_shared.database) as db:
            for name in "ab":
                db.write(lambda con, n=name: bots.create_bot(con, a_bot(name=n)))
    with Database.open(_shared.database) as db:
        db.write(lambda con: con.execute(f"UPDATE bots SET {column} = ? WHERE id = 1", (value,)))
        good, bad = bots.list_bots(db.reader())
        assert good.is_startable
        if bad.config_error:
            assert not bad.is_startable
        else:
            assert isinstance(bad.lot_size, float)
            assert isinstance(bad.sl_pips, int)
        original = {
            "lot_size": 0.01,
            "sl_pips": 100,
            "tp_pips": 200,
            "check_interval_seconds": 60,
            "status": "Dijeda",
        }
        db.write(
            lambda con: con.execute(
                f"UPDATE bots SET {column} = ? WHERE id = 1", (original.get(column, "a"),)
            )
        )


_shared: Home | None = None


@given(st.one_of(st.text(max_size=300), st.recursive(
    st.one_of(st.none(), st.booleans(), st.floats(), st.text(max_size=5)),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3), max_leaves=10,
).map(repr)))  # fmt: skip
def test_any_strategy_params_are_an_object_or_a_named_error(text: str) -> None:
    with contextlib.suppress(ParamError):
        assert isinstance(parse_object(text), dict)


@pytest.mark.parametrize(
    "text",
    ['{"a": NaN}', '{"a": Infinity}', '{"a": 1, "a": 2}', "[" * 50_000, '{"a": ' * 9_000, "x" * 70_000],
)
def test_params_that_json_itself_would_let_through(text: str) -> None:
    with pytest.raises(ParamError):
        parse_object(text)
