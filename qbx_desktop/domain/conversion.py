"""From the currency of a profit or margin to the account's, at the price and side MetaTrader 5 takes.

An amount whose currency pair is the traded symbol itself converts at the price of the calculation; any other goes
through a forex pair at its quote: gains at the cheap side, losses at the dear one, margins at ask for buys and bid
for sells. Without a direct pair it goes through the US dollar; without any road there is no answer.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

Quote = tuple[float, float]


@dataclass(frozen=True)
class Converter:
    """Converts into the account currency `deposit`.

    `pairs` names the forex symbol of each `(base, profit)` currency pair; `quote` gives a symbol's `(bid, ask)`, or
    None while it has no price. Every method returns account currency for one unit of `currency`, or None when
    there is no road: what depends on it must then be refused.
    """

    deposit: str
    pairs: Mapping[tuple[str, str], str]
    quote: Callable[[str], Quote | None]

    def gain(self, currency: str) -> float | None:
        """For money won in `currency`."""
        return self._through(currency, buys=False)

    def loss(self, currency: str) -> float | None:
        """For money lost in `currency`."""
        return self._through(currency, buys=True)

    def profit(self, amount: float, currency: str, base: str = "", price: float = 0.0) -> float | None:
        """For a profit (or swap, when negative a loss) of `amount`.

        `base` is the symbol's base currency when it is a forex pair ('' otherwise) and `price` the close price.
        """
        if base == self.deposit and currency != base and price > 0:
            return 1.0 / price
        return self.gain(currency) if amount >= 0 else self.loss(currency)

    def margin(self, currency: str, is_buy: bool, base: str, profit: str, price: float) -> float | None:
        """For a margin in `currency` of a symbol `base`/`profit` ('' when it is no forex pair) at `price`."""
        if currency == base and profit == self.deposit:
            return price
        if currency == profit and base == self.deposit and price > 0:
            return 1.0 / price
        return self._at_side(currency, 1 if is_buy else 0)

    def _through(self, currency: str, buys: bool) -> float | None:
        direct = self._direct(currency, self.deposit, buys)
        if direct is not None or "USD" in (currency, self.deposit):
            return direct
        first = self._direct(currency, "USD", buys)
        second = self._direct("USD", self.deposit, buys)
        return None if first is None or second is None else first * second

    def _direct(self, currency: str, target: str, buys: bool) -> float | None:
        """Target currency for one unit of `currency`: bought back at the dear side, sold at the cheap one."""
        if currency == target:
            return 1.0
        straight = self._price(currency, target)
        if straight is not None:
            return straight[1] if buys else straight[0]
        inverse = self._price(target, currency)
        if inverse is not None:
            return 1.0 / (inverse[0] if buys else inverse[1])
        return None

    def _at_side(self, currency: str, side: int) -> float | None:
        direct = self._direct_side(currency, self.deposit, side)
        if direct is not None or "USD" in (currency, self.deposit):
            return direct
        first = self._direct_side(currency, "USD", side)
        second = self._direct_side("USD", self.deposit, side)
        return None if first is None or second is None else first * second

    def _direct_side(self, currency: str, target: str, side: int) -> float | None:
        if currency == target:
            return 1.0
        straight = self._price(currency, target)
        if straight is not None:
            return straight[side]
        inverse = self._price(target, currency)
        return None if inverse is None else 1.0 / inverse[side]

    def _price(self, base: str, profit: str) -> Quote | None:
        name = self.pairs.get((base, profit))
        found = None if name is None else self.quote(name)
        return found if found is not None and found[0] > 0 and found[1] > 0 else None
