"""How fast the simulated terminal is, each figure beside a limit measured in the same run.

python bench/simulator_speed.py
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

from qbx_desktop.domain.bars import Bars
from qbx_desktop.domain.timeframe import Timeframe
from qbx_desktop.simulator.api import SimApi
from qbx_desktop.simulator.terminal import DEFAULT_START, build_terminal


class Hand:
    """A clock moved by the benchmark."""

    def __init__(self) -> None:
        self.time = 0.0

    def now(self) -> float:
        return 1.75e9 + self.time

    def monotonic(self) -> float:
        return self.time


def seconds(work: Callable[[], object], repeat: int = 5) -> float:
    """The fastest of some runs, in processor seconds: other people's work on the machine does not count."""
    best = 1e9
    for _ in range(repeat):
        start = time.process_time()
        work()
        best = min(best, time.process_time() - start)
    return best


def row(name: str, value: str, limit: str) -> None:
    print(f"{name:<52} {value:>18}   {limit}")


def connected(**given: object) -> SimApi:
    api = build_terminal(**given)  # type: ignore[arg-type]
    api.initialize()
    for symbol in api.symbols_get():
        api.symbol_select(symbol.name)
    return api


def reading() -> None:
    api = connected()
    rates = api.copy_rates_from_pos("EURUSD", Timeframe.M1.mt5, 0, 500)
    copy = seconds(lambda: [rates.copy() for _ in range(1_000)]) / 1_000
    for frame in (Timeframe.M1, Timeframe.M15, Timeframe.H1, Timeframe.D1):
        constant = frame.mt5
        first = seconds(lambda: connected().copy_rates_from_pos("EURUSD", constant, 0, 500), 1)  # noqa: B023
        api.copy_rates_from_pos("EURUSD", constant, 0, 500)
        again = (
            seconds(lambda c=constant: [api.copy_rates_from_pos("EURUSD", c, 0, 500) for _ in range(200)])
            / 200
        )
        row(
            f"500 bars {frame.name}, cached",
            f"{again * 1e6:.0f} us",
            f"{again / copy:.0f} x copying the array; first call with start {first * 1e3:.0f} ms",
        )
    tick = seconds(lambda: [api.symbol_info_tick("EURUSD") for _ in range(1_000)]) / 1_000
    plain = seconds(lambda: [api.last_error() for _ in range(1_000)]) / 1_000
    row("symbol_info_tick", f"{tick * 1e6:.1f} us", f"{tick / plain:.0f} x last_error")


def ordering() -> None:
    api = connected()

    def open_and_close() -> None:
        for _ in range(100):
            opened = api.order_send(action=1, symbol="EURUSD", volume=0.1, type=0)
            api.order_send(action=1, symbol="EURUSD", volume=0.1, type=1, position=opened.order)

    order = seconds(open_and_close, 3) / 200
    check = (
        seconds(
            lambda: [api.order_check(action=1, symbol="EURUSD", volume=0.1, type=0) for _ in range(200)], 3
        )
        / 200
    )
    row("order_send", f"{order * 1e6:.0f} us", f"{order / check:.1f} x order_check")
    kept: list[bytes] = []
    saving = build_terminal(save=kept.append)
    saving.initialize()
    saving.symbol_select("EURUSD")
    for _ in range(2_000):
        opened = saving.order_send(action=1, symbol="EURUSD", volume=0.1, type=0)
        saving.order_send(action=1, symbol="EURUSD", volume=0.1, type=1, position=opened.order)
    snapshot = seconds(saving.sim_snapshot)
    row("snapshot after 4 000 deals", f"{snapshot * 1e3:.2f} ms", f"{len(kept[-1]) / 1e6:.1f} MB")


def stepping() -> None:
    count = 20_000
    random = np.random.default_rng(1)
    close = np.round(1.1 + np.cumsum(random.normal(0, 2e-4, count)), 5)
    opened = np.r_[1.1, close[:-1]]
    times = DEFAULT_START + 3_600 * np.arange(count)
    bars = Bars.from_prices(
        times, opened, np.maximum(opened, close) + 1e-4, np.minimum(opened, close) - 1e-4, close
    )
    scan = seconds(lambda: [float(close[i]) for i in range(count)]) / count
    for words, trades in (("flat", False), ("with a position and its stops", True)):
        api = build_terminal(bars={("EURUSD", Timeframe.H1): bars}, path="backtest")
        api.initialize()
        api.symbol_select("EURUSD")

        def walk(api: SimApi = api, trades: bool = trades) -> None:
            for number in range(2_000):
                api.sim_step_bar()
                rates = api.copy_rates_from_pos("EURUSD", Timeframe.H1.mt5, 0, 100)
                if trades and number % 20 == 0:
                    price = float(rates["close"][-1])
                    stops = {"sl": round(price - 0.01, 5), "tp": round(price + 0.01, 5)}
                    api.order_send(action=1, symbol="EURUSD", volume=0.01, type=0, **stops)
                    for position in api.positions_get()[:-1]:
                        api.order_send(
                            action=1, symbol="EURUSD", volume=0.01, type=1, position=position.ticket
                        )

        took = seconds(walk, 1) / 2_000
        row(
            f"stepped bars, 100 bars read each, {words}",
            f"{1 / took:,.0f} bars/s",
            f"{took / scan:,.0f} x reading a number from an array",
        )


def accelerating() -> None:
    hand = Hand()
    api = connected(clock_mode="accelerated", speed=1_000.0, start=DEFAULT_START, clock=hand)
    for symbol in api.symbols_get():
        info = api.symbol_info(symbol.name)
        spread = 400 * info.spread * info.point
        tick = api.symbol_info_tick(symbol.name)
        stops = {"sl": round(tick.bid - spread, info.digits), "tp": round(tick.bid + spread, info.digits)}
        api.order_send(action=1, symbol=symbol.name, volume=info.volume_min, type=0, **stops)

    def poll() -> None:
        for _ in range(240):  # a minute, four polls a second
            hand.time += 0.25
            for name in ("EURUSD", "USDJPY", "XAUUSD"):
                api.symbol_info_tick(name)
            api.positions_get()

    took = seconds(poll, 1)
    row("a minute at 1000x, 18 positions, 4 polls a second", f"{took:.2f} s", f"{took / 60:.1%} of one core")


if __name__ == "__main__":
    reading()
    ordering()
    stepping()
    accelerating()
