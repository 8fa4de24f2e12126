"""What is on the screen, as a picture file where the trader wants it."""

from __future__ import annotations

from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget

from .words import Words


def save_picture(shown: QWidget, name: str, words: Words, parent: QWidget) -> None:
    """Ask for a file and store `shown` there as PNG; says so when it could not be written."""
    picture = shown.grab()
    path, _ = QFileDialog.getSaveFileName(parent, words.t("Save picture…"), f"{name}.png", "PNG (*.png)")
    if not path:
        return
    if not path.lower().endswith(".png"):
        path += ".png"
    if not picture.save(path):
        box = QMessageBox(
            QMessageBox.Icon.Warning, words.t("Save picture…"),
            words.t("The picture could not be written to {path}. Choose another folder.", path=path), parent=parent,
        )  # fmt: skip
        box.open()
