"""The composition root: builds every object and connects every wire, once; starts and ends them in order."""

from __future__ import annotations

import logging
import signal
import sys
from collections.abc import Sequence
from functools import partial
from typing import Any

from PySide6.QtCore import QEventLoop, QLocale, QObject, QSettings, QThread, QTimer, Slot
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication, QLabel

from . import __version__, launch, program_log
from .broker.client import TerminalClient
from .broker.spec import TerminalSpec
from .broker.terminal import Terminal
from .broker.transports import ProcessTransport
from .data import password_reset, pending_import, pending_restore, users
from .data import settings as stored_settings
from .data.caretaker import Caretaker
from .data.database import Database
from .data.disk_space import space_of
from .data.errors import DbDamaged
from .data.session_mark import SessionMark
from .domain.clock import SystemClock
from .domain.errors import QbxError
from .domain.events import Notice
from .domain.messages import Message
from .domain.resources import resource
from .ui import windows_identity
from .ui.charts.library import ChartLibrary
from .ui.context import AppContext
from .ui.garbage import GarbageCollection
from .ui.icons import Icons
from .ui.journal import JournalRing
from .ui.live import Live
from .ui.own_shelf import OwnShelf
from .ui.problems import Problems
from .ui.screenshots import Screenshots
from .ui.settings import Settings
from .ui.single_instance import RaiseServer
from .ui.start_report import StartReport
from .ui.theme import Theme
from .ui.tray import NoTray, SystemTray
from .ui.tray_menu import tray_menu
from .ui.window import MainWindow
from .ui.words import Words
from .workers.answers import Answers
from .workers.backtest_thread import BacktestThread
from .workers.board import NoticeBoard
from .workers.engine_maker import EngineMaker
from .workers.own_parts import OwnParts
from .workers.quotes_thread import PriceDesk, QuotesThread
from .workers.strategy_thread import StrategyThread
from .workers.study_thread import StudyThread
from .workers.trading_thread import TradingDesk, TradingThread

_LOG = logging.getLogger("qbx.program")
_SLOW_MS = 400
_END_MS = 1_200
_BEAT_MS = 30_000


def run(arguments: Sequence[str]) -> int:
    """Open the window; returns the exit code. What a person must mend is one sentence and exit code 2."""
    try:
        options = launch.with_usable_folder(launch.options(arguments), application)
        home = options.home
        lock = launch.lock_folder(home)
        if lock is None:
            return launch.second_start(home)
        try:
            return _program(options).run()
        finally:
            lock.release()
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else 2
    except QbxError as error:
        launch.complain(error.sentence)
        return 2


def _program(options: launch.Options) -> Program:
    """The program; over a damaged database the trader is asked whether to bring it back. Raises QbxError."""
    app = application()
    try:
        return Program(options)
    except DbDamaged as error:
        from .ui.dialogs.damaged import DamagedDialog

        if options.screenshots is not None or options.report is not None:
            raise
        if sys.stderr is not None:
            launch.complain(error.sentence)
        Theme(app)
        dialog = DamagedDialog(Words(), options.home, error)
        if not dialog.exec() or dialog.done_work is None:
            raise SystemExit(2) from error
        program = Program(options)
        program.recovered = pending_restore.RestoreOutcome(None, dialog.done_work)
        return program


class _Opening(QThread):
    """Opens the database (which may have to be upgraded) beside the event loop."""

    def __init__(self, options: launch.Options) -> None:
        super().__init__()
        self._options = options
        self.database: Database | None = None
        self.imported: pending_import.Outcome | None = None
        self.restored: pending_restore.RestoreOutcome | None = None
        self.password_reset = False
        self.error: BaseException | None = None

    def run(self) -> None:
        home = self._options.home
        try:
            clock = SystemClock()
            self.imported = pending_import.carry_out(home, clock)
            self.restored = pending_restore.carry_out(home, clock)
            self.database = Database.open(home.database, backups=home.backups)
            self.password_reset = password_reset.carry_out(home, self.database, clock)
        except Exception as error:  # noqa: BLE001 - raised again in the GUI thread
            self.error = error


class Program(QObject):
    """Built in the order of `_build`, ended in the reverse; `run` returns the exit code."""

    def __init__(self, options: launch.Options) -> None:
        self.app = application()
        super().__init__()
        self.options = options
        self.clock = SystemClock()
        self.recovered: pending_restore.RestoreOutcome | None = None
        self._stopped = False
        self.garbage = GarbageCollection(self)
        self.garbage.begin()
        try:
            self._opened = _open_database(options)
        except BaseException:
            self.garbage.end()
            raise
        assert self._opened.database is not None
        self.db = self._opened.database
        self._build()

    def run(self) -> int:
        """Show the window, start the workers, serve until the trader quits, end everything."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: QTimer.singleShot(0, self.quit))
        # The user logs off or the computer shuts down: after this signal there may be no time left.
        self.app.commitDataRequest.connect(self._session_ends)
        self.start()
        asked_for = (self.options.screenshots, self.options.report)
        if not self.options.minimized and not any(asked_for):
            self.window.welcome.begin()
        code = self.app.exec()
        self.stop()
        return int(code)

    def start(self) -> None:
        """Show the window; the workers begin after its first paint."""
        self.problems.install()
        crashed_at = self._session.begin(self.clock.now())
        if crashed_at is not None:
            self.window.recovery.tell_crash(crashed_at)
        self._alive.start()
        self.window.fit_screen()
        if not self.options.minimized:
            self.window.show()
        elif not self.window.tray.available():
            self.window.showMinimized()
        opened = self._opened
        if opened.imported is not None:
            self.window.tell_import(opened.imported)
        restored = self.recovered or opened.restored
        if restored is not None:
            self.window.upkeep.tell_restore(restored)
        if opened.password_reset:
            self.window.lock.ask_for_password()
        if self.options.screenshots is not None:
            self._screenshots = Screenshots(self.context, self.window, self.options.screenshots, self.quit)
        if self.options.report is not None:
            self._report = StartReport(self.window, self.options.report, self.clock, self.quit)
        QTimer.singleShot(0, self._start_workers)
        self.engine_maker.start()

    @Slot()
    def quit(self) -> None:
        """End the event loop; `stop` does the rest."""
        # quit() would ask the windows first, and closing ours only hides it.
        self.app.exit(0)

    @Slot(object)
    def _session_ends(self, _manager: object) -> None:
        _LOG.info("the session ends")
        self.stop()

    def stop(self) -> None:
        """End window, threads, child and database. An order in flight becomes an open question, found at the next start."""
        if self._stopped:
            return
        self._stopped = True
        _LOG.info("ending")
        self._alive.stop()
        self.window.end()
        self.context.charts.end()
        self.answers.end()
        self.server.close()
        self.trading.finish()
        self.quotes.finish()
        self.backtests.finish()
        self.studies.finish()
        self.engine_maker.finish()
        self.strategies.finish()
        ended = self.trading.wait(_END_MS) and self.quotes.wait(_END_MS)
        # A thread that still waits for the terminal is released by closing it.
        self.client.close()
        if not ended:
            self.trading.wait()
            self.quotes.wait()
        self.backtests.wait()
        self.studies.wait()
        self.strategies.wait()
        self.caretaker.close()
        self.problems.uninstall()
        if isinstance(self.window.tray, SystemTray):
            self.window.tray.hide()
        self.db.close()
        self._session.end()
        self.garbage.end()
        self._close_log()

    def _build(self) -> None:
        home, reader = self.options.home, self.db.reader()
        self.journal = JournalRing(self)
        self._close_log = program_log.open_log(home.logs, self.journal.handler)
        _LOG.info("QuantumBotX %s begins", __version__)
        self.board = NoticeBoard(self)
        self.answers = Answers(self)
        self.settings = Settings(stored_settings.all_settings(reader), self._save_setting, self)
        get = self.settings.get
        self.theme = Theme(self.app, get("ui.theme"), get("ui.prices"), self, scale=get("ui.text_scale"))
        self.words = Words(self.settings.get("ui.language"), self)
        self.settings.changed.connect(self._setting_changed)
        self.spec = self._spec()
        kept = self.settings.get("terminal.password_kept")
        password = partial(launch.kept_password, self.spec) if kept and not self.spec.simulated else None
        self.client = TerminalClient(ProcessTransport(self.spec), password=password)
        self.terminal = Terminal(self.client)
        user_id = self.db.write(users.ensure_practice_user)
        self.own_parts = OwnParts(home, self.db)
        self.trading = TradingThread(self._make_desk, self.clock, self)
        self.quotes = QuotesThread(self.terminal, partial(self._make_price_desk, user_id), self.clock, self)
        for worker in (self.trading, self.quotes):
            worker.happened.connect(self.board.happened)
            worker.problem.connect(self.board.problem)
        self.engine_maker = EngineMaker(self)
        self.backtests = BacktestThread(self.db, self.clock, user_id, self)
        self.studies = StudyThread(self.db, self.clock, self)
        for job_thread in (self.backtests, self.studies):
            job_thread.progressed.connect(self.board.backtest_progress)
            job_thread.done.connect(self.board.backtest_finished)
            job_thread.failed.connect(self.board.backtest_failed)
        self.backtests.judged.connect(self.board.backtest_judged)
        self.backtests.reproduced.connect(self.board.backtest_reproduced)
        self.strategies = StrategyThread(self.own_parts, self)
        self.strategies.changed.connect(self.board.strategies_changed)
        self.strategies.problem.connect(self.board.problem)
        self.client.listen(self.quotes.announce)
        self.db.on_problem(self.quotes.announce_problem)
        self.caretaker = Caretaker(self.db, home, self.quotes.announce_problem)
        self.own = OwnShelf(self.strategies, self.answers, self._pause_strategy, self)
        self.board.strategies_changed.connect(self.own.show)
        self.context = AppContext(
            home=home, db=self.db, clock=self.clock, board=self.board, answers=self.answers, trading=self.trading,
            quotes=self.quotes, backtests=self.backtests, studies=self.studies, settings=self.settings, theme=self.theme, words=self.words, icons=Icons(self.theme, self),
            user_id=user_id, practice=self.spec.simulated, charts=ChartLibrary(self), own=self.own,
        )  # fmt: skip
        self.live = Live(self.board, self)
        layout = QSettings(str(home.root / "window.ini"), QSettings.Format.IniFormat)
        self.window = MainWindow(self.context, self.live, NoTray(), self.journal, layout, self.spec.speed)
        tray = SystemTray(tray_menu(self.window, self.context), self)
        tray.activated.connect(self.window.raise_up)
        tray.message_clicked.connect(self.window.raise_up)
        self.window.set_tray(tray)
        self.window.quit_wanted.connect(self.quit)
        self.problems = Problems(self.context, self.window)
        self.problems.noticed.connect(self.live.noticed)
        self.live.noticed.connect(self._log_notice)
        self._session = SessionMark(home.root / "session.json")
        self._alive = QTimer(self, interval=_BEAT_MS)
        self._alive.timeout.connect(self._beat)
        self.server = RaiseServer(home.root, self)
        self.server.raise_wanted.connect(self.window.raise_up)

    @Slot()
    def _beat(self) -> None:
        self._session.beat(self.clock.now())

    @Slot()
    def _start_workers(self) -> None:
        self.client.start()
        self.trading.start()
        self.quotes.start()
        self.strategies.start()
        self.caretaker.start()
        self.context.charts.begin()

    def _make_desk(self) -> TradingDesk:
        # Imported in the trading thread: the window is painted before strategies and order path are loaded.
        from .trading.desk import Desk

        home = self.options.home
        return Desk(
            self.db, self.terminal, self.clock, strategy_of=self.own_parts.strategy_of, halt_file=home.halt_file, disk=partial(space_of, home.root),
            brake=self.context.brake, calendar_path=home.calendar,
        )  # fmt: skip

    def _pause_strategy(self, key: str, why: Message) -> None:
        self.trading.tell(lambda desk: desk.pause_strategy(key, why))

    def _make_price_desk(self, user_id: int) -> PriceDesk:
        from .trading.quotes import QuoteDesk

        return QuoteDesk(self.db, self.terminal, self.clock, user_id)

    def _spec(self) -> TerminalSpec:
        home = self.options.home
        if self.settings.get("terminal.kind") == "mt5":
            return launch.metatrader(self.settings.get, home)
        speed = self.options.speed or float(self.settings.get("practice.speed"))
        profile = self.options.profile
        return TerminalSpec(
            kind="simulated", profile=profile, speed=speed, clock_mode="realtime" if speed == 1 else "accelerated",
            snapshot_path=home.practice / f"{profile}.json", halt_file=home.halt_file,
        )  # fmt: skip

    def _save_setting(self, key: str, value: Any) -> None:
        self.answers.deliver(self.db.writer.submit(lambda con: stored_settings.set(con, key, value)))

    @Slot(str)
    def _setting_changed(self, key: str) -> None:
        value = self.settings.get(key)
        if key == "ui.theme":
            self.theme.use(mode=value)
        elif key == "ui.prices":
            self.theme.use(prices=value)
        elif key == "ui.text_scale":
            self.theme.use(scale=value)
        elif key == "ui.language":
            self.words.use(value)

    @Slot(object)
    def _log_notice(self, notice: Notice) -> None:
        name = f"{notice.bot_name}: " if notice.bot_name else ""
        level = {"problem": logging.ERROR, "warning": logging.WARNING}.get(notice.level.value, logging.INFO)
        logging.getLogger("qbx.notice").log(level, "%s%s", name, notice.message.text)


def application() -> QApplication:
    """The QApplication of this process, made once."""
    found = QApplication.instance()
    if isinstance(found, QApplication):
        return found
    windows_identity.introduce()
    app = QApplication(sys.argv[:1])
    app.setApplicationName("QuantumBotX")
    app.setApplicationDisplayName("QuantumBotX Desktop")
    app.setApplicationVersion(__version__)
    app.setDesktopFileName("qbx-desktop")
    app.setWindowIcon(QIcon(str(resource("icons", "app.svg"))))
    app.setQuitOnLastWindowClosed(False)
    QLocale.setDefault(QLocale(QLocale.Language.English, QLocale.Country.UnitedKingdom))
    return app


def _open_database(options: launch.Options) -> _Opening:
    """Open it, after what was wished for the next start, without freezing anything; a line on the screen says so if it takes a moment. Raises DbError."""
    opening, loop = _Opening(options), QEventLoop()
    opening.finished.connect(loop.quit)
    note = QLabel("Opening the database…")
    note.setMargin(24)
    QTimer.singleShot(_SLOW_MS, loop, note.show)
    opening.start()
    loop.exec()
    opening.wait()
    note.hide()
    if opening.error is not None:
        raise opening.error
    return opening
