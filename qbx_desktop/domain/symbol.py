"""What money and fills need to know about a symbol, in MetaTrader 5's names without `trade_`."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass

from .errors import UserMistake
from .messages import declare
from .mt5 import CalcMode
from .records import SymbolInfo

_MISSING = declare("spec.missing", "The symbol specification lacks {names}. Nothing was run.")
_WRONG = declare(
    "spec.wrong", "The symbol specification's {name} is {value!r}, which cannot be. Nothing was run."
)
_MODE = declare(
    "spec.calc_mode",
    "Calculation mode {mode} of {symbol} is not supported. Nothing was run; choose another symbol.",
)

SUPPORTED_CALC_MODES = frozenset({0, 1, 2, 3, 4, 5, 32, 33})
FOREX_MODES = frozenset({int(CalcMode.FOREX), int(CalcMode.FOREX_NO_LEVERAGE)})

# The trader's files may use MetaTrader 5's own longer names.
_MT5_NAMES = {
    "trade_tick_size": "tick_size",
    "trade_contract_size": "contract_size",
    "trade_calc_mode": "calc_mode",
    "trade_stops_level": "stops_level",
    "trade_freeze_level": "freeze_level",
    "name": "symbol",
}
_TEXTS = frozenset({"symbol", "currency_base", "currency_profit", "currency_margin"})
_WHOLE = frozenset(
    {"digits", "calc_mode", "stops_level", "freeze_level", "spread", "swap_mode", "swap_rollover3days"}
)


@dataclass(frozen=True)
class SymbolSpec:
    """One symbol's specification. Prices in price units, volumes in lots, levels and spread in points.

    `margin_rate`, `tick_price` and `pip` are what MetaTrader 5 does not expose; 0 stands for their default
    (`margin_rate` has no such default, it is 1), see :attr:`tick_money` and :attr:`pip_size`.
    """

    symbol: str
    digits: int
    point: float
    tick_size: float
    contract_size: float
    calc_mode: int = 0
    currency_base: str = ""
    currency_profit: str = ""
    currency_margin: str = ""
    volume_min: float = 0.01
    volume_max: float = 100.0
    volume_step: float = 0.01
    stops_level: int = 0
    freeze_level: int = 0
    spread: int = 0
    margin_initial: float = 0.0
    margin_maintenance: float = 0.0
    swap_mode: int = 0
    swap_long: float = 0.0
    swap_short: float = 0.0
    swap_rollover3days: int = 3
    margin_rate: float = 1.0
    tick_price: float = 0.0
    pip: float = 0.0

    def __post_init__(self) -> None:
        for name in ("point", "tick_size", "contract_size", "volume_min", "volume_max", "volume_step"):
            value = getattr(self, name)
            if not (math.isfinite(value) and value > 0):
                raise UserMistake(_WRONG(name=name, value=value))
        if not 0 <= self.digits <= 10:
            raise UserMistake(_WRONG(name="digits", value=self.digits))
        if self.calc_mode not in SUPPORTED_CALC_MODES:
            raise UserMistake(_MODE(mode=self.calc_mode, symbol=self.symbol))

    @property
    def tick_money(self) -> float:
        """Money in profit currency for one tick of one lot (MetaTrader 5's TickPrice)."""
        if self.tick_price:
            return self.tick_price
        if self.calc_mode == CalcMode.CFDINDEX:
            return self.tick_size
        return self.tick_size * self.contract_size

    @property
    def pip_size(self) -> float:
        """One pip as a price distance: 10 points on 3- and 5-digit forex, else 1 point."""
        if self.pip:
            return self.pip
        return self.point * (10 if self.calc_mode in FOREX_MODES and self.digits in (3, 5) else 1)

    @classmethod
    def from_symbol_info(
        cls, info: SymbolInfo, *, margin_rate: float = 1.0, tick_price: float = 0.0
    ) -> SymbolSpec:
        """From the terminal's record."""
        if not tick_price and info.trade_calc_mode in (CalcMode.FUTURES, CalcMode.EXCH_FUTURES):
            tick_price = info.trade_tick_value_profit or info.trade_tick_value
        return cls(
            symbol=info.name, digits=info.digits, point=info.point,
            tick_size=info.trade_tick_size or info.point, contract_size=info.trade_contract_size,
            calc_mode=info.trade_calc_mode, currency_base=info.currency_base,
            currency_profit=info.currency_profit, currency_margin=info.currency_margin,
            volume_min=info.volume_min, volume_max=info.volume_max, volume_step=info.volume_step,
            stops_level=info.trade_stops_level, freeze_level=info.trade_freeze_level, spread=info.spread,
            margin_initial=info.margin_initial, margin_maintenance=info.margin_maintenance,
            swap_mode=info.swap_mode, swap_long=info.swap_long, swap_short=info.swap_short,
            swap_rollover3days=info.swap_rollover3days, margin_rate=margin_rate, tick_price=tick_price,
        )  # fmt: skip

    @classmethod
    def from_mapping(cls, values: Mapping[str, object], symbol: str = "") -> SymbolSpec:
        """From a specification file: MetaTrader 5's names, `trade_` included or not; unknown names are ignored.

        Raises UserMistake when something needed is missing or cannot be.
        """
        known = {each.name for each in dataclasses.fields(cls)}
        found: dict[str, object] = {"symbol": symbol} if symbol else {}
        for name, value in values.items():
            short = _MT5_NAMES.get(name, name)
            if value is None or short not in known or (short == "symbol" and symbol):
                continue
            found[short] = _read(short, value)
        found.setdefault("symbol", "")
        if "point" not in found and "digits" in found:
            found["point"] = 10.0 ** -int(str(found["digits"]))
        if "tick_size" not in found and "point" in found:
            found["tick_size"] = found["point"]
        missing = [name for name in ("digits", "contract_size") if name not in found]
        if missing:
            raise UserMistake(_MISSING(names=", ".join(missing)))
        return cls(**found)  # type: ignore[arg-type]  # every value was read by _read

    def to_mapping(self) -> dict[str, object]:
        """As plain values, for a passport or a file."""
        return dataclasses.asdict(self)


def _read(name: str, value: object) -> object:
    if name in _TEXTS:
        if isinstance(value, str):
            return value
    elif isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value):
        if name not in _WHOLE:
            return float(value)
        if value == int(value):
            return int(value)
    raise UserMistake(_WRONG(name=name, value=value))
