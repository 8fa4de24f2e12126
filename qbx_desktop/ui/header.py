"""The two lines at the top: the switch over everything, whose money it is, and how much of it there is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QToolBar, QWidget

from ..data import equity_daily
from ..domain.clock import server_text
from ..domain.records import AccountInfo
from . import figures
from .badge import Badge

if TYPE_CHECKING:
    from .context import AppContext
    from .live import Live


def bar(name: str, content: QWidget, title: str) -> QToolBar:
    """A fixed tool bar over the whole width that holds `content`."""
    made = QToolBar(title)
    made.setObjectName(name)
    made.setMovable(False)
    made.setFloatable(False)
    made.toggleViewAction().setEnabled(False)
    made.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
    content.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
    made.addWidget(content)
    return made


class CommandRow(QFrame):
    """[Algo trading] [Pause all] [New bot] … badge, account, bell."""

    def __init__(
        self, context: AppContext, live: Live, algo: QAction, pause_all: QAction, new_bot: QAction,
        parent: QWidget | None = None,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self._words = words = context.words
        self._icons = context.icons
        self._live = live
        self.algo = QPushButton()
        self.algo.setCheckable(True)
        self._algo = algo
        self.algo.clicked.connect(algo.trigger)
        algo.toggled.connect(self.show_algo)
        self.bell = QPushButton()
        context.icons.bind(self.bell, "bell")
        self._unread = 0
        self.account = QLabel()
        self.account.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(4, 2, 4, 2)
        layout.addWidget(self.algo)
        for action, text, icon in ((pause_all, "Pause all", "pause"), (new_bot, "New bot", "new")):
            button = QPushButton()
            words.bind(button, text)
            words.name(button, text, tooltip=f"{text} ({action.shortcut().toString()})")
            context.icons.bind(button, icon)
            button.clicked.connect(action.trigger)
            layout.addWidget(button)
        layout.addStretch(1)
        self.badge = Badge(live, words)
        layout.addWidget(self.badge)
        layout.addWidget(self.account)
        layout.addStretch(1)
        layout.addWidget(self.bell)
        live.account_changed.connect(self._show_account)
        words.changed.connect(self._reword)
        context.theme.changed.connect(self._reword)
        self._reword()

    @Slot(bool)
    def show_algo(self, on: bool) -> None:
        """Show whether bots may send orders."""
        text = "Algo trading ON" if on else "Algo trading OFF"
        self.algo.setChecked(on)
        self.algo.setText(self._words.t(text))
        self.algo.setAccessibleName(self._words.t(text))
        self.algo.setToolTip(self._words.t("Bots may send orders while this is on (Ctrl+E)"))
        self.algo.setIcon(self._icons.icon("start" if on else "stop", "demo" if on else "error"))

    @Slot(int)
    def show_unread(self, count: int) -> None:
        """Show how many notifications were not read."""
        self._unread = count
        self.bell.setText(str(count) if count else "")
        name = self._words.t("{n} unread notifications", n=count)
        self.bell.setAccessibleName(name)
        self.bell.setToolTip(name)

    @Slot()
    def _show_account(self) -> None:
        account = self._live.account
        text = (
            f"{account.login} · {account.server}" if account else self._words.t("No account is connected yet")
        )
        if text != self.account.text():
            self.account.setText(text)

    @Slot()
    def _reword(self) -> None:
        self.show_algo(self._algo.isChecked())
        self.show_unread(self._unread)
        self._show_account()


class AccountStrip(QFrame):
    """Balance, equity, floating profit, margin level, and the day so far."""

    def __init__(self, context: AppContext, live: Live, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._words = words = context.words
        self._theme = context.theme
        self._live = live
        self._reader = context.db.reader
        self._day = ""
        self._day_is_stored = False
        self._day_equity = 0.0
        layout = QHBoxLayout(self)
        layout.setContentsMargins(6, 0, 6, 2)
        layout.setSpacing(6)
        self.values: dict[str, QLabel] = {}
        for name in ("Balance", "Equity", "P/L", "Margin level", "Today"):
            caption = words.bind(QLabel(), name)
            caption.setProperty("role", "muted")
            value = QLabel(figures.NOTHING)
            value.setProperty("role", "figure")
            value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            words.name(value, name)
            value.setMinimumWidth(70)
            layout.addWidget(caption)
            layout.addWidget(value)
            layout.addSpacing(16)
            self.values[name] = value
        words.bind(
            self.values["Today"],
            "Change of the equity since the beginning of this server day",
            setter="setToolTip",
        )
        layout.addStretch(1)
        live.account_changed.connect(self._show)
        context.theme.changed.connect(self._show)
        words.changed.connect(self._show)

    @Slot()
    def _show(self) -> None:
        account = self._live.account
        if account is None:
            return
        self._begin_of_day(account)
        digits, language = account.currency_digits or 2, self._words.language
        today = account.equity - self._day_equity
        share = 100.0 * today / self._day_equity if self._day_equity else 0.0
        texts = {
            "Balance": figures.money(account.balance, digits, language),
            "Equity": figures.money(account.equity, digits, language),
            "P/L": f"{figures.signed(account.profit, digits, language)} {account.currency}",
            "Margin level": figures.percent(account.margin_level, 0, language)
            if account.margin
            else figures.NOTHING,
            "Today": f"{figures.signed(today, digits, language)} ({figures.percent(share, 2, language, True)})",
        }
        for name, text in texts.items():
            if self.values[name].text() != text:
                self.values[name].setText(text)
        for name, value in (("P/L", account.profit), ("Today", today)):
            colour = self._theme.sign_colour(round(value, digits)).name()
            self.values[name].setStyleSheet(f"color: {colour};")

    def _begin_of_day(self, account: AccountInfo) -> None:
        """Find the equity the day began with: as the desk stored it, before that as we saw it first."""
        day = server_text(self._live.server_time)[:10]
        if day == self._day and self._day_is_stored:
            return
        stored = equity_daily.latest(self._reader(), account.login, account.server)
        self._day_is_stored = stored is not None and stored.day == day
        if stored is not None and stored.day == day:
            self._day_equity = stored.start
        elif day != self._day:
            self._day_equity = account.equity
        self._day = day
