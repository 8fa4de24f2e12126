"""The history: pages by key, filters that combine, sentences from codes, everything in the export."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from PySide6.QtTest import QAbstractItemModelTester
from pytestqt.qtbot import QtBot

from qbx_desktop.data import bots, history
from qbx_desktop.data.database import Database
from qbx_desktop.domain.bots import Bot
from qbx_desktop.domain.events import HistoryAppended
from qbx_desktop.domain.messages import Message
from qbx_desktop.ui.context import AppContext
from qbx_desktop.ui.history_export import to_csv
from qbx_desktop.ui.live import Live
from qbx_desktop.ui.models.history_model import HistoryFilter, HistoryModel
from qbx_desktop.ui.models.paged_model import PAGE
from qbx_desktop.ui.tabs.history_tab import HistoryTab
from qbx_desktop.workers.board import NoticeBoard

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")


@pytest.fixture
def gold(db: Database) -> int:
    """A bot with 250 rows of its own, every fifth a refusal, and ten rows of nobody."""
    bot_id = db.write(lambda con: bots.create_bot(con, Bot(0, "Gold", "XAUUSD", "H1", "MA_CROSSOVER")))

    def fill(con: object) -> None:
        for n in range(250):
            action = "GAGAL BUKA POSISI" if n % 5 == 0 else "POSISI DIBUKA"
            message = Message("plain", {"text": f"row {n}"})
            history.append(con, bot_id=bot_id, action=action, message=message, ts_ms=1_750_000_000_000 + n)
        for n in range(10):
            history.append(
                con, bot_id=None, action="INFO", message=Message("plain", {"text": f"info {n}"}), ts_ms=n
            )

    db.write(fill)
    return bot_id


def test_pages_are_walked_without_loss_or_repetition(context: AppContext, gold: int) -> None:
    model = HistoryModel(context.db.reader, context.words, context.theme)
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal, model)
    model.reload()
    seen = [row.id for row in model.rows]
    while model.has_older:
        model.older()
        seen += [row.id for row in model.rows]
    assert seen == sorted(seen, reverse=True)
    assert len(seen) == len(set(seen)) == model.total == 260
    model.newer()
    assert model.page_number == 1
    assert len(model.rows) == PAGE
    model.newest()
    assert (model.page_number, model.rows[0].id) == (0, seen[0])


def test_filters_combine_and_the_tab_says_how_many(
    qtbot: QtBot, context: AppContext, live: Live, gold: int
) -> None:
    tab = HistoryTab(context, live)
    qtbot.addWidget(tab)
    tab.show()
    tab.show_bot(gold)
    assert "250 rows match" in tab.counts.text()
    tab.action.setCurrentIndex(tab.action.findData("GAGAL BUKA POSISI"))
    assert tab.model.total == 50
    tab.text.setText("row 24")
    assert [row.details for row in tab.model.rows] == ["row 245", "row 240"]
    tab.text.setText("nothing like it")
    assert tab.whole.currentIndex() == 2
    tab._clear_filter()
    assert tab.model.total == 260
    assert tab.model.index(0, 2).data() == "Information"


def test_a_new_row_appears_while_the_tab_is_shown(
    qtbot: QtBot, context: AppContext, live: Live, board: NoticeBoard, db: Database
) -> None:
    tab = HistoryTab(context, live)
    qtbot.addWidget(tab)
    tab.show()
    assert tab.whole.currentIndex() == 1
    row_id = db.write(lambda con: history.append(
        con, bot_id=None, action="INFO", message=Message("plain", {"text": "hello"}), ts_ms=1_750_000_000_000))  # fmt: skip
    board.happened.emit(HistoryAppended(row_id, None))
    qtbot.waitUntil(lambda: tab.model.rowCount() == 1)
    assert tab.model.rows[0].details == "hello"


def test_the_export_has_every_match_and_reads_back(context: AppContext, gold: int) -> None:
    model = HistoryModel(context.db.reader, context.words, context.theme)
    model.set_filter(HistoryFilter(bot_id=gold))
    rows = list(csv.DictReader(io.StringIO(to_csv(model.all_matching(), context.words).decode("utf-8-sig"))))
    assert len(rows) == 250
    assert rows[0]["details"] == "row 249"
    assert rows[0]["time_utc"].endswith("Z")
    assert rows[0]["action"] == "POSISI DIBUKA"


def test_a_cell_that_a_spreadsheet_would_run_is_disarmed(context: AppContext, db: Database) -> None:
    evil = Message("plain", {"text": '=HYPERLINK("http://x")'})
    db.write(lambda con: history.append(con, bot_id=None, action="INFO", message=evil, ts_ms=1))
    model = HistoryModel(context.db.reader, context.words, context.theme)
    text = to_csv(model.all_matching(), context.words).decode("utf-8-sig")
    assert "'=HYPERLINK" in text


def test_the_file_is_written_where_the_trader_says(
    qtbot: QtBot, context: AppContext, live: Live, gold: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tab = HistoryTab(context, live)
    qtbot.addWidget(tab)
    tab.show()
    target = tmp_path / "out.csv"
    monkeypatch.setattr(
        "qbx_desktop.ui.tabs.history_tab.QFileDialog.getSaveFileName", lambda *_: (str(target), "")
    )
    tab.export()
    assert target.read_bytes().startswith(b"\xef\xbb\xbf")
    assert "260 rows written" in tab.counts.text()
