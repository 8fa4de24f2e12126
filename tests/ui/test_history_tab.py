"""The history: one table read by key, filters that combine, sentences from codes, everything in the export."""

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
from qbx_desktop.ui.models.window_model import PAGE
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


@pytest.fixture
def model(context: AppContext) -> HistoryModel:
    """Reads at once, in this thread."""
    con = context.db.reader()
    made = HistoryModel(lambda read, then, failed: then(read(con)), context.words, context.theme)
    made.failed.connect(pytest.fail)
    return made


def test_every_row_is_reached_without_loss_or_repetition(
    qtbot: QtBot, model: HistoryModel, gold: int
) -> None:
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal, model)
    model.reload()
    assert model.rowCount() == model.total == 260
    assert model.index(259, 0).data() == "…", "not read yet"
    seen = []
    for row in range(260):
        qtbot.waitUntil(lambda row=row: model.row_at(row) is not None)
        seen.append(model.row_at(row).id)
    assert seen == sorted(seen, reverse=True)
    assert len(set(seen)) == 260


def test_a_far_row_is_read_by_itself_and_old_pages_are_let_go(
    qtbot: QtBot, model: HistoryModel, db: Database
) -> None:
    def fill(con: object) -> None:
        for n in range(60 * PAGE):
            history.append(
                con, bot_id=None, action="INFO", message=Message("plain", {"text": str(n)}), ts_ms=n
            )
        # Holes, as deleted bots leave them: a place is no longer a difference of numbers.
        con.execute("DELETE FROM trade_history WHERE id % 7 = 3")  # type: ignore[attr-defined]

    db.write(fill)
    model.reload()
    at = model.total - 1
    qtbot.waitUntil(lambda: model.row_at(at) is not None)
    assert model.row_at(at).details == "0"
    assert len(model.rows) <= 2 * PAGE, "the pages between were not read"
    for row in range(0, model.total, PAGE):
        qtbot.waitUntil(lambda row=row: model.row_at(row) is not None)
    assert len(model.rows) <= 40 * PAGE


def test_new_rows_come_on_top_and_deleted_ones_go(
    qtbot: QtBot, model: HistoryModel, db: Database, gold: int
) -> None:
    model.reload()
    inserted: list[tuple[int, int]] = []
    model.rowsInserted.connect(lambda _parent, first, last: inserted.append((first, last)))
    for n in range(3):
        db.write(lambda con, n=n: history.append(
            con, bot_id=None, action="INFO", message=Message("plain", {"text": f"new {n}"}), ts_ms=n))  # fmt: skip
    model.reload()
    assert inserted == [(0, 2)], "what was shown stays, and is only pushed down"
    assert [model.row_at(row).details for row in range(4)] == ["new 2", "new 1", "new 0", "info 9"]
    db.write(lambda con: con.execute("DELETE FROM trade_history WHERE bot_id = ?", (gold,)))
    model.reload()
    assert model.total == 13
    model.set_source(HistoryFilter(text="new"))
    assert (model.total, model.is_complete) == (3, True)


def test_a_row_that_cannot_be_read_is_said_and_read_later(
    qtbot: QtBot, context: AppContext, gold: int
) -> None:
    con, broken = context.db.reader(), [False]

    def ask(read, then, failed) -> None:  # type: ignore[no-untyped-def]
        failed(OSError("gone")) if broken[0] else then(read(con))

    model = HistoryModel(ask, context.words, context.theme)
    model.reload()
    broken[0] = True
    with qtbot.waitSignal(model.failed):
        model.row_at(200)
    broken[0] = False
    qtbot.waitUntil(lambda: model.row_at(200) is not None)
    model.reload()


def test_filters_combine_and_the_tab_says_how_many(
    qtbot: QtBot, context: AppContext, live: Live, gold: int
) -> None:
    tab = HistoryTab(context, live)
    qtbot.addWidget(tab)
    tab.show()
    tab.show_bot(gold)
    qtbot.waitUntil(lambda: tab.counts.text() == "250 rows match")
    tab.action.setCurrentIndex(tab.action.findData("GAGAL BUKA POSISI"))
    qtbot.waitUntil(lambda: tab.model.total == 50)
    tab.text.setText("row 24")
    qtbot.waitUntil(lambda: [row.details for row in tab.model.rows] == ["row 245", "row 240"])
    tab.text.setText("nothing like it")
    qtbot.waitUntil(lambda: tab.whole.currentIndex() == 2)
    tab._clear_filter()
    qtbot.waitUntil(lambda: tab.model.total == 260)
    assert tab.model.index(0, 2).data() == "Information"


def test_a_new_row_appears_while_the_tab_is_shown(
    qtbot: QtBot, context: AppContext, live: Live, board: NoticeBoard, db: Database
) -> None:
    tab = HistoryTab(context, live)
    qtbot.addWidget(tab)
    tab.show()
    qtbot.waitUntil(lambda: tab.whole.currentIndex() == 1)
    row_id = db.write(lambda con: history.append(
        con, bot_id=None, action="INFO", message=Message("plain", {"text": "hello"}), ts_ms=1_750_000_000_000))  # fmt: skip
    board.happened.emit(HistoryAppended(row_id, None))
    qtbot.waitUntil(lambda: tab.model.rowCount() == 1)
    assert tab.model.rows[0].details == "hello"


def test_the_export_has_every_match_and_reads_back(
    context: AppContext, model: HistoryModel, gold: int
) -> None:
    model.set_source(HistoryFilter(bot_id=gold))
    rows = list(
        csv.DictReader(
            io.StringIO(to_csv(model.all_matching(context.db.reader()), context.words).decode("utf-8-sig"))
        )
    )
    assert len(rows) == 250
    assert rows[0]["details"] == "row 249"
    assert rows[0]["time_utc"].endswith("Z")
    assert rows[0]["action"] == "POSISI DIBUKA"


def test_a_cell_that_a_spreadsheet_would_run_is_disarmed(
    context: AppContext, model: HistoryModel, db: Database
) -> None:
    evil = Message("plain", {"text": '=HYPERLINK("http://x")'})
    db.write(lambda con: history.append(con, bot_id=None, action="INFO", message=evil, ts_ms=1))
    text = to_csv(model.all_matching(context.db.reader()), context.words).decode("utf-8-sig")
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
    qtbot.waitUntil(lambda: tab.model.is_complete)
    tab.export()
    qtbot.waitUntil(lambda: "260 rows written" in tab.counts.text())
    assert target.read_bytes().startswith(b"\xef\xbb\xbf")


def test_newer_and_older_move_a_page_and_new_rows_do_not_move_what_is_read(
    qtbot: QtBot, context: AppContext, live: Live, board: NoticeBoard, db: Database, gold: int
) -> None:
    tab = HistoryTab(context, live)
    qtbot.addWidget(tab)
    tab.resize(900, 400)
    tab.show()
    qtbot.waitUntil(lambda: tab.model.total == 260)
    bar = tab.view.verticalScrollBar()
    assert not tab.newer.isEnabled()
    tab.older.click()
    assert bar.value() == bar.pageStep()
    at = bar.value()
    top = tab.view.rowAt(1)
    qtbot.waitUntil(lambda: tab.model.row_at(top) is not None)
    read = tab.model.row_at(top).details
    row_id = db.write(lambda con: history.append(
        con, bot_id=None, action="INFO", message=Message("plain", {"text": "hello"}), ts_ms=1))  # fmt: skip
    board.happened.emit(HistoryAppended(row_id, None))
    qtbot.waitUntil(lambda: tab.model.total == 261)
    assert bar.value() == at + 1
    assert tab.model.row_at(tab.view.rowAt(1)).details == read
    tab.newer.click()
    tab.newer.click()
    assert (bar.value(), tab.newer.isEnabled()) == (0, False)
    bar.setValue(bar.maximum())
    assert not tab.older.isEnabled()
