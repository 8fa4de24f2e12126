"""The options of `qbx backtest`, and the input they make; other commands that run backtests take the same ones."""

from __future__ import annotations

import argparse
import dataclasses
import json
import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import NoReturn

from ..backtest.input import Account, BacktestInput, Costs, RateSeries
from ..data.bar_files import BarFile, read_bars
from ..domain.errors import UserMistake
from ..domain.known_symbols import known_symbol, with_digits
from ..domain.messages import declare
from ..domain.params import from_texts
from ..domain.sizing import Sizing, StopDistance, StopUnit
from ..domain.symbol import FOREX_MODES, SymbolSpec
from ..strategies import registry
from .backtest_guards import guard_options, guards_of, news_of

_USAGE = declare("backtest.usage", "{why}. 'qbx backtest --help' explains every option. Nothing was run.")
_SPEC_FILE = declare("backtest.spec_file", "The specification {path} cannot be read: {why}. Nothing was run.")
_NO_SYMBOL = declare(
    "backtest.no_symbol",
    "Which symbol are these bars of? The file's name does not say. Add --symbol NAME. Nothing was run.",
)
_CURRENCIES = declare(
    "backtest.currencies",
    "The specification lacks {names}, and the name {symbol!r} does not tell them. Nothing was run.",
)
_OTHER_PAIR = declare(
    "backtest.other_pair",
    "The conversion prices in {path} are of {found}; {direct} or {inverse} is needed. Nothing was run.",
)

_CURRENCIES_KNOWN = {"USD", "EUR", "GBP", "JPY", "CHF", "AUD", "CAD", "NZD"}
_NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?")
_WHOLE = re.compile(r"[-+]?\d{1,9}(\.0*)?")


class Parser(argparse.ArgumentParser):
    """Wrong options are one sentence, raised as UserMistake."""

    def error(self, message: str) -> NoReturn:
        raise UserMistake(_USAGE(why=message[:1].upper() + message[1:]))


def input_of(options: argparse.Namespace, bar_file: BarFile) -> BacktestInput:
    """The options as a backtest's input. Raises UserMistake."""
    spec = spec_of(options.spec, options.symbol, bar_file)
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
        rate=rate_of(options.rate, spec, options.currency.upper()),
        delay_bars=options.delay,
        detail=read_bars(options.detail).bars if options.detail else None,
        inside_bar=options.inside_bar,
        guards=guards_of(options),
        news=news_of(options),
    )


def input_options(parser: argparse.ArgumentParser) -> None:
    """What decides a run: bars, symbol, strategy, size, stops, account, costs, range of dates."""
    add = parser.add_argument
    add("--bars", required=True, metavar="FILE", help="bars as .csv or .csv.gz, server time")
    add("--symbol", metavar="NAME", help="symbol (default: from the file's name)")
    add("--spec", metavar="SPEC.json", help="specification, fields as in MT5's SymbolInfo")
    add("--strategy", required=True, metavar="KEY", help="e.g. MA_CROSSOVER")
    add("--set", action="extend", nargs="+", default=[], metavar="NAME=VALUE", help="strategy parameters")
    size = parser.add_mutually_exclusive_group(required=True)
    size.add_argument("--lots", type=number, metavar="X", help="fixed lots")
    size.add_argument("--risk", type=number, metavar="PCT", help="percent of the balance lost at the stop")
    for name, words in (("sl", "stop-loss"), ("tp", "take-profit")):
        stop = parser.add_mutually_exclusive_group()
        stop.add_argument(f"--{name}-atr", type=number, metavar="X", help=f"{words} in multiples of the ATR")
        stop.add_argument(f"--{name}-pips", type=number, metavar="N", help=f"{words} in pips")
        stop.add_argument(f"--{name}-price", type=number, metavar="X", help=f"{words} as a price distance")
    add("--atr-period", type=whole, default=14, metavar="N", help="bars in the ATR (14)")
    add("--balance", type=number, default=10_000.0, metavar="X", help="deposit (10000)")
    add("--currency", default="USD", metavar="C", help="account currency (USD)")
    add("--leverage", type=number, default=100.0, metavar="N", help="1:N (100)")
    add("--stop-out", type=number, default=50.0, metavar="PCT", help="margin level that closes (50, 0 = off)")
    add("--spread", metavar="POINTS|bar", help="points, or each bar's own (default: the symbol's)")
    add("--commission", type=number, default=0.0, metavar="X", help="per lot and side (0)")
    add("--slippage", type=whole, default=0, metavar="POINTS", help="against you (0)")
    add(
        "--rate",
        metavar="X|BARS",
        help="account currency for one of profit currency: a number, or bars; a file named like USDJPY is turned over if need be",
    )
    add("--no-reverse", action="store_true", help="ignore opposite signals while in a position")
    add("--from", dest="start", type=_time, metavar="D", help="first day (taken in)")
    add("--to", dest="end", type=_time, metavar="D", help="end (left out)")

    _fidelity_options(parser)
    guard_options(parser)


def _fidelity_options(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument_group("closer to life").add_argument
    add("--detail", metavar="FILE", help="finer bars that decide whether stop or target came first")
    add("--inside-bar", choices=("pessimistic", "optimistic"), default="pessimistic",
        help="what counts where nothing decides (pessimistic: the stop)")  # fmt: skip
    add("--delay", type=whole, default=0, metavar="BARS", help="bars later than the next open (0)")
    add(
        "--spread-by-hour",
        type=_points,
        default=(),
        metavar="P0,…,P23",
        help="points per hour of server time",
    )
    add("--commission-deal", type=number, default=0.0, metavar="X", help="per side, whatever the volume (0)")
    add(
        "--commission-percent",
        type=number,
        default=0.0,
        metavar="X",
        help="per side, percent of the value (0)",
    )
    add("--swap-free", action="store_true", help="no swap")
    add("--slippage-table", type=_points, default=(), metavar="P,P,…", help="drawn from anew for every bar")
    add("--slippage-seed", type=whole, default=0, metavar="N", help="seed of the draw (0)")


def _points(text: str) -> tuple[int, ...]:
    return tuple(whole(each.strip()) for each in text.split(","))


def number(text: str) -> float:
    """A plain decimal number, for argparse."""
    if not _NUMBER.fullmatch(text):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number")
    return float(text)


def whole(text: str) -> int:
    """A whole number, for argparse."""
    if not _WHOLE.fullmatch(text):
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number")
    return int(float(text))


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
        if not _WHOLE.fullmatch(options.spread) or options.spread.startswith("-"):
            why = f"--spread takes whole points or 'bar'; {options.spread!r} was given"
            raise UserMistake(_USAGE(why=why))
        spread = int(float(options.spread))
    return Costs(
        spread, from_bars, options.commission, options.slippage, options.spread_by_hour, options.commission_deal,
        options.commission_percent, options.swap_free, options.slippage_table, options.slippage_seed,
    )  # fmt: skip


def spec_of(path: str | None, symbol: str | None, bar_file: BarFile) -> SymbolSpec:
    """The specification in the file at `path`, else the built-in one of the symbol. Raises UserMistake."""
    name = symbol or bar_file.symbol or ""
    if not path:
        if not name:
            raise UserMistake(_NO_SYMBOL())
        known = known_symbol(name)
        return with_digits(known, bar_file.digits) if bar_file.digits > known.digits else known
    try:
        values = json.loads(Path(path).read_text("utf-8-sig"))
    except (OSError, ValueError, RecursionError) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise UserMistake(_SPEC_FILE(path=path, why=why)) from error
    if not isinstance(values, dict):
        raise UserMistake(_SPEC_FILE(path=path, why="it is not a JSON object"))
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


def rate_of(text: str | None, spec: SymbolSpec, account: str) -> float | RateSeries | None:
    """A number, or the bars of a file; its name tells whether they are quoted the other way. Raises UserMistake."""
    if text is None:
        return None
    if _NUMBER.fullmatch(text):
        return float(text)
    letters = re.sub("[^A-Z]", "", Path(text).name.upper())
    direct, inverse = spec.currency_profit + account, account + spec.currency_profit
    if spec.currency_profit != account and direct not in letters and inverse not in letters:
        other = next((pair for pair in _pairs(letters) if pair not in (direct, inverse)), None)
        if other is not None:
            raise UserMistake(_OTHER_PAIR(path=Path(text).name, found=other, direct=direct, inverse=inverse))
    return RateSeries(read_bars(text).bars, inverted=inverse in letters and direct not in letters)


def _pairs(letters: str) -> Iterator[str]:
    for at in range(len(letters) - 5):
        if {letters[at : at + 3], letters[at + 3 : at + 6]} <= _CURRENCIES_KNOWN:
            yield letters[at : at + 6]
