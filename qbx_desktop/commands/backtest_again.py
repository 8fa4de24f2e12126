"""`qbx backtest --reproduce`: a saved result once more, equal or with the names of what changed."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ..backtest.reproduce import NO_RESULT, Reproduction, input_again, reproduce, series_needed
from ..data import backtests
from ..data.bar_files import BarFile, read_bars
from ..data.bar_source import SeriesName, stored_bars
from ..data.connection import connect
from ..data.home import Home
from ..domain.errors import UserMistake
from ..domain.messages import declare
from ..domain.symbol import SymbolSpec
from .backtest_options import Parser, spec_of

_FILE = declare("reproduce.file", "The saved result {path} cannot be read: {why}. Nothing was run.")
_WORDS = {"bars": "bars", "rate": "conversion prices", "detail": "finer bars"}
_BARS = declare(
    "reproduce.no_bars",
    "The saved result does not say which file holds its {what}. Add {option} FILE. Nothing was run.",
)


def run(arguments: Sequence[str]) -> int:
    """Run it; 0 equal, 1 something changed. Raises UserMistake."""
    options = _parser().parse_args(list(arguments))
    wanted: str = options.reproduce
    saved = _from_database(int(wanted), options.home) if wanted.isdigit() else _from_file(Path(wanted))
    source = saved.get("source") or {}
    bar_file = _bars(saved, options.bars)
    series = {
        name: read_bars(_path(source, name, getattr(options, name, None))).bars
        for name in series_needed(saved)
    }
    given = input_again(saved, bar_file.bars, series, _spec(saved, options.spec, bar_file))
    found = reproduce(saved, given)
    for message in found.messages:
        print(message.text)
    if options.json:
        options.json.write_text(json.dumps(_facts(found), allow_nan=False), "utf-8")
    return 0 if found.equal else 1


def _parser() -> Parser:
    parser = Parser(
        prog="qbx backtest --reproduce",
        description="Run a saved result again: 'equal', or what changed. Exit code 0 equal, 1 not.",
        allow_abbrev=False,
    )
    parser.add_argument(
        "--reproduce",
        required=True,
        metavar="OUT.json|ID",
        help="a file of --json, or the number of a saved run",
    )
    parser.add_argument("--bars", metavar="FILE", help="the bars (default: where they were)")
    parser.add_argument("--rate", metavar="BARS", help="the conversion prices (default: where they were)")
    parser.add_argument("--detail", metavar="FILE", help="the finer bars (default: where they were)")
    parser.add_argument("--spec", metavar="SPEC.json", help="the specification (default: where it was)")
    parser.add_argument("--home", metavar="DIR", help="the data folder with the saved runs")
    parser.add_argument("--json", type=Path, metavar="OUT", help="write what was found as JSON")
    return parser


def _from_file(path: Path) -> dict[str, Any]:
    try:
        saved = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise UserMistake(_FILE(path=path, why=why)) from error
    if not isinstance(saved, dict):
        raise UserMistake(_FILE(path=path, why="it is not a JSON object"))
    return saved


def _from_database(number: int, home: str | None) -> dict[str, Any]:
    folder = Home(Path(home).absolute()) if home else Home.default()
    if not folder.database.exists():
        raise UserMistake(_FILE(path=folder.database, why="there is no such file"))
    con = connect(folder.database, read_only=True)
    try:
        record = backtests.load(con, number)
    finally:
        con.close()
    if record.result is None:
        raise UserMistake(NO_RESULT(id=number))
    return {**record.result, "trades": record.trade_log, "source": source_of(record.parameters)}


def source_of(choices: Mapping[str, Any]) -> dict[str, Any]:
    """Where a run of the window had its bars from."""
    found = {"bars": choices.get("path")}
    return {**found, "series": choices["series"]} if choices.get("series") else found


def _bars(saved: Mapping[str, Any], given: str | None) -> BarFile:
    source = saved.get("source") or {}
    path = _path(source, "bars", given)
    if not given and source.get("series"):
        return stored_bars(Path(path), SeriesName(**source["series"]))
    return read_bars(path)


def _path(source: Mapping[str, Any], name: str, given: str | None) -> str:
    path = given or source.get(name)
    if not path:
        raise UserMistake(_BARS(what=_WORDS[name], option=f"--{name}"))
    return str(path)


def _spec(saved: Mapping[str, Any], given: str | None, bar_file: BarFile) -> SymbolSpec | None:
    """Today's specification where it came from a file; None: as it was saved."""
    path = given or (saved.get("source") or {}).get("spec")
    symbol = str((saved.get("passport") or {}).get("symbol", {}).get("symbol", ""))
    return spec_of(path, symbol, bar_file) if path else None


def _facts(found: Reproduction) -> dict[str, Any]:
    said = [{"code": each.code, "params": dict(each.params), "text": each.text} for each in found.messages]
    return {"equal": found.equal, "messages": said, "hash": found.result.hash}
