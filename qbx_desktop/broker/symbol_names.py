"""Which of the broker's symbols may be the one that was meant: proposes with reasons and doubts, never decides."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from ..domain.messages import Message, declare
from ..domain.records import SymbolInfo

SAME_NAME = declare("symbol.same_name", "It has exactly this name.")
SAME_CORE = declare("symbol.same_core", "The name is {core} with what this broker adds to it.")
OTHER_WORD = declare("symbol.other_word", "{core} is another usual name of {wanted}.")
SAME_CURRENCIES = declare("symbol.same_currencies", "Same currencies: {base} in {profit}.")
PRICE_FITS = declare("symbol.price_fits", "Its price {price} is near the one known, {known}.")
NO_PRICE = declare("symbol.no_price", "It has no price now, so the price could not be compared.")
OTHER_CONTRACT = declare(
    "symbol.other_contract",
    "One lot is {found} units here, {wanted} before: the same volume is another risk. Set the volume anew.",
)
OTHER_DIGITS = declare(
    "symbol.other_digits",
    "Its prices have {found} digits, {wanted} before: stops in points mean another distance.",
)
NOT_TRADABLE = declare("symbol.not_tradable", "The broker does not allow new positions in it.")

_WORDS = (
    {"XAUUSD", "GOLD"},
    {"XAGUSD", "SILVER"},
    {"US30", "DJ30", "WS30", "WALLST30", "DJI30"},
    {"NAS100", "USTEC", "US100", "NDX100", "NASDAQ100"},
    {"US500", "SPX500", "SP500"},
    {"GER40", "DE40", "DAX40", "GER30", "DE30", "DAX30"},
    {"BTCUSD", "BITCOIN"},
    {"USOIL", "XTIUSD", "WTI"},
    {"UKOIL", "XBRUSD", "BRENT"},
)
_PLAUSIBLE = 0.2
_LONGEST_ADDITION = 5
_FULL, _LONG_ONLY, _SHORT_ONLY = 4, 1, 2


@dataclass(frozen=True)
class Proposal:
    """A symbol of this broker that may be the one meant; `doubts` must be confirmed by the trader."""

    name: str
    description: str
    reasons: tuple[Message, ...]
    doubts: tuple[Message, ...]


def propose(
    wanted: str,
    offered: Iterable[SymbolInfo],
    *,
    known: SymbolInfo | None = None,
    price: float | None = None,
) -> tuple[Proposal, ...]:
    """The symbols that may be meant by `wanted`, best first; empty when there is none.

    `known` is what the symbol was like before, `price` its last known price. A symbol in other currencies, or whose
    price is more than 20 % away, is not proposed at all, whatever its name.
    """
    ranked = []
    for symbol in offered:
        found = _judge(wanted, symbol, known, price)
        if found is not None:
            ranked.append(found)
    ranked.sort(key=lambda each: (each[0], len(each[1].doubts), len(each[1].name), each[1].name))
    return tuple(proposal for _, proposal in ranked)


def _judge(
    wanted: str, symbol: SymbolInfo, known: SymbolInfo | None, price: float | None
) -> tuple[int, Proposal] | None:
    named = _by_name(wanted, symbol.name)
    if named is None or not _currencies_fit(wanted, symbol, known):
        return None
    rank, reason = named
    reasons, doubts = [reason], []
    if symbol.currency_base and symbol.currency_profit:
        reasons.append(SAME_CURRENCIES(base=symbol.currency_base, profit=symbol.currency_profit))
    if price is not None and price > 0:
        if symbol.bid <= 0:
            doubts.append(NO_PRICE())
        elif abs(symbol.bid / price - 1) > _PLAUSIBLE:
            return None
        else:
            reasons.append(PRICE_FITS(price=symbol.bid, known=price))
    if known is not None:
        if known.trade_contract_size != symbol.trade_contract_size:
            doubts.append(OTHER_CONTRACT(found=symbol.trade_contract_size, wanted=known.trade_contract_size))
        if known.digits != symbol.digits:
            doubts.append(OTHER_DIGITS(found=symbol.digits, wanted=known.digits))
    if symbol.trade_mode not in (_FULL, _LONG_ONLY, _SHORT_ONLY):
        doubts.append(NOT_TRADABLE())
    return rank, Proposal(symbol.name, symbol.description, tuple(reasons), tuple(doubts))


def _by_name(wanted: str, name: str) -> tuple[int, Message] | None:
    if name == wanted:
        return 0, SAME_NAME()
    core, plain = _plain(wanted), _plain(name)
    if core and _with_addition(core, plain):
        return 1, SAME_CORE(core=core)
    shorter = [core[:-cut] for cut in range(1, _LONGEST_ADDITION) if len(core) - cut >= 6]
    if any(plain == each or _with_addition(each, plain) for each in shorter):
        return 2, SAME_CORE(core=plain)
    for words in _WORDS:
        if any(_with_addition(word, core) for word in words):
            for word in sorted(words):
                if _with_addition(word, plain):
                    return 3, OTHER_WORD(core=word, wanted=wanted)
    return None


def _with_addition(core: str, name: str) -> bool:
    extra = len(name) - len(core)
    return 0 <= extra <= _LONGEST_ADDITION and (name.startswith(core) or name.endswith(core))


def _plain(name: str) -> str:
    return re.sub(r"[^A-Z0-9]", "", name.upper())


def _currencies_fit(wanted: str, symbol: SymbolInfo, known: SymbolInfo | None) -> bool:
    pair = (symbol.currency_base, symbol.currency_profit)
    if known is not None and known.currency_base:
        return pair == (known.currency_base, known.currency_profit)
    core = _plain(wanted)
    if symbol.currency_base and symbol.currency_base != symbol.currency_profit and len(core) >= 6:
        return not core[:6].isalpha() or core.startswith("".join(pair)) or not _is_pair(core)
    return True


def _is_pair(core: str) -> bool:
    return core[:3] in _CURRENCIES and core[3:6] in _CURRENCIES


# fmt: off
_CURRENCIES = frozenset({
    "USD", "EUR", "GBP", "JPY", "CHF", "AUD", "NZD", "CAD", "SEK", "NOK", "DKK", "PLN", "CZK",
    "HUF", "TRY", "ZAR", "MXN", "SGD", "HKD", "CNH", "XAU", "XAG", "XPT", "XPD", "BTC", "ETH",
})
# fmt: on
