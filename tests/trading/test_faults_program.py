"""F30-F45 below the window: sleep, restarts, a full disk, a bot that runs away or fails, shutdown."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from qbx_desktop.data import decisions, settings
from qbx_desktop.data.errors import DbFull
from qbx_desktop.domain.bars import Bars
from qbx_desktop.domain.bots import BotStatus, RunState
from qbx_desktop.domain.events import BotChanged, Notice
from qbx_desktop.domain.journal import JournalAction, JournalState
from qbx_desktop.domain.signals import Signals
from qbx_desktop.trading.desk import Desk

from .order_world import Flips, Scripted
from .stage import Stage, wave

Make = Callable[..., Stage]


class Raises(Scripted):
    """Fails on every bar."""

    def signals(self, bars: Bars, _params: Any) -> Signals:
        raise ZeroDivisionError("division by zero")


def with_strategies(stage: Stage, **known: Any) -> None:
    from qbx_desktop.strategies import registry

    stage.desk_class = lambda *a, **k: Desk(
        *a, strategy_of=lambda key: known.get(key) or registry.get(key), **k
    )


def test_f30_after_a_sleep_nothing_stale_is_sent(make_stage: Make) -> None:
    stage = make_stage(bars=wave(step=60))
    stage.detect_sleep = True
    stage.start()
    stage.running_bot(timeframe="M1")

    def minutes(count: int) -> None:
        for _ in range(count * 12):
            stage.api.api.sim_advance(5)
            stage.clock.advance(5)
            stage.round()
            stage.desk.seconds_to_next(stage.clock.monotonic())

    minutes(3)
    sent = len(stage.api.sends)
    stage.api.api.sim_advance(1_800)
    stage.clock.advance(1_800)
    stage.round(3)
    assert len(stage.api.sends) == sent
    minutes(30)
    assert len(stage.api.sends) > sent, "and the next closed bars are traded"


def test_f32_a_quit_leaves_wish_position_and_open_question(stage: Stage) -> None:
    bot_id = stage.running_bot()

    def silent(request: Any) -> None:
        stage.api.api.order_send(request)
        stage.api.fail(-10005, "IPC timeout")

    stage.api.instead["order_send"] = silent
    stage.until(lambda: len(stage.api.sends) == 1)
    stage.close()
    stage.api.mend()
    stage.start()
    stage.wait(20)
    assert stage.journal(bot_id)[-1].state is JournalState.FILLED
    assert len(stage.positions()) == 1
    assert stage.status(bot_id) is BotStatus.AKTIF


def fill(con: Any, size: int) -> None:
    """Write until the disk is full."""
    while True:
        con.execute("INSERT INTO ballast VALUES (randomblob(?))", (size,))


def test_f34_what_cannot_be_saved_is_not_sent(stage: Stage) -> None:
    bot_id = stage.running_bot()
    con = stage.desk.floor.ledger.con
    pages = con.execute("PRAGMA page_count").fetchone()[0]
    con.execute("CREATE TABLE ballast (x)")
    con.execute(f"PRAGMA max_page_count = {pages + 20}")
    for size in (900, 10):
        with pytest.raises(DbFull):
            fill(con, size)
    stage.bar(100)
    assert any(isinstance(each, Notice) and each.message.code == "desk.unsaved" for each in stage.events)
    sent = len(stage.api.sends)
    assert len([row for row in stage.journal(bot_id) if row.sent_ms]) == sent, "no send without its row"
    stage.bar(20)
    assert len(stage.api.sends) == sent
    con.execute("PRAGMA max_page_count = 1000000")
    stage.wait(30)
    stage.until(lambda: len(stage.api.sends) > sent)
    stage.wait(30)
    assert not stage.desk.floor.ledger.journal.open_questions()
    assert bot_id in stage.desk.floor.slots
    assert len(stage.positions()) <= 1


def test_f35_a_locked_database_stops_orders_until_it_is_free(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.running_bot()
    stage.desk.floor.ledger.con.execute("PRAGMA busy_timeout = 10")
    holder = stage.db.order_connection()
    holder.execute("BEGIN IMMEDIATE")
    stage.bar(20)
    assert not stage.api.sends
    holder.execute("ROLLBACK")
    holder.close()
    stage.until(lambda: len(stage.positions()) == 1)


def test_f41_a_bot_that_runs_away_is_held_by_rows_that_survive_restarts(make_stage: Make) -> None:
    stage = make_stage(bars=wave(count=500, step=60))
    with_strategies(stage, FLIPS=Flips())
    stage.start()
    bot_id = stage.running_bot(
        timeframe="M1",
        strategy="FLIPS",
        strategy_params=None,
        limits={"orders_per_day": 20, "orders_per_minute": 2},
    )
    for number in range(120):
        stage.bar()
        if number % 6 == 5:
            stage.restart()
    opens = [row for row in stage.journal(bot_id) if row.sent_ms and row.action is JournalAction.OPEN]
    assert len([row for row in stage.journal(bot_id) if row.sent_ms]) <= 21
    assert len(opens) <= 20
    per_bar = [row.bar_time for row in opens]
    assert len(per_bar) == len(set(per_bar))
    assert any("orders today" in text for text in stage.details("GAGAL BUKA POSISI"))


def test_f44_a_strategy_that_raises_stops_its_own_bot_only(make_stage: Make) -> None:
    stage = make_stage()
    with_strategies(stage, RAISES=Raises())
    stage.start()
    good = stage.running_bot()
    bad = stage.running_bot(strategy="RAISES", strategy_params=None, name="Gold hybrid")
    stage.bar()
    assert stage.status(bad) is BotStatus.ERROR
    assert bad not in stage.desk.floor.slots
    assert stage.details("ERROR")[0].startswith('"Gold hybrid" stopped: its strategy failed on the bar of ')
    last = [each for each in stage.events if isinstance(each, BotChanged) and each.bot_id == bad][-1]
    assert last.state is RunState.ERROR
    stage.until(lambda: len(stage.positions()) == 1)
    assert good in stage.desk.floor.slots


def test_f45_the_desk_closes_at_once_whatever_is_open(stage: Stage) -> None:
    stage.running_bot()
    stage.until(lambda: len(stage.positions()) == 1)
    stage.close()
    stage.api.api.initialize()
    assert len(stage.positions()) == 1
    stage.start()
    assert stage.desk.floor.view.ours


def test_f51_one_bad_bot_does_not_keep_the_others_from_loading(stage: Stage) -> None:
    bad = stage.new_bot(strategy_params='{"fast_period": 1e999}')
    unknown = stage.new_bot(strategy="MA_CROSOVER")
    frame = stage.new_bot(timeframe="H7")
    good = stage.running_bot()
    for bot_id in (bad, unknown, frame):
        stage.desk.start_bot(bot_id)
        assert stage.status(bot_id) is BotStatus.ERROR
    assert "did you mean" in " ".join(stage.details("ERROR"))
    stage.restart()
    assert set(stage.desk.floor.slots) == {good}


def test_every_decision_that_was_not_hold_is_kept_with_its_reason(stage: Stage) -> None:
    bot_id = stage.running_bot(limits={"max_spread_points": 5})
    stage.until(lambda: "GAGAL BUKA POSISI" in stage.actions(bot_id))
    kept = decisions.page(stage.db.reader(), bot_id)
    assert len(kept) == 1
    assert (kept[0].signal in ("BUY", "SELL"), kept[0].move, kept[0].verdict) == (
        True,
        "open",
        "guard.spread",
    )
    assert kept[0].outcome == "DENIED"
    assert kept[0].explanation is not None
    assert len(kept[0].inputs_hash) == 16


def test_a_round_that_is_broken_off_goes_on_where_it_stopped(make_stage: Make) -> None:
    stage = make_stage()
    stage.start()
    first, second = stage.running_bot(), stage.running_bot()
    for _ in range(60):
        stage.api.api.sim_step_bar()
        stage.clock.advance(3_600)
        for _ in range(60):
            for event in stage.desk.run_due(stage.clock.monotonic()):
                stage.events.append(event)
                break
        if len(stage.deals()) >= 4:
            break
    bars = {bot_id: [row.bar_time for row in stage.journal(bot_id)] for bot_id in (first, second)}
    assert bars[first] == bars[second], "no bot misses a bar because a command came in between"


def test_bots_on_one_symbol_share_every_read_of_bars(stage: Stage) -> None:
    for _ in range(10):
        stage.running_bot(limits={"max_open_lots": 0, "max_open_positions": 0})
    reads: list[Any] = []
    stage.api.before["copy_rates_from_pos"] = lambda *args: reads.append(args)
    stage.bar()
    assert len(reads) <= 3, "one look and one history, whatever the number of bots"


def test_the_setting_keeps_bots_off_at_the_start(stage: Stage) -> None:
    bot_id = stage.running_bot()
    stage.db.write(lambda con: settings.set(con, "resume_bots", False))
    stage.restart()
    assert bot_id not in stage.desk.floor.slots
    assert stage.status(bot_id) is BotStatus.AKTIF
