"""The Tab key walks the window as it is read: its groups from top to bottom, each in its own order.

Qt walks in the order in which widgets came to be, and a tab that is built when it is first shown would come last.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QScrollArea, QWidget


def stops(window: QWidget, groups: Sequence[QWidget]) -> list[QWidget]:
    """What the Tab key reaches in `window` now, group by group; a group that floats in a window of its own is left out."""
    found: dict[int, list[QWidget]] = {at: [] for at in range(len(groups))}
    here = window.nextInFocusChain()
    while here is not None and here is not window:
        if _takes_tab(here) and here.window() is window:
            for at, group in enumerate(groups):
                if group.isAncestorOf(here):
                    found[at].append(here)
                    break
        here = here.nextInFocusChain()
    return [widget for at in range(len(groups)) for widget in found[at]]


def move_focus(window: QWidget, groups: Sequence[QWidget], forward: bool) -> bool:
    """Give the focus to the next stop or the one before; False where the focus is in none of them."""
    order, now = stops(window, groups), QApplication.focusWidget()
    if now is None or now not in order:
        return False
    reason = Qt.FocusReason.TabFocusReason if forward else Qt.FocusReason.BacktabFocusReason
    wanted = order[(order.index(now) + (1 if forward else -1)) % len(order)]
    wanted.setFocus(reason)
    bring_into_sight(wanted)
    return True


def bring_into_sight(widget: QWidget) -> None:
    """Scroll every area around `widget` so that it is seen."""
    area = widget.parentWidget()
    while area is not None:
        if isinstance(area, QScrollArea):
            area.ensureWidgetVisible(widget)
        area = area.parentWidget()


def _takes_tab(widget: QWidget) -> bool:
    tabbed = widget.focusPolicy().value & Qt.FocusPolicy.TabFocus.value
    return bool(tabbed) and widget.isVisible() and widget.isEnabled() and widget.focusProxy() is None
