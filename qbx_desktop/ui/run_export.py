"""A shown backtest as files: one web page with everything, or its trades for a spreadsheet."""

from __future__ import annotations

import csv
import dataclasses
import io
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from html import escape

from ..backtest.html import STYLE, chart, row
from ..backtest.trade import Trade
from ..domain.clock import server_text
from ..domain.messages import Message
from ..workers.backtest_run import ShownRun
from . import figures
from .history_export import safe_cell
from .models.report_model import lines_of
from .models.trades_model import REASONS
from .tabs.backtest_tiles import TILES, tile_texts
from .words import Words

_TIMES = ("open_time", "close_time")


def to_html(run: ShownRun, title: str, words: Words) -> str:
    """The run as one page that needs nothing else, in the language of the window."""
    t, texts = words.t, tile_texts(run, words)
    period = " – ".join(server_text(int(run.times[at])) for at in (0, -1)) if len(run.times) else ""
    lines = lines_of(run, words)
    sections = dict.fromkeys(line.section for line in lines)
    chance = run.appraisal.get("baseline")
    verdict = words.say(Message(chance["verdict"]["code"], chance["verdict"]["params"])) if chance else ""
    parts = [
        f"<!doctype html><html lang='{escape(words.language)}'><meta charset='utf-8'><title>{escape(title)}</title>",
        "<meta name='viewport' content='width=device-width'>",
        f"<style>{STYLE}</style><h1>{escape(title)}</h1><p>{escape(period)}</p>",
        "<div class='tiles'>",
        *(f"<div>{escape(t(label))}<b>{escape(texts[name])}</b></div>" for name, label, _ in TILES),
        "</div>",
        f"<p class='verdict'>{escape(verdict)}</p>" if verdict else "",
        f"<h2>{escape(t('Equity'))}</h2>",
        chart(run.equity, run.equity_low) if len(run.equity) else "",
    ]
    for section in sections:
        rows = (row((line.label, line.value)) for line in lines if line.section == section)
        parts += [f"<h2>{escape(section)}</h2><table>", *rows, "</table>"]
    heads = ("#", "Opened", "Side", "Lots", "Entry", "Exit", "Why", "P/L", "Bars", "Closed")
    parts += [
        f"<h2>{escape(t('Trades'))}</h2><div class='wide'><table>", row([t(each) for each in heads], cell="th"),
        *(row(_cells(number, each, run, words)) for number, each in enumerate(run.trades, 1)), "</table></div></html>",
    ]  # fmt: skip
    return "\n".join(parts)


def to_csv(run: ShownRun) -> bytes:
    """The run's trades as CSV: UTF-8 with a mark for Excel, ISO times of the server, decimal points, English names."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    names = [each.name for each in dataclasses.fields(Trade)]
    writer.writerow(names)
    for trade in run.trades:
        writer.writerow([_csv_cell(name, getattr(trade, name)) for name in names])
    return text.getvalue().encode("utf-8-sig")


def _csv_cell(name: str, value: object) -> object:
    if name in _TIMES and isinstance(value, int):
        return datetime.fromtimestamp(value, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    return safe_cell(value) if isinstance(value, str) else value


def _cells(number: int, trade: Trade, run: ShownRun, words: Words) -> Sequence[str]:
    side = words.t("Buy" if trade.side == "buy" else "Sell")
    price: Iterable[str] = (figures.price(each, run.digits) for each in (trade.open_price, trade.close_price))
    return (
        str(number), server_text(trade.open_time), side, figures.lots(trade.volume), *price,
        words.t(REASONS.get(trade.reason, trade.reason)), figures.signed(trade.net, run.money_digits, words.language),
        str(trade.bars_held), server_text(trade.close_time),
    )  # fmt: skip
