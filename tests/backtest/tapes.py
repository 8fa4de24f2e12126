"""Random tapes and settings, and both engines run on them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import numpy as np
from hypothesis import strategies as st

from qbx_desktop.backtest.compiled import PLAIN, Pass
from qbx_desktop.backtest.engine import Walk
from qbx_desktop.backtest.input import Account, BacktestInput, Costs, RateSeries
from qbx_desktop.backtest.tape import lay_out, prices_of
from qbx_desktop.domain.bars import Bars
from qbx_desktop.domain.signals import Signals
from qbx_desktop.domain.sizing import Sizing, StopDistance, StopUnit
from qbx_desktop.domain.symbol import SymbolSpec
from qbx_desktop.strategies.indicators import atr

from .reference_input import Setup

D = Decimal
MONDAY = 1_704_067_200  # 2024-01-01 00:00
UNITS = {"none": StopUnit.NONE, "pips": StopUnit.PIPS, "price": StopUnit.PRICE, "atr": StopUnit.ATR}

SYMBOLS: tuple[dict[str, Any], ...] = (
    {"calc_mode": 0, "digits": 5, "contract_size": "100000", "currencies": ("EUR", "USD", "EUR"), "start": 110_000},
    {"calc_mode": 0, "digits": 3, "contract_size": "100000", "currencies": ("USD", "JPY", "USD"), "start": 150_000},
    {"calc_mode": 0, "digits": 3, "contract_size": "100000", "currencies": ("GBP", "JPY", "GBP"), "start": 190_000},
    {"calc_mode": 5, "digits": 4, "contract_size": "10000", "currencies": ("EUR", "GBP", "EUR"), "start": 8_500},
    {"calc_mode": 4, "digits": 2, "contract_size": "100", "currencies": ("XAU", "USD", "USD"), "start": 240_000},
    {"calc_mode": 2, "digits": 2, "contract_size": "1", "currencies": ("BTC", "USD", "USD"), "start": 650_000},
    {"calc_mode": 3, "digits": 1, "contract_size": "10", "currencies": ("EUR", "EUR", "EUR"), "start": 50_000,
     "tick_price": "0.1"},
    {"calc_mode": 1, "digits": 2, "contract_size": "50", "currencies": ("USD", "USD", "USD"), "start": 500_000,
     "tick_points": 25, "tick_price": "12.5"},
    {"calc_mode": 33, "digits": 0, "contract_size": "1", "currencies": ("JPY", "JPY", "JPY"), "start": 39_000,
     "tick_points": 5, "tick_price": "500"},
    {"calc_mode": 32, "digits": 2, "contract_size": "1", "currencies": ("USD", "USD", "USD"), "start": 1_500},
)  # fmt: skip


@st.composite
def setups(draw: st.DrawFn) -> Setup:
    """A whole run: symbol, account, costs, sizing, stops, bars and signals."""
    kind = draw(st.sampled_from(SYMBOLS))
    digits = kind["digits"]
    point = D(1).scaleb(-digits)
    tick = point * kind.get("tick_points", draw(st.sampled_from((1, 1, 5))))
    base, profit, margin = kind["currencies"]
    future = kind["calc_mode"] in (1, 33)
    spec = {
        "digits": digits, "point": point, "tick_size": tick, "contract_size": D(kind["contract_size"]),
        "calc_mode": kind["calc_mode"], "currency_base": base, "currency_profit": profit,
        "currency_margin": margin,
        "tick_price": D(kind.get("tick_price", tick * D(kind["contract_size"]))),
        "pip": point * draw(st.sampled_from((1, 10))),
        "volume_min": D(draw(st.sampled_from(("0.01", "0.1", "1")))),
        "volume_max": D(draw(st.sampled_from(("0.5", "5", "100")))),
        "volume_step": D(draw(st.sampled_from(("0.01", "0.03", "0.1")))),
        "stops_level": draw(st.sampled_from((0, 0, 5, 20))),
        "margin_initial": D(draw(st.sampled_from(("12000", "800.5") if future else ("0", "0", "0", "1000")))),
        "margin_maintenance": D(draw(st.sampled_from(("0", "0", "650", "10900.7")))),
        "margin_rate": D(draw(st.sampled_from(("1", "1", "0.05", "0")))),
        "swap_mode": draw(st.integers(0, 9)),
        "swap_long": D(draw(st.sampled_from(("-7.1", "0", "3.25")))),
        "swap_short": D(draw(st.sampled_from(("2.9", "-21.4", "-0.5")))),
        "swap_rollover3days": draw(st.integers(0, 6)),
    }  # fmt: skip
    currency = draw(st.sampled_from(sorted({base, profit, "USD", "JPY"} - {"XAU", "BTC"})))
    if not _convertible(spec, currency):
        currency = profit
        if not _convertible(spec, currency):
            spec["swap_mode"] = 1
    n = draw(st.integers(2, 30))
    bars = _bars(draw, n, kind["start"], point)
    constant = series = None
    inverted = False
    if draw(st.booleans()):
        constant = D(draw(st.sampled_from(("0.0067", "1.0853", "151.2", "0.89"))))
    else:
        inverted = draw(st.booleans())
        closes = draw(st.lists(st.integers(8_000, 15_000), min_size=n, max_size=n))
        series = [(bars[0][0], D(closes[0]) / 10_000)]
        series += [
            (bars[t][0] + draw(st.sampled_from((0, 0, 1))), D(closes[t]) / 10_000) for t in range(1, n)
        ]
    lots, risk = draw(
        st.sampled_from((("0.1", None), ("1", None), ("0.37", None), (None, "1"), (None, "30")))
    )
    return Setup(
        bars=bars,
        signals=draw(st.one_of(st.lists(_signal, min_size=n, max_size=n), _one_signal(n))),
        spec=spec,
        currency=currency,
        balance=D(draw(st.sampled_from(("10000", "1000", "150.55", "1000000")))),
        leverage=D(draw(st.sampled_from(("1", "30", "100", "500")))),
        stop_out=D(draw(st.sampled_from(("0", "20", "50", "100", "400")))),
        spread=draw(st.sampled_from((0, 1, 12, 40))),
        spread_bar=draw(st.booleans()),
        commission=D(draw(st.sampled_from(("0", "3.5", "0.333")))),
        slippage=draw(st.sampled_from((0, 0, 1, 7))),
        lots=None if lots is None else D(lots),
        risk=None if risk is None else D(risk),
        sl=_distance(draw, point, needed=risk is not None),
        tp=_distance(draw, point, needed=False),
        atr_period=draw(st.integers(1, 5)),
        reverse=draw(st.booleans()),
        constant=constant,
        series=series,
        inverted=inverted,
    )


_signal = st.tuples(
    st.sampled_from((0, 0, 0, 1, -1)), st.sampled_from((False,) * 5 + (True,)),
    st.sampled_from((False,) * 5 + (True,)),
)  # fmt: skip


def _one_signal(n: int) -> st.SearchStrategy[list[tuple[int, bool, bool]]]:
    """One entry early and silence after it: a position held for long."""
    return st.tuples(st.integers(0, min(3, n - 1)), st.sampled_from((1, -1))).map(
        lambda entry: [(entry[1] if t == entry[0] else 0, False, False) for t in range(n)]
    )


def _convertible(spec: dict[str, Any], account: str) -> bool:
    needed = {spec["currency_margin"]}
    if spec["swap_mode"] == 2:
        needed.add(spec["currency_base"])
    known = {account, spec["currency_profit"]}
    if spec["calc_mode"] in (0, 5):
        known.add(spec["currency_base"])
    return needed <= known


def _distance(draw: st.DrawFn, point: D, *, needed: bool) -> tuple[str, D]:
    unit = draw(
        st.sampled_from(("pips", "price", "atr") if needed else ("none", "none", "pips", "price", "atr"))
    )
    value = {
        "none": D(0),
        "pips": D(draw(st.sampled_from(("3", "10", "25.5", "60")))),
        "price": point * draw(st.sampled_from((5, 22, 45, 130))),
        "atr": D(draw(st.sampled_from(("0.5", "1.37", "3")))),
    }[unit]
    return unit, value


def _bars(draw: st.DrawFn, n: int, start: int, point: D) -> list[tuple[int, D, D, D, D, int]]:
    reach = draw(st.sampled_from((3, 30, 300)))
    at = start
    time = MONDAY + draw(st.integers(0, 167)) * 3_600
    found = []
    for _ in range(n):
        opened = max(at + draw(st.integers(-reach, reach)) * draw(st.sampled_from((0, 1, 1, 4))), start // 2)
        close = max(opened + draw(st.integers(-reach, reach)), start // 2)
        high = max(opened, close) + draw(st.integers(0, reach))
        low = max(min(opened, close) - draw(st.integers(0, reach)), start // 3)
        spread = draw(st.sampled_from((0, 5, 30)))
        found.append((time, opened * point, high * point, low * point, close * point, spread))
        at = close
        time += draw(st.sampled_from((3_600, 3_600, 14_400, 86_400, 200_000)))
    return found


def walked(setup: Setup, *, pieces: int = 0, code: Pass = PLAIN) -> Walk:
    """The program's engine run on `setup`; with `pieces` bars at a time, 0 for all at once."""
    given, bars, signals = program_input(setup)
    ranges = atr(bars.high, bars.low, bars.close, setup.atr_period)
    prices = prices_of(given, code)
    walk = Walk(given, lay_out(given, prices, signals, ranges, code), code=lambda: code)
    for start in range(0, len(bars), pieces or len(bars)):
        walk.advance(start, min(start + (pieces or len(bars)), len(bars)))
    return walk


def program_input(setup: Setup) -> tuple[BacktestInput, Bars, Signals]:
    """`setup` in the program's own types."""
    columns = list(zip(*setup.bars, strict=True))
    prices = [np.array([float(each) for each in column]) for column in columns[1:5]]
    bars = Bars.from_prices(np.array(columns[0]), *prices, spread=np.array(columns[5]))
    entry, exit_long, exit_short = (np.array(each) for each in zip(*setup.signals, strict=True))
    signals = Signals(entry.astype(np.int8), exit_long.astype(np.bool_), exit_short.astype(np.bool_))
    texts = ("currency_base", "currency_profit", "currency_margin")
    numbers = {name: value if name in texts or isinstance(value, int) else float(value)
               for name, value in setup.spec.items()}  # fmt: skip
    rate: float | RateSeries | None = None
    if setup.constant is not None:
        rate = float(setup.constant)
    elif setup.series is not None:
        times, closes = zip(*setup.series, strict=True)
        column = np.array([float(each) for each in closes])
        rate = RateSeries(Bars.from_prices(np.array(times), column, column, column, column), setup.inverted)
    given = BacktestInput(
        bars=bars,
        spec=SymbolSpec(symbol="TEST", **numbers),
        strategy="MA_CROSSOVER",
        account=Account(setup.currency, float(setup.balance), float(setup.leverage), float(setup.stop_out)),
        costs=Costs(setup.spread, setup.spread_bar, float(setup.commission), setup.slippage),
        sizing=Sizing(
            lots=None if setup.lots is None else float(setup.lots),
            risk_percent=None if setup.risk is None else float(setup.risk),
        ),
        sl=StopDistance(UNITS[setup.sl[0]], float(setup.sl[1])),
        tp=StopDistance(UNITS[setup.tp[0]], float(setup.tp[1])),
        atr_period=setup.atr_period,
        reverse=setup.reverse,
        rate=rate,
    )
    return given, bars, signals
