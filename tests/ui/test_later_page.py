"""A page that nobody looked at costs nothing; looked at, it is there once and keeps what was entered."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QLineEdit, QTabWidget
from pytestqt.qtbot import QtBot

from qbx_desktop.ui.context import AppContext
from qbx_desktop.ui.later_page import LaterPage
from qbx_desktop.ui.tabs.backtest_tab import BacktestTab

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")


def test_a_page_is_built_when_it_is_first_shown(qtbot: QtBot) -> None:
    built: list[QLineEdit] = []

    def build() -> QLineEdit:
        built.append(QLineEdit())
        return built[-1]

    tabs, later = QTabWidget(), LaterPage(build)
    qtbot.addWidget(tabs)
    tabs.addTab(QLineEdit(), "first")
    tabs.addTab(later, "later")
    tabs.show()
    assert not later.is_built
    tabs.setCurrentIndex(1)
    assert built[0].isVisible()
    later.page.setText("kept")
    tabs.setCurrentIndex(0)
    tabs.setCurrentIndex(1)
    assert (len(built), built[0].text()) == (1, "kept")


def test_the_backtest_tab_opens_without_its_further_views(qtbot: QtBot, context: AppContext) -> None:
    tab = BacktestTab(context)
    qtbot.addWidget(tab)
    tab.resize(1_200, 700)
    tab.show()
    pages = tab.result.pages
    later = [pages.widget(at) for at in range(pages.count()) if isinstance(pages.widget(at), LaterPage)]
    assert len(later) == 5
    assert not any(page.is_built for page in later)
    for page in later:
        pages.setCurrentWidget(page)
        assert page.is_built
        assert page.page.isVisible()
