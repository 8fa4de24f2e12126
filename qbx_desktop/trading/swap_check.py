"""What a night costs, before a bot starts: in money for its lots, and beside what its stop risks."""

from __future__ import annotations

from ..domain.messages import Message, declare
from ..domain.money import swap_currency, swap_night
from ..domain.records import AccountInfo, SymbolInfo
from .plan_order import Entry

_SWAP = declare(
    "check.swap",
    "{what}: {buy} {currency} for a buy, {sell} {currency} for a sell per night with {lots} lots",
)
_DEAR = declare(
    "check.swap_dear",
    "{what}: a night costs up to {cost} {currency} with {lots} lots, {share} of what the stop risks",
)
_UNSIZED = declare("check.swap_points", "{what}: {buy} for a buy, {sell} for a sell per night")
DEAR_REMEDY = declare(
    "check.swap_remedy", "Let the bot close before the night, widen the stop, or choose another symbol."
)
# A night dearer than this share of the risk eats a trade that lasts a week.
_DEAR_SHARE = 0.1


def swap_check(
    symbol: SymbolInfo, account: AccountInfo, entry: Entry | None, what: str
) -> tuple[bool, Message]:
    """Whether a night is cheap beside the stop, and the sentence. Without an entry the broker's rates are told."""
    if entry is None:
        return True, _UNSIZED(what=what, buy=f"{symbol.swap_long:g}", sell=f"{symbol.swap_short:g}")
    kind = swap_currency(symbol.swap_mode)
    currency = {
        "deposit": account.currency, "base": symbol.currency_base, "margin": symbol.currency_margin,
    }.get(kind, symbol.currency_profit)  # fmt: skip
    buy, sell = (
        swap_night(
            symbol.swap_mode, rate, entry.volume, entry.price, entry.price, symbol.point, symbol.trade_contract_size
        )
        for rate in (symbol.swap_long, symbol.swap_short)
    )  # fmt: skip
    cost, risk = max(0.0, -min(buy, sell)), 0.0
    if kind == "profit" and entry.sl:
        risk = abs(entry.price - entry.sl) * symbol.trade_contract_size * entry.volume
    elif currency == account.currency:
        risk = entry.loss_at_sl
    lots = f"{entry.volume:g}"
    if risk > 0 and cost > _DEAR_SHARE * risk:
        return False, _DEAR(
            what=what, cost=f"{cost:.2f}", currency=currency, lots=lots, share=f"{cost / risk:.0%}"
        )
    return True, _SWAP(what=what, buy=f"{buy:.2f}", sell=f"{sell:.2f}", currency=currency, lots=lots)
