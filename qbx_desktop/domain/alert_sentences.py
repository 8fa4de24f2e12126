"""What an alert says: when it fires, and that it has fired, now or while nobody watched."""

from __future__ import annotations

from .alerts import BarShows, Condition, Is, MovesPercent, PriceReaches, Since, SpreadReaches, Value, Way
from .bar_values import text_of
from .messages import Message, MessageKind, declare

# Words of ours inside sentences; the translation knows them by their English.
ROSE = {Way.UP: "rises to", Way.DOWN: "falls to", Way.EITHER: "reaches"}
CROSSED = {Way.UP: "crossed up", Way.DOWN: "crossed down", Way.EITHER: "reached"}
MOVES = {Way.UP: "rises", Way.DOWN: "falls", Way.EITHER: "moves"}
MOVED = {Way.UP: "rose", Way.DOWN: "fell", Way.EITHER: "moved"}
STANDS = {
    Is.ABOVE: "is above", Is.BELOW: "is below", Is.CROSSES_UP: "crosses up", Is.CROSSES_DOWN: "crosses down",
}  # fmt: skip
STOOD = {
    Is.ABOVE: "was above", Is.BELOW: "was below", Is.CROSSES_UP: "crossed up", Is.CROSSES_DOWN: "crossed down",
}  # fmt: skip
OFF, ON = "it is off now", "it stays on"

_OFF = " An alert sends no orders; {done}."
_WHEN_PRICE = declare("alert.when.price", "the bid of {symbol} {did} {level}")
_WHEN_DAY = declare(
    "alert.when.day", "the bid of {symbol} {did} {percent} % from the close of the day before"
)
_WHEN_BASE = declare("alert.when.base", "the bid of {symbol} {did} {percent} % from {base}")
_WHEN_MINUTES = declare(
    "alert.when.minutes", "the bid of {symbol} {did} {percent} % within {minutes} minutes"
)
_WHEN_SPREAD = declare("alert.when.spread", "the spread of {symbol} {did} {points} points")
_WHEN_BAR = declare("alert.when.bar", "a bar of {symbol} {timeframe} closes and {left} {did} {right}")
_WHEN_UNKNOWN = declare(
    "alert.when.unknown", "something happens that this version does not know: it never fires"
)

_PRICE = declare("alert.hit.price", "{symbol} {did} {level}; the price is {price}." + _OFF)
_DAY = declare(
    "alert.hit.day",
    "{symbol} {did} {percent} % from the close of the day before; the price is {price}." + _OFF,
)
_BASE = declare("alert.hit.base", "{symbol} {did} {percent} % from {base}; the price is {price}." + _OFF)
_MINUTES = declare(
    "alert.hit.minutes", "{symbol} {did} {percent} % within {minutes} minutes; the price is {price}." + _OFF
)
_SPREAD = declare("alert.hit.spread", "The spread of {symbol} {did} {points} points; it is {spread}." + _OFF)
_BAR = declare(
    "alert.hit.bar",
    "{symbol} {timeframe}: {left} {did} {right} at the close of {when} server time; the price is {price}."
    + _OFF,
)
_BARS = declare(
    "alert.hit.bars",
    "{symbol} {timeframe}: {left} {did} {right} at the close of {n} bars, first at {when} server time; the price is {price}."
    + _OFF,
)
_AWAY = "While you were away "
_PRICE_AT = declare(
    "alert.away.price",
    _AWAY + "{symbol} {did} {level} {found} {when} server time; the price is now {price}." + _OFF,
)
_DAY_AT = declare(
    "alert.away.day",
    _AWAY
    + "{symbol} {did} {percent} % from the close of the day before {found} {when} server time; the price is now {price}."
    + _OFF,
)
_BASE_AT = declare(
    "alert.away.base",
    _AWAY
    + "{symbol} {did} {percent} % from {base} {found} {when} server time; the price is now {price}."
    + _OFF,
)
_MINUTES_AT = declare(
    "alert.away.minutes",
    _AWAY
    + "{symbol} {did} {percent} % within {minutes} minutes {found} {when} server time; the price is now {price}."
    + _OFF,
)
_SPREAD_AT = declare(
    "alert.away.spread",
    _AWAY
    + "the spread of {symbol} {did} {points} points {found} {when} server time; it is now {spread}."
    + _OFF,
)
_BAR_AT = declare(
    "alert.away.bar_once",
    _AWAY
    + "{left} {did} {right} at the close of a bar of {symbol} {timeframe} at {when} server time; the price is now {price}."
    + _OFF,
)
_BARS_AT = declare(
    "alert.away.bar",
    _AWAY
    + "{left} {did} {right} at the close of {n} bars of {symbol} {timeframe}, first at {when} server time; the price is now"
    " {price}." + _OFF,
)


def when(symbol: str, condition: Condition | None, digits: int) -> Message:
    """The end of "This alert fires when …"."""
    match condition:
        case PriceReaches(level, way):
            return _WHEN_PRICE(symbol=symbol, did=ROSE[way], level=f"{level:.{digits}f}")
        case MovesPercent(percent, way, since, base):
            kind = {Since.DAY: _WHEN_DAY, Since.PRICE: _WHEN_BASE, Since.MINUTES: _WHEN_MINUTES}[since]
            return kind(symbol=symbol, did=MOVES[way], percent=f"{percent:g}", **_from(since, base, digits))
        case SpreadReaches(points, way):
            return _WHEN_SPREAD(symbol=symbol, did=ROSE[way], points=points)
        case BarShows(timeframe, left, relation, right):
            return _WHEN_BAR(
                symbol=symbol, timeframe=timeframe.name, left=_text(left), did=STANDS[relation], right=_text(right)
            )  # fmt: skip
    return _WHEN_UNKNOWN()


def fired(
    symbol: str, condition: Condition, digits: int, *, price: float, spread: float, off: bool, moment: str = "",
    way: Way | None = None, away: str = "", times: int = 1,
) -> Message:  # fmt: skip
    """The sentence of an alert that has fired. `moment` is server time as text, needed by a bar's condition and with
    `away`, which says "at" it or "by" it; `way` is the side a price was reached from; `times` the bars that showed it."""
    done = OFF if off else ON
    told = {"symbol": symbol, "price": f"{price:.{digits}f}", "done": done}
    since = {"found": away, "when": moment} if away else {}
    match condition:
        case PriceReaches(level, own):
            kind: MessageKind = _PRICE_AT if away else _PRICE
            return kind(**told, **since, did=CROSSED[way or own], level=f"{level:.{digits}f}")
        case MovesPercent(percent, own, reference, base):
            now = {Since.DAY: _DAY, Since.PRICE: _BASE, Since.MINUTES: _MINUTES}
            then = {Since.DAY: _DAY_AT, Since.PRICE: _BASE_AT, Since.MINUTES: _MINUTES_AT}
            kind = (then if away else now)[reference]
            return kind(
                **told, **since, did=MOVED[own], percent=f"{percent:g}", **_from(reference, base, digits)
            )
        case SpreadReaches(points, own):
            kind = _SPREAD_AT if away else _SPREAD
            did = "rose to" if own is Way.UP else "fell to"
            return kind(symbol=symbol, done=done, **since, did=did, points=points, spread=round(spread))
        case BarShows(timeframe, left, relation, right):
            bar: dict[str, object] = {
                "timeframe": timeframe.name, "left": _text(left), "did": STOOD[relation], "right": _text(right),
            }  # fmt: skip
            if times == 1:
                return (_BAR_AT if away else _BAR)(**told, **bar, when=moment)
            return (_BARS_AT if away else _BARS)(**told, **bar, n=times, when=moment)


def _from(since: Since, base: float, digits: int) -> dict[str, object]:
    if since is Since.PRICE:
        return {"base": f"{base:.{digits}f}"}
    return {"minutes": int(base)} if since is Since.MINUTES else {}


def _text(value: Value) -> str:
    return text_of(value.name, value.numbers)


# What earlier versions stored in the history.
_EARLIER = " An alert sends no orders; it is off now."
declare("alert.up", "{symbol} crossed up {alert}; the price is {price}." + _EARLIER)
declare("alert.down", "{symbol} crossed down {alert}; the price is {price}." + _EARLIER)
declare(
    "alert.up_away", "While you were away {symbol} crossed up {alert}; the price is now {price}." + _EARLIER
)
declare(
    "alert.down_away",
    "While you were away {symbol} crossed down {alert}; the price is now {price}." + _EARLIER,
)
