"""`qbx backtest`: one strategy over one file of bars, without a window."""

from __future__ import annotations

import argparse
import csv
import dataclasses
import json
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import NoReturn

from ..backtest.html import page_of
from ..backtest.input import Account, BacktestInput, Costs, RateSeries
from ..backtest.result import BacktestResult
from ..backtest.run import run as run_backtest
from ..backtest.summary import summary_of
from ..backtest.trade import Trade
from ..data.bar_files import BarFile, read_bars
from ..domain.errors import UserMistake
from ..domain.known_symbols import known_symbol, with_digits
from ..domain.messages import declare
from ..domain.params import from_texts
from ..domain.sizing import Sizing, StopDistance, StopUnit
from ..domain.symbol import FOREX_MODES, SymbolSpec
from ..strategies import registry

_USAGE = declare("backtest.usage", "{why}. 'qbx backtest --help' explains every option. Nothing was run.")
_SPEC_FILE = declare("backtest.spec_file", "The specification {path} cannot be read: {why}. Nothing was run.")
_OUTPUT = declare("backtest.output", "{path} cannot be written: {why}. The backtest itself ran.")
_NO_SYMBOL = declare(
    "backtest.no_symbol",
    "Which symbol are these bars of? The file's name does not say. Add --symbol NAME. Nothing was run.",
)
_CURRENCIES = declare(
    "backtest.currencies",
    "The specification lacks {names}, and the name {symbol!r} does not tell them. Nothing was run.",
)

_ROUNDED = declare(
    "backtest.rounded",
    "The prices have {have} digits, the specification of {symbol} has {digits}: they were rounded to {digits}.",
)

_NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?")


class Parser(argparse.ArgumentParser):
    """Says what is wrong as one sentence."""

    def error(self, message: str) -> NoReturn:
        raise UserMistake(_USAGE(why=message[:1].upper() + message[1:]))


def run(arguments: Sequence[str]) -> int:
    """Run `qbx backtest`. Raises UserMistake for wrong input; returns the exit code."""
    options = _parser().parse_args(list(arguments))
    bar_file = read_bars(options.bars)
    given = input_of(options, bar_file)
    result = run_backtest(given)
    print(summary_of(given, result))
    notes = list(bar_file.problems)
    if bar_file.digits > given.spec.digits:
        notes.append(_ROUNDED(have=bar_file.digits, symbol=given.spec.symbol, digits=given.spec.digits))
    for note in notes:
        print(f"note: {note.text}")
    if options.json:
        _write(options.json, json.dumps(result.to_json(curves=True), allow_nan=False))
    if options.trades:
        _write_trades(options.trades, result)
    if options.html:
        _write(options.html, page_of(given, result))
    return 0


def input_of(options: argparse.Namespace, bar_file: BarFile) -> BacktestInput:
    """The options as a backtest's input. Raises UserMistake."""
    spec = _spec(options, bar_file)
    strategy = registry.get(options.strategy)
    params = from_texts(strategy.Params, _settings(options.set))
    return BacktestInput(
        bars=bar_file.bars,
        spec=spec,
        strategy=strategy.key,
        params=dataclasses.asdict(params),
        account=Account(options.currency.upper(), options.balance, options.leverage, options.stop_out),
        costs=_costs(options),
        sizing=Sizing(lots=options.lots, risk_percent=options.risk),
        sl=_stop(options.sl_atr, options.sl_pips, options.sl_price),
        tp=_stop(options.tp_atr, options.tp_pips, options.tp_price),
        atr_period=options.atr_period,
        reverse=not options.no_reverse,
        start=options.start,
        end=options.end,
        rate=_rate(options.rate, spec, options.currency.upper()),
    )


def _parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog="qbx backtest",
        description="Run one strategy over a file of bars and print what it would have earned.",
        allow_abbrev=False,
    )
    input_options(parser)
    parser.add_argument("--json", type=Path, metavar="OUT", help="write everything as JSON")
    parser.add_argument("--trades", type=Path, metavar="OUT.csv", help="write the trades as CSV")
    parser.add_argument("--html", type=Path, metavar="OUT.html", help="write a report to read or print")
    return parser


def input_options(parser: argparse.ArgumentParser) -> None:
    """The options that make a backtest's input, the same for every command that runs backtests."""
    parser.add_argument("--bars", required=True, metavar="FILE", help="bars as .csv or .csv.gz, server time")
    parser.add_argument("--symbol", metavar="NAME", help="symbol (default: from the file's name)")
    parser.add_argument("--spec", metavar="SPEC.json", help="specification, fields as in MT5's SymbolInfo")
    parser.add_argument("--strategy", required=True, metavar="KEY", help="e.g. MA_CROSSOVER")
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="strategy parameter")
    size = parser.add_mutually_exclusive_group(required=True)
    size.add_argument("--lots", type=_number, metavar="X", help="fixed lots")
    size.add_argument("--risk", type=_number, metavar="PCT", help="percent of the balance lost at the stop")
    for name, words in (("sl", "stop-loss"), ("tp", "take-profit")):
        stop = parser.add_mutually_exclusive_group()
        stop.add_argument(f"--{name}-atr", type=_number, metavar="X", help=f"{words} in multiples of the ATR")
        stop.add_argument(f"--{name}-pips", type=_number, metavar="N", help=f"{words} in pips")
        stop.add_argument(f"--{name}-price", type=_number, metavar="X", help=f"{words} as a price distance")
    parser.add_argument("--atr-period", type=_whole, default=14, metavar="N", help="bars in the ATR (14)")
    parser.add_argument("--balance", type=_number, default=10_000.0, metavar="X", help="deposit (10000)")
    parser.add_argument("--currency", default="USD", metavar="C", help="account currency (USD)")
    parser.add_argument("--leverage", type=_number, default=100.0, metavar="N", help="1:N (100)")
    parser.add_argument(
        "--stop-out", type=_number, default=50.0, metavar="PCT", help="margin level that closes (50, 0 = off)"
    )
    parser.add_argument(
        "--spread", metavar="POINTS|bar", help="points, or each bar's own (default: the symbol's)"
    )
    parser.add_argument("--commission", type=_number, default=0.0, metavar="X", help="per lot and side (0)")
    parser.add_argument("--slippage", type=_whole, default=0, metavar="POINTS", help="against you (0)")
    parser.add_argument(
        "--rate",
        metavar="X|BARS",
        help="account currency for one of profit currency: a number, or bars; a file named like USDJPY is turned over if need be",
    )
    parser.add_argument(
        "--no-reverse", action="store_true", help="ignore opposite signals while in a position"
    )
    parser.add_argument("--from", dest="start", type=_time, metavar="D", help="first day (taken in)")
    parser.add_argument("--to", dest="end", type=_time, metavar="D", help="end (left out)")


def _number(text: str) -> float:
    if not _NUMBER.fullmatch(text):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number")
    return float(text)


def _whole(text: str) -> int:
    if not re.fullmatch(r"[-+]?\d{1,9}", text):
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number")
    return int(text)


def _time(text: str) -> int:
    """Server time as epoch seconds: `YYYY-MM-DD`, with `HH:MM[:SS]` or without, or epoch seconds."""
    if re.fullmatch(r"\d{9,12}", text):
        return int(text)
    try:
        return int(datetime.fromisoformat(text.replace(".", "-")).replace(tzinfo=UTC).timestamp())
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a date such as 2024-01-31") from None


def _settings(texts: Sequence[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise UserMistake(_USAGE(why=f"--set takes NAME=VALUE; {text!r} was given"))
        if name in found:
            raise UserMistake(_USAGE(why=f"--set {name} was given twice"))
        found[name] = value
    return found


def _stop(atr: float | None, pips: float | None, price: float | None) -> StopDistance:
    for unit, value in ((StopUnit.ATR, atr), (StopUnit.PIPS, pips), (StopUnit.PRICE, price)):
        if value is not None:
            return StopDistance(unit, value)
    return StopDistance()


def _costs(options: argparse.Namespace) -> Costs:
    spread, from_bars = None, options.spread == "bar"
    if options.spread is not None and not from_bars:
        if not re.fullmatch(r"\d{1,9}", options.spread):
            why = f"--spread takes whole points or 'bar'; {options.spread!r} was given"
            raise UserMistake(_USAGE(why=why))
        spread = int(options.spread)
    return Costs(spread, from_bars, options.commission, options.slippage)


def _spec(options: argparse.Namespace, bar_file: BarFile) -> SymbolSpec:
    name: str = options.symbol or bar_file.symbol or ""
    if not options.spec:
        if not name:
            raise UserMistake(_NO_SYMBOL())
        known = known_symbol(name)
        return with_digits(known, bar_file.digits) if bar_file.digits > known.digits else known
    try:
        values = json.loads(Path(options.spec).read_text("utf-8-sig"))
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise UserMistake(_SPEC_FILE(path=options.spec, why=why)) from error
    if not isinstance(values, dict):
        raise UserMistake(_SPEC_FILE(path=options.spec, why="it is not a JSON object"))
    return _with_currencies(SymbolSpec.from_mapping(values, name))


def _with_currencies(spec: SymbolSpec) -> SymbolSpec:
    """Fill in currencies that the specification leaves out, where the symbol's name tells them for certain."""
    base, profit, margin = spec.currency_base, spec.currency_profit, spec.currency_margin
    if re.match(r"[A-Z]{6}", spec.symbol) and spec.calc_mode in FOREX_MODES:
        base, profit = base or spec.symbol[:3], profit or spec.symbol[3:6]
    margin = margin or (base if spec.calc_mode in FOREX_MODES else profit)
    if not (profit and margin):
        names = "currency_profit" if not profit else "currency_margin"
        raise UserMistake(_CURRENCIES(names=names, symbol=spec.symbol))
    return dataclasses.replace(spec, currency_base=base, currency_profit=profit, currency_margin=margin)


def _rate(text: str | None, spec: SymbolSpec, account: str) -> float | RateSeries | None:
    if text is None:
        return None
    if _NUMBER.fullmatch(text):
        return float(text)
    name = Path(text).name.upper()
    direct, inverse = spec.currency_profit + account, account + spec.currency_profit
    return RateSeries(read_bars(text).bars, inverted=inverse in name and direct not in name)


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, "utf-8")
    except OSError as error:
        raise UserMistake(_OUTPUT(path=path, why=error.strerror or str(error))) from error


def _write_trades(path: Path, result: BacktestResult) -> None:
    names = [each.name for each in dataclasses.fields(Trade)]
    try:
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, names)
            writer.writeheader()
            writer.writerows(dataclasses.asdict(trade) for trade in result.trades)
    except OSError as error:
        raise UserMistake(_OUTPUT(path=path, why=error.strerror or str(error))) from error
