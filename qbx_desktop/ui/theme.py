"""Dark, light or as the system says: the tokens turned into a Fusion palette and a small style sheet, live."""

from __future__ import annotations

from string import Template

from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication

from ..domain.resources import resource
from .tokens import Tokens, tokens

MODES = ("dark", "light", "system")
_SYSTEM_SIZE = "qbx_system_point_size"

_STYLE = Template("""
QToolTip { background: $raised; color: $text; border: 1px solid $outline; padding: 4px; }
QMainWindow::separator { background: $background; width: 5px; height: 5px; }
QToolBar { background: $surface; border: 0; spacing: 6px; padding: 4px 6px; }
QMenuBar { background: $surface; }
QStatusBar { background: $surface; color: $muted; }
QStatusBar::item { border: 0; }
QPushButton, QToolButton[role="button"] {
  background: $raised; color: $text; border: 1px solid $outline; border-radius: 4px; padding: 4px 10px;
  min-height: 18px; }
QPushButton:hover, QToolButton[role="button"]:hover { border-color: $accent; }
QPushButton:pressed, QToolButton[role="button"]:pressed { background: $selection; }
QPushButton:disabled, QToolButton[role="button"]:disabled { color: $muted; border-color: $raised; }
QPushButton:focus, QToolButton:focus, QLineEdit:focus, QComboBox:focus, QAbstractSpinBox:focus,
QPlainTextEdit:focus, QTableView:focus, QListView:focus { border: 2px solid $focus; }
QPushButton[primary="true"] { background: $accent; color: $on_accent; border-color: $accent; }
QPushButton[primary="true"]:disabled { background: $raised; color: $muted; border-color: $raised; }
QLineEdit, QAbstractSpinBox, QComboBox, QPlainTextEdit, QDateEdit {
  background: $background; color: $text; border: 1px solid $outline; border-radius: 4px; padding: 3px 6px;
  min-height: 18px; selection-background-color: $selection; selection-color: $text; }
QLineEdit[invalid="true"], QAbstractSpinBox[invalid="true"], QComboBox[invalid="true"] { border: 2px solid $error; }
QComboBox { padding-right: 20px; }
QComboBox::drop-down, QDateEdit::drop-down { border: 0; width: 20px; }
QComboBox::down-arrow, QDateEdit::down-arrow { image: url("$down_arrow"); width: 10px; height: 10px; }
QComboBox QAbstractItemView { background: $raised; border: 1px solid $outline; }
QAbstractSpinBox { padding-right: 20px; }
QAbstractSpinBox::up-button { subcontrol-origin: border; subcontrol-position: top right; border: 0; width: 18px; }
QAbstractSpinBox::down-button { subcontrol-origin: border; subcontrol-position: bottom right; border: 0; width: 18px; }
QAbstractSpinBox::up-arrow { image: url("$up_arrow"); width: 8px; height: 8px; }
QAbstractSpinBox::down-arrow { image: url("$down_arrow"); width: 8px; height: 8px; }
QPushButton:checked { background: $selection; border-color: $accent; }
QCheckBox::indicator, QRadioButton::indicator {
  width: 14px; height: 14px; background: $background; border: 1px solid $outline; border-radius: 3px; }
QRadioButton::indicator { border-radius: 8px; }
QCheckBox::indicator:checked { background: $accent; border-color: $accent; image: url("$check_mark"); }
QRadioButton::indicator:checked { background: $background; border: 5px solid $accent; width: 6px; height: 6px; }
QPushButton:checked:focus { border: 2px solid $focus; }
QPushButton[primary="true"]:focus { border: 2px solid $ring_on_accent; }
QCheckBox, QRadioButton { padding: 3px; }
QCheckBox:focus, QRadioButton:focus { outline: 2px solid $focus; }
QTableView, QListView, QTreeView {
  background: $background; alternate-background-color: $surface; color: $text; gridline-color: $grid;
  border: 1px solid $grid; selection-background-color: $selection; selection-color: $text; }
QListWidget::item { min-height: 24px; }
QHeaderView::section {
  background: $surface; color: $muted; border: 0; border-bottom: 1px solid $grid; padding: 4px 3px; }
QTabWidget::pane { border: 0; border-top: 1px solid $grid; }
QTabBar::tab { background: transparent; color: $muted; padding: 7px 16px; border-bottom: 3px solid transparent; }
QTabBar::tab:selected { color: $text; border-bottom-color: $accent; }
QTabBar::tab:focus { color: $text; border: 2px solid $focus; padding: 5px 14px 6px 14px; }
QTabWidget[dense="true"] QTabBar::tab { padding: 7px 5px; }
QTabWidget[dense="true"] QTabBar::tab:focus { padding: 5px 3px 6px 3px; }
QDockWidget { color: $muted; }
QDockWidget::title { background: $surface; padding: 4px 8px; }
QGroupBox { border: 1px solid $grid; border-radius: 4px; margin-top: 10px; padding: 10px 8px 8px 8px; }
QGroupBox::title { subcontrol-origin: margin; left: 10px; padding: 0 4px; color: $muted; }
QLabel[role="muted"] { color: $muted; }
QLabel[role="error"] { color: $error; }
QLabel[role="warning"] { color: $warning; }
QLabel[role="title"] { font-weight: 600; }
QLabel[role="figure"] { font-weight: 600; }
QLabel[badge="demo"] { background: $demo; color: $demo_text; border-radius: 4px; padding: 3px 10px; font-weight: 700; }
QLabel[badge="real"] { background: $real; color: $real_text; border-radius: 4px; padding: 3px 10px; font-weight: 700; }
QLabel[badge="none"] { background: $raised; color: $muted; border-radius: 4px; padding: 3px 10px; font-weight: 700; }
QFrame[role="banner"] { background: $raised; border: 0; border-left: 4px solid $accent; }
QFrame[role="alarm"] { background: $raised; border: 0; border-left: 4px solid $error; }
QFrame[role="panel"] { background: $surface; border: 0; }
QProgressBar { background: $raised; border: 0; border-radius: 3px; text-align: center; color: $text; }
QProgressBar::chunk { background: $selection; border-radius: 3px; }
""")


class Theme(QObject):
    """The colours in use. `changed` is emitted after the application has been repainted with new ones."""

    changed = Signal()

    def __init__(
        self,
        app: QApplication,
        mode: str = "dark",
        prices: str = "blue_orange",
        parent: QObject | None = None,
        *,
        scale: int = 100,
    ) -> None:
        """`scale` is the size of all text in percent of the system's."""
        super().__init__(parent)
        self._app = app
        self._scale = scale
        if app.property(_SYSTEM_SIZE) is None:
            app.setProperty(_SYSTEM_SIZE, app.font().pointSizeF())
        self._mode = mode if mode in MODES else "dark"
        self._prices = prices
        self.tokens: Tokens = tokens(self._wants_dark(), prices)
        app.styleHints().colorSchemeChanged.connect(self._system_changed)
        self._apply()

    @property
    def mode(self) -> str:
        """`dark`, `light` or `system`."""
        return self._mode

    @property
    def prices(self) -> str:
        """`blue_orange`, `green_red` or `red_green`."""
        return self._prices

    @property
    def scale(self) -> int:
        """Size of all text in percent of the system's."""
        return self._scale

    def use(self, mode: str | None = None, prices: str | None = None, scale: int | None = None) -> None:
        """Switch the theme, the price colours, the size of text, or all of them."""
        self._mode = mode or self._mode
        self._scale = scale or self._scale
        self._prices = prices or self._prices
        self._apply()

    def colour(self, name: str) -> QColor:
        """One token as a colour, e.g. `theme.colour("up")`."""
        return QColor(getattr(self.tokens, name))

    def sign_colour(self, value: float) -> QColor:
        """The colour of a signed amount: up, down, or plain text for zero."""
        return self.colour("up" if value > 0 else "down" if value < 0 else "text")

    def _wants_dark(self) -> bool:
        if self._mode == "system":
            return self._app.styleHints().colorScheme() != Qt.ColorScheme.Light
        return self._mode == "dark"

    @Slot()
    def _system_changed(self) -> None:
        if self._mode == "system":
            self._apply()

    def _apply(self) -> None:
        self._tell_system()
        self.tokens = tokens(self._wants_dark(), self._prices)
        if self._app.style().objectName().lower() != "fusion":
            self._app.setStyle("Fusion")
        # Setting either anew makes every widget polish itself again.
        sheet, colours = style_sheet(self.tokens), palette(self.tokens)
        font = self._app.font()
        size = float(self._app.property(_SYSTEM_SIZE)) * self._scale / 100
        if size > 0 and abs(font.pointSizeF() - size) > 0.01:
            font.setPointSizeF(size)
            self._app.setFont(font)
            # Widgets with a style sheet take a new font only when they are polished again.
            self._app.setStyleSheet("")
        if self._app.styleSheet() != sheet:
            self._app.setPalette(colours)
            self._app.setStyleSheet(sheet)
        self.changed.emit()

    def _tell_system(self) -> None:
        """What the system draws itself (title bars, its own dialogs) goes with the theme."""
        hints = self._app.styleHints()
        if self._mode == "system":
            hints.unsetColorScheme()
        else:
            hints.setColorScheme(Qt.ColorScheme.Dark if self._mode == "dark" else Qt.ColorScheme.Light)


def style_sheet(colours: Tokens) -> str:
    """The style sheet of one theme."""
    arrows = {
        f"{way}_arrow": resource("icons", f"arrow_{way}_{colours.name}.svg").as_posix()
        for way in ("up", "down")
    }
    mark = {"check_mark": resource("icons", f"check_{colours.name}.svg").as_posix()}
    # In the light theme the ring has the colour that a primary button is filled with.
    ring = {"ring_on_accent": colours.text if colours.focus == colours.accent else colours.focus}
    return _STYLE.substitute(vars(colours) | arrows | mark | ring)


def palette(colours: Tokens) -> QPalette:
    """The Fusion palette of one theme."""
    made = QPalette()
    roles = {
        QPalette.ColorRole.Window: colours.surface,
        QPalette.ColorRole.WindowText: colours.text,
        QPalette.ColorRole.Base: colours.background,
        QPalette.ColorRole.AlternateBase: colours.surface,
        QPalette.ColorRole.ToolTipBase: colours.raised,
        QPalette.ColorRole.ToolTipText: colours.text,
        QPalette.ColorRole.PlaceholderText: colours.muted,
        QPalette.ColorRole.Text: colours.text,
        QPalette.ColorRole.Button: colours.raised,
        QPalette.ColorRole.ButtonText: colours.text,
        QPalette.ColorRole.BrightText: colours.error,
        QPalette.ColorRole.Link: colours.accent,
        QPalette.ColorRole.LinkVisited: colours.accent,
        QPalette.ColorRole.Highlight: colours.selection,
        QPalette.ColorRole.HighlightedText: colours.text,
        QPalette.ColorRole.Accent: colours.accent,
        QPalette.ColorRole.Light: colours.raised,
        QPalette.ColorRole.Midlight: colours.raised,
        QPalette.ColorRole.Mid: colours.outline,
        QPalette.ColorRole.Dark: colours.outline,
        QPalette.ColorRole.Shadow: colours.background,
    }
    for role, colour in roles.items():
        made.setColor(role, QColor(colour))
    for role in (QPalette.ColorRole.WindowText, QPalette.ColorRole.Text, QPalette.ColorRole.ButtonText):
        made.setColor(QPalette.ColorGroup.Disabled, role, QColor(colours.muted))
    return made
