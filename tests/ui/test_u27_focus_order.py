"""U26, U27: the Tab key walks the window as it is read, in every tab, and wherever it stops a ring is seen."""

from __future__ import annotations

import itertools

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QLineEdit,
    QTabBar,
    QTableView,
    QWidget,
)
from pytestqt.qtbot import QtBot

from qbx_desktop.ui.context import AppContext
from qbx_desktop.ui.focus_order import bring_into_sight, stops
from qbx_desktop.ui.lazy_tab import LazyTab
from qbx_desktop.ui.window import MainWindow

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")


def shown(qtbot: QtBot, window: MainWindow, number: int) -> None:
    window.resize(1_366, 768)
    window.show()
    window.show_tab(number)
    tab = window.tabs.widget(number)
    if isinstance(tab, LazyTab):
        qtbot.waitUntil(lambda: tab.content is not None)
    QApplication.processEvents()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)


def place(widget: QWidget, window: QWidget) -> QRect:
    return QRect(widget.mapTo(window, QPoint(0, 0)), widget.size())


def reads_on(one: QRect, other: QRect) -> bool:
    """Whether `other` comes after `one` for a reader: further down, or in the same line or the next column."""
    below = other.top() >= one.center().y()
    beside = other.left() >= one.center().x()
    return below or beside


@pytest.mark.parametrize("number", range(4))
def test_u27_the_tab_order_is_the_order_of_reading(qtbot: QtBot, window: MainWindow, number: int) -> None:
    shown(qtbot, window, number)
    groups = window.reading_order()
    order = stops(window, groups)
    assert len(order) > 15
    members = [[widget for widget in order if group.isAncestorOf(widget)] for group in groups]
    assert [widget for group in members for widget in group] == order, "group after group"
    tops = [place(group, window).top() for group, inside in zip(groups, members, strict=True) if inside]
    assert tops == sorted(tops), "from the top of the window to its bottom"
    for inside in members:
        for one, other in itertools.pairwise(inside):
            if one.parentWidget() is other.parentWidget():
                assert reads_on(place(one, window), place(other, window)), (named(one), named(other))


def named(widget: QWidget) -> str:
    return widget.accessibleName() or type(widget).__name__


@pytest.mark.parametrize("number", range(4))
def test_u27_the_tab_key_goes_round_once_and_back_again(
    qtbot: QtBot, window: MainWindow, number: int
) -> None:
    shown(qtbot, window, number)
    first = stops(window, window.reading_order())[0]
    first.setFocus()
    walked = [first]
    for _ in range(200):
        qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
        if QApplication.focusWidget() is first:
            break
        walked.append(QApplication.focusWidget())
    # Buttons of which one is pressed are one stop from the first visit on, as Qt has it; arrows move among them.
    order = stops(window, window.reading_order())
    assert [named(each) for each in walked] == [named(each) for each in order]
    qtbot.keyClick(first, Qt.Key.Key_Backtab)
    assert QApplication.focusWidget() is order[-1]


@pytest.mark.parametrize("mode", ["dark", "light"])
def test_u26_the_focus_ring_is_seen_at_every_stop(
    qtbot: QtBot, window: MainWindow, context: AppContext, mode: str
) -> None:
    context.theme.use(mode=mode)
    colour = context.theme.colour
    bare = []
    for number in range(4):
        shown(qtbot, window, number)
        for widget in stops(window, window.reading_order()):
            widget.setFocus(Qt.FocusReason.TabFocusReason)
            QApplication.processEvents()
            if not widget.hasFocus():
                continue
            bring_into_sight(widget)
            QApplication.processEvents()
            filled = bool(widget.property("primary")) and colour("focus") == colour("accent")
            ring = colour("text" if filled else "focus")
            with_ring = ring_pixels(widget, window, ring)
            window.setFocus()
            QApplication.processEvents()
            if with_ring - ring_pixels(widget, window, ring) < least(widget):
                bare.append(f"{named(widget)} in tab {number}")
    assert not bare, bare


def least(widget: QWidget) -> int:
    """Pixels of a ring two wide along the widget's shorter edges at least; a bar of tabs rings one of them."""
    return 40 if isinstance(widget, QTabBar) else 2 * min(widget.width(), widget.height())


def ring_pixels(widget: QWidget, window: QWidget, ring: QColor) -> int:
    """How many pixels in and just around `widget` have the ring's colour."""
    around = place(widget, window).adjusted(-3, -3, 3, 3)
    image = window.grab(around).toImage()
    wanted = ring.rgb() & 0xFFFFFF
    return sum(
        image.pixel(x, y) & 0xFFFFFF == wanted
        for y in range(image.height())
        for x in range(image.width())
        # The middle of a large table need not be looked at.
        if min(x, y, image.width() - 1 - x, image.height() - 1 - y) < 8
    )


def test_the_kinds_of_stops_are_all_met(qtbot: QtBot, window: MainWindow) -> None:
    met: set[type] = set()
    for number in range(4):
        shown(qtbot, window, number)
        met |= {
            kind
            for widget in stops(window, window.reading_order())
            for kind in (QAbstractButton, QComboBox, QLineEdit, QTableView, QTabBar)
            if isinstance(widget, kind)
        }
    assert len(met) == 5
