"""Prices: reproducible, consistent between timeframes and pairs, and never from the future."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qbx_desktop.domain.timeframe import Timeframe
from qbx_desktop.simulator.api import SimApi
from qbx_desktop.simulator.generator import Generator
from qbx_desktop.simulator.path import moments, positions
from qbx_desktop.simulator.profile import instruments, load_profile, profile_names
from qbx_desktop.simulator.terminal import DEFAULT_START, build_terminal

from .scripted import bars_of, flat, playing
from .trader import connected

FUTURE = 2_147_483_647


def test_four_brokers_with_eighteen_symbols_each() -> None:
    assert profile_names() == ("Demo-Hedging", "Demo-ECN", "Demo-Nasty", "Demo-Netting")
    for name in profile_names():
        symbols = load_profile(name).symbols
        assert len(symbols) == 18
        for setup in symbols.values():
            info = setup.info
            assert len(info) == 96
            assert info["volume_min"] > 0
            assert info["volume_step"] > 0
            assert info["description"]
            assert info["path"].endswith(setup.name)
            assert len(setup.name) <= 29


def test_the_nasty_broker_is_nasty() -> None:
    symbols = load_profile("Demo-Nasty").symbols
    assert symbols["XAUUSD.x"].info["trade_contract_size"] == 10.0
    assert symbols["GER40.x"].info["trade_tick_size"] == 0.5
    assert symbols["EURUSD.x"].info["trade_exemode"] == 1
    assert {setup.calc_mode for setup in symbols.values()} >= {0, 2, 3}


@pytest.mark.parametrize("profile", profile_names())
def test_every_symbol_quotes_and_has_bars(profile: str) -> None:
    api = connected(profile=profile)
    for symbol in api.symbols_get():
        tick = api.symbol_info_tick(symbol.name)
        assert 0 < tick.bid < tick.ask
        info = api.symbol_info(symbol.name)
        assert info.spread == round((tick.ask - tick.bid) / info.point)
        assert info.trade_tick_value > 0
        assert info.bidlow <= tick.bid <= info.bidhigh
        rates = api.copy_rates_from_pos(symbol.name, api.TIMEFRAME_H1, 0, 200)
        assert len(rates) == 200
        assert (rates["high"] >= np.maximum(rates["open"], rates["close"])).all()
        assert (rates["low"] <= np.minimum(rates["open"], rates["close"])).all()
        assert (rates["spread"] >= 1).all()
        on_grid = rates["close"] / info.trade_tick_size
        assert np.allclose(on_grid, np.round(on_grid), atol=1e-5)


def test_any_week_follows_from_the_seed_alone() -> None:
    one, two = Generator(7, instruments()), Generator(7, instruments())
    late = one.week("GBPJPY", 2_900)
    for week in (2_500, 2_899):
        two.week("GBPJPY", week)
    assert np.array_equal(two.week("GBPJPY", 2_900).close, late.close)
    assert not np.array_equal(Generator(8, instruments()).week("GBPJPY", 2_900).close, late.close)
    before = one.week("EURUSD", 2_899).close[-1]
    assert one.week("EURUSD", 2_900).open[0] == pytest.approx(before, rel=1e-3)


def test_triangles_agree(api: SimApi) -> None:
    for moment in range(0, 6 * 3_600, 1_800):
        api.sim_advance_to(DEFAULT_START + moment)
        euro, yen, cross = (api.symbol_info_tick(name) for name in ("EURUSD", "USDJPY", "EURJPY"))
        assert cross.bid == pytest.approx(euro.bid * yen.bid, rel=2e-5)


@pytest.mark.parametrize(
    "timeframe",
    [each for each in Timeframe if each not in (Timeframe.M1, Timeframe.MN1)],
    ids=lambda t: t.name,
)
def test_higher_timeframes_are_made_of_minutes(timeframe: Timeframe) -> None:
    api = connected(profile="Demo-ECN", start=DEFAULT_START + 5 * 3_600 + 1_234)
    bars = api.copy_rates_from_pos("EURUSD", timeframe.mt5, 0, 3)
    first = int(bars["time"][0])
    minutes = api.copy_rates_range("EURUSD", 1, first, FUTURE if FUTURE - first < 5e6 else first + 4_000_000)
    for bar in bars:
        opened = int(bar["time"])
        assert timeframe.open_of(opened) == opened
        mine = minutes[(minutes["time"] >= opened) & (minutes["time"] < timeframe.next_open(opened))]
        assert bar["open"] == mine["open"][0]
        assert bar["close"] == mine["close"][-1]
        assert (bar["high"], bar["low"]) == (mine["high"].max(), mine["low"].min())
        assert bar["tick_volume"] == mine["tick_volume"].sum()
        assert bar["spread"] == mine["spread"].min()


def test_months_have_their_lengths() -> None:
    api = connected(start=DEFAULT_START)
    months = api.copy_rates_from_pos("EURUSD", api.TIMEFRAME_MN1, 0, 24)
    days = api.copy_rates_from_pos("EURUSD", api.TIMEFRAME_D1, 0, 400)
    dates = months["time"].astype("datetime64[s]")
    assert (dates == dates.astype("datetime64[M]")).all()
    assert months["close"][-1] == days["close"][-1]
    assert months["open"][-1] == days[days["time"] >= months["time"][-1]]["open"][0]


def test_the_forming_bar_is_made_of_released_ticks() -> None:
    api = playing([*flat(1.1), (1.1, 1.104, 1.097, 1.102), *flat(1.103)])
    seen = []
    for moment in (60, 75, 100, 119, 120):
        api.sim_advance_to(DEFAULT_START + moment)
        bar = api.copy_rates_from_pos("EURUSD", 1, 0, 1)[0]
        seen.append(tuple(float(bar[name]) for name in ("open", "high", "low", "close")))
    assert seen == [
        (1.1, 1.1, 1.1, 1.1), (1.1, 1.1, 1.097, 1.097), (1.1, 1.104, 1.097, 1.104),
        (1.1, 1.104, 1.097, 1.102), (1.103, 1.103, 1.103, 1.103),
    ]  # fmt: skip


def test_right_after_a_boundary_without_a_tick_the_old_bar_is_still_the_last() -> None:
    api = playing([*flat(1.1, 3)])
    api.sim_advance_to(DEFAULT_START + 400)
    assert api.copy_rates_from_pos("EURUSD", 1, 0, 1)["time"][0] == DEFAULT_START + 120


@settings(max_examples=60)
@given(
    moment=st.integers(0, 14 * 86_400),
    timeframe=st.sampled_from(list(Timeframe)),
    symbol=st.sampled_from(("EURUSD", "EURJPY", "BTCUSD", "GER40")),
    start=st.integers(0, 50),
    count=st.integers(1, 60),
)
def test_nothing_is_later_than_the_clock(
    moment: int, timeframe: Timeframe, symbol: str, start: int, count: int
) -> None:
    api = SHARED
    clock = max(DEFAULT_START + moment, api.sim_state()["server_time"])
    api.sim_advance_to(clock)
    tick = api.symbol_info_tick(symbol)
    assert tick.time <= clock
    assert api.symbol_info(symbol).time <= clock
    last_ticks = api.copy_ticks_range(symbol, clock - 600, FUTURE, -1)
    assert len(last_ticks) == 0 or last_ticks["time_msc"][-1] <= clock * 1_000
    everything = [
        api.copy_rates_from_pos(symbol, timeframe.mt5, start, count),
        api.copy_rates_from(symbol, timeframe.mt5, FUTURE, count),
        api.copy_rates_range(symbol, timeframe.mt5, clock - 3 * timeframe.seconds, clock + 5_000),
    ]
    for rates in everything:
        if rates is None or not len(rates):
            continue
        assert rates["time"][-1] <= clock
        assert (np.diff(rates["time"]) > 0).all()
    newest = api.copy_rates_from_pos(symbol, timeframe.mt5, 0, 1)[0]
    assert newest["close"] == tick.bid
    if len(last_ticks):
        assert last_ticks["bid"][-1] == tick.bid
        assert last_ticks["ask"][-1] == tick.ask


SHARED = connected(profile="Demo-ECN")


@settings(max_examples=40)
@given(moment=st.integers(60, 86_400), later=st.integers(1, 86_400))
def test_what_was_shown_does_not_change(moment: int, later: int) -> None:
    api = build_terminal(start=DEFAULT_START + moment)
    api.initialize()
    api.symbol_select("EURUSD")
    closed = api.copy_rates_from_pos("EURUSD", 5, 1, 20)
    ticks = api.copy_ticks_range("EURUSD", DEFAULT_START + moment - 300, DEFAULT_START + moment, -1)
    api.sim_advance(later)
    again = api.copy_rates_range("EURUSD", 5, int(closed["time"][0]), int(closed["time"][-1]))
    assert np.array_equal(again, closed)
    same = api.copy_ticks_range("EURUSD", DEFAULT_START + moment - 300, DEFAULT_START + moment, -1)
    assert np.array_equal(same, ticks)


def test_bars_at_positions_and_dates_are_the_same_bars(api: SimApi) -> None:
    rates = api.copy_rates_from_pos("EURUSD", api.TIMEFRAME_M15, 0, 300)
    assert np.array_equal(api.copy_rates_from_pos("EURUSD", api.TIMEFRAME_M15, 100, 50), rates[150:200])
    last = int(rates["time"][250])
    assert np.array_equal(api.copy_rates_from("EURUSD", api.TIMEFRAME_M15, last + 5, 10), rates[241:251])
    first = int(rates["time"][10])
    assert np.array_equal(api.copy_rates_range("EURUSD", api.TIMEFRAME_M15, first, last), rates[10:251])


def test_ticks_have_unique_ascending_moments(api: SimApi) -> None:
    api.sim_advance(3_600)
    ticks = api.copy_ticks_from("EURUSD", DEFAULT_START, 1_000, api.COPY_TICKS_INFO)
    assert len(ticks) == 241
    assert (np.diff(ticks["time_msc"]) > 0).all()
    assert (ticks["flags"] == 6).all()
    assert len(api.copy_ticks_from("EURUSD", DEFAULT_START, 1_000, api.COPY_TICKS_TRADE)) == 0


@pytest.mark.parametrize("count", [4, 5, 7, 20, 60])
def test_more_ticks_keep_the_bar(count: int) -> None:
    assert len(moments(60, count)) == count
    assert (np.diff(moments(60, count)) > 0).all()
    assert set(positions(count)) >= {0.0, 1.0, 2.0, 3.0}
    api = build_terminal(ticks_per_bar=count)
    api.initialize()
    api.symbol_select("EURUSD")
    api.sim_advance(3_600)
    ticks = api.copy_ticks_range("EURUSD", DEFAULT_START, DEFAULT_START + 3_599, -1)
    assert len(ticks) == 60 * count
    bars = api.copy_rates_range("EURUSD", 1, DEFAULT_START, DEFAULT_START + 3_599)
    for bar, bids in zip(bars, ticks["bid"].reshape(60, count), strict=True):
        assert (bids[0], bids.max(), bids.min(), bids[-1]) == (
            bar["open"], bar["high"], bar["low"], bar["close"]
        )  # fmt: skip


def test_markets_rest_at_the_weekend_and_at_night() -> None:
    api = connected(profile="Demo-ECN", start=1_749_254_400 - 3_600)  # Friday 2025-06-06, 23:00
    for moment, euro, index, coin in [
        (0, True, True, True), (1_200, True, False, True), (3_360, False, True, True),
        (3 * 3_600, False, False, True), (49 * 3_600 + 240, False, False, True), (49 * 3_600 + 360, True, False, True),
    ]:  # fmt: skip
        api.sim_advance_to(1_749_254_400 - 3_600 + moment)
        for name, expected in (("EURUSD", euro), ("US500", index), ("BTCUSD", coin)):
            request = {"action": 1, "symbol": name, "volume": 0.1, "type": 0, "type_filling": 1}
            assert (api.order_check(request).retcode != 10018) is expected, (moment, name)
    friday, monday = api.copy_rates_from_pos("EURUSD", api.TIMEFRAME_M1, 1, 2)
    assert monday["time"] - friday["time"] > 48 * 3_600
    assert monday["open"] != friday["close"]


def test_the_newcomers_broker_never_sleeps() -> None:
    api = connected(start=1_749_254_400 + 86_400)  # Sunday
    tick = api.symbol_info_tick("EURUSD")
    assert tick.time == 1_749_254_400 + 86_400
    assert api.order_send({"action": 1, "symbol": "EURUSD", "volume": 0.1, "type": 0}).retcode == 10009


def test_given_bars_are_played_and_aggregated() -> None:
    rows = [
        (1.1 + i / 1e4, 1.1 + (i + 2) / 1e4, 1.1 + (i - 1) / 1e4, 1.1 + (i + 1) / 1e4) for i in range(300)
    ]
    api = connected(bars={"EURUSD": bars_of(rows)}, start=DEFAULT_START + 200 * 60)
    assert api.symbol_info_tick("EURUSD").bid == 1.12
    hours = api.copy_rates_from_pos("EURUSD", api.TIMEFRAME_H1, 0, 10)
    assert list(hours["time"]) == [DEFAULT_START + 3_600 * i for i in range(4)]
    assert hours["high"][0] == pytest.approx(1.1 + 61 / 1e4)
    assert api.copy_rates_from_pos("EURUSD", api.TIMEFRAME_M1, 0, 500)["time"][0] == DEFAULT_START
    api.sim_advance(100 * 60)
    request = {"action": 1, "symbol": "EURUSD", "volume": 0.1, "type": 0}
    assert api.order_check(request).retcode == 10018


def test_a_series_of_hours_has_no_minutes() -> None:
    api = playing(flat(1.1, 50), timeframe=Timeframe.H1)
    assert api.copy_rates_from_pos("EURUSD", api.TIMEFRAME_M30, 0, 5) is None
    assert api.last_error()[0] == -1
    assert len(api.copy_rates_from_pos("EURUSD", api.TIMEFRAME_H1, 0, 5)) == 1


def test_a_symbol_of_ones_own_can_be_played() -> None:
    api = connected(
        bars={("MINE", Timeframe.M5): bars_of(flat(12.34, 20), 300)},
        overrides={"symbols": {"MINE": {"currency_profit": "EUR", "trade_contract_size": 7.0}}},
    )
    info = api.symbol_info("MINE")
    assert (info.digits, info.trade_contract_size, info.currency_profit) == (2, 7.0, "EUR")
    assert api.symbols_total() == 19


def test_depth_of_a_market_that_has_one() -> None:
    api = connected(overrides={"symbols": {"EURUSD": {"ticks_bookdepth": 10}}})
    assert api.market_book_get("EURUSD") is None
    assert api.market_book_add("EURUSD") is True
    book = api.market_book_get("EURUSD")
    tick = api.symbol_info_tick("EURUSD")
    assert [line.type for line in book] == [1] * 5 + [2] * 5
    assert (book[4].price, book[5].price) == (tick.ask, tick.bid)
    assert api.market_book_release("EURUSD") is True
    assert api.market_book_release("EURUSD") is False
