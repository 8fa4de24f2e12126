"""A result as one HTML page that needs nothing else: tiles, equity curve, report, trust marks, trades."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, fields
from html import escape

import numpy as np

from ..domain.bars import Floats
from ..domain.clock import server_text
from .input import BacktestInput
from .result import BacktestResult
from .summary import tiles_of
from .trade import Trade

_WIDTH, _HEIGHT = 1000, 280
_STYLE = """
:root { color-scheme: light dark; --line: #1668c4; --low: #c2571a; --edge: #8888; }
body { font: 14px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 68rem; padding: 0 1rem; }
h1 { font-size: 1.4rem; } h2 { font-size: 1.1rem; margin-top: 2rem; }
.tiles { display: flex; flex-wrap: wrap; gap: .6rem; }
.tiles div { border: 1px solid var(--edge); border-radius: .4rem; padding: .5rem .8rem; min-width: 8.5rem; }
.tiles b { display: block; font-size: 1.15rem; font-variant-numeric: tabular-nums; }
svg { width: 100%; height: auto; border: 1px solid var(--edge); }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
td, th { border-bottom: 1px solid var(--edge); padding: .15rem .5rem; text-align: right; white-space: nowrap; }
td:first-child, th:first-child { text-align: left; } .wide { overflow-x: auto; }
"""


def page_of(given: BacktestInput, result: BacktestResult) -> str:
    """The whole page as text."""
    title = f"{given.strategy} on {given.spec.symbol}"
    first, last = server_text(int(result.times[0])), server_text(int(result.times[-1]))
    currency = escape(given.account.currency)
    parts = [
        f"<!doctype html><html lang='en'><meta charset='utf-8'><title>{escape(title)}</title>",
        f"<style>{_STYLE}</style><h1>{escape(title)}</h1>",
        f"<p>{len(result.times):,} bars, {first} to {last} (server time). Deposit {given.account.balance:,.2f} "
        f"{currency}, final balance {result.balance[-1]:,.2f} {currency}.</p>",
        "<div class='tiles'>",
        *(f"<div>{escape(label)}<b>{escape(text)}</b></div>" for label, text in tiles_of(result)),
        "</div><h2>Equity and its lowest value in each bar</h2>",
        _chart(result.equity, result.equity_low),
        "<h2>How far to trust it</h2>",
        _list(f"{'✔' if mark.good else '✘'} {mark.message.text}" for mark in result.trust),
        "<h2>Assumptions</h2>",
        _list(each.text for each in result.assumptions),
        "<h2>Report</h2><table>",
        *(_row((name.replace("_", " "), _figure(value))) for name, value in _figures(result)),
        "</table><h2>Trades</h2><div class='wide'><table>",
        _row([each.name.replace("_", " ") for each in fields(Trade)], cell="th"),
        *(_row(_cells(trade)) for trade in result.trades),
        f"</table></div><p>Passport {result.passport['hash']}<br>Result {result.hash}</p></html>",
    ]
    return "\n".join(parts)


def _figures(result: BacktestResult) -> list[tuple[str, object]]:
    flat: list[tuple[str, object]] = []
    for name, value in result.report.items():
        if name == "exit_reasons":
            flat += [
                (f"exits by {reason}", f"{each['trades']}, net {each['net']:,.2f}")
                for reason, each in value.items()
            ]
        else:
            flat.append((name, value))
    return flat + [(f"refused: {reason}", count) for reason, count in result.refused.items()]


def _cells(trade: Trade) -> list[str]:
    values = asdict(trade)
    for name in ("open_time", "close_time"):
        values[name] = server_text(values[name])
    return [_figure(value) for value in values.values()]


def _figure(value: object) -> str:
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else ""
    return f"{value:,.6g}" if isinstance(value, float) and abs(value) < 1 else str(value)


def _row(cells: Sequence[str], cell: str = "td") -> str:
    return "<tr>" + "".join(f"<{cell}>{escape(each)}</{cell}>" for each in cells) + "</tr>"


def _list(sentences: Iterable[str]) -> str:
    return "<ul>" + "".join(f"<li>{escape(each)}</li>" for each in sentences) + "</ul>"


def _chart(equity: Floats, lows: Floats) -> str:
    top, bottom = float(equity.max()), float(lows.min())
    if top == bottom:
        top, bottom = top + 1.0, bottom - 1.0
    curves = (
        ("--line", [float(part.max()) for part in _parts(equity)]),
        ("--low", [float(part.min()) for part in _parts(lows)]),
    )
    lines = []
    for colour, values in curves:
        step = _WIDTH / max(1, len(values) - 1)
        points = " ".join(
            f"{k * step:.1f},{(top - value) / (top - bottom) * _HEIGHT:.1f}" for k, value in enumerate(values)
        )
        lines.append(f"<polyline fill='none' stroke='var({colour})' points='{points}'/>")
    labels = f"<text x='4' y='14' fill='currentColor'>{top:,.2f}</text>"
    labels += f"<text x='4' y='{_HEIGHT - 4}' fill='currentColor'>{bottom:,.2f}</text>"
    return f"<svg viewBox='0 0 {_WIDTH} {_HEIGHT}' role='img'>{''.join(lines)}{labels}</svg>"


def _parts(values: Floats) -> list[Floats]:
    return np.array_split(values, min(len(values), _WIDTH))
