"""Stops, targets and the stop-out: which price, which order, which money."""

from __future__ import annotations

import pytest

from qbx_desktop.domain.timeframe import Timeframe

from .scripted import flat, playing
from .trader import DONE, EVER, deal, deals

H1 = Timeframe.H1


def test_a_stop_fills_at_the_tick_and_a_target_at_its_price() -> None:
    api = playing([*flat(1.1, 2), *flat(1.095, 4)])
    deal(api, "EURUSD", "buy", 0.1, sl=1.098, magic=3)
    api.sim_advance(180)
    closed = deals(api)[-1]
    assert (closed.price, closed.reason, closed.comment) == (1.095, 4, "[sl 1.09800]")
    assert (closed.magic, closed.entry, closed.type) == (3, 1, 1)
    assert api.history_orders_get(*EVER)[-1].reason == 4
    api = playing([*flat(1.1, 2), *flat(1.105, 4)])
    deal(api, "EURUSD", "buy", 0.1, tp=1.103)
    api.sim_advance(180)
    closed = deals(api)[-1]
    assert (closed.price, closed.reason, closed.comment) == (1.103, 5, "[tp 1.10300]")


def test_a_sell_is_closed_by_the_ask() -> None:
    # The bid never touches 1.1015; bid + 10 points does.
    api = playing([*flat(1.1, 2), (1.1, 1.1014, 1.1, 1.1), *flat(1.1, 2)])
    deal(api, "EURUSD", "sell", 0.1, sl=1.1015)
    api.sim_advance(240)
    closed = deals(api)[-1]
    assert (closed.price, closed.reason) == (1.1015, 4)


def test_a_buy_is_not_closed_by_the_ask() -> None:
    api = playing([*flat(1.1, 2), (1.1, 1.1014, 1.1, 1.1), *flat(1.1, 2)])
    deal(api, "EURUSD", "buy", 0.1, tp=1.1015)
    api.sim_advance(240)
    assert api.positions_total() == 1


WIDE = [*flat(1.1, 2), (1.1, 1.105, 1.095, 1.1002), *flat(1.1002, 2)]


@pytest.mark.parametrize(
    ("path", "side", "reason"),
    [
        ("auto", "buy", 4),  # a bar that rises goes down first
        ("auto", "sell", 5),
        ("worst_case", "buy", 4),
        ("worst_case", "sell", 4),
        ("backtest", "sell", 4),
    ],
)
def test_what_a_wide_bar_does_first(path: str, side: str, reason: int) -> None:
    api = playing(WIDE, path=path)
    sign = 1 if side == "buy" else -1
    deal(api, "EURUSD", side, 0.1, sl=round(1.1 - sign * 0.003, 5), tp=round(1.1 + sign * 0.003, 5))
    api.sim_advance(240)
    assert deals(api)[-1].reason == reason


def test_on_the_backtest_path_every_price_between_two_points_is_passed() -> None:
    rows = [*flat(1.1, 2), (1.1, 1.105, 1.095, 1.1002), *flat(1.1002, 2)]
    api = playing(rows, path="backtest", timeframe=H1)
    deal(api, "EURUSD", "buy", 0.1, sl=1.09812)
    deal(api, "EURUSD", "buy", 0.1, sl=1.09812, tp=1.10333)
    api.sim_step_bar()
    api.sim_step_bar()
    api.sim_step_bar()
    assert [(each.price, each.reason) for each in deals(api)[2:]] == [(1.09812, 4), (1.09812, 4)]


def test_the_step_to_an_open_is_a_gap_on_the_backtest_path_too() -> None:
    api = playing([*flat(1.1, 2), *flat(1.09, 2)], path="backtest", timeframe=H1)
    deal(api, "EURUSD", "buy", 0.1, sl=1.095)
    for _ in range(2):
        api.sim_step_bar()
    assert deals(api)[-1].price == 1.09


def test_stop_out_of_the_worked_example() -> None:
    """Balance 1000 at 1:500, one lot bought at 1.10000, out at 50 %: margin 220, closed at 1.09110."""
    rows = [*flat(1.1, 2), (1.1, 1.1, 1.08, 1.08), *flat(1.08, 2)]
    account = {"balance": 1_000.0, "leverage": 500, "margin_so_so": 50.0, "margin_so_call": 0.0}
    api = playing(rows, spread=0, path="backtest", timeframe=H1, account=account)
    assert deal(api, "EURUSD", "buy", 1.0).retcode == DONE
    assert api.account_info().margin == 220.0
    for _ in range(3):
        api.sim_step_bar()
    closed = deals(api)[-1]
    assert (closed.price, closed.reason, closed.profit) == (1.0911, 6, -890.0)
    assert closed.comment == "so: 50.00%/110.00/220.00"
    assert api.account_info().balance == 110.0


def test_stop_out_closes_the_largest_loser_first_and_only_what_it_must() -> None:
    rows = [*flat(1.1, 2), (1.1, 1.1, 1.0905, 1.0905), *flat(1.0905, 3)]
    account = {"balance": 1_000.0, "leverage": 500, "margin_so_so": 50.0, "margin_so_call": 100.0}
    api = playing(rows, spread=0, path="backtest", timeframe=H1, account=account)
    deal(api, "EURUSD", "buy", 0.3)
    deal(api, "EURUSD", "buy", 0.7)
    for _ in range(3):
        api.sim_step_bar()
    (left,) = api.positions_get()
    assert left.volume == 0.3
    assert deals(api)[-1].volume == 0.7


def test_stop_out_by_money() -> None:
    rows = [*flat(1.1, 2), (1.1, 1.1, 1.08, 1.08), *flat(1.08, 2)]
    account = {"balance": 1_000.0, "leverage": 500, "margin_so_mode": 1, "margin_so_so": 300.0}
    api = playing(rows, spread=0, path="backtest", timeframe=H1, account=account)
    deal(api, "EURUSD", "buy", 0.5)
    for _ in range(3):
        api.sim_step_bar()
    assert deals(api)[-1].price == 1.086
    assert api.account_info().balance == 300.0


def test_a_quiet_market_is_skipped_and_a_busy_one_is_not() -> None:
    """A month in one step finds the same fill as minute by minute."""
    from .trader import connected

    ends = []
    for step in (30 * 86_400, 1_777):
        api = connected()
        tick = api.symbol_info_tick("EURUSD")
        deal(api, "EURUSD", "buy", 0.1, sl=round(tick.bid - 0.03, 5), tp=round(tick.bid + 0.01, 5))
        while api.positions_total() and api.sim_state()["server_time"] < 1_748_851_200 + 30 * 86_400:
            api.sim_advance(step)
        ends.append([(each.price, each.time_msc, each.profit, each.swap) for each in deals(api)])
    assert ends[0] == ends[1]
    assert len(ends[0]) == 2
