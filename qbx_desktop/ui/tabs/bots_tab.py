"""The Bots tab: every bot with its state in words, the actions on it, and what the selected one sees."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QModelIndex, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QLineEdit, QPushButton, QSplitter, QVBoxLayout, QWidget

from ...domain.bots import Bot, BotStatus
from ..bot_detail import BotDetail
from ..bot_meaning import BotMeaning
from ..bot_start import BotStart
from ..bot_wishes import BotWishes
from ..dialogs.archive import when_archiving_agreed
from ..dialogs.bot_editor import BotEditor
from ..dialogs.now_or_flat import NowOrFlat
from ..empty import EmptyState, MaybeEmpty
from ..flow import FlowRow
from ..fresh_bot import fresh_bot
from ..models.bots_model import BotRow, BotsModel
from ..models.columns import ROW_ROLE
from ..table_view import select_row, selected_rows, table

if TYPE_CHECKING:
    from ..context import AppContext
    from ..live import Live

_SOON_MS = 60
_WIDTHS = (160, 170, 100, 60, 100, 230, 110, 110)


class BotsTab(QWidget):
    """`backtest_wanted` asks the window for the Backtest tab, `bot_backtest_wanted` for it with a bot's settings; `counted` follows every change of the counts, `reloaded`
    every reading of the list."""

    backtest_wanted = Signal()
    bot_backtest_wanted = Signal(object)
    reloaded = Signal()
    counted = Signal()

    def __init__(self, context: AppContext, live: Live, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._live = live
        words = context.words
        self.model = BotsModel(live, words, context.theme, context.icons, self)
        self.view = table(self.model, words, "Bots", _WIDTHS, stretch=1)
        self.wishes = BotWishes(context, live, self)
        self.wishes.changed.connect(self.reload)
        self.wishes.pending.connect(self.model.set_pending)
        self._start = BotStart(context, live, self.wishes, self)
        self._meaning = BotMeaning(context, live, self)
        self._meaning.chosen.connect(self.reload)
        self.detail = BotDetail(context, live)
        self.filter = words.bind(QLineEdit(), "Filter bots", setter="setPlaceholderText")
        words.name(self.filter, "Filter bots")
        self.filter.setClearButtonEnabled(True)
        self.filter.textChanged.connect(self._filter_changed)
        self._make_buttons()
        self._lay_out()
        self.view.selectionModel().selectionChanged.connect(self._selection_changed)
        self.view.doubleClicked.connect(self.edit)
        self.model.dataChanged.connect(self._row_changed)
        # A round of a thousand bots is a thousand changes: they are counted once.
        self._count = QTimer(self, singleShot=True, interval=_SOON_MS)
        self._count.timeout.connect(self.counted)
        live.bot_changed.connect(self._count_soon)
        self._soon = QTimer(self, singleShot=True, interval=_SOON_MS)
        self._soon.timeout.connect(self.reload)
        self.reload()

    def selected(self) -> list[BotRow]:
        """The selected rows from top to bottom."""
        return [row for row in selected_rows(self.view) if isinstance(row, BotRow)]

    def select(self, bot_id: int) -> None:
        """Select one bot, if it is shown."""
        at = self.model.position_of(bot_id)
        if at is not None:
            select_row(self.view, at)

    @Slot()
    def reload(self) -> None:
        """Read the bots again; the selection stays on the same bots."""
        from ...data import bots

        keep = [row.bot.id for row in self.selected()]
        self.model.set_bots(bots.list_bots(self._context.db.reader()))
        if keep and [row.bot.id for row in self.selected()] != keep:
            self.select(keep[0])
        elif not keep and self.model.rowCount():
            select_row(self.view, 0)
        self._show_whole()
        self._selection_changed()
        self.counted.emit()
        self.reloaded.emit()

    def reload_soon(self) -> None:
        """Read the bots again once, however many reasons there are within a moment."""
        if not self._soon.isActive():
            self._soon.start()

    @Slot()
    def new(self) -> None:
        """Open the editor for a new bot."""
        self._edit(BotEditor(self._context, self._live, None, self))

    def new_on(self, symbol: str) -> None:
        """Open the editor for a new bot on this symbol."""
        self._edit(BotEditor(self._context, self._live, fresh_bot(self._context.settings, symbol), self))

    def new_like(self, bot: Bot) -> None:
        """Open the editor for a new bot with these settings."""
        self._edit(BotEditor(self._context, self._live, bot, self))

    @Slot()
    def backtest(self) -> None:
        """Take the selected bot's settings to the Backtest tab."""
        rows = self.selected()
        if rows:
            self._meaning.when_understood(rows[0].bot, self.bot_backtest_wanted.emit)

    @Slot()
    def edit(self) -> None:
        """Open the editor for the selected bot."""
        rows = self.selected()
        if rows:
            self._meaning.when_understood(
                rows[0].bot, lambda bot: self._edit(BotEditor(self._context, self._live, bot, self))
            )

    @Slot()
    def duplicate(self) -> None:
        """Open the editor for a copy of the selected bot; the copy is paused."""
        rows = self.selected()
        if rows:
            t = self._context.words.t
            self._meaning.when_understood(
                rows[0].bot,
                lambda bot: self._edit(BotEditor(self._context, self._live, copy_of(bot, t), self)),
            )

    @Slot()
    def start(self) -> None:
        """Start the selected bots that are not running, each through its preflight."""
        for row in self.selected():
            if row.bot.status is not BotStatus.AKTIF:
                self._meaning.when_understood(row.bot, self._start.preflight)

    @Slot()
    def start_all(self) -> None:
        """Start every bot shown that is not running, each through its preflight."""
        self.view.selectAll()
        self.start()

    @Slot()
    def pause(self) -> None:
        """Pause the selected bots; their positions stay as they are."""
        for row in self.selected():
            if row.bot.status is not BotStatus.DIJEDA:
                self.wishes.pause(row.bot.id)

    @Slot()
    def archive(self) -> None:
        """Take the selected bots out of the list after asking; what is open at the broker stays open."""
        rows = self.selected()
        if not rows:
            return

        def agreed() -> None:
            for row in rows:
                self.wishes.archive(row.bot.id)

        when_archiving_agreed(self._context, rows, agreed, self)

    def focus_filter(self) -> None:
        """Put the cursor into the filter."""
        self.filter.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.filter.selectAll()

    def _make_buttons(self) -> None:
        words, icons = self._context.words, self._context.icons
        self.buttons: dict[str, QPushButton] = {}
        # The keys work while the focus is in this tab; the window's menu shows the same actions.
        self.commands: dict[str, QAction] = {}
        for name, text, keys, action, tip in (
            ("new", "New bot", "", self.new, "New bot (F9)"),
            (
                "start",
                "Start",
                "Ctrl+Return",
                self.start,
                "Check the selected bots and start them (Ctrl+Enter)",
            ),
            ("pause", "Pause", "Ctrl+Backspace", self.pause, "Pause the selected bots (Ctrl+Backspace)"),
            ("edit", "Edit", "F7", self.edit, "Edit the selected bot (F7)"),
            ("backtest", "Backtest", "", self.backtest, "Backtest the selected bot with its own settings"),
            ("duplicate", "Duplicate", "", self.duplicate, "Make a copy of the selected bot"),
            ("archive", "Archive", "Del", self.archive, "Take the selected bots out of the list (Del)"),
        ):
            command = QAction(self)
            words.bind(command, text)
            command.setShortcut(QKeySequence(keys))
            command.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            command.triggered.connect(action)
            self.addAction(command)
            self.commands[name] = command
            button = QPushButton()
            words.bind(button, text)
            words.name(button, text, tooltip=tip)
            for target in (button, command):
                icons.bind(target, "chart" if name == "backtest" else name)
            button.clicked.connect(command.trigger)
            self.buttons[name] = button

    def _enable(self, name: str, enabled: bool) -> None:
        self.buttons[name].setEnabled(enabled)
        self.commands[name].setEnabled(enabled)

    def _lay_out(self) -> None:
        words = self._context.words
        row = FlowRow([*self.buttons.values()], self.filter)
        nothing = EmptyState(words, "No bots yet. A bot watches one symbol with one strategy.")
        nothing.add_button("New bot", primary=True).clicked.connect(self.new)
        nothing.add_button("Try a backtest first").clicked.connect(self.backtest_wanted)
        no_match = EmptyState(words, "Nothing matches.")
        no_match.add_button("Clear filter").clicked.connect(self.filter.clear)
        split = QSplitter(Qt.Orientation.Vertical)
        split.addWidget(self.view)
        split.addWidget(self.detail)
        split.setStretchFactor(0, 2)
        split.setStretchFactor(1, 3)
        split.setSizes([200, 300])
        split.setChildrenCollapsible(False)
        self.whole = MaybeEmpty(split, nothing, no_match)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 8, 8, 4)
        layout.addWidget(row)
        layout.addWidget(self.whole, 1)

    def _show_whole(self) -> None:
        if self.model.rowCount():
            self.whole.show_view()
        else:
            self.whole.show_empty(1 if self.model.total else 0)

    @Slot(str)
    def _filter_changed(self, text: str) -> None:
        self.model.set_filter(text)
        self._show_whole()

    @Slot()
    def _selection_changed(self) -> None:
        rows = self.selected()
        one = len(rows) == 1
        self._enable("start", any(row.bot.status is not BotStatus.AKTIF for row in rows))
        self._enable("pause", any(row.bot.status is not BotStatus.DIJEDA for row in rows))
        self._enable("edit", one)
        self._enable("duplicate", one)
        self._enable("backtest", one)
        self._enable("archive", bool(rows))
        self.detail.show_row(rows[0] if one else None)

    @Slot(QModelIndex, QModelIndex)
    def _row_changed(self, first: QModelIndex, last: QModelIndex) -> None:
        chosen = self.view.selectionModel().selectedRows()
        if len(chosen) == 1 and first.row() <= chosen[0].row() <= last.row():
            self.detail.show_row(chosen[0].data(ROW_ROLE))

    @Slot()
    def _count_soon(self) -> None:
        if not self._count.isActive():
            self._count.start()

    def _edit(self, editor: BotEditor) -> None:
        editor.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        editor.accepted.connect(partial(self._edited, editor))
        editor.open()

    def _edited(self, editor: BotEditor) -> None:
        bot, wants_start = editor.bot(), editor.start_wanted
        saved = partial(self._saved, bot, wants_start)
        if bot.id and bot.status is BotStatus.AKTIF and self._live.positions_of(bot.id):
            question = NowOrFlat(self._context.words, bot.name, self)
            question.chosen.connect(lambda flat: self.wishes.save(bot, saved, when_flat=flat))
            question.edit_again.connect(lambda: self._edit(BotEditor(self._context, self._live, bot, self)))
            question.open()
            return
        self.wishes.save(bot, saved)

    def _saved(self, bot: Bot, wants_start: bool, bot_id: int) -> None:
        self.reload()
        self.select(bot_id)
        # The next key is meant for this bot, wherever the editor was opened from.
        self.view.setFocus()
        if wants_start and bot.status is not BotStatus.AKTIF:
            row = self.model.row_of(bot_id)
            if row is not None:
                self._start.preflight(row.bot)


def copy_of(bot: Bot, t: Any) -> Bot:
    """An unsaved, paused copy of `bot` under another name, without the consent its original was given."""
    from dataclasses import replace

    settings = replace(bot.settings, live_consent=False, halted_reason=None, archived=False, generation=0)
    return replace(
        bot, id=0, name=t("{name} (copy)", name=bot.name), status=BotStatus.DIJEDA, settings=settings
    )
