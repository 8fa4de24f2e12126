"""Searches in the database: to the last bit, resumed after a kill, and counted as trials."""

from __future__ import annotations

import dataclasses
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from qbx_desktop.backtest.search.criterion import criterion
from qbx_desktop.backtest.search.loop import Memory, search
from qbx_desktop.backtest.search.outcome import fields
from qbx_desktop.backtest.search.plan import plan_of
from qbx_desktop.backtest.search.runner import Inline
from qbx_desktop.backtest.search.space import axis_of_text, checked_axes
from qbx_desktop.backtest.search.stored import Ledger, key_of_search, settings_hash, stored_search
from qbx_desktop.data import searches
from qbx_desktop.data.database import Database
from qbx_desktop.domain.errors import UserMistake
from qbx_desktop.domain.sizing import Sizing

from .killed_child import Logging, resumed
from .landscape import swings

PROFIT = criterion("net_profit", [], fields())


def test_what_is_stored_comes_back_to_the_last_bit(tmp_path: Path) -> None:
    given = swings(600)
    axes = checked_axes(given, [axis_of_text("slow_period=10,20")])
    plan = plan_of("grid", axes, 0, 0, PROFIT)
    with Database.open(tmp_path / "bots.db") as db:
        key = key_of_search(given, {"method": "grid"}, axes)
        store = stored_search(db, given, key, "grid", "title", {"a": 1}, plan.total, resume=False)
        outcomes = search(plan, Inline(given), store)
        assert list(store.known().values()) == outcomes
        again = stored_search(db, given, key, "grid", "title", {}, plan.total, resume=True)
        assert again.id == store.id
        assert search(plan, Logging(tmp_path / "log"), again) == outcomes
        assert not (tmp_path / "log").exists()
        other = stored_search(db, given, key, "grid", "title", {}, plan.total, resume=False)
        assert other.id != store.id
        db.write(lambda con: searches.delete(con, other.id))
        with pytest.raises(UserMistake, match="no saved search"):
            searches.load(db.reader(), other.id)


def test_a_killed_search_runs_each_combination_once(tmp_path: Path) -> None:
    log = tmp_path / "log"
    total = 11 * 8
    deadline = time.monotonic() + 60
    command = [sys.executable, "-m", f"{__package__}.killed_child", str(tmp_path), str(log)]
    child = subprocess.Popen(command, cwd=Path(__file__).parents[3])
    while not log.exists() or len(log.read_text().split()) < total // 4:
        assert child.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.005)
    child.kill()
    child.wait()
    with Database.open(tmp_path / "bots.db") as db:
        kept = {row.number for row in searches.runs(db.reader(), 1)}
    before = [int(each) for each in log.read_text().split()]
    assert kept <= set(before)
    assert 0 < len(kept) < total
    outcomes = resumed(tmp_path, log)
    after = [int(each) for each in log.read_text().split()][len(before) :]
    # Every combination is counted once; run twice can only be what was in flight when the process died.
    assert sorted(after) == sorted(set(range(total)) - kept)
    assert len(outcomes) == total
    with Database.open(tmp_path / "bots.db") as db:
        assert Counter(row.number for row in searches.runs(db.reader(), 1)) == Counter(range(total))
        assert db.reader().execute("SELECT count(*) FROM trials").fetchone()[0] == total
    uninterrupted = search(
        plan_of("grid", checked_axes(swings(300), [axis_of_text("fast_period=2:12:1"), axis_of_text("slow_period=10:45:5")]), 0, 0, PROFIT),
        Inline(swings(300)), Memory(),
    )  # fmt: skip
    assert outcomes == uninterrupted


def test_the_key_changes_with_everything_results_depend_on() -> None:
    given = swings(300)
    axes = checked_axes(given, [axis_of_text("slow_period=10,20")])
    keys = {
        key_of_search(given, {"method": "grid"}, axes),
        key_of_search(given, {"method": "random"}, axes),
        key_of_search(swings(301), {"method": "grid"}, axes),
        key_of_search(dataclasses.replace(given, sizing=Sizing(lots=0.2)), {"method": "grid"}, axes),
        key_of_search(given, {"method": "grid"}, checked_axes(given, [axis_of_text("slow_period=10,21")])),
    }
    assert len(keys) == 5


def test_trials_are_counted_once_for_each_setting(tmp_path: Path) -> None:
    given = swings(600)
    axes = checked_axes(given, [axis_of_text("fast_period=2:5:1")])
    outcomes = search(plan_of("grid", axes, 0, 0, PROFIT), Inline(given), Memory())
    sharpes = [each.figures["day_sharpe"] for each in outcomes]
    mean = sum(each or 0 for each in sharpes) / 4
    with Database.open(tmp_path / "bots.db") as db:
        ledger = Ledger(db, given)
        assert ledger.count().count == 0
        ledger.note(outcomes)
        ledger.note(outcomes[:2])
        found = ledger.count()
        assert found.count == 4
        assert found.variance == pytest.approx(sum(((each or 0) - mean) ** 2 for each in sharpes) / 3)
        # Another market, another strategy, other dates: other trials.
        later = dataclasses.replace(given, bars=given.bars[:100])
        assert Ledger(db, later).count().count == 4
        assert Ledger(db, dataclasses.replace(given, strategy="RSI_CROSSOVER", params={})).count().count == 0
    assert settings_hash(given, {"fast_period": 4}) != settings_hash(given, {"fast_period": 5})
