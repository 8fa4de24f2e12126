"""What tells the trader: per kind of notice the tray and a sound; the centre keeps every one."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QGridLayout, QLabel, QVBoxLayout, QWidget

from ..settings import POLICY

if TYPE_CHECKING:
    from ..context import AppContext


class NotificationPolicy(QWidget):
    """Every change takes effect at once. `boxes` by the setting's key."""

    def __init__(self, context: AppContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        words, settings = context.words, context.settings
        self.boxes: dict[str, QCheckBox] = {}
        grid = QGridLayout()
        grid.setHorizontalSpacing(24)
        for column, text in enumerate(("What happens", "Centre", "Tray", "Sound")):
            heading = words.bind(QLabel(), text)
            heading.setProperty("role", "muted")
            grid.addWidget(
                heading,
                0,
                column,
                Qt.AlignmentFlag.AlignLeft if not column else Qt.AlignmentFlag.AlignHCenter,
            )
        for row, (topic, (_, _, title)) in enumerate(POLICY.items(), start=1):
            grid.addWidget(words.bind(QLabel(), title), row, 0)
            always = words.bind(
                QCheckBox(), "{what}: centre", setter="setAccessibleName", what=words.t(title)
            )
            always.setChecked(True)
            always.setEnabled(False)
            words.bind(always, "The centre keeps every notice", setter="setToolTip")
            grid.addWidget(always, row, 1, Qt.AlignmentFlag.AlignHCenter)
            for column, (key, name) in enumerate(
                ((f"notify.{topic}", "{what}: tray"), (f"notify.{topic}.sound", "{what}: sound")), start=2
            ):
                box = words.bind(QCheckBox(), name, setter="setAccessibleName", what=words.t(title))
                box.setChecked(settings.get(key))
                box.toggled.connect(partial(settings.set, key))
                grid.addWidget(box, row, column, Qt.AlignmentFlag.AlignHCenter)
                self.boxes[key] = box
        grid.setColumnStretch(0, 1)
        note = words.bind(
            QLabel(wordWrap=True),
            "At most five balloons a minute, the rest is counted. A problem that lasts is told once and counted on its "
            "line. Mute is in the menu of the tray.",
        )
        note.setProperty("role", "muted")
        layout = QVBoxLayout(self)
        layout.addLayout(grid)
        layout.addWidget(note)
        layout.addStretch(1)
