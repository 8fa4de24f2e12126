"""What the trader wants of a bot: stored first, shown when the database has acknowledged it, then told to the desk."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal, Slot

from ..data import bots
from ..domain.bots import Bot, BotStatus

if TYPE_CHECKING:
    from .context import AppContext
    from .live import Live


class BotWishes(QObject):
    """`pending` carries the id of a bot whose change was handed over, `changed` follows each acknowledgement.

    A write that fails reaches the trader through the board's `problem`, and `changed` brings the old state back.
    """

    pending = Signal(int)
    changed = Signal()

    def __init__(self, context: AppContext, live: Live, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._live = live
        self._until_flat: set[int] = set()
        live.positions_changed.connect(self._positions_changed)

    def save(self, bot: Bot, saved: Callable[[int], object], *, when_flat: bool = False) -> None:
        """Store a new bot (id 0) or a changed one; a running one takes up its new settings, at once or, `when_flat`,
        as soon as it has no position any more."""
        self._context.write(
            partial(_store, bot=bot), partial(self._stored, bot, saved, when_flat), self._failed
        )

    def start(self, bot_id: int) -> None:
        """The bot shall run."""
        self._set(bot_id, BotStatus.AKTIF, lambda desk: desk.start_bot(bot_id))

    def pause(self, bot_id: int) -> None:
        """The bot shall rest. The desk hears it at once: stopping must not wait for the disk."""
        self._context.trading.tell(lambda desk: desk.pause_bot(bot_id))
        self._set(bot_id, BotStatus.DIJEDA, None)

    def archive(self, bot_id: int) -> None:
        """The bot shall rest and leave the list."""
        self._context.trading.tell(lambda desk: desk.pause_bot(bot_id))
        self.pending.emit(bot_id)
        self._context.write(partial(_archive, bot_id=bot_id), partial(self._done, None), self._failed)

    def _set(self, bot_id: int, status: BotStatus, command: Callable[..., object] | None) -> None:
        self.pending.emit(bot_id)
        self._context.write(
            partial(_status, bot_id=bot_id, status=status), partial(self._done, command), self._failed
        )

    def _stored(self, bot: Bot, saved: Callable[[int], object], when_flat: bool, bot_id: int) -> None:
        if when_flat and self._live.positions_of(bot_id):
            self._until_flat.add(bot_id)
        elif bot.id:
            self._until_flat.discard(bot_id)
            self._context.trading.tell(lambda desk: desk.reload_bot(bot_id))
        self.changed.emit()
        saved(bot_id)

    @Slot()
    def _positions_changed(self) -> None:
        for bot_id in [each for each in self._until_flat if not self._live.positions_of(each)]:
            self._until_flat.discard(bot_id)
            self._context.trading.tell(partial(_reload, bot_id))

    def _done(self, command: Callable[..., object] | None, _result: object) -> None:
        if command is not None:
            self._context.trading.tell(command)
        self.changed.emit()

    def _failed(self, error: BaseException) -> None:
        self._context.board.problem.emit(error)
        self.changed.emit()


def _store(con: Any, bot: Bot) -> int:
    if bot.id == 0:
        return bots.create_bot(con, bot)
    bots.update_bot(con, bot)
    return bot.id


def _reload(bot_id: int, desk: Any) -> Any:
    return desk.reload_bot(bot_id)


def _status(con: Any, bot_id: int, status: BotStatus) -> None:
    bots.set_status(con, bot_id, status)


def _archive(con: Any, bot_id: int) -> None:
    bots.archive_bot(con, bot_id)
