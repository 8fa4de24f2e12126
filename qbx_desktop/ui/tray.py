"""The system tray behind a small port, so that the program works, and is tested, where there is none."""

from __future__ import annotations

from typing import Protocol

from PySide6.QtCore import QObject, QRectF, Signal, Slot
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QMenu, QSystemTrayIcon

from ..domain.resources import resource


class TrayPort(Protocol):
    """What the program needs from a tray."""

    def available(self) -> bool:
        """Whether there is a tray that shows us; only then may a window hide."""

    def show_message(self, title: str, text: str, urgent: bool = False) -> None:
        """Show a balloon."""

    def show_state(self, state: str, tooltip: str) -> None:
        """`off` (not connected), `idle`, `active` (bots run) or `needs_you`."""


class NoTray:
    """No tray at all: the window says everything itself."""

    def available(self) -> bool:
        return False

    def show_message(self, title: str, text: str, urgent: bool = False) -> None:
        """There is nowhere to show it; the centre has it."""

    def show_state(self, state: str, tooltip: str) -> None:
        """There is nowhere to show it."""


class SystemTray(QObject):
    """The desktop's own tray. `activated` when its icon is clicked, `message_clicked` for a balloon."""

    activated = Signal()
    message_clicked = Signal()

    def __init__(self, menu: QMenu, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._state = ""
        self._icon = QSystemTrayIcon(tray_icon("off"), self)
        self._icon.setContextMenu(menu)
        self._icon.activated.connect(self._clicked)
        self._icon.messageClicked.connect(self.message_clicked)
        self._icon.show()

    def available(self) -> bool:
        # supportsMessages() and isVisible() say yes without any tray.
        return QSystemTrayIcon.isSystemTrayAvailable()

    def show_message(self, title: str, text: str, urgent: bool = False) -> None:
        kind = QSystemTrayIcon.MessageIcon.Warning if urgent else QSystemTrayIcon.MessageIcon.Information
        self._icon.showMessage(title, text, kind)

    def show_state(self, state: str, tooltip: str) -> None:
        if state != self._state:
            self._state = state
            self._icon.setIcon(tray_icon(state))
        self._icon.setToolTip(tooltip)

    def hide(self) -> None:
        """Take the icon away (at the end of the program)."""
        self._icon.hide()

    @Slot(QSystemTrayIcon.ActivationReason)
    def _clicked(self, reason: QSystemTrayIcon.ActivationReason) -> None:
        if reason in (QSystemTrayIcon.ActivationReason.Trigger, QSystemTrayIcon.ActivationReason.DoubleClick):
            self.activated.emit()


_MARKS = {"active": "#7BD88F", "needs_you": "#FFD166"}


def tray_icon(state: str) -> QIcon:
    """The program's icon: pale when not connected, with a dot while bots run, a triangle when it needs the trader."""
    icon = QIcon()
    renderer = QSvgRenderer(str(resource("icons", "app.svg")))
    for size in (16, 22, 24, 32, 48):
        picture = QPixmap(size, size)
        picture.fill(QColor(0, 0, 0, 0))
        painter = QPainter(picture)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setOpacity(0.45 if state == "off" else 1.0)
        renderer.render(painter, QRectF(0, 0, size, size))
        painter.setOpacity(1.0)
        if state in _MARKS:
            mark = QSvgRenderer(_mark(state).encode())
            mark.render(painter, QRectF(size * 0.5, size * 0.5, size * 0.5, size * 0.5))
        painter.end()
        icon.addPixmap(picture)
    return icon


def _mark(state: str) -> str:
    shape = '<circle cx="12" cy="12" r="9"/>' if state == "active" else '<path d="M12 2L23 22H1z"/>'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" fill="{_MARKS[state]}" stroke="#0B0F14" '
        f'stroke-width="2">{shape}</svg>'
    )
