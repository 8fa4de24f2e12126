"""The backtest thread: told in order and not too often, cancelled without a trace, saved before it is announced."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from qbx_desktop.backtest import run as engine
from qbx_desktop.backtest.input import Account, Costs
from qbx_desktop.commands import backtest as command
from qbx_desktop.data import backtests, trials, users
from qbx_desktop.data.bar_files import read_bars
from qbx_desktop.data.database import Database
from qbx_desktop.data.home import Home
from qbx_desktop.domain.clock import SystemClock
from qbx_desktop.domain.errors import UserMistake
from qbx_desktop.domain.sizing import Sizing, StopDistance, StopUnit
from qbx_desktop.workers.backtest_job import Choices, input_of
from qbx_desktop.workers.backtest_run import from_record, record_of, thinned
from qbx_desktop.workers.backtest_thread import BacktestThread, _Telling
from qbx_desktop.workers.board import NoticeBoard
from qbx_desktop.workers.job_thread import BacktestFailed
from tests.fakes.clock import FakeClock
from tests.fakes.prices import walk, write_csv

WAIT = 20_000


@dataclasses.dataclass
class Parts:
    """A thread on the board, and what the board heard."""

    thread: BacktestThread
    board: NoticeBoard
    db: Database
    progress: list[Any]
    done: list[Any]
    failed: list[BacktestFailed]


@pytest.fixture
def parts(home: Path, qtbot: QtBot) -> Iterator[Parts]:
    db = Database.open(Home(home).prepare().database)
    board = NoticeBoard()
    thread = BacktestThread(db, SystemClock(), db.write(users.ensure_practice_user), random_runs=5)
    thread.progressed.connect(board.backtest_progress)
    thread.done.connect(board.backtest_finished)
    thread.failed.connect(board.backtest_failed)
    thread.judged.connect(board.backtest_judged)
    thread.reproduced.connect(board.backtest_reproduced)
    made = Parts(thread, board, db, [], [], [])
    board.backtest_progress.connect(made.progress.append)
    board.backtest_finished.connect(made.done.append)
    board.backtest_failed.connect(made.failed.append)
    yield made
    thread.finish()
    assert thread.wait(WAIT)
    db.close()


@pytest.fixture
def prices(tmp_path: Path) -> Path:
    return write_csv(tmp_path / "EURUSD_H1.csv", walk(3_000))


def choices(path: Path, **changes: Any) -> Choices:
    given = Choices(
        path, "EURUSD", "MA_CROSSOVER", {"fast_period": 10, "slow_period": 30}, sizing=Sizing(risk_percent=1.0),
        sl=StopDistance(StopUnit.ATR, 2.0), tp=StopDistance(StopUnit.ATR, 4.0),
    )  # fmt: skip
    return dataclasses.replace(given, **changes)


def test_a_run_is_saved_and_then_announced(parts: Parts, prices: Path, qtbot: QtBot) -> None:
    number = parts.thread.begin(choices(prices))
    qtbot.waitUntil(lambda: bool(parts.done), timeout=WAIT)
    news = parts.done[0]
    assert (news.number, news.loaded) == (number, False)
    assert news.run.trades
    record = backtests.load(parts.db.reader(), news.run.record_id)
    assert record.total_trades == len(news.run.trades) == len(record.trade_log)
    assert record.total_profit_usd == news.run.report["net_profit"]
    assert record.wins + record.losses == record.total_trades
    assert parts.failed == []


def test_each_setting_that_is_run_counts_as_a_trial(parts: Parts, prices: Path, qtbot: QtBot) -> None:
    for at, fast in enumerate((10, 12, 12), start=1):
        parts.thread.begin(choices(prices, params={"fast_period": fast, "slow_period": 30}))
        qtbot.waitUntil(lambda at=at: len(parts.done) == at, timeout=WAIT)  # type: ignore[misc]
    times = parts.done[0].run.times
    found = trials.count(parts.db.reader(), "MA_CROSSOVER", "EURUSD", 3_600, int(times[0]), int(times[-1]))
    assert found.count == 2, "the same settings again are no other trial"
    assert found.variance > 0


def test_u16_progress_rises_and_ends_before_the_result(parts: Parts, prices: Path, qtbot: QtBot) -> None:
    parts.thread.begin(choices(prices))
    qtbot.waitUntil(lambda: bool(parts.done), timeout=WAIT)
    shares = [each.share for each in parts.progress]
    assert shares
    assert shares == sorted(shares)
    assert shares[0] == 0.0


def test_u16_at_most_twenty_updates_a_second() -> None:
    clock, told = FakeClock(), []
    telling = _Telling(clock, 1, told.append)
    times = []
    for bars in range(1, 1_001):
        clock.advance(0.004)
        before = len(told)
        telling.heard(bars / 1_000, bars, np.full(1, 10_000.0))
        if len(told) > before:
            times.append(clock.monotonic())
    assert all(later - earlier >= 0.05 - 1e-9 for earlier, later in pairwise(times))
    assert len(told) > 50
    assert told[-1].seconds_left == pytest.approx(4.0 * (1 - told[-1].share), abs=0.1)
    assert len(told[-1].equity) == told[-1].bars


def test_u16_a_cancelled_run_leaves_nothing(
    parts: Parts, prices: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = engine.run

    def cancel_in_the_middle(given: Any, *, progress: Any, cancelled: Any) -> Any:
        def heard(share: float, bars: int, equity: Any) -> None:
            progress(share, bars, equity)
            if share > 0.4:
                parts.thread.cancel()

        return real(given, progress=heard, cancelled=cancelled)

    monkeypatch.setattr(engine, "run", cancel_in_the_middle)
    parts.thread.begin(choices(prices))
    qtbot.waitUntil(lambda: bool(parts.failed), timeout=WAIT)
    assert parts.failed[0].cancelled
    assert parts.done == []
    assert backtests.summaries(parts.db.reader()) == []


def test_a_new_run_cancels_the_old_one(
    parts: Parts, prices: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, begun = engine.run, []

    def slow_at_first(given: Any, *, progress: Any, cancelled: Any) -> Any:
        begun.append(given)
        while len(begun) == 1 and not cancelled():
            pass
        return real(given, progress=progress, cancelled=cancelled)

    monkeypatch.setattr(engine, "run", slow_at_first)
    first = parts.thread.begin(choices(prices))
    qtbot.waitUntil(lambda: bool(begun), timeout=WAIT)
    second = parts.thread.begin(choices(prices))
    qtbot.waitUntil(lambda: bool(parts.done), timeout=WAIT)
    assert [each.number for each in parts.failed] == [first]
    assert [each.number for each in parts.done] == [second]


@pytest.mark.parametrize(
    ("changes", "text", "word"),
    [
        ({}, "time,open,high,low,close,volume\n2020-01-01 00:00:00,1.1,1.0,1.2,1.1,5\n", "wrong"),
        ({}, "no bars at all", ""),
        ({"symbol": "NOSUCH"}, None, "NOSUCH"),
        ({"strategy": "NO_SUCH"}, None, "NO_SUCH"),
        ({"params": {"fast_period": -3}}, None, "at least"),
        ({"start": 4_000_000_000}, None, "no bar"),
        ({"sl": StopDistance()}, None, "stop-loss"),
        ({"account": Account("SEK")}, None, "rate"),
    ],
)
def test_what_cannot_run_is_one_sentence(
    parts: Parts, prices: Path, qtbot: QtBot, changes: dict[str, Any], text: str | None, word: str
) -> None:
    if text is not None:
        prices.write_text(text, encoding="utf-8")
    parts.thread.begin(choices(prices, **changes))
    qtbot.waitUntil(lambda: bool(parts.failed), timeout=WAIT)
    error = parts.failed[0].error
    assert isinstance(error, UserMistake)
    assert not parts.failed[0].cancelled
    assert word in error.sentence
    assert "Traceback" not in error.sentence


def test_a_file_that_is_gone_is_one_sentence(parts: Parts, tmp_path: Path, qtbot: QtBot) -> None:
    parts.thread.begin(choices(tmp_path / "EURUSD_H1.csv"))
    qtbot.waitUntil(lambda: bool(parts.failed), timeout=WAIT)
    assert isinstance(parts.failed[0].error, UserMistake)


def test_a_full_disk_keeps_the_result_on_the_screen(
    parts: Parts, prices: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> int:
        raise UserMistake("The disk is full.")

    monkeypatch.setattr(backtests, "save", full)
    parts.thread.begin(choices(prices))
    qtbot.waitUntil(lambda: bool(parts.done), timeout=WAIT)
    run = parts.done[0].run
    assert run.record_id == 0
    assert run.problem is not None
    assert "The disk is full." in run.problem.sentence
    assert run.trades


def test_u17_a_saved_run_comes_back_equal(parts: Parts, prices: Path, qtbot: QtBot) -> None:
    given = choices(prices, start=1_580_000_000, costs=Costs(5, False, 3.5, 1))
    parts.thread.begin(given)
    qtbot.waitUntil(lambda: len(parts.done) == 1, timeout=WAIT)
    parts.thread.load(parts.done[0].run.record_id)
    qtbot.waitUntil(lambda: len(parts.done) == 2, timeout=WAIT)
    fresh, again = parts.done[0].run, parts.done[1].run
    assert parts.done[1].loaded
    assert again.choices == given
    assert again.trades == fresh.trades
    assert again.report == fresh.report
    assert np.array_equal(again.bars.time, fresh.bars.time)
    assert [each.text for each in again.assumptions] == [each.text for each in fresh.assumptions]
    assert again.trust == fresh.trust
    assert again.problem is None


def test_a_saved_run_whose_file_is_gone_still_shows_its_figures(
    parts: Parts, prices: Path, qtbot: QtBot
) -> None:
    parts.thread.begin(choices(prices))
    qtbot.waitUntil(lambda: len(parts.done) == 1, timeout=WAIT)
    prices.unlink()
    parts.thread.load(parts.done[0].run.record_id)
    qtbot.waitUntil(lambda: len(parts.done) == 2, timeout=WAIT)
    again = parts.done[1].run
    assert again.trades
    assert len(again.bars) == 0
    assert again.problem is not None


def test_a_run_of_the_predecessor_shows_what_it_has() -> None:
    record = backtests.BacktestRecord(
        "RSI", "EURUSD.csv", 12.5, 3, 66.7, 4.2, 2, 1, equity_curve=[10_000, 10_005.5, 10_012.5],
        trade_log=[{"entry": 1.1}], parameters={"rsi_period": 14}, id=7,
    )  # fmt: skip
    run = from_record(record)
    assert run.choices is None
    assert run.problem is not None
    assert run.report["net_profit"] == 12.5
    assert run.equity.tolist() == [10_000, 10_005.5, 10_012.5]
    assert run.trades == ()


def test_the_window_and_the_command_line_run_the_same_input(prices: Path) -> None:
    """The same file gives the same trades, because it becomes the same input."""
    options = command._parser().parse_args(
        f"--bars {prices} --strategy MA_CROSSOVER --set fast_period=10 --set slow_period=30 --risk 1 --sl-atr 2 "
        "--tp-atr 4 --spread bar --commission 3.5 --slippage 2 --balance 5000 --from 2020-02-01".split()
    )
    bar_file = read_bars(prices)
    typed = command.input_of(options, bar_file)
    clicked = input_of(
        choices(
            prices, account=Account("USD", 5_000.0), costs=Costs(None, True, 3.5, 2), start=1_580_515_200
        ),
        bar_file,
    )
    for field in dataclasses.fields(typed):
        if field.name != "bars":
            assert getattr(typed, field.name) == getattr(clicked, field.name), field.name
    assert engine.run(typed).hash == engine.run(clicked).hash


def test_choices_survive_json(prices: Path) -> None:
    given = choices(prices, rate=1.25, end=1_600_000_000, costs=Costs(0, False, 1.0, 3))
    assert Choices.from_json(json.loads(json.dumps(given.to_json()))) == given
    with pytest.raises(UserMistake, match="another version"):
        Choices.from_json({"fast": 3})


def test_a_stored_curve_keeps_its_deepest_point(prices: Path) -> None:
    bar_file = read_bars(prices)
    given = choices(prices)
    result = engine.run(input_of(given, bar_file))
    stored = record_of(given, result, 1).result
    assert stored is not None
    assert len(stored["curves"]["time"]) <= 2_001
    assert min(stored["curves"]["equity_low"]) == result.equity_low.min()
    assert stored["curves"]["equity"][-1] == result.equity[-1]


@pytest.mark.parametrize("count", [0, 1, 5, 2_000, 2_001, 10_001])
def test_thinning_keeps_first_and_last(count: int) -> None:
    kept = thinned(count, 2_000)
    assert len(kept) <= 2_001
    if count:
        assert (kept[0], kept[-1]) == (0, count - 1)


def test_a_thread_that_never_ran_ends(home: Path, qtbot: QtBot) -> None:
    with Database.open(Home(home).prepare().database) as db:
        thread = BacktestThread(db, SystemClock(), 1)
        thread.finish()
        assert thread.wait(WAIT)
