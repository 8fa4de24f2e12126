"""A result in a few lines to read: tiles, assumptions and trust marks."""

from __future__ import annotations

from ..domain.clock import server_text
from .input import BacktestInput
from .result import BacktestResult

# report field -> how its tile is labelled and written; `_percent` fields and factors are shown as they are
TILES: tuple[tuple[str, str, str], ...] = (
    ("net_profit", "Net profit", "{:+,.2f}"),
    ("total_trades", "Trades", "{:,}"),
    ("profit_trades", "Won", "{:,}"),
    ("profit_factor", "Profit factor", "{:.2f}"),
    ("expected_payoff", "Expected payoff", "{:+,.2f}"),
    ("equity_drawdown_maximal", "Equity drawdown", "{:,.2f}"),
    ("equity_drawdown_relative_percent", "Equity drawdown %", "{:.2f} %"),
    ("recovery_factor", "Recovery factor", "{:.2f}"),
    ("sharpe", "Sharpe per trade", "{:.3f}"),
    ("sqn", "SQN", "{:.2f}"),
)


def tiles_of(result: BacktestResult) -> list[tuple[str, str]]:
    """Label and text of each tile; an empty figure is a dash."""
    return [
        (label, "–" if result.report[name] is None else form.format(result.report[name]))
        for name, label, form in TILES
    ]


def summary_of(given: BacktestInput, result: BacktestResult) -> str:
    """The result as plain text."""
    currency = given.account.currency
    first, last = server_text(int(result.times[0])), server_text(int(result.times[-1]))
    lines = [
        f"{given.strategy} on {given.spec.symbol}, {len(result.times):,} bars, {first} to {last} (server time)",
        f"Deposit {given.account.balance:,.2f} {currency}, final balance {result.balance[-1]:,.2f} {currency}",
        "",
    ]
    width = max(len(label) for label, _ in tiles_of(result))
    lines += [f"  {label:<{width}}  {text:>14}" for label, text in tiles_of(result)]
    refused = {reason: count for reason, count in result.refused.items() if count}
    if refused:
        words = ", ".join(f"{count} {reason}" for reason, count in refused.items())
        lines.append(f"  Entries refused: {words}")
    lines += ["", "How far to trust it:"]
    lines += [f"  [{'ok' if mark.good else '!!'}] {mark.message.text}" for mark in result.trust]
    lines += ["", "Assumptions:"]
    lines += [f"  - {each.text}" for each in result.assumptions]
    lines += ["", f"Passport {result.passport['hash'][:16]}, result {result.hash[:16]}"]
    return "\n".join(lines)
