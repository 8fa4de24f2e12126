"""What every part of the desk shares: terminal, ledger, clock, and what is known of account and symbols."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from ..broker.terminal import Terminal
from ..data import trading_state
from ..data.trading_state import TradingState
from ..domain.bots import Bot
from ..domain.clock import Clock, server_text
from ..domain.mt5 import MarginMode
from ..domain.refusals import Refusal
from .account_view import AccountView
from .bot_slot import BotSlot
from .brake import Brake
from .commission import Commission
from .ledger import Ledger
from .news_watch import NewsWatch
from .price_watch import PriceWatch
from .symbols import Symbols

_DAY_LOSS = "daily loss "


@dataclass
class Floor:
    """Used by the trading thread only. `speed` is server seconds per second; `bots` are all bots by id."""

    terminal: Terminal
    ledger: Ledger
    clock: Clock
    view: AccountView
    symbols: Symbols
    prices: PriceWatch
    commission: Commission
    halt_file: Path | None
    speed: float = 1.0
    slippage_points: int = 0
    brake: Brake = field(default_factory=Brake)
    slots: dict[int, BotSlot] = field(default_factory=dict)
    bots: dict[int, Bot] = field(default_factory=dict)
    states: dict[str, tuple[TradingState, str]] = field(default_factory=dict)
    # The account that this run trades on; from the first connection on.
    login: int = 0
    server: str = ""
    # Where the order log lies.
    logs: Path | None = None
    # What the trader's calendar forbids.
    news: NewsWatch | None = None
    # Why the free space of the disk forbids new positions, if it does.
    disk: Refusal | None = None

    @property
    def account_scope(self) -> str:
        """The account's key in `trading_state`."""
        return f"account:{self.login}@{self.server}"

    def round_trip(self, symbol: str) -> float:
        """Commission of one lot there and back on this account, account currency. Raises DbError."""
        return self.commission.round_trip(self.login, self.server, symbol)

    def load_states(self) -> None:
        """Read every stored trading state again."""
        rows = trading_state.all_states(self.ledger.con)
        self.states = {row.scope: (row.state, row.reason) for row in rows}

    def set_state(self, scope: str, state: TradingState, reason: str) -> None:
        """Store the trading state of a scope; it survives a restart."""
        with self.ledger.writing():
            trading_state.set(self.ledger.con, scope, state, reason, self.ledger.now_ms())
        self.states[scope] = (state, reason)

    def stop_for_the_day(self) -> None:
        """The account's loss limit of the server day was reached: only closing, until the next server day."""
        self.set_state(self.account_scope, TradingState.REDUCING, _DAY_LOSS + self.server_day)

    @property
    def stopped_on(self) -> str:
        """The server day (YYYY-MM-DD) whose loss limit was reached on this account, "" for none."""
        state, reason = self.states.get(self.account_scope, (TradingState.ACTIVE, ""))
        is_daily = state is TradingState.REDUCING and reason.startswith(_DAY_LOSS)
        return reason.removeprefix(_DAY_LOSS) if is_daily else ""

    @property
    def server_day(self) -> str:
        """The server's day now, YYYY-MM-DD."""
        return server_text(self.view.server_time)[:10]

    def state_of(self, bot_id: int | None) -> tuple[TradingState, str]:
        """The strictest of the global, the account's and the bot's state, with its reason."""
        scopes = [trading_state.GLOBAL, self.account_scope]
        if bot_id is not None:
            scopes.append(f"bot:{bot_id}")
        found = [self.states.get(scope, (TradingState.ACTIVE, "")) for scope in scopes]
        if self.is_halted_by_file:
            found.append((TradingState.HALTED, "the HALT file"))
        order = (TradingState.HALTED, TradingState.REDUCING, TradingState.ACTIVE)
        return min(found, key=lambda each: order.index(each[0]))

    @property
    def is_halted_by_file(self) -> bool:
        """Whether the HALT file exists: anybody may make it, also while the window is frozen."""
        return self.halt_file is not None and self.halt_file.exists()

    def symbol_owner(self, bot_id: int, symbol: str) -> str | None:
        """Who else trades `symbol` on an account that merges positions: a bot that was on before, or a stranger."""
        account = self.view.account
        if account is None or account.margin_mode == MarginMode.RETAIL_HEDGING:
            return None
        for other in self.slots.values():
            if other.bot.id == bot_id:
                break
            if other.bot.market == symbol:
                return other.bot.name
        magic = self.view.magic_of(bot_id)
        foreign = any(each.symbol == symbol and each.magic != magic for each in self.view.positions)
        return "a position that is not this bot's" if foreign else None

    def close_to(self, seconds: float) -> float:
        """A deadline on the monotonic clock."""
        return self.clock.monotonic() + seconds
