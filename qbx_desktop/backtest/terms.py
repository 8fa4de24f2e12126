"""What moves and nights are worth on this account: profit, commission, swap, margin and the stop-out price.

Prices are whole points turned to the side of the position (see `tape`), amounts are in account currency; `cents`
are the smallest units in which the account is kept (whole yen on a yen account).
"""

from __future__ import annotations

import math

from ..domain.money import (
    currency_digits,
    holding_margin,
    margin,
    profit,
    round_units,
    stop_out_price,
    swap_currency,
    swap_night,
)
from .conversion import AS_IS, BY_PRICE, power_of
from .input import BacktestInput
from .tape import Tape

NEVER = 1 << 60
# what `money.round_units` adds before it cuts off; written out here because it is asked several times a bar
_HALF = 0.5 + 1e-6


class Terms:
    """The money side of one run."""

    def __init__(self, given: BacktestInput, tape: Tape) -> None:
        """Raises UserMistake when an amount of this symbol cannot be converted into the account's currency."""
        spec, account = given.spec, given.account
        self.spec = spec
        self.leverage = account.leverage
        self.stop_out = account.stop_out
        self.unit = 10 ** currency_digits(account.currency)
        self.scale = 10.0**spec.digits
        self.own = tape.conversion.own
        self.rates = tape.conversion.rates
        self.moving = bool((self.rates != self.rates[0]).any())
        # profit of one lot when the price moves by 1, in profit currency; linear in every supported mode
        self.per_price = profit(
            spec.calc_mode, 1, 1.0, 0.0, 1.0, spec.contract_size, spec.tick_size, spec.tick_money
        )
        self.per_point = self.per_price * spec.point
        self.commission_per_lot = given.costs.commission_per_lot
        self.margin_power = AS_IS
        if any(self._margin_amount(1.0, 1.0, each) for each in (False, True)):
            self.margin_power = power_of(spec, spec.currency_margin, account.currency, "margin")
        self.swap_power = self._swap_power(account.currency)

    def cents(self, amount: float) -> int:
        """An amount as whole cents, half away from zero, deaf to binary noise."""
        x = amount * self.unit
        return int(x + _HALF) if x >= 0 else -int(_HALF - x)

    def rate(self, t: int, price: float) -> float:
        """Account currency for one unit of profit currency in bar `t` at `price`."""
        if self.own:
            return 1.0 / max(price, self.spec.point)
        return float(self.rates[t])

    def profit(self, fill: int, point: int, lots: float, t: int) -> float:
        """Unrounded profit of `lots` from `fill` to `point`, both in turned points, in bar `t`."""
        return (point - fill) * self.per_point * lots * self.rate(t, abs(point) / self.scale)

    def commission(self, lots: float) -> int:
        """Commission of one side in cents, as a cost: 0 or negative."""
        return -self.cents(self.commission_per_lot * lots)

    def loss_per_lot(self, fill: int, sl: int, t: int) -> float:
        """What one lot loses from `fill` to `sl`, commission of both sides included."""
        if self.own and abs(sl) == 0:
            return math.inf
        return -self.profit(fill, sl, 1.0, t) + 2 * self.commission_per_lot

    def margin(self, lots: float, price: float, t: int, *, held: bool) -> int:
        """Margin in cents: of a new position, or `held`, where a maintenance margin counts if there is one."""
        return self.cents(
            self._converted(self._margin_amount(lots, price, held), self.margin_power, price, t)
        )

    def swap(self, side: int, lots: float, nights: int, open_price: float, price: float, t: int) -> int:
        """One charge in cents for a night that counts as `nights`, at the current `price` of bar `t`."""
        spec = self.spec
        night = swap_night(
            spec.swap_mode, spec.swap_long if side > 0 else spec.swap_short, lots, price, open_price,
            spec.point, spec.contract_size,
        )  # fmt: skip
        return self.cents(self._converted(nights * night, self.swap_power, price, t))

    def stop_out_point(
        self, side: int, fill: int, lots: float, margin_cents: int, funds_cents: int, t: int
    ) -> int:
        """The turned point at which equity is down to the stop-out level; -NEVER where there is no such price.

        `funds_cents` is balance and accrued swap. Rounded to the tick against the trader.
        """
        if margin_cents <= 0 or self.stop_out <= 0:
            return -NEVER
        per_price = self.per_price * lots * (1.0 if self.own else float(self.rates[t]))
        price = stop_out_price(
            side, side * fill / self.scale, funds_cents / self.unit,
            margin_cents * self.stop_out / 100.0 / self.unit, per_price, self.own,
            self.spec.tick_size, self.spec.digits,
        )  # fmt: skip
        return side * int(round_units(price * self.scale, 1.0)) if price > 0 else -NEVER

    def _margin_amount(self, lots: float, price: float, held: bool) -> float:
        spec = self.spec
        fixed = holding_margin(spec.margin_initial, spec.margin_maintenance) if held else spec.margin_initial
        return margin(
            spec.calc_mode, lots, price, spec.contract_size, self.leverage, spec.tick_size, spec.tick_money,
            fixed, spec.margin_rate,
        )  # fmt: skip

    def _converted(self, amount: float, power: int, price: float, t: int) -> float:
        if power == AS_IS:
            return amount
        if power == BY_PRICE:
            amount *= price
        return amount * self.rate(t, price)

    def _swap_power(self, account: str) -> int:
        spec = self.spec
        kind = swap_currency(spec.swap_mode)
        if kind == "deposit" or not (spec.swap_mode and (spec.swap_long or spec.swap_short)):
            return AS_IS
        named = {"base": spec.currency_base, "margin": spec.currency_margin}
        return power_of(spec, named.get(kind, spec.currency_profit), account, "swap")
