"""A row that wraps keeps every control whole and in reading order, however narrow it gets."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from qbx_desktop.ui.wrapping_row import WrappingRow

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")


@pytest.mark.parametrize("width", [1_200, 500, 220])
def test_controls_wrap_whole_and_in_order(qtbot: QtBot, width: int) -> None:
    page, row = QWidget(), WrappingRow()
    qtbot.addWidget(page)
    fields = [QLineEdit() for _ in range(4)]
    for at, field in enumerate(fields):
        field.setFixedWidth(80)
        row.add_field(QLabel(f"Field {at}"), field)
    hidden, button = QPushButton("Not shown"), QPushButton("Go")
    hidden.hide()
    row.addWidget(hidden)
    row.addWidget(button)
    layout = QVBoxLayout(page)
    layout.addLayout(row)
    layout.addStretch(1)
    page.resize(width, 400)
    page.show()
    qtbot.waitExposed(page)
    hidden.hide()
    shown = [field.parentWidget().geometry() for field in fields] + [button.geometry()]
    assert all(each.right() <= width for each in shown)
    places = [(each.y() // 10, each.x()) for each in shown]
    assert places == sorted(places)
    lines = len({each.y() for each in shown[:4]})
    assert lines == {1_200: 1, 500: 2, 220: 4}[width]
    assert page.minimumSizeHint().width() < 220
