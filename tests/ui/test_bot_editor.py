"""The editor: its form is the strategy's schema, errors stand under their field, and it says what may be lost."""

from __future__ import annotations

import json

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractSpinBox, QCheckBox, QComboBox, QLineEdit
from pytestqt.qtbot import QtBot

from qbx_desktop.broker.client import TerminalClient
from qbx_desktop.broker.spec import TerminalSpec
from qbx_desktop.broker.terminal import Terminal
from qbx_desktop.broker.transports import InlineTransport
from qbx_desktop.data import bots
from qbx_desktop.data.database import Database
from qbx_desktop.domain import params
from qbx_desktop.domain.bots import Bot, BotSettings, SizingMode, StopMode
from qbx_desktop.simulator.terminal import build_terminal
from qbx_desktop.strategies import registry
from qbx_desktop.strategies.contract import Strategy
from qbx_desktop.trading.plan_order import Entry
from qbx_desktop.ui.context import AppContext
from qbx_desktop.ui.dialogs.bot_editor import BotEditor
from qbx_desktop.ui.dialogs.trade_preview import look
from qbx_desktop.ui.live import Live
from qbx_desktop.ui.tabs.bots_tab import copy_of

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")
SETTINGS = BotSettings(sizing_mode=SizingMode.RISK_PERCENT, stop_mode=StopMode.ATR_MULT)
BOT = Bot(7, "Gold", "XAUUSD", "H4", "MA_CROSSOVER", '{"fast_period":11,"slow_period":33}', settings=SETTINGS)


def editor_of(qtbot: QtBot, context: AppContext, live: Live, bot: Bot | None = None) -> BotEditor:
    editor = BotEditor(context, live, bot)
    qtbot.addWidget(editor)
    editor.show()
    return editor


@pytest.mark.parametrize("strategy", registry.all_strategies(), ids=lambda each: each.key)
def test_u11_a_control_per_parameter_that_gives_back_what_it_was_given(
    qtbot: QtBot, context: AppContext, live: Live, strategy: Strategy
) -> None:
    editor = editor_of(qtbot, context, live)
    editor.strategy.editor.setCurrentIndex(editor.strategy.editor.findData(strategy.key))
    for info in params.infos(strategy.Params):
        field = editor.form.fields[info.name]
        assert isinstance(field.editor, (QAbstractSpinBox, QCheckBox, QComboBox, QLineEdit))
        assert field.editor.accessibleName()
        assert field.label.buddy() is field.editor
        if info.kind is int:
            assert (field.editor.minimum(), field.editor.maximum()) == (info.low, info.high)
    assert editor.form.made() == strategy.Params()
    editor.name.editor.setText("x")
    stored = editor.bot().strategy_params
    assert params.from_json(strategy.Params, stored) == strategy.Params()


def test_u14_saving_unchanged_changes_nothing_and_one_field_changes_one_column(
    qtbot: QtBot, context: AppContext, live: Live
) -> None:
    editor = editor_of(qtbot, context, live, BOT)
    assert editor.bot() == BOT
    editor.sl_atr.editor.setValue(3.5)
    changed = editor.bot()
    assert changed.settings.sl_atr == 3.5
    assert {k for k, v in vars(changed).items() if v != getattr(BOT, k)} == {"settings"}


def test_u12_an_error_stands_under_its_field_and_saving_says_why_not(
    qtbot: QtBot, context: AppContext, live: Live
) -> None:
    editor = editor_of(qtbot, context, live)
    assert not editor.save.isEnabled()
    assert editor.save.toolTip() == "Give the bot a name."
    assert editor.name.error.isVisible()
    editor.name.editor.setText("Gold")
    assert editor.save.isEnabled()
    editor.sl_atr.editor.setValue(0.0)
    assert not editor.save.isEnabled()
    assert editor.sl_atr.error.text() == "Risk in percent needs a stop loss."
    editor.sizing.set_value(str(SizingMode.FIXED_LOT))
    editor._changed()
    assert editor.save.isEnabled(), "fixed lots may go without a stop"


def test_only_changed_limits_are_stored_and_unknown_to_the_form_ones_stay(
    qtbot: QtBot, context: AppContext, live: Live
) -> None:
    from dataclasses import replace

    bot = replace(BOT, settings=replace(SETTINGS, limits={"max_spread_points": 12.0, "orders_per_day": 9.0}))
    editor = editor_of(qtbot, context, live, bot)
    assert editor.bot() == bot
    editor.limits.fields["max_lots_per_order"].editor.setValue(3)
    assert editor.bot().settings.limits == {
        "max_spread_points": 12.0, "orders_per_day": 9.0, "max_lots_per_order": 3.0,
    }  # fmt: skip


def test_an_imported_bot_that_never_chose_its_units_is_shown_and_can_be_saved(
    qtbot: QtBot, context: AppContext, live: Live, db: Database
) -> None:
    bot_id = db.write(lambda con: bots.create_bot(con, Bot(
        0, "Old", "EURUSD", "H1", "MA_CROSSOVER", "{broken",
        settings=BotSettings(sizing_mode=SizingMode.LEGACY_UNSET, stop_mode=StopMode.LEGACY_UNSET))))  # fmt: skip
    editor = editor_of(qtbot, context, live, bots.get_bot(db.reader(), bot_id))
    saved = editor.bot()
    assert saved.is_startable
    assert json.loads(saved.strategy_params) == {"fast_period": 20, "slow_period": 50}


def test_a_copy_is_paused_and_has_no_consent_for_real_money() -> None:
    from dataclasses import replace

    consented = replace(BOT, settings=replace(SETTINGS, live_consent=True, halted_reason="x", generation=4))
    copy = copy_of(consented, lambda text, **values: text.format(**values))
    assert (copy.id, copy.name, copy.settings) == (0, "Gold (copy)", SETTINGS)


@pytest.fixture
def terminal() -> Terminal:
    made = Terminal(
        TerminalClient(InlineTransport(build_terminal(seed=3), TerminalSpec(clock_mode="stepped")))
    )
    made.open()
    return made


def test_u13_the_risk_line_is_what_the_stop_would_cost(
    qtbot: QtBot, context: AppContext, live: Live, terminal: Terminal
) -> None:
    entry = look(terminal, BOT).entry
    assert isinstance(entry, Entry)
    cost = -terminal.calc_profit(0, "XAUUSD", entry.volume, entry.price, entry.sl)
    balance = terminal.account().balance
    assert cost <= balance * 0.01
    assert cost * (entry.volume + 0.01) / entry.volume > balance * 0.01
    assert abs(entry.loss_at_sl - cost) < 0.02
    context.quotes.terminal = terminal
    editor = editor_of(qtbot, context, live, BOT)
    qtbot.waitUntil(lambda: "lots" in editor.preview.risk_line.text())
    before = editor.preview.risk_line.text()
    editor.risk.editor.setValue(5.0)
    qtbot.waitUntil(lambda: editor.preview.risk_line.text() not in ("", before))
    editor.risk.editor.setValue(0.01)
    qtbot.waitUntil(lambda: "skipped" in editor.preview.risk_line.text())
    editor.risk.editor.setValue(2.0)
    editor.sl_atr.editor.setValue(0.1)
    qtbot.waitUntil(lambda: "allowed per order" in editor.preview.hindrance_line.text())
    editor.limits.fields["max_lots_per_order"].editor.setValue(0)
    qtbot.waitUntil(lambda: "allowed per order" not in editor.preview.hindrance_line.text())
    editor.symbol.editor.setEditText("NOSUCH")
    qtbot.waitUntil(lambda: "lots" not in editor.preview.risk_line.text())
    assert editor.preview.risk_line.text()


def test_u26_the_keyboard_walks_the_form_in_reading_order_and_return_saves(
    qtbot: QtBot, context: AppContext, live: Live
) -> None:
    editor = editor_of(qtbot, context, live, BOT)
    editor.strategy.editor.setCurrentIndex(1)
    qtbot.waitUntil(lambda: all(field.editor.isVisible() for field in editor.form.fields.values()))
    walked, here = [], editor.name.editor
    every = (*editor._fields, *editor.form.fields.values(), *editor.limits.fields.values())
    fields = {field.editor: field.label.text() for field in every}
    while len(walked) < 60:
        here = here.nextInFocusChain()
        if here in fields and here.isVisible():
            walked.append(fields[here])
        if here is editor.name.editor:
            break
    labels = [field.label.text() for field in editor.form.fields.values()]
    assert walked[:3] == ["Symbol", "Timeframe", "Strategy"]
    assert walked[3 : 3 + len(labels)] == labels
    limits = [field.label.text() for field in editor.limits.fields.values()]
    assert walked[3 + len(labels) : 3 + len(labels) + len(limits)] == limits
    assert walked[3 + len(labels) + len(limits)] == "Size of a trade"
    assert editor.save.isDefault()
    with qtbot.waitSignal(editor.accepted):
        qtbot.keyClick(editor, Qt.Key.Key_Return)
