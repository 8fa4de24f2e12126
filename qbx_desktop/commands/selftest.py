"""`qbx --selftest`: prove that this installation works, on a home folder of its own that is gone afterwards."""

from __future__ import annotations

import importlib
import json
import os
import pkgutil
import platform
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import qbx_desktop

from ..backtest.input import BacktestInput
from ..backtest.run import run as run_backtest
from ..broker.client import TerminalClient
from ..broker.spec import TerminalSpec
from ..broker.terminal import Terminal
from ..broker.transports import ProcessTransport
from ..data import bots, history
from ..data.bar_files import read_bars
from ..data.database import Database
from ..data.home import Home
from ..domain.bots import Bot
from ..domain.clock import SystemClock
from ..domain.errors import QbxError, UserMistake
from ..domain.known_symbols import known_symbol
from ..domain.messages import declare
from ..domain.resources import resource
from ..domain.sizing import Sizing
from ..trading.desk import Desk
from . import selftest_system

_OUTPUT = declare("selftest.output", "The self-test ran, but {path} cannot be written: {why}.")
_FLAG = declare(
    "selftest.usage", "--selftest takes one file at most; {count} were given. Nothing was tested."
)

# Two M1 bars a second: slow enough that no bar is late, fast enough that a crossing comes within seconds.
_SPEED = 120.0
_PATIENCE = 14.0
_OPENED = "POSISI DIBUKA"


def run(arguments: Sequence[str]) -> int:
    """Run every part, print a line for each and return 0 when all passed; JSON goes to the file, if one is named."""
    if len(arguments) > 1:
        raise UserMistake(_FLAG(count=len(arguments)))
    clock = SystemClock()
    began = clock.monotonic()
    report: dict[str, object] = {
        "version": qbx_desktop.__version__,
        "python": platform.python_version(),
        "platform": sys.platform,
        "frozen": bool(getattr(sys, "frozen", False)),
    }
    parts = {
        "window": selftest_system.window, "imports": _imports, "versions": selftest_system.versions,
        "paths": selftest_system.paths, "tls": selftest_system.tls, "metatrader": selftest_system.metatrader,
        "resources": _resources, "backtest": _backtest, "bot": _bot,
    }  # fmt: skip
    passed = True
    for name, part in parts.items():
        try:
            found = part()
        except Exception as error:  # noqa: BLE001 - the report must name whatever is broken
            sentence = error.sentence if isinstance(error, QbxError) else f"{type(error).__name__}: {error}"
            found, passed = {"failed": sentence}, False
        report[name] = found
        if sys.stdout is not None:  # the program without a console has none
            print(f"{'FAILED' if 'failed' in found else 'ok':6} {name}: {json.dumps(found)}")
    report["seconds"] = round(clock.monotonic() - began, 2)
    report["passed"] = passed
    if arguments:
        try:
            Path(arguments[0]).write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
        except OSError as error:
            raise UserMistake(_OUTPUT(path=arguments[0], why=error.strerror or str(error))) from error
    return 0 if passed else 1


def _imports() -> dict[str, object]:
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen" if sys.platform == "linux" else "")
    names = [
        each.name
        for each in pkgutil.walk_packages(qbx_desktop.__path__, "qbx_desktop.")
        if not each.name.endswith("__main__")
    ]
    for name in names:
        importlib.import_module(name)
    return {"modules": len(names)}


def _resources() -> dict[str, object]:
    for parts in (("icons", "app.svg"), ("prices", "EURUSD_H1.csv.gz"), ("translations", "id.json")):
        resource(*parts)
    return {"icons": len(list(resource("icons").glob("*.svg")))}


def _backtest() -> dict[str, object]:
    bars = read_bars(resource("prices", "EURUSD_H1.csv.gz")).bars
    result = run_backtest(
        BacktestInput(
            bars=bars, spec=known_symbol("EURUSD"), strategy="MA_CROSSOVER", sizing=Sizing(lots=0.1)
        )
    )
    if not result.trades:
        raise RuntimeError("the sample prices gave no trade")
    return {"bars": len(bars), "trades": len(result.trades), "hash": result.hash}


def _bot() -> dict[str, object]:
    with tempfile.TemporaryDirectory(prefix="qbx-selftest-", ignore_cleanup_errors=True) as folder:
        home = Home(Path(folder) / "home").prepare()
        with Database.open(home.database) as db:
            return _trade_one_bot(home, db)


def _trade_one_bot(home: Home, db: Database) -> dict[str, object]:
    clock = SystemClock()
    spec = TerminalSpec(
        clock_mode="accelerated",
        speed=_SPEED,
        snapshot_path=home.practice / "selftest.json",
        halt_file=home.halt_file,
        symbols=("EURUSD",),
    )
    bot = Bot(
        id=0, name="Self-test", market="EURUSD", timeframe="M1", strategy="MA_CROSSOVER", lot_size=0.1,
        strategy_params='{"fast_period":2,"slow_period":5}',
    )  # fmt: skip
    bot_id = db.write(lambda con: bots.create_bot(con, bot))
    terminal = Terminal(TerminalClient(ProcessTransport(spec), clock=clock), clock=clock)
    try:
        terminal.open()
        desk = Desk(db, terminal, clock, halt_file=home.halt_file)
        try:
            return _until_filled(desk, terminal, db, bot_id)
        finally:
            desk.close()
    finally:
        terminal.close()


def _until_filled(desk: Desk, terminal: Terminal, db: Database, bot_id: int) -> dict[str, object]:
    clock = SystemClock()
    began = clock.monotonic()
    desk.open(began)
    desk.start_bot(bot_id)
    while clock.monotonic() - began < _PATIENCE:
        for _ in desk.run_due(clock.monotonic()):
            pass
        if history.count(db.reader(), bot_id=bot_id, action=_OPENED):
            ticket = next(each.ticket for each in terminal.positions() if each.symbol == "EURUSD")
            return {"ticket": ticket, "child": terminal.client.pid is not None}
        time.sleep(min(0.2, desk.seconds_to_next(clock.monotonic())))
    rows = history.page(db.reader(), bot_id=bot_id, limit=3)
    raise RuntimeError("the bot opened nothing; last: " + " | ".join(row.details for row in rows))
