"""What a result takes for granted, in sentences printed with every result."""

from __future__ import annotations

from ..domain.messages import Message, declare
from .conversion import is_own
from .input import BacktestInput, Costs, RateSeries
from .layout import LIMITS

_FILLS = declare(
    "assume.fills",
    "A signal on a closed bar acts at the next bar's open; sells open at the bid, buys at bid plus spread.",
)
_PATH = declare(
    "assume.path",
    "Inside a bar the price is taken to go from the open to the worse extreme, to the better one, to the close; "
    "when stop and target lie in one bar, the stop counts.",
)
_GAPS = declare(
    "assume.gaps",
    "A stop jumped over at the open fills at the open, not at its price; a target at its price.",
)
_OPTIMISTIC = declare(
    "assume.optimistic",
    "Inside a bar the price is taken to go from the open to the worse extreme, to the better one, to the close; "
    "when stop and target lie in one bar, the target counts, which flatters the result.",
)
_DETAIL = declare(
    "assume.detail", "Where stop and target lie in one bar, {count} finer bars tell which was touched first."
)
_DELAY = declare("assume.delay", "Every signal acts {bars} bars later than at the next open.")
_GUARDS = declare(
    "assume.guards",
    "Entries are refused by limits of the live desk ({names}). Its other checks, such as the usual spread, the price's age, "
    "numbers of orders, lots and risk, are not part of a backtest.",
)
_NEWS = declare(
    "assume.news",
    "No entry at the open of a bar that lies in an event of the news calendar ({count} events).",
)
_SPREAD_HOURS = declare(
    "assume.spread_hours", "Spread by the hour of server time: {low} to {high} points{bars}."
)
_MORE_COMMISSION = declare(
    "assume.more_commission",
    "Besides {deal:g} {currency} per side, and {percent:g} % of the deal's value per side.",
)
_DRAWN = declare(
    "assume.slippage_drawn",
    "Slippage is drawn for every bar from {count} values between {low} and {high} points, by the seed {seed}.",
)
_SPREAD_BARS = declare("assume.spread_bars", "Spread: each bar's own, {points} points where it has none.")
_SPREAD = declare("assume.spread", "Spread: {points} points on every bar.")
_COSTS = declare(
    "assume.costs",
    "Commission {commission:g} {currency} per lot and side; slippage {slippage} points against you on market and "
    "stop fills.",
)
_SWAP = declare(
    "assume.swap",
    "Swap: {long:g} for buys, {short:g} for sells per night (mode {mode}), three nights on {day}.",
)
_NO_SWAP = declare("assume.no_swap", "Swap: none.")
_RATE_NONE = declare("assume.rate_none", "Money: profits are in {account} already.")
_RATE_OWN = declare(
    "assume.rate_own",
    "Money: profits in {profit} are converted into {account} at the price they are made at.",
)
_RATE_CONSTANT = declare(
    "assume.rate_constant",
    "Money: one {profit} counts as {rate} {account} throughout, which it did not in life.",
)
_RATE_SERIES = declare(
    "assume.rate_series",
    "Money: {profit} is converted into {account} at the last closed bar of the given prices{how}.",
)
_REVERSE = declare("assume.reverse", "An opposite signal closes the position and opens the other side.")
_NO_REVERSE = declare("assume.no_reverse", "An opposite signal is ignored while a position is open.")
_STOP_OUT = declare(
    "assume.stop_out", "Leverage 1:{leverage:g}; the position is closed at a margin level of {level:g} %."
)
_NO_STOP_OUT = declare("assume.no_stop_out", "Leverage 1:{leverage:g}; there is no stop-out.")
_LAST = declare("assume.last", "A position still open on the last bar is closed at its close and listed.")

_DAYS = dict(enumerate(("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")))


def assumptions_of(given: BacktestInput) -> list[Message]:
    """The assumptions of one run, the most important first."""
    spec, costs, account = given.spec, given.costs, given.account
    points = spec.spread if costs.spread_points is None else costs.spread_points
    swapless = costs.swap_free or spec.swap_mode == 0 or not (spec.swap_long or spec.swap_short)
    return [
        _FILLS(),
        _OPTIMISTIC() if given.inside_bar == "optimistic" else _PATH(),
        *_closer(given),
        _GAPS(),
        _spread(costs, points),
        _COSTS(
            commission=costs.commission_per_lot, currency=account.currency, slippage=costs.slippage_points
        ),
        _NO_SWAP()
        if swapless
        else _SWAP(
            long=spec.swap_long,
            short=spec.swap_short,
            mode=spec.swap_mode,
            day=_DAYS.get(spec.swap_rollover3days, "no day"),
        ),
        _money(given),
        _REVERSE() if given.reverse else _NO_REVERSE(),
        _STOP_OUT(leverage=account.leverage, level=account.stop_out)
        if account.stop_out
        else _NO_STOP_OUT(leverage=account.leverage),
        _LAST(),
    ]


def _closer(given: BacktestInput) -> list[Message]:
    """What was asked for beyond the usual run."""
    costs, found = given.costs, []
    if given.detail is not None:
        found.append(_DETAIL(count=len(given.detail)))
    if given.delay_bars:
        found.append(_DELAY(bars=given.delay_bars))
    if costs.commission_per_deal or costs.commission_percent:
        found.append(
            _MORE_COMMISSION(
                deal=costs.commission_per_deal,
                currency=given.account.currency,
                percent=costs.commission_percent,
            )
        )
    if costs.slippage_table:
        table = costs.slippage_table
        found.append(_DRAWN(count=len(table), low=min(table), high=max(table), seed=costs.slippage_seed))
    if given.guards is not None:
        limits = given.guards.to_mapping()
        found.append(_GUARDS(names=", ".join(name for name in LIMITS if limits[name])))
    if given.news:
        found.append(_NEWS(count=len(given.news)))
    return found


def _spread(costs: Costs, points: int) -> Message:
    if costs.spread_by_hour:
        bars = " where a bar has none of its own" if costs.spread_from_bars else ""
        return _SPREAD_HOURS(low=min(costs.spread_by_hour), high=max(costs.spread_by_hour), bars=bars)
    return _SPREAD_BARS(points=points) if costs.spread_from_bars else _SPREAD(points=points)


def _money(given: BacktestInput) -> Message:
    profit, account = given.spec.currency_profit, given.account.currency
    if profit == account:
        return _RATE_NONE(account=account)
    if is_own(given):
        return _RATE_OWN(profit=profit, account=account)
    if isinstance(given.rate, RateSeries):
        how = (
            f", read as {account}{profit} and inverted"
            if given.rate.inverted
            else f", read as {profit}{account}"
        )
        return _RATE_SERIES(profit=profit, account=account, how=how)
    return _RATE_CONSTANT(profit=profit, account=account, rate=given.rate)
