"""The history's table over a million events beside the same table over a thousand: open, jump, scroll a page.

    python bench/history_table.py [rows, default 1 000 000]

A jump is timed from the scroll bar's move until the rows of that place are read and painted. Milliseconds, medians; the goal
is 1.3 times the small table's.
"""

from __future__ import annotations

import os
import random
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtWidgets import QApplication, QTableView

from qbx_desktop.data.database import Database
from qbx_desktop.ui.models.history_model import HistoryModel
from qbx_desktop.ui.table_view import table
from qbx_desktop.ui.theme import Theme
from qbx_desktop.ui.words import Words
from qbx_desktop.workers.answers import Answers
from qbx_desktop.workers.page_reader import PageReader

SMALL = 1_000
JUMPS = 40
OPENINGS = 7
GOAL = 1.3
HOLE = 997  # every so many rows one is missing, as after a deleted bot


def main() -> None:
    large = int(sys.argv[1].replace("_", "")) if len(sys.argv) > 1 else 1_000_000
    app = QApplication(sys.argv[:1])
    theme, words = Theme(app), Words()
    with tempfile.TemporaryDirectory() as name:
        tables = []
        for rows in (SMALL, large):
            path = Path(name) / f"{rows}.db"
            began = time.perf_counter()
            fill(path, rows)
            print(f"{rows:,} rows made in {time.perf_counter() - began:.1f} s")
            tables.append(Shown(Database.open(path), words, theme))
        opened: list[list[float]] = [[], []]
        counted: list[list[float]] = [[], []]
        for _ in range(OPENINGS):
            for at, each in enumerate(tables):
                opened[at].append(each.open())
                counted[at].append(each.count())
        told("open, first rows painted", opened, f"x (goal {GOAL}x)")
        told("every row has its place", counted, "x (once, beside the window)")
        draw = random.Random(1)
        jumps: dict[str, list[list[float]]] = {"jump anywhere": [[], []], "page down": [[], []]}
        for _ in range(JUMPS):
            # Taken in turn, so that a busy machine is busy for both; every page is read anew.
            for at, each in enumerate(tables):
                each.forget()
                jumps["jump anywhere"][at].append(each.jump(draw.random()))
                jumps["page down"][at].append(each.page_down())
        for what, taken in jumps.items():
            told(what, taken, f"x (goal {GOAL}x)")
        for each in tables:
            each.db.close()


def told(what: str, taken: list[list[float]], after: str) -> None:
    """One line: both medians in milliseconds and their ratio."""
    one, two = (statistics.median(each) for each in taken)
    print(f"{what:28}{one:>9.1f}{two:>11.1f}{two / one:>8.2f}{after}")


def fill(path: Path, rows: int) -> None:
    Database.open(path).close()
    con = sqlite3.connect(path)
    con.execute("PRAGMA synchronous = OFF")
    con.executemany(
        "INSERT INTO trade_history (bot_id, timestamp, ts_ms, action, details, is_notification, is_read, code, params_json, level)"
        " VALUES (NULL, '2025-06-15 12:00:00', ?, 'INFO', 'x', 0, 0, 'plain', ?, 'info')",
        ((1_750_000_000_000 + n, f'{{"text": "Market closed, row {n}"}}') for n in range(rows)),
    )
    con.execute(f"DELETE FROM trade_history WHERE id % {HOLE} = 0")
    con.commit()
    con.close()


class Shown:
    """One table, shown, over one database."""

    def __init__(self, db: Database, words: Words, theme: Theme) -> None:
        self.db, answers, reader = db, Answers(), PageReader(db.reader)
        self.model = HistoryModel(
            lambda read, then, failed: answers.deliver(reader.ask(read), then, failed), words, theme
        )
        self.view: QTableView = table(self.model, words, "History", (160, 160, 150, 90), sortable=False)
        self.resets = 0
        self.model.modelReset.connect(self._was_reset)
        self.view.resize(1_200, 700)
        self.view.show()
        QApplication.processEvents()

    def _was_reset(self) -> None:
        self.resets += 1

    def open(self) -> float:
        def go() -> None:
            self.resets = 0
            self.model.set_source(self.model.source)
            serve(lambda: self.resets > 0)
            self.view.grab()

        return milliseconds(go)

    def count(self) -> float:
        return milliseconds(lambda: serve(lambda: self.model.is_complete))

    def forget(self) -> None:
        self.model._pages.clear()

    def jump(self, share: float) -> float:
        bar = self.view.verticalScrollBar()
        return milliseconds(lambda: self.go(round(share * bar.maximum())))

    def page_down(self) -> float:
        bar = self.view.verticalScrollBar()
        return milliseconds(lambda: self.go(bar.value() + bar.pageStep()))

    def go(self, value: int) -> None:
        self.view.verticalScrollBar().setValue(value)
        self.view.grab()
        serve(lambda: all(self.model.row_at(at) is not None for at in self.in_sight()))
        self.view.grab()

    def in_sight(self) -> tuple[int, int]:
        last = self.view.rowAt(self.view.viewport().height() - 1)
        return self.view.rowAt(1), last if last >= 0 else self.model.total - 1


def serve(condition: Callable[[], bool]) -> None:
    """Run the event loop until `condition` holds."""
    loop, waiting = QEventLoop(), QTimer(interval=0)
    waiting.timeout.connect(lambda: loop.quit() if condition() else None)
    waiting.start()
    loop.exec()


def milliseconds(call: Callable[[], object]) -> float:
    began = time.perf_counter()
    call()
    return (time.perf_counter() - began) * 1_000


if __name__ == "__main__":
    main()
