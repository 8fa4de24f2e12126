"""The rarer inputs of the backtest form: what the command line can, the window can, and nothing entered is lost."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from qbx_desktop.data.bar_files import read_bars
from qbx_desktop.domain.limits import Limits
from qbx_desktop.ui.bot_and_backtest import bot_of
from qbx_desktop.ui.context import AppContext
from qbx_desktop.ui.tabs.backtest_entries import EntryMistake
from qbx_desktop.ui.tabs.backtest_tab import BacktestTab, build
from qbx_desktop.workers.backtest_job import Choices, input_of
from tests.fakes.prices import walk, write_csv

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")

WAIT = 60_000
ENTERED: dict[str, Any] = {
    "spread_by_hour": ", ".join(["7"] * 23 + ["30"]), "commission_per_deal": 0.5, "commission_percent": 0.002,
    "swap_free": True, "slippage_table": "0 1; 4", "slippage_seed": 9, "delay_bars": 2, "inside_bar": "optimistic",
    "daily_loss_percent": 4.0, "drawdown_percent": 25.0, "bot_daily_loss_percent": 3.0, "bot_drawdown_percent": 15.0,
    "cooldown_losses": 3, "cooldown_minutes": 240, "session_from": "07:30", "session_to": "21:00", "weekend": "20:00",
    "max_spread_points": 25.0,
}  # fmt: skip
GUARDS = Limits.of(
    {
        "daily_loss_percent": 4.0, "drawdown_percent": 25.0, "bot_daily_loss_percent": 3.0, "bot_drawdown_percent": 15.0,
        "cooldown_losses": 3.0, "cooldown_seconds": 14_400.0, "session_from_hour": 7.5, "session_to_hour": 21.0,
        "weekend_flat_hour": 20.0, "max_spread_points": 25.0,
    },
    Limits.off(),
)  # fmt: skip


@pytest.fixture
def prices(tmp_path: Path) -> Path:
    return write_csv(tmp_path / "EURUSD_H1.csv", walk(1_500))


@pytest.fixture
def tab(qtbot: QtBot, context: AppContext, prices: Path) -> BacktestTab:
    made = build(context)
    assert isinstance(made, BacktestTab)
    qtbot.addWidget(made)
    made.resize(1_366, 560)
    made.show()
    made.use_file(prices)
    return made


def enter(tab: BacktestTab, **values: Any) -> None:
    for name, value in values.items():
        field = tab.form.more.fields[name]
        field.set_value(value)
        field.changed.emit()


def test_all_of_it_reaches_the_engine_and_comes_back(tab: BacktestTab, prices: Path, tmp_path: Path) -> None:
    finer = write_csv(tmp_path / "EURUSD_M15.csv", walk(400))
    enter(tab, **ENTERED)
    tab.form.more.use_detail(finer)
    chosen = tab.form.choices()
    given = input_of(chosen, read_bars(prices), read_bars(finer))
    assert given.costs.spread_by_hour == (7,) * 23 + (30,)
    assert given.costs.slippage_table == (0, 1, 4)
    assert (given.costs.commission_per_deal, given.costs.commission_percent) == (0.5, 0.002)
    assert (given.costs.swap_free, given.costs.slippage_seed) == (True, 9)
    assert (given.delay_bars, given.inside_bar) == (2, "optimistic")
    assert given.guards == GUARDS
    assert given.detail is not None
    assert len(given.detail) == 400

    kept = Choices.from_json(chosen.to_json())
    assert kept == chosen
    tab.form.set_choices(Choices(prices, "EURUSD", "MA_CROSSOVER", sizing=chosen.sizing))
    assert (tab.form.more.count(), tab.form.more.inside.isHidden()) == (0, True)
    tab.form.set_choices(kept)
    assert tab.form.choices() == chosen
    assert tab.form.more.inside.isVisible()
    assert tab.form.more.toggle.text().endswith(f"({len(ENTERED) + 1} set)")


def test_what_was_saved_before_there_were_such_inputs_loads(tab: BacktestTab) -> None:
    old = tab.form.choices().to_json()
    for name in ("delay_bars", "inside_bar", "guards", "detail", "detail_series"):
        del old[name]
    assert Choices.from_json(old) == tab.form.choices()


@pytest.mark.parametrize(
    ("name", "text", "word"),
    [
        ("session_from", "7.30", "7.30"),
        ("session_to", "24:30", "24:30"),
        ("weekend", "Friday", "Friday"),
        ("slippage_table", "1, -2", "-2"),
        ("spread_by_hour", "a b", "a"),
    ],
)
def test_a_wrong_entry_is_said_at_once_and_nothing_runs(
    tab: BacktestTab, name: str, text: str, word: str
) -> None:
    field = tab.form.more.fields[name]
    enter(tab, **{name: text})
    assert word in field.error.text()
    with pytest.raises(EntryMistake):
        tab.form.choices()
    tab.start()
    assert not tab.is_running
    assert tab.form.more.inside.isVisible()
    assert field.error.isVisible()
    enter(tab, **{name: ""})
    assert field.error.text() == ""


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"spread_by_hour": "1, 2, 3"}, "spread_by_hour"),
        ({"session_from": "07:00"}, "session_to"),
        ({"session_to": "07:00"}, "session_from"),
        ({"session_from": "07:00", "session_to": "7:00"}, "session_to"),
        ({"cooldown_losses": 2}, "cooldown_minutes"),
        ({"cooldown_minutes": 2}, "cooldown_losses"),
    ],
)
def test_half_an_entry_is_refused_under_its_field(
    tab: BacktestTab, values: dict[str, Any], field: str
) -> None:
    enter(tab, **values)
    tab.start()
    assert not tab.is_running
    assert tab.form.more.fields[field].error.isVisible()
    enter(tab, delay_bars=1)
    assert tab.form.more.fields[field].error.text() == ""


def test_guards_refuse_in_the_run_and_follow_into_the_bot(
    tab: BacktestTab, qtbot: QtBot, context: AppContext
) -> None:
    enter(tab, session_from="08:00", session_to="09:00", max_spread_points=50.0)
    tab.start()
    qtbot.waitUntil(lambda: not tab.is_running, timeout=WAIT)
    shown = tab.result.run
    assert shown is not None
    assert shown.refused["session"] > 0
    assert "session" in tab.result.things.text()
    limits = bot_of(shown, context.settings).settings.limits
    kept = {"session_from_hour": 8.0, "session_to_hour": 9.0, "max_spread_points": 50.0}
    assert kept.items() <= limits.items()
    assert shown.choices is not None
    unguarded = replace(shown, choices=replace(shown.choices, guards=None))
    assert not kept.keys() & bot_of(unguarded, context.settings).settings.limits.keys()


def test_finer_bars_are_read_by_the_run(tab: BacktestTab, qtbot: QtBot, prices: Path) -> None:
    tab.form.more.use_detail(prices)
    tab.start()
    qtbot.waitUntil(lambda: not tab.is_running, timeout=WAIT)
    shown = tab.result.run
    assert shown is not None
    assert shown.choices is not None
    assert shown.choices.detail == prices
    assert any("finer" in each.text.lower() for each in shown.assumptions)
