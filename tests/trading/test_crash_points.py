"""F02, F03, F32: killed at any point around a send, or without an answer, nothing is lost and nothing sent twice."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from qbx_desktop.domain.bots import RunState
from qbx_desktop.domain.events import BotChanged
from qbx_desktop.domain.journal import JournalAction, JournalState

from .stage import Crash, Stage

POINTS = [
    "before QUEUED", "after QUEUED", "before SENDING", "after SENDING", "before execution", "after execution",
    "before the outcome", "after the outcome",
]  # fmt: skip


def _crash(*_: Any, **__: Any) -> None:
    raise Crash


def arm(stage: Stage, point: str, action: JournalAction) -> None:
    """Let the desk die at `point` of its next order that does `action`."""
    journal = stage.desk.floor.ledger.journal
    insert, transition = journal.insert, journal.transition

    def crashing_insert(**columns: Any) -> Any:
        mine = columns["action"] is action
        if mine and point == "before QUEUED":
            raise Crash
        return insert(**columns)

    def crashing_transition(row_id: int, state: JournalState, **columns: Any) -> Any:
        mine = journal.get(row_id).action is action
        sending, final = (
            state is JournalState.SENDING,
            state not in (JournalState.SENDING, JournalState.QUEUED),
        )
        if mine and sending and point in ("after QUEUED", "before SENDING"):
            raise Crash
        if mine and final and point == "before the outcome":
            raise Crash
        return transition(row_id, state, **columns)

    journal.insert, journal.transition = crashing_insert, crashing_transition  # type: ignore[method-assign]
    log, count = stage.desk._road._log, len(stage.api.sends)

    def is_mine(request: dict[str, Any]) -> bool:
        return ("position" in request) is (action is JournalAction.CLOSE)

    if point in ("after SENDING", "before execution"):
        stage.api.before["order_send"] = lambda request: _crash() if is_mine(request) else None
    if point == "after execution":
        stage.api.after["order_send"] = lambda answer: _crash() if is_mine(stage.api.sends[-1]) else answer
    if point == "after the outcome":
        append = log.append

        def crashing_append(entry: Any, at_ms: int, *, flush: bool = True) -> None:
            if (
                entry["action"] == action.value
                and entry["state"] != "SENDING"
                and len(stage.api.sends) > count
            ):
                raise Crash
            append(entry, at_ms, flush=flush)

        log.append = crashing_append  # type: ignore[method-assign]


def run_until_crash(stage: Stage) -> None:
    with pytest.raises(Crash):
        stage.bar(60)


@pytest.mark.parametrize("point", POINTS)
@pytest.mark.parametrize("action", [JournalAction.OPEN, JournalAction.CLOSE])
def test_f32_killed_at_any_point(stage: Stage, point: str, action: JournalAction) -> None:
    bot_id = stage.running_bot()
    if action is JournalAction.CLOSE:
        stage.until(lambda: len(stage.positions()) == 1)
    booked = len(stage.deals())
    arm(stage, point, action)
    run_until_crash(stage)
    executed = len(stage.deals()) - booked
    assert executed == (1 if point in ("after execution", "before the outcome", "after the outcome") else 0)
    sent = len(stage.api.sends)

    stage.restart()
    stage.wait(260)
    rows = stage.journal(bot_id)
    assert not [row for row in rows if row.state.is_open_question]
    assert len(stage.api.sends) == sent, "what was lost is looked up, never sent again"
    row = [each for each in rows if each.action is action]
    if point == "before QUEUED":
        assert not row or row[-1].state is JournalState.FILLED
    elif point in ("after QUEUED", "before SENDING"):
        assert row[-1].state is JournalState.EXPIRED
    elif executed:
        assert row[-1].state is JournalState.FILLED
        assert row[-1].order_ticket == stage.deals()[-1].order
    else:
        assert row[-1].state is JournalState.NOT_PLACED
    opened = [word for word in stage.actions(bot_id) if word in ("POSISI DIBUKA", "POSISI DITUTUP")]
    assert len(opened) == len(stage.deals()), "one history row per deal, none for what did not happen"

    stage.until(lambda: len(stage.deals()) > booked + executed)
    assert len(stage.positions()) <= 1
    assert bot_id in stage.desk.floor.slots, "the bot went on"


def lost_after(stage: Stage, code: int) -> Callable[[Any], Any]:
    """The order is executed, the answer is lost."""

    def lose(_answer: Any) -> None:
        stage.api.fail(code, "IPC")

    return lose


@pytest.mark.parametrize("code", [-10000, -10001, -10002, -10004, -10005])
def test_f03_executed_but_the_answer_is_lost(stage: Stage, code: int) -> None:
    bot_id = stage.running_bot()
    stage.api.after["order_send"] = lost_after(stage, code)
    stage.until(lambda: len(stage.api.sends) == 1)
    assert "got no answer" in stage.details("INFO")[0]
    states = [each.state for each in stage.events if isinstance(each, BotChanged) and each.bot_id == bot_id]
    assert RunState.UNKNOWN_ORDER in states
    stage.api.mend()
    stage.wait(30)
    row = stage.journal(bot_id)[-1]
    assert (row.state, row.order_ticket) == (JournalState.FILLED, stage.deals()[-1].order)
    assert len(stage.api.sends) == 1
    assert stage.actions(bot_id).count("POSISI DIBUKA") == 1


def test_f03_not_executed_and_no_answer(stage: Stage) -> None:
    bot_id = stage.running_bot()

    def nothing(_request: Any) -> None:
        stage.api.fail(-10002, "IPC recv failed")

    stage.api.instead["order_send"] = nothing
    stage.until(lambda: len(stage.api.sends) == 1)
    stage.api.mend()
    stage.wait(120)
    assert stage.journal(bot_id)[-1].state is JournalState.UNKNOWN, "too early to say"
    stage.wait(120)
    assert stage.journal(bot_id)[-1].state is JournalState.NOT_PLACED
    assert len(stage.api.sends) == 1
    stage.until(lambda: len(stage.deals()) == 1)


def test_f03_a_fill_that_was_stopped_out_before_we_looked_is_found_in_history(stage: Stage) -> None:
    bot_id = stage.running_bot()

    def lose_and_stop_out(_answer: Any) -> None:
        position = stage.positions()[0]
        tick = stage.api.api.symbol_info_tick("EURUSD")
        stage.api.api.order_send({
            "action": 1, "symbol": "EURUSD", "volume": position.volume, "type": 1 - position.type,
            "position": position.ticket, "price": tick.bid if position.type == 0 else tick.ask, "type_filling": 0,
        })  # fmt: skip
        stage.api.fail(-10002, "IPC recv failed")

    stage.api.after["order_send"] = lose_and_stop_out
    stage.until(lambda: len(stage.api.sends) == 1)
    stage.api.mend()
    stage.wait(30)
    assert stage.journal(bot_id)[-1].state is JournalState.FILLED
    words = stage.actions(bot_id)
    assert (words.count("POSISI DIBUKA"), words.count("POSISI DITUTUP")) == (1, 1)
    assert bot_id in stage.desk.floor.slots


def test_f03_a_late_fill_raises_the_alarm_and_halts_the_bot(stage: Stage) -> None:
    bot_id = stage.running_bot()
    late: list[dict[str, Any]] = []

    def later(request: Any) -> None:
        late.append(dict(request))
        stage.api.fail(-10005, "IPC timeout")

    stage.api.instead["order_send"] = later
    stage.until(lambda: len(stage.api.sends) == 1)
    stage.api.mend()
    stage.wait(260)
    assert stage.journal(bot_id)[-1].state is JournalState.NOT_PLACED
    stage.api.api.order_send(late[0])
    stage.wait(15)
    assert bot_id not in stage.desk.floor.slots
    assert "Another copy" in stage.details("ERROR")[-1]
    assert len(stage.positions()) == 1, "the position is left alone"
