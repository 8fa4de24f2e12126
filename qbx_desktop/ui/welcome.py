"""The first minutes: shows the first run once, and does what the trader chose on its last page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot

from ..data import bots, users

if TYPE_CHECKING:
    from .context import AppContext
    from .dialogs.first_run import FirstRun
    from .live import Live
    from .window import MainWindow


class Welcome(QObject):
    """Belongs to the main window."""

    def __init__(self, context: AppContext, live: Live, window: MainWindow) -> None:
        super().__init__(window)
        self._context, self._live, self._window = context, live, window

    def begin(self) -> None:
        """Show the first run, unless it was shown before or somebody has worked here already."""
        settings, reader = self._context.settings, self._context.db.reader()
        if settings.get("ui.first_run_done"):
            return
        person = users.get(reader, self._context.user_id)
        if person is None or person.has_password or bots.list_bots(reader):
            settings.set("ui.first_run_done", True)
            return
        self.show(person)

    def show(self, person: users.User) -> FirstRun:
        """Show the first run now."""
        from .dialogs.first_run import FirstRun

        dialog = FirstRun(self._context, self._live, person, self._window.lock.run, self._window)
        dialog.connect_wanted.connect(self._connect)
        dialog.finished.connect(lambda: self._ended(dialog))
        dialog.finished.connect(dialog.deleteLater)
        self._window.lock.when_open(dialog.open)
        return dialog

    @Slot()
    def again(self) -> None:
        """Show the first run on demand (Help menu)."""
        person = users.get(self._context.db.reader(), self._context.user_id)
        if person is not None:
            self.show(person)

    @Slot(str)
    def _connect(self, path: str) -> None:
        from .dialogs.connect import ConnectDialog

        dialog = ConnectDialog(self._context, self._live, self._window)
        if path:
            dialog.use(path)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _ended(self, dialog: FirstRun) -> None:
        from .dialogs.first_run_pages import BACKTEST, BOT

        if dialog.choice == BOT:
            self._window.new_bot.trigger()
        elif dialog.choice == BACKTEST:
            self._window.show_tab(2)
            self._context.charts.when_ready(self._run_backtest)

    def _run_backtest(self) -> None:
        from .tabs.backtest_tab import BacktestTab

        tab = self._window.backtest.built()
        assert isinstance(tab, BacktestTab)
        tab.start()
