"""Reasons not to trade: one pure function each, the same for preflight, the live desk and the backtest.

A guard takes plain numbers and answers None (allowed) or a Refusal. A limit of 0 is off. "At the limit" is still
allowed for sizes and counts; a loss that reaches its limit stops trading.
"""

from __future__ import annotations

import math

from . import refusals
from .guard_terms import above, fall, in_weekend, outside_hours, reached, resting
from .mt5 import AccountTradeMode, MarginMode, SymbolTradeMode
from .refusals import Refusal

_NOISE = 1e-9


def trading_state(state: str, why: str, is_exit: bool) -> Refusal | None:
    """ACTIVE trades, REDUCING only shrinks exposure, HALTED opens nothing (kill-switch closes are exits)."""
    if state == "ACTIVE" or is_exit:
        return None
    return (refusals.REDUCING if state == "REDUCING" else refusals.HALTED)(why=why)


def disk_space(allows: str, free_mb: int) -> Refusal | None:
    """The disk that records orders has room: REDUCING and HALTED (almost none) open nothing."""
    if allows == "ACTIVE":
        return None
    return (refusals.DISK_LOW if allows == "REDUCING" else refusals.DISK_FULL)(free=free_mb)


def account_binding(
    login: int, server: str, wanted_login: int | None, wanted_server: str | None
) -> Refusal | None:
    """The account in the terminal is the one the bot is bound to (an unbound bot takes the one it starts on)."""
    if wanted_login is not None and (login != wanted_login or (wanted_server and server != wanted_server)):
        return refusals.ACCOUNT(found=login, server=server, wanted=wanted_login)
    return None


def real_money(trade_mode: int, account: int, consent: bool) -> Refusal | None:
    """A real account needs consent given for this bot; anything that is not demo or contest counts as real."""
    if trade_mode in (AccountTradeMode.DEMO, AccountTradeMode.CONTEST) or consent:
        return None
    return refusals.REAL(account=account)


def one_bot_per_symbol(margin_mode: int, symbol: str, other: str | None) -> Refusal | None:
    """On accounts that merge positions a symbol belongs to one bot; `other` names the one that has it."""
    if margin_mode != MarginMode.RETAIL_HEDGING and other is not None:
        return refusals.NETTING(symbol=symbol, other=other)
    return None


def algo_trading(terminal_allows: bool, account_allows: bool, expert_allows: bool) -> Refusal | None:
    """The terminal's button, the account's right to trade and the server's permission for programs are all on."""
    return None if terminal_allows and account_allows and expert_allows else refusals.ALGO()


def link_down() -> Refusal:
    """Orders leave over a good link only (closes also over a degraded one)."""
    return refusals.LINK()


def margin_mode(found: int, known: int) -> Refusal | None:
    """The account still keeps positions the way it did when we looked first."""
    return None if found == known else refusals.MARGIN_MODE()


def bot_is_on(on: bool) -> Refusal | None:
    """The bot that decided is still the one that runs: not stopped, not started anew."""
    return None if on else refusals.BOT_OFF()


def symbol_identity(changed: str, symbol: str = "") -> Refusal | None:
    """Digits, contract, step and currencies are what they were; `changed` names the first that is not."""
    return refusals.SYMBOL_CHANGED(symbol=symbol, what=changed) if changed else None


def finite(**numbers: float) -> Refusal | None:
    """Every number that goes into the request is finite and not negative."""
    for name, value in numbers.items():
        if not (math.isfinite(value) and value >= 0):
            return refusals.NUMBERS(name=name, value=str(value))
    return None


def volume(lots: float, least: float, most: float, step: float, symbol: str = "") -> Refusal | None:
    """`lots` lies on the step, within the symbol's minimum and maximum."""
    on_step = abs(lots / step - round(lots / step)) < 1e-6
    if least - _NOISE <= lots <= most + _NOISE and on_step:
        return None
    return refusals.VOLUME(
        volume=f"{lots:g}", least=f"{least:g}", most=f"{most:g}", step=f"{step:g}", symbol=symbol
    )


def stops(valid: bool, stops_level: int, symbol: str = "") -> Refusal | None:
    """SL and TP are on their side and beyond the stop level (`valid` from `sizing.stops_are_valid`)."""
    return None if valid else refusals.STOPS(symbol=symbol, points=max(stops_level, 1))


def stop_loss_present(sl: float, required: bool) -> Refusal | None:
    """A stop-loss goes with the entry unless the trader switched that off."""
    return None if sl > 0 or not required else refusals.NO_SL()


def lots_per_order(lots: float, limit: float) -> Refusal | None:
    """At most `limit` lots in one order."""
    return refusals.ORDER_LOTS(volume=f"{lots:g}", limit=f"{limit:g}") if above(lots, limit) else None


def open_lots(after: float, limit: float) -> Refusal | None:
    """At most `limit` lots open over all bots, this order included."""
    return refusals.OPEN_LOTS(volume=f"{after:g}", limit=f"{limit:g}") if above(after, limit) else None


def open_positions(count: int, limit: float) -> Refusal | None:
    """Fewer than `limit` positions are open before this one."""
    return refusals.POSITIONS(count=count, limit=int(limit)) if limit and count >= limit else None


def risk_per_trade(loss_at_sl: float, equity: float, limit: float) -> Refusal | None:
    """The loss at the SL (account currency, positive) is at most `limit` percent of the equity."""
    share = 100.0 * loss_at_sl / equity if equity > 0 else math.inf
    return refusals.RISK(risk=share, limit=limit) if above(share, limit) else None


def daily_loss(equity: float, day_start: float, limit: float) -> Refusal | None:
    """Equity (open loss included) fell by less than `limit` percent since the server day began."""
    lost = fall(day_start, equity)
    return refusals.DAILY(loss=lost, limit=limit) if reached(lost, limit) else None


def drawdown(equity: float, peak: float, limit: float) -> Refusal | None:
    """Equity is less than `limit` percent below its peak."""
    lost = fall(peak, equity)
    return refusals.DRAWDOWN(loss=lost, limit=limit) if reached(lost, limit) else None


def bot_daily_loss(result_today: float, day_start: float, limit: float) -> Refusal | None:
    """The bot's result of the server day, open loss included, is above minus `limit` percent of the start equity."""
    lost = fall(day_start, day_start + result_today)
    return refusals.BOT_DAILY(loss=lost, limit=limit) if reached(lost, limit) else None


def bot_drawdown(result: float, best: float, equity_base: float, limit: float) -> Refusal | None:
    """The bot's running result is less than `limit` percent of the equity below its own best."""
    lost = 100.0 * (best - result) / equity_base if equity_base > 0 else 0.0
    return refusals.BOT_DRAWDOWN(loss=lost, limit=limit) if reached(lost, limit) else None


def orders_per_minute(count: int, limit: float) -> Refusal | None:
    """Fewer than `limit` orders of this bot in the last 60 s of server time."""
    return refusals.MINUTE(count=count, limit=limit) if limit and count >= limit else None


def orders_per_day(count: int, limit: float) -> Refusal | None:
    """Fewer than `limit` orders of this bot on this server day."""
    return refusals.DAY(count=count, limit=limit) if limit and count >= limit else None


def account_orders_per_minute(count: int, limit: float) -> Refusal | None:
    """Fewer than `limit` orders of all bots in the last 60 s of server time."""
    return refusals.ACCOUNT_MINUTE(count=count, limit=limit) if limit and count >= limit else None


def entry_per_bar(entries: int) -> Refusal | None:
    """One entry per bot and bar."""
    return refusals.BAR() if entries else None


def refusals_in_a_row(count: int, limit: float) -> Refusal | None:
    """Fewer than `limit` refusals since the last fill."""
    return refusals.REFUSALS(count=count) if limit and count >= limit else None


def spread(points: float, median: float, medians: float, most: float, symbol: str = "") -> Refusal | None:
    """At most `most` points if the trader set that, else at most `medians` times the usual spread (0 = not known)."""
    limit = most or medians * median
    return refusals.SPREAD(symbol=symbol, spread=f"{points:g}", limit=limit) if above(points, limit) else None


def slippage(breaches: int, points: float, limit: float) -> Refusal | None:
    """Fewer than `limit` fills further than `points` from the price decided on."""
    return refusals.SLIPPAGE(count=breaches, limit=points) if limit and breaches >= limit else None


def plausible_price(bid: float, ask: float, symbol: str = "") -> Refusal | None:
    """Bid and ask are finite, above zero, and not crossed."""
    if math.isfinite(bid) and math.isfinite(ask) and 0 < bid <= ask:
        return None
    return refusals.PRICE(symbol=symbol, bid=str(bid), ask=str(ask))


def fresh_price(age: float, limit: float, symbol: str = "") -> Refusal | None:
    """The price changed at most `limit` seconds ago by this computer's monotonic clock."""
    return refusals.STALE(symbol=symbol, age=age) if above(age, limit) else None


def price_gap(bid: float, last_close: float, atr: float, limit: float, symbol: str = "") -> Refusal | None:
    """The price is at most `limit` ATR away from the last close; without an ATR there is nothing to compare."""
    if not (atr > 0 and last_close > 0):
        return None
    jump = abs(bid - last_close) / atr
    return refusals.GAP(symbol=symbol, jump=jump) if above(jump, limit) else None


def free_margin(free_after: float, equity: float, limit: float) -> Refusal | None:
    """At least `limit` percent of the equity stays free after the order."""
    left = 100.0 * free_after / equity if equity > 0 else -math.inf
    return refusals.MARGIN(left=left, limit=limit) if limit and left < limit - _NOISE else None


def enough_money(margin: float, free: float, lots: float, symbol: str = "") -> Refusal | None:
    """The new position's margin does not exceed the free margin."""
    return refusals.NO_MONEY(volume=f"{lots:g}", symbol=symbol) if margin > free + _NOISE else None


def trade_mode(mode: int, side: int, symbol: str = "") -> Refusal | None:
    """The broker allows positions of this side on the symbol."""
    allowed = {
        int(SymbolTradeMode.LONGONLY): (1, "buying"), int(SymbolTradeMode.SHORTONLY): (-1, "selling"),
        int(SymbolTradeMode.CLOSEONLY): (0, "closing"), int(SymbolTradeMode.DISABLED): (0, "nothing"),
    }.get(mode)  # fmt: skip
    if allowed is None or allowed[0] == side:
        return None
    return refusals.TRADE_MODE(symbol=symbol, side="bought" if side > 0 else "sold", allowed=allowed[1])


def session_hours(server_time: int, start: float, end: float) -> Refusal | None:
    """Server time lies from hour `start` to before hour `end` (over midnight when end < start; equal = always)."""
    return refusals.SESSION(start=start, end=end) if outside_hours(server_time, start, end) else None


def weekend(server_time: int, flat_hour: float) -> Refusal | None:
    """Before Friday `flat_hour` server time, or a Monday to Thursday (0 = off)."""
    return refusals.WEEKEND(hour=flat_hour) if in_weekend(server_time, flat_hour) else None


def calendar(event: str | None) -> Refusal | None:
    """No event of the trader's calendar touches this moment; `event` names the one that does."""
    return refusals.CALENDAR(what=event) if event else None


def calendar_file(wrong: str) -> Refusal | None:
    """The trader's calendar can be read; `wrong` says why not: who lists news wants them minded."""
    return refusals.CALENDAR_FILE(why=wrong) if wrong else None


def cooldown(losses: int, limit: float, seconds_since: float, rest: float) -> Refusal | None:
    """Fewer than `limit` losses in a row, or the last one is `rest` seconds of server time ago."""
    if resting(losses, limit, seconds_since, rest):
        return refusals.COOLDOWN(losses=losses, left=math.ceil((rest - seconds_since) / 60))
    return None
