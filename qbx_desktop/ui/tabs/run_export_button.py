"""Export of the shown backtest: a web page, its trades as CSV, or a picture of the view in sight."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QFileDialog, QMenu, QMessageBox, QPushButton, QTabWidget, QWidget

from ...data import snapshots
from ...domain.errors import QbxError
from ...workers.backtest_run import ShownRun
from ..save_picture import save_picture

if TYPE_CHECKING:
    from ..context import AppContext


class RunExport(QPushButton):
    """`run` gives what is shown, `views` the pages of which the one in sight becomes the picture."""

    def __init__(
        self, context: AppContext, run: Callable[[], ShownRun | None], views: QTabWidget, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self._context, self._run, self._views = context, run, views
        words = context.words
        words.name(
            words.bind(self, "Export"), "Export", tooltip="Report, trades or picture of this run as a file"
        )
        context.icons.bind(self, "export")
        menu = QMenu(self)
        self.page, self.trades, self.picture = QAction(menu), QAction(menu), QAction(menu)
        for action, text, slot in (
            (self.page, "Report as a web page (HTML)…", self.save_page),
            (self.trades, "Trades for a spreadsheet (CSV)…", self.save_trades),
            (self.picture, "Picture of this view (PNG)…", self.save_view),
        ):
            words.bind(action, text)
            action.triggered.connect(slot)
            menu.addAction(action)
        self.setMenu(menu)

    @Slot()
    def save_page(self) -> None:
        """Ask for a file and write the whole report."""
        from ..run_export import to_html
        from .backtest_result import title_of

        run, words = self._run(), self._context.words
        if run is not None:
            self._write(to_html(run, title_of(run, words), words).encode(), "html", "HTML (*.html)")

    @Slot()
    def save_trades(self) -> None:
        """Ask for a file and write the trades."""
        from ..run_export import to_csv

        run = self._run()
        if run is not None:
            self._write(to_csv(run), "csv", "CSV (*.csv)")

    @Slot()
    def save_view(self) -> None:
        """Ask for a file and write what is in sight."""
        shown = self._views.currentWidget()
        if shown is not None:
            save_picture(shown, self._name(), self._context.words, self)

    def _name(self) -> str:
        run = self._run()
        return f"run-{run.record_id}" if run is not None and run.record_id else "run"

    def _write(self, content: bytes, ending: str, kinds: str) -> None:
        t = self._context.words.t
        name, _ = QFileDialog.getSaveFileName(self, t("Export"), f"{self._name()}.{ending}", kinds)
        if not name:
            return
        if not name.lower().endswith(f".{ending}"):
            name += f".{ending}"
        try:
            snapshots.write(Path(name), content)
        except QbxError as error:
            box = QMessageBox(
                QMessageBox.Icon.Warning, t("Export"), self._context.words.say(error.message), parent=self
            )
            box.open()
