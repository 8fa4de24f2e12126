"""`qbx simulate`: the real desk on the simulated terminal, by a scenario, in stepped time and without a window."""

from __future__ import annotations

import argparse
import hashlib
import json
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn

from .. import __version__
from ..data.bar_files import read_bars
from ..data.home import Home
from ..domain.bars import Bars
from ..domain.clock import SteppedClock, server_text
from ..domain.errors import UserMistake
from ..domain.messages import declare
from ..domain.timeframe import Timeframe
from ..simulator.api import SimApi
from ..simulator.fault_states import SETTINGS
from ..simulator.faults import CALL_KINDS
from ..simulator.scenario import Scenario, read_scenario
from ..simulator.terminal import DEFAULT_START
from ..trading.scenario import KEYS, read_plan, server_time, wrong
from .scenario_report import report_of, summary_of, text_of
from .scenario_run import ScenarioRun

_USAGE = declare("simulate.usage", "{why}. 'qbx simulate --help' explains every option. Nothing was run.")
_FILE = declare("simulate.file", "The scenario {path} cannot be read: {why}. Nothing was run.")
_USED = declare(
    "simulate.home_used",
    "The folder {path} holds a database already. A scenario begins with an empty one: name another folder. Nothing was run.",
)
_OUTPUT = declare("simulate.output", "{path} cannot be written: {why}. The scenario itself ran.")

_TERMINAL_KEYS = ("profile", "seed", "start", "path", "symbols", "overrides", "accounts", "faults")
# They stop or end the process of the terminal, which here is the process of the desk.
_NEEDS_A_CHILD = ("hang", "crash", "latency")


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise UserMistake(_USAGE(why=message[:1].upper() + message[1:]))


def run(arguments: Sequence[str]) -> int:
    """Run `qbx simulate`. Raises UserMistake for wrong input; 0 when every check holds, else 1."""
    options = _parser().parse_args(list(arguments))
    if options.home is not None:
        report = _report(options.scenario, options.home)
    else:
        with tempfile.TemporaryDirectory(prefix="qbx-simulate-", ignore_cleanup_errors=True) as folder:
            report = _report(options.scenario, Path(folder) / "home")
    print(summary_of(report))
    if options.json is not None:
        try:
            options.json.write_text(text_of(report), encoding="utf-8")
        except OSError as error:
            raise UserMistake(_OUTPUT(path=options.json, why=error.strerror or str(error))) from error
    return 0 if all(check["ok"] for check in report["checks"]) else 1


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="qbx simulate",
        description="Let bots trade on the simulated terminal as a scenario file says (docs/simulate.md).",
        allow_abbrev=False,
    )
    parser.add_argument("--scenario", required=True, type=Path, metavar="FILE", help="what happens, as JSON")
    parser.add_argument("--json", type=Path, metavar="OUT", help="write everything that came of it as JSON")
    parser.add_argument(
        "--home", type=Path, metavar="DIR", help="keep database and logs in this empty folder"
    )
    return parser


def _report(path: Path, folder: Path) -> dict[str, Any]:
    data = _read(path)
    prices, digests = _prices(data.get("prices", {}), path.parent)
    begins = _start(data, prices)
    terminal = {name: data[name] for name in _TERMINAL_KEYS if name in data} | {"start": begins}
    _check_faults(terminal)
    plan = read_plan(data, begins)
    described = read_scenario(json.dumps({"terminal": terminal}))
    clock = SteppedClock()
    api = _built(described, prices, clock)
    _check_symbols(api, [bot.market for bot in plan.bots])
    home = Home(folder.absolute())
    if home.database.exists():
        raise UserMistake(_USED(path=folder))
    home.prepare()
    passport = {
        "version": __version__, "scenario": _digest(data), "seed": described.seed, "profile": described.profile,
        "prices": digests, "started": server_text(begins, with_seconds=True),
        "ended": server_text(begins + plan.duration, with_seconds=True), "step": plan.step,
    }  # fmt: skip
    played = ScenarioRun(plan, api, clock, home, described.seed, described.profile)
    try:
        played.play()
        return report_of(played, passport)
    finally:
        played.end()


def _read(path: Path) -> dict[str, Any]:
    try:
        data = json.loads(path.read_text("utf-8-sig"))
    except (OSError, ValueError, RecursionError) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise UserMistake(_FILE(path=path, why=why)) from error
    if not isinstance(data, dict):
        raise UserMistake(_FILE(path=path, why="it is no JSON object"))
    known = (*_TERMINAL_KEYS, "prices", *KEYS)
    for name in data:
        if name not in known:
            raise wrong(name, f"there is no such field; known are {', '.join(known)}")
    return data


def _prices(files: Any, folder: Path) -> tuple[dict[tuple[str, Timeframe], Bars], dict[str, str]]:
    """The given price files, relative to the scenario's folder, and a digest of each."""
    if not isinstance(files, dict):
        raise wrong("prices", "it is no JSON object of symbols and files")
    prices: dict[tuple[str, Timeframe], Bars] = {}
    digests: dict[str, str] = {}
    for symbol, name in files.items():
        if not isinstance(name, str):
            raise wrong(f"prices.{symbol}", f"{name!r} is no name of a file")
        try:
            given = read_bars(folder / name)
        except UserMistake as error:
            raise wrong(f"prices.{symbol}", error.sentence.rstrip(".")) from error
        if given.timeframe is None:
            raise wrong(f"prices.{symbol}", f"nothing tells the timeframe of {name}")
        prices[symbol, given.timeframe] = given.bars
        digests[symbol] = hashlib.sha256(given.bars.to_rates().tobytes()).hexdigest()
    return prices, digests


def _start(data: dict[str, Any], prices: dict[tuple[str, Timeframe], Bars]) -> int:
    if "start" in data:
        return server_time(data["start"], "start")
    if prices:
        return min(int(bars.time[0]) for bars in prices.values())
    return DEFAULT_START


def _check_faults(terminal: dict[str, Any]) -> None:
    """Refuse what cannot happen where terminal and desk share one process."""
    faults = terminal.get("faults")
    for index, fault in enumerate(faults if isinstance(faults, list) else ()):
        if isinstance(fault, dict) and fault.get("kind") in _NEEDS_A_CHILD:
            why = f"{fault['kind']!r} needs a terminal in a process of its own; stepped time has none"
            raise wrong(f"faults[{index}]", why)
        for name, value in fault.items() if isinstance(fault, dict) else ():
            default = _fault_defaults(fault.get("kind")).get(name)
            kinds = (int, float) if isinstance(default, (int, float)) else type(default)
            if default is not None and not isinstance(value, kinds):
                raise wrong(f"faults[{index}].{name}", f"{value!r} is not of the kind of {default!r}")


def _fault_defaults(kind: object) -> dict[str, Any]:
    if not isinstance(kind, str):
        return {}
    return CALL_KINDS[kind][1] if kind in CALL_KINDS else SETTINGS.get(kind, {})


def _built(described: Scenario, prices: dict[tuple[str, Timeframe], Bars], clock: SteppedClock) -> SimApi:
    """The terminal; its settings are a broker's free form, so a value of a wrong kind shows only here."""
    try:
        return described.build(bars=prices, clock=clock)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise wrong("overrides or accounts", str(error)) from error


def _check_symbols(api: SimApi, wanted: Sequence[str]) -> None:
    api.initialize()
    offered = [each.name for each in api.symbols_get() or ()]
    api.shutdown()
    for index, symbol in enumerate(wanted):
        if offered and symbol not in offered:
            raise wrong(f"bots[{index}].symbol", f"{symbol!r} is not offered; there are {', '.join(offered)}")


def _digest(data: dict[str, Any]) -> str:
    text = json.dumps(data, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
