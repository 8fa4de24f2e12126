"""The main window: menu, command row, account strip, four tabs, toolbox and status bar, put together and wired."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QSettings, Qt, QUrl, Signal, Slot
from PySide6.QtGui import QCloseEvent, QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QMainWindow, QStackedWidget, QTabWidget, QVBoxLayout, QWidget

from ..data.update_manifest import channel
from ..domain.events import Link, Notice
from .algo_switch import AlgoSwitch
from .dialogs.quit import QuitDialog
from .emergency import Emergency
from .focus_order import move_focus
from .header import AccountStrip, CommandRow, bar
from .icons import draw
from .journal import JournalRing
from .lazy_tab import LazyTab
from .live import Live
from .lock import Lock
from .market_watch import MarketWatch
from .menus import Actions
from .models.notices_model import NoticesModel
from .notifier import Notifier
from .practice import PracticeBanner
from .recovery_banner import RecoveryBanner
from .start_action import with_windows_action
from .states import is_counted_active
from .status import StatusBar
from .symbol_actions import SymbolActions
from .tabs.bots_tab import BotsTab
from .tabs.history_tab import HistoryTab
from .toolbox import Toolbox
from .tray import TrayPort
from .update_notice import UpdateNotice
from .upkeep import Upkeep
from .welcome import Welcome
from .window_dialogs import WindowDialogs

if TYPE_CHECKING:
    from ..data.pending_import import Outcome
    from .context import AppContext

TABS = ("Bots", "History", "Backtest", "Watchlist")
_FRAME = 40  # what a title bar takes
_BELOW_TABS = 160
_BESIDE_TABS = 312


class MainWindow(QMainWindow):
    """`quit_wanted` is emitted when the trader has decided to end the program; closing only hides the window."""

    quit_wanted = Signal()

    def __init__(
        self, context: AppContext, live: Live, tray: TrayPort, journal: JournalRing, layout: QSettings, speed: float
    ) -> None:  # fmt: skip
        super().__init__()
        self._context = context
        self._live = live
        self.tray = tray
        self._layout = layout
        self._ending = False
        words = context.words
        self.setWindowTitle("QuantumBotX Desktop")
        self.setWindowIcon(draw("app", "#5AA9FF"))
        self.algo = AlgoSwitch(context, live, self)
        self.addAction(self.algo.action)
        self.emergency = Emergency(context, self)
        notices = NoticesModel(words, context.theme, context.icons, self)
        self.bots = BotsTab(context, live)
        self.history = HistoryTab(context, live)
        self.backtest = LazyTab("qbx_desktop.ui.tabs.backtest_tab", context)
        self.watchlist = LazyTab("qbx_desktop.ui.tabs.watchlist_tab", context)
        self.toolbox = Toolbox(context, live, notices, journal, self._bot_name, self)
        self.symbols = SymbolActions(context, live, self)
        self.market = MarketWatch(context, live, self.symbols, self)
        self.notifier = Notifier(live, notices, tray, context.settings, words, context.clock, self)
        self.status = StatusBar(context, live)
        self.banner = PracticeBanner(context, live, speed)
        self.dialogs = WindowDialogs(context, live, self)
        self.updates = UpdateNotice(context, live, channel(), self.dialogs.show, self)
        self.recovery = RecoveryBanner(context, live)
        self.welcome = Welcome(context, live, self)
        make = Actions(context, self)
        self.upkeep = Upkeep(context, live, self.algo, self.dialogs.show, make, self.change_password, self)
        self._make_menus(make)
        self.lock = Lock(
            context, live, self.algo.action, (self.pause_all, self.emergency.action, self.quit), self
        )
        self._lay_out()
        self._wire()
        self.toolbox.load()
        self._restore()
        self._reword()
        self._counted()
        self.bots.view.setFocus()
        self.lock.begin()

    def focusNextPrevChild(self, forward: bool) -> bool:  # noqa: N802 - Qt's name
        return move_focus(self, self.reading_order(), forward) or super().focusNextPrevChild(forward)

    def reading_order(self) -> tuple[QWidget, ...]:
        """The groups of the window as they are read."""
        return (self.commands, self.strip, self.market, self._middle, self.toolbox, self.status)

    def fit_screen(self) -> None:
        """Take the whole screen where the window with its frame would reach over its edge."""
        screen = self.screen().availableGeometry()
        if self.width() > screen.width() or self.height() + _FRAME > screen.height():
            self.setWindowState(self.windowState() | Qt.WindowState.WindowMaximized)

    def set_tray(self, tray: TrayPort) -> None:
        """Use this tray from now on (its menu needs the window's actions first)."""
        self.tray = tray
        self.notifier.set_tray(tray)
        self._counted()

    @Slot()
    def raise_up(self) -> None:
        """Show the window in front, wherever it was."""
        self.setWindowState(self.windowState() & ~Qt.WindowState.WindowMinimized)
        self.show()
        self.raise_()
        self.activateWindow()

    @Slot()
    def ask_to_quit(self) -> None:
        """End the program; asks first while bots run."""
        active = sum(is_counted_active(row.look) for row in self.bots.model.every_row())
        if not active:
            self.quit_wanted.emit()
            return
        owned = [each for each in self._live.positions if self._live.bot_of(each.ticket) is not None]
        dialog = QuitDialog(self._live, self._context.words, active, owned, self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.accepted.connect(self.quit_wanted)
        self.raise_up()
        dialog.open()

    def end(self) -> None:
        """Store the layout and close for good."""
        self._ending = True
        self._layout.setValue("geometry", self.saveGeometry())
        self._layout.setValue("state", self.lock.layout_state or self.saveState())
        self._layout.sync()
        self.lock.end()
        self.symbols.close_all()
        self.close()

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802 - Qt's name
        """Hide to the tray, or minimise where there is none; bots go on either way."""
        if self._ending:
            event.accept()
            return
        event.ignore()
        if not self.tray.available():
            self.showMinimized()
            return
        self.hide()
        if not self._context.settings.get("ui.tray_told"):
            self._context.settings.set("ui.tray_told", True)
            t = self._context.words.t
            self.tray.show_message(
                "QuantumBotX", t("Still running here. Bots keep trading; Quit is in the menu.")
            )

    def tell_import(self, outcome: Outcome) -> None:
        """Say what became of an import before this start."""
        self.dialogs.import_report(outcome)

    def show_tab(self, number: int) -> None:
        """Show the tab of that number, the first is 0."""
        self.tabs.setCurrentIndex(number)

    @Slot(int)
    def show_bot(self, bot_id: int) -> None:
        """Show one bot in the Bots tab."""
        self.raise_up()
        self.tabs.setCurrentWidget(self.bots)
        self.bots.select(bot_id)

    def _make_menus(self, make: Actions) -> None:
        self.new_bot = make.make("New bot", self._new_bot, "F9", "new")
        self.pause_all = make.make("Pause all", self._pause_all, "Ctrl+Shift+P", "pause")
        self.lock_now = make.make("Lock now", self._lock_now, "Ctrl+L")
        self.quit = make.make("Quit…", self.ask_to_quit, "Ctrl+Q")
        self.close_all = make.make("Close all bot positions…", self._close_all)
        start_all = make.make("Start all", self.bots.start_all)
        connect = make.make("Connect MetaTrader 5…", self.dialogs.connect_terminal)
        import_old = make.make("Import old database…", self.dialogs.import_old)
        settings = make.make("Settings…", self.dialogs.settings, "Ctrl+O", "settings")
        tabs = [make.make(text, partial(self.show_tab, at), f"Ctrl+{at + 1}") for at, text in enumerate(TABS)]
        full = make.make("Full screen", self._full_screen, "F11")
        reset = make.make("Reset layout", self._reset_layout)
        toolbox = self.toolbox.toggleViewAction()
        toolbox.setShortcut("Ctrl+T")
        market = self.market.toggleViewAction()
        market.setShortcut("Ctrl+M")
        find = make.make("Filter", self._find, "Ctrl+F", "search")
        export = make.make("Export CSV…", self._export, "Ctrl+S", "export")
        folder = make.make("Open data folder", self._open_folder, icon="folder")
        backtest = make.make("Go to Backtest", partial(self.show_tab, 2), "Ctrl+R", "chart")
        first_run = make.make("First run…", self.welcome.again)
        send_logs = make.make("Save logs to send…", self.dialogs.send_logs)
        about = make.make("About QuantumBotX", self.dialogs.about, "F1")
        menu_bar = self.menuBar()
        make.menu(
            menu_bar, "&File", export, folder, import_old, self.upkeep.backups, None, connect, None, self.lock_now, self.quit,
        )  # fmt: skip
        make.menu(
            menu_bar, "&View", *tabs, None, market, toolbox, find, full, reset, None, make.choices("ui.theme", "Theme"),
            make.choices("ui.prices", "Price colours"), make.choices("ui.language", "Language"),
        )  # fmt: skip
        commands = self.bots.commands
        make.menu(
            menu_bar, "&Bots", self.new_bot, *(commands[name] for name in ("edit", "backtest", "duplicate", "archive")), None,
            commands["start"], commands["pause"], None, start_all, self.algo.action, self.pause_all, self.close_all,
            self.emergency.action,
        )  # fmt: skip
        make.menu(menu_bar, "Back&test", backtest)
        tools = (
            make.make("Strategies…", self.dialogs.strategies, icon="chart"),
            make.make("News calendar…", self.dialogs.news_calendar),
            self.upkeep.password,
            settings,
        )
        make.menu(menu_bar, "T&ools", *tools, *with_windows_action(make, self._context))
        updates = make.make("Check for updates…", self.updates.ask_now)
        make.menu(menu_bar, "&Help", first_run, updates, send_logs, None, about)
        self.commands = CommandRow(self._context, self._live, self.algo.action, self.pause_all, self.new_bot)
        self.strip = AccountStrip(self._context, self._live)

    def _lay_out(self) -> None:
        words = self._context.words
        self.addToolBar(bar("commands", self.commands, words.t("Commands")))
        self.addToolBarBreak()
        self.addToolBar(bar("account", self.strip, words.t("Account")))
        self.tabs = QTabWidget()
        self.tabs.setDocumentMode(True)
        words.name(self.tabs, "Main tabs")
        for tab in (self.bots, self.history, self.backtest, self.watchlist):
            self.tabs.addTab(tab, "")
        middle = QWidget()
        layout = QVBoxLayout(middle)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.banner)
        layout.addWidget(self.upkeep.banner)
        layout.addWidget(self.recovery)
        layout.addWidget(self.tabs, 1)
        covered = self._middle = QStackedWidget()
        covered.addWidget(middle)
        covered.addWidget(self.lock.page)
        self.setCentralWidget(covered)
        self.addDockWidget(Qt.DockWidgetArea.LeftDockWidgetArea, self.market)
        self.addDockWidget(Qt.DockWidgetArea.BottomDockWidgetArea, self.toolbox)
        self.setStatusBar(self.status)

    def _wire(self) -> None:
        self.bots.backtest_wanted.connect(partial(self.show_tab, 2))
        self.bots.counted.connect(self._counted)
        self.bots.bot_backtest_wanted.connect(self.symbols.backtest_bot)
        self.backtest.ready.connect(self.symbols.backtest_built)
        self.bots.reloaded.connect(self.market.reload)
        self.history.trades.chart_wanted.connect(self.symbols.chart_trade)
        self.bots.detail.chart.alert_wanted.connect(self.symbols.alert)
        self.toolbox.bot_wanted.connect(self.show_bot)
        self.toolbox.policy_wanted.connect(self.dialogs.notification_policy)
        self.toolbox.unread_changed.connect(self.commands.show_unread)
        self.notifier.unread_changed.connect(self.commands.show_unread)
        self.notifier.unread_changed.connect(self.toolbox.show_unread)
        self.commands.bell.clicked.connect(self.toolbox.show_notices)
        self.banner.connect_wanted.connect(self.dialogs.connect_terminal)
        self._live.noticed.connect(self._noticed)
        self._live.link_changed.connect(self._link_changed)
        self._live.account_changed.connect(self._counted)
        self.algo.action.toggled.connect(self._counted)
        self._context.words.changed.connect(self._reword)

    def _restore(self) -> None:
        self.resize(1366, 768)
        self.resizeDocks([self.toolbox], [_BELOW_TABS], Qt.Orientation.Vertical)
        self.resizeDocks([self.market], [_BESIDE_TABS], Qt.Orientation.Horizontal)
        self._fresh_state = self.saveState()
        geometry, state = self._layout.value("geometry"), self._layout.value("state")
        if isinstance(geometry, QByteArray):
            self.restoreGeometry(geometry)
        if isinstance(state, QByteArray):
            self.restoreState(state)
        screens = QGuiApplication.screens()
        if screens and not any(
            screen.availableGeometry().intersects(self.frameGeometry()) for screen in screens
        ):
            self.move(screens[0].availableGeometry().topLeft())

    def _bot_name(self, bot_id: int) -> str:
        row = self.bots.model.row_of(bot_id)
        return row.bot.name if row else f"#{bot_id}"

    @Slot()
    def _counted(self) -> None:
        rows = self.bots.model.every_row()
        self.status.show_counts(rows)
        self.status.show_algo(self.algo.action.isChecked())
        t = self._context.words.t
        active = sum(is_counted_active(row.look) for row in rows)
        if self._live.link.link in (Link.LOST, Link.STOPPED, Link.CONNECTING):
            state = "off"
        elif any(row.look.token in ("error", "warning") for row in rows) or not self.algo.action.isChecked():
            state = "needs_you"
        else:
            state = "active" if active else "idle"
        self.lock.page.show_active(active)
        kind = self.commands.badge.text()
        text = t("QuantumBotX: {n} bots active ({kind})", n=active, kind=kind)
        if not self.algo.action.isChecked():
            text += "\n" + t("Algo trading OFF")
        self.tray.show_state(state, text)

    @Slot(object)
    def _noticed(self, notice: Notice) -> None:
        name = f"{notice.bot_name}: " if notice.bot_name else ""
        self.status.say(name + self._context.words.say(notice.message))
        if notice.bot_id is not None:
            # A bot that stops itself changes its stored status together with its notice.
            self.bots.reload_soon()

    @Slot()
    def _link_changed(self) -> None:
        if self._live.link.link is Link.READY and not self._live.symbols:
            self._context.ask(
                lambda terminal: terminal.symbol_names(), self._live.set_symbols, lambda error: None
            )
        self._counted()

    @Slot()
    def _lock_now(self) -> None:
        self.lock.lock()

    @Slot()
    def _new_bot(self) -> None:
        self.tabs.setCurrentWidget(self.bots)
        self.bots.new()

    @Slot()
    def _pause_all(self) -> None:
        self._context.stop(lambda desk: desk.pause_all(), self.bots.reload)

    @Slot()
    def _close_all(self) -> None:
        self.toolbox.ask_close_all()

    def change_password(self) -> None:
        """Change the password of the lock, or set the first."""
        self.lock.change()

    @Slot()
    def _full_screen(self) -> None:
        self.setWindowState(self.windowState() ^ Qt.WindowState.WindowFullScreen)

    @Slot()
    def _reset_layout(self) -> None:
        self.restoreState(self._fresh_state)
        for dock in (self.toolbox, self.market):
            dock.show()

    @Slot()
    def _open_folder(self) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._context.home.root)))

    @Slot()
    def _find(self) -> None:
        find = getattr(self.tabs.currentWidget(), "focus_filter", None)
        if find is not None:
            find()

    @Slot()
    def _export(self) -> None:
        export = getattr(self.tabs.currentWidget(), "export", None)
        if export is not None:
            export()

    @Slot()
    def _reword(self) -> None:
        for at, text in enumerate(TABS):
            self.tabs.setTabText(at, self._context.words.t(text))
        self._counted()
