"""How many lots one trade takes: fixed or by risk, cut to the step, refused below the symbol's minimum."""

from __future__ import annotations

from . import refusals
from .money import FOREX, FOREX_NO_LEVERAGE, floor_step, profit
from .refusals import Refusal
from .sizing import Sizing, lots_for_risk, within_limits
from .symbol import SymbolSpec


def size(sizing: Sizing, balance: float, loss_per_lot: float, spec: SymbolSpec) -> float | Refusal:
    """Lots to trade. `balance` and `loss_per_lot` (one lot from fill to SL, a positive number) in account currency.

    Cut down to the step; above `volume_max` it becomes `volume_max`; below `volume_min` the trade is refused,
    never rounded up: that would exceed the risk the trader chose.
    """
    if sizing.risk_percent is not None:
        lots = lots_for_risk(balance, sizing.risk_percent, loss_per_lot, spec.volume_step)
    else:
        lots = floor_step(sizing.lots or 0.0, spec.volume_step)
    lots = within_limits(lots, spec.volume_min, spec.volume_max)
    return lots or _too_small(sizing, balance, loss_per_lot, spec)


def own_price_loss(spec: SymbolSpec, side: int, fill: float, sl: float, deposit: str) -> float | None:
    """Money in `deposit` lost by one lot from `fill` to `sl`, unrounded and positive.

    None when that needs another symbol's price: then the terminal is asked (`order_calc_profit`).
    """
    lost = -profit(spec.calc_mode, side, 1.0, fill, sl, spec.contract_size, spec.tick_size, spec.tick_money)
    if spec.currency_profit == deposit:
        return lost
    if spec.calc_mode in (FOREX, FOREX_NO_LEVERAGE) and spec.currency_base == deposit and sl > 0:
        return lost / sl
    return None


def _too_small(sizing: Sizing, balance: float, loss_per_lot: float, spec: SymbolSpec) -> Refusal:
    if sizing.risk_percent is None:
        return refusals.SMALL_LOT(lots=sizing.lots or 0.0, symbol=spec.symbol, least=spec.volume_min)
    wanted = balance * sizing.risk_percent / 100.0 / loss_per_lot if loss_per_lot > 0 else 0.0
    least_risk = 100.0 * spec.volume_min * loss_per_lot / balance if balance > 0 else 0.0
    return refusals.MINIMUM_LOT(
        risk=sizing.risk_percent, lots=max(wanted, 0.0), least=spec.volume_min, least_risk=least_risk
    )
