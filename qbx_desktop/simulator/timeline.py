"""Moving the server through time: spans in which nothing can happen are skipped, the rest goes tick by tick."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..domain.money import swap_currency, swap_night, swap_nights
from ..domain.mt5 import OrderState, OrderTime, Side
from .account import Account, Holding
from .execution import Execution
from .market import Market
from .series import Series
from .triggers import Matching, Trigger, triggers_of
from .valuation import profit_at, worth

_DAY_MS = 86_400_000
# Share of a converted loss kept in reserve when asking whether a span can bring a stop-out.
_CONVERSION_RESERVE = 0.05


@dataclass(frozen=True)
class _Range:
    """Extremes of a symbol's prices over a span."""

    low: float
    high: float
    ask_low: float
    ask_high: float


class Timeline:
    """Moves `market.now_ms` forward and lets happen what happens on the way. Time never goes back."""

    def __init__(
        self,
        market: Market,
        execution: Execution,
        matching: Matching,
        accounts: dict[int, Account],
        path: str,
    ) -> None:
        self._market = market
        self._execution = execution
        self._matching = matching
        self._accounts = accounts
        self._path = path
        self.changed = False

    def advance_to(self, target_ms: int) -> None:
        """Let the server live until `target_ms`."""
        market = self._market
        while market.now_ms < target_ms:
            moment = self._next_event()
            if moment > target_ms:
                self._live_until(target_ms)
                return
            self._live_until(moment - 1)
            self._event(moment)
            # What is released at the moment itself comes after the event.
            self._play(moment - 1, moment)
            market.now_ms = moment

    def _exposed(self) -> list[str]:
        names: set[str] = set()
        for account in self._accounts.values():
            names |= account.exposed_symbols()
        return sorted(names)

    # --- events at known moments ---

    def _next_event(self) -> int:
        """The next moment after now at which swap is charged or an order expires."""
        now = self._market.now_ms
        moment = (now // _DAY_MS + 1) * _DAY_MS
        for account in self._accounts.values():
            for order in account.orders.values():
                if order.type_time == OrderTime.SPECIFIED and order.time_expiration * 1_000 > now:
                    moment = min(moment, order.time_expiration * 1_000)
            for holding in account.holdings.values():
                if self._is_continuous(holding.symbol):
                    opened = self._bar_after_midnight(holding.symbol, now)
                    moment = moment if opened is None else min(moment, opened)
        return moment

    def _is_continuous(self, symbol: str) -> bool:
        return self._path == "backtest" and symbol in self._market.recorded

    def _bar_after_midnight(self, symbol: str, now: int) -> int | None:
        """Open (ms) of the given series' next bar that has a midnight between it and the bar before."""
        times = self._market.recorded[symbol].times
        index = int(np.searchsorted(times, now // 1_000, side="right"))
        while 0 < index < len(times):
            if times[index] // 86_400 > times[index - 1] // 86_400:
                return int(times[index]) * 1_000
            day_end = (int(times[index]) // 86_400 + 1) * 86_400
            index = int(np.searchsorted(times, day_end))
        return None

    def _event(self, moment: int) -> None:
        """Charge swap and expire orders. Quotes are still those just before `moment`."""
        for account in self._accounts.values():
            for holding in list(account.holdings.values()):
                for midnight in self._midnights(holding.symbol, moment):
                    if midnight > holding.opened_ms:
                        self._charge(account, holding, midnight)
        self._market.now_ms = moment
        for account in self._accounts.values():
            for order in list(account.orders.values()):
                if self._is_over(order.type_time, order.time_expiration, order.symbol, moment):
                    self._execution.archive(account, order, OrderState.EXPIRED, order.volume_current)
                    self.changed = True
            if moment % _DAY_MS == 0:
                self._drop_daily_stops(account)
        self._market.now_ms = moment - 1

    def _midnights(self, symbol: str, moment: int) -> range:
        """The midnights charged at `moment`: the last ones before a bar's open on a given path, else itself."""
        if not self._is_continuous(symbol):
            return range(moment, moment + 1) if moment % _DAY_MS == 0 else range(0)
        times = self._market.recorded[symbol].times
        index = int(np.searchsorted(times, moment // 1_000))
        if index == 0 or index >= len(times) or int(times[index]) * 1_000 != moment:
            return range(0)
        first = (int(times[index - 1]) // 86_400 + 1) * _DAY_MS
        return range(first, moment + 1, _DAY_MS)

    def _charge(self, account: Account, holding: Holding, midnight: int) -> None:
        """One night's swap, named by the day that ends at `midnight`."""
        setup = self._market.setups[holding.symbol]
        info = setup.info
        weekday = (midnight // _DAY_MS - 1 + 4) % 7  # 1970-01-01 was a Thursday
        nights = swap_nights(weekday, info["swap_rollover3days"])
        quote = self._market.quote(holding.symbol)
        if not nights or quote is None or not info["swap_mode"]:
            return
        rate = info["swap_long"] if holding.side is Side.BUY else info["swap_short"]
        mode, bid = info["swap_mode"], quote[0]
        amount = nights * swap_night(
            mode, rate, holding.volume, bid, holding.price_open, setup.point, info["trade_contract_size"]
        )
        currency = {
            "base": info["currency_base"], "margin": info["currency_margin"], "deposit": account.currency
        }.get(swap_currency(mode), info["currency_profit"])  # fmt: skip
        converter = self._market.converter(account.currency)
        if currency == setup.forex_base and info["currency_profit"] == account.currency:
            factor: float | None = bid
        else:
            factor = converter.profit(amount, currency, setup.forex_base, bid)
        holding.swap = account.money(holding.swap + account.money(amount * (factor or 0.0)))
        holding.updated_ms = midnight
        self.changed = True

    def _is_over(self, type_time: int, expiration: int, symbol: str, moment: int) -> bool:
        if type_time == OrderTime.SPECIFIED:
            return expiration * 1_000 <= moment
        if moment % _DAY_MS:
            return False
        if type_time == OrderTime.SPECIFIED_DAY:
            return expiration // 86_400 < moment // _DAY_MS
        return type_time == OrderTime.DAY or self._market.setups[symbol].info["order_gtc_mode"] in (1, 2)

    def _drop_daily_stops(self, account: Account) -> None:
        """Where orders live for a day, stops and targets of positions are dropped at midnight as well."""
        for holding in account.holdings.values():
            if self._market.setups[holding.symbol].info["order_gtc_mode"] == 1 and (holding.sl or holding.tp):
                holding.sl = holding.tp = 0.0
                self.changed = True

    # --- between events ---

    def _live_until(self, end_ms: int) -> None:
        market = self._market
        length = end_ms - market.now_ms
        while market.now_ms < end_ms:
            names = self._exposed()
            if not names:
                break
            unit = min(market.series[name].feed.seconds for name in names) * 1_000
            start = market.now_ms
            length = max(min(length, end_ms - start), min(unit, end_ms - start))
            while (danger := self._danger(names, start, start + length)) is not None:
                if length <= unit:
                    self._play(start, start + length, danger)
                    break
                length = max(length // 2, unit)
            market.now_ms = start + length
            # What was quiet may stay so for longer, what was busy may be over.
            length *= 2
        market.now_ms = max(market.now_ms, end_ms)

    def _play(self, first_ms: int, last_ms: int, may_ruin: bool = True) -> None:
        """Every tick of every exposed symbol with `first_ms < time <= last_ms`, in order of time.

        Unless it `may_ruin`, accounts are held against their stop-out level only once something was filled.
        """
        market = self._market
        steps = sorted(
            (time, name, bar, step)
            for name in self._exposed()
            for time, bar, step in self._steps(market.series[name], first_ms, last_ms)
        )
        for time, name, bar, step in steps:
            if step:
                self._choose_order(name, bar, step)
            before = market.series[name].shown(time - 1_000)
            market.now_ms = time
            if name in market.frozen:
                continue
            if step and before is not None and self._is_continuous(name):
                after = market.shown(name)
                if after is not None:
                    may_ruin = self._matching.pass_through(name, before, after, may_ruin) or may_ruin
            else:
                may_ruin = self._matching.tick(name, may_ruin) or may_ruin
            self.changed = self._matching.take_change() or self.changed

    @staticmethod
    def _steps(series: Series, first_ms: int, last_ms: int) -> list[tuple[int, int, int]]:
        """`(time, open of the bar, number of the tick)` of the ticks released after first_ms up to last_ms."""
        found: list[tuple[int, int, int]] = []
        for week, indexes in series.bars_within(first_ms, last_ms):
            for index in indexes:
                opened = int(week.time[index])
                for step in range(series.ticks):
                    time = (opened + series.moment(step)) * 1_000
                    if first_ms < time <= last_ms:
                        found.append((time, opened, step))
        return found

    def _choose_order(self, name: str, bar: int, step: int) -> None:
        """On the paths that depend on the trader, go to the extreme that hurts the open positions first."""
        wanted = self._path == "worst_case" or self._is_continuous(name)
        series = self._market.series[name]
        if not wanted or bar in series.low_first or step != 1:
            return
        net = sum(
            int(holding.side) * holding.volume
            for account in self._accounts.values()
            for holding in account.holdings.values()
            if holding.symbol == name
        )
        if net:
            series.low_first[bar] = net > 0
            series.forget_quote()

    def _danger(self, names: list[str], first_ms: int, last_ms: int) -> bool | None:
        """None when no price within the span can do anything; else whether one may ruin an account."""
        ranges: dict[str, _Range] = {}
        fires = False
        for name in names:
            found = self._range(self._market.series[name], first_ms, last_ms)
            if found is None:
                continue
            ranges[name] = found
            point = self._market.setups[name].point
            fires = fires or any(
                _may_fire(trigger, found, point) for trigger in triggers_of(self._accounts.values(), name)
            )
        ruins = any(self._may_be_ruined(account, ranges) for account in self._accounts.values())
        return ruins if fires or ruins else None

    def _range(self, series: Series, first_ms: int, last_ms: int) -> _Range | None:
        lows: list[_Range] = []
        factor = self._market.spread_factors.get(series.setup.name, 1.0) * series.setup.point
        for week, part in series.bars_within(first_ms, last_ms):
            cut = slice(part.start, part.stop)
            low, high, spread = week.low[cut], week.high[cut], week.spread[cut] * factor
            lows.append(
                _Range(
                    float(low.min()),
                    float(high.max()),
                    float((low + spread).min()),
                    float((high + spread).max()),
                )
            )
        if not lows:
            return None
        return _Range(
            min(each.low for each in lows), max(each.high for each in lows),
            min(each.ask_low for each in lows), max(each.ask_high for each in lows),
        )  # fmt: skip

    def _reserve(self, account: Account, holding: Holding) -> float:
        """How far conversion through another pair may move the profit; nothing where it needs none."""
        setup = self._market.setups[holding.symbol]
        if account.currency in (setup.info["currency_profit"], setup.forex_base):
            return 0.0
        return _CONVERSION_RESERVE

    def _may_be_ruined(self, account: Account, ranges: dict[str, _Range]) -> bool:
        level = float(account.settings.get("margin_so_so", 0.0))
        if not account.holdings or level <= 0:
            return False
        now = worth(self._market, account)
        equity = account.balance + account.credit
        for holding in account.holdings.values():
            found = ranges.get(holding.symbol)
            if found is None:
                quote = self._market.quote(holding.symbol)
                found = _Range(quote[0], quote[0], quote[1], quote[1]) if quote else None
            if found is not None:
                price = found.low if holding.side is Side.BUY else found.ask_high
                profit = profit_at(self._market, account, holding, price)
                equity += profit - abs(profit) * self._reserve(account, holding)
            equity += holding.swap
        if account.settings.get("margin_so_mode") == 1:
            return equity <= level
        return equity <= now.margin * level / 100.0


def _may_fire(trigger: Trigger, found: _Range, point: float) -> bool:
    if trigger.direction < 0:
        lowest = found.ask_low if trigger.on_ask else found.low
        return lowest - trigger.level <= point / 2
    highest = found.ask_high if trigger.on_ask else found.high
    return trigger.level - highest <= point / 2
