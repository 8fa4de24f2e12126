"""The news calendar on the screen: what is listed, what comes next, what is over, what is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor

from qbx_desktop.domain.clock import server_text
from qbx_desktop.ui.context import AppContext
from qbx_desktop.ui.dialogs.news_calendar import NewsCalendarDialog
from qbx_desktop.ui.live import Live

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")
NOW = 1_796_000_000
LIST = f"""time,currency,title,before,after
{server_text(NOW - 10 * 86_400)},USD,Long over,30,30
{server_text(NOW)},EUR,Going on,30,30
{server_text(NOW + 86_400)[:10]},*,Holiday
"""


def cells(dialog: NewsCalendarDialog) -> list[list[str]]:
    model = dialog.model
    return [[str(model.index(row, at).data()) for at in range(4)] for row in range(model.rowCount())]


def colour(dialog: NewsCalendarDialog, row: int) -> QColor | None:
    found = dialog.model.index(row, 3).data(Qt.ItemDataRole.ForegroundRole)
    assert found is None or isinstance(found, QColor)
    return found


def test_it_lists_what_is_over_on_and_coming(context: AppContext, live: Live) -> None:
    context.home.calendar.write_text(LIST, encoding="utf-8")
    live.server_time = NOW
    dialog = NewsCalendarDialog(context, live)
    assert [row[2:] for row in cells(dialog)] == [
        ["USD", "Long over"],
        ["EUR", "Going on"],
        ["all", "Holiday"],
    ]
    assert cells(dialog)[0][0] == server_text(NOW - 10 * 86_400 - 1_800)
    theme = context.theme
    assert [colour(dialog, row) for row in range(3)] == [theme.colour("muted"), theme.colour("warning"), None]
    assert f"Next: Going on, {server_text(NOW - 1_800)}" in dialog.state.text()
    live.server_time = NOW + 3_600
    dialog.read()
    assert "Next: Holiday" in dialog.state.text()
    dialog.deleteLater()


def test_a_list_that_is_wrong_is_told_and_not_taken(context: AppContext, live: Live, tmp_path: Path) -> None:
    dialog = NewsCalendarDialog(context, live)
    assert "no event yet" in dialog.state.text()
    good, bad = tmp_path / "good.csv", tmp_path / "bad.csv"
    good.write_text(LIST, encoding="utf-8")
    bad.write_text("soon,USD,Payrolls\n", encoding="utf-8")
    dialog.take(good)
    assert dialog.model.rowCount() == 3
    dialog.take(bad)
    assert "Line 1 of the calendar file is wrong" in dialog.state.text()
    assert context.home.calendar.read_text(encoding="utf-8") == LIST
    dialog.deleteLater()
