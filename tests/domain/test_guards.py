"""Every guard just below, at and just above its limit, with its exact code; each refusal has sentence and remedy."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qbx_desktop.domain import guards
from qbx_desktop.domain.errors import UserMistake
from qbx_desktop.domain.limits import Limits, loosened
from qbx_desktop.domain.news import NewsEvent, event_at
from qbx_desktop.domain.refusals import Halt, Refusal

E = 1e-6
DAY = 86_400
FRIDAY = 1_748_563_200 + 0  # 2025-05-30 00:00
Ask = Callable[[float], Refusal | None]

# One step of what comes in whole seconds, lots or bytes.
WHOLE = {"session": 1.0, "weekend": 1.0, "calendar": 1.0, "volume": 0.01}


def _title(server_time: float) -> str | None:
    event = event_at([NewsEvent(1_000, 2_000, "*", "News")], (), int(server_time))
    return None if event is None else event.title


# name, how to ask, the limit, whether the limit itself still trades, code
STEPS: list[tuple[str, Ask, float, bool, str]] = [
    ("order lots", lambda x: guards.lots_per_order(x, 1.0), 1.0, True, "order_lots"),
    ("open lots", lambda x: guards.open_lots(x, 5.0), 5.0, True, "open_lots"),
    ("risk", lambda x: guards.risk_per_trade(x, 10_000.0, 2.0), 200.0, True, "risk"),
    ("spread by median", lambda x: guards.spread(x, 10.0, 3.0, 0.0), 30.0, True, "spread"),
    ("spread by points", lambda x: guards.spread(x, 10.0, 3.0, 15.0), 15.0, True, "spread"),
    ("price age", lambda x: guards.fresh_price(x, 30.0), 30.0, True, "stale"),
    ("gap up", lambda x: guards.price_gap(1.0 + x, 1.0, 0.1, 5.0), 0.5, True, "gap"),
    ("gap down", lambda x: guards.price_gap(1.0 - x, 1.0, 0.1, 5.0), 0.5, True, "gap"),
    ("money", lambda x: guards.enough_money(x, 100.0, 0.1), 100.0, True, "no_money"),
    ("daily loss", lambda x: guards.daily_loss(10_000.0 - x, 10_000.0, 5.0), 500.0, False, "daily_loss"),
    ("drawdown", lambda x: guards.drawdown(10_000.0 - x, 10_000.0, 20.0), 2_000.0, False, "drawdown"),
    ("bot daily loss", lambda x: guards.bot_daily_loss(-x, 10_000.0, 5.0), 500.0, False, "bot_daily_loss"),
    ("bot drawdown", lambda x: guards.bot_drawdown(100.0 - x, 100.0, 10_000.0, 20.0), 2_000.0, False, "bot_drawdown"),
    ("cool-down", lambda x: guards.cooldown(3, 3, 3_600.0 - x, 3_600.0), 0.0, True, "cooldown"),
    ("session end", lambda x: guards.session_hours(int(10 * 3_600 + x), 8, 10), 0.0, False, "session"),
    ("session begin", lambda x: guards.session_hours(int(8 * 3_600 - x), 8, 10), 0.0, True, "session"),
    ("weekend", lambda x: guards.weekend(int(FRIDAY + 20 * 3_600 + x), 20), 0.0, False, "weekend"),
    ("event begins", lambda x: guards.calendar(_title(1_000 + x)), 0.0, False, "calendar"),
    ("event is over", lambda x: guards.calendar(_title(2_000 - x)), 0.0, True, "calendar"),
    ("free margin", lambda x: guards.free_margin(-x, 10_000.0, 30.0), -3_000.0, True, "free_margin"),
    ("largest lots", lambda x: guards.volume(x, 0.01, 1.0, 0.01), 1.0, True, "volume"),
    ("smallest lots", lambda x: guards.volume(-x, 0.01, 1.0, 0.01), -0.01, True, "volume"),
]  # fmt: skip
# name, how to ask, the first count that is refused, code
COUNTS: list[tuple[str, Callable[[int], Refusal | None], int, str]] = [
    ("positions", lambda n: guards.open_positions(n, 50), 50, "positions"),
    ("per minute", lambda n: guards.orders_per_minute(n, 2), 2, "orders_per_minute"),
    ("per day", lambda n: guards.orders_per_day(n, 20), 20, "orders_per_day"),
    ("account per minute", lambda n: guards.account_orders_per_minute(n, 30), 30, "account_orders_per_minute"),
    ("per bar", guards.entry_per_bar, 1, "entry_per_bar"),
    ("refusals", lambda n: guards.refusals_in_a_row(n, 5), 5, "refusals"),
    ("slippage", lambda n: guards.slippage(n, 20, 3), 3, "slippage"),
    ("losses", lambda n: guards.cooldown(n, 3, 10.0, 3_600.0), 3, "cooldown"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("ask", "limit", "allowed", "code"), [each[1:] for each in STEPS], ids=[s[0] for s in STEPS]
)
def test_below_at_and_above_the_limit(ask: Ask, limit: float, allowed: bool, code: str) -> None:
    step = WHOLE.get(code, max(abs(limit), 1.0) * E)
    assert ask(limit - step) is None
    at = ask(limit)
    assert (at is None) is allowed
    above = ask(limit + step)
    assert above is not None
    assert above.code == f"guard.{code}"


@pytest.mark.parametrize(("ask", "first", "code"), [each[1:] for each in COUNTS], ids=[c[0] for c in COUNTS])
def test_the_first_count_too_many(ask: Callable[[int], Refusal | None], first: int, code: str) -> None:
    assert ask(first - 1) is None
    for count in (first, first + 1):
        refusal = ask(count)
        assert refusal is not None
        assert refusal.code == f"guard.{code}"


def test_free_margin_at_its_limit() -> None:
    assert guards.free_margin(3_000.0, 10_000.0, 30.0) is None
    refused = guards.free_margin(2_999.9, 10_000.0, 30.0)
    assert refused is not None
    assert refused.code == "guard.free_margin"
    assert guards.free_margin(-1.0, 0.0, 30.0) is not None


@pytest.mark.parametrize(
    ("ask", "code"),
    [
        (lambda: guards.trading_state("HALTED", "x", is_exit=False), "halted"),
        (lambda: guards.trading_state("REDUCING", "x", is_exit=False), "reducing"),
        (lambda: guards.disk_space("HALTED", 49), "disk_full"),
        (lambda: guards.disk_space("REDUCING", 199), "disk_low"),
        (lambda: guards.account_binding(1, "A", 2, "A"), "account"),
        (lambda: guards.account_binding(1, "A", 1, "B"), "account"),
        (lambda: guards.real_money(2, 1, consent=False), "real_money"),
        (lambda: guards.real_money(7, 1, consent=False), "real_money"),
        (lambda: guards.one_bot_per_symbol(0, "EURUSD", "Other"), "netting"),
        (lambda: guards.algo_trading(False, True, True), "algo_off"),
        (lambda: guards.algo_trading(True, False, True), "algo_off"),
        (lambda: guards.algo_trading(True, True, False), "algo_off"),
        (guards.link_down, "link"),
        (lambda: guards.margin_mode(0, 2), "margin_mode"),
        (lambda: guards.bot_is_on(False), "bot_off"),
        (lambda: guards.symbol_identity("digits", "EURUSD"), "symbol_changed"),
        (lambda: guards.finite(price=math.nan), "numbers"),
        (lambda: guards.finite(price=1.0, sl=math.inf), "numbers"),
        (lambda: guards.finite(volume=-0.1), "numbers"),
        (lambda: guards.volume(0.009, 0.01, 1.0, 0.01), "volume"),
        (lambda: guards.volume(1.01, 0.01, 1.0, 0.01), "volume"),
        (lambda: guards.volume(0.015, 0.01, 1.0, 0.01), "volume"),
        (lambda: guards.stops(False, 30), "stops"),
        (lambda: guards.stop_loss_present(0.0, required=True), "no_sl"),
        (lambda: guards.plausible_price(1.2, 1.1), "price"),
        (lambda: guards.plausible_price(0.0, 1.1), "price"),
        (lambda: guards.plausible_price(math.nan, 1.1), "price"),
        (lambda: guards.plausible_price(1.1, math.inf), "price"),
        (lambda: guards.trade_mode(0, 1), "trade_mode"),
        (lambda: guards.trade_mode(1, -1), "trade_mode"),
        (lambda: guards.trade_mode(2, 1), "trade_mode"),
        (lambda: guards.trade_mode(3, 1), "trade_mode"),
        (lambda: guards.session_hours(7 * 3_600, 8, 10), "session"),
        (lambda: guards.session_hours(12 * 3_600, 22, 6), "session"),
        (lambda: guards.weekend(FRIDAY + 20 * 3_600, 20), "weekend"),
        (lambda: guards.weekend(FRIDAY + DAY, 20), "weekend"),
        (lambda: guards.calendar("NFP"), "calendar"),
        (lambda: guards.calendar_file("Line 3 is wrong."), "calendar_file"),
        (lambda: guards.risk_per_trade(1.0, 0.0, 2.0), "risk"),
    ],
)  # fmt: skip
def test_each_other_guard_says_no_with_its_code(ask: Callable[[], Refusal | None], code: str) -> None:
    refusal = ask()
    assert refusal is not None
    assert refusal.code == f"guard.{code}"
    assert "{" not in refusal.message.text
    assert "{" not in refusal.remedy.text
    assert refusal.message.text.endswith((".", ")."))
    assert refusal.remedy.text.endswith(".")


@pytest.mark.parametrize(
    "ask",
    [
        lambda: guards.trading_state("ACTIVE", "", is_exit=False),
        lambda: guards.trading_state("HALTED", "", is_exit=True),
        lambda: guards.trading_state("REDUCING", "", is_exit=True),
        lambda: guards.disk_space("ACTIVE", 200),
        lambda: guards.account_binding(1, "A", None, None),
        lambda: guards.account_binding(1, "A", 1, None),
        lambda: guards.account_binding(1, "A", 1, "A"),
        lambda: guards.real_money(0, 1, consent=False),
        lambda: guards.real_money(1, 1, consent=False),
        lambda: guards.real_money(2, 1, consent=True),
        lambda: guards.one_bot_per_symbol(2, "EURUSD", "Other"),
        lambda: guards.one_bot_per_symbol(0, "EURUSD", None),
        lambda: guards.algo_trading(True, True, True),
        lambda: guards.margin_mode(2, 2),
        lambda: guards.bot_is_on(True),
        lambda: guards.symbol_identity(""),
        lambda: guards.finite(price=1.0, sl=0.0),
        lambda: guards.volume(0.3, 0.01, 1.0, 0.1),
        lambda: guards.stops(True, 0),
        lambda: guards.stop_loss_present(0.0, required=False),
        lambda: guards.plausible_price(1.1, 1.1),
        lambda: guards.trade_mode(4, 1),
        lambda: guards.trade_mode(1, 1),
        lambda: guards.trade_mode(2, -1),
        lambda: guards.session_hours(23 * 3_600, 22, 6),
        lambda: guards.session_hours(5 * 3_600, 22, 6),
        lambda: guards.session_hours(0, 0, 0),
        lambda: guards.weekend(FRIDAY + 20 * 3_600 - 1, 20),
        lambda: guards.weekend(FRIDAY + 3 * DAY, 20),
        lambda: guards.weekend(FRIDAY + DAY, 0),
        lambda: guards.calendar(None),
        lambda: guards.calendar_file(""),
        lambda: guards.price_gap(2.0, 1.0, math.nan, 5.0),
        lambda: guards.spread(99.0, 0.0, 3.0, 0.0),
        lambda: guards.cooldown(9, 3, 3_600.0, 3_600.0),
    ],
)  # fmt: skip
def test_each_guard_lets_through_what_is_good(ask: Callable[[], Refusal | None]) -> None:
    assert ask() is None


@given(st.floats(0, 1e9), st.floats(0, 1e9))
def test_a_limit_of_zero_is_off(value: float, other: float) -> None:
    off = Limits.off()
    assert guards.lots_per_order(value, off.max_lots_per_order) is None
    assert guards.daily_loss(value, other, off.daily_loss_percent) is None
    assert guards.drawdown(value, other, off.drawdown_percent) is None
    assert guards.orders_per_day(int(value), off.orders_per_day) is None
    assert guards.spread(value, other, off.spread_medians, off.max_spread_points) is None
    assert guards.fresh_price(value, off.max_price_age) is None
    assert guards.free_margin(-value, other, off.min_free_margin_percent) is None


@given(st.floats(allow_nan=True, allow_infinity=True))
def test_nothing_but_a_good_number_passes(value: float) -> None:
    good = math.isfinite(value) and value >= 0
    assert (guards.finite(price=value) is None) is good
    if math.isnan(value):
        assert guards.lots_per_order(value, 1.0) is not None
        assert guards.fresh_price(value, 30.0) is not None


def test_losses_of_the_account_reach_the_account() -> None:
    for refusal in (guards.daily_loss(0, 100, 5), guards.drawdown(0, 100, 5)):
        assert refusal is not None
        assert refusal.halt is Halt.ACCOUNT
    refused = guards.refusals_in_a_row(5, 5)
    assert refused is not None
    assert refused.halt is Halt.BOT


def test_every_guard_is_tried_here() -> None:
    source = inspect.getsource(inspect.getmodule(test_every_guard_is_tried_here) or pytest)
    for name, function in inspect.getmembers(guards, inspect.isfunction):
        if function.__module__ == guards.__name__ and not name.startswith("_"):
            assert f"guards.{name}" in source, name


def test_limits_are_read_with_distrust() -> None:
    assert Limits.of({"max_open_lots": 2}).max_open_lots == 2.0
    for bad in (
        {"max_open_lots": math.nan},
        {"max_open_lots": -1},
        {"max_open_lots": "x"},
        {"max_open_lot": 1},
    ):
        with pytest.raises(UserMistake):
            Limits.of(bad)  # type: ignore[arg-type]
    assert Limits.of(Limits().to_mapping()) == Limits()


@pytest.mark.parametrize(
    ("before", "after", "names"),
    [
        ({}, {}, []),
        ({}, {"max_lots_per_order": 2.0}, ["max_lots_per_order"]),
        ({"max_lots_per_order": 2.0}, {}, []),
        ({}, {"max_risk_percent": 0.0}, ["max_risk_percent"]),
        ({"max_spread_points": 5.0}, {}, ["max_spread_points"]),
        ({}, {"require_sl": 0.0, "min_free_margin_percent": 10.0}, ["min_free_margin_percent", "require_sl"]),
        ({}, {"require_sl": 1.0, "min_free_margin_percent": 40.0, "session_from_hour": 3.0}, []),
    ],
)
def test_what_allows_more_than_before_is_named(
    before: dict[str, float], after: dict[str, float], names: list[str]
) -> None:
    assert loosened(before, after) == names
