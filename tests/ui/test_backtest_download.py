"""Bars from the practice terminal by the Backtest tab: stored, chosen, run, cancelled and gone on with."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PySide6.QtWidgets import QAbstractButton, QComboBox, QLineEdit
from pytestqt.qtbot import QtBot

from qbx_desktop.backtest import run as engine
from qbx_desktop.broker.client import TerminalClient
from qbx_desktop.broker.terminal import Terminal
from qbx_desktop.broker.transports import InlineTransport
from qbx_desktop.commands import backtest as command
from qbx_desktop.data.bar_export import export_bars
from qbx_desktop.data.bar_files import read_bars
from qbx_desktop.data.bar_source import stored_bars
from qbx_desktop.data.bar_store import BarStore
from qbx_desktop.domain.timeframe import Timeframe
from qbx_desktop.simulator.api import SimApi
from qbx_desktop.simulator.terminal import build_terminal
from qbx_desktop.ui.context import AppContext
from qbx_desktop.ui.dialogs.download_bars import DownloadDialog
from qbx_desktop.ui.tabs.backtest_tab import BacktestTab, build
from qbx_desktop.ui.words import PSEUDO
from qbx_desktop.workers.backtest_job import input_of
from tests.fakes.prices import walk, write_csv

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")

WAIT = 20_000
START = int(datetime(2024, 6, 5, 12, tzinfo=UTC).timestamp())


@pytest.fixture
def api() -> SimApi:
    return build_terminal(start=START)


@pytest.fixture
def terminal(api: SimApi) -> Iterator[Terminal]:
    made = Terminal(TerminalClient(InlineTransport(api)))
    made.open()
    yield made
    made.close()


@pytest.fixture
def tab(qtbot: QtBot, context: AppContext, terminal: Terminal) -> BacktestTab:
    context.quotes.terminal = terminal  # type: ignore[attr-defined]
    made = build(context)
    assert isinstance(made, BacktestTab)
    qtbot.addWidget(made)
    made.resize(1_366, 560)
    made.show()
    return made


@pytest.fixture
def dialog(tab: BacktestTab, qtbot: QtBot) -> Iterator[DownloadDialog]:
    tab.form.download.click()
    made = tab.findChildren(DownloadDialog)[-1]
    qtbot.waitUntil(lambda: made.symbol.editor.count() > 5, timeout=WAIT)
    made.start_day.set_value("2024-04-01")
    yield made
    made.stop()
    qtbot.waitUntil(lambda: not made.is_running, timeout=WAIT)


def fetch(dialog: DownloadDialog, qtbot: QtBot) -> None:
    dialog.download.click()
    qtbot.waitUntil(lambda: not dialog.is_running, timeout=WAIT)


def stored(context: AppContext) -> list[tuple[str, str, int]]:
    with BarStore(context.home.bars, read_only=True) as store:
        return [(each.symbol, each.timeframe.name, each.bars) for each in store.list()]


class Held:
    """Holds the terminal's answers to copy_rates_range from the second on until `go` is called."""

    def __init__(self, api: SimApi, monkeypatch: pytest.MonkeyPatch) -> None:
        self.calls = 0
        self.reached, self._open = threading.Event(), threading.Event()
        self._real: Callable[..., object] = api.copy_rates_range
        monkeypatch.setattr(api, "copy_rates_range", self._held)

    def go(self) -> None:
        self._open.set()

    def _held(self, *args: object) -> object:
        self.calls += 1
        if self.calls == 2:
            self.reached.set()
            assert self._open.wait(WAIT / 1000)
        return self._real(*args)


def test_downloaded_bars_are_stored_chosen_and_judged(
    tab: BacktestTab, dialog: DownloadDialog, qtbot: QtBot, context: AppContext
) -> None:
    dialog.symbol.set_value("gbpusd")
    fetch(dialog, qtbot)
    ((symbol, timeframe, bars),) = stored(context)
    assert (symbol, timeframe) == ("GBPUSD", "H1")
    assert bars > 1_000
    assert dialog.status.text().startswith("GBPUSD H1: ")
    assert str(bars) in dialog.status.text()
    assert "• " in dialog.status.text(), "the notes it speaks of"
    assert tab.form.symbol() == "GBPUSD"
    shown = tab.form.fields["data"].editor.currentText()
    assert shown.startswith("GBPUSD H1 · ")
    assert shown.endswith("2024-04-01–2024-06-05")
    tab.start()
    qtbot.waitUntil(lambda: not tab.is_running, timeout=WAIT)
    assert tab.result.run is not None
    assert len(tab.result.run.bars) == bars
    assert "GBPUSD H1" in tab.result.title.text()


def test_a_run_on_stored_bars_equals_the_command_on_their_export(
    tab: BacktestTab, dialog: DownloadDialog, qtbot: QtBot, tmp_path: Path
) -> None:
    dialog.symbol.set_value("EURUSD")
    fetch(dialog, qtbot)
    tab.form.fields["size_value"].set_value(1.0)
    choices = tab.form.choices()
    assert choices.series is not None
    bar_file = stored_bars(choices.path, choices.series)
    file = tmp_path / "EURUSD_H1.csv"
    export_bars(bar_file.bars, file, timeframe=Timeframe.H1, digits=bar_file.digits)
    options = command._parser().parse_args(
        f"--bars {file} --strategy {choices.strategy} --risk 1 --sl-atr 2 --tp-atr 4 --spread bar "
        f"--commission {choices.costs.commission_per_lot} --slippage {choices.costs.slippage_points}".split()
    )
    typed = engine.run(command.input_of(options, read_bars(file)))
    assert typed.trades
    assert engine.run(input_of(choices, bar_file)).hash == typed.hash
    tab.start()
    qtbot.waitUntil(lambda: not tab.is_running, timeout=WAIT)
    assert tab.result.run is not None
    assert tab.result.run.trades == typed.trades


def test_a_saved_run_on_stored_bars_comes_back(
    tab: BacktestTab, dialog: DownloadDialog, qtbot: QtBot, context: AppContext
) -> None:
    fetch(dialog, qtbot)
    tab.start()
    qtbot.waitUntil(lambda: not tab.is_running, timeout=WAIT)
    first = tab.result.run
    assert first is not None
    again = build(context)
    assert isinstance(again, BacktestTab)
    qtbot.addWidget(again)
    again.show_saved(first.record_id)
    qtbot.waitUntil(lambda: again.result.run is not None, timeout=WAIT)
    assert again.result.run is not None
    assert again.result.run.problem is None
    assert len(again.result.run.bars) == len(first.bars)
    assert again.form.choices() == first.choices


def test_cancelled_it_keeps_what_arrived_and_goes_on_there(
    dialog: DownloadDialog, qtbot: QtBot, api: SimApi, context: AppContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    dialog.symbol.set_value("EURUSD")
    dialog.timeframe.set_value("M1")
    dialog.start_day.set_value("2024-05-27")
    held = Held(api, monkeypatch)
    dialog.download.click()
    qtbot.waitUntil(held.reached.is_set, timeout=WAIT)
    qtbot.waitUntil(lambda: "bars" in dialog.status.text(), timeout=WAIT)
    assert 0 < dialog.progress.value() < 1000
    assert not dialog.download.isEnabled()
    dialog.cancel.click()
    held.go()
    qtbot.waitUntil(lambda: not dialog.is_running, timeout=WAIT)
    ((_, _, kept),) = stored(context)
    assert kept > 1_000
    assert dialog.status.text().startswith(f"Cancelled. {kept} bars of EURUSD M1 are stored")
    calls = held.calls
    fetch(dialog, qtbot)
    ((_, _, whole),) = stored(context)
    assert whole > kept
    with BarStore(context.home.bars, read_only=True) as store:
        times = store.get("EURUSD", Timeframe.M1).time
    assert (times[1:] > times[:-1]).all()
    assert held.calls > calls
    fetch(dialog, qtbot)
    assert stored(context) == [("EURUSD", "M1", whole)]


def test_the_terminals_failure_is_said_and_the_next_press_goes_on(
    dialog: DownloadDialog, qtbot: QtBot, api: SimApi, terminal: Terminal, context: AppContext
) -> None:
    api.sim_fault({"kind": "pipe_lost", "function": "copy_rates_range", "call": 1})
    fetch(dialog, qtbot)
    assert dialog.status.text()
    assert dialog.status.property("role") == "error"
    terminal.open()
    fetch(dialog, qtbot)
    assert dialog.status.property("role") != "error"
    assert stored(context)


def test_wrong_fields_are_said_in_place(dialog: DownloadDialog, context: AppContext) -> None:
    for field, typed, said in (
        (dialog.symbol, "EURUDS", "Did you mean EURUSD?"),
        (dialog.start_day, "yesterday", "2024-01-31"),
        (dialog.start_day, "", "2024-01-31"),
        (dialog.last_day, "2024-02-31", "2024-01-31"),
        (dialog.last_day, "2020-01-01", "before the first"),
    ):
        before = field.value()
        field.set_value(typed)
        dialog.download.click()
        assert said in field.error.text()
        assert not dialog.is_running
        field.set_value(before)
    assert not context.home.bars.exists()


def test_days_without_bars_are_said(dialog: DownloadDialog, qtbot: QtBot, tab: BacktestTab) -> None:
    dialog.start_day.set_value("2035-01-01")
    fetch(dialog, qtbot)
    assert "has no H1 bars" in dialog.status.text()
    assert tab.form.choices().series is None


def test_no_terminal_is_said_and_the_window_stays(tab: BacktestTab, qtbot: QtBot, terminal: Terminal) -> None:
    terminal.close()
    tab.form.download.click()
    dialog = tab.findChildren(DownloadDialog)[-1]
    qtbot.waitUntil(lambda: bool(dialog.status.text()), timeout=WAIT)
    fetch(dialog, qtbot)
    assert dialog.status.property("role") == "error"
    assert dialog.download.isEnabled()


def test_a_history_stored_elsewhere_is_offered_and_a_deleted_one_is_not(
    tab: BacktestTab, context: AppContext
) -> None:
    with BarStore(context.home.bars) as store:
        store.put("XAUUSD", Timeframe.H1, walk(500), digits=5, server="Other-Server")
    tab.form.read_store()
    box = tab.form.fields["data"].editor
    assert isinstance(box, QComboBox)
    texts = [box.itemText(at) for at in range(box.count())]
    assert any(text.startswith("XAUUSD H1 · Other-Server · ") for text in texts)
    assert box.view().minimumWidth() > box.fontMetrics().horizontalAdvance(max(texts, key=len))
    with BarStore(context.home.bars) as store:
        store.delete("XAUUSD", Timeframe.H1)
    tab.form.read_store()
    assert not any(box.itemText(at).startswith("XAUUSD H1 · Other") for at in range(box.count()))


def test_a_history_deleted_after_it_was_chosen_is_said_under_the_field(
    tab: BacktestTab, dialog: DownloadDialog, qtbot: QtBot, context: AppContext
) -> None:
    fetch(dialog, qtbot)
    with BarStore(context.home.bars) as store:
        store.delete(tab.form.symbol(), Timeframe.H1)
    tab.start()
    qtbot.waitUntil(lambda: not tab.is_running, timeout=WAIT)
    assert "No bars" in tab.form.fields["data"].error.text()


def test_a_damaged_store_is_said_and_files_still_run(
    qtbot: QtBot, context: AppContext, tmp_path: Path
) -> None:
    context.home.prepare()
    context.home.bars.write_bytes(b"no database" * 500)
    tab = build(context)
    assert isinstance(tab, BacktestTab)
    qtbot.addWidget(tab)
    assert str(context.home.bars) in tab.form.fields["data"].error.text()
    tab.use_file(write_csv(tmp_path / "EURUSD_H1.csv", walk(500)))
    tab.start()
    qtbot.waitUntil(lambda: not tab.is_running, timeout=WAIT)
    assert tab.result.run is not None


def test_everything_has_a_name_and_follows_the_language(dialog: DownloadDialog, context: AppContext) -> None:
    for kind in (QAbstractButton, QComboBox, QLineEdit):
        for each in dialog.findChildren(kind):
            if each.parent() is not None and not isinstance(each.parent(), QComboBox):
                assert each.accessibleName(), each
    context.words.use("id")
    assert dialog.download.text() == "Unduh"
    assert dialog.windowTitle() == "Unduh bar"
    context.words.use(PSEUDO)
    assert dialog.download.text() != "Unduh"
