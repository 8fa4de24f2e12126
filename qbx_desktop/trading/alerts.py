"""When a price alert fires: once, on a real cross in its own direction, also for what happened while away."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

from ..domain.messages import Message, declare

_OFF = " An alert sends no orders; it is off now."
_UP = declare("alert.up", "{symbol} crossed up {alert}; the price is {price}." + _OFF)
_DOWN = declare("alert.down", "{symbol} crossed down {alert}; the price is {price}." + _OFF)
_UP_AWAY = declare(
    "alert.up_away",
    "While you were away {symbol} crossed up {alert}; the price is now {price}." + _OFF,
)
_DOWN_AWAY = declare(
    "alert.down_away",
    "While you were away {symbol} crossed down {alert}; the price is now {price}." + _OFF,
)


class Direction(StrEnum):
    """The side an alert is reached from: UP waits above the price, DOWN below it."""

    UP = "up"
    DOWN = "down"


@dataclass(frozen=True)
class PriceRange:
    """The extremes of the bid over a time nobody watched."""

    low: float
    high: float


def direction_of(alert_price: float, price: float) -> Direction:
    """The direction in which `price` has to travel to reach the alert; UP when it is already there."""
    return Direction.DOWN if alert_price < price else Direction.UP


def crossed(
    previous_price: float | None, price: float, alert_price: float, direction: Direction | str | None
) -> bool:
    """Whether the move from `previous_price` to `price` reaches `alert_price` in the alert's direction.

    The previous price must lie strictly on the near side: standing on the line is not a cross, and touching it
    from the far side is not one either. Reaching the line exactly is. Without a direction (an old row) both
    count. Nothing is known before the first price, so nothing fires.
    """
    if previous_price is None or not all(map(math.isfinite, (previous_price, price, alert_price))):
        return False
    up = previous_price < alert_price <= price
    down = previous_price > alert_price >= price
    if direction is None:
        return up or down
    return up if Direction(direction) is Direction.UP else down


def crossed_while_away(
    last_price: float | None,
    unwatched: PriceRange | None,
    price: float,
    alert_price: float,
    direction: Direction | str | None,
) -> bool:
    """Whether the alert was reached between the last price seen before closing and the first one seen now.

    `unwatched` are the extremes of the bars in between, where the terminal has them: a spike that came back counts.
    """
    if crossed(last_price, price, alert_price, direction):
        return True
    if unwatched is None:
        return False
    return crossed(last_price, unwatched.high, alert_price, direction) or crossed(
        last_price, unwatched.low, alert_price, direction
    )


def hit_message(
    symbol: str, alert_price: float, price: float, direction: Direction | str, digits: int, *, away: bool
) -> Message:
    """The sentence of an alert that fired, prices to the symbol's digits."""
    up, down = (_UP_AWAY, _DOWN_AWAY) if away else (_UP, _DOWN)
    kind = up if Direction(direction) is Direction.UP else down
    return kind(symbol=symbol, alert=f"{alert_price:.{digits}f}", price=f"{price:.{digits}f}")
