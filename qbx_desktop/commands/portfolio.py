"""`qbx portfolio`: several strategies and symbols on one account, and what they have in common."""

from __future__ import annotations

import argparse
import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ..backtest.input import BacktestInput
from ..backtest.portfolio import PortfolioResult, run_portfolio
from ..backtest.portfolio_risk import correlations, exposures
from ..backtest.run import run as run_backtest
from ..data.bar_files import read_bars
from ..domain.clock import server_text
from ..domain.errors import UserMistake
from ..domain.messages import declare
from .backtest_options import Parser, input_of, input_options, number
from .search_options import write_json

_LEG = declare("portfolio.leg", "The leg {text!r} cannot be read: {why} Nothing was run.")
_FEW = declare(
    "portfolio.few", "Give at least one --leg with the options of 'qbx backtest' in quotes. Nothing was run."
)
_ACCOUNT = ("balance", "currency", "leverage", "stop_out")


def run(arguments: Sequence[str]) -> int:
    """Run `qbx portfolio`. Raises UserMistake for wrong input; returns the exit code."""
    parser = Parser(
        prog="qbx portfolio",
        description="Run several strategies on one account: shared balance and margin, currencies, correlation.",
        allow_abbrev=False,
    )
    add = parser.add_argument
    add(
        "--leg", dest="legs", action="append", default=[], metavar="'OPTIONS'",
        help="the options of 'qbx backtest' for one strategy, in quotes, without those of the account; repeat for more",
    )  # fmt: skip
    add("--balance", type=number, default=10_000.0, metavar="X", help="deposit (10000)")
    add("--currency", default="USD", metavar="C", help="account currency (USD)")
    add("--leverage", type=number, default=100.0, metavar="N", help="1:N (100)")
    add("--stop-out", type=number, default=50.0, metavar="PCT", help="margin level that closes (50, 0 = off)")
    add("--json", metavar="OUT", type=Path, help="write everything as JSON")
    options = parser.parse_args(list(arguments))
    if not options.legs:
        raise UserMistake(_FEW())
    inputs = [_leg(each, options) for each in options.legs]
    whole = run_portfolio(inputs)
    alone = [float(run_backtest(each).report["net_profit"]) for each in inputs]
    print("\n".join(lines_of(inputs, whole, alone)))
    write_json(options.json, lambda: portfolio_json(inputs, whole, alone))
    return 0


def lines_of(inputs: Sequence[BacktestInput], whole: PortfolioResult, alone: Sequence[float]) -> list[str]:
    """A portfolio as text to read."""
    currency, report = inputs[0].account.currency, whole.report
    lines = [f"{'strategy':<24} {'symbol':<10} {'alone':>12} {'together':>12} {'trades':>7} {'no money':>9}"]
    for given, leg, net in zip(inputs, whole.legs, alone, strict=True):
        lines.append(
            f"{given.strategy:<24} {given.spec.symbol:<10} {net:>12,.2f} {leg.net:>12,.2f} {len(leg.trades):>7,} "
            f"{leg.refused['no money']:>9,}"
        )
    lines.append(f"{'sum of the parts':<35} {sum(alone):>12,.2f} {report['net_profit']:>12,.2f}")
    stops = (
        "no limit, a position had no stop" if whole.unstopped else f"{whole.worst_stop_out:,.2f} {currency}"
    )
    lines += [
        "",
        f"Deepest fall of the equity: {report['equity_drawdown_maximal']:,.2f} {currency} "
        f"({report['equity_drawdown_maximal_percent']:.1f} %), most margin in use {whole.margin_used.max():,.2f}",
        f"Lost if all stops had been hit at once, at worst: {stops}",
        "Largest net exposure:",
        *(f"  {each.amount:>+16,.2f} {each.currency} at {server_text(each.time)}" for each in exposures(inputs, whole)),
        "Correlation of daily results:",
    ]  # fmt: skip
    for given, row in zip(inputs, correlations(whole), strict=True):
        cells = "  ".join("    –" if value is None else f"{value:+.2f}" for value in row)
        lines.append(f"  {given.spec.symbol:<10} {cells}")
    return lines


def portfolio_json(
    inputs: Sequence[BacktestInput], whole: PortfolioResult, alone: Sequence[float]
) -> dict[str, Any]:
    """A portfolio as plain JSON values."""
    return {
        "legs": [
            {
                "strategy": given.strategy, "symbol": given.spec.symbol, "net_alone": net, "net": leg.net,
                "refused": leg.refused, "trades": [dict(vars(each)) for each in leg.trades],
            }
            for given, leg, net in zip(inputs, whole.legs, alone, strict=True)
        ],
        "report": whole.report, "sum_of_parts": sum(alone), "worst_stop_out": whole.worst_stop_out,
        "unstopped": whole.unstopped, "most_margin": float(whole.margin_used.max()),
        "exposures": [vars(each) for each in exposures(inputs, whole)], "correlations": correlations(whole),
        "curve": {
            "time": whole.times.tolist(), "balance": whole.balance.tolist(), "equity": whole.equity.tolist(),
            "equity_low": whole.equity_low.tolist(),
        },
    }  # fmt: skip


def _leg(text: str, account: argparse.Namespace) -> BacktestInput:
    parser = Parser(prog="qbx portfolio --leg", allow_abbrev=False, add_help=False)
    input_options(parser)
    try:
        # Not as a shell would: a backslash is part of a Windows path.
        words = [each.strip("\"'") for each in shlex.split(text, posix=False)]
    except ValueError as error:
        raise UserMistake(_LEG(text=text, why=f"{error}.")) from None
    try:
        options = parser.parse_args(words)
    except UserMistake as error:
        raise UserMistake(_LEG(text=text, why=error.sentence)) from error
    for name in _ACCOUNT:
        setattr(options, name, getattr(account, name))
    return input_of(options, read_bars(options.bars))
