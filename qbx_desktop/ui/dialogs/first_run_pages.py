"""The pages of the first run: look, lock, terminal, safety, and what to do first. Each can be left as it is."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QComboBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from ...broker.finder import Installation
from ..settings import DECLARED, Setting
from .connect_found import FoundTerminals
from .fields import Field, decimal, whole

if TYPE_CHECKING:
    from ..context import AppContext

BACKTEST, BOT, OPEN = "backtest", "bot", "open"


def _declared(key: str) -> Setting:
    return next(each for each in DECLARED if each.key == key)


def _page(title: str, words: Any) -> tuple[QWidget, QVBoxLayout]:
    page = QWidget()
    layout = QVBoxLayout(page)
    layout.setSpacing(10)
    heading = words.bind(QLabel(), title)
    heading.setProperty("role", "title")
    layout.addWidget(heading)
    return page, layout


class WelcomePage(QWidget):
    """Language, theme and price colours; each takes effect at once."""

    def __init__(self, context: AppContext) -> None:
        super().__init__()
        self._settings = context.settings
        words = context.words
        page, layout = _page("Welcome to QuantumBotX", words)
        about = words.bind(
            QLabel(wordWrap=True),
            "Bots watch one symbol each with one strategy and trade by rules you set. You begin on practice prices: "
            "simulated, without an account, without real money.",
        )
        layout.addWidget(about)
        grid = QGridLayout()
        self.language = QComboBox()
        for value, text in (_declared("ui.language").choices or {}).items():
            self.language.addItem(text, value)
        self.language.setCurrentIndex(self.language.findData(self._settings.get("ui.language")))
        self.language.currentIndexChanged.connect(self._language_chosen)
        label = words.bind(QLabel(), "Language")
        label.setBuddy(self.language)
        words.name(self.language, "Language")
        grid.addWidget(label, 0, 0)
        grid.addWidget(self.language, 0, 1)
        grid.addWidget(words.bind(QLabel(), "Theme"), 1, 0)
        row = QHBoxLayout()
        self.themes = QButtonGroup(self)
        self.theme: dict[str, QRadioButton] = {}
        for value, text in (_declared("ui.theme").choices or {}).items():
            button = words.name(words.bind(QRadioButton(), text), text)
            button.setChecked(self._settings.get("ui.theme") == value)
            button.clicked.connect(partial(self._theme_chosen, value))
            self.themes.addButton(button)
            self.theme[value] = button
            row.addWidget(button)
        row.addStretch(1)
        grid.addLayout(row, 1, 1)
        self.safe_colours = words.bind(QCheckBox(), "Prices in colours that colour-blind eyes tell apart")
        words.name(self.safe_colours, "Prices in colours that colour-blind eyes tell apart")
        self.safe_colours.setChecked(self._settings.get("ui.prices") == "blue_orange")
        self.safe_colours.toggled.connect(self._colours_chosen)
        grid.addWidget(self.safe_colours, 2, 1)
        grid.setColumnStretch(1, 1)
        layout.addLayout(grid)
        layout.addStretch(1)
        self._take(page)
        self.start: QWidget = self.language

    def _take(self, page: QWidget) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(page)

    @Slot()
    def _language_chosen(self) -> None:
        self._settings.set("ui.language", self.language.currentData())

    def _theme_chosen(self, value: str, _checked: bool = False) -> None:
        self._settings.set("ui.theme", value)

    @Slot(bool)
    def _colours_chosen(self, safe: bool) -> None:
        self._settings.set("ui.prices", "blue_orange" if safe else "green_red")


class TerminalPage(QWidget):
    """Which terminal; `connect_wanted` carries the path of one, empty for none in particular."""

    connect_wanted = Signal(str)

    def __init__(self, context: AppContext, found: Sequence[Installation]) -> None:
        super().__init__()
        words = context.words
        page, layout = _page("MetaTrader 5", words)
        layout.addWidget(
            words.bind(
                QLabel(wordWrap=True),
                "You can go on without it: practice prices need no account. Connecting tests the terminal first and "
                "orders nothing; it takes effect at the next start.",
            )
        )
        self.found = FoundTerminals(words, found)
        self.found.chosen.connect(self.connect_wanted)
        layout.addWidget(self.found)
        self.connect_button = words.name(
            words.bind(QPushButton(), "Connect MetaTrader 5…"), "Connect MetaTrader 5…"
        )
        self.connect_button.clicked.connect(self._connect)
        # Return means Next on every page.
        for button in (self.connect_button, *self.found.findChildren(QPushButton)):
            button.setAutoDefault(False)
        row = QHBoxLayout()
        row.addWidget(self.connect_button)
        row.addStretch(1)
        layout.addLayout(row)
        layout.addStretch(1)
        outside = QVBoxLayout(self)
        outside.setContentsMargins(0, 0, 0, 0)
        outside.addWidget(page)
        self.start: QWidget = self.connect_button

    @Slot()
    def _connect(self) -> None:
        self.connect_wanted.emit("")


class SafetyPage(QWidget):
    """What a new bot begins with, and whether real money is asked about at a start; stored when the page is left."""

    def __init__(self, context: AppContext) -> None:
        super().__init__()
        self._settings = context.settings
        words = context.words
        page, layout = _page("Safety", words)
        layout.addWidget(
            words.bind(
                QLabel(wordWrap=True), "Every new bot begins with these limits; each bot can be given others."
            )
        )
        grid = QGridLayout()
        self.fields = {
            "safety.risk_percent": Field(words, "Risk per trade, %", decimal(0.1, 10, 0.1, 1)),
            "safety.daily_loss_percent": Field(
                words, "Stop for today after losing, %", decimal(0, 100, 0.5, 1), "0 switches the limit off."
            ),
            "safety.open_positions": Field(
                words, "Most open positions", whole(0, 1_000, 1), "0 switches the limit off."
            ),
        }
        for row, (key, field) in enumerate(self.fields.items()):
            field.set_value(self._settings.get(key))
            field.place(grid, 2 * row)
        grid.setColumnStretch(2, 1)
        layout.addLayout(grid)
        self.ask = words.bind(QCheckBox(), "Ask me before resuming bots on a real account")
        words.name(self.ask, "Ask me before resuming bots on a real account")
        self.ask.setChecked(self._settings.get("bots.resume_real") == "ask")
        layout.addWidget(self.ask)
        layout.addStretch(1)
        outside = QVBoxLayout(self)
        outside.setContentsMargins(0, 0, 0, 0)
        outside.addWidget(page)
        self.start: QWidget = self.fields["safety.risk_percent"].editor

    def store(self) -> None:
        """Keep what is entered."""
        for key, field in self.fields.items():
            self._settings.set(key, field.value())
        self._settings.set("bots.resume_real", "ask" if self.ask.isChecked() else "always")


class FirstStepPage(QWidget):
    """What to do first: `choice` is one of BACKTEST, BOT and OPEN."""

    def __init__(self, context: AppContext) -> None:
        super().__init__()
        words = context.words
        page, layout = _page("Your first step", words)
        self._group = QButtonGroup(self)
        self.buttons: dict[str, QRadioButton] = {}
        for value, text in (
            (BACKTEST, "Show me: a short backtest on sample prices"), (BOT, "Create a bot on practice prices"),
            (OPEN, "Just open the program"),
        ):  # fmt: skip
            button = words.name(words.bind(QRadioButton(), text), text)
            self._group.addButton(button)
            self.buttons[value] = button
            layout.addWidget(button)
        self.buttons[BACKTEST].setChecked(True)
        layout.addStretch(1)
        outside = QVBoxLayout(self)
        outside.setContentsMargins(0, 0, 0, 0)
        outside.addWidget(page)
        self.start: QWidget = self.buttons[BACKTEST]

    @property
    def choice(self) -> str:
        """What was chosen."""
        return next(value for value, button in self.buttons.items() if button.isChecked())
