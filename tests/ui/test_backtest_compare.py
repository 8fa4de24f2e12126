"""Results looked at from other sides: runs side by side, distributions, excursions, notes, files."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QFileDialog, QMessageBox
from pytestqt.qtbot import QtBot

from qbx_desktop.backtest.distribution import by_hour
from qbx_desktop.data import backtests
from qbx_desktop.ui.charts.compare_chart import CompareChart, Curve, on_times
from qbx_desktop.ui.charts.part_bars import PartBars
from qbx_desktop.ui.context import AppContext
from qbx_desktop.ui.dialogs.run_note import RunNoteDialog
from qbx_desktop.ui.models.compare_model import best_of
from qbx_desktop.ui.run_export import to_csv, to_html
from qbx_desktop.ui.tabs.backtest_tab import BacktestTab, build
from qbx_desktop.ui.theme import Theme
from qbx_desktop.ui.words import PSEUDO, Words
from tests.fakes.prices import walk, write_csv

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")

WAIT = 20_000


@pytest.fixture
def tab(qtbot: QtBot, context: AppContext, tmp_path: Path) -> BacktestTab:
    made = build(context)
    assert isinstance(made, BacktestTab)
    qtbot.addWidget(made)
    made.resize(1_366, 640)
    made.show()
    made.use_file(write_csv(tmp_path / "EURUSD_H1.csv", walk(2_000)))
    return made


def run(tab: BacktestTab, qtbot: QtBot, fast: int | None = None) -> None:
    if fast is not None:
        tab.form.params.fields["fast_period"].set_value(fast)
    tab.start()
    qtbot.waitUntil(lambda: not tab.is_running, timeout=WAIT)


def compared(tab: BacktestTab, qtbot: QtBot) -> Any:
    tab.result.pages.setCurrentWidget(tab.runs)
    tab.runs.view.selectAll()
    tab.runs.compare_button.click()
    qtbot.waitUntil(lambda: tab.runs.compared.model.rowCount() > 0, timeout=WAIT)
    return tab.runs.compared


def test_u20_four_runs_side_by_side_best_marked_and_differences_first(
    tab: BacktestTab, qtbot: QtBot, context: AppContext
) -> None:
    for fast in (5, 9, 14, 20):
        run(tab, qtbot, fast)
    view = compared(tab, qtbot)
    model = view.model
    shown = [backtests.load(context.db.reader(), number) for number in (1, 2, 3, 4)]
    heads = [model.headerData(at, Qt.Orientation.Horizontal) for at in range(3, 7)]
    assert heads == ["Run 1", "Run 2", "Run 3", "Run 4"]
    rows = {row.name: row for row in model.rows}
    first = model.rows[0]
    assert (first.name, first.values, first.differs) == (
        "input.params.fast_period",
        ("5", "9", "14", "20"),
        True,
    )
    assert rows["input"].label.endswith("other inputs are the same")
    profits = [each.result["report"]["net_profit"] for each in shown]  # type: ignore[index]
    assert rows["net_profit"].best == {profits.index(max(profits))}
    falls = [each.result["report"]["equity_drawdown_relative_percent"] for each in shown]  # type: ignore[index]
    assert rows["equity_drawdown_relative_percent"].best == {falls.index(min(falls))}
    assert rows["total_trades"].best == frozenset()
    at = model.position_of("net_profit")
    cells = [model.index(at, column).data() for column in range(3, 7)]
    assert [cell.endswith("★") for cell in cells] == [
        number in rows["net_profit"].best for number in range(4)
    ]
    best = model.index(at, 3 + profits.index(max(profits)))
    assert best.data(Qt.ItemDataRole.AccessibleTextRole).endswith("(best)")
    assert model.index(at, 2).data() == "≠"
    assert [len(line) > 0 for line in view.chart.lines] == [True] * 4
    context.words.use(PSEUDO)
    assert model.index(at, 1).data().startswith("[")
    view.back.click()
    assert tab.runs.currentIndex() == 0


def dashes_of(image: QImage, row: int) -> tuple[int, ...]:
    """Lengths of the strokes in one row of a greyscale picture, longest first, without the ends."""
    ink = [abs(image.pixelColor(x, row).lightness() - image.pixelColor(0, 0).lightness()) > 40 for x in range(image.width())]  # fmt: skip
    strokes = [len(each) for each in re.findall("1+", "".join("01"[each] for each in ink))][1:-1]
    return tuple(sorted(set(strokes), reverse=True))


@pytest.mark.parametrize("dark", [True, False])
def test_u20_four_dash_patterns_are_told_apart_in_grey(
    qtbot: QtBot, theme: Theme, words: Words, dark: bool
) -> None:
    theme.use("dark" if dark else "light")
    chart = CompareChart(theme, words)
    qtbot.addWidget(chart)
    chart.resize(900, 400)
    times = 3_600 * np.arange(200)
    chart.set_curves([Curve(f"Run {n}", times, np.full(200, 10_000.0 + 100 * n)) for n in range(4)])
    chart.plot.showGrid(x=False, y=False)
    chart.show()
    picture = chart.plot.scene().views()[0].grab().toImage().convertToFormat(QImage.Format.Format_Grayscale8)
    view = chart.plot.vb
    patterns = []
    for number in range(4):
        place = view.mapViewToScene(view.viewRect().center())
        place.setY(view.mapViewToScene(pg_point(0, 10_000.0 + 100 * number)).y())
        rows = [round(place.y()) + shift for shift in (-1, 0, 1)]
        inner = picture.copy(20, 0, 760, picture.height())
        patterns.append(
            max((dashes_of(inner, row) for row in rows), key=lambda found: (sum(found), len(found)))
        )
    assert not patterns[0] or patterns[0][0] > 300, "the first is solid"
    assert len(set(patterns)) == 4, patterns


def pg_point(x: float, y: float) -> Any:
    from PySide6.QtCore import QPointF

    return QPointF(x, y)


def test_runs_of_other_times_stand_where_they_were() -> None:
    curve = Curve("Run 1", np.array([10, 20, 30]), np.array([1.0, 2.0, 3.0]))
    found = on_times(curve, np.array([5, 10, 15, 20, 29, 30, 31]))
    assert np.array_equal(found, [np.nan, 1, 1, 2, 2, 3, np.nan], equal_nan=True)
    assert np.isnan(on_times(Curve("", np.zeros(0, np.int64), np.zeros(0)), np.array([1]))).all()


def test_the_best_is_marked_only_where_more_is_better_and_not_all_are_equal() -> None:
    assert best_of("net_profit", [1.0, 3.0, 3.0, None]) == {1, 2}
    assert best_of("equity_drawdown_maximal", [5.0, 2.0]) == {1}
    assert best_of("net_profit", [1.0, 1.0]) == best_of("total_trades", [1, 2]) == frozenset()
    assert best_of("profit_factor", [None, 2.0]) == frozenset()


def test_only_two_to_four_can_be_compared_and_a_lost_one_is_said(
    tab: BacktestTab, qtbot: QtBot, context: AppContext
) -> None:
    run(tab, qtbot, 5)
    tab.runs.view.selectRow(0)
    assert not tab.runs.compare_button.isEnabled()
    run(tab, qtbot, 9)
    tab.runs.view.selectAll()
    assert tab.runs.compare_button.isEnabled()
    context.db.write(lambda con: backtests.delete(con, 1))
    tab.runs.compare()
    qtbot.waitUntil(lambda: "no saved backtest 1" in tab.runs.compared.said.text())


def test_distributions_count_the_trades_shown_and_are_reckoned_when_looked_at(
    tab: BacktestTab, qtbot: QtBot, context: AppContext
) -> None:
    run(tab, qtbot)
    page = tab.result.distribution
    assert page._shown is None
    tab.result.pages.setCurrentWidget(tab.result.distribution_page)
    shown = tab.result.run
    assert shown is not None
    assert page._shown is not None
    assert page._shown.trades is shown.trades
    found = by_hour(shown.trades)
    hour = int(np.argmax(found.trades))
    assert f"in {found.trades[hour]} trades" in page.hours.text_of(hour)
    assert page.hours.accessibleDescription().count(";") == 23
    up, down = int(np.argmax(found.net)), int(np.argmin(found.net))
    zero = page.hours.bar_rect(up).bottom()
    assert page.hours.bar_rect(down).top() == pytest.approx(zero)
    assert page.hours.bar_rect(up).height() / found.net[up] == pytest.approx(
        page.hours.bar_rect(down).height() / -found.net[down]
    )
    context.words.use("id")
    assert "transaksi" in page.hours.text_of(hour)


def test_bars_without_trades_draw_nothing(qtbot: QtBot, theme: Theme, words: Words) -> None:
    bars = PartBars(theme, words, "By weekday")
    qtbot.addWidget(bars)
    bars.grab()
    bars.show_parts(by_hour([]), [str(each) for each in range(24)], "USD", 2)
    bars.grab()
    assert bars.bar_rect(3).height() == 0


def test_a_clicked_point_brings_the_chart_to_its_trade(tab: BacktestTab, qtbot: QtBot) -> None:
    run(tab, qtbot)
    result = tab.result
    shown = result.run
    assert shown is not None
    result.pages.setCurrentWidget(result.distribution_page)
    result.distribution.view.setCurrentIndex(1)
    for item, name in zip(result.distribution.excursions.points, ("mae", "mfe"), strict=True):
        assert len(item.points()) == len(shown.trades)
        spot = item.points()[7]
        trade = shown.trades[spot.data()]
        assert (spot.pos().x(), spot.pos().y()) == (getattr(trade, name), trade.net)
    item.sigClicked.emit(item, [spot], None)
    assert result.pages.currentWidget() is result._candle_page
    assert result.candles.marks.chosen == spot.data()
    entry = result._marks[spot.data()].entry_index
    left, right = result.candles.plot.viewRange()[0]
    assert left < entry < right


def test_a_run_gets_a_name_and_a_note(tab: BacktestTab, qtbot: QtBot, context: AppContext) -> None:
    run(tab, qtbot)
    tab.runs.view.selectRow(0)
    tab.runs.note_button.click()
    dialog = tab.runs.findChild(RunNoteDialog)
    assert dialog is not None
    dialog._name.setText(" Gold, slow ")
    dialog._note.setPlainText("tight stops\nsecond line")
    dialog.accept()
    qtbot.waitUntil(lambda: tab.runs.model.rows[0].note != "")
    row = tab.runs.model.rows[0]
    assert (row.name, row.note) == ("Gold, slow", "tight stops\nsecond line")
    assert tab.runs.model.index(0, 8).data() == "tight stops second line"


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[Path]:
    """Where the next file shall go; the last one asked for is the answer."""
    answers: list[Path] = []
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(answers[-1]), ""))
    return answers


def test_a_run_is_exported_as_page_sheet_and_picture(
    tab: BacktestTab, qtbot: QtBot, context: AppContext, asked: list[Path], tmp_path: Path
) -> None:
    assert not tab.result.export.isEnabled()
    run(tab, qtbot)
    shown = tab.result.run
    assert shown is not None
    export = tab.result.export
    for action, name in ((export.page, "a"), (export.trades, "b.csv"), (export.picture, "c")):
        asked.append(tmp_path / name)
        action.trigger()
    page = (tmp_path / "a.html").read_text("utf-8")
    assert page.startswith("<!doctype html>")
    assert page.count("<tr>") >= len(shown.trades) + len(tab.result.report_model.rows)
    assert "src=" not in page
    assert "http" not in page
    rows = list(csv.DictReader(io.StringIO((tmp_path / "b.csv").read_text("utf-8-sig"))))
    assert [float(row["net"]) for row in rows] == [trade.net for trade in shown.trades]
    assert rows[0]["open_time"].count("T") == 1
    assert QImage(str(tmp_path / "c.png")).width() > 300
    context.words.use("id")
    assert "Laba bersih" in to_html(shown, "x", context.words)
    assert to_csv(shown) == (tmp_path / "b.csv").read_bytes()


def test_a_file_that_cannot_be_written_is_said(
    tab: BacktestTab, qtbot: QtBot, asked: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(tab, qtbot)
    said: list[str] = []
    monkeypatch.setattr(QMessageBox, "open", lambda box: said.append(box.text()))
    asked.append(tmp_path / "nowhere" / "a.html")
    tab.result.export.page.trigger()
    assert said
    assert "{" not in said[0]
