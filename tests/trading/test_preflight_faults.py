"""Fifteen checks, one planted fault for each: it turns that check red (or yellow) and names what to do."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from qbx_desktop.data import bots
from qbx_desktop.domain.bots import SizingMode
from qbx_desktop.strategies import registry
from qbx_desktop.trading.preflight import Check, check_bot

from .stage import Stage

Changes = dict[str, Any]
ALL = (
    "account", "algo", "money", "symbol", "price", "filling", "session", "stops", "lots", "margin", "order_check", "swap",
    "clock", "magic", "bars",
)  # fmt: skip


def record(stage: Stage, function: str, **fields: Any) -> None:
    stage.api.after[function] = lambda info: type(info)({**info._asdict(), **fields}.values())


def stale(stage: Stage) -> None:
    stage.api.api.symbol_select("EURUSD", True)
    stage.desk.floor.prices.saw("EURUSD", stage.terminal.tick("EURUSD"), 1e-5, stage.clock.monotonic())
    stage.clock.advance(3_600)


def changed_contract(stage: Stage) -> None:
    stage.desk.floor.symbols.read("EURUSD")
    record(stage, "symbol_info", trade_contract_size=1_000.0)


def stranger(stage: Stage) -> None:
    stage.api.api.symbol_select("EURUSD", True)
    tick = stage.api.api.symbol_info_tick("EURUSD")
    stage.api.api.order_send({
        "action": 1, "symbol": "EURUSD", "volume": 0.1, "type": 0, "price": tick.ask,
        "magic": stage.desk.floor.view.magic_of(1), "type_filling": 0,
    })  # fmt: skip
    stage.desk.floor.view.look()


def few_bars(stage: Stage) -> None:
    rates = stage.api.api.copy_rates_from_pos
    stage.api.instead["copy_rates_from_pos"] = lambda s, f, start, count: rates(s, f, start, min(count, 3))


def crossed(stage: Stage) -> None:
    record(stage, "symbol_info_tick", bid=1.2, ask=1.1)


def refuses(stage: Stage) -> None:
    stage.api.after["order_check"] = lambda answer: type(answer)(
        {**answer._asdict(), "retcode": 10014, "comment": "Invalid volume"}.values()
    )


# code, fault, whether it keeps the bot from starting
PLANTED: list[tuple[str, Callable[[Stage], Changes | None], bool]] = [
    ("account", lambda s: {"settings": {"account": 4711}}, True),
    ("algo", lambda s: record(s, "terminal_info", trade_allowed=False), True),
    ("money", lambda s: record(s, "account_info", trade_mode=2), True),
    # Starting is how the trader confirms a changed specification.
    ("symbol", changed_contract, False),
    ("symbol", lambda s: {"market": "EURUSDX"}, True),
    ("price", stale, False),
    ("price", crossed, False),
    ("filling", lambda s: record(s, "symbol_info", filling_mode=0), True),
    ("session", lambda s: record(s, "symbol_info", trade_mode=0), True),
    ("stops", lambda s: record(s, "symbol_info", trade_stops_level=100_000), True),
    ("lots", lambda s: {"settings": {"sizing_mode": SizingMode.RISK_PERCENT, "risk_percent": 0.001}}, True),
    ("margin", lambda s: record(s, "account_info", margin_free=100.0), True),
    ("order_check", refuses, True),
    ("swap", lambda s: record(s, "symbol_info", swap_long=-400.0), False),
    ("clock", lambda s: record(s, "symbol_info_tick", time=s.desk.floor.terminal.server_time() + 600), False),
    ("magic", stranger, True),
    ("bars", few_bars, False),
]


def checks(stage: Stage, bot_id: int) -> dict[str, Check]:
    bot = bots.get_bot(stage.db.reader(), bot_id)
    assert bot is not None
    return {each.code: each for each in check_bot(stage.desk.floor, bot, registry.get(bot.strategy))}


def test_every_check_has_its_planted_fault() -> None:
    assert {code for code, _, _ in PLANTED} == set(ALL)


@pytest.mark.parametrize(
    ("code", "plant", "blocks"), PLANTED, ids=[f"{n}-{p[0]}" for n, p in enumerate(PLANTED)]
)
def test_u10_the_planted_fault_is_found(
    make_stage: Callable[..., Stage], code: str, plant: Callable[[Stage], Changes | None], blocks: bool
) -> None:
    stage = make_stage()
    if code == "money":
        # The account that a session finds first is the one it keeps.
        plant(stage)
    stage.start()
    bot_id = stage.new_bot(**(plant(stage) or {}))
    found = checks(stage, bot_id)
    assert not found[code].ok, found[code].message.text
    assert found[code].blocks is blocks
    assert found[code].remedy.text.endswith(".")
    assert "{" not in found[code].message.text + found[code].remedy.text
    stage.desk.start_bot(bot_id)
    assert (bot_id in stage.desk.floor.slots) is not blocks


def test_a_swap_that_costs_little_is_only_told(stage: Stage) -> None:
    found = checks(stage, stage.new_bot())
    assert found["swap"].ok
    assert "USD" in found["swap"].message.text


def test_a_freeze_or_stop_level_beyond_the_stop_is_named(stage: Stage) -> None:
    record(stage, "symbol_info", trade_stops_level=2_000)
    bot_id = stage.new_bot(sl_pips=100)
    assert "2000" in checks(stage, bot_id)["stops"].message.text
    assert math.isfinite(replace(bots.get_bot(stage.db.reader(), bot_id), sl_pips=1).sl_pips)  # type: ignore[type-var]
