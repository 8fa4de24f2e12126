"""How far trading may go: the limits that the guards hold, per bot and per account."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass

from .errors import UserMistake
from .messages import declare

_WRONG = declare("limit.wrong", "The limit {name} is {value!r}; it must be a number from 0 (off) upwards.")
_UNKNOWN = declare("limit.unknown", "There is no limit {name!r}. Known: {known}.")


@dataclass(frozen=True)
class Limits:
    """Every limit; 0 switches one off. Percentages are 0-100, lots in lots, times in seconds or server hours.

    `max_lots_per_order` and `max_risk_percent` hold per order; `max_open_*`, `account_*` over all bots of the
    account; the rest per bot. Daily loss and drawdown hold for the account and, with `bot_*`, for one bot's own
    result as a share of the account's equity.
    """

    require_sl: float = 1.0
    max_lots_per_order: float = 1.0
    max_open_lots: float = 5.0
    max_open_positions: float = 50.0
    max_risk_percent: float = 2.0
    daily_loss_percent: float = 5.0
    drawdown_percent: float = 20.0
    bot_daily_loss_percent: float = 5.0
    bot_drawdown_percent: float = 20.0
    orders_per_minute: float = 2.0
    orders_per_day: float = 20.0
    account_orders_per_minute: float = 30.0
    refusals_in_a_row: float = 5.0
    spread_medians: float = 3.0
    max_spread_points: float = 0.0
    slippage_points: float = 20.0
    slippage_breaches: float = 3.0
    max_price_age: float = 30.0
    max_gap_atr: float = 5.0
    min_free_margin_percent: float = 30.0
    cooldown_losses: float = 4.0
    cooldown_seconds: float = 3_600.0
    session_from_hour: float = 0.0
    session_to_hour: float = 0.0
    weekend_flat_hour: float = 0.0

    @classmethod
    def of(cls, values: Mapping[str, float], base: Limits | None = None) -> Limits:
        """`base` (default: the defaults) with the stored values of a bot on top. Raises UserMistake."""
        known = {each.name for each in dataclasses.fields(cls)}
        for name, value in values.items():
            if name not in known:
                raise UserMistake(_UNKNOWN(name=name, known=", ".join(sorted(known))))
            number = isinstance(value, (int, float)) and not isinstance(value, bool)
            if not number or not math.isfinite(value) or value < 0:
                raise UserMistake(_WRONG(name=name, value=value))
        return dataclasses.replace(base or cls(), **{name: float(value) for name, value in values.items()})

    @classmethod
    def off(cls) -> Limits:
        """No limit at all: what a backtest without guards runs under."""
        return cls(**{each.name: 0.0 for each in dataclasses.fields(cls)})

    def to_mapping(self) -> dict[str, float]:
        """As plain values for storage."""
        return dataclasses.asdict(self)


# More of these is stricter; of all others less is, and 0 (off) is the loosest.
_STRICTER_WHEN_HIGHER = frozenset({"require_sl", "min_free_margin_percent", "cooldown_seconds"})
# Hours are neither stricter nor looser than other hours.
_HOURS = frozenset({"session_from_hour", "session_to_hour", "weekend_flat_hour"})


def loosened(before: Mapping[str, float], after: Mapping[str, float]) -> list[str]:
    """The limits that allow more in `after` than in `before`; what is not stored has its default."""
    defaults = Limits().to_mapping()
    found = []
    for name in defaults.keys() - _HOURS:
        old, new = (each.get(name, defaults[name]) for each in (before, after))
        if name in _STRICTER_WHEN_HIGHER:
            looser = new < old
        else:
            looser = (new or math.inf) > (old or math.inf)
        if looser:
            found.append(name)
    return sorted(found)
