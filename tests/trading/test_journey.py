"""The first journey: a bot opens, reverses, closes, is paused; the desk is closed and opened again."""

from __future__ import annotations

from qbx_desktop.domain.bots import BotStatus, RunState
from qbx_desktop.domain.events import AccountChanged, BotChanged, HistoryAppended, Notice, PositionsChanged
from qbx_desktop.domain.journal import JournalAction, JournalState

from .stage import Stage


def test_a_bot_opens_reverses_is_paused_and_everything_survives_a_restart(stage: Stage) -> None:
    bot_id = stage.running_bot()
    stage.until(lambda: len(stage.positions()) == 1)
    first = stage.positions()[0]
    floor = stage.desk.floor
    assert first.magic == floor.view.magic_of(bot_id)
    assert first.sl > 0
    assert first.tp > 0
    assert first.comment.startswith("QB")
    stage.until(lambda: bool(stage.positions()) and stage.positions()[0].type != first.type)
    rows = stage.journal(bot_id)
    assert [row.action for row in rows[:3]] == [JournalAction.OPEN, JournalAction.CLOSE, JournalAction.OPEN]
    assert all(row.state is JournalState.FILLED for row in rows)
    assert stage.actions(bot_id)[:4] == ["START", "POSISI DIBUKA", "POSISI DITUTUP", "POSISI DIBUKA"]
    assert "opposite signal" in stage.details("POSISI DITUTUP")[0]

    stage.desk.pause_bot(bot_id)
    assert stage.status(bot_id) is BotStatus.DIJEDA
    held = stage.positions()
    sent = len(stage.api.sends)
    stage.bar(10)
    assert len(stage.api.sends) == sent, "a paused bot sends nothing"

    stage.desk.start_bot(bot_id)
    stage.close()
    stage.restart()
    assert stage.status(bot_id) is BotStatus.AKTIF, "quitting does not rewrite the wish"
    assert {each.ticket for each in stage.positions()} <= {each.ticket for each in held}
    assert bot_id in stage.desk.floor.slots


def test_what_happened_is_announced(stage: Stage) -> None:
    bot_id = stage.running_bot()
    stage.until(lambda: len(stage.positions()) == 1)
    kinds = {type(event) for event in stage.events}
    assert {BotChanged, HistoryAppended, Notice, PositionsChanged, AccountChanged} <= kinds
    last = [each for each in stage.events if isinstance(each, BotChanged)][-1]
    assert (last.bot_id, last.state) == (bot_id, RunState.WAITING)
    assert last.signal in ("BUY", "SELL")
    shown = [each for each in stage.events if isinstance(each, PositionsChanged)][-1]
    assert shown.by_bot == {stage.positions()[0].ticket: bot_id}


def test_the_fill_price_and_the_result_are_the_brokers(stage: Stage) -> None:
    bot_id = stage.running_bot()
    stage.until(lambda: len(stage.deals()) >= 2)
    deals = stage.deals()
    rows = stage.journal(bot_id)
    assert [row.order_ticket for row in rows[:2]] == [deal.order for deal in deals[:2]]
    assert [row.fill_price for row in rows[:2]] == [deal.price for deal in deals[:2]]
    result = sum(deal.profit + deal.swap + deal.commission for deal in deals[:2])
    assert f"{result:+.2f}" in stage.details("POSISI DITUTUP")[0]
