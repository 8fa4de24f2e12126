"""What a test of the screen needs: a theme, words and icons on the offscreen application."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QApplication

from qbx_desktop.ui.icons import Icons
from qbx_desktop.ui.theme import Theme
from qbx_desktop.ui.words import Words


@pytest.fixture
def theme(qapp: QApplication) -> Iterator[Theme]:
    made = Theme(qapp)
    yield made
    made.setParent(None)
    made.deleteLater()


@pytest.fixture
def words(qapp: QApplication) -> Words:
    return Words()


@pytest.fixture
def icons(theme: Theme) -> Icons:
    return Icons(theme)
