"""Real money, archiving and deleting ask for the password of the lock again, where one is set and only then."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtWidgets import QMessageBox, QWidget
from pytestqt.qtbot import QtBot

from qbx_desktop.data import bots, users
from qbx_desktop.data.database import Database
from qbx_desktop.data.password_rules import hash_password
from qbx_desktop.domain.bots import Bot
from qbx_desktop.domain.records import AccountInfo
from qbx_desktop.ui.context import AppContext
from qbx_desktop.ui.dialogs.ask_password import AskPasswordDialog
from qbx_desktop.ui.dialogs.connect import ConnectDialog, _Account
from qbx_desktop.ui.dialogs.go_live import GoLive
from qbx_desktop.ui.live import Live
from qbx_desktop.ui.tabs.backtest_runs import BacktestRuns
from qbx_desktop.ui.tabs.bots_tab import BotsTab

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")
PASSWORD = "seven quiet harbours"
REAL = AccountInfo(login=7001, server="Broker-Live", trade_mode=2, currency="USD")
BOT = Bot(0, "Euro", "EURUSD", "H1", "MA_CROSSOVER")


@pytest.fixture
def with_password(db: Database, context_user: int) -> None:
    hashed = hash_password(PASSWORD)
    db.write(lambda con: users.describe(con, context_user, name="Reyna", email=""))
    db.write(lambda con: users.set_password(con, context_user, hashed, 1))


@pytest.fixture
def yes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every question is agreed to."""

    def agree(box: QMessageBox) -> None:
        (button,) = [each for each in box.buttons() if each.text() in ("Archive", "Delete")]
        button.click()

    monkeypatch.setattr(QMessageBox, "exec", agree)


def asked(widget: QWidget) -> list[AskPasswordDialog]:
    return [each for each in widget.findChildren(AskPasswordDialog) if each.isVisible()]


def refuse_then_allow(qtbot: QtBot, widget: QWidget, happened: Callable[[], bool]) -> None:
    """A wrong password changes nothing; the right one lets it through."""
    (dialog,) = asked(widget)
    assert not happened()
    dialog.password.setText("wrong password")
    dialog.confirm.click()
    qtbot.waitUntil(lambda: "is wrong" in dialog.said.text(), timeout=20_000)
    assert not happened()
    dialog.password.setText(PASSWORD)
    dialog.confirm.click()
    qtbot.waitUntil(happened, timeout=20_000)


def go_live(qtbot: QtBot, context: AppContext, live: Live) -> GoLive:
    dialog = GoLive(context, live, BOT, REAL, [])
    qtbot.addWidget(dialog)
    dialog.show()
    dialog.number.setText("7001")
    return dialog


@pytest.mark.usefixtures("with_password")
def test_live_consent_asks(qtbot: QtBot, context: AppContext, live: Live) -> None:
    dialog = go_live(qtbot, context, live)
    dialog.confirm.click()
    refuse_then_allow(qtbot, dialog, lambda: dialog.result() == GoLive.DialogCode.Accepted)


@pytest.mark.usefixtures("with_password")
def test_who_does_not_know_it_allows_nothing(qtbot: QtBot, context: AppContext, live: Live) -> None:
    dialog = go_live(qtbot, context, live)
    dialog.confirm.click()
    asked(dialog)[0].reject()
    assert dialog.isVisible()
    dialog.cancel.click()
    assert dialog.result() == GoLive.DialogCode.Rejected


def test_live_consent_without_a_password_needs_the_number_only(
    qtbot: QtBot, context: AppContext, live: Live
) -> None:
    dialog = go_live(qtbot, context, live)
    dialog.confirm.click()
    assert not asked(dialog)
    assert dialog.result() == GoLive.DialogCode.Accepted


def connect_real(qtbot: QtBot, context: AppContext, live: Live) -> ConnectDialog:
    dialog = ConnectDialog(context, live, installations=lambda: ())
    qtbot.addWidget(dialog)
    dialog.show()
    dialog._installed = True
    dialog.metatrader.setChecked(True)
    dialog._agree(_Account(7001, "Broker-Live", True))
    dialog.consent.setText("7001")
    return dialog


@pytest.mark.usefixtures("with_password")
def test_agreeing_on_a_real_account_asks_once(qtbot: QtBot, context: AppContext, live: Live) -> None:
    allowed = lambda: context.settings.get("terminal.real_account") == 7001  # noqa: E731 - asked again and again
    dialog = connect_real(qtbot, context, live)
    dialog.save.click()
    refuse_then_allow(qtbot, dialog, allowed)
    again = connect_real(qtbot, context, live)
    again.save.click()
    assert not asked(again)
    assert again.result() == ConnectDialog.DialogCode.Accepted


@pytest.mark.usefixtures("with_password", "yes")
def test_archiving_a_bot_asks(qtbot: QtBot, context: AppContext, live: Live, db: Database) -> None:
    db.write(lambda con: bots.create_bot(con, BOT))
    tab = BotsTab(context, live)
    qtbot.addWidget(tab)
    tab.show()
    tab.archive()
    refuse_then_allow(qtbot, tab, lambda: not bots.list_bots(db.reader()))
    assert [each.name for each in bots.list_bots(db.reader(), include_archived=True)] == ["Euro"]


@pytest.mark.usefixtures("with_password", "yes")
def test_deleting_saved_runs_asks(qtbot: QtBot, context: AppContext, db: Database) -> None:
    db.write(
        lambda con: con.execute(
            "INSERT INTO backtest_results (strategy_name, data_filename, total_profit_usd, total_trades, win_rate_percent,"
            " max_drawdown_percent, wins, losses) VALUES ('MA_CROSSOVER', 'a.csv', 1.0, 1, 100.0, 0.0, 1, 0)"
        )
    )
    runs = BacktestRuns(context)
    qtbot.addWidget(runs)
    runs.show()
    runs.reload()
    qtbot.waitUntil(lambda: runs.model.rowCount() == 1)
    runs.view.selectRow(0)
    runs.delete()
    refuse_then_allow(qtbot, runs, lambda: runs.model.rowCount() == 0)
