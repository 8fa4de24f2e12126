"""Search and doubt from the window: the grid, the map that fills the inputs, cancel and resume, walk-forward, cones."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from pytestqt.qtbot import QtBot

from qbx_desktop.backtest import compiled
from qbx_desktop.backtest.doubt import monte_carlo, verdict
from qbx_desktop.backtest.search import criterion, dask_runner, loop, space, windows
from qbx_desktop.backtest.search.evaluate import Evaluator
from qbx_desktop.backtest.search.outcome import Outcome
from qbx_desktop.data import searches
from qbx_desktop.domain.messages import SENTENCES
from qbx_desktop.domain.resources import resource
from qbx_desktop.ui.charts.heat_map import cividis
from qbx_desktop.ui.context import AppContext
from qbx_desktop.ui.tabs.backtest_tab import BacktestTab, build
from qbx_desktop.ui.tabs.monte_carlo_page import TITLES
from qbx_desktop.ui.tabs.study_page import StudyPage
from tests.backtest.search.landscape import wave
from tests.fakes.prices import write_csv

from .test_backtest_words import catalogue, fields, spoken

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")
UI = Path(__file__).parents[2] / "qbx_desktop" / "ui"
SOURCES = [
    *(UI / "tabs" / f"{name}.py" for name in ("study_page", "study_pages", "optimise_page", "forward_page", "monte_carlo_page", "portfolio_page", "search_ranges", "search_request", "verdict_box")),
    UI / "models" / "search_model.py",
]  # fmt: skip
WAIT = 60_000


@pytest.fixture
def tab(qtbot: QtBot, context: AppContext, tmp_path: Path) -> BacktestTab:
    compiled.make()  # so that no wait of a test is for the compiler
    made = build(context)
    assert isinstance(made, BacktestTab)
    qtbot.addWidget(made)
    made.resize(1_366, 700)
    made.show()
    made.use_file(write_csv(tmp_path / "EURUSD_H1.csv", wave(500)))
    values = {"size": "lots", "size_value": 0.1, "sl": "NONE", "tp": "NONE"}
    for name, value in values.items():
        made.form.fields[name].set_value(value)
    page = made.studies.optimise
    page.read_form()
    page.ranges.set_range("fast_period", 2, 1, 8)
    page.ranges.set_range("slow_period", 10, 5, 50)
    page.request.conditions.setText("")
    page.request.jobs.setValue(1)
    made.result.pages.setCurrentWidget(page.parentWidget())
    return made


def finished(page: StudyPage, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: not page.is_running, timeout=WAIT)


def test_u21_seven_by_nine_is_a_map_of_sixty_three_numbers_and_a_click_fills_the_inputs(
    tab: BacktestTab, qtbot: QtBot, context: AppContext
) -> None:
    page = tab.studies.optimise
    assert page.start_button.text() == "Optimise 63 runs"
    page.start()
    finished(page, qtbot)
    assert page.study is not None
    assert page.study.failed == 0
    labels = page.heat.labels()
    assert [len(row) for row in labels] == [7] * 9
    assert all(label.strip("[]★–") for row in labels for label in row)
    assert sum("★" in label for row in labels for label in row) == 1
    assert sum(label.startswith("[") for row in labels for label in row) >= 4
    assert page.model.rowCount() == 63
    assert "63 runs were tried" in page.note.text()
    assert page.verdict.title.text()
    assert len(searches.runs(context.db.reader(), page.study.id)) == 63
    spot = page.heat.cell_rect((4, 2)).center().toPoint()
    qtbot.mouseClick(page.heat, Qt.MouseButton.LeftButton, pos=QPoint(spot))
    chosen = tab.form.choices().params
    assert (chosen["fast_period"], chosen["slow_period"]) == (4, 30)
    page.heat.setFocus()
    qtbot.keyClick(page.heat, Qt.Key.Key_Right)
    qtbot.keyClick(page.heat, Qt.Key.Key_Return)
    assert tab.form.choices().params["fast_period"] == 5
    assert "fast_period 5" in page.heat.accessibleDescription()


def test_u21_cancel_and_resume_run_each_cell_once(
    tab: BacktestTab, qtbot: QtBot, context: AppContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = Evaluator._one

    def slowly(self: Evaluator, *given: Any) -> Outcome:
        time.sleep(0.03)  # on a fast computer the search would be over before it is cancelled
        return one(self, *given)

    monkeypatch.setattr(Evaluator, "_one", slowly)
    page = tab.studies.optimise
    page.start()
    reader = context.db.reader
    qtbot.waitUntil(
        lambda: bool(reader().execute("SELECT count(*) FROM search_runs").fetchone()[0]), timeout=WAIT
    )
    page.cancel()
    finished(page, qtbot)
    assert "They are kept" in page.status.text()
    kept = {row.number for row in searches.runs(reader(), 1)}
    assert 0 < len(kept) < 63
    page.resume()
    finished(page, qtbot)
    assert page.study is not None
    assert page.study.id == 1
    assert [row.number for row in searches.runs(reader(), 1)] == list(range(63))
    ran = reader().execute("SELECT sum(runs), count(*) FROM trials").fetchone()
    assert tuple(ran) == (63, 63)


def test_a_mistake_is_said_and_nothing_is_stored(tab: BacktestTab, qtbot: QtBot, context: AppContext) -> None:
    page = tab.studies.optimise
    page.request.criterion.setEditText("net_profits")
    page.start()
    finished(page, qtbot)
    assert "did you mean net_profit" in page.status.text()
    page.ranges.set_range("fast_period", 8, 1, 2)
    page.start()
    assert not page.is_running
    assert "the stop not below the start" in page.status.text()
    assert searches.newest(context.db.reader()) == []


def test_walk_forward_and_its_curve(tab: BacktestTab, qtbot: QtBot) -> None:
    page = tab.studies.forward
    tab.studies.optimise.ranges.set_range("fast_period", 2, 3, 8)
    tab.studies.optimise.ranges.set_range("slow_period", 10, 20, 50)
    page.train.setValue(8)
    page.test.setValue(4)
    page.start()
    finished(page, qtbot)
    assert page.found is not None
    assert page.model.rowCount() == len(page.found.windows) == 4
    assert "Out of sample" in page.status.text()
    assert len(page.found.equity) == 500 - 8 * 24


def test_the_tests_of_a_walk_forward_enter_the_verdict_of_the_same_search(
    tab: BacktestTab, qtbot: QtBot
) -> None:
    page, forward = tab.studies.optimise, tab.studies.forward
    page.ranges.set_range("fast_period", 2, 3, 8)
    page.ranges.set_range("slow_period", 10, 20, 50)
    forward.train.setValue(8)
    forward.test.setValue(4)
    page.start()
    finished(page, qtbot)
    assert "Walked forward" not in page.verdict.reasons.text()
    forward.start()
    finished(forward, qtbot)
    assert forward.found is not None
    told = f"Walked forward, {forward.found.profitable} of 4 tests earned money"
    assert told in page.verdict.reasons.text()
    page.start()  # the other way round
    finished(page, qtbot)
    assert told in page.verdict.reasons.text()
    page.ranges.set_range("fast_period", 2, 2, 8)
    page.start()
    finished(page, qtbot)
    assert "Walked forward" not in page.verdict.reasons.text()


def test_monte_carlo_shows_four_ways_and_varies_the_settings(tab: BacktestTab, qtbot: QtBot) -> None:
    page = tab.studies.monte_carlo
    page.paths.setValue(200)
    page.runs.setValue(8)
    page.start()
    finished(page, qtbot)
    assert [row.method for row in page.model.rows] == list(TITLES)
    assert page.cones.plot.items
    assert "Of 8 runs with every parameter and stop moved by up to 10\u00a0%" in page.status.text()
    page.jitter.setValue(0)
    page.start()
    finished(page, qtbot)
    assert "moved by" not in page.status.text()


def test_two_legs_run_on_one_account(tab: BacktestTab, qtbot: QtBot) -> None:
    page = tab.studies.portfolio
    assert not page.start_button.isEnabled()
    page.add_leg()
    tab.form.params.fields["fast_period"].set_value(5)
    page.add_leg()
    page.start()
    finished(page, qtbot)
    assert page.view is not None
    first, second = page.model.rows
    assert (first.choices.params["fast_period"], second.choices.params["fast_period"]) == (20, 5)
    assert first.together == pytest.approx(first.alone)
    assert page.view.whole.report["net_profit"] == pytest.approx(sum(page.view.alone))
    assert "Largest net exposure" in page.facts.text()
    page.legs.selectRow(0)
    page.remove()
    assert len(page.model.rows) == 1


def test_the_search_goes_on_in_another_strategy(tab: BacktestTab) -> None:
    page = tab.studies.optimise
    tab.form.fields["strategy"].set_value("RSI_CROSSOVER")
    tab.form.fields["strategy"].changed.emit()
    assert "fast_period" not in page.ranges.lines
    assert page.ranges.count() >= 1


def test_colours_grow_lighter() -> None:
    lightness = [cividis(share).lightnessF() for share in np.linspace(0, 1, 9)]
    assert lightness[0] < 0.2
    assert lightness[-1] > 0.5


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_every_word_has_its_indonesian(path: Path) -> None:
    assert spoken(path) - set(catalogue()["words"]) == set()


def test_sentences_have_theirs_and_keep_their_fields() -> None:
    found = json.loads(resource("translations", "id.search.json").read_text(encoding="utf-8"))
    for english, indonesian in found["words"].items():
        assert fields(english) == fields(indonesian), english
    for code, indonesian in found["messages"].items():
        assert fields(indonesian) <= fields(SENTENCES[code]), code
    for module in (verdict, monte_carlo, criterion, dask_runner, loop, space, windows):
        codes = {each.code for each in vars(module).values() if type(each).__name__ == "MessageKind"}
        assert codes <= set(found["messages"]), codes - set(found["messages"])
