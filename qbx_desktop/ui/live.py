"""What is happening now, as the board told it last: run states, positions, account, link. Models read it from here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QObject, Signal, Slot

from ..domain.events import (
    AccountChanged,
    BotChanged,
    ConnectionChanged,
    DecisionsKept,
    DiskChanged,
    HistoryAppended,
    Link,
    Notice,
    PositionsChanged,
)  # fmt: skip
from ..domain.messages import Message
from ..domain.records import AccountInfo, TradePosition
from ..workers.board import NoticeBoard


class Live(QObject):
    """Lives in the GUI thread and listens to the board; each signal follows the change it names."""

    bot_changed = Signal(int)
    positions_changed = Signal()
    account_changed = Signal()
    link_changed = Signal()
    disk_changed = Signal()
    symbols_changed = Signal()
    history_appended = Signal(object)
    decisions_kept = Signal(object)
    noticed = Signal(object)

    def __init__(self, board: NoticeBoard, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.bots: dict[int, BotChanged] = {}
        self.positions: tuple[TradePosition, ...] = ()
        self.account: AccountInfo | None = None
        self.server_time = 0
        self.link = ConnectionChanged(Link.CONNECTING)
        self.disk: Message | None = None
        self.symbols: tuple[str, ...] = ()
        self._owner: Mapping[int, int] = {}
        board.happened.connect(self._hear)

    def set_symbols(self, names: Sequence[str]) -> None:
        """The names of all symbols of the connected terminal."""
        self.symbols = tuple(names)
        self.symbols_changed.emit()

    def positions_of(self, bot_id: int) -> tuple[TradePosition, ...]:
        """The open positions of one bot."""
        return tuple(each for each in self.positions if self._owner.get(each.ticket) == bot_id)

    def bot_of(self, ticket: int) -> int | None:
        """Whose position it is; None for one that no bot of ours opened."""
        return self._owner.get(ticket)

    @Slot(object)
    def _hear(self, event: object) -> None:
        if isinstance(event, BotChanged):
            self.bots[event.bot_id] = event
            self.bot_changed.emit(event.bot_id)
        elif isinstance(event, PositionsChanged):
            self.positions, self._owner = event.positions, event.by_bot
            self.positions_changed.emit()
        elif isinstance(event, AccountChanged):
            self.account, self.server_time = event.account, event.server_time
            self.account_changed.emit()
        elif isinstance(event, ConnectionChanged):
            self.link = event
            self.link_changed.emit()
        elif isinstance(event, DiskChanged):
            self.disk = event.reason
            self.disk_changed.emit()
        elif isinstance(event, HistoryAppended):
            self.history_appended.emit(event)
        elif isinstance(event, DecisionsKept):
            self.decisions_kept.emit(event)
        elif isinstance(event, Notice):
            self.noticed.emit(event)
