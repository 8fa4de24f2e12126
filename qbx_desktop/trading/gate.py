"""The risk gate: every guard in its order, over what is known now; the first refusal counts."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

from ..data import order_counts
from ..domain import guards
from ..domain.events import Link
from ..domain.journal import JournalAction
from ..domain.mt5 import Side
from ..domain.records import SymbolInfo
from ..domain.refusals import Refusal
from .bot_slot import BotSlot, Wanted
from .equity_guard import EquityGuard
from .floor import Floor
from .place_order import BY_HAND, Order
from .plan_order import Entry

_DAY = 86_400
_STOPPING = "a stop was asked for"
Calendar = Callable[[str, int], Refusal | None]


class Gate:
    """Asks the guards for one bot's entry. `calendar` says what news forbid an entry in a symbol at a server time."""

    def __init__(self, floor: Floor, equity: EquityGuard, calendar: Calendar) -> None:
        self._floor = floor
        self._equity = equity
        self._calendar = calendar

    def before_planning(
        self, slot: BotSlot, side: Side, symbol: SymbolInfo, wanted: Wanted
    ) -> Refusal | None:
        """What forbids an entry whatever its size: state, binding, rates, losses, the clock."""
        return next(filter(None, self._before(slot, side, symbol, wanted)), None)

    def _before(
        self, slot: BotSlot, side: Side, symbol: SymbolInfo, wanted: Wanted
    ) -> Iterator[Refusal | None]:
        floor, limits, bot = self._floor, slot.limits, slot.bot
        con, server_time = floor.ledger.con, floor.view.server_time
        account = floor.view.account
        assert account is not None
        state, why = floor.state_of(bot.id)
        yield guards.trading_state(state, why, is_exit=False)
        yield floor.disk
        yield guards.account_binding(account.login, account.server, bot.settings.account, bot.settings.server)
        yield guards.real_money(account.trade_mode, account.login, bot.settings.live_consent)
        yield guards.one_bot_per_symbol(
            account.margin_mode, bot.market, floor.symbol_owner(bot.id, bot.market)
        )
        yield self._switches()
        yield guards.symbol_identity(floor.symbols.changed(symbol.name), symbol.name)
        yield guards.trade_mode(symbol.trade_mode, side, symbol.name)
        yield guards.session_hours(server_time, limits.session_from_hour, limits.session_to_hour)
        yield guards.weekend(server_time, limits.weekend_flat_hour)
        yield self._calendar(bot.market, server_time)
        if wanted.attempt == 1:
            yield guards.entry_per_bar(order_counts.entries_on_bar(con, bot.id, wanted.bar_time))
        yield guards.orders_per_minute(
            order_counts.sent_by_bot(con, bot.id, server_time - 60 + 1), limits.orders_per_minute
        )
        yield guards.orders_per_day(
            order_counts.sent_by_bot(con, bot.id, server_time // _DAY * _DAY), limits.orders_per_day
        )
        yield guards.account_orders_per_minute(
            order_counts.sent_by_account(con, floor.login, server_time - 60 + 1),
            limits.account_orders_per_minute,
        )
        yield guards.refusals_in_a_row(
            order_counts.refusals_in_a_row(con, bot.id, slot.armed_row), limits.refusals_in_a_row
        )
        yield guards.slippage(slot.slippage_breaches, limits.slippage_points, limits.slippage_breaches)
        yield self._equity.account_refusal(limits)
        yield self._equity.bot_refusal(bot.id, limits, server_time)

    def after_planning(self, slot: BotSlot, entry: Entry, wanted: Wanted, age: float) -> Refusal | None:
        """What forbids this very entry: numbers, sizes, prices, margin."""
        return next(filter(None, self._after(slot, entry, wanted, age)), None)

    def _after(self, slot: BotSlot, entry: Entry, wanted: Wanted, age: float) -> Iterator[Refusal | None]:
        floor, limits = self._floor, slot.limits
        account = floor.view.account
        assert account is not None
        symbol, ours = entry.symbol, floor.view.ours
        yield guards.finite(
            price=entry.price, sl=entry.sl, tp=entry.tp, volume=entry.volume, margin=entry.margin
        )
        yield guards.volume(
            entry.volume, symbol.volume_min, symbol.volume_max, symbol.volume_step, symbol.name
        )
        yield guards.enough_money(entry.margin, account.margin_free, entry.volume, symbol.name)
        yield guards.stop_loss_present(entry.sl, bool(limits.require_sl))
        yield guards.lots_per_order(entry.volume, limits.max_lots_per_order)
        yield guards.open_lots(sum(each.volume for each in ours) + entry.volume, limits.max_open_lots)
        yield guards.open_positions(len(ours), limits.max_open_positions)
        yield guards.risk_per_trade(entry.loss_at_sl, account.equity, limits.max_risk_percent)
        tick = entry.tick
        points = (tick.ask - tick.bid) / symbol.point if symbol.point > 0 else math.inf
        yield guards.spread(
            round(points, 3), floor.prices.median_spread(symbol.name), limits.spread_medians,
            limits.max_spread_points, symbol.name,
        )  # fmt: skip
        yield guards.fresh_price(age, self._age_limit(slot), symbol.name)
        yield guards.price_gap(tick.bid, wanted.last_close, wanted.atr, limits.max_gap_atr, symbol.name)
        yield guards.free_margin(
            account.margin_free - entry.margin, account.equity, limits.min_free_margin_percent
        )

    def last_look(self, order: Order) -> Refusal | None:
        """Directly before an order leaves: halt, link, and the account as the terminal shows it now."""
        floor = self._floor
        flattening = order.source in BY_HAND and order.action is JournalAction.CLOSE
        is_exit = order.action is not JournalAction.OPEN
        state, why = floor.state_of(None if order.bot is None else order.bot.id)
        if floor.brake.is_on and not is_exit:
            return guards.trading_state("REDUCING", _STOPPING, is_exit=False)
        if not flattening:
            if floor.is_halted_by_file:
                return guards.trading_state("HALTED", why, is_exit=False)
            refusal = guards.trading_state(state, why, is_exit)
            refusal = refusal or (None if is_exit else floor.disk)
            if refusal is not None:
                return refusal
        link = floor.terminal.link
        if link is not Link.READY and not (is_exit and link is Link.DEGRADED):
            return guards.link_down()
        account = floor.terminal.account()
        refusal = guards.account_binding(account.login, account.server, order.account, order.server)
        if refusal is None and floor.view.account is not None:
            refusal = guards.margin_mode(account.margin_mode, floor.view.account.margin_mode)
        if refusal is None and order.bot is not None:
            settings = order.bot.settings
            refusal = guards.account_binding(account.login, account.server, settings.account, settings.server)
            refusal = refusal or guards.real_money(account.trade_mode, account.login, settings.live_consent)
        if refusal is None and order.bot is not None and order.source == "BOT":
            slot = floor.slots.get(order.bot.id)
            if slot is None or slot.generation != order.generation:
                return guards.bot_is_on(False)
        return refusal

    def _switches(self) -> Refusal | None:
        terminal, account = self._floor.view.terminal_info, self._floor.view.account
        assert terminal is not None
        assert account is not None
        return guards.algo_trading(
            terminal.trade_allowed and not terminal.tradeapi_disabled,
            account.trade_allowed,
            account.trade_expert,
        )

    def _age_limit(self, slot: BotSlot) -> float:
        limit = slot.limits.max_price_age
        return max(limit, 3.0 * slot.bot.check_interval_seconds) if limit else 0.0
