"""What is said about one order: filled, closed, refused, unknown. Prices are texts with the symbol's digits."""

from __future__ import annotations

from ..domain.journal import JournalAction, JournalRow
from ..domain.messages import Message, MessageKind, declare
from ..domain.mt5 import Retcode, Side

OPENED = declare(
    "order.opened", "{did} {volume} {symbol} at {price}, stop {sl}, target {tp} (ticket {ticket})."
)
OPENED_PART = declare(
    "order.opened_part",
    "{did} {volume} of {wanted} {symbol} at {price}, stop {sl}, target {tp} (ticket {ticket}). The rest is not sent again.",
)
CLOSED = declare("order.closed", "Closed {volume} {symbol} at {price}: {why}, result {profit} {currency}.")
CLOSED_PART = declare(
    "order.closed_part", "Closed {volume} of {wanted} {symbol} at {price}: {why}. The rest is still open."
)
UNKNOWN = declare(
    "order.unknown",
    "We sent an order for {symbol} and got no answer. We are asking the broker what happened; the bot waits until we know.",
)
NOT_PLACED = declare(
    "order.not_placed",
    "The order for {symbol} that had no answer never reached the broker. Nothing was opened or closed; the bot goes on.",
)
REVIEW = declare(
    "order.review",
    "What became of an order for {symbol} cannot be told ({why}). The bot is off; look at its positions and decide.",
)
NEVER_SENT = declare(
    "order.never_sent", "The order for {symbol} was not sent ({why}). Nothing was opened or closed."
)
SURPRISE = declare(
    "order.surprise",
    "The broker filled an order of {symbol} that was counted as {state}. The bot is off; look at its positions and decide.",
)

WHY_SIGNAL = declare("close.signal", "the strategy's signal")
WHY_REVERSE = declare("close.reverse", "opposite signal")
WHY_USER = declare("close.user", "closed by you")
WHY_KILL = declare("close.kill", "close all")
WHY_SL = declare("close.sl", "stop-loss")
WHY_TP = declare("close.tp", "take-profit")
WHY_SO = declare("close.so", "stop out by the broker")
WHY_ELSEWHERE = declare("close.elsewhere", "closed in MetaTrader")

_REFUSED = declare(
    "refused.other", "The broker refused the order for {symbol} ({code} {text}). Nothing was {done}."
)
_BY_CODE: dict[int, MessageKind] = {
    Retcode.REQUOTE: declare("refused.requote", "The price of {symbol} moved away too fast. Nothing was {done}."),
    Retcode.INVALID_STOPS: declare(
        "refused.stops",
        "The broker refused the stop of {symbol}: too close (needs {points} points). Nothing was {done}. Raise \"Stop × ATR\".",
    ),
    Retcode.MARKET_CLOSED: declare(
        "refused.closed", "The market for {symbol} is closed. Nothing was {done}; the bot will look again when prices come."
    ),
    Retcode.NO_MONEY: declare(
        "refused.money",
        "Not enough free margin for {volume} lots of {symbol}. Nothing was {done}. Lower the risk or close something.",
    ),
    Retcode.CLIENT_DISABLES_AT: declare(
        "refused.algo",
        "Algo Trading is switched off in MetaTrader. Nothing was sent. Press the \"Algo Trading\" button there, then Start again.",
    ),
    Retcode.SERVER_DISABLES_AT: declare(
        "refused.algo_server", "The broker has switched off automatic trading for this account. Nothing was sent. Ask the broker."
    ),
    Retcode.INVALID_FILL: declare(
        "refused.fill",
        "This broker does not accept our fill type for {symbol}. Nothing was {done}; the next try uses the type it offers.",
    ),
    Retcode.TOO_MANY_REQUESTS: declare(
        "refused.too_many", "The broker asks for fewer orders. Nothing was {done}; the bots go slower for a minute."
    ),
    Retcode.POSITION_CLOSED: declare("refused.gone", "The position of {symbol} was closed already. Nothing was sent twice."),
}  # fmt: skip
_BY_CODE[Retcode.PRICE_CHANGED] = _BY_CODE[Retcode.PRICE_OFF] = _BY_CODE[Retcode.REQUOTE]


def price_text(price: float, digits: int) -> str:
    """A price as MetaTrader 5 shows it; a dash where there is none."""
    return f"{price:.{digits}f}" if price else "–"


def opened(row: JournalRow, volume: float, price: float, ticket: int, digits: int) -> Message:
    """The sentence of an entry that was filled, whole or in part."""
    did = "Bought" if row.side == Side.BUY else "Sold"
    told = {
        "did": did, "side": Side(row.side).word, "volume": f"{volume:g}", "symbol": row.symbol,
        "price": price_text(price, digits), "sl": price_text(row.sl or 0.0, digits),
        "tp": price_text(row.tp or 0.0, digits), "ticket": ticket,
    }  # fmt: skip
    if volume < row.volume - 1e-9:
        return OPENED_PART(**told, wanted=f"{row.volume:g}")
    return OPENED(**told)


def closed(
    *, side: int, volume: float, symbol: str, price: float, digits: int, why: Message, ticket: int,
    profit: float | None, currency: str, wanted: float | None = None,
) -> Message:  # fmt: skip
    """The sentence of a close; `side` of the position that was closed, `profit` net of swap and commission."""
    told: dict[str, object] = {
        "side": Side(side).word, "volume": f"{volume:g}", "symbol": symbol, "price": price_text(price, digits),
        "why": why.text, "reason": why.code, "ticket": ticket,
        "profit": "unknown" if profit is None else f"{profit:+.2f}", "currency": currency,
    }  # fmt: skip
    if wanted is not None and volume < wanted - 1e-9:
        return CLOSED_PART(**told, wanted=f"{wanted:g}")
    return CLOSED(**told)


def refused(row: JournalRow, retcode: int | None, text: str, stops_level: int) -> Message:
    """The sentence of a definite refusal: nothing happened at the broker."""
    done = (
        "opened"
        if row.action is JournalAction.OPEN
        else "closed"
        if row.action is JournalAction.CLOSE
        else "changed"
    )
    if retcode is None:
        return NEVER_SENT(symbol=row.symbol, why=text)
    kind = _BY_CODE.get(retcode, _REFUSED)
    return kind(
        symbol=row.symbol,
        code=retcode,
        text=text,
        done=done,
        volume=f"{row.volume:g}",
        points=max(stops_level, 1),
    )
