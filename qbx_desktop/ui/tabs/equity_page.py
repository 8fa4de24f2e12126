"""History, Equity: balance and equity of the real account over time, and how deep it fell."""

from __future__ import annotations

import threading
from concurrent.futures import Future
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from ...data.account_curve import AccountCurve, curve_of
from ...domain.errors import QbxError
from ...domain.records import AccountInfo
from ..empty import EmptyState, MaybeEmpty
from ..save_picture import save_picture

if TYPE_CHECKING:
    from ..charts.equity_chart import EquityChart
    from ..context import AppContext
    from ..live import Live


class EquityPage(QWidget):
    """Reads in a thread of its own when asked to; shows the account that is connected."""

    def __init__(self, context: AppContext, live: Live, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context, self._live = context, live
        self._reading = False
        self.curve: AccountCurve | None = None
        self.chart: EquityChart | None = None
        words = context.words
        self.said = QLabel(wordWrap=True)
        self.said.setProperty("role", "muted")
        self.picture = words.name(words.bind(QPushButton(), "Save picture…"), "Save picture…")
        context.icons.bind(self.picture, "export")
        self.picture.clicked.connect(self.export)
        self._holder = QWidget()
        QVBoxLayout(self._holder).setContentsMargins(0, 0, 0, 0)
        nothing = EmptyState(
            words,
            "Nothing is known of this account yet. Its equity is noted once a minute while QuantumBotX runs.",
        )
        self.whole = MaybeEmpty(self._holder, nothing)
        foot = QHBoxLayout()
        foot.addWidget(self.said, 1)
        foot.addWidget(self.picture)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.whole, 1)
        layout.addLayout(foot)
        words.changed.connect(self._say)
        self._show()

    @Slot()
    def reload(self) -> None:
        """Read the curve of the connected account again."""
        account = self._live.account
        if account is None or self._reading:
            return
        self._reading = True
        answer: Future[Any] = Future()
        self._context.answers.deliver(answer, partial(self._read, account), self._failed)
        read = partial(_settle, answer, self._context.db.reader, account.login, account.server)
        threading.Thread(target=read, name="qbx-equity", daemon=True).start()

    def focus(self) -> None:
        """There is no filter here."""

    @Slot()
    def export(self) -> None:
        """Ask for a file and write the picture."""
        if self.chart is not None and self.curve is not None:
            save_picture(self.chart, "equity", self._context.words, self)

    def _read(self, account: AccountInfo, curve: AccountCurve) -> None:
        self._reading = False
        self.curve = curve if len(curve.times) > 1 else None
        self._show()
        if self.curve is not None:
            self._context.charts.when_ready(partial(self._draw, account))

    def _failed(self, error: BaseException) -> None:
        self._reading = False
        if isinstance(error, QbxError):
            self.said.setText(self._context.words.say(error.message))
        else:
            self._context.board.problem.emit(error)

    def _draw(self, account: AccountInfo) -> None:
        from ...domain.curves import drawdown_percent
        from ..charts.equity_chart import EquityChart

        curve = self.curve
        if curve is None:
            return
        if self.chart is None:
            self.chart = EquityChart(self._context.theme, self._context.words)
            layout = self._holder.layout()
            assert layout is not None
            layout.addWidget(self.chart)
        known = np.isfinite(curve.equity)
        # Where the equity was not looked at, the balance is all there is to measure a fall by.
        value = np.where(known, curve.equity, curve.balance)
        lowest = np.where(np.isfinite(curve.lowest), np.minimum(curve.lowest, value), value)
        fall = drawdown_percent(value, lowest, float(value[0]))
        self.chart.set_run(
            curve.times, curve.equity, curve.balance, fall, account.currency, account.currency_digits
        )

    def _show(self) -> None:
        self.whole.show_view() if self.curve is not None else self.whole.show_empty(0)
        self.picture.setEnabled(self.curve is not None)
        self._say()

    @Slot()
    def _say(self) -> None:
        curve, t = self.curve, self._context.words.t
        if curve is None:
            self.said.setText("")
            return
        self.said.setText(
            t(
                "{n} moments. The balance is reckoned from the broker's deals, the equity noted once a minute while QuantumBotX"
                " runs (once an hour after a week).", n=len(curve.times),
            )
        )  # fmt: skip


def _settle(answer: Future[Any], reader: Any, account: int, server: str) -> None:
    try:
        answer.set_result(curve_of(reader(), account, server))
    except Exception as error:  # noqa: BLE001 - handed to the window, which says it
        answer.set_exception(error)
