"""Requests as MetaTrader 5 takes them, and what its answers prove: filled, refused, or not known."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from .errors import UserMistake
from .journal import JournalAction, JournalState
from .messages import declare
from .mt5 import (
    FILLING_FLAG_FOK,
    FILLING_FLAG_IOC,
    OrderFilling,
    OrderTime,
    Retcode,
    Side,
    TradeAction,
    TradeExecution,
)  # fmt: skip
from .records import OrderSendResult, SymbolInfo, TradePosition

_NO_FILLING = declare(
    "order.no_filling",
    "{symbol} offers no way to fill a market order (filling mode {mode}). Nothing was sent; choose another symbol.",
)

Request = dict[str, int | float | str]

# Answers after which nothing can have happened at the broker. Whatever is not listed stays an open question,
# codes that a later server version invents included.
DEFINITE_REFUSALS = frozenset(
    {10004, 10006, 10007, *range(10013, 10023), *range(10024, 10028), 10029, 10030, *range(10032, 10037), 10038,
     *range(10040, 10047)}
)  # fmt: skip
# `last_error` after a None that proves the same: invalid arguments, Python trading switched off in the terminal.
DEFINITE_ERRORS = frozenset({-2, -8})
# Refusals that a fresh price may cure within the same bar.
PRICE_MOVED = frozenset({int(Retcode.REQUOTE), int(Retcode.PRICE_CHANGED), int(Retcode.PRICE_OFF)})
MAX_ATTEMPTS = 3
_VOLUME_NOISE = 1e-9


def new_uid(random: Callable[[int], bytes] = secrets.token_bytes) -> str:
    """Ten base32 characters that name one order for ever."""
    return base64.b32encode(random(7)).decode("ascii")[:10]


def comment_of(uid: str) -> str:
    """The order's comment: 12 ASCII characters. Only a hint, servers may change comments."""
    return "QB" + uid


def fillings(symbol: SymbolInfo) -> tuple[OrderFilling, ...]:
    """The filling types a market order on `symbol` may use, the best first.

    Market execution offers what `filling_mode` flags and never RETURN; request and instant execution take FOK
    and IOC whatever the flags say; exchange execution takes RETURN always. May be empty.
    """
    flagged = tuple(
        filling
        for flag, filling in ((FILLING_FLAG_FOK, OrderFilling.FOK), (FILLING_FLAG_IOC, OrderFilling.IOC))
        if symbol.filling_mode & flag
    )
    if symbol.trade_exemode == TradeExecution.MARKET:
        return flagged
    if symbol.trade_exemode == TradeExecution.EXCHANGE:
        return (*flagged, OrderFilling.RETURN)
    return (OrderFilling.FOK, OrderFilling.IOC)


def choose_filling(symbol: SymbolInfo, refused: frozenset[int] = frozenset()) -> OrderFilling:
    """The first filling type that the symbol offers and the broker did not refuse before.

    Raises UserMistake when the symbol offers none at all; when all were refused the first is tried again.
    """
    offered = fillings(symbol)
    if not offered:
        raise UserMistake(_NO_FILLING(symbol=symbol.name, mode=symbol.filling_mode))
    return next((each for each in offered if each not in refused), offered[0])


def entry_request(
    *, symbol: str, side: Side, volume: float, price: float, sl: float, tp: float, deviation: int, magic: int,
    comment: str, filling: int,
) -> Request:  # fmt: skip
    """A market order that opens a position, its stops in the same request. Lots, prices, deviation in points."""
    return {
        "action": int(TradeAction.DEAL), "symbol": symbol, "volume": float(volume),
        "type": int(side.order_type), "price": float(price), "sl": float(sl), "tp": float(tp),
        "deviation": int(deviation), "magic": int(magic), "comment": comment,
        "type_time": int(OrderTime.GTC), "type_filling": int(filling),
    }  # fmt: skip


def close_request(
    position: TradePosition, *, volume: float, price: float, deviation: int, magic: int, comment: str, filling: int
) -> Request:  # fmt: skip
    """A market order that closes `volume` lots of `position`; never more than the position holds."""
    side = Side.of_type(position.type).opposite
    return {
        "action": int(TradeAction.DEAL), "symbol": position.symbol, "volume": float(min(volume, position.volume)),
        "type": int(side.order_type), "position": int(position.ticket), "price": float(price),
        "deviation": int(deviation), "magic": int(magic), "comment": comment,
        "type_time": int(OrderTime.GTC), "type_filling": int(filling),
    }  # fmt: skip


def stops_request(position: TradePosition, *, sl: float, tp: float, magic: int) -> Request:
    """A change of a position's SL and TP (price 0 removes one)."""
    return {
        "action": int(TradeAction.SLTP), "symbol": position.symbol, "position": int(position.ticket),
        "sl": float(sl), "tp": float(tp), "magic": int(magic),
    }  # fmt: skip


class Answer(Protocol):
    """What came back from `order_send`: the result or None, `last_error`, and whether it reached the terminal.

    `sent` is False when it is proved that nothing was sent, None when that is not known.
    """

    @property
    def result(self) -> OrderSendResult | None: ...
    @property
    def error(self) -> tuple[int, str]: ...
    @property
    def sent(self) -> bool | None: ...
    @property
    def exception(self) -> str: ...


@dataclass(frozen=True)
class Outcome:
    """What an answer proves. `filled` in lots and `price` are 0 where the answer does not tell them."""

    state: JournalState
    retcode: int | None = None
    error: str = ""
    order: int = 0
    deal: int = 0
    filled: float = 0.0
    price: float = 0.0


def classify(action: JournalAction, volume: float, answer: Answer) -> Outcome:
    """The state that `answer` proves for an order of `volume` lots: FILLED, PARTIAL, REJECTED, else UNKNOWN.

    A result always outweighs `sent`: the server's word is the last one.
    """
    result = answer.result
    if result is None:
        return _without_result(answer)
    told = Outcome(
        JournalState.UNKNOWN, result.retcode, result.comment, result.order, result.deal, result.volume, result.price
    )  # fmt: skip
    if result.retcode in DEFINITE_REFUSALS:
        return _as(told, JournalState.REJECTED)
    if result.retcode not in (Retcode.DONE, Retcode.DONE_PARTIAL):
        return told
    if action in (JournalAction.MODIFY, JournalAction.CANCEL):
        return _as(told, JournalState.FILLED)
    if not result.order and not result.deal:
        return told
    short = 0 < result.volume < volume - _VOLUME_NOISE
    partial = result.retcode == Retcode.DONE_PARTIAL or short
    return _as(told, JournalState.PARTIAL if partial else JournalState.FILLED)


def _without_result(answer: Answer) -> Outcome:
    code, text = answer.error
    why = answer.exception or f"{code} {text}".strip()
    never_sent = answer.sent is False or (answer.sent is not None and code in DEFINITE_ERRORS)
    state = JournalState.REJECTED if never_sent else JournalState.UNKNOWN
    return Outcome(state, None, why)


def _as(told: Outcome, state: JournalState) -> Outcome:
    kept = state in (JournalState.FILLED, JournalState.PARTIAL)
    return Outcome(
        state, told.retcode, told.error, told.order, told.deal, told.filled if kept else 0.0,
        told.price if kept else 0.0,
    )  # fmt: skip
