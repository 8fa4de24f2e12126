"""The history as JSON, kept as it grows: records never change once booked, so each is turned into text once."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

from .account import Account


class HistoryTexts:
    """JSON of an account's past orders and deals, extended as they are booked."""

    def __init__(self) -> None:
        self._orders: list[str] = []
        self._deals: list[str] = []

    def orders(self, account: Account) -> str:
        """The past orders as a JSON list."""
        return _extended(self._orders, account.past_orders)

    def deals(self, account: Account) -> str:
        """The deals as a JSON list."""
        return _extended(self._deals, account.deals)


def _extended(texts: list[str], records: list[Any]) -> str:
    if len(texts) > len(records):
        texts.clear()
    texts.extend(json_text(dataclasses.astuple(record)) for record in records[len(texts) :])
    return f"[{','.join(texts)}]"


def json_text(value: object) -> str:
    """`value` as compact JSON."""
    return json.dumps(value, separators=(",", ":"))
