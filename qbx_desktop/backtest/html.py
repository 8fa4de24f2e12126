"""A result as one HTML page that needs nothing else: tiles, verdict, equity curve, ribbon, report, trades."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, fields
from html import escape
from itertools import chain

import numpy as np

from ..domain.bars import Floats
from ..domain.clock import server_text
from .appraisal import Appraisal
from .input import BacktestInput
from .result import BacktestResult
from .summary import tiles_of
from .trade import Trade

_WIDTH, _HEIGHT, _RIBBON = 1000, 280, 14
STYLE = """
:root { color-scheme: light dark; --line: #1668c4; --low: #c2571a; --edge: #8888; --good: #1a7f37; --bad: #c0392b;
  --fair: #b8860b; }
@media (prefers-color-scheme: dark) { :root { --line: #58a6ff; --low: #f0883e; --good: #3fb950; --bad: #f85149;
  --fair: #d29922; } }
body { font: 14px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 68rem; padding: 0 1rem; }
h1 { font-size: 1.4rem; } h2 { font-size: 1.1rem; margin-top: 2rem; }
.tiles { display: flex; flex-wrap: wrap; gap: .6rem; }
.tiles div { border: 1px solid var(--edge); border-radius: .4rem; padding: .5rem .8rem; min-width: 8.5rem; }
.tiles b { display: block; font-size: 1.15rem; font-variant-numeric: tabular-nums; }
.verdict { border-left: .25rem solid var(--line); padding: .1rem .8rem; margin: .6rem 0; font-weight: 600; }
.good { color: var(--good); } .bad { color: var(--bad); }
rect { shape-rendering: crispEdges; } svg { width: 100%; height: auto; border: 1px solid var(--edge); display: block; }
.ribbon { border: 0; height: 14px; margin-top: 2px; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; } .wide table { width: 100%; }
td, th { border-bottom: 1px solid var(--edge); padding: .15rem .5rem; text-align: right; white-space: nowrap; }
td:first-child, th:first-child { text-align: left; } .wide { overflow-x: auto; }
.report { columns: 2; column-gap: 2.5rem; } .report table { width: 100%; } .report tr { break-inside: avoid; }
@media print { .wide { overflow: visible; font-size: 9px; } }
@media (max-width: 50rem) { .report { columns: 1; } }
"""


def page_of(given: BacktestInput, result: BacktestResult, appraisal: Appraisal | None = None) -> str:
    """The whole page as text."""
    title = f"{given.strategy} on {given.spec.symbol}"
    first, last = server_text(int(result.times[0])), server_text(int(result.times[-1]))
    currency = escape(given.account.currency)
    parts = [
        f"<!doctype html><html lang='en'><meta charset='utf-8'><title>{escape(title)}</title>",
        "<meta name='viewport' content='width=device-width'>",
        f"<style>{STYLE}</style><h1>{escape(title)}</h1>",
        f"<p>{len(result.times):,} bars, {first} to {last} (server time). Deposit {given.account.balance:,.2f} "
        f"{currency}, final balance {result.balance[-1]:,.2f} {currency}.</p>",
        "<div class='tiles'>",
        *(f"<div>{escape(label)}<b>{escape(text)}</b></div>" for label, text in tiles_of(result)),
        "</div>",
        *_chance(given, appraisal),
        "<h2>Equity and its lowest value in each bar</h2>",
        chart(result.equity, result.equity_low),
        *_quality(result, appraisal),
        "<h2>How far to trust it</h2>",
        _marks(result),
        _band(given, result),
        "<h2>Assumptions</h2>",
        _list(each.text for each in result.assumptions),
        "<h2>Report</h2><div class='report'><table>",
        *(row((name.replace("_", " "), _figure(value))) for name, value in _figures(result)),
        "</table></div><h2>Trades</h2><div class='wide'><table>",
        row([each.name.replace("_", " ") for each in fields(Trade)], cell="th"),
        *(row(_cells(trade)) for trade in result.trades),
        f"</table></div><p>Passport {result.passport['hash']}<br>Result {result.hash}</p></html>",
    ]
    return "\n".join(parts)


def _chance(given: BacktestInput, appraisal: Appraisal | None) -> Iterable[str]:
    chance = None if appraisal is None else appraisal.baseline
    if chance is None:
        return
    currency = given.account.currency
    yield "<h2>Better than chance?</h2>"
    yield f"<p class='verdict'>{escape(chance.verdict.text)}</p><table>"
    if len(chance.net):
        for share, words in (
            (0.05, "1 in 20 earned less than"),
            (0.5, "half earned less than"),
            (0.95, "1 in 20 earned more than"),
        ):
            yield row(
                (f"Of the random runs, {words}", f"{float(np.quantile(chance.net, share)):,.2f} {currency}")
            )
    held = "–" if chance.hold_net is None else f"{chance.hold_net:,.2f} {currency}"
    yield row((f"Buying {chance.hold_lots:.2f} lots once and holding", held)) + "</table>"


def _quality(result: BacktestResult, appraisal: Appraisal | None) -> Iterable[str]:
    """The ribbon under the curve: along the time, green where the history is whole."""
    if appraisal is None:
        return
    begin, end = int(result.times[0]), int(result.times[-1])
    span = max(end - begin, 1)
    bands = []
    for band in appraisal.quality.ribbon:
        left = (max(band.start, begin) - begin) / span * _WIDTH
        wide = (min(band.stop, end) - max(band.start, begin)) / span * _WIDTH
        colour = "--good" if band.quality >= 0.9 else "--fair" if band.quality >= 0.5 else "--bad"
        tip = f"{server_text(band.start)[:10]}: {100 * band.quality:.0f} %"
        if wide > 0:
            bands.append(
                f"<rect x='{left:.1f}' y='0' width='{wide + 0.5:.2f}' height='{_RIBBON}' style='fill:var({colour})'>"
                f"<title>{tip}</title></rect>"
            )
    yield (
        f"<svg class='ribbon' viewBox='0 0 {_WIDTH} {_RIBBON}' preserveAspectRatio='none' role='img'>"
        f"{''.join(bands)}</svg><p>History quality {100 * appraisal.quality.quality:.1f} % "
        f"({appraisal.quality.verdict.value}).</p>"
    )


def _band(given: BacktestInput, result: BacktestResult) -> str:
    """How far the bars that touched both stop and target could move the result."""
    if result.band.pessimistic == result.band.optimistic:
        return ""
    low, middle, high = (f"{each:,.2f} {given.account.currency}" for each in result.band)
    return (
        f"<p>Net profit if every bar that touched stop and target went against you: {escape(low)}; as counted: "
        f"{escape(middle)}; for you: {escape(high)}.</p>"
    )


def _marks(result: BacktestResult) -> str:
    words = {True: "<b class='good'>✔</b>", False: "<b class='bad'>✘</b>"}
    return (
        "<ul>"
        + "".join(f"<li>{words[mark.good]} {escape(mark.message.text)}</li>" for mark in result.trust)
        + "</ul>"
    )


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
    if isinstance(value, float):
        return f"{value:,.10g}" if abs(value) >= 1 else f"{value:,.6g}"
    return str(value)


def row(cells: Sequence[str], cell: str = "td") -> str:
    """One row of a table; `cell` is th for the head."""
    return "<tr>" + "".join(f"<{cell}>{escape(each)}</{cell}>" for each in cells) + "</tr>"


def _list(sentences: Iterable[str]) -> str:
    return "<ul>" + "".join(f"<li>{escape(each)}</li>" for each in sentences) + "</ul>"


def chart(equity: Floats, lows: Floats) -> str:
    """The curve of equity and of its lowest values as SVG; at least one value."""
    top, bottom = float(equity.max()), float(lows.min())
    if top == bottom:
        top, bottom = top + 1.0, bottom - 1.0
    # A part of many bars is drawn from its lowest to its highest value, so that nothing is thinned away.
    curves = (
        ("--low", [float(part.min()) for part in _parts(lows)]),
        (
            "--line",
            list(chain.from_iterable((float(part.min()), float(part.max())) for part in _parts(equity))),
        ),
    )
    lines = []
    for colour, values in curves:
        step = _WIDTH / max(1, len(values) - 1)
        points = " ".join(
            f"{k * step:.1f},{(top - value) / (top - bottom) * _HEIGHT:.1f}" for k, value in enumerate(values)
        )
        lines.append(f"<polyline fill='none' style='stroke:var({colour})' points='{points}'/>")
    labels = f"<text x='4' y='14' fill='currentColor'>{top:,.2f}</text>"
    labels += f"<text x='4' y='{_HEIGHT - 4}' fill='currentColor'>{bottom:,.2f}</text>"
    return f"<svg viewBox='0 0 {_WIDTH} {_HEIGHT}' role='img'>{''.join(lines)}{labels}</svg>"


def _parts(values: Floats) -> list[Floats]:
    return np.array_split(values, min(len(values), _WIDTH))
