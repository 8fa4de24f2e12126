"""How far each booked trade ran: asked of the terminal one trade at a time, newest first, kept once it is known."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from ..broker.command import Priority
from ..data import trade_excursions
from ..data.trades import TradeHistory, TradeRecord
from ..domain.excursion import Excursion, excursion, frame_for

if TYPE_CHECKING:
    from ..broker.terminal import Terminal
    from .context import AppContext

# So many trades are asked for in one go; more when the page is read again.
_MOST = 500


class TradeExcursions(QObject):
    """`found` carries a record with its excursion. Asks only while `wanted()`; what failed is asked for next time."""

    found = Signal(object)

    def __init__(
        self, context: AppContext, wanted: Callable[[], bool], parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._context, self._wanted = context, wanted
        self._waiting: deque[TradeRecord] = deque()
        self._account = (0, "")
        self._asking = False

    def look_at(self, history: TradeHistory) -> None:
        """Work out what is not known yet of these trades; what was waiting before is left."""
        self._account = (history.account, history.server)
        fresh = [each for each in history.records if not each.judged and frame_for(each.trade) is not None]
        fresh.sort(key=lambda each: each.trade.close_ms or 0, reverse=True)
        self._waiting = deque(fresh[:_MOST])
        self._next()

    def _next(self) -> None:
        if self._asking or not self._waiting or not self._wanted():
            return
        record = self._waiting.popleft()
        self._asking = True
        question = partial(_read, record=record, account=self._account)
        self._context.ask(question, partial(self._answered, record, self._account), self._failed)

    def _answered(self, record: TradeRecord, account: tuple[int, str], answer: _Answer) -> None:
        self._asking = False
        if answer.same_account and account == self._account:
            trade = record.trade
            store = partial(
                trade_excursions.store, account=account[0], server=account[1], position_id=trade.position_id,
                part=trade.part, found=answer.excursion,
            )  # fmt: skip
            self._context.write(store)
            if answer.excursion is not None:
                self.found.emit(replace(record, excursion=answer.excursion, judged=True))
        self._next()

    def _failed(self, _: BaseException) -> None:
        """The terminal does not answer, or not for this symbol: the link says so itself; asked again next time."""
        self._asking = False
        self._waiting.clear()


class _Answer:
    """What the terminal told of one trade; from another account it tells nothing."""

    def __init__(self, same_account: bool, found: Excursion | None) -> None:
        self.same_account, self.excursion = same_account, found


def _read(terminal: Terminal, record: TradeRecord, account: tuple[int, str]) -> Any:
    """In the quotes thread. Raises TerminalError."""
    trade, frame = record.trade, frame_for(record.trade)
    info = terminal.account(Priority.DOWNLOAD)
    if frame is None or (info.login, info.server) != account:
        return _Answer(False, None)
    assert trade.open_ms is not None
    assert trade.close_ms is not None
    terminal.select(trade.symbol, Priority.DOWNLOAD)
    point = terminal.symbol(trade.symbol, Priority.DOWNLOAD).point
    bars = terminal.bars_range(trade.symbol, frame, trade.open_ms // 1000, trade.close_ms // 1000)
    return _Answer(True, excursion(trade, bars, frame, point))
