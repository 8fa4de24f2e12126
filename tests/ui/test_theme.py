"""The colours keep their contrast, icons follow the theme, and switching is live."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QColor, QIcon
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from qbx_desktop.domain.resources import resource
from qbx_desktop.ui.icons import Icons
from qbx_desktop.ui.theme import Theme
from qbx_desktop.ui.tokens import DARK, LIGHT, PRICE_COLOURS, Tokens, tokens


def luminance(colour: str) -> float:
    def linear(part: float) -> float:
        return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4

    red, green, blue, _ = QColor(colour).getRgbF()
    return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue)


def contrast(one: str, two: str) -> float:
    bright, dim = sorted((luminance(one), luminance(two)), reverse=True)
    return (bright + 0.05) / (dim + 0.05)


@pytest.mark.parametrize("theme_tokens", [DARK, LIGHT], ids=["dark", "light"])
@pytest.mark.parametrize("back", ["background", "surface", "raised", "selection"])
@pytest.mark.parametrize("ink", ["text", "muted", "accent", "warning", "error", "up", "down"])
def test_u28_every_text_keeps_four_and_a_half_to_one(theme_tokens: Tokens, ink: str, back: str) -> None:
    assert contrast(getattr(theme_tokens, ink), getattr(theme_tokens, back)) >= 4.5


@pytest.mark.parametrize("theme_tokens", [DARK, LIGHT], ids=["dark", "light"])
def test_u28_outlines_and_badges(theme_tokens: Tokens) -> None:
    assert contrast(theme_tokens.outline, theme_tokens.background) >= 3
    assert contrast(theme_tokens.focus, theme_tokens.background) >= 3
    assert contrast(theme_tokens.demo_text, theme_tokens.demo) >= 4.5
    assert contrast(theme_tokens.real_text, theme_tokens.real) >= 4.5
    assert contrast(theme_tokens.on_accent, theme_tokens.accent) >= 4.5


@pytest.mark.parametrize("prices", sorted(PRICE_COLOURS))
@pytest.mark.parametrize("dark", [True, False])
def test_u28_every_pair_of_price_colours_is_readable(prices: str, dark: bool) -> None:
    chosen = tokens(dark, prices)
    assert contrast(chosen.up, chosen.background) >= 4.5
    assert contrast(chosen.down, chosen.background) >= 4.5


def test_switching_repaints_palette_and_icons(
    qtbot: QtBot, qapp: QApplication, theme: Theme, icons: Icons
) -> None:
    button = QPushButton()
    qtbot.addWidget(button)
    icons.bind(button, "bell")
    dark_window = qapp.palette().window().color()
    before = button.icon().pixmap(24, 24).toImage()
    with qtbot.waitSignal(theme.changed):
        theme.use("light")
    assert qapp.palette().window().color() != dark_window
    assert button.icon().pixmap(24, 24).toImage() != before
    theme.use(prices="green_red")
    assert theme.sign_colour(1.0) == QColor("#0B7A5B")
    assert theme.sign_colour(0.0) == theme.colour("text")


def test_every_icon_draws_something(icons: Icons) -> None:
    names = sorted(path.stem for path in resource("icons").glob("*.svg"))
    assert "app" in names
    for name in names:
        for mode in (QIcon.Mode.Normal, QIcon.Mode.Disabled):
            image = icons.icon(name).pixmap(32, 32, mode).toImage()
            inked = sum(image.pixelColor(x, y).alpha() > 0 for x in range(32) for y in range(32))
            assert inked > 40, name
