"""A result in a few lines to read: tiles, assumptions and trust marks."""

from __future__ import annotations

import numpy as np

from ..domain.clock import server_text
from .appraisal import Appraisal
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
    if result.band.pessimistic != result.band.optimistic:
        low, middle, high = (f"{each:+,.2f}" for each in result.band)
        lines.append(
            f"  Bars that touched stop and target: {low} at the worst, {middle} as counted, {high} at the best."
        )
    lines += ["", "How far to trust it:"]
    lines += [f"  [{'ok' if mark.good else '!!'}] {mark.message.text}" for mark in result.trust]
    lines += ["", "Assumptions:"]
    lines += [f"  - {each.text}" for each in result.assumptions]
    lines += ["", f"Passport {result.passport['hash'][:16]}, result {result.hash[:16]}"]
    return "\n".join(lines)


def appraisal_of(given: BacktestInput, appraisal: Appraisal) -> str:
    """What stands beside the result, as plain text."""
    currency, chance, quality = given.account.currency, appraisal.baseline, appraisal.quality
    lines = [f"History quality {100 * quality.quality:.1f} % ({quality.verdict.value})."]
    if chance is not None:
        lines += ["", "Better than chance?", f"  {chance.verdict.text}"]
        if len(chance.net):
            low, middle, high = (float(np.quantile(chance.net, share)) for share in (0.05, 0.5, 0.95))
            lines.append(
                f"  Random runs earned {middle:+,.2f} {currency} in the middle, {low:+,.2f} to {high:+,.2f} nine times in ten."
            )
        held = (
            "could not be held" if chance.hold_net is None else f"earned {chance.hold_net:+,.2f} {currency}"
        )
        lines.append(f"  Buying {chance.hold_lots:.2f} lots once and holding them {held}.")
    return "\n".join(lines)
