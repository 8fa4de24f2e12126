"""`qbx data`: download, import, list, check, export and delete bars."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from ..data.bar_export import export_bars
from ..data.bar_file_check import check_file
from ..data.bar_import import Imported, import_file
from ..data.bar_quality import check
from ..data.bar_report import QualityReport, Severity, Verdict
from ..data.bar_store import BarStore, Series
from ..data.home import Home
from ..domain.clock import server_text
from ..domain.errors import UserMistake
from ..domain.messages import declare
from ..domain.resources import resource
from ..domain.timeframe import Timeframe

_DATE = declare("bars.command.date", "{text!r} is no date; write it as 2024-01-31. Nothing was done.")
_WHAT = declare(
    "bars.command.what", "Say what to check: files, or --stored SYMBOL TIMEFRAME. Nothing was checked."
)
_NOTHING = declare("bars.command.nothing", "Name the files to import, or --samples. Nothing was imported.")
_ONE = declare(
    "bars.command.one",
    "Several files cannot all be bars of {symbol}; import them one by one. Nothing was imported.",
)
_SURE = declare(
    "bars.command.sure",
    "This would delete {bars} bars of {symbol} {timeframe}. Nothing was deleted; say --yes to do it.",
)
# Sample prices never mix with a broker's.
SAMPLES_SERVER = "Samples"


def run(arguments: Sequence[str]) -> int:
    """Run `qbx data …`. Exit code 0: done; 1: a checked history is broken; 2: a mistake, said in one sentence."""
    try:
        if arguments and arguments[0] == "download":
            # Only this one needs a terminal.
            from . import download

            return download.run(arguments[1:])
        chosen = _parser().parse_args(list(arguments))
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else 2
    return int(chosen.run(chosen))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="qbx data", description="The bars kept on this computer.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    commands.add_parser("download", help="fetch bars from the terminal; goes on where it stopped")

    one = commands.add_parser("import", help="store the bars of price files (MT5 export or CSV, also .gz)")
    one.add_argument("files", nargs="*", metavar="FILE")
    one.add_argument(
        "--samples", action="store_true", help="store the invented sample prices, to try things out"
    )
    one.add_argument("--symbol", help="default: what the file's name says")
    one.add_argument("--timeframe", help="default: what the bars say")
    one.add_argument("--server", default="", help="the broker's server the bars come from")
    one.add_argument("--time-zone", default="", help="the server's time zone, such as Europe/Athens or UTC+2")
    one.add_argument(
        "--replace", action="store_true", help="drop what is stored between the first and the last new bar"
    )
    one.set_defaults(run=_import)

    one = commands.add_parser("list", help="list the stored bars")
    one.set_defaults(run=_list)

    one = commands.add_parser(
        "check", help="report gaps, spikes, joined feeds and whatever else spoils a history"
    )
    one.add_argument("files", nargs="*", metavar="FILE")
    one.add_argument("--timeframe", help="default: what the bars say")
    one.add_argument("--stored", nargs=2, metavar=("SYMBOL", "TIMEFRAME"), help="check stored bars")
    one.add_argument("--server", help="which server's, when several have the symbol")
    one.set_defaults(run=_check)

    one = commands.add_parser("export", help="write stored bars in MetaTrader 5's export format")
    one.add_argument("symbol")
    one.add_argument("timeframe")
    one.add_argument("file", metavar="FILE", help="a name ending in .gz is packed")
    one.add_argument("--from", dest="start", metavar="DATE", help="first day, server time")
    one.add_argument("--to", dest="stop", metavar="DATE", help="the day after the last")
    one.add_argument("--server", help="which server's, when several have the symbol")
    one.add_argument("--overwrite", action="store_true", help="replace an existing file")
    one.set_defaults(run=_export)

    one = commands.add_parser("delete", help="delete stored bars")
    one.add_argument("symbol")
    one.add_argument("timeframe")
    one.add_argument("--server", help="which server's, when several have the symbol")
    one.add_argument("--yes", action="store_true", help="do it")
    one.set_defaults(run=_delete)

    for each in commands.choices.values():
        each.add_argument("--json", action="store_true", help="answer with one JSON value")
    return parser


def _import(chosen: argparse.Namespace) -> int:
    if chosen.symbol and len(chosen.files) > 1:
        raise UserMistake(_ONE(symbol=chosen.symbol))
    if not chosen.files and not chosen.samples:
        raise UserMistake(_NOTHING())
    timeframe = Timeframe.named(chosen.timeframe) if chosen.timeframe else None
    done: list[Imported] = []
    with BarStore(Home.default().prepare().bars) as store:
        for file in sorted(resource("prices").glob("*.csv.gz")) if chosen.samples else ():
            done.append(import_file(store, file, server=SAMPLES_SERVER))
            _tell_import(done[-1], chosen.json)
        for file in chosen.files:
            imported = import_file(
                store, file, symbol=chosen.symbol, timeframe=timeframe, server=chosen.server,
                time_zone=chosen.time_zone, replace=chosen.replace,
            )  # fmt: skip
            done.append(imported)
            _tell_import(imported, chosen.json)
    if chosen.json:
        _print_json([_import_json(each) for each in done])
    return 0


def _tell_import(imported: Imported, silent: bool) -> None:
    if silent:
        return
    stored = imported.stored
    where = f" from {imported.server}" if imported.server else ""
    print(
        f"{imported.symbol} {imported.timeframe.name}{where}: {stored.added} new bars, {stored.changed} changed, "
        f"{stored.unchanged} as before, {stored.removed} removed."
    )
    _tell_report(imported.report)


def _import_json(imported: Imported) -> dict[str, object]:
    stored = imported.stored
    return {
        "symbol": imported.symbol, "timeframe": imported.timeframe.name, "server": imported.server,
        "digits": imported.digits, "added": stored.added, "changed": stored.changed,
        "unchanged": stored.unchanged, "removed": stored.removed, "report": imported.report.to_json(),
    }  # fmt: skip


def _list(chosen: argparse.Namespace) -> int:
    path = Home.default().bars
    found: list[Series] = []
    if path.exists():
        with BarStore(path, read_only=True) as store:
            found = store.list()
    if chosen.json:
        _print_json([_series_json(each) for each in found])
        return 0
    if not found:
        print("No bars are stored yet. Import a file with 'qbx data import'.")
        return 0
    rows = [("SYMBOL", "TIMEFRAME", "SERVER", "BARS", "FIRST", "LAST", "BYTES")]
    rows += [
        (
            each.symbol, each.timeframe.name, each.server or "-", str(each.bars), server_text(each.first),
            server_text(each.last), str(each.size),
        )
        for each in found
    ]  # fmt: skip
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    for row in rows:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
    return 0


def _series_json(series: Series) -> dict[str, object]:
    return {
        "symbol": series.symbol, "timeframe": series.timeframe.name, "server": series.server,
        "digits": series.digits, "time_zone": series.time_zone, "source": series.source, "bars": series.bars,
        "first": series.first, "last": series.last, "size": series.size, "changed_ms": series.changed_ms,
    }  # fmt: skip


def _check(chosen: argparse.Namespace) -> int:
    reports: list[QualityReport] = []
    if chosen.stored:
        reports.append(_check_stored(chosen.stored[0], Timeframe.named(chosen.stored[1]), chosen.server))
    elif not chosen.files:
        raise UserMistake(_WHAT())
    timeframe = Timeframe.named(chosen.timeframe) if chosen.timeframe else None
    reports += [check_file(file, timeframe) for file in chosen.files]
    if chosen.json:
        _print_json([report.to_json() for report in reports])
    else:
        for i, report in enumerate(reports):
            # Stored bars have no lines; they are numbered.
            _tell_report(report, "Bar" if chosen.stored and i == 0 else "Line")
    return 1 if any(report.verdict is Verdict.BROKEN for report in reports) else 0


def _check_stored(symbol: str, timeframe: Timeframe, server: str | None) -> QualityReport:
    with BarStore(Home.default().bars, read_only=True) as store:
        series = store.find(symbol, timeframe, server=server)
        bars = store.get(symbol, timeframe, server=series.server)
    return check(bars, timeframe, digits=series.digits, name=f"{symbol} {timeframe.name}", first_line=1)


def _tell_report(report: QualityReport, unit: str = "Line") -> None:
    print(report.sentence.text)
    if report.bars:
        print(f"  history quality {100 * report.quality:.2f}%  {_ribbon(report)}")
    for finding in report.findings:
        mark = {Severity.BAD: "!!", Severity.NOTE: " !", Severity.INFO: "  "}[finding.severity]
        where = ""
        if finding.severity is not Severity.INFO and finding.lines:
            shown = ", ".join(str(line) for line in finding.lines[:8])
            where = (
                f" Line{'s' if len(finding.lines) > 1 else ''} {shown}{' …' if finding.count > 8 else ''}."
            )
        print(f"  {mark} {finding.message.text}{where}")


def _ribbon(report: QualityReport) -> str:
    """The ribbon in at most 60 characters: the worst band of each decides; full blocks are good."""
    bands = report.ribbon
    cells = min(len(bands), 60)
    worst = [
        min(band.quality for band in bands[i * len(bands) // cells : (i + 1) * len(bands) // cells])
        for i in range(cells)
    ]
    return "".join(
        "#" if each >= 0.99 else "+" if each >= 0.9 else "-" if each >= 0.5 else "." for each in worst
    )


def _export(chosen: argparse.Namespace) -> int:
    timeframe = Timeframe.named(chosen.timeframe)
    start, stop = _day(chosen.start), _day(chosen.stop)
    with BarStore(Home.default().bars, read_only=True) as store:
        series = store.find(chosen.symbol, timeframe, server=chosen.server)
        bars = store.get(chosen.symbol, timeframe, start, stop, server=series.server)
    export_bars(bars, chosen.file, timeframe=timeframe, digits=series.digits, overwrite=chosen.overwrite)
    if chosen.json:
        _print_json({"file": str(Path(chosen.file)), "bars": len(bars)})
    else:
        print(f"{len(bars)} bars written to {chosen.file}.")
    return 0


def _delete(chosen: argparse.Namespace) -> int:
    timeframe = Timeframe.named(chosen.timeframe)
    with BarStore(Home.default().prepare().bars) as store:
        series = store.find(chosen.symbol, timeframe, server=chosen.server)
        if not chosen.yes:
            raise UserMistake(_SURE(bars=series.bars, symbol=series.symbol, timeframe=timeframe.name))
        gone = store.delete(chosen.symbol, timeframe, server=series.server)
    if chosen.json:
        _print_json({"deleted": gone})
    else:
        print(f"{gone} bars of {chosen.symbol} {timeframe.name} deleted.")
    return 0


def _day(text: str | None) -> int | None:
    """The start of a day, server time, as epoch seconds."""
    if text is None:
        return None
    try:
        return int(datetime.strptime(text.replace(".", "-"), "%Y-%m-%d").replace(tzinfo=UTC).timestamp())
    except ValueError:
        raise UserMistake(_DATE(text=text)) from None


def _print_json(value: object) -> None:
    print(json.dumps(value, ensure_ascii=False))
