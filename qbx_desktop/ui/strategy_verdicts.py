"""The verdicts of a strategy's check as a list: a mark and a sentence per test, and below it the values that changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QScrollArea, QWidget

from ..domain.clock import server_text

if TYPE_CHECKING:
    from ..strategies.analysis import Change
    from ..strategies.examination import Report, Verdict
    from .context import AppContext

# Icon, colour and the word that says the same.
_LOOKS = {
    "good": ("good", "accent", "passed"), "warning": ("warning", "warning", "look at this"), "bad": ("error", "error", "failed"),
}  # fmt: skip
_MOST_CHANGES = 15


class VerdictList(QScrollArea):
    """Shows one report at a time."""

    def __init__(self, context: AppContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        context.words.name(self, "Results of the check")
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.show_report(None)

    def show_report(self, report: Report | None) -> None:
        """Show these verdicts, or nothing."""
        page = QWidget()
        grid = QGridLayout(page)
        grid.setColumnStretch(2, 1)
        grid.setVerticalSpacing(6)
        grid.setHorizontalSpacing(10)
        row = 0
        for verdict in () if report is None else report.verdicts:
            row = self._add(grid, row, verdict)
        grid.setRowStretch(row, 1)
        self.setWidget(page)

    def texts(self) -> list[str]:
        """Every line as it is shown."""
        return (
            []
            if (page := self.widget()) is None
            else [each.text() for each in page.findChildren(QLabel) if each.text()]
        )

    def _add(self, grid: QGridLayout, row: int, verdict: Verdict) -> int:
        words = self._context.words
        icon, token, word = _LOOKS[verdict.grade.value]
        mark = QLabel()
        mark.setPixmap(self._context.icons.icon(icon, token).pixmap(18, 18))
        mark.setAccessibleName(words.t(word))
        name = QLabel(f"{words.t(verdict.name)}: {words.t(word)}")
        name.setProperty("role", "title")
        grid.addWidget(mark, row, 0, Qt.AlignmentFlag.AlignTop)
        grid.addWidget(name, row, 1, Qt.AlignmentFlag.AlignTop)
        grid.addWidget(_line(words.say(verdict.message)), row, 2)
        if not verdict.changes:
            return row + 1
        lines = [self._words_of(each) for each in verdict.changes[:_MOST_CHANGES]]
        if len(verdict.changes) > _MOST_CHANGES:
            lines.append(words.t("and {n} more", n=len(verdict.changes) - _MOST_CHANGES))
        values = _line("\n".join(lines))
        values.setProperty("role", "muted")
        grid.addWidget(values, row + 1, 2)
        return row + 2

    def _words_of(self, change: Change) -> str:
        was, now = (
            self._context.words.t("nothing") if np.isnan(each) else f"{each:.7g}"
            for each in (change.was, change.now)
        )
        return self._context.words.t(
            "{value}, bar of {bar}: {was} with all bars, {now} after the cut", value=change.value,
            bar=server_text(change.time), was=was, now=now,
        )  # fmt: skip


def _line(text: str) -> QLabel:
    label = QLabel(text, wordWrap=True)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return label
