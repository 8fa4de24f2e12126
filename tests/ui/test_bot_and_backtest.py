"""A bot's settings go into the backtest form and a run's settings into a bot, and come back the same."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from qbx_desktop.data import bots
from qbx_desktop.data.database import Database
from qbx_desktop.domain.bots import Bot, BotSettings, SizingMode, StopMode
from qbx_desktop.domain.errors import UserMistake
from qbx_desktop.domain.sizing import StopDistance, StopUnit
from qbx_desktop.ui.bot_and_backtest import bot_of
from qbx_desktop.ui.dialogs.bot_editor import BotEditor
from qbx_desktop.ui.window import MainWindow

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")
BY_RISK = Bot(
    0, "Risk", "EURUSD", "H1", "MA_CROSSOVER", '{"fast_period": 7, "slow_period": 31}',
    settings=BotSettings(
        sizing_mode=SizingMode.RISK_PERCENT, stop_mode=StopMode.ATR_MULT, risk_percent=0.7, sl_atr=1.5, tp_atr=0.0,
        atr_period=21,
    ),
)  # fmt: skip
IN_PIPS = Bot(
    0, "Pips", "EURUSD", "H1", "MA_CROSSOVER", '{"fast_period": 3, "slow_period": 9}', lot_size=0.3, sl_pips=55,
    tp_pips=120, settings=BotSettings(sizing_mode=SizingMode.FIXED_LOT, stop_mode=StopMode.PIPS),
)  # fmt: skip


@pytest.mark.parametrize("bot", [BY_RISK, IN_PIPS], ids=["risk", "pips"])
def test_a_bot_is_backtested_and_the_run_becomes_a_bot_again(
    qtbot: QtBot, window: MainWindow, db: Database, bot: Bot
) -> None:
    window.show()
    bot_id = db.write(lambda con: bots.create_bot(con, bot))
    window.bots.reload()
    window.bots.select(bot_id)
    qtbot.mouseClick(window.bots.buttons["backtest"], Qt.MouseButton.LeftButton)
    assert window.tabs.currentIndex() == 2
    tab = window.backtest.built()
    choices = tab.form.choices()  # type: ignore[attr-defined]
    assert (choices.symbol, choices.strategy) == ("EURUSD", "MA_CROSSOVER")
    assert dict(choices.params) == json.loads(bot.strategy_params or "{}")
    assert "EURUSD_H1" in choices.path.name
    tab.start()  # type: ignore[attr-defined]
    qtbot.waitUntil(lambda: tab.result.run is not None, timeout=60_000)  # type: ignore[attr-defined]
    qtbot.mouseClick(tab.result.use, Qt.MouseButton.LeftButton)  # type: ignore[attr-defined]
    editor = window.findChild(BotEditor)
    assert editor is not None
    assert window.tabs.currentIndex() == 0
    made = editor.bot()
    assert (made.id, made.market, made.timeframe, made.strategy) == (0, "EURUSD", "H1", "MA_CROSSOVER")
    assert json.loads(made.strategy_params or "{}") == json.loads(bot.strategy_params or "{}")
    assert (made.sizing, made.stop_loss) == (bot.sizing, bot.stop_loss)
    assert made.take_profit.value == bot.take_profit.value
    editor.reject()


def test_what_a_bot_cannot_do_is_said_and_nothing_is_made(qtbot: QtBot, window: MainWindow) -> None:
    window.show()
    window.show_tab(2)
    tab = window.backtest.built()
    tab.start()  # type: ignore[attr-defined]
    qtbot.waitUntil(lambda: tab.result.run is not None, timeout=60_000)  # type: ignore[attr-defined]
    run = tab.result.run  # type: ignore[attr-defined]
    settings = window._context.settings
    with pytest.raises(UserMistake, match="without its inputs"):
        bot_of(replace(run, choices=None), settings)
    mixed = replace(run.choices, sl=StopDistance(StopUnit.PIPS, 50.0), tp=StopDistance(StopUnit.ATR, 2.0))
    with pytest.raises(UserMistake, match="alike"):
        bot_of(replace(run, choices=mixed), settings)
    tab.result.run = replace(run, choices=None)  # type: ignore[attr-defined]
    qtbot.mouseClick(tab.result.use, Qt.MouseButton.LeftButton)  # type: ignore[attr-defined]
    assert window.findChild(BotEditor) is None
    assert "without its inputs" in tab.form.general.text()  # type: ignore[attr-defined]
