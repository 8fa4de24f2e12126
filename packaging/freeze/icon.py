"""The program's icon as a Windows .ico, drawn from the SVG in every size that Windows asks for."""

from __future__ import annotations

import os
import struct
from pathlib import Path

SIZES = (16, 20, 24, 32, 40, 48, 64, 128, 256)


def write_icon(svg: Path, ico: Path) -> Path:
    """Draw `svg` in each of SIZES (PNG entries, which Windows reads since Vista) and write the .ico."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PySide6.QtCore import QBuffer, QByteArray, QIODevice
    from PySide6.QtGui import QGuiApplication, QImage, QPainter
    from PySide6.QtSvg import QSvgRenderer

    application = QGuiApplication.instance() or QGuiApplication([])
    renderer = QSvgRenderer(str(svg))
    if not renderer.isValid():
        raise ValueError(f"{svg} is not an SVG")
    pictures = []
    for size in SIZES:
        image = QImage(size, size, QImage.Format.Format_ARGB32)
        image.fill(0)
        painter = QPainter(image)
        renderer.render(painter)
        painter.end()
        bytes_of = QByteArray()
        buffer = QBuffer(bytes_of)
        buffer.open(QIODevice.OpenModeFlag.WriteOnly)
        image.save(buffer, "PNG")
        pictures.append(bytes(bytes_of.data()))
    del application
    ico.parent.mkdir(parents=True, exist_ok=True)
    ico.write_bytes(_container(pictures))
    return ico


def _container(pictures: list[bytes]) -> bytes:
    """ICONDIR, one ICONDIRENTRY a picture (a side of 256 is written as 0), then the pictures."""
    offset = 6 + 16 * len(pictures)
    head = struct.pack("<HHH", 0, 1, len(pictures))
    for size, picture in zip(SIZES, pictures, strict=True):
        head += struct.pack("<BBBBHHII", size % 256, size % 256, 0, 0, 1, 32, len(picture), offset)
        offset += len(picture)
    return head + b"".join(pictures)
