"""A strategy's source, or the change in it, to read and not to edit: fixed width, numbered, additions and removals marked."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from PySide6.QtGui import QFontDatabase, QSyntaxHighlighter, QTextDocument
from PySide6.QtWidgets import QPlainTextEdit, QWidget

if TYPE_CHECKING:
    from .theme import Theme
    from .words import Words


class SourceView(QPlainTextEdit):
    """Shows a text as it is; what is marked is marked by sign too, never by colour alone."""

    def __init__(self, words: Words, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setReadOnly(True)
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.setTabChangesFocus(True)
        words.name(self, name)

    def show_source(self, text: str) -> None:
        """Show a whole file with the numbers of its lines."""
        lines = text.splitlines()
        wide = len(str(len(lines)))
        self.setPlainText(
            "\n".join(f"{number:>{wide}}  {line}" for number, line in enumerate(lines, start=1))
        )

    def show_change(self, before: str, after: str, theme: Theme) -> None:
        """Show what was taken out (-) and put in (+), with three lines around each change."""
        lines = difflib.unified_diff(before.splitlines(), after.splitlines(), "approved", "now", lineterm="")
        self._marks = _Marks(self.document(), theme)
        self.setPlainText("\n".join(lines))


class _Marks(QSyntaxHighlighter):
    def __init__(self, document: QTextDocument, theme: Theme) -> None:
        super().__init__(document)
        self._added, self._removed, self._place = (theme.colour(token) for token in ("up", "down", "muted"))

    def highlightBlock(self, text: str) -> None:  # noqa: N802 - Qt's name
        for start, colour in (("+", self._added), ("-", self._removed), ("@@", self._place)):
            if text.startswith(start):
                self.setFormat(0, len(text), colour)
