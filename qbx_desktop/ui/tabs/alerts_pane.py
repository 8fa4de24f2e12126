"""The alerts under the watchlist: set, change, switch off and on, remove."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from ...data import watch_alerts
from ...domain.alerts import WatchAlert
from ..dialogs.alert_dialog import AlertChoice, AlertDialog
from ..empty import EmptyState, MaybeEmpty
from ..flow import FlowRow
from ..models.alerts_model import AlertsModel
from ..table_view import select_row, selected_rows, table

if TYPE_CHECKING:
    from ..context import AppContext

_WIDTHS = (110, 360, 380, 260, 120)
_WHEN = 1


class AlertsPane(QWidget):
    """`written` is called after every change that is committed; `price_of` and `digits_of` a symbol of the list."""

    def __init__(
        self,
        context: AppContext,
        price_of: Callable[[str], float | None],
        digits_of: Callable[[str], int],
        written: Callable[[], None],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._context, self._price_of, self._digits_of = context, price_of, digits_of
        self._written = written
        self.symbols: tuple[str, ...] = ()
        words = context.words
        self.model = AlertsModel(words, context.theme, digits_of, context.clock.now, self)
        self.view = table(self.model, words, "Alerts", _WIDTHS, stretch=_WHEN)
        self.edit_button = self._button("Change…", "edit", self.change)
        self.on_button = self._button("Switch on", "start", partial(self.switch, True))
        self.off_button = self._button("Switch off", "pause", partial(self.switch, False))
        self.remove_button = self._button("Remove alert", "trash", self.remove)
        nothing = EmptyState(
            words, "No alert is set. Choose a symbol and press Alt+A, or click a price on a chart."
        )
        self._page = MaybeEmpty(self.view, nothing)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 4, 0, 0)
        buttons = (self.edit_button, self.on_button, self.off_button, self.remove_button)
        box.addWidget(FlowRow(buttons))
        box.addWidget(self._page, 1)
        self.view.doubleClicked.connect(self.change)
        self.view.selectionModel().selectionChanged.connect(self._selection_changed)
        self.model.modelReset.connect(self._selection_changed)

    def selected(self) -> list[WatchAlert]:
        """The selected alerts from top to bottom."""
        return [row for row in selected_rows(self.view) if isinstance(row, WatchAlert)]

    def reload(self) -> None:
        """Read the alerts again; the selection stays on the same one where it is still there."""
        keep = [(each.id, each.entry_id) for each in self.selected()]
        self.model.set_alerts(watch_alerts.list_alerts(self._context.db.reader(), self._context.user_id))
        at = self.model.position_of(keep[0]) if keep else None
        if at is not None and not self.selected():
            select_row(self.view, at)
        if self.model.rowCount():
            self._page.show_view()
        else:
            self._page.show_empty(0)
        self._selection_changed()

    def ask(
        self, symbol: str = "", price: float | None = None, alert: WatchAlert | None = None
    ) -> AlertDialog:
        """Open the form for a new alert, or for `alert`."""
        dialog = AlertDialog(
            self._context.words, self.symbols, self._price_of, self._digits_of, self._now_ms, symbol=symbol,
            price=price if price is not None else self._price_of(symbol), alert=alert, parent=self.window(),
        )  # fmt: skip
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.accepted.connect(lambda: self.store(dialog.choice(), alert))
        dialog.open()
        return dialog

    def store(self, choice: AlertChoice, instead_of: WatchAlert | None = None) -> None:
        """Set the alert, in place of another one."""
        self._write(partial(_store, choice, self._context.user_id, self._now_ms(), instead_of))

    @Slot()
    def change(self) -> None:
        """Open the form for the selected alert."""
        chosen = self.selected()
        if chosen and chosen[0].condition is not None:
            self.ask(alert=chosen[0])

    def switch(self, on: bool, _checked: bool = False) -> None:
        """Switch the selected alerts on (then they begin afresh) or off."""
        chosen = self.selected()
        if chosen:
            self._write(lambda con: watch_alerts.switch(con, chosen, on, self._now_ms()))

    @Slot()
    def remove(self) -> None:
        """Remove the selected alerts; their symbols stay on the list."""
        chosen = self.selected()
        if chosen:
            self._write(partial(_remove_all, chosen))

    def _write(self, job: Any) -> None:
        self._context.write(job, lambda _: self._written())

    def _now_ms(self) -> int:
        return round(self._context.clock.now() * 1000)

    @Slot()
    def _selection_changed(self) -> None:
        chosen, now = self.selected(), self._now_ms()
        waits = [each.state.armed and not each.is_over(now) for each in chosen]
        self.edit_button.setEnabled(bool(chosen) and chosen[0].condition is not None)
        self.on_button.setEnabled(any(not each for each in waits))
        self.off_button.setEnabled(any(waits))
        self.remove_button.setEnabled(bool(chosen))

    def _button(self, text: str, icon: str, slot: Any) -> QPushButton:
        words = self._context.words
        button: QPushButton = words.name(words.bind(QPushButton(), text), text)
        self._context.icons.bind(button, icon)
        button.clicked.connect(slot)
        return button


def _store(choice: AlertChoice, user_id: int, at_ms: int, instead_of: WatchAlert | None, con: Any) -> int:
    return watch_alerts.add(
        con, user_id, choice.symbol, choice.condition, choice.schedule, at_ms=at_ms, notes=choice.notes,
        instead_of=instead_of,
    )  # fmt: skip


def _remove_all(alerts: list[WatchAlert], con: Any) -> None:
    for each in alerts:
        watch_alerts.remove(con, each)
