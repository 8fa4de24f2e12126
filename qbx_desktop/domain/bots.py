"""A bot: one symbol, one timeframe, one strategy; what the trader wishes and what is happening."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from .sizing import Sizing, StopDistance, StopUnit
from .timeframe import Timeframe


class BotStatus(StrEnum):
    """The stored wish of the trader (the words of the predecessor's database)."""

    AKTIF = "Aktif"
    DIJEDA = "Dijeda"
    ERROR = "Error"


class RunState(StrEnum):
    """What is happening now; lives in memory only."""

    OFF = "off"
    STARTING = "starting"
    WAITING = "waiting"
    MARKET_CLOSED = "market_closed"
    NO_PRICES = "no_prices"
    RETRYING = "retrying"
    BLOCKED = "blocked"
    UNKNOWN_ORDER = "unknown_order"
    HALTED = "halted"
    ERROR = "error"


class SizingMode(StrEnum):
    """How `lot_size` is meant; LEGACY_UNSET bots cannot start until the trader chose."""

    FIXED_LOT = "FIXED_LOT"
    RISK_PERCENT = "RISK_PERCENT"
    LEGACY_UNSET = "LEGACY_UNSET"


class StopMode(StrEnum):
    """How the stops are meant; LEGACY_UNSET bots cannot start until the trader chose."""

    PIPS = "PIPS"
    ATR_MULT = "ATR_MULT"
    LEGACY_UNSET = "LEGACY_UNSET"


@dataclass(frozen=True)
class BotSettings:
    """The settings that the predecessor's table has no column for (side table `bot_settings`)."""

    sizing_mode: SizingMode = SizingMode.FIXED_LOT
    stop_mode: StopMode = StopMode.PIPS
    risk_percent: float = 1.0
    sl_atr: float = 2.0
    tp_atr: float = 4.0
    atr_period: int = 14
    account: int | None = None
    server: str | None = None
    live_consent: bool = False
    limits: Mapping[str, float] = field(default_factory=dict)
    archived: bool = False
    halted_reason: str | None = None
    owner_user_id: int | None = None
    generation: int = 0


@dataclass(frozen=True)
class Bot:
    """One row of `bots` with its settings. `sl_pips`/`tp_pips` count with StopMode.PIPS, 0 means none.

    `strategy_params` is the stored JSON text: it is parsed by the strategy's own schema, so that one bad bot
    never stops the others from loading. `config_error` names a column that cannot be read.
    """

    id: int
    name: str
    market: str
    timeframe: str
    strategy: str
    strategy_params: str | None = None
    status: BotStatus = BotStatus.DIJEDA
    lot_size: float = 0.01
    sl_pips: int = 100
    tp_pips: int = 200
    check_interval_seconds: int = 60
    settings: BotSettings = field(default_factory=BotSettings)
    config_error: str | None = None

    @property
    def is_startable(self) -> bool:
        """Whether its columns are understood and its sizing was chosen by the trader."""
        unset = (
            self.settings.sizing_mode is SizingMode.LEGACY_UNSET,
            self.settings.stop_mode is StopMode.LEGACY_UNSET,
        )
        return self.config_error is None and not any(unset) and not self.settings.archived

    @property
    def frame(self) -> Timeframe:
        """Its timeframe. Raises UserMistake for a name that does not exist."""
        return Timeframe.named(self.timeframe)

    @property
    def sizing(self) -> Sizing:
        """Fixed lots or risk percent."""
        if self.settings.sizing_mode is SizingMode.RISK_PERCENT:
            return Sizing(risk_percent=self.settings.risk_percent)
        return Sizing(lots=self.lot_size)

    @property
    def stop_loss(self) -> StopDistance:
        """The stop-loss distance."""
        if self.settings.stop_mode is StopMode.ATR_MULT:
            return StopDistance(StopUnit.ATR, self.settings.sl_atr)
        return StopDistance(StopUnit.PIPS, self.sl_pips)

    @property
    def take_profit(self) -> StopDistance:
        """The take-profit distance."""
        if self.settings.stop_mode is StopMode.ATR_MULT:
            return StopDistance(StopUnit.ATR, self.settings.tp_atr)
        return StopDistance(StopUnit.PIPS, self.tp_pips)
