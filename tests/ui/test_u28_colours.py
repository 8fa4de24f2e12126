"""U28 and U27: up and down stay apart for colour-blind eyes, lines stand out, and no two menus share a letter."""

from __future__ import annotations

import re
from itertools import combinations

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtGui import QColor

from qbx_desktop.ui.tokens import SERIES, tokens
from qbx_desktop.ui.window import MainWindow
from tests.ui.test_theme import contrast

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")
# Machado, Oliveira and Fernandes 2009, severity 1.0, on linear RGB.
EYES = {
    "usual": np.eye(3),
    "protanopia": np.array([[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]),
    "deuteranopia": np.array([[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]),
    "tritanopia": np.array([[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]),
}  # fmt: skip
TO_XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)
WHITE = np.array([0.95047, 1.0, 1.08883])


def lab(colour: str, eye: NDArray[np.float64]) -> NDArray[np.float64]:
    part = np.array(QColor(colour).getRgbF()[:3])
    linear = np.where(part <= 0.04045, part / 12.92, ((part + 0.055) / 1.055) ** 2.4)
    share = TO_XYZ @ np.clip(eye @ linear, 0.0, 1.0) / WHITE
    root = np.where(share > 0.008856, np.cbrt(share), 7.787 * share + 16 / 116)
    return np.array([116 * root[1] - 16, 500 * (root[0] - root[1]), 200 * (root[1] - root[2])])


def distance(one: NDArray[np.float64], two: NDArray[np.float64]) -> float:
    """CIEDE2000 (Sharma, Wu and Dalal 2005)."""
    chroma = (np.hypot(*one[1:]) + np.hypot(*two[1:])) / 2
    g = 0.5 * (1 - np.sqrt(chroma**7 / (chroma**7 + 25.0**7)))
    (l1, a1, b1), (l2, a2, b2) = one, two
    a1, a2 = a1 * (1 + g), a2 * (1 + g)
    c1, c2 = np.hypot(a1, b1), np.hypot(a2, b2)
    h1, h2 = np.degrees(np.arctan2(b1, a1)) % 360, np.degrees(np.arctan2(b2, a2)) % 360
    turn = (h2 - h1 + 180) % 360 - 180
    big_h = 2 * np.sqrt(c1 * c2) * np.sin(np.radians(turn / 2))
    mean_h = (h1 + turn / 2) % 360
    mean_l, mean_c = (l1 + l2) / 2, (c1 + c2) / 2
    t = (
        1 - 0.17 * np.cos(np.radians(mean_h - 30)) + 0.24 * np.cos(np.radians(2 * mean_h))
        + 0.32 * np.cos(np.radians(3 * mean_h + 6)) - 0.20 * np.cos(np.radians(4 * mean_h - 63))
    )  # fmt: skip
    s_l = 1 + 0.015 * (mean_l - 50) ** 2 / np.sqrt(20 + (mean_l - 50) ** 2)
    s_c, s_h = 1 + 0.045 * mean_c, 1 + 0.015 * mean_c * t
    turning = 60 * np.exp(-(((mean_h - 275) / 25) ** 2))
    r = -2 * np.sqrt(mean_c**7 / (mean_c**7 + 25.0**7)) * np.sin(np.radians(turning))
    parts = np.array([(l2 - l1) / s_l, (c2 - c1) / s_c, big_h / s_h])
    return float(np.sqrt((parts**2).sum() + r * parts[1] * parts[2]))


def test_the_measure_itself_is_right() -> None:
    """Three pairs of the published test data."""
    for one, two, expected in (
        ((50.0, 2.6772, -79.7751), (50.0, 0.0, -82.7485), 2.0425),
        ((50.0, 2.5, 0.0), (73.0, 25.0, -18.0), 27.1492),
        ((2.0776, 0.0795, -1.1350), (0.9033, -0.0636, -0.5514), 0.9082),
    ):
        assert distance(np.array(one), np.array(two)) == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize("eye", sorted(EYES))
@pytest.mark.parametrize("dark", [True, False], ids=["dark", "light"])
def test_u28_up_and_down_are_far_apart_for_every_eye(dark: bool, eye: str) -> None:
    chosen = tokens(dark)
    assert distance(lab(chosen.up, EYES[eye]), lab(chosen.down, EYES[eye])) >= 40


@pytest.mark.parametrize("dark", [True, False], ids=["dark", "light"])
def test_u28_lines_stand_out_from_the_ground_and_from_each_other(dark: bool) -> None:
    chosen = tokens(dark)
    lines = SERIES[chosen.name]
    assert all(contrast(each, chosen.background) >= 3 for each in lines)
    assert (
        min(distance(lab(a, EYES["usual"]), lab(b, EYES["usual"])) for a, b in combinations(lines, 2)) >= 15
    )


@pytest.mark.parametrize("language", ["en", "id"])
def test_u27_no_two_menus_share_a_letter(window: MainWindow, language: str) -> None:
    window._context.words.use(language)
    letters = [re.search("&(.)", action.text()) for action in window.menuBar().actions()]
    assert all(letters)
    found = [each.group(1).lower() for each in letters if each]
    assert len(set(found)) == len(found)
