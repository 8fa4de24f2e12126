"""The rarer inputs of a backtest, folded away until they are wanted: further costs, finer bars, delay, the live guards."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFileDialog,
    QGridLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)  # fmt: skip

from ...domain.limits import Limits
from ...workers.backtest_job import Choices
from ..dialogs.fields import Field, decimal, whole
from ..words import Words
from .backtest_data import Source, SourceBox, StoredPrices, price_file
from .backtest_entries import (
    COOL_DOWN,
    SESSION,
    EntryMistake,
    hour_of,
    hourly_points_of,
    points_of,
    text_of_hour,
)

_OFF = "0 switches the limit off."
_SINGLE = (
    "daily_loss_percent",
    "drawdown_percent",
    "bot_daily_loss_percent",
    "bot_drawdown_percent",
    "max_spread_points",
)
_COSTS = (
    "spread_by_hour",
    "commission_per_deal",
    "commission_percent",
    "swap_free",
    "slippage_table",
    "slippage_seed",
)
_RULES = ("delay_bars", "detail", "inside_bar")
_GUARDS = (
    "daily_loss_percent", "drawdown_percent", "bot_daily_loss_percent", "bot_drawdown_percent", "cooldown_losses",
    "cooldown_minutes", "session_from", "session_to", "weekend", "max_spread_points",
)  # fmt: skip


class MoreInputs(QWidget):
    """`apply` puts what is entered into a run's choices. A wrong entry is said under its field as soon as it is written."""

    changed = Signal()

    def __init__(self, words: Words, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._words = words
        self.fields: dict[str, Field] = {}
        self._boxes: list[tuple[QComboBox, tuple[str, ...]]] = []
        self.toggle = QToolButton()
        self.toggle.setCheckable(True)
        self.toggle.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.toggle.setAutoRaise(True)
        self.toggle.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.inside = QWidget()
        self.inside.hide()
        self._detail = SourceBox()
        self._detail.addItem("", "")
        self.csv = QPushButton()
        words.bind(self.csv, "CSV…")
        words.name(self.csv, "Choose a file of finer bars", tooltip="Choose a .csv or .csv.gz file of bars")
        self._make_costs()
        self._make_rules()
        self._make_guards()
        self._empty = {name: field.value() for name, field in self.fields.items()}
        self._lay_out()
        self.toggle.toggled.connect(self._unfold)
        self.csv.clicked.connect(self._choose_file)
        words.changed.connect(self._reword)
        for field in self.fields.values():
            for slot in (self._check, self._reword, self.changed):
                field.changed.connect(slot)
        self._reword()

    def offer(self, sources: Sequence[Source]) -> None:
        """Offer these prices as finer bars too."""
        for each in sources:
            self._detail.offer(each)

    def costs(self) -> dict[str, Any]:
        """What goes into the costs. Raises EntryMistake."""
        get = self._get
        return {
            "spread_by_hour": hourly_points_of(get("spread_by_hour"), "spread_by_hour"),
            "commission_per_deal": float(get("commission_per_deal")),
            "commission_percent": float(get("commission_percent")),
            "swap_free": bool(get("swap_free")),
            "slippage_table": points_of(get("slippage_table"), "slippage_table"),
            "slippage_seed": int(get("slippage_seed")),
        }

    def rules(self) -> dict[str, Any]:
        """What goes into the choices beside the costs. Raises EntryMistake."""
        detail = self._detail.chosen()
        return {
            "delay_bars": int(self._get("delay_bars")),
            "inside_bar": str(self._get("inside_bar")),
            "detail": None if detail is None else detail.path,
            "detail_series": None if detail is None else detail.series,
            "guards": self._guards(),
        }

    def fill(self, choices: Choices) -> None:
        """Show these inputs; unfolded where any of them is set."""
        costs, guards = choices.costs, choices.guards or Limits.off()
        if choices.detail is not None:
            series = choices.detail_series
            source: Source = (
                price_file(choices.detail) if series is None else StoredPrices(choices.detail, series)
            )
            self._detail.offer(source, keep_title=True)
        values: dict[str, Any] = {name: getattr(guards, name) for name in (*_SINGLE, "cooldown_losses")}
        values |= {
            "spread_by_hour": ", ".join(str(each) for each in costs.spread_by_hour),
            "slippage_table": ", ".join(str(each) for each in costs.slippage_table),
            "commission_per_deal": costs.commission_per_deal, "commission_percent": costs.commission_percent,
            "swap_free": costs.swap_free, "slippage_seed": costs.slippage_seed, "delay_bars": choices.delay_bars,
            "inside_bar": choices.inside_bar,
            "detail": "" if choices.detail is None else source.key,
            "cooldown_minutes": round(guards.cooldown_seconds / 60),
            "weekend": text_of_hour(guards.weekend_flat_hour) if guards.weekend_flat_hour else "",
        }  # fmt: skip
        bounded = guards.session_from_hour != guards.session_to_hour
        for name, hour in (
            ("session_from", guards.session_from_hour),
            ("session_to", guards.session_to_hour),
        ):
            values[name] = text_of_hour(hour % 24) if bounded else ""
        for name, value in values.items():
            self.fields[name].set_value(value)
        self.clear_errors()
        self._reword()
        self.toggle.setChecked(self.count() > 0)

    def count(self) -> int:
        """How many of the inputs differ from their defaults."""
        return sum(field.value() != self._empty[name] for name, field in self.fields.items())

    def show_mistake(self, mistake: EntryMistake) -> None:
        """Unfold, say it under its field and go there."""
        self.toggle.setChecked(True)
        field = self.fields[mistake.field]
        field.set_error(self._words.say(mistake.message))
        field.editor.setFocus(Qt.FocusReason.OtherFocusReason)

    def clear_errors(self) -> None:
        """Take all sentences away."""
        for field in self.fields.values():
            field.set_error("")

    def _get(self, name: str) -> Any:
        return self.fields[name].value()

    def _guards(self) -> Limits | None:
        get = self._get
        values = {name: float(get(name)) for name in _SINGLE}
        losses, minutes = int(get("cooldown_losses")), int(get("cooldown_minutes"))
        if bool(losses) != bool(minutes):
            raise EntryMistake(COOL_DOWN(), "cooldown_minutes" if losses else "cooldown_losses")
        values |= {"cooldown_losses": float(losses), "cooldown_seconds": 60.0 * minutes}
        first, last = (hour_of(get(name), name) for name in ("session_from", "session_to"))
        if (first is None) != (last is None) or (first is not None and first == last):
            raise EntryMistake(SESSION(), "session_from" if first is None else "session_to")
        values |= {"session_from_hour": first or 0.0, "session_to_hour": last or 0.0}
        values["weekend_flat_hour"] = hour_of(get("weekend"), "weekend") or 0.0
        chosen = {name: value for name, value in values.items() if value}
        return Limits.of(chosen, Limits.off()) if chosen else None

    @Slot()
    def _check(self) -> None:
        """Say at once what is wrong with the written entries, each by itself."""
        checks: dict[str, Callable[[str, str], object]] = {
            "spread_by_hour": points_of, "slippage_table": points_of
        }  # fmt: skip
        self.clear_errors()
        for name, field in self.fields.items():
            if isinstance(field.editor, QLineEdit):
                try:
                    checks.get(name, hour_of)(field.value(), name)
                except EntryMistake as mistake:
                    field.set_error(self._words.say(mistake.message))

    def _make_costs(self) -> None:
        make = self._field
        make(
            "spread_by_hour",
            "Spread by the hour",
            QLineEdit(),
            "24 whole points for the hours 0 to 23 of server time",
        )
        make(
            "commission_per_deal",
            "Commission per deal",
            decimal(0, 1e6, 0.5),
            "Whatever the size, in account currency",
        )
        make(
            "commission_percent",
            "Commission, %",
            decimal(0, 100, 0.01, 4),
            "Percent of the value of each deal",
        )
        make("swap_free", "Swap-free account", QCheckBox(), "No swap is charged or paid")
        make(
            "slippage_table",
            "Slippage drawn from",
            QLineEdit(),
            "Points such as 0, 0, 1, 3: one is drawn for every bar",
        )
        make("slippage_seed", "Seed of the draw", whole(0, 1_000_000, 1), "Another number draws anew")

    def _make_rules(self) -> None:
        make = self._field
        make(
            "delay_bars",
            "Delay in bars",
            whole(0, 1_000, 1),
            "How many bars later than the next open a signal acts",
        )
        make(
            "detail",
            "Finer bars",
            self._detail,
            "Bars such as M1 that decide whether stop or target was touched first",
        )
        inside = QComboBox()
        texts = ("the stop", "the target")
        for value, text in zip(("pessimistic", "optimistic"), texts, strict=True):
            inside.addItem(text, value)
        self._boxes.append((inside, texts))
        make(
            "inside_bar",
            "Both in one bar",
            inside,
            "What counts where stop and target lie in one bar and nothing decides",
        )

    def _make_guards(self) -> None:
        make = self._field
        make("daily_loss_percent", "Daily loss, %", decimal(0, 100, 0.5), _OFF)
        make("drawdown_percent", "Drawdown, %", decimal(0, 100, 0.5), _OFF)
        make("bot_daily_loss_percent", "Daily loss, closed trades, %", decimal(0, 100, 0.5), _OFF)
        make("bot_drawdown_percent", "Drawdown, closed trades, %", decimal(0, 100, 0.5), _OFF)
        make("cooldown_losses", "Rest after losses in a row", whole(0, 1_000, 1), _OFF)
        make("cooldown_minutes", "Minutes of rest", whole(0, 100_000, 10), _OFF)
        hours = "A time such as 07:30, server time; empty means the whole day"
        make("session_from", "Entries from", QLineEdit(), hours)
        make("session_to", "Entries until", QLineEdit(), hours)
        make(
            "weekend",
            "No entry on Fridays from",
            QLineEdit(),
            "A time such as 20:00, server time; empty switches it off",
        )
        make("max_spread_points", "Widest spread, points", decimal(0, 100_000, 1, 1), _OFF)

    def _field(self, name: str, label: str, editor: QWidget, help_text: str) -> None:
        editor.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        editor.setMinimumWidth(64)
        self.fields[name] = Field(self._words, label, editor, help_text)

    def _lay_out(self) -> None:
        grid = QGridLayout(self.inside)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(4)
        grid.setColumnStretch(0, 1)
        grid.setColumnStretch(1, 1)
        row = 0
        for title, names in (
            ("Costs", _COSTS),
            ("Signals and bars", _RULES),
            ("Guards of the desk", _GUARDS),
        ):
            heading = QLabel()
            heading.setProperty("role", "title")
            self._words.bind(heading, title)
            grid.addWidget(heading, row, 0, 1, 2)
            row += 1
            for name in names:
                field = self.fields[name]
                grid.addWidget(field.label, row, 0)
                grid.addWidget(field.editor, row, 1)
                row += 1
                if name == "detail":
                    grid.addWidget(self.csv, row, 1)
                    row += 1
                grid.addWidget(field.error, row, 0, 1, 2)
                row += 1
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self.toggle)
        column.addWidget(self.inside)

    @Slot(bool)
    def _unfold(self, wanted: bool) -> None:
        self.inside.setVisible(wanted)
        self._reword()

    @Slot()
    def _reword(self) -> None:
        t = self._words.t
        count = self.count()
        text = t("More costs, finer bars and guards")
        self.toggle.setText(t("{text} ({count} set)", text=text, count=count) if count else text)
        self.toggle.setAccessibleName(self.toggle.text())
        self.toggle.setArrowType(
            Qt.ArrowType.DownArrow if self.toggle.isChecked() else Qt.ArrowType.RightArrow
        )
        self._detail.setItemText(0, t("none"))
        for box, texts in self._boxes:
            for at, each in enumerate(texts):
                box.setItemText(at, t(each))

    @Slot()
    def _choose_file(self) -> None:
        title = self._words.t("Choose a file of finer bars")
        name, _ = QFileDialog.getOpenFileName(self, title, "", "CSV (*.csv *.csv.gz *.gz *.txt)")
        if name:
            self.use_detail(Path(name))

    def use_detail(self, path: Path) -> None:
        """Offer this file as finer bars and choose it."""
        source = price_file(path)
        self._detail.offer(source, keep_title=True)
        self.fields["detail"].set_value(source.key)
        self._reword()
        self.changed.emit()
