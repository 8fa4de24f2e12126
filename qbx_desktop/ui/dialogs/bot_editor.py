"""The editor of one bot: its form comes from the strategy's schema, and it says in money what a trade may lose."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise

from PySide6.QtCore import Slot
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFrame,
    QGridLayout,
    QGroupBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)  # fmt: skip

from ...data.bots import CHANGED_OUTSIDE
from ...domain import params
from ...domain.bots import Bot, SizingMode, StopMode
from ...domain.limits import loosened
from ...domain.messages import Message
from ...domain.params import ParamError
from ...domain.timeframe import Timeframe
from ...strategies.own.source import is_own
from ..badge import Badge
from ..context import AppContext
from ..fresh_bot import fresh_bot
from ..live import Live
from ..strategy_choice import choose, fill_strategies, show_strategy
from .ask_password import when_confirmed
from .fields import Field, decimal, whole
from .limit_fields import LimitFields
from .param_form import ParamForm
from .trade_preview import TradePreview


class BotEditor(QDialog):
    """Makes or changes a bot. After `accept`, `bot()` is what the trader wants and `start_wanted` whether to start it."""

    def __init__(
        self, context: AppContext, live: Live, bot: Bot | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._context = context
        self._words = context.words
        self._own = context.own
        self._live = live
        self._before = bot or fresh_bot(context.settings)
        self._is_new = bot is None or bot.id == 0
        self.start_wanted = False
        self._words.bind(self, "New bot" if self._is_new else "Edit bot", setter="setWindowTitle")
        self._make_fields()
        self.form = ParamForm(self._words)
        self.limits = LimitFields(self._words)
        self.preview = TradePreview(context, self)
        self._lay_out(Badge(live, self._words))
        self._fill(self._before)
        for field in (*self._fields, *self.limits.fields.values()):
            field.changed.connect(self._changed)
        self.form.changed.connect(self._changed)
        self.strategy.changed.connect(self._strategy_changed)
        self._own.changed.connect(self._own_changed)
        self.save.setDefault(True)
        self.name.editor.setFocus()
        self._changed()

    def bot(self) -> Bot:
        """The bot as entered. Raises ParamError when the parameters do not fit each other."""
        settings = replace(
            self._before.settings,
            sizing_mode=SizingMode(self.sizing.value()),
            stop_mode=StopMode(self.stop_mode.value()),
            risk_percent=self.risk.value(),
            sl_atr=self.sl_atr.value(),
            tp_atr=self.tp_atr.value(),
            atr_period=self.atr_period.value(),
            limits=self.limits.values(self._before.settings.limits),
        )
        return replace(
            self._before,
            name=self.name.value().strip(),
            market=self.symbol.value().strip(),
            timeframe=self.timeframe.value(),
            strategy=self.strategy.value(),
            strategy_params=params.to_json(self.form.made()),
            lot_size=self.lots.value(),
            sl_pips=self.sl_pips.value(),
            tp_pips=self.tp_pips.value(),
            settings=settings,
            config_error=None,
        )

    @property
    def _fields(self) -> Sequence[Field]:
        return (
            self.name, self.symbol, self.timeframe, self.strategy, self.sizing, self.risk, self.lots,
            self.stop_mode, self.sl_atr, self.tp_atr, self.atr_period, self.sl_pips, self.tp_pips,
        )  # fmt: skip

    def _make_fields(self) -> None:
        def field(label: str, editor: QWidget, help_text: str = "") -> Field:
            return Field(self._words, label, editor, help_text)

        name = QLineEdit()
        name.setMaxLength(80)
        self.name = field("Name", name)
        symbols = QComboBox()
        symbols.setEditable(True)
        symbols.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        symbols.addItems(list(self._live.symbols) or [self._before.market])
        self.symbol = field("Symbol", symbols, "The name of the symbol at your broker.")
        frames = QComboBox()
        for frame in Timeframe:
            frames.addItem(frame.name, frame.name)
        self.timeframe = field("Timeframe", frames, "The bot decides once per closed bar of this length.")
        self._strategies = QComboBox()
        fill_strategies(self._strategies, self._words, self._own)
        self.strategy = field("Strategy", self._strategies)
        self.sizing = field(
            "Size of a trade",
            self._choice(("Percent of the balance at risk", SizingMode.RISK_PERCENT), ("Fixed lots", SizingMode.FIXED_LOT)),
        )  # fmt: skip
        self.risk = field("Risk per trade, %", decimal(0.01, 100, 0.1), "What a trade loses at its stop loss, in percent of the balance.")  # fmt: skip
        self.lots = field("Lots", decimal(0.00001, 100_000, 0.01, 5))
        self.stop_mode = field(
            "Stops", self._choice(("Multiples of the ATR", StopMode.ATR_MULT), ("Pips", StopMode.PIPS))
        )
        self.sl_atr = field("Stop loss, × ATR", decimal(0, 100, 0.5, 2), "0 means no stop loss.")
        self.tp_atr = field("Take profit, × ATR", decimal(0, 100, 0.5, 2), "0 means no take profit.")
        self.atr_period = field("ATR period", whole(2, 500, 1))
        self.sl_pips = field("Stop loss, pips", whole(0, 1_000_000, 10), "0 means no stop loss.")
        self.tp_pips = field("Take profit, pips", whole(0, 1_000_000, 10), "0 means no take profit.")

    def _choice(self, *choices: tuple[str, str]) -> QComboBox:
        box = QComboBox()
        for text, value in choices:
            box.addItem(self._words.t(text), str(value))
        return box

    def _lay_out(self, badge: QWidget) -> None:
        top = QGridLayout()
        top.setColumnStretch(1, 1)
        for at, field in enumerate((self.name, self.symbol, self.timeframe, self.strategy)):
            field.place(top, 2 * at)
        self.description = QLabel(wordWrap=True)
        self.description.setProperty("role", "muted")
        top.addWidget(self.description, 8, 0, 1, 2)
        strategy_group = self._group("Strategy")
        QVBoxLayout(strategy_group).addWidget(self.form)
        limits_group = self._group("Limits")
        limits = QGridLayout(limits_group)
        limits.setColumnStretch(1, 1)
        for at, field in enumerate(self.limits.fields.values()):
            field.place(limits, 2 * at)
        risk_group = self._group("Risk")
        grid = QGridLayout(risk_group)
        grid.setColumnStretch(1, 1)
        for at, field in enumerate(self._fields[4:]):
            field.place(grid, 2 * at)
        grid.addWidget(self.preview, 30, 0, 1, 2)
        left, body = QVBoxLayout(), QWidget()
        left.addLayout(top)
        left.addWidget(strategy_group)
        left.addWidget(limits_group)
        left.addStretch(1)
        right = QVBoxLayout()
        right.addWidget(risk_group)
        right.addStretch(1)
        inside = QHBoxLayout(body)
        inside.setSpacing(16)
        inside.addLayout(left, 1)
        inside.addLayout(right, 1)
        scroll = QScrollArea(widgetResizable=True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setWidget(body)
        head = QHBoxLayout()
        head.addWidget(badge)
        head.addStretch(1)
        outside = QVBoxLayout(self)
        outside.addLayout(head)
        outside.addWidget(scroll, 1)
        outside.addWidget(self._buttons())
        self.resize(960, 640)

    def _group(self, title: str) -> QGroupBox:
        return self._words.bind(QGroupBox(), title, setter="setTitle")

    def _buttons(self) -> QDialogButtonBox:
        box = QDialogButtonBox()
        roles = QDialogButtonBox.ButtonRole
        reset = self._words.bind(QPushButton(), "Reset to defaults")
        self.save = self._words.bind(QPushButton(), "Save")
        self.save_and_start = self._words.bind(QPushButton(), "Save and start")
        cancel = self._words.bind(QPushButton(), "Cancel")
        self.save.setProperty("primary", True)
        for button, role in (
            (reset, roles.ResetRole), (cancel, roles.RejectRole), (self.save, roles.ActionRole),
            (self.save_and_start, roles.ActionRole),
        ):  # fmt: skip
            box.addButton(button, role)
        reset.clicked.connect(self.form.reset)
        cancel.clicked.connect(self.reject)
        self.save.clicked.connect(self._save)
        self.save_and_start.clicked.connect(self._save_and_start)
        return box

    def _fill(self, bot: Bot) -> None:
        self.name.set_value(bot.name)
        self.symbol.set_value(bot.market)
        self.timeframe.set_value(bot.timeframe)
        choose(self._strategies, bot.strategy)
        sizing, stops = bot.settings.sizing_mode, bot.settings.stop_mode
        self.sizing.set_value(str(SizingMode.RISK_PERCENT if sizing is SizingMode.LEGACY_UNSET else sizing))
        self.stop_mode.set_value(str(StopMode.ATR_MULT if stops is StopMode.LEGACY_UNSET else stops))
        for field, value in (
            (self.risk, bot.settings.risk_percent), (self.lots, bot.lot_size), (self.sl_atr, bot.settings.sl_atr),
            (self.tp_atr, bot.settings.tp_atr), (self.atr_period, bot.settings.atr_period),
            (self.sl_pips, bot.sl_pips), (self.tp_pips, bot.tp_pips),
        ):  # fmt: skip
            field.set_value(value)
        self.limits.fill(bot.settings.limits)
        try:
            stored = params.parse_object(bot.strategy_params)
        except ParamError:
            stored = {}
        self._stored = stored
        self._show_strategy(stored)

    def _show_strategy(self, values: dict[str, object] | None = None) -> None:
        found = show_strategy(self.form, self.strategy.value(), values)
        self._why_not = found if isinstance(found, Message) else None
        self.description.setText("" if isinstance(found, Message) else self._words.t(found.description))
        # The fields were made just now; reading order is above, then these, then the risk.
        stops = [self.strategy, *self.form.fields.values(), *self.limits.fields.values(), *self._fields[4:]]
        for before, after in pairwise(stops):
            self.setTabOrder(before.editor, after.editor)

    @Slot()
    def _own_changed(self) -> None:
        """A file in the trader's folder came, went, was changed or approved."""
        fill_strategies(self._strategies, self._words, self._own)
        if is_own(self.strategy.value()):
            self._show_strategy({**self._stored, **self.form.values()})
        self._changed()

    @Slot()
    def _strategy_changed(self) -> None:
        self._show_strategy()
        self._changed()

    @Slot()
    def _changed(self) -> None:
        by_risk = self.sizing.value() == SizingMode.RISK_PERCENT
        by_atr = self.stop_mode.value() == StopMode.ATR_MULT
        self.risk.show(by_risk)
        self.lots.show(not by_risk)
        for field in (self.sl_atr, self.tp_atr, self.atr_period):
            field.show(by_atr)
        for field in (self.sl_pips, self.tp_pips):
            field.show(not by_atr)
        reason = self._check()
        for button in (self.save, self.save_and_start):
            button.setEnabled(not reason)
            button.setToolTip(reason)
        if not reason:
            self.preview.show_for(self.bot())
        else:
            self.preview.clear()

    def _check(self) -> str:
        """Why it cannot be saved, or nothing; each reason also stands under its field."""
        words = self._words
        reasons: list[str] = []

        def check(field: Field, wrong: bool, reason: str) -> None:
            field.set_error(words.t(reason) if wrong else "")
            if wrong:
                reasons.append(words.t(reason))

        self.strategy.set_error("")
        if self._why_not is not None:
            reasons.append(words.say(self._why_not))
            self.strategy.set_error(reasons[0])
        check(self.name, not self.name.value().strip(), "Give the bot a name.")
        check(self.symbol, not self.symbol.value().strip(), "Choose a symbol.")
        by_risk = self.sizing.value() == SizingMode.RISK_PERCENT
        by_atr = self.stop_mode.value() == StopMode.ATR_MULT
        needs_stop = "Risk in percent needs a stop loss."
        check(self.sl_atr, by_risk and by_atr and not self.sl_atr.value(), needs_stop)
        check(self.sl_pips, by_risk and not by_atr and not self.sl_pips.value(), needs_stop)
        error = self.form.check()
        if error is not None:
            reasons.append(words.say(error.message))
        return reasons[0] if reasons else ""

    @Slot()
    def _save(self) -> None:
        self._agreed(self.accept)

    @Slot()
    def _save_and_start(self) -> None:
        self._agreed(self._accept_and_start)

    def _accept_and_start(self) -> None:
        self.start_wanted = True
        self.accept()

    def _agreed(self, then: Callable[[], object]) -> None:
        """Allowing more than before, or more risk, asks for the password of the lock if there is one."""
        before, after = self._before.settings, self.bot().settings
        changed_outside = self._before.config_error == CHANGED_OUTSIDE
        looser = loosened(before.limits, after.limits) or after.risk_percent > before.risk_percent
        if changed_outside or looser:
            why = self._words.t("This allows the bot more than before. Type your password to confirm.")
            when_confirmed(self._context, why, then, self)
        else:
            then()
