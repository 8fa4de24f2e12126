"""Our own line icons, recoloured to the theme (pictographs from fonts turn into boxes on some computers)."""

from __future__ import annotations

import weakref
from typing import Any

import shiboken6
from PySide6.QtCore import QByteArray, QObject, QRectF, Qt, Slot
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from ..domain.resources import resource
from .theme import Theme

_SIZES = (16, 20, 24, 32, 48)


class Icons(QObject):
    """Icons by file name without `.svg`; `currentColor` in the file becomes the token's colour."""

    def __init__(self, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._made: dict[tuple[str, str], QIcon] = {}
        self._bound: list[tuple[weakref.ref[Any], str, str]] = []
        theme.changed.connect(self._recolour)

    def icon(self, name: str, token: str = "text") -> QIcon:  # noqa: S107 - a colour token, not a secret
        """The icon in the colour of `token`. Raises FileNotFoundError for an icon that is not there."""
        key = (name, token)
        if key not in self._made:
            self._made[key] = draw(name, self._theme.colour(token).name(), self._theme.colour("muted").name())
        return self._made[key]

    def bind(self, target: Any, name: str, token: str = "text") -> Any:  # noqa: S107 - a colour token, not a secret
        """Set the icon on a button or action, again after every change of theme; returns `target`."""
        target.setIcon(self.icon(name, token))
        self._bound.append((weakref.ref(target), name, token))
        return target

    @Slot()
    def _recolour(self) -> None:
        self._made.clear()
        alive = []
        for reference, name, token in self._bound:
            target = reference()
            if target is not None and shiboken6.isValid(target):
                target.setIcon(self.icon(name, token))
                alive.append((reference, name, token))
        self._bound = alive


def draw(name: str, colour: str, disabled: str = "") -> QIcon:
    """Draw `resources/icons/<name>.svg` in `colour` at the usual sizes, once more in `disabled` if given."""
    source = resource("icons", f"{name}.svg").read_text(encoding="utf-8")
    icon = QIcon()
    _add(icon, source, colour, QIcon.Mode.Normal)
    if disabled:
        _add(icon, source, disabled, QIcon.Mode.Disabled)
    return icon


def _add(icon: QIcon, source: str, colour: str, mode: QIcon.Mode) -> None:
    renderer = QSvgRenderer(QByteArray(source.replace("currentColor", colour).encode()))
    for size in _SIZES:
        picture = QPixmap(size, size)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        renderer.render(painter, QRectF(0, 0, size, size))
        painter.end()
        icon.addPixmap(picture, mode)
