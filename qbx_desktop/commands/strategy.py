"""`qbx strategy`: list the strategies, begin a new one, and check any of them; every answer also as JSON."""

from __future__ import annotations

import argparse
import dataclasses
import json
import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from ..data.bar_files import read_bars
from ..data.database import Database
from ..data.home import Home
from ..domain.clock import SystemClock, server_text
from ..domain.errors import UserMistake
from ..domain.messages import declare
from ..domain.params import from_texts
from ..domain.timeframe import Timeframe
from ..strategies import registry
from ..strategies.analysis import Change
from ..strategies.contract import Strategy
from ..strategies.examination import Grade, Report, examine
from ..strategies.own.library import FileState, OwnFile, OwnLibrary
from ..strategies.own.source import files_in, is_own, path_of
from ..strategies.own.template import write_new
from ..trading.own_trust import approve
from .own_strategies import own_strategies

_CONSENT = declare(
    "strategy.consent",
    "{path} is a program ({size} bytes, SHA-256 {sha256}) and was not approved in this form yet. It was not run. Read "
    "it; then run this again with --approve.",
)
_SETTING = declare("strategy.setting", "--set takes NAME=VALUE; {text!r} was given. Nothing was run.")

Answer = tuple[int, dict[str, Any], list[str]]
_MARKS = {Grade.GOOD: "ok  ", Grade.WARNING: "look", Grade.BAD: "BAD "}


def run(arguments: Sequence[str]) -> int:
    """Run `qbx strategy …`; returns the exit code (0 done or good, 1 the check found something, 2 refused)."""
    try:
        given = _parser().parse_args(list(arguments))
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else 2
    home = Home(Path(given.home).absolute()) if given.home else Home.default()
    code, facts, lines = given.action(home.prepare(), given)
    print(
        json.dumps(facts, indent=2, ensure_ascii=False, allow_nan=False) if given.json else "\n".join(lines)
    )
    return int(code)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="qbx strategy", description="The strategies of the program and your own."
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def add(
        name: str, summary: str, action: Callable[[Home, argparse.Namespace], Answer]
    ) -> argparse.ArgumentParser:
        made = commands.add_parser(name, help=summary, description=summary)
        made.add_argument("--json", action="store_true", help="print facts as JSON")
        made.add_argument(
            "--home", metavar="DIR", help="the data folder (default: QBX_HOME, else your user folder)"
        )
        made.set_defaults(action=action)
        return made

    add("list", "list every strategy, yours with what is wrong with them", _list)
    add("new", "write a new strategy file to begin with", _new).add_argument(
        "name", metavar="NAME", help="letters, digits and _"
    )
    check = add(
        "check", "look for look-ahead, dependence on old data and broken promises in one strategy", _check
    )
    check.add_argument(
        "strategy", metavar="KEY|FILE", help="e.g. MA_CROSSOVER, own:my_breakout, or a file's path"
    )
    check.add_argument("--approve", action="store_true", help="you have read the file and allow it to run")
    check.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="strategy parameter")
    check.add_argument("--bars", metavar="FILE", help="bars to check on (default: a made-up market)")
    check.add_argument("--timeframe", metavar="TF", help="of the bars (default: as in the file, else H1)")
    return parser


def _list(home: Home, _given: argparse.Namespace) -> Answer:
    shipped = [
        {"key": each.key, "title": each.title, "own": False, "state": "ready"} for each in registry.shipped()
    ]
    own: list[dict[str, Any]] = []
    if files_in(home.strategies):
        with own_strategies(home) as library:
            own = [_of_file(each) for each in library.files]
    lines = [f"{each['key']:28} {each['title']}" for each in shipped]
    for each in own:
        why = each["why"] or each["title"]
        lines.append(f"{each['key']:28} [{each['state']}] {why}")
    lines.append(f"Your own strategies: {home.strategies}")
    return 0, {"folder": str(home.strategies), "strategies": [*shipped, *own]}, lines


def _of_file(file: OwnFile) -> dict[str, Any]:
    source = file.source
    return {
        "key": file.key, "title": file.title, "own": True, "state": file.state.value, "path": str(file.path),
        "size": None if source is None else len(source.data), "sha256": None if source is None else source.sha256,
        "why": None if file.why is None else file.why.text, "code": None if file.why is None else file.why.code,
        "warnings": [each.message.text for each in file.findings if not each.forbidden],
    }  # fmt: skip


def _new(home: Home, given: argparse.Namespace) -> Answer:
    path = write_new(home.strategies, given.name)
    facts = {"path": str(path), "key": f"own:{path.stem}"}
    return 0, facts, [f"Written: {path}", f"Edit it, then: qbx strategy check own:{path.stem} --approve"]


def _check(home: Home, given: argparse.Namespace) -> Answer:
    name: str = given.strategy
    if not is_own(name) and not name.endswith(".py") and not (home.strategies / f"{name}.py").exists():
        return _examined(registry.get(name), given, None)
    path = Path(name).absolute() if name.endswith(".py") else path_of(home.strategies, name)
    with own_strategies(home) as library:
        file = library.look_at(path)
        if file.state in (FileState.NEW, FileState.CHANGED) and file.source is not None:
            if not given.approve:
                source = file.source
                raise UserMistake(_CONSENT(path=str(path), size=len(source.data), sha256=source.sha256))
            file = _approved(home, library, file)
        if file.strategy is None:
            assert file.why is not None
            return 1, {**_of_file(file), "grade": "bad", "verdicts": []}, [file.why.text]
        return _examined(file.strategy, given, file)


def _approved(home: Home, library: OwnLibrary, file: OwnFile) -> OwnFile:
    source, clock = file.source, SystemClock()
    assert source is not None
    db = Database.open(home.database, backups=home.backups)
    try:
        db.write(lambda con: approve(con, source, clock))
    finally:
        db.close()
    return library.look_at(file.path)


def _examined(strategy: Strategy, given: argparse.Namespace, file: OwnFile | None) -> Answer:
    texts = {}
    for text in given.set:
        name, equals, value = text.partition("=")
        if not equals:
            raise UserMistake(_SETTING(text=text))
        texts[name] = value
    params = from_texts(strategy.Params, texts)
    bars, frame = None, Timeframe.H1
    if given.bars:
        bar_file = read_bars(given.bars)
        bars, frame = bar_file.bars, bar_file.timeframe or frame
    if given.timeframe:
        frame = Timeframe.named(given.timeframe)
    report = examine(strategy, params, bars, frame)
    about = {"key": strategy.key, "title": strategy.title} if file is None else _of_file(file)
    facts = {**about, **facts_of(report), "params": dataclasses.asdict(params)}
    return int(report.grade is Grade.BAD), facts, _lines_of(strategy, report, file)


def facts_of(report: Report) -> dict[str, Any]:
    """A report as plain JSON values."""
    verdicts = [
        {
            "test": each.test, "grade": each.grade.value, "text": each.message.text, "code": each.message.code,
            "params": dict(each.message.params), "changes": [_change(change) for change in each.changes],
        }
        for each in report.verdicts
    ]  # fmt: skip
    return {"grade": report.grade.value, "bars": report.bars, "verdicts": verdicts}


def _change(change: Change) -> dict[str, Any]:
    return {
        "cut": change.cut.value, "value": change.value, "bar": change.bar, "time": server_text(change.time),
        "edge": change.edge, "edge_time": server_text(change.edge_time), "kept": change.kept,
        "was": None if math.isnan(change.was) else change.was, "now": None if math.isnan(change.now) else change.now,
    }  # fmt: skip


def _lines_of(strategy: Strategy, report: Report, file: OwnFile | None) -> list[str]:
    lines = [f"{strategy.key}: {strategy.title}"]
    if file is not None and file.source is not None:
        lines.append(f"{file.path}, {len(file.source.data)} bytes, SHA-256 {file.source.sha256}")
        lines += [f"note: {each.message.text}" for each in file.findings]
    for each in report.verdicts:
        lines.append(f"{_MARKS[each.grade]} {each.name}: {each.message.text}")
        if len(each.changes) > 1:
            lines.append(f"     and {len(each.changes) - 1} more such values")
    words = {
        Grade.GOOD: "All tests passed.",
        Grade.WARNING: "No test failed.",
        Grade.BAD: "Do not trade this.",
    }
    return [*lines, words[report.grade]]
