"""The dialogs that the main window's menus open; each is imported when it is first wanted, not before the window."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Slot
from PySide6.QtWidgets import QDialog

if TYPE_CHECKING:
    from ..data.pending_import import Outcome
    from .context import AppContext
    from .live import Live
    from .window import MainWindow


class WindowDialogs(QObject):
    """While the screen is locked a dialog waits until it is unlocked."""

    def __init__(self, context: AppContext, live: Live, window: MainWindow) -> None:
        super().__init__(window)
        self._context, self._live, self._window = context, live, window

    def show(self, dialog: QDialog) -> None:
        """Open `dialog`, now or once the screen is unlocked; it is deleted when it is closed."""
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._window.lock.when_open(dialog.open)

    @Slot()
    def connect_terminal(self) -> None:
        """Choose the terminal."""
        from .dialogs.connect import ConnectDialog

        self.show(ConnectDialog(self._context, self._live, self._window))

    @Slot()
    def import_old(self) -> None:
        """Import the database of the older program."""
        from .dialogs.import_old import ImportDialog

        self.show(ImportDialog(self._context, self._window))

    def import_report(self, outcome: Outcome) -> None:
        """Say what became of an import before this start."""
        from .dialogs.import_old import ImportReportDialog

        self.show(ImportReportDialog(self._context.words, outcome, self._window))

    @Slot()
    def settings(self) -> None:
        """All settings."""
        self._settings("")

    @Slot()
    def notification_policy(self) -> None:
        """What tells the trader."""
        from .settings import NOTIFICATIONS

        self._settings(NOTIFICATIONS)

    @Slot()
    def news_calendar(self) -> None:
        """The trader's list of news and holidays."""
        from .dialogs.news_calendar import NewsCalendarDialog

        self.show(NewsCalendarDialog(self._context, self._live, self._window))

    @Slot()
    def strategies(self) -> None:
        """Every strategy, the trader's own files with consent and check."""
        from .dialogs.strategies import StrategiesDialog

        self.show(StrategiesDialog(self._context, self._window))

    @Slot()
    def about(self) -> None:
        """Version, data folder and keys."""
        from .dialogs.about import AboutDialog

        self.show(AboutDialog(self._context, self._window))

    @Slot()
    def send_logs(self) -> None:
        """Save the logs as one file to send."""
        from .send_logs import ask_and_save

        account = self._live.account
        ask_and_save(self._context, [account.login] if account else [], self._window)

    def _settings(self, page: str) -> None:
        from .dialogs.settings import SettingsDialog

        self.show(SettingsDialog(self._context, self._window, page=page))
