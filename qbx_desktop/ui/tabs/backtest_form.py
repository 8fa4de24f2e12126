"""The inputs of a backtest: what, on which prices, with what money, at what cost; the error stands under its field."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFileDialog,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)  # fmt: skip

from ...backtest.input import Account, Costs
from ...data.bar_source import SeriesName
from ...domain.errors import QbxError, UserMistake
from ...domain.known_symbols import known_symbols
from ...domain.messages import Message, declare
from ...domain.params import ParamError
from ...domain.sizing import Sizing, StopDistance, StopUnit
from ...domain.symbol import FOREX_MODES, SymbolSpec
from ...strategies.own.source import is_own
from ...workers.backtest_job import Choices
from ..dialogs.fields import Field, decimal, whole
from ..dialogs.param_form import ParamForm
from ..own_shelf import OwnShelf
from ..strategy_choice import choose, fill_strategies, show_strategy
from ..words import Words
from .backtest_data import Source, SourceBox, StoredPrices, price_file, sample_prices, stored_prices
from .backtest_dates import seconds_of, text_of
from .backtest_entries import EntryMistake, place_of
from .backtest_more import MoreInputs

_NO_FILE = declare(
    "backtest.form_no_file", "No prices are chosen. Choose a file with CSV…, or download bars."
)
_CURRENCIES = ("USD", "EUR", "GBP", "JPY", "CHF", "AUD", "CAD", "NZD")


class BacktestForm(QWidget):
    """`choices()` gives what is entered; `changed` follows every edit by the trader."""

    changed = Signal()
    download_wanted = Signal()

    def __init__(
        self, words: Words, bars: Path, own: OwnShelf | None = None, parent: QWidget | None = None
    ) -> None:
        """`bars` is the path of the bar store."""
        super().__init__(parent)
        self._words = words
        self._own = own or OwnShelf(parent=self)
        self._bars = bars
        self._specs: dict[str, SymbolSpec] = {}
        self._worded: list[tuple[QComboBox, tuple[str, ...]]] = []
        self.fields: dict[str, Field] = {}
        self._make_fields()
        self.params = ParamForm(words)
        self.more = MoreInputs(words)
        self.csv = QPushButton()
        words.bind(self.csv, "CSV…")
        words.name(self.csv, "Choose a price file", tooltip="Choose a .csv or .csv.gz file of bars")
        self.csv.clicked.connect(self._choose_file)
        self.download = QPushButton()
        words.bind(self.download, "Download…")
        words.name(self.download, "Download bars", tooltip="Download bars from the connected terminal")
        self.download.clicked.connect(self.download_wanted)
        self.general = QLabel()
        self.general.setProperty("role", "error")
        self.general.setWordWrap(True)
        self.general.hide()
        self._lay_out()
        for file in sample_prices():
            self._data_box.offer(file)
            self.more.offer([file])
        self.read_store()
        self._show_strategy()
        self._file_chosen()
        self._units_chosen()
        self._connect()

    def add_file(self, path: Path) -> None:
        """Offer this price file and choose it."""
        self._use(price_file(path))

    def use_series(self, name: SeriesName) -> None:
        """Offer this history of the bar store with its present period and choose it."""
        self.read_store()
        self._use(StoredPrices(self._bars, name))

    def read_store(self) -> None:
        """Offer what the bar store has now; one that cannot be read is said under the field."""
        try:
            stored = stored_prices(self._bars)
        except QbxError as error:
            self.fields["data"].set_error(self._words.say(error.message))
            return
        self._data_box.set_stored(stored)
        self.more.offer(stored)

    def add_specs(self, specs: dict[str, SymbolSpec]) -> None:
        """Specifications the connected terminal gave: they count before the built-in ones of other symbols."""
        self._specs.update(specs)
        self._show_rate()

    def symbol(self) -> str:
        """The symbol entered."""
        return str(self.fields["symbol"].value()).strip()

    def knows_symbol(self) -> bool:
        """Whether a specification of the symbol is at hand."""
        return self._spec() is not None

    def choices(self) -> Choices:
        """What is entered. Raises UserMistake, or ParamError naming the parameter; nothing is shown yet."""
        get = {name: field.value() for name, field in self.fields.items()}
        source = self._data_box.chosen()
        if source is None:
            raise UserMistake(_NO_FILE())
        known = {each.symbol for each in known_symbols()}
        symbol = self.symbol()
        return Choices(
            path=source.path,
            series=source.series,
            symbol=symbol,
            strategy=str(get["strategy"]),
            params=dict(vars(self.params.made())),
            account=Account(str(get["currency"]), float(get["capital"]), float(get["leverage"])),
            costs=Costs(
                spread_points=int(get["spread_points"]) if get["spread"] == "points" else None,
                spread_from_bars=get["spread"] == "bars",
                commission_per_lot=float(get["commission"]),
                slippage_points=int(get["slippage"]),
                **self.more.costs(),
            ),
            sizing=Sizing(lots=float(get["size_value"]))
            if get["size"] == "lots"
            else Sizing(risk_percent=float(get["size_value"])),
            sl=StopDistance(StopUnit(get["sl"]), float(get["sl_value"])),
            tp=StopDistance(StopUnit(get["tp"]), float(get["tp_value"])),
            atr_period=int(get["atr_period"]),
            reverse=bool(get["reverse"]),
            start=seconds_of(str(get["start"])),
            end=seconds_of(str(get["end"])),
            rate=float(get["rate"]) if self._needs_rate() and float(get["rate"]) > 0 else None,
            spec=None if symbol.upper() in known else self._specs.get(symbol),
            **self.more.rules(),
        )

    def set_choices(self, choices: Choices) -> None:
        """Fill the form with these inputs."""
        source: Source = price_file(choices.path)
        if choices.series is not None:
            source = StoredPrices(choices.path, choices.series)
        self._data_box.offer(source, keep_title=True)
        costs, account, sizing = choices.costs, choices.account, choices.sizing
        if choices.spec is not None:
            self._specs[choices.symbol] = choices.spec
        spread = "bars" if costs.spread_from_bars else "symbol" if costs.spread_points is None else "points"
        values = {
            "strategy": choices.strategy, "data": source.key, "symbol": choices.symbol,
            "start": text_of(choices.start), "end": text_of(choices.end), "capital": account.balance,
            "currency": account.currency, "leverage": account.leverage, "spread": spread,
            "spread_points": costs.spread_points or 0, "commission": costs.commission_per_lot,
            "slippage": costs.slippage_points, "size": "risk" if sizing.lots is None else "lots",
            "size_value": sizing.risk_percent if sizing.lots is None else sizing.lots,
            "sl": str(choices.sl.unit), "sl_value": choices.sl.value, "tp": str(choices.tp.unit),
            "tp_value": choices.tp.value, "atr_period": choices.atr_period, "reverse": choices.reverse,
            "rate": choices.rate or 0.0,
        }  # fmt: skip
        self.fill(values, dict(choices.params))
        self.more.fill(choices)

    def prices_of(self, symbol: str, timeframe: str) -> str:
        """The choice of prices of that symbol and timeframe; empty when there are none."""
        return self._data_box.key_of(symbol, timeframe)

    def fill(self, values: Mapping[str, object], params: dict[str, object]) -> None:
        """Show these values in the fields of those names, and the parameters of the strategy; the rest stays."""
        for name, value in values.items():
            self.fields[name].set_value(value)
        choose(self._strategies, values.get("strategy"))
        self._show_strategy(params)
        self._units_chosen()
        self._show_rate()
        self.clear_errors()

    def show_error(self, error: QbxError) -> None:
        """Show the sentence under the field it is about, or above the Run button; focus goes to the field."""
        self.clear_errors()
        if isinstance(error, EntryMistake):
            self.more.show_mistake(error)
            return
        text = self._words.say(error.message)
        if isinstance(error, ParamError) and error.field in self.params.fields:
            field = self.params.fields[error.field]
        else:
            place = place_of(error.message, str(self.fields["start"].value()))
            if not place or self.fields[place].editor.isHidden():
                self.general.setText(text)
                self.general.show()
                return
            field = self.fields[place]
        field.set_error(text)
        field.editor.setFocus(Qt.FocusReason.OtherFocusReason)

    def clear_errors(self) -> None:
        """Take all error sentences away."""
        for field in (*self.fields.values(), *self.params.fields.values()):
            field.set_error("")
        self.general.hide()

    def _make_fields(self) -> None:
        make = self._field
        self._strategies, self._data_box = QComboBox(), SourceBox()
        fill_strategies(self._strategies, self._words, self._own)
        symbol = QComboBox()
        symbol.setEditable(True)
        symbol.addItems([each.symbol for each in known_symbols()])
        make("strategy", "Strategy", self._strategies)
        make(
            "data",
            "Data",
            self._data_box,
            "Bars to run on: sample prices, downloaded bars, or a file of your own",
        )
        make("symbol", "Symbol", symbol, "Decides contract size, digits, swap and the symbol's own spread")
        for name, label, empty in (("start", "From / to", "first bar"), ("end", "To", "last bar")):
            editor = QLineEdit()
            self._words.bind(editor, empty, setter="setPlaceholderText")
            make(name, label, editor, "A day such as 2024-01-31 in server time; empty means all bars")
        make("capital", "Capital", decimal(1, 1e9, 1000), "Balance of the account at the start").set_value(
            10_000
        )
        make("currency", "Account currency", self._combo(*((each, each) for each in _CURRENCIES)))
        make("leverage", "Leverage 1:", whole(1, 5000, 100)).set_value(100)
        make("rate", "Rate", decimal(0, 1e6, 0.01, 5), "Account currency for one unit of the profit currency")
        spreads = (("bars", "from data"), ("symbol", "the symbol's"), ("points", "in points"))
        make(
            "spread", "Spread", self._combo(*spreads), "Bars without a spread of their own take the symbol's"
        )
        make("spread_points", "Spread in points", whole(0, 100_000, 1)).set_value(10)
        make("commission", "Commission", decimal(0, 1000, 0.5), "Per lot and side, in account currency")
        make("slippage", "Slippage", whole(0, 10_000, 1), "Points against you on market and stop fills")
        sizes = (("risk", "risk %"), ("lots", "fixed lots"))
        make("size", "Size", self._combo(*sizes), "Risk is what is lost at the stop")
        make("size_value", "Size of a trade", decimal(0.01, 1000, 0.1)).set_value(1.0)
        units = ((StopUnit.ATR, "× ATR"), (StopUnit.PIPS, "pips"), (StopUnit.NONE, "none"))
        for name, label, value in (("sl", "Stop loss", 2.0), ("tp", "Take profit", 4.0)):
            make(name, label, self._combo(*((str(unit), text) for unit, text in units)))
            make(f"{name}_value", f"{label} distance", decimal(0, 100_000, 0.5)).set_value(value)
        make("atr_period", "ATR bars", whole(1, 1000, 1)).set_value(14)
        reverse = QCheckBox()
        reverse.setChecked(True)
        make("reverse", "Opposite signal reverses", reverse)
        self._words.bind(reverse, "Opposite signal reverses")

    def _field(self, name: str, label: str, editor: QWidget, help_text: str = "") -> Field:
        field = Field(self._words, label, editor, help_text)
        # The column decides how wide a field is, not the largest number it could hold.
        editor.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        editor.setMinimumWidth(64)
        self.fields[name] = field
        return field

    def _combo(self, *items: tuple[str, str]) -> QComboBox:
        """A choice whose texts follow the language; each item is value and English text."""
        box = QComboBox()
        for value, text in items:
            box.addItem(self._words.t(text), value)
        self._worded.append((box, tuple(text for _, text in items)))
        return box

    def _reword(self) -> None:
        for box, texts in self._worded:
            for at, text in enumerate(texts):
                box.setItemText(at, self._words.t(text))

    def _lay_out(self) -> None:
        grid = QGridLayout()
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(4)
        grid.setColumnStretch(1, 3)
        grid.setColumnStretch(2, 2)
        rows: tuple[tuple[str, str], ...] = (
            ("strategy", ""), ("data", ""), ("symbol", ""), ("start", "end"),
            ("capital", "currency"), ("leverage", ""), ("rate", ""), ("size", "size_value"), ("sl", "sl_value"),
            ("tp", "tp_value"), ("atr_period", ""), ("spread", "spread_points"), ("commission", ""), ("slippage", ""),
        )  # fmt: skip
        for at, (name, beside) in enumerate(rows):
            field = self.fields[name]
            grid.addWidget(field.label, 2 * at, 0)
            grid.addWidget(field.editor, 2 * at, 1, 1, 1 if beside else 2)
            if name == "data":
                grid.addLayout(self._below_data(), 2 * at + 1, 1, 1, 2)
            else:
                grid.addWidget(field.error, 2 * at + 1, 0, 1, 3)
            if beside:
                grid.addWidget(self.fields[beside].editor, 2 * at, 2)
                self.fields[beside].error.setParent(self)
        grid.addWidget(self.fields["reverse"].editor, 2 * len(rows), 0, 1, 3)
        heading = QLabel()
        heading.setProperty("role", "title")
        self._words.bind(heading, "Parameters of the strategy")
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 8)
        column.addLayout(grid)
        column.addWidget(self.more)
        column.addWidget(heading)
        column.addWidget(self.params)
        column.addStretch(1)

    def _below_data(self) -> QVBoxLayout:
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addWidget(self.csv, 1)
        buttons.addWidget(self.download, 1)
        below = QVBoxLayout()
        below.setSpacing(4)
        below.addWidget(self.fields["data"].error)
        below.addLayout(buttons)
        return below

    def _connect(self) -> None:
        self._words.changed.connect(self._reword)
        self._words.changed.connect(self._own_changed)
        self._own.changed.connect(self._own_changed)
        self.params.changed.connect(self.changed)
        self.more.changed.connect(self.changed)
        for field in self.fields.values():
            field.changed.connect(self.changed)
        self.fields["strategy"].changed.connect(self._show_strategy)
        self.fields["data"].changed.connect(self._file_chosen)
        for name in ("spread", "size", "sl", "tp"):
            self.fields[name].changed.connect(self._units_chosen)
        for name in ("symbol", "currency"):
            self.fields[name].changed.connect(self._show_rate)

    def _choose_file(self) -> None:
        title = self._words.t("Choose a price file")
        name, _ = QFileDialog.getOpenFileName(self, title, "", "CSV (*.csv *.csv.gz *.gz *.txt)")
        if name:
            self.add_file(Path(name))

    def _use(self, source: Source) -> None:
        self._data_box.offer(source, keep_title=True)
        self.fields["data"].set_value(source.key)
        self._file_chosen()
        self.changed.emit()

    def _file_chosen(self) -> None:
        chosen = self._data_box.chosen()
        symbol = chosen.symbol if chosen else ""
        if symbol:
            self.fields["symbol"].set_value(symbol)
        self._show_rate()

    def _show_strategy(self, values: dict[str, object] | None = None) -> None:
        found = show_strategy(self.params, str(self.fields["strategy"].value()), values)
        say, t = self._words.say, self._words.t
        about = say(found) if isinstance(found, Message) else t(found.description)
        self.fields["strategy"].editor.setToolTip(about)

    def _own_changed(self) -> None:
        """A file in the trader's folder came, went, was changed or approved (or the language did)."""
        fill_strategies(self._strategies, self._words, self._own)
        if is_own(str(self._strategies.currentData())):
            self._show_strategy(self.params.values())

    def _units_chosen(self) -> None:
        self.fields["spread_points"].editor.setEnabled(self.fields["spread"].value() == "points")
        for name in ("sl", "tp"):
            self.fields[f"{name}_value"].editor.setEnabled(self.fields[name].value() != str(StopUnit.NONE))
        self._show_rate()

    def _spec(self) -> SymbolSpec | None:
        wanted = self.symbol()
        built_in = next((each for each in known_symbols() if each.symbol == wanted.upper()), None)
        return built_in or self._specs.get(wanted)

    def _needs_rate(self) -> bool:
        spec, account = self._spec(), self.fields["currency"].value()
        if spec is None or spec.currency_profit == account:
            return False
        return not (spec.calc_mode in FOREX_MODES and spec.currency_base == account)

    def _show_rate(self) -> None:
        self.fields["rate"].show(self._needs_rate())
