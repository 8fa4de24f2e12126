"""What looks after data and safety in the window: the halt banner and arming, the backups, the password."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QDialog, QWidget

from .algo_switch import AlgoSwitch
from .halt_banner import HaltBanner

if TYPE_CHECKING:
    from ..data.pending_restore import RestoreOutcome
    from .context import AppContext
    from .live import Live
    from .menus import Actions


class Upkeep(QObject):
    """`show` opens a dialog of the window, or waits with it while the screen is locked."""

    def __init__(
        self, context: AppContext, live: Live, algo: AlgoSwitch, show: Callable[[QDialog], None], actions: Actions,
        change_password: Callable[[], None], window: QWidget,
    ) -> None:  # fmt: skip
        super().__init__(window)
        self._context = context
        self._window = window
        self._show = show
        self.backups = actions.make("Backups…", self._backups)
        self.password = actions.make("Change password…", change_password)
        self.banner = HaltBanner(context, live)
        self.banner.arm_wanted.connect(self._arm)
        algo.arm_wanted.connect(self._arm)

    @Slot()
    def _arm(self) -> None:
        from .dialogs.arm import ArmDialog

        self._show(ArmDialog(self._context, self._window))

    @Slot()
    def _backups(self) -> None:
        from .dialogs.backups import BackupsDialog

        self._show(BackupsDialog(self._context, self._window))

    def tell_restore(self, outcome: RestoreOutcome) -> None:
        """Say what became of a restore before this start."""
        from .dialogs.backups import RestoreReportDialog

        self._show(RestoreReportDialog(self._context.words, outcome, self._window))
