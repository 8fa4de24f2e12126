"""Trades as CSV: UTF-8 with a byte order mark for Excel, the broker's times in ISO form, decimal points."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from datetime import UTC, datetime

from ..data.trades import TradeRecord
from .history_export import safe_cell

_HEADER = (
    "account", "server", "position", "part", "state", "bot", "symbol", "side", "lots", "opened_server", "entry",
    "closed_server", "exit", "stop", "target", "profit", "swap", "commission", "fee", "net", "complete", "mfe", "mae", "rating", "tags",
    "notes",
)  # fmt: skip


def to_csv(account: int, server: str, records: Iterable[TradeRecord], money_digits: int = 2) -> bytes:
    """These trades as the bytes of a CSV file; an unknown time or price is an empty cell."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(_HEADER)
    for each in records:
        trade = each.trade
        money = [
            f"{value:.{money_digits}f}"
            for value in (trade.profit, trade.swap, trade.commission, trade.fee, trade.net)
        ]
        prices = [
            f"{value:.{each.digits}f}" if value else ""
            for value in (trade.open_price, trade.close_price, each.sl, each.tp)
        ]
        ran = ["", ""]
        if each.excursion is not None:
            ran = [f"{value:.{money_digits}f}" for value in (each.excursion.mfe, each.excursion.mae)]
        cells = (
            account, safe_cell(server), trade.position_id, trade.part, "open" if trade.is_open else "closed",
            safe_cell(each.bot_name), safe_cell(trade.symbol), "buy" if trade.side > 0 else "sell", f"{trade.volume:.8g}",
            _time(trade.open_ms), prices[0], _time(trade.close_ms), *prices[1:], *money, int(trade.complete),
            *ran, each.rating or "", safe_cell(" ".join(each.tags)), safe_cell(each.notes),
        )  # fmt: skip
        writer.writerow(cells)
    return text.getvalue().encode("utf-8-sig")


def _time(milliseconds: int | None) -> str:
    if milliseconds is None:
        return ""
    return datetime.fromtimestamp(milliseconds / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%S")
