"""The Backtest tab from form to saved run, on the real engine, database and thread."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QAbstractSpinBox, QComboBox, QLineEdit, QMessageBox, QTableView
from pytestqt.qtbot import QtBot

from qbx_desktop.backtest import run as engine
from qbx_desktop.data import backtests
from qbx_desktop.domain.sizing import Sizing, StopDistance, StopUnit
from qbx_desktop.ui.context import AppContext
from qbx_desktop.ui.tabs.backtest_tab import BacktestTab, build
from qbx_desktop.ui.tabs.backtest_tiles import tile_texts
from qbx_desktop.ui.words import PSEUDO
from qbx_desktop.workers.backtest_run import from_record
from qbx_desktop.workers.backtest_thread import BacktestProgress
from tests.fakes.clock import FakeClock
from tests.fakes.prices import walk, write_csv

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")

WAIT = 20_000


@pytest.fixture
def prices(tmp_path: Path) -> Path:
    return write_csv(tmp_path / "EURUSD_H1.csv", walk(3_000))


@pytest.fixture
def tab(qtbot: QtBot, context: AppContext, prices: Path) -> BacktestTab:
    made = build(context)
    assert isinstance(made, BacktestTab)
    qtbot.addWidget(made)
    made.resize(1_366, 560)
    made.show()
    # Keys reach the active window only.
    made.activateWindow()
    qtbot.waitUntil(made.isActiveWindow)
    made.use_file(prices)
    return made


def run(tab: BacktestTab, qtbot: QtBot) -> None:
    tab.start()
    assert tab.is_running
    qtbot.waitUntil(lambda: not tab.is_running, timeout=WAIT)


def test_f5_runs_and_the_result_is_shown_and_saved(
    tab: BacktestTab, qtbot: QtBot, context: AppContext
) -> None:
    qtbot.keyClick(tab, Qt.Key.Key_F5)
    assert tab.is_running
    qtbot.waitUntil(lambda: not tab.is_running, timeout=WAIT)
    shown = tab.result.run
    assert shown is not None
    assert shown.trades
    assert tab.result.trades_model.rowCount() == len(shown.trades)
    assert [row.id for row in tab.runs.model.rows] == [shown.record_id]
    assert "EURUSD" in tab.result.title.text()
    assert tab.status.text().startswith("Done: 3\u00a0000 bars")


def test_u17_tiles_and_report_say_the_engines_figures(tab: BacktestTab, qtbot: QtBot) -> None:
    run(tab, qtbot)
    shown = tab.result.run
    assert shown is not None
    report = shown.report
    tiles = tab.result.tiles.values
    assert tiles == tile_texts(shown, tab._context.words)
    assert (
        tiles["net_profit"].replace("\u00a0", "").replace("−", "-")
        == f"{report['net_profit']:+.2f} USD".replace(" USD", "") + " USD"
    )
    assert tiles["profit_factor"] == f"{report['profit_factor']:.2f}"
    assert tiles["total_trades"] == str(report["total_trades"])
    assert tiles["win_rate"] == f"{100 * report['profit_trades'] / report['total_trades']:.2f}\u00a0%"
    shown_fields = {row.name for row in tab.result.report_model.rows}
    assert set(report) - {"exit_reasons", "margin_level"} <= shown_fields
    assert not [row for row in tab.result.report_model.rows if row.section == "More"]


def test_the_band_of_what_no_bar_tells_is_shown_and_kept(
    tab: BacktestTab, qtbot: QtBot, context: AppContext
) -> None:
    assert tab.result.band.isHidden()
    run(tab, qtbot)
    shown = tab.result.run
    assert shown is not None
    band = shown.band
    assert band is not None
    assert band.resolved == pytest.approx(shown.report["net_profit"])
    wide = replace(
        shown, band=band._replace(pessimistic=band.resolved - 12.5, optimistic=band.resolved + 7.0)
    )
    tab.result.set_run(wide)
    assert tab.result.band.isVisible()
    said = tab.result.band.text().replace("\u00a0", "").replace("−", "-")
    for figure in (band.resolved - 12.5, band.resolved, band.resolved + 7.0):
        assert f"{figure:+.2f} USD" in said
    context.words.use("id")
    assert tab.result.band.text().startswith("Bar yang menyentuh")
    tab.result.set_run(replace(shown, band=band._replace(pessimistic=band.optimistic)))
    assert tab.result.band.isHidden()
    assert from_record(backtests.load(context.db.reader(), shown.record_id)).band == band


def test_u17_a_saved_run_survives_a_restart(tab: BacktestTab, qtbot: QtBot, context: AppContext) -> None:
    tab.form.fields["size"].set_value("lots")
    tab.form.fields["size_value"].set_value(0.3)
    run(tab, qtbot)
    first = tab.result.run
    assert first is not None
    again = build(context)
    assert isinstance(again, BacktestTab)
    qtbot.addWidget(again)
    assert [row.id for row in again.runs.model.rows] == [first.record_id]
    again.runs.view.selectRow(0)
    again.runs.load()
    qtbot.waitUntil(lambda: again.result.run is not None, timeout=WAIT)
    assert again.result.run is not None
    assert again.result.run.trades == first.trades
    assert again.form.choices() == first.choices
    assert again.form.choices().sizing == Sizing(lots=0.3)


def test_u18_a_clicked_trade_comes_to_the_middle_of_the_candles(tab: BacktestTab, qtbot: QtBot) -> None:
    run(tab, qtbot)
    shown = tab.result.run
    assert shown is not None
    tab.result.pages.setCurrentIndex(2)
    number = len(shown.trades) // 2
    index = tab.result.trades_model.index(number, 1)
    tab.result.trades.scrollTo(index)
    centre = tab.result.trades.visualRect(index).center()
    qtbot.mouseClick(tab.result.trades.viewport(), Qt.MouseButton.LeftButton, pos=centre)
    chart = tab.result.candles
    assert tab.result.pages.currentIndex() == 1
    assert chart.marks.chosen == number
    middle = shown.bars.time[round(chart.centre_index())]
    assert abs(int(middle) - shown.trades[number].open_time) <= 3_600
    tab.result.next_trade()
    assert chart.marks.chosen == number + 1
    tab.result.previous_trade()
    assert chart.marks.chosen == number


def test_a_chosen_trade_is_the_right_one_in_a_sorted_table(tab: BacktestTab, qtbot: QtBot) -> None:
    run(tab, qtbot)
    tab.result.trades.sortByColumn(7, Qt.SortOrder.DescendingOrder)
    tab.result.trades.selectRow(0)
    shown = tab.result.run
    assert shown is not None
    best = max(shown.trades, key=lambda each: each.net)
    assert shown.trades[tab.result.candles.marks.chosen].net == best.net


def test_u16_cancel_keeps_the_run_before_and_saves_nothing(
    tab: BacktestTab, qtbot: QtBot, context: AppContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(tab, qtbot)
    before = tab.result.run
    real = engine.run

    def endless(given: Any, *, progress: Any, cancelled: Any) -> Any:
        while not cancelled():
            pass
        return real(given, progress=progress, cancelled=cancelled)

    monkeypatch.setattr(engine, "run", endless)
    tab.start()
    assert tab.button.text().startswith("Cancel")
    assert not tab.run_action.isEnabled()
    qtbot.keyClick(tab, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: not tab.is_running, timeout=WAIT)
    assert tab.result.run is before
    assert len(backtests.summaries(context.db.reader())) == 1
    assert "cancelled" in tab.status.text()
    assert tab.button.text().startswith("Run")


def test_equity_grows_while_it_runs_and_the_old_one_comes_back(
    tab: BacktestTab, qtbot: QtBot, context: AppContext, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(tab, qtbot)
    before = len(tab.result.equity.equity)

    def endless(given: Any, *, progress: Any, cancelled: Any) -> Any:
        while not cancelled():
            pass
        return engine.run(given, cancelled=cancelled)

    monkeypatch.setattr(engine, "run", endless)
    tab.start()
    for share in (0.25, 0.5):
        clock.advance(1.0)
        equity = np.linspace(10_000, 10_500, round(200 * share))
        context.board.backtest_progress.emit(BacktestProgress(tab._number, share, 100, 400, 3.0, equity))
        assert len(tab.result.equity.equity) == len(equity)
        assert tab.progress.value() == round(1_000 * share)
    assert tab.status.text() == "Bar 100 of 400, about 3 s left"
    assert tab.result.equity.money_plot.viewRange()[0][1] > 190
    context.board.backtest_progress.emit(BacktestProgress(tab._number - 1, 0.9, 1, 1, None, equity))
    assert tab.progress.value() == 500
    tab.cancel()
    qtbot.waitUntil(lambda: not tab.is_running, timeout=WAIT)
    assert len(tab.result.equity.equity) == before


def test_a_bad_file_is_said_under_its_field_and_nothing_is_lost(
    tab: BacktestTab, qtbot: QtBot, tmp_path: Path
) -> None:
    run(tab, qtbot)
    before = tab.result.run
    bad = tmp_path / "GBPUSD_H1.csv"
    bad.write_text(
        "time,open,high,low,close,volume\n2020-01-01 00:00:00,1.1,1.0,1.2,1.1,5\n", encoding="utf-8"
    )
    tab.use_file(bad)
    run(tab, qtbot)
    field = tab.form.fields["data"]
    assert "GBPUSD_H1.csv" in field.error.text()
    assert field.error.isVisible()
    assert tab.result.run is before
    tab.form.fields["data"].editor.setCurrentIndex(0)
    assert field.error.text() == ""


@pytest.mark.parametrize(
    ("name", "value", "word"),
    [
        ("start", "01.02.2020", "2024-01-31"),
        ("end", "2020-13-01", "2024-01-31"),
        ("start", "2030-01-01", "no bar"),
    ],
)
def test_a_wrong_date_is_said_under_its_field(
    tab: BacktestTab, qtbot: QtBot, name: str, value: str, word: str
) -> None:
    tab.form.fields[name].set_value(value)
    tab.start()
    qtbot.waitUntil(lambda: not tab.is_running, timeout=WAIT)
    errors = [field for field in tab.form.fields.values() if field.error.text()]
    assert errors == [tab.form.fields[name]]
    assert errors[0].error.isVisible()
    assert word in errors[0].error.text()


def test_risk_without_a_stop_is_said_under_the_stop(tab: BacktestTab, qtbot: QtBot) -> None:
    tab.form.fields["sl"].set_value("NONE")
    tab.form.fields["sl"].changed.emit()
    assert not tab.form.fields["sl_value"].editor.isEnabled()
    run(tab, qtbot)
    assert "stop-loss" in tab.form.fields["sl"].error.text()


def test_an_unknown_symbol_is_asked_of_the_terminal_and_else_said(tab: BacktestTab, qtbot: QtBot) -> None:
    tab.form.fields["symbol"].set_value("NOSUCH")
    tab.start()
    qtbot.waitUntil(lambda: bool(tab.form.fields["symbol"].error.text()), timeout=WAIT)
    assert "NOSUCH" in tab.form.fields["symbol"].error.text()


def test_a_parameter_out_of_bounds_cannot_be_entered_and_defaults_fit(tab: BacktestTab) -> None:
    choices = tab.form.choices()
    assert choices.params == {"fast_period": 20, "slow_period": 50}
    assert choices.sl == StopDistance(StopUnit.ATR, 2.0)
    assert choices.tp == StopDistance(StopUnit.ATR, 4.0)
    assert choices.sizing == Sizing(risk_percent=1.0)
    assert choices.costs.spread_from_bars


def test_the_rate_is_asked_for_only_where_it_is_needed(tab: BacktestTab) -> None:
    rate = tab.form.fields["rate"].editor
    assert not rate.isVisible()
    tab.form.fields["currency"].editor.setCurrentText("GBP")
    assert rate.isVisible()
    tab.form.fields["currency"].editor.setCurrentText("EUR")
    assert not rate.isVisible()


def test_saved_runs_are_deleted_after_asking(
    tab: BacktestTab, qtbot: QtBot, context: AppContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(tab, qtbot)
    tab.runs.view.selectRow(0)
    asked = []

    def answer(button: int) -> Any:
        def exec_(box: QMessageBox) -> None:
            asked.append(box.text())
            box.buttons()[button].click()

        return exec_

    monkeypatch.setattr(QMessageBox, "exec", answer(1))
    tab.runs.delete()
    assert tab.runs.model.rowCount() == 1
    monkeypatch.setattr(QMessageBox, "exec", answer(0))
    tab.runs.delete()
    qtbot.waitUntil(lambda: tab.runs.model.rowCount() == 0, timeout=WAIT)
    assert len(asked) == 2
    assert backtests.summaries(context.db.reader()) == []


def test_a_run_gets_and_loses_its_star(tab: BacktestTab, qtbot: QtBot) -> None:
    run(tab, qtbot)
    tab.runs.view.selectRow(0)
    tab.runs.star()
    qtbot.waitUntil(lambda: tab.runs.model.rows[0].starred, timeout=WAIT)
    assert tab.runs.model.index(0, 2).data().startswith("★")
    tab.runs.view.selectRow(0)
    tab.runs.star()
    qtbot.waitUntil(lambda: not tab.runs.model.rows[0].starred, timeout=WAIT)


def test_u27_every_control_has_a_name(tab: BacktestTab) -> None:
    kinds = (QAbstractButton, QAbstractSpinBox, QComboBox, QLineEdit, QTableView)
    nameless = [
        each
        for each in tab.findChildren(kinds[0]) + [w for kind in kinds[1:] for w in tab.findChildren(kind)]
        if not each.accessibleName()
        and each.parent().metaObject().className() not in ("QTabBar", "QTableView")
        and not each.objectName().startswith("qt_")
        and not isinstance(each.parent(), (QComboBox, QAbstractSpinBox, QTableView))
    ]
    assert nameless == []


def test_u29_no_word_is_forgotten_and_the_form_keeps_its_content(tab: BacktestTab, qtbot: QtBot) -> None:
    run(tab, qtbot)
    before = tab.form.choices()
    tab._context.words.use(PSEUDO)
    assert tab.form.choices() == before
    assert tab.button.text().startswith("[")
    pages = [tab.result.pages.tabText(at) for at in range(tab.result.pages.count())]
    assert all(text.startswith("[") for text in pages)
    assert all(field.label.text().startswith("[") for field in tab.form.fields.values())
    assert tab.form.fields["spread"].editor.currentText().startswith("[")
    assert tab.result.title.text().count("[") >= 1
    assert tab.result.things.text().startswith(("[", "!"))


def test_u26_a_backtest_without_a_mouse(tab: BacktestTab, qtbot: QtBot) -> None:
    tab.form.fields["size"].editor.setFocus()
    qtbot.keyClick(tab.form.fields["size"].editor, Qt.Key.Key_Down)
    assert tab.form.fields["size"].value() == "lots"
    qtbot.keyClick(tab, Qt.Key.Key_F5)
    qtbot.waitUntil(lambda: not tab.is_running, timeout=WAIT)
    assert tab.result.run is not None


def judged(tab: BacktestTab, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: bool(tab.result.run and tab.result.run.appraisal), timeout=WAIT)


def test_the_verdict_on_chance_follows_the_result_and_is_kept(
    tab: BacktestTab, qtbot: QtBot, context: AppContext
) -> None:
    run(tab, qtbot)
    judged(tab, qtbot)
    shown = tab.result.run
    assert shown is not None
    told = shown.appraisal["baseline"]["verdict"]["text"]
    assert tab.result.verdict.text() == f"Better than chance? {told}"
    assert tab.result.report_model.value_of("baseline.runs") == "5"
    assert tab.result.report_model.value_of("quality").endswith("%")
    assert tab.result.ribbon.text_at(12).startswith("2019-12-30 · ")
    kept = backtests.load(context.db.reader(), shown.record_id).result
    assert kept is not None
    assert kept["baseline"] == shown.appraisal["baseline"]
    tab.result.set_run(None)
    assert tab.result.verdict.isHidden()
    tab.show_saved(shown.record_id)
    qtbot.waitUntil(lambda: tab.result.run is not None, timeout=WAIT)
    assert tab.result.verdict.text() == f"Better than chance? {told}"
    context.words.use("id")
    assert tab.result.verdict.text().startswith("Lebih baik daripada kebetulan? ")
    context.words.use("en")


def test_a_saved_run_is_run_again_and_equal_or_the_bar_is_named(
    tab: BacktestTab, qtbot: QtBot, prices: Path
) -> None:
    run(tab, qtbot)
    judged(tab, qtbot)
    shown = tab.result.run
    assert shown is not None
    number = shown.record_id
    tab.runs.view.selectRow(0)
    tab.runs.again_button.click()
    equal = f"Run {number}: Run again: every trade and every figure is equal."
    qtbot.waitUntil(lambda: tab.runs.said.text() == equal, timeout=WAIT)
    lines = prices.read_text().splitlines()
    cells = lines[700].split(",")
    cells[2] = f"{float(cells[2]) + 0.03:.5f}"
    lines[700] = ",".join(cells)
    prices.write_text("\n".join(lines) + "\n")
    tab.runs.again_button.click()
    when = lines[700].split(",")[0].replace(".", "-")[:16].replace("T", " ")
    named = f"The bar of {when} was altered since."
    qtbot.waitUntil(lambda: named in tab.runs.said.text(), timeout=WAIT)
    prices.unlink()
    tab.runs.again_button.click()
    qtbot.waitUntil(lambda: prices.name in tab.runs.said.text(), timeout=WAIT)
    assert tab.result.run is shown
