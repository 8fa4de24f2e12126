"""What the command line asks of the window, and what a start needs before there is one."""

from __future__ import annotations

import argparse
import contextlib
import math
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from .broker import credentials
from .broker.spec import TerminalSpec
from .data.home import Home
from .data.instance_lock import InstanceLock
from .domain.errors import Stop, UserMistake
from .domain.messages import declare

_RUNNING = declare(
    "app.running",
    "QuantumBotX is already running with the folder {path}; its window was brought to the front. Nothing else was "
    "started.",
)
_HIDDEN = declare(
    "app.running_silent",
    "QuantumBotX is already running with the folder {path}, but its window does not answer. Nothing was started; end "
    "the other program first, or choose another folder with --home.",
)
_SPEED = declare("app.speed", "--speed must be a number from 1 to 1000, not {value!r}. Nothing was started.")
_LOCK = declare(
    "app.lock", "The folder {path} cannot be locked ({why}). Nothing was started; choose another with --home."
)


@dataclass(frozen=True)
class Options:
    """What the command line asked for; None means as it was set in the program."""

    home: Home
    speed: float | None = None
    profile: str = "Demo-Hedging"
    screenshots: Path | None = None
    report: Path | None = None
    minimized: bool = False
    # Whether --home or QBX_HOME named the folder of this start: what is chosen instead holds for this start only.
    folder_named: bool = False


def second_start(home: Home) -> int:
    """Have the program that uses `home` show its window, and say so; returns the exit code."""
    from PySide6.QtCore import QCoreApplication

    from .ui.single_instance import ask_to_raise

    application = QCoreApplication.instance() or QCoreApplication(sys.argv[:1])
    answered = ask_to_raise(home.root)
    complain((_RUNNING if answered else _HIDDEN)(path=str(home.root)).text)
    del application
    return 0 if answered else 2


def options(arguments: Sequence[str]) -> Options:
    """Read the command line. Raises UserMistake; SystemExit as argparse does for unknown flags and --help."""
    return _options(_parser().parse_args(list(arguments)))


def with_usable_folder(options: Options, application: Callable[[], Any]) -> Options:
    """The options with a folder that can be used: where theirs cannot, the trader is asked for another one.

    It is remembered for later starts; where that fails they ask again. Raises QbxError when nobody can be asked,
    SystemExit when the trader would rather quit.
    """
    try:
        return replace(options, home=options.home.prepare())
    except UserMistake as error:
        if options.screenshots is not None or options.report is not None:
            raise
        if sys.stderr is not None:
            complain(error.sentence)
        app = application()
        from .ui.dialogs.choose_folder import ChooseFolderDialog
        from .ui.theme import Theme
        from .ui.words import Words

        Theme(app)
        dialog = ChooseFolderDialog(Words(), error)
        if not dialog.exec() or dialog.home is None:
            raise SystemExit(2) from error
        if not options.folder_named:
            with contextlib.suppress(OSError, Stop):
                dialog.home.remember()
        return replace(options, home=dialog.home)


def lock_folder(home: Home) -> InstanceLock | None:
    """The lock of the folder, None when another program holds it. Raises UserMistake."""
    lock = InstanceLock(home.root / "window.lock")
    try:
        return lock if lock.acquire() else None
    except OSError as error:
        raise UserMistake(_LOCK(path=str(home.root), why=error.strerror or str(error))) from error


def metatrader(setting: Callable[[str], Any], home: Home) -> TerminalSpec:
    """The real terminal as it was agreed on; real money passes on exactly the account it was allowed for."""
    account = setting("terminal.account")
    return TerminalSpec(
        kind="mt5", path=setting("terminal.path"), account=account or None, server=setting("terminal.server") or None,
        demo_only=not account or setting("terminal.real_account") != account, halt_file=home.halt_file,
    )  # fmt: skip


def kept_password(spec: TerminalSpec) -> str | None:
    """The broker password of the agreed account, None where none is kept or the store does not open."""
    if spec.account is None or spec.server is None:
        return None
    try:
        return credentials.kept(spec.account, spec.server)
    except UserMistake:
        # The link then says that another account is logged in, and what to do.
        return None


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="qbx --window", description="Open the window of QuantumBotX Desktop."
    )
    parser.add_argument(
        "--window", action="store_true", help="open the window (what qbx does without a command)"
    )
    parser.add_argument(
        "--speed", metavar="X", help="practice time runs X times as fast as real time, 1 to 1000"
    )
    parser.add_argument(
        "--profile", default="Demo-Hedging", metavar="NAME", help="practice account, e.g. Demo-Hedging"
    )
    parser.add_argument(
        "--home", type=Path, metavar="DIR", help="folder of database, logs and practice account"
    )
    parser.add_argument(
        "--screenshot", type=Path, metavar="DIR", help="save a picture of every tab in DIR, then quit"
    )
    parser.add_argument("--minimized", action="store_true", help="start in the tray (as Windows does)")
    # For the self-test: what the window painted itself with, as JSON; then quit.
    parser.add_argument("--report", type=Path, help=argparse.SUPPRESS)
    return parser


def _options(found: argparse.Namespace) -> Options:
    speed = None
    if found.speed is not None:
        try:
            speed = float(found.speed)
        except ValueError:
            speed = math.nan
        if not 1 <= speed <= 1000:
            raise UserMistake(_SPEED(value=found.speed))
    home = Home.default() if found.home is None else Home(found.home)
    named = found.home is not None or bool(os.environ.get("QBX_HOME"))
    return Options(home, speed, found.profile, found.screenshot, found.report, found.minimized, named)


def complain(sentence: str) -> None:
    """Say it on stderr; where there is none (started without a console) in a window of its own."""
    if sys.stderr is not None:
        print(f"qbx: {sentence}", file=sys.stderr)  # noqa: T201 - the command line's own voice
        return
    from PySide6.QtWidgets import QApplication, QMessageBox

    application = QApplication.instance() or QApplication(sys.argv[:1])
    QMessageBox.warning(None, "QuantumBotX", sentence)
    del application
