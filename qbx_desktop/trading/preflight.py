"""Fifteen looks before a bot starts: each says what was found and, when it is not good, what to do about it.

While an event of the trader's calendar forbids entries there is one line more.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from ..broker.errors import TerminalError
from ..domain import guards
from ..domain import params as schema
from ..domain.bots import Bot
from ..domain.clock import server_text
from ..domain.errors import UserMistake
from ..domain.limits import Limits
from ..domain.messages import Message, declare
from ..domain.mt5 import Retcode, Side
from ..domain.orders import entry_request, fillings
from ..domain.records import AccountInfo, SymbolInfo, Tick
from ..domain.refusals import Refusal
from ..domain.sizing import StopUnit
from ..strategies.contract import Strategy
from ..strategies.indicators import atr as atr_of
from .floor import Floor
from .plan_order import Entry, plan_entry
from .swap_check import DEAR_REMEDY, swap_check

_OK = declare("check.ok", "{what}: {found}")
_BAD = declare("check.bad", "{what}: {found}")
_NOTHING_TO_DO = declare("check.nothing", "Nothing to do.")
_LOOK = declare("check.look", "Look at {what} in MetaTrader 5.")
_CHOOSE_SYMBOL = declare("check.symbol", "Choose another symbol, or ask the broker for it.")
_WAIT = declare("check.wait", "The bot waits by itself; it may be started.")
_MORE_BARS = declare(
    "check.bars", "Open the chart of {symbol} {timeframe} in MetaTrader 5 so that it loads its history."
)
_NEWS = declare("check.news", "{what}: no new position until {until} server time ({event})")
_CLASH = declare("check.clash", "Close the position or let its bot finish; one number belongs to one bot.")
_RED = declare("check.red", "This bot cannot start: {what}. {remedy}")
_SOON = frozenset({0, int(Retcode.MARKET_CLOSED), int(Retcode.PRICE_OFF), int(Retcode.REQUOTE)})


@dataclass(frozen=True)
class Check:
    """One look. `ok` False and `blocks` True keeps the bot from starting; without `blocks` it is only worth knowing."""

    code: str
    ok: bool
    message: Message
    remedy: Message
    blocks: bool = True


@dataclass
class _Seen:
    """What the checks read, once."""

    account: AccountInfo
    symbol: SymbolInfo
    tick: Tick | None
    atr: float
    bars: int
    entry: Entry | Refusal | None


def demand(floor: Floor, bot: Bot, strategy: Strategy) -> None:
    """Raises UserMistake naming the first red check; TerminalError when the terminal does not answer."""
    for check in check_bot(floor, bot, strategy):
        if not check.ok and check.blocks:
            raise UserMistake(_RED(what=check.message.text.rstrip("."), remedy=check.remedy.text))


def check_bot(floor: Floor, bot: Bot, strategy: Strategy) -> list[Check]:
    """All checks of `bot`, in the order of the list. Raises TerminalError, and UserMistake for its configuration."""
    params = schema.from_json(strategy.Params, bot.strategy_params)
    limits = Limits.of(bot.settings.limits)
    account = floor.terminal.account()
    try:
        symbol = floor.symbols.read(bot.market)
    except TerminalError as error:
        message = _BAD(what=bot.market, found=error.sentence)
        return [*_account_checks(floor, bot, account), Check("symbol", False, message, _CHOOSE_SYMBOL())]
    seen = _read(floor, bot, account, symbol, strategy.history(params, bot.frame))
    return [
        *_account_checks(floor, bot, account),
        *_symbol_checks(floor, bot, seen),
        *_order_checks(floor, bot, seen, limits),
        *_other_checks(floor, bot, seen, strategy.warmup(params)),
    ]


def _read(floor: Floor, bot: Bot, account: AccountInfo, symbol: SymbolInfo, wanted: int) -> _Seen:
    try:
        tick: Tick | None = floor.terminal.tick(bot.market)
    except TerminalError:
        tick = None
    period = bot.settings.atr_period
    bars = floor.terminal.bars(bot.market, bot.frame, 1, max(wanted, period + 1) + 1)
    atr = math.nan
    if len(bars) > period >= 1:
        atr = float(atr_of(bars.high, bars.low, bars.close, period)[-1])
    entry: Entry | Refusal | None = None
    if tick is not None:
        entry = plan_entry(
            bot, Side.BUY, symbol, tick, account, atr, floor.terminal, floor.slippage_points,
            floor.round_trip(bot.market),
        )  # fmt: skip
    return _Seen(account, symbol, tick, atr, len(bars), entry)


def _account_checks(floor: Floor, bot: Bot, account: AccountInfo) -> Iterator[Check]:
    settings = bot.settings
    bound = guards.account_binding(account.login, account.server, settings.account, settings.server)
    owner = floor.symbol_owner(bot.id, bot.market)
    bound = bound or guards.one_bot_per_symbol(account.margin_mode, bot.market, owner)
    yield _of_guard("account", bound, "Account", f"{account.login} at {account.server}")
    terminal = floor.terminal.terminal_info()
    allowed = guards.algo_trading(
        terminal.trade_allowed and not terminal.tradeapi_disabled, account.trade_allowed, account.trade_expert
    )
    yield _of_guard("algo", allowed, "Algo Trading", "allowed")
    real = guards.real_money(account.trade_mode, account.login, settings.live_consent)
    kind = "demo" if account.trade_mode == 0 else "contest" if account.trade_mode == 1 else "REAL"
    yield _of_guard("money", real, "Money", kind)


def _symbol_checks(floor: Floor, bot: Bot, seen: _Seen) -> Iterator[Check]:
    symbol, tick = seen.symbol, seen.tick
    identity = guards.symbol_identity(floor.symbols.changed(symbol.name), symbol.name)
    found = (
        f"{symbol.name}, {symbol.digits} digits, contract {symbol.trade_contract_size:g}, "
        f"{symbol.currency_base}/{symbol.currency_profit}"
    )
    # A bot that is started takes the symbol as it is now: the start is the trader's word on the change.
    yield _of_guard("symbol", identity, "Symbol", found, blocks=False)
    if tick is None:
        yield Check("price", False, _BAD(what="Price", found="none yet"), _WAIT(), blocks=False)
    else:
        age = floor.prices.saw(symbol.name, tick, symbol.point, floor.clock.monotonic())
        limit = Limits.of(bot.settings.limits).max_price_age
        stale = guards.fresh_price(age, max(limit, 3.0 * bot.check_interval_seconds), symbol.name)
        yield _of_guard("price", stale, "Price", f"{tick.bid} / {tick.ask}", blocks=False)
    offered = fillings(symbol)
    words = ", ".join(each.name for each in offered) or "none"
    yield _check("filling", bool(offered), "Filling", words, _CHOOSE_SYMBOL())
    mode = guards.trade_mode(symbol.trade_mode, 1, symbol.name) and guards.trade_mode(
        symbol.trade_mode, -1, symbol.name
    )
    yield _of_guard("session", mode, "Trading", "allowed")


def _order_checks(floor: Floor, bot: Bot, seen: _Seen, limits: Limits) -> Iterator[Check]:
    symbol, entry = seen.symbol, seen.entry
    levels = f"stop level {symbol.trade_stops_level}, freeze level {symbol.trade_freeze_level} points"
    if entry is None:
        unknown = "cannot be worked out without a price"
        for code, what in (
            ("stops", "Stops"),
            ("lots", "Lots"),
            ("margin", "Margin"),
            ("order_check", "Test order"),
        ):
            yield Check(code, True, _OK(what=what, found=unknown), _NOTHING_TO_DO())
        return
    refused = entry if isinstance(entry, Refusal) else None
    about_stops = refused is not None and refused.code in ("guard.stops", "guard.price")
    yield _of_guard("stops", refused if about_stops else None, "Stops", levels)
    if isinstance(entry, Refusal):
        # Without enough bars there is no ATR yet: that is the check of the bars, not of the lots.
        blocks = entry.code != "guard.no_atr"
        yield _of_guard("lots", None if about_stops else entry, "Lots", "not known yet", blocks=blocks)
        return
    sized = (
        guards.stop_loss_present(entry.sl, bool(limits.require_sl))
        or guards.lots_per_order(entry.volume, limits.max_lots_per_order)
        or guards.risk_per_trade(entry.loss_at_sl, seen.account.equity, limits.max_risk_percent)
    )
    risk = f"{entry.volume:g} lots, {entry.loss_at_sl:.2f} {seen.account.currency} at the stop"
    yield _of_guard("lots", sized, "Lots", risk)
    left = seen.account.margin_free - entry.margin
    margin = guards.enough_money(
        entry.margin, seen.account.margin_free, entry.volume, symbol.name
    ) or guards.free_margin(left, seen.account.equity, limits.min_free_margin_percent)
    yield _of_guard("margin", margin, "Margin", f"{entry.margin:.2f} of {seen.account.margin_free:.2f} free")
    yield _try_order(floor, bot, entry)


def _try_order(floor: Floor, bot: Bot, entry: Entry) -> Check:
    offered = fillings(entry.symbol)
    request = entry_request(
        symbol=bot.market, side=entry.side, volume=entry.volume, price=entry.price, sl=entry.sl, tp=entry.tp,
        deviation=20, magic=floor.view.magic_of(bot.id), comment="QBCHECK", filling=offered[0] if offered else 0,
    )  # fmt: skip
    answer = floor.terminal.check(request)
    ok = answer.retcode in _SOON
    found = answer.comment or str(answer.retcode)
    return _check("order_check", ok, "Test order", found, _LOOK(what=f"code {answer.retcode}"))


def _other_checks(floor: Floor, bot: Bot, seen: _Seen, warmup: int) -> Iterator[Check]:
    symbol = seen.symbol
    entry = None if isinstance(seen.entry, Refusal) else seen.entry
    cheap, told = swap_check(symbol, seen.account, entry, "Swap")
    yield Check("swap", cheap, told, _NOTHING_TO_DO() if cheap else DEAR_REMEDY(), blocks=False)
    yield _clock(floor, seen.tick)
    yield from _news(floor, symbol.name)
    others = [
        each
        for each in floor.view.of_bot(bot.id)
        if each.symbol != bot.market
        or floor.ledger.journal.by_order_ticket(floor.login, floor.server, each.identifier) is None
    ]
    found = "none" if not others else f"position {others[0].ticket} of {others[0].symbol}"
    yield _check("magic", not others, "Strangers with this bot's number", found, _CLASH())
    enough = seen.bars > warmup + 1
    uses_atr = StopUnit.ATR in (bot.stop_loss.unit, bot.take_profit.unit)
    if uses_atr and not math.isfinite(seen.atr):
        enough = False
    remedy = _MORE_BARS(symbol=bot.market, timeframe=bot.timeframe)
    yield _check("bars", enough, "Bars", f"{seen.bars}, {warmup + 2} needed", remedy, blocks=False)


def _clock(floor: Floor, tick: Tick | None) -> Check:
    now = floor.terminal.server_time()
    found = server_text(now)
    # A price from the future means that the server's clock is not known well enough to date anything.
    ahead = tick is not None and tick.time > now + 120
    return _check("clock", not ahead, "Server time", found, _LOOK(what="the computer's clock"), blocks=False)


def _news(floor: Floor, symbol: str) -> Iterator[Check]:
    if floor.news is None:
        return
    now = floor.terminal.server_time()
    refusal = floor.news(symbol, now)
    if refusal is None:
        return
    until = floor.news.free_from(symbol, now)
    event, what = refusal.message.params.get("what"), "News calendar"
    found = _BAD(what=what, found=refusal.message.params.get("why", ""))
    if event is not None:
        found = _NEWS(what=what, until=server_text(until)[:16], event=event)
    yield Check("news", False, found, refusal.remedy, blocks=False)


def _check(code: str, ok: bool, what: str, found: str, remedy: Message, blocks: bool = True) -> Check:
    message = (_OK if ok else _BAD)(what=what, found=found)
    return Check(code, ok, message, _NOTHING_TO_DO() if ok else remedy, blocks)


def _of_guard(code: str, refusal: Refusal | None, what: str, found: str, blocks: bool = True) -> Check:
    if refusal is None:
        return Check(code, True, _OK(what=what, found=found), _NOTHING_TO_DO(), blocks)
    return Check(code, False, refusal.message, refusal.remedy, blocks)
