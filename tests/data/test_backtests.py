"""Backtest results: saved and loaded whole, listed without their curves."""

from __future__ import annotations

import dataclasses
import json
import math

import pytest

from qbx_desktop.data import backtests
from qbx_desktop.data.backtests import BacktestRecord
from qbx_desktop.data.database import Database
from qbx_desktop.domain.errors import UserMistake

RECORD = BacktestRecord(
    "MA_CROSSOVER", "EURUSD_H1.csv", 12.5, 3, 66.7, 1.5, 2, 1, [10_000.0, 10_012.5], [{"side": 1, "profit": 12.5}],
    {"fast_period": 20}, {"report": {"name": "ümlaut"}, "trades": [[1, 2]]}, "my run", True, "note",
)  # fmt: skip


def saved(db: Database, **changes: object) -> int:
    return db.write(lambda con: backtests.save(con, dataclasses.replace(RECORD, **changes)))  # type: ignore[arg-type]


def test_save_and_load(db: Database) -> None:
    new = saved(db)
    loaded = backtests.load(db.reader(), new)
    assert dataclasses.replace(loaded, id=0, timestamp="") == RECORD
    assert len(loaded.timestamp) == 19


def test_a_result_of_the_predecessor_loads(db: Database) -> None:
    db.write(
        lambda con: con.execute(
            "INSERT INTO backtest_results (strategy_name, data_filename, total_profit_usd, total_trades, win_rate_percent,"
            " max_drawdown_percent, wins, losses) VALUES ('s', 'f', 1.0, 1, 100.0, 0.0, 1, 0)"
        )
    )
    loaded = backtests.load(db.reader(), 1)
    assert (loaded.equity_curve, loaded.trade_log, loaded.parameters, loaded.result) == ([], [], {}, None)


def test_lists_are_paged_newest_first(db: Database) -> None:
    ids = [saved(db, name=str(number)) for number in range(7)]
    assert [each.id for each in backtests.summaries(db.reader(), limit=3)] == ids[:-4:-1]
    assert [each.id for each in backtests.summaries(db.reader(), before_id=ids[4], limit=10)] == ids[3::-1]


def test_compare_keeps_the_order_asked_for(db: Database) -> None:
    first, second = saved(db, total_profit_usd=1.0), saved(db, total_profit_usd=2.0)
    assert [each.total_profit_usd for each in backtests.compare(db.reader(), [second, first])] == [2.0, 1.0]
    with pytest.raises(UserMistake):
        backtests.compare(db.reader(), [first, 99])


def test_describe_and_delete(db: Database) -> None:
    new = saved(db)
    db.write(lambda con: backtests.describe(con, new, starred=False, note="better"))
    (row,) = backtests.summaries(db.reader())
    assert (row.name, row.starred, row.note) == ("my run", False, "better")
    db.write(lambda con: backtests.delete(con, new))
    assert db.reader().execute("SELECT count(*) FROM backtest_extras").fetchone()[0] == 0
    for call in (backtests.load, backtests.delete, backtests.describe):
        with pytest.raises(UserMistake):
            db.write(lambda con, c=call: c(con, new))


@pytest.mark.parametrize("number", [math.nan, math.inf])
def test_a_number_that_is_none_is_not_stored(db: Database, number: float) -> None:
    with pytest.raises(ValueError, match="JSON"):
        saved(db, equity_curve=[number])
    assert backtests.summaries(db.reader()) == []


@pytest.mark.parametrize("text", ["{", "[]", "NaN", "[" * 100_000, "5"])
def test_an_unreadable_result_says_so(db: Database, text: str) -> None:
    new = saved(db)
    db.write(lambda con: con.execute("UPDATE backtest_results SET parameters = ? WHERE id = ?", (text, new)))
    with pytest.raises(UserMistake, match="cannot be read"):
        backtests.load(db.reader(), new)
    assert len(backtests.summaries(db.reader())) == 1


@pytest.mark.parametrize("count", [255, 256, 257, 3_000])
def test_a_long_log_of_trades_comes_back_whole(db: Database, count: int) -> None:
    log = [{"ticket": k, "reason": 'said "]" and ,{', "net": k / 7, "deep": [{"a": k}]} for k in range(count)]
    new = saved(db, trade_log=log)
    assert backtests.load(db.reader(), new).trade_log == log


@pytest.mark.parametrize("text", ['[{"a":1}, {"a":2}]', '[{"a":1},[2]]', '[{"a":1}]', '[{"a":1},{"a":2}]\n'])
def test_any_json_is_read_as_it_stands(db: Database, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backtests, "_LONG", 1)
    new = saved(db)
    db.write(lambda con: con.execute("UPDATE backtest_results SET trade_log = ? WHERE id = ?", (text, new)))
    assert backtests.load(db.reader(), new).trade_log == json.loads(text)
