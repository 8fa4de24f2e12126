"""The second face: one subcommand per job, each imported only when it is called."""

from __future__ import annotations

import argparse
import difflib
import importlib
import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

from . import __version__
from .domain.errors import QbxError

# name -> (module in `commands`, what it does)
COMMANDS = {
    "backtest": ("backtest", "run a strategy over a file of bars"),
    "data": ("data", "download, import, list, check and export bars"),
    "db": ("db", "initialise, check, back up, restore and import the database"),
    "doctor": ("doctor", "look at the terminal, the account and the connection"),
    "montecarlo": ("montecarlo", "tell a backtest's trades in many other ways: drawdowns, odds of ruin"),
    "optimise": ("optimise", "search a strategy's best settings, and say how much of them is luck"),
    "portfolio": ("portfolio", "run several strategies and symbols on one account"),
    "prepare": ("prepare", "make the fast backtest engine ready, once per computer"),
    "simulate": ("simulate", "let bots trade on the simulated terminal as a scenario says"),
    "strategy": ("strategy", "list, begin and check strategies, your own too"),
    "walkforward": ("walkforward", "choose settings on the past, try them on what came next"),
}


def run(arguments: Sequence[str]) -> int:
    """Run one subcommand. Wrong input: one sentence on stderr and exit code 2."""
    first, rest = arguments[0], list(arguments[1:])
    if first == "--selftest":
        module = "selftest"
    elif first in COMMANDS:
        module = COMMANDS[first][0]
    else:
        return _usage(first, arguments)
    try:
        with _own_strategies(module, rest):
            return int(importlib.import_module(f"qbx_desktop.commands.{module}").run(rest))
    except QbxError as error:
        print(f"qbx: {error.sentence}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("qbx: stopped by you; nothing was left half done.", file=sys.stderr)
        return 130
    except BrokenPipeError:
        return 0


def _own_strategies(module: str, arguments: Sequence[str]) -> AbstractContextManager[object]:
    """What a command needs whose words, or whose file of words, name a strategy of the trader's."""
    if module == "strategy" or not any(_names_own(each) for each in arguments):
        return nullcontext()
    from .commands.own_strategies import own_strategies

    return own_strategies()


def _names_own(argument: str) -> bool:
    if "own:" in argument:
        return True
    try:
        return argument.endswith(".json") and "own:" in Path(argument).read_text("utf-8", "replace")
    except OSError:
        return False


def _usage(first: str, arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="qbx", description="QuantumBotX Desktop. Without a command it opens the window."
    )
    parser.add_argument("--version", action="version", version=f"QuantumBotX Desktop {__version__}")
    parser.add_argument(
        "--selftest", nargs="?", metavar="FILE", help="prove that this installation works; JSON to FILE"
    )
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    for name, (_, summary) in COMMANDS.items():
        commands.add_parser(name, help=summary)
    if not first.startswith("-"):
        near = difflib.get_close_matches(first, COMMANDS, n=1)
        hint = f" Did you mean {near[0]!r}?" if near else ""
        print(f"qbx: there is no command {first!r}.{hint} 'qbx --help' lists them.", file=sys.stderr)
        return 2
    try:
        parser.parse_args(list(arguments))
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else 2
    return 2
