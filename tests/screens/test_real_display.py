"""The installed command on a real X display: starts, paints every tab in both themes, and leaves nothing behind."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtGui import QImage

pytestmark = [
    pytest.mark.display,
    pytest.mark.timeout(180),
    pytest.mark.skipif(shutil.which("Xvfb") is None, reason="Xvfb is not installed"),
]
SIZE = (1366, 768)


@pytest.fixture
def display() -> Iterator[str]:
    """A virtual screen of its own, on the first free number, which Xvfb itself tells."""
    reading, writing = os.pipe()
    screen = f"{SIZE[0]}x{SIZE[1]}x24"
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(writing), "-screen", "0", screen, "-nolisten", "tcp"],
        pass_fds=(writing,), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    os.close(writing)
    with os.fdopen(reading) as told:
        number = told.readline().strip()
    yield f":{number}"
    server.terminate()
    server.wait(10)


def colours(image: QImage) -> int:
    """How many different colours a coarse grid of the picture shows: an empty window has a handful."""
    return len({image.pixel(x, y) for x in range(0, image.width(), 7) for y in range(0, image.height(), 5)})


def test_every_tab_is_painted_in_both_themes(display: str, tmp_path: Path) -> None:
    pictures = tmp_path / "pictures"
    environment = {key: value for key, value in os.environ.items() if key != "QT_QPA_PLATFORM"}
    environment |= {"DISPLAY": display, "QBX_HOME": str(tmp_path / "home")}
    done = subprocess.run(
        [sys.executable, "-m", "qbx_desktop", "--window", "--screenshot", str(pictures)],
        env=environment, capture_output=True, text=True, timeout=150,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    found = {path.stem: QImage(str(path)) for path in sorted(pictures.glob("*.png"))}
    assert sorted(found) == sorted(
        f"{tab}-{theme}{language}"
        for tab in ("backtest", "bots", "history", "watchlist")
        for theme in ("dark", "light")
        for language in ("", "-id")
    )
    for name, image in found.items():
        assert (image.width(), image.height()) == SIZE, name
        assert colours(image) > 20, f"{name} looks empty"
        is_dark = image.pixelColor(SIZE[0] // 2, SIZE[1] // 2).lightness() < 128
        assert is_dark == ("-dark" in name)
