"""The Toolbox at the bottom: what the trader was told, what is open, what the program did."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, Signal, Slot
from PySide6.QtWidgets import (
    QButtonGroup,
    QDockWidget,
    QHBoxLayout,
    QMessageBox,
    QPushButton,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)  # fmt: skip

from ..data import history
from ..domain.events import Topic
from ..domain.records import TradePosition
from .journal import JournalModel, JournalRing
from .models.columns import ROW_ROLE
from .models.notices_model import NoticesModel
from .models.positions_model import PositionsModel
from .table_view import selected_rows, table

if TYPE_CHECKING:
    from .context import AppContext
    from .live import Live

_STORED = 200
_POSITION_WIDTHS = (150, 90, 100, 140, 70, 60, 90, 90, 90, 90, 70, 90)
_FILTERS: tuple[tuple[str, frozenset[str] | None], ...] = (
    ("All", None),
    ("Trades", frozenset({Topic.FILL, Topic.REFUSAL})),
    ("Alerts", frozenset({Topic.ALERT})),
    ("Problems", frozenset({Topic.REFUSAL, Topic.BOT_ERROR, Topic.CONNECTION, Topic.UNKNOWN_ORDER})),
)


class Toolbox(QDockWidget):
    """`bot_wanted` asks the window to show a bot, `policy_wanted` for the page of what tells the trader;
    `unread_changed` follows reading."""

    bot_wanted = Signal(int)
    unread_changed = Signal(int)
    policy_wanted = Signal()

    def __init__(
        self, context: AppContext, live: Live, notices: NoticesModel, journal: JournalRing,
        name_of: Callable[[int], str], parent: QWidget | None = None,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self.setObjectName("toolbox")
        self._context = context
        self._words = words = context.words
        self.notices = notices
        self.positions = PositionsModel(live, name_of, words, context.theme, self)
        self.journal = JournalModel(journal, words, context.theme, self)
        self.pages = QTabWidget()
        self.pages.setDocumentMode(True)
        words.bind(self, "Toolbox", setter="setWindowTitle")
        words.name(self.pages, "Toolbox")
        self.notices_view = table(notices, words, "Notifications", (28, 150, 28, 150), sortable=False)
        self.notices_view.doubleClicked.connect(self._open_notice)
        self.positions_view = table(self.positions, words, "Positions", _POSITION_WIDTHS, stretch=0)
        self.journal_view = table(self.journal, words, "Journal", (150, 80, 160), sortable=False)
        self.pages.addTab(self._notices_page(), "")
        self.pages.addTab(self._positions_page(), "")
        self.pages.addTab(self.journal_view, "")
        self.setWidget(self.pages)
        self.positions.modelReset.connect(self._retitle)
        words.changed.connect(self._retitle)
        self._retitle()

    def load(self) -> None:
        """Show the notifications stored earlier."""
        self.notices.load(history.notifications(self._context.db.reader(), limit=_STORED))
        self._tell_unread()

    @Slot()
    def show_notices(self) -> None:
        """Open the notification centre."""
        self.show()
        self.raise_()
        self.pages.setCurrentIndex(0)
        self.notices_view.setFocus()

    @Slot()
    def mark_all_read(self) -> None:
        """Mark every notification as read, here and in the database."""
        self.notices.mark_read()
        self._context.write(lambda con: history.mark_read(con, None))
        self._tell_unread()

    @Slot(int)
    def show_unread(self, _count: int) -> None:
        """Follow a change of the number of unread notifications."""
        self._retitle()

    def _notices_page(self) -> QWidget:
        words = self._words
        row = QHBoxLayout()
        row.setContentsMargins(6, 4, 6, 2)
        row.setSpacing(6)
        group = QButtonGroup(self)
        for text, topics in _FILTERS:
            button = QPushButton()
            button.setCheckable(True)
            words.bind(button, text)
            words.name(button, text)
            button.setChecked(topics is None)
            button.clicked.connect(partial(self.notices.show_topics, topics))
            group.addButton(button)
            row.addWidget(button)
        row.addStretch(1)
        self.read_button = QPushButton()
        words.bind(self.read_button, "Mark all read")
        words.name(self.read_button, "Mark all read")
        self.read_button.clicked.connect(self.mark_all_read)
        row.addWidget(self.read_button)
        self.policy_button = QPushButton()
        words.bind(self.policy_button, "What tells me…")
        words.name(self.policy_button, "What tells me…", tooltip="Choose what the tray and a sound tell you")
        self.policy_button.clicked.connect(self.policy_wanted)
        row.addWidget(self.policy_button)
        return _page(row, self.notices_view)

    def _positions_page(self) -> QWidget:
        words = self._words
        row = QHBoxLayout()
        row.setContentsMargins(6, 4, 6, 2)
        self.close_button = QPushButton()
        words.bind(self.close_button, "Close position…")
        words.name(self.close_button, "Close position…", tooltip="Close the selected position at the market")
        self.close_button.clicked.connect(self._close_position)
        self.close_button.setEnabled(False)
        self.positions_view.selectionModel().selectionChanged.connect(self._position_selected)
        self.positions.modelReset.connect(self._position_selected)
        row.addStretch(1)
        row.addWidget(self.close_button)
        return _page(row, self.positions_view)

    @Slot()
    def _position_selected(self) -> None:
        self.close_button.setEnabled(len(selected_rows(self.positions_view)) == 1)

    @Slot()
    def ask_close_all(self) -> None:
        """Close every position that a bot of ours holds, after asking."""
        t = self._words.t
        text = t(
            "Close every position opened by a bot of QuantumBotX at the market now? Bots are paused first."
        )
        if self._agreed(t("Close all bot positions…"), text):
            self._context.stop(lambda desk: desk.close_all())

    @Slot()
    def _close_position(self) -> None:
        rows = [row for row in selected_rows(self.positions_view) if isinstance(row, TradePosition)]
        if len(rows) != 1:
            return
        t, position = self._words.t, rows[0]
        text = t(
            "Close position {ticket} ({lots} lots of {symbol}) at the market now?", ticket=position.ticket,
            lots=f"{position.volume:g}", symbol=position.symbol,
        )  # fmt: skip
        if self._agreed(t("Close position…"), text):
            self._context.trading.tell(lambda desk: desk.close_position(position.ticket))

    def _agreed(self, title: str, text: str) -> bool:
        box = QMessageBox(QMessageBox.Icon.Question, title, text, parent=self)
        yes = box.addButton(self._words.t("Close at market"), QMessageBox.ButtonRole.AcceptRole)
        no = box.addButton(self._words.t("Cancel"), QMessageBox.ButtonRole.RejectRole)
        box.setDefaultButton(no)
        box.exec()
        return box.clickedButton() is yes

    @Slot(QModelIndex)
    def _open_notice(self, index: QModelIndex) -> None:
        row = index.data(ROW_ROLE)
        ids = self.notices.mark_read([row.number])
        if ids:
            self._context.write(lambda con: history.mark_read(con, ids))
        self._tell_unread()
        if row.bot_id is not None:
            self.bot_wanted.emit(row.bot_id)

    def _tell_unread(self) -> None:
        self.unread_changed.emit(self.notices.unread)
        self._retitle()

    @Slot()
    def _retitle(self) -> None:
        t = self._words.t
        for at, (text, count) in enumerate(
            (("Notifications", self.notices.unread), ("Positions", self.positions.rowCount()), ("Journal", 0))
        ):
            self.pages.setTabText(at, f"{t(text)} ({count})" if count else t(text))


def _page(row: QHBoxLayout, view: QWidget) -> QWidget:
    page = QWidget()
    layout = QVBoxLayout(page)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(0)
    layout.addLayout(row)
    layout.addWidget(view)
    return page
