"""A bot's decisions on the screen: both orders of a turn, why nothing was done, and always the newest ones."""

from __future__ import annotations

import dataclasses

import pytest
from PySide6.QtWidgets import QTableView

from qbx_desktop.data import bots, decisions
from qbx_desktop.data.database import Database
from qbx_desktop.domain.events import DecisionsKept
from qbx_desktop.ui.models.bots_model import BotRow
from qbx_desktop.ui.window import MainWindow
from qbx_desktop.workers.board import NoticeBoard
from tests.data.conftest import a_bot

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")
TURN = decisions.Decision(
    1, 0, "EURUSD", "H1", 1_750_000_000, "0" * 16, "SELL", None, "reverse", decisions.ALLOWED, "FILLED"
)


def shown(view: QTableView) -> list[list[str]]:
    model = view.model()
    return [[str(model.index(row, at).data()) for at in range(1, 5)] for row in range(model.rowCount())]


def test_a_turn_is_two_orders_and_new_decisions_come_by_themselves(
    window: MainWindow, db: Database, board: NoticeBoard
) -> None:
    bot_id = db.write(lambda con: bots.create_bot(con, a_bot()))
    bot = bots.get_bot(db.reader(), bot_id)
    assert bot is not None
    detail = window.bots.detail
    detail.show_row(BotRow(bot, None, ()))
    assert shown(detail.decisions) == []

    def decide(**changes: object) -> None:
        entry = dataclasses.replace(TURN, bot_id=bot_id, **changes)  # type: ignore[arg-type]
        db.write(lambda con: decisions.append(con, entry))

    decide()
    decide(move="open")
    board.happened.emit(DecisionsKept(frozenset({bot_id + 1})))
    assert shown(detail.decisions) == []
    board.happened.emit(DecisionsKept(frozenset({bot_id})))
    assert shown(detail.decisions) == [
        ["Sell", "Open", "Filled", ""],
        ["Sell", "Close to turn", "Filled", ""],
    ]
    decide(move="nothing", verdict=decisions.HOLDS, outcome=decisions.NOT_SENT)
    board.happened.emit(DecisionsKept(frozenset({bot_id})))
    signal, order, outcome, why = shown(detail.decisions)[0]
    assert (signal, order, outcome) == ("Sell", "–", "Not sent")
    assert why.startswith("Nothing to do")
