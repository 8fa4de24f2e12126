"""The notice board: the one QObject that workers speak to and everyone in the GUI thread listens to.

In PySide6 a worker's signal runs plain functions in the worker's own thread. So a worker's signals are connected
to the board's signals and to nothing else; windows, models and tests connect to the board.
"""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal


class NoticeBoard(QObject):
    """Lives in the GUI thread; every signal below is delivered there.

    `happened` carries a `domain.events.Event`, `problem` an exception (a QbxError has a sentence for the trader,
    anything else is a bug). The backtest signals carry what the backtest thread documents, `strategies_changed` what the strategy
    thread does.
    """

    happened = Signal(object)
    problem = Signal(object)
    backtest_progress = Signal(object)
    backtest_finished = Signal(object)
    backtest_failed = Signal(object)
    backtest_judged = Signal(object)
    backtest_reproduced = Signal(object)
    strategies_changed = Signal(object)
