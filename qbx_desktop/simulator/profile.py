"""A simulated broker as data: server, account defaults and the full specification of every symbol."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ..domain.errors import UserMistake
from ..domain.messages import declare
from ..domain.mt5 import CalcMode
from .sessions import Sessions
from .surface import FIELDS, blank

_UNKNOWN = declare(
    "simulator.profile", "There is no simulated broker called {name!r}. Choose one of: {known}."
)
_SYMBOL = declare("simulator.symbol", "The simulated broker {profile} does not offer {symbol}.")
_FIELD = declare("simulator.field", "{where} has no setting {name!r}. Nothing was started.")
_MODE = declare(
    "simulator.calc_mode", "The simulator does not trade calculation mode {mode}, which {symbol} has."
)

_FOLDER = Path(__file__).parent
_TRADED_MODES = frozenset(CalcMode) - {CalcMode.SERV_COLLATERAL}


@dataclass(frozen=True)
class Slippage:
    """How far a market fill lies from the quote: `none`, `fixed` points against the trader, or `uniform` both ways."""

    kind: str = "none"
    points: int = 0


@dataclass(frozen=True)
class Commission:
    """Charged for each side of a trade: `per_lot` or `per_deal` in account currency, or `percent` of the value."""

    kind: str = "per_lot"
    amount: float = 0.0


@dataclass(frozen=True)
class SymbolSetup:
    """One symbol: the static SymbolInfo fields in `info`, and what the terminal does not show.

    `market` is the instrument whose price it follows; `margin_rates` are for (buys, sells, pending orders);
    `tick_price` is profit currency per tick of one lot.
    """

    name: str
    market: str
    info: Mapping[str, Any]
    sessions: Sessions
    tick_price: float
    margin_rates: tuple[float, float, float] = (1.0, 1.0, 0.0)
    commission: Commission = Commission()
    slippage: Slippage = Slippage()
    spread_factor: float = 1.0
    spread_noise: float = 0.5
    rollover_factor: float = 1.0
    missing_share: float = 0.0

    @property
    def digits(self) -> int:
        return int(self.info["digits"])

    @property
    def point(self) -> float:
        return float(self.info["point"])

    @property
    def calc_mode(self) -> int:
        return int(self.info["trade_calc_mode"])

    @property
    def forex_base(self) -> str:
        """The base currency of a forex pair, '' for anything else."""
        return str(self.info["currency_base"]) if self.calc_mode in (0, 5) else ""


@dataclass(frozen=True)
class Profile:
    """A simulated broker. `account` and `terminal` hold the defaults of AccountInfo and TerminalInfo.

    `depth_lots` is what the market gives to one order (0 = whatever is asked).
    """

    name: str
    title: str
    server: str
    company: str
    zone: str
    always_open: bool
    account: Mapping[str, Any]
    terminal: Mapping[str, Any]
    requote_probability: float
    depth_lots: float
    symbols: Mapping[str, SymbolSetup] = field(default_factory=dict)

    def only(self, names: Sequence[str]) -> Profile:
        """The same broker offering `names` alone. Raises UserMistake for one it does not know."""
        for name in names:
            if name not in self.symbols:
                raise UserMistake(_SYMBOL(profile=self.name, symbol=name))
        return replace(self, symbols={name: self.symbols[name] for name in names})


def profile_names() -> tuple[str, ...]:
    """The simulated brokers that come with the program, the newcomers' default first."""
    found = sorted(path.stem for path in (_FOLDER / "profiles").glob("*.json"))
    return tuple(sorted(found, key=lambda name: name != "Demo-Hedging"))


def instruments() -> dict[str, dict[str, Any]]:
    """The markets the generator knows, by canonical name."""
    text = (_FOLDER / "instruments.json").read_text(encoding="utf-8")
    known: dict[str, dict[str, Any]] = json.loads(text)
    return known


def load_profile(
    name: str,
    overrides: Mapping[str, Any] | None = None,
    extra_symbols: Mapping[str, Mapping[str, Any]] | None = None,
) -> Profile:
    """The broker `name`, with `overrides` laid over it.

    `overrides` may hold `account`, `terminal` and `execution` mappings, `all_symbols` (settings for every symbol) and
    `symbols` (settings per symbol); any other key replaces the profile's own. `extra_symbols` adds symbols that have
    a market of their own. Raises UserMistake for an unknown name or setting.
    """
    if name not in profile_names():
        raise UserMistake(_UNKNOWN(name=name, known=", ".join(profile_names())))
    data = json.loads((_FOLDER / "profiles" / f"{name}.json").read_text(encoding="utf-8"))
    for key, value in (overrides or {}).items():
        if key in ("account", "terminal", "execution"):
            data[key] = {**data[key], **value}
        elif key == "symbols":
            data["own_symbols"] = value
        elif key in data or key in ("all_symbols", "suffix", "prefix", "spread_factor", "spread_noise"):
            data[key] = value
        else:
            raise UserMistake(_FIELD(where=name, name=key))
    known = {field_name for field_name, _ in FIELDS["AccountInfo"]}
    for key in data["account"]:
        if key not in known:
            raise UserMistake(_FIELD(where="The account", name=key))
    execution = data["execution"]
    return Profile(
        name=data["name"], title=data["title"], server=data["server"], company=data["company"],
        zone=data["zone"], always_open=bool(data["always_open"]), account=data["account"],
        terminal=data["terminal"], requote_probability=float(execution.get("requote_probability", 0.0)),
        depth_lots=float(execution.get("depth_lots", 0.0)), symbols=_symbols(data, extra_symbols or {}),
    )  # fmt: skip


def _symbols(data: Mapping[str, Any], extra: Mapping[str, Mapping[str, Any]]) -> dict[str, SymbolSetup]:
    made: dict[str, SymbolSetup] = {}
    own = data.get("own_symbols", {})
    used: set[str] = set()
    for market, facts in instruments().items():
        name = f"{data.get('prefix', '')}{market}{data.get('suffix', '')}"
        settings = {
            **facts, **data["assets"][facts["asset"]], **data["symbols"].get(market, {}),
            **data.get("all_symbols", {}), **own.get(name, {}),
        }  # fmt: skip
        used.add(name)
        made[name] = _setup(name, market, settings, data)
    for name, given in extra.items():
        settings = {**given, **data.get("all_symbols", {}), **own.get(name, {})}
        used.add(name)
        made[name] = _setup(name, name, settings, data)
    for name in own:
        if name not in used:
            raise UserMistake(_SYMBOL(profile=data["name"], symbol=name))
    return made


# Settings that are no SymbolInfo fields: what the market or the server does with the symbol.
_HIDDEN = frozenset(
    {
        "asset", "price", "volatility", "product", "sessions", "commission", "margin_rate", "margin_rates",
        "spread_factor", "spread_noise", "rollover_factor", "missing_share", "tick_price", "slippage",
    }
)  # fmt: skip


def _setup(name: str, market: str, settings: Mapping[str, Any], data: Mapping[str, Any]) -> SymbolSetup:
    info = blank("SymbolInfo")
    for key, value in settings.items():
        if key in info:
            info[key] = type(info[key])(value)
        elif key not in _HIDDEN:
            raise UserMistake(_FIELD(where=name, name=key))
    info["name"] = name
    info["point"] = info["point"] or 10.0 ** -info["digits"]
    info["trade_tick_size"] = info["trade_tick_size"] or info["point"]
    info["visible"] = info["select"]
    if "\\" not in info["path"] or not info["path"].endswith(name):
        info["path"] = f"{info['path']}\\{name}".lstrip("\\")
    mode = info["trade_calc_mode"]
    if mode not in _TRADED_MODES:
        raise UserMistake(_MODE(mode=mode, symbol=name))
    tick_price = float(settings.get("tick_price", 0.0))
    if not tick_price:
        tick_price = info["trade_tick_size"] * (1.0 if mode == 3 else info["trade_contract_size"])
    rate = float(settings.get("margin_rate", 1.0))
    rates = settings.get("margin_rates", (rate, rate, 0.0))
    sessions = "sun-sat 00:00-24:00" if data["always_open"] else settings.get("sessions", "")
    slippage = settings.get("slippage", data["execution"].get("slippage", {}))
    return SymbolSetup(
        name=name, market=market, info=info, sessions=Sessions.parse(sessions), tick_price=tick_price,
        margin_rates=(float(rates[0]), float(rates[1]), float(rates[2])),
        commission=Commission(**settings.get("commission", {})), slippage=Slippage(**slippage),
        spread_factor=float(settings.get("spread_factor", data.get("spread_factor", 1.0))),
        spread_noise=float(settings.get("spread_noise", data.get("spread_noise", 0.5))),
        rollover_factor=float(settings.get("rollover_factor", data.get("rollover_spread_factor", 1.0))),
        missing_share=float(settings.get("missing_share", data.get("missing_share", 0.0))),
    )  # fmt: skip
