"""What is new in a newer version, and where it is; installing stays the trader's own step."""

from __future__ import annotations

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from ... import __version__
from ...data.update_manifest import Manifest, is_newer
from ...domain.messages import Message
from ..words import Words


class UpdateDialog(QDialog):
    """`manifest` is what was announced, `failure` why nothing could be learnt; neither means this build asks nobody."""

    def __init__(
        self, words: Words, manifest: Manifest | None, failure: Message | None, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        t = words.t
        self.setWindowTitle(t("Check for updates"))
        self.setMinimumWidth(460)
        self.text = QLabel(wordWrap=True)
        layout = QVBoxLayout(self)
        layout.addWidget(self.text)
        buttons = QDialogButtonBox()
        if failure is not None:
            self.text.setText(words.say(failure))
        elif manifest is None:
            self.text.setText(
                t(
                    "This build does not ask for newer versions. It is version {here}; nothing was sent.",
                    here=__version__,
                )
            )
        elif not is_newer(manifest.version, __version__):
            self.text.setText(t("This is the newest version, {here}.", here=__version__))
        else:
            self.text.setText(
                t("Version {version} is there; this is {here}.", version=manifest.version, here=__version__)
                + " " + t("Your bots stop while you install it: close or protect open positions first. Your data stays where it is.")
            )  # fmt: skip
            notes = QPlainTextEdit(manifest.notes, readOnly=True)
            words.name(notes, "What is new")
            layout.addWidget(notes)
            page = QPushButton(t("Open the download page"))
            page.clicked.connect(lambda: QDesktopServices.openUrl(QUrl(manifest.page)))
            buttons.addButton(page, QDialogButtonBox.ButtonRole.ActionRole)
        buttons.addButton(QPushButton(t("Close")), QDialogButtonBox.ButtonRole.RejectRole)
        buttons.rejected.connect(self.reject)
        layout.addWidget(buttons)
