"""The limits of one bot that a trader changes now and then; only what differs from the defaults is stored."""

from __future__ import annotations

from collections.abc import Mapping

from ...domain.limits import Limits
from ..words import Words
from .fields import Field, decimal, whole

_OFF = "0 switches the limit off."
_DEFAULTS = Limits().to_mapping()


class LimitFields:
    """`fields` by the limit's name, in the order they are shown."""

    def __init__(self, words: Words) -> None:
        self.fields: dict[str, Field] = {
            "max_lots_per_order": Field(words, "Most lots per order", decimal(0, 100_000, 0.1, 2), _OFF),
            "max_risk_percent": Field(words, "Most risk per order, %", decimal(0, 100, 0.5, 1), _OFF),
            "orders_per_day": Field(words, "Most orders per day", whole(0, 100_000, 1), _OFF),
            "cooldown_losses": Field(words, "Rest after losses in a row", whole(0, 1_000, 1), _OFF),
        }

    def fill(self, stored: Mapping[str, float]) -> None:
        """Show the stored limits, and the defaults of the others."""
        for name, field in self.fields.items():
            field.set_value(stored.get(name, _DEFAULTS[name]))

    def values(self, stored: Mapping[str, float]) -> dict[str, float]:
        """The limits to store: those stored before that have no field here, and what differs from its default."""
        kept = {name: value for name, value in stored.items() if name not in self.fields}
        for name, field in self.fields.items():
            value = float(field.value())
            if value != _DEFAULTS[name] or name in stored:
                kept[name] = value
        return kept
