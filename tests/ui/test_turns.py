"""Long work in turns: in order, one piece at a time, and dropped when other work begins."""

from __future__ import annotations

from pytestqt.qtbot import QtBot

from qbx_desktop.ui.turns import Turns


def test_pieces_come_in_order_and_let_others_in(qtbot: QtBot) -> None:
    done: list[str] = []
    turns = Turns()
    turns.begin([lambda: done.append("a"), lambda: done.append("b"), lambda: done.append("c")])
    assert done == []
    qtbot.waitUntil(lambda: len(done) == 3)
    assert done == ["a", "b", "c"]


def test_new_work_takes_the_place_of_the_old(qtbot: QtBot) -> None:
    done: list[str] = []
    turns = Turns()
    turns.begin([lambda: done.append("old"), lambda: done.append("old")])
    turns.begin([lambda: done.append("new")])
    qtbot.waitUntil(lambda: bool(done))
    qtbot.wait(20)
    assert done == ["new"]


def test_at_once(qtbot: QtBot) -> None:
    done: list[int] = []
    Turns().begin([lambda: done.append(1), lambda: done.append(2)], at_once=True)
    assert done == [1, 2]
