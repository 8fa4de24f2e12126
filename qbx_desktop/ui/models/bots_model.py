"""The table of bots: the stored wish joined with what is happening now, one row changed per event."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QObject, Slot

from ...domain.bots import Bot, SizingMode
from ...domain.clock import server_text
from ...domain.events import BotChanged
from ...domain.mt5 import Side
from ...domain.records import TradePosition
from .. import figures
from ..icons import Icons
from ..live import Live
from ..states import StateLook, look_of
from ..theme import Theme
from ..words import Words
from .columns import RIGHT, Column, RowsModel


@dataclass(frozen=True)
class BotRow:
    """One bot with its run state and its open positions."""

    bot: Bot
    live: BotChanged | None
    positions: tuple[TradePosition, ...]
    pending: bool = False

    @property
    def look(self) -> StateLook:
        """Word, icon and colour of its state."""
        return look_of(self.bot, self.live)

    @property
    def profit(self) -> float:
        """Floating profit with swap, in account currency."""
        return sum(each.profit + each.swap for each in self.positions)


class BotsModel(RowsModel):
    """Rows of `data.bots.list_bots`, kept current by :class:`Live`. Lives in the GUI thread."""

    def __init__(
        self, live: Live, words: Words, theme: Theme, icons: Icons, parent: QObject | None = None
    ) -> None:
        self._icons = icons
        columns = (
            Column("State", self._state, sort=lambda row: row.look.order, icon=self._state_icon,
                   colour=lambda row: row.look.token, tooltip=self._state_reason),
            Column("Name", lambda row: row.bot.name, sort=lambda row: row.bot.name.casefold()),
            Column("Symbol", lambda row: row.bot.market, sort=lambda row: row.bot.market),
            Column("TF", lambda row: row.bot.timeframe, sort=_frame_seconds),
            Column("Risk", self._risk, sort=_risk_value),
            Column("Position", self._position, sort=lambda row: sum(each.volume for each in row.positions)),
            Column("P/L", self._profit, sort=lambda row: row.profit, align=RIGHT, colour=_profit_colour),
            Column("Next check", self._next_check, sort=lambda row: row.live.next_check if row.live else 0, align=RIGHT),
        )  # fmt: skip
        super().__init__(columns, words, theme, key=lambda row: row.bot.id, parent=parent)
        self._live = live
        self._bots: dict[int, Bot] = {}
        self._pending: set[int] = set()
        self._needle = ""
        live.bot_changed.connect(self._bot_changed)
        live.positions_changed.connect(self._positions_changed)

    def set_bots(self, bots: Sequence[Bot]) -> None:
        """Show these bots (the acknowledged state of the database); nothing is pending any more."""
        self._bots = {bot.id: bot for bot in bots}
        self._pending.clear()
        self._show()

    def set_filter(self, text: str) -> None:
        """Show only bots whose name, symbol, timeframe or strategy contains `text`."""
        self._needle = text.strip().casefold()
        self._show()

    def set_pending(self, bot_id: int) -> None:
        """A change of this bot was handed over and is not acknowledged yet."""
        self._pending.add(bot_id)
        self._bot_changed(bot_id)

    @property
    def total(self) -> int:
        """How many bots there are, shown or filtered away."""
        return len(self._bots)

    def every_row(self) -> list[BotRow]:
        """All bots, filtered away or not."""
        return [self._row(bot) for bot in self._bots.values()]

    def row_of(self, bot_id: int) -> BotRow | None:
        """The row of one bot, shown or not."""
        bot = self._bots.get(bot_id)
        return self._row(bot) if bot else None

    def _row(self, bot: Bot) -> BotRow:
        return BotRow(
            bot, self._live.bots.get(bot.id), self._live.positions_of(bot.id), bot.id in self._pending
        )

    def _show(self) -> None:
        self.set_rows([self._row(bot) for bot in self._bots.values() if self._matches(bot)])

    def _matches(self, bot: Bot) -> bool:
        text = f"{bot.name} {bot.market} {bot.timeframe} {bot.strategy}".casefold()
        return self._needle in text

    @Slot(int)
    def _bot_changed(self, bot_id: int) -> None:
        bot = self._bots.get(bot_id)
        if bot is not None and self.position_of(bot_id) is not None:
            self.put(self._row(bot))

    @Slot()
    def _positions_changed(self) -> None:
        for row in self.rows:
            if self._live.positions_of(row.bot.id) != row.positions:
                self.put(self._row(row.bot))

    def _state(self, row: BotRow) -> str:
        word = self.words.t(row.look.word)
        return f"{word} …" if row.pending else word

    def _state_icon(self, row: BotRow):  # type: ignore[no-untyped-def]
        return self._icons.icon(row.look.icon, row.look.token)

    def _state_reason(self, row: BotRow) -> str:
        if row.bot.config_error:
            return self.words.t(row.bot.config_error)
        return self.words.say(row.live.reason) if row.live and row.live.reason else self._state(row)

    def _risk(self, row: BotRow) -> str:
        mode = row.bot.settings.sizing_mode
        if mode is SizingMode.RISK_PERCENT:
            return figures.percent(row.bot.settings.risk_percent, 1, self.words.language)
        if mode is SizingMode.FIXED_LOT:
            return self.words.t("{lots} lots", lots=figures.lots(row.bot.lot_size))
        return self.words.t("not chosen")

    def _position(self, row: BotRow) -> str:
        if not row.positions:
            return figures.NOTHING
        first = row.positions[0]
        side = Side.of_type(first.type)
        volume = figures.lots(sum(each.volume for each in row.positions))
        more = f" (+{len(row.positions) - 1})" if len(row.positions) > 1 else ""
        entry = figures.price(
            first.price_open, figures.digits_of(first.price_open, first.price_current, first.sl)
        )
        return f"{figures.arrow(side)} {self.words.t(side.word)} {volume} @ {entry}{more}"

    def _profit(self, row: BotRow) -> str:
        return figures.signed(row.profit, 2, self.words.language) if row.positions else figures.NOTHING

    def _next_check(self, row: BotRow) -> str:
        return server_text(row.live.next_check)[11:] if row.live and row.live.next_check else figures.NOTHING


def _frame_seconds(row: BotRow) -> int:
    from ...domain.timeframe import Timeframe

    known = Timeframe.__members__.get(row.bot.timeframe)
    return known.seconds if known else 0


def _risk_value(row: BotRow) -> float:
    settings = row.bot.settings
    return settings.risk_percent if settings.sizing_mode is SizingMode.RISK_PERCENT else row.bot.lot_size


def _profit_colour(row: BotRow) -> str | None:
    return "up" if row.profit > 0 else "down" if row.profit < 0 else None
