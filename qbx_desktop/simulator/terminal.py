"""Builds a simulated terminal: profile, market, account and clock put together, new or from a snapshot."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

import numpy as np

from ..domain.bars import Bars
from ..domain.clock import Clock, SystemClock
from ..domain.errors import UserMistake
from ..domain.messages import declare
from ..domain.timeframe import Timeframe
from .account import Account
from .api import SimApi
from .clock import ClockMode, SimClock
from .execution import Counters
from .faults import FaultPlan
from .generator import Generator
from .market import Market
from .path import ANCHORS
from .profile import Profile, instruments, load_profile
from .server import SimServer
from .server_time import to_server, to_utc
from .sessions import week_of
from .snapshot import Restored, read_snapshot
from .terminal_state import TerminalState

# A stepped market starts here unless told otherwise: Monday 2025-06-02, 08:00 server time.
DEFAULT_START = 1_748_851_200
_HISTORY_WEEKS = 156
_MOST_TICKS = 60
_EPOCH_2037 = 2_114_380_800

_NO_BARS = declare("simulator.no_bars", "The series of {symbol} holds no bars.")
_START = declare("simulator.start", "The practice market cannot start at {start}: it knows 2002 to 2036.")
_TICKS = declare("simulator.ticks", "A bar is made of 4 to 60 ticks; {count} were asked for.")
_ACCOUNT = declare("simulator.account", "The practice server has no account {account}.")

BarPath = Literal["auto", "worst_case", "backtest"]


def build_terminal(
    profile: str = "Demo-Hedging",
    *,
    seed: int = 1,
    clock_mode: ClockMode = "stepped",
    speed: float = 1.0,
    start: int | None = None,
    snapshot: bytes | None = None,
    save: Callable[[bytes], None] | None = None,
    bars: Mapping[Any, Bars] | None = None,
    symbols: Sequence[str] | None = None,
    account: int | None = None,
    path: BarPath = "auto",
    faults: FaultPlan | Sequence[Mapping[str, Any]] | None = None,
    overrides: Mapping[str, Any] | None = None,
    accounts: Sequence[Mapping[str, Any]] = (),
    ticks_per_bar: int = ANCHORS,
    clock: Clock | None = None,
    not_before: float | None = None,
) -> SimApi:
    """A simulated terminal, ready for `initialize`.

    `start` is server epoch seconds (a stepped clock's default is a fixed Monday, the others' is now, a given series'
    its first bar). `snapshot` goes on where another terminal stopped; profile, seed and account come from it. `save`
    gets a new snapshot before any answer that tells of a change. `bars` gives series in place of the generator's, by
    symbol or by `(symbol, Timeframe)`, the finest of a symbol counts. `path` orders the extremes inside a bar:
    `auto` by its direction, `worst_case` against the open positions, `backtest` likewise with every price passed on
    given series. `overrides` is laid over the profile (see `load_profile`), `accounts` are further accounts as
    AccountInfo fields with `login`, `password` and `balance`. `not_before` is the instant (UTC epoch seconds) that was
    shown last: from an older snapshot the market first lives on to it, the same way as before. Raises UserMistake for
    what cannot be, Stop for a snapshot that cannot be read.
    """
    if not ANCHORS <= ticks_per_bar <= _MOST_TICKS:
        raise UserMistake(_TICKS(count=ticks_per_bar))
    wall = clock or SystemClock()
    restored = None if snapshot is None else read_snapshot(snapshot)
    if restored is not None:
        profile, seed = restored.profile, restored.seed
    series = _finest(bars or {})
    known = set(load_profile(profile, _without_symbols(overrides)).symbols)
    extra = {name: _bare_symbol(name, given) for name, (given, _) in series.items() if name not in known}
    broker = load_profile(profile, overrides, extra)
    if symbols is not None:
        broker = broker.only(symbols)
    utc = _first_utc(broker, restored, series, start, clock_mode, wall)
    sim_clock = SimClock(clock_mode, broker.zone, wall, utc, _speed(restored, speed, clock_mode))
    if restored is not None:
        sim_clock.shift = int(restored.clock.get("shift", 0))
    first = round(to_server(broker.zone, utc) * 1_000)
    origin = restored.origin_week if restored else week_of(first // 1_000) - _HISTORY_WEEKS
    market = Market(broker, Generator(seed, instruments()), origin, series, ticks_per_bar)
    server = SimServer(
        broker, market, restored.accounts if restored else {}, seed, path,
        restored.counters if restored else Counters(), restored.drawn if restored else 0, origin,
    )  # fmt: skip
    market.now_ms = restored.now_ms if restored else first
    if restored is None:
        _open_accounts(server, broker, accounts)
    else:
        for name, orders in restored.low_first.items():
            if name in market.series:
                market.series[name].low_first = {int(bar): low for bar, low in orders.items()}
        sim_clock.catch_up(float(restored.clock["wall"]))
    if not_before is not None:
        sim_clock.not_before(not_before)
    number = account if account is not None else (restored.login if restored else None)
    if number is not None and number not in server.accounts:
        raise UserMistake(_ACCOUNT(account=number))
    plan = faults if isinstance(faults, FaultPlan) else FaultPlan(seed, faults or (), first)
    api = SimApi(TerminalState(server, sim_clock, number), wall, plan, save)
    if restored is not None:
        api.sim_show(restored.selected)
    return api


def _finest(bars: Mapping[Any, Bars]) -> dict[str, tuple[Bars, int]]:
    """Per symbol the series with the shortest bars, and their length in seconds."""
    found: dict[str, tuple[Bars, int]] = {}
    for key, given in bars.items():
        name, timeframe = key if isinstance(key, tuple) else (key, None)
        if not len(given):
            raise UserMistake(_NO_BARS(symbol=name))
        seconds = timeframe.seconds if timeframe else _length(given)
        if name not in found or seconds < found[name][1]:
            found[name] = (given, seconds)
    return found


def _length(bars: Bars) -> int:
    """The length of a series' bars: the longest timeframe that fits its smallest step."""
    step = int(np.diff(bars.time).min()) if len(bars) > 1 else 60
    return max((each.seconds for each in Timeframe if each.seconds <= step), default=60)


def _bare_symbol(name: str, bars: Bars) -> dict[str, Any]:
    """A specification for a series whose symbol the broker does not know: overrides say the rest."""
    sample = np.concatenate([bars.open[:1_000], bars.close[:1_000]])
    digits = next((n for n in range(9) if np.allclose(np.round(sample, n), sample, rtol=0, atol=1e-9)), 8)
    return {
        "digits": digits, "trade_contract_size": 1.0, "trade_mode": 4, "trade_exemode": 2, "filling_mode": 3,
        "order_mode": 127, "expiration_mode": 15, "volume_min": 0.01, "volume_max": 1_000.0,
        "volume_step": 0.01, "trade_calc_mode": 2, "currency_base": "USD", "currency_profit": "USD",
        "currency_margin": "USD", "description": name, "path": "Given", "spread_float": True,
        "swap_rollover3days": 3,
    }  # fmt: skip


def _without_symbols(overrides: Mapping[str, Any] | None) -> dict[str, Any]:
    return {key: value for key, value in (overrides or {}).items() if key != "symbols"}


def _speed(restored: Restored | None, speed: float, mode: str) -> float:
    return float(restored.clock["speed"]) if restored is not None and mode == "accelerated" else speed


def _first_utc(
    broker: Profile, restored: Restored | None, series: Mapping[str, tuple[Bars, int]], start: int | None,
    mode: str, wall: Clock,
) -> float:  # fmt: skip
    if restored is not None:
        return float(restored.clock["utc"])
    if start is not None:
        server: float = start
    elif series:
        server = min(int(given.time[0]) for given, _ in series.values())
    elif mode == "stepped":
        server = DEFAULT_START
    else:
        return wall.now()
    if not 1_009_843_200 <= server < _EPOCH_2037:
        raise UserMistake(_START(start=start))
    return to_utc(broker.zone, server)


def _open_accounts(server: SimServer, broker: Profile, further: Sequence[Mapping[str, Any]]) -> None:
    """The profile's account and the further ones, each with its first deposit."""
    for given in (broker.account, *further):
        settings = {**broker.account, **given}
        login, balance = int(settings.pop("login")), float(settings.pop("balance"))
        opened = Account(login=login, password=str(settings.pop("password", "")), settings=settings)
        server.accounts[login] = opened
        server.execution.deposit(opened, balance, "Deposit")
