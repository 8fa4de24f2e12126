"""What is known of the account: money and positions, how old that is, and whether we are blind."""

from __future__ import annotations

from ..broker.terminal import Terminal
from ..domain.clock import Clock
from ..domain.events import AccountChanged, Event, PositionsChanged
from ..domain.mt5 import AccountTradeMode
from ..domain.records import AccountInfo, TerminalInfo, TradePosition

_OLDEST = 1.0


class AccountView:
    """The last complete look. A failed look keeps the old values on the screen but makes the view blind for trading."""

    def __init__(self, terminal: Terminal, clock: Clock, magic_base: int) -> None:
        self._terminal = terminal
        self._clock = clock
        self._magic_base = magic_base
        self.account: AccountInfo | None = None
        self.terminal_info: TerminalInfo | None = None
        self.positions: tuple[TradePosition, ...] = ()
        self._of_magic: dict[int, tuple[TradePosition, ...]] = {}
        self.server_time = 0
        self.blind = True
        self.read_at = float("-inf")

    def look(self, symbol: str | None = None) -> list[Event]:
        """Read everything and return what changed. Raises TerminalError; then the view is blind.

        With `symbol` only the positions of this symbol are read again, after an order of ours in it: with a thousand
        positions the whole look is what a bot close to the end of the queue waits for. `read_at` stays the time of
        the last whole look.
        """
        whole = symbol is None or self.blind
        self.blind = True
        terminal_info = self._terminal.terminal_info()
        account = self._terminal.account()
        positions = tuple(self._terminal.positions(None if whole else symbol))
        if not whole:
            positions += tuple(each for each in self.positions if each.symbol != symbol)
        positions = tuple(sorted(positions, key=lambda each: each.ticket))
        server_time = self._terminal.server_time()
        events: list[Event] = []
        if positions != self.positions or self.account is None:
            events.append(PositionsChanged(positions, self.by_bot(positions)))
        if account != self.account:
            events.append(AccountChanged(account, server_time))
        self.account, self.terminal_info, self.positions = account, terminal_info, positions
        self._of_magic = {}
        for each in positions:
            self._of_magic[each.magic] = (*self._of_magic.get(each.magic, ()), each)
        self.server_time = server_time
        if whole:
            self.read_at = self._clock.monotonic()
        self.blind = False
        return events

    def is_of(self, round_at: float) -> bool:
        """Whether an order may rest on it: read in the round that began at `round_at` (monotonic) and not long ago.

        With many bots a round takes longer than a look may be old.
        """
        return not self.blind and self.read_at >= max(round_at, self._clock.monotonic() - _OLDEST)

    def bot_of_magic(self, magic: int) -> int | None:
        """The bot of this installation that a magic number names, None for a stranger's."""
        number = magic - self._magic_base
        return number if 0 < number < 100_000 else None

    def magic_of(self, bot_id: int) -> int:
        """The magic number of a bot's orders."""
        return self._magic_base + bot_id

    def by_bot(self, positions: tuple[TradePosition, ...]) -> dict[int, int]:
        """Ticket -> bot, for the positions that are ours."""
        found = ((each.ticket, self.bot_of_magic(each.magic)) for each in positions)
        return {ticket: bot_id for ticket, bot_id in found if bot_id is not None}

    def of_bot(self, bot_id: int) -> tuple[TradePosition, ...]:
        """The bot's own positions (one, unless something went wrong)."""
        return self._of_magic.get(self.magic_of(bot_id), ())

    @property
    def ours(self) -> tuple[TradePosition, ...]:
        """All positions of our bots; foreign ones are shown, never touched."""
        return tuple(each for each in self.positions if self.bot_of_magic(each.magic) is not None)

    @property
    def is_real(self) -> bool:
        """Whether real money is at stake; what is not known as demo or contest counts as real."""
        demo = (AccountTradeMode.DEMO, AccountTradeMode.CONTEST)
        return self.account is not None and self.account.trade_mode not in demo
