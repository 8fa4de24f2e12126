"""The MetaTrader 5 installations of this computer, each with a button that chooses it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QUrl, Signal, Slot
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QGridLayout, QLabel, QPushButton, QWidget

from ...broker.finder import Installation
from ..words import Words

DOWNLOAD_PAGE = "https://www.metatrader5.com/en/download"


class FoundTerminals(QWidget):
    """`chosen` carries the path of a terminal64.exe. Without any installation it offers the download page."""

    chosen = Signal(str)

    def __init__(self, words: Words, found: Sequence[Installation], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.buttons: list[QPushButton] = []
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setColumnStretch(0, 1)
        for row, each in enumerate(found):
            label = QLabel(wordWrap=True)
            words.bind(label, "Found: {name}, {path}", name=each.name, path=str(each.program))
            use = QPushButton()
            words.bind(use, "Use this")
            words.bind(use, "Use {name}", setter="setAccessibleName", name=each.name)
            use.clicked.connect(partial(self._choose, str(each.program)))
            grid.addWidget(label, row, 0)
            grid.addWidget(use, row, 1)
            self.buttons.append(use)
        if not found:
            label = QLabel(wordWrap=True)
            words.bind(label, "No MetaTrader 5 was found on this computer.")
            page = QPushButton()
            words.bind(page, "Open download page")
            words.name(page, "Open download page", tooltip=DOWNLOAD_PAGE)
            page.clicked.connect(self._open_page)
            grid.addWidget(label, 0, 0)
            grid.addWidget(page, 0, 1)

    def _choose(self, path: str, _checked: bool = False) -> None:
        self.chosen.emit(path)

    @Slot()
    def _open_page(self) -> None:
        QDesktopServices.openUrl(QUrl(DOWNLOAD_PAGE))
