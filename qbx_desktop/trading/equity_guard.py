"""Daily loss and drawdown, of the account and of each bot: measured in server days, remembered over restarts."""

from __future__ import annotations

from ..data import deals, equity_daily
from ..data.equity_daily import EquityDay
from ..domain import guards
from ..domain.clock import server_text
from ..domain.limits import Limits
from ..domain.mt5 import DealEntry
from ..domain.refusals import Refusal
from .floor import Floor

_DAY = 86_400
_CLOSING = frozenset({int(DealEntry.OUT), int(DealEntry.INOUT), int(DealEntry.OUT_BY)})


class EquityGuard:
    """Looks at the equity with every look at the account; stores a row per server day and account."""

    def __init__(self, floor: Floor) -> None:
        self._floor = floor
        self._day: EquityDay | None = None

    def look(self) -> None:
        """Take note of the equity now. Raises DbError."""
        floor = self._floor
        account = floor.view.account
        if account is None:
            return
        today = server_text(floor.view.server_time)[:10]
        last = self._day or equity_daily.latest(floor.ledger.con, floor.login, floor.server)
        if last is None:
            now = EquityDay(today, account.equity, account.equity)
        elif today > last.day:
            # A server clock that was put back keeps the newer day: a limit cannot be reset that way.
            now = EquityDay(today, account.equity, max(last.peak, account.equity))
        else:
            now = EquityDay(last.day, last.start, max(last.peak, account.equity))
        if now != last:
            with floor.ledger.writing():
                equity_daily.store(floor.ledger.con, floor.login, floor.server, now)
        self._day = now

    def rearm(self) -> None:
        """The trader armed trading again: the drawdown is measured from here on."""
        account = self._floor.view.account
        if account is None or self._day is None:
            return
        self._day = EquityDay(self._day.day, self._day.start, account.equity)
        with self._floor.ledger.writing():
            equity_daily.store(self._floor.ledger.con, self._floor.login, self._floor.server, self._day)

    def account_refusal(self, limits: Limits) -> Refusal | None:
        """Why the account as a whole must not open anything."""
        account = self._floor.view.account
        if account is None or self._day is None:
            return None
        return guards.drawdown(account.equity, self._day.peak, limits.drawdown_percent) or guards.daily_loss(
            account.equity, self._day.start, limits.daily_loss_percent
        )

    def bot_refusal(self, bot_id: int, limits: Limits, server_time: int) -> Refusal | None:
        """Why this bot must not open anything: its losses today, from its best, and in a row."""
        base = self._day.start if self._day is not None else 0.0
        booked = [
            each.deal
            for each in deals.deals_of(
                self._floor.ledger.con, account=self._floor.login, server=self._floor.server, bot_id=bot_id
            )
        ]
        floating = sum(each.profit + each.swap for each in self._floor.view.of_bot(bot_id))
        midnight = server_time // _DAY * _DAY
        money = [deal.profit + deal.swap + deal.commission + deal.fee for deal in booked]
        today = (
            sum(each for each, deal in zip(money, booked, strict=True) if deal.time >= midnight) + floating
        )
        running, best = 0.0, 0.0
        for each in reversed(money):
            running += each
            best = max(best, running)
        losses, last_at = 0, 0
        for each, deal in zip(money, booked, strict=True):
            if deal.entry not in _CLOSING:
                continue
            if each >= 0:
                break
            losses += 1
            last_at = last_at or deal.time
        return (
            guards.bot_daily_loss(today, base, limits.bot_daily_loss_percent)
            or guards.bot_drawdown(running + floating, best, base, limits.bot_drawdown_percent)
            or guards.cooldown(losses, limits.cooldown_losses, server_time - last_at, limits.cooldown_seconds)
        )
