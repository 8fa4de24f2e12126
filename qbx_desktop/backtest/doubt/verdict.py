"""How much of a result to believe, in three words and the reasons for them.

Each reason is for, against, or silent. One reason against is enough for "likely luck"; "worth a demo" needs every reason
that can be given, the deflated Sharpe ratio among them, to be for. Everything else is "cannot tell". No verdict
says that money will be made: the best it gives is a demo account.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ...domain.messages import Message, declare
from .deflated_sharpe import deflated_sharpe, expected_best_sharpe, least_track_record

LUCK, UNKNOWN, DEMO = "likely luck", "cannot tell", "worth a demo"
FOR, AGAINST, SILENT = 1, -1, 0

_LUCK = declare("verdict.luck", "Likely luck: {count} of {all} checks speak against this result.")
_CANNOT = declare("verdict.unknown", "Cannot tell: {count} of {all} checks are undecided.")
_DEMO = declare(
    "verdict.demo",
    "Worth a demo: all {all} checks speak for it. Watch it on a demo account before money is at stake.",
)
_LOSS = declare("verdict.loss", "It lost money ({net:,.2f}).")
_PROFIT = declare("verdict.profit", "It earned money ({net:,.2f}).")
_FEW = declare("verdict.few", "It made {trades} trades; below {least} nothing can be told from it.")
_ENOUGH = declare("verdict.enough", "It made {trades} trades.")
_DSR = declare(
    "verdict.dsr",
    "The chance that its Sharpe ratio is more than luck is {percent:.0f} %, after {trials:,} settings were tried on this "
    "market (luck alone would give {best:.3f} a day, it has {sharpe:.3f}).",
)
_NO_DSR = declare("verdict.no_dsr", "There are too few days to compare its Sharpe ratio with luck.")
_PBO = declare(
    "verdict.pbo",
    "In {percent:.0f} % of {splits:,} ways to halve the history, the best of one half was below average in the other.",
)
_RECORD_SHORT = declare(
    "verdict.record_short", "It has {days} days; {needed} would be needed to be 95 % sure of a profit."
)
_RECORD_LONG = declare(
    "verdict.record_long", "It has {days} days; {needed} are needed to be 95 % sure of a profit."
)
_RANDOM = declare(
    "verdict.random",
    "Of entries at random times with the same stops and size, {percent:.0f} % did as well or better.",
)
_FORWARD = declare(
    "verdict.forward",
    "Walked forward, {good} of {count} tests earned money, {net:,.2f} in all, where nothing was searched.",
)

_LEAST_TRADES = 30


@dataclass(frozen=True)
class Evidence:
    """What is known about the best of a search; None where it is not. Sharpe ratios are per day."""

    net_profit: float
    trades: int
    days: int
    sharpe: float | None
    skew: float | None
    kurtosis: float | None
    trials: int
    variance: float
    overfitting: float | None = None
    splits: int = 0
    random_share: float | None = None
    forward_net: float | None = None
    forward_good: int = 0
    forward_count: int = 0


@dataclass(frozen=True)
class Reason:
    """One check: `side` is FOR, AGAINST or SILENT."""

    name: str
    side: int
    message: Message


@dataclass(frozen=True)
class Verdict:
    """`word` is LUCK, UNKNOWN or DEMO; `deflated` the deflated Sharpe ratio, a probability."""

    word: str
    message: Message
    reasons: tuple[Reason, ...]
    deflated: float | None
    least_days: float | None


def verdict_of(known: Evidence) -> Verdict:
    """The verdict on the best of a search."""
    skew, kurtosis = known.skew or 0.0, known.kurtosis or 3.0
    deflated = least = None
    if known.sharpe is not None:
        deflated = deflated_sharpe(known.sharpe, known.days, known.trials, known.variance, skew, kurtosis)
        least = least_track_record(known.sharpe, 0.0, skew, kurtosis)
    reasons = [
        Reason("profit", FOR, _PROFIT(net=known.net_profit))
        if known.net_profit > 0
        else Reason("profit", AGAINST, _LOSS(net=known.net_profit)),
        Reason("trades", FOR, _ENOUGH(trades=known.trades))
        if known.trades >= _LEAST_TRADES
        else Reason("trades", SILENT, _FEW(trades=known.trades, least=_LEAST_TRADES)),
        _deflated_reason(known, deflated),
    ]
    if known.overfitting is not None:
        side = _side(known.overfitting, good=0.2, bad=0.5)
        reasons.append(
            Reason("overfitting", side, _PBO(percent=100 * known.overfitting, splits=known.splits))
        )
    if least is not None and known.net_profit > 0:
        enough = known.days >= least
        kind = _RECORD_LONG if enough else _RECORD_SHORT
        reasons.append(
            Reason("record", FOR if enough else SILENT, kind(days=known.days, needed=f"{least:,.0f}"))
        )
    if known.random_share is not None:
        side = _side(known.random_share, good=0.05, bad=0.3)
        reasons.append(Reason("random", side, _RANDOM(percent=100 * known.random_share)))
    if known.forward_net is not None:
        side = (
            AGAINST
            if known.forward_net <= 0
            else FOR
            if 2 * known.forward_good > known.forward_count
            else SILENT
        )
        said = _FORWARD(good=known.forward_good, count=known.forward_count, net=known.forward_net)
        reasons.append(Reason("forward", side, said))
    return _summed_up(reasons, deflated, least)


def _deflated_reason(known: Evidence, deflated: float | None) -> Reason:
    if deflated is None or known.sharpe is None:
        return Reason("sharpe", SILENT, _NO_DSR())
    said = _DSR(
        percent=100 * deflated, trials=known.trials, best=expected_best_sharpe(known.trials, known.variance),
        sharpe=known.sharpe,
    )  # fmt: skip
    return Reason("sharpe", FOR if deflated >= 0.95 else AGAINST if deflated < 0.5 else SILENT, said)


def _side(value: float, *, good: float, bad: float) -> int:
    return FOR if value <= good else AGAINST if value >= bad else SILENT


def _summed_up(reasons: Sequence[Reason], deflated: float | None, least: float | None) -> Verdict:
    against = sum(each.side == AGAINST for each in reasons)
    silent = sum(each.side == SILENT for each in reasons)
    if against:
        word, message = LUCK, _LUCK(count=against, all=len(reasons))
    elif silent:
        word, message = UNKNOWN, _CANNOT(count=silent, all=len(reasons))
    else:
        word, message = DEMO, _DEMO(all=len(reasons))
    return Verdict(word, message, tuple(reasons), deflated, least)
