"""Fifteen looks before a start; a red one keeps the bot off and names what to do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from qbx_desktop.data import bots
from qbx_desktop.domain.bots import BotStatus, SizingMode
from qbx_desktop.strategies import registry
from qbx_desktop.trading.preflight import Check, check_bot

from .stage import Stage


def checks(stage: Stage, bot_id: int) -> dict[str, Check]:
    bot = bots.get_bot(stage.db.reader(), bot_id)
    assert bot is not None
    return {each.code: each for each in check_bot(stage.desk.floor, bot, registry.get(bot.strategy))}


def test_all_fifteen_are_green_on_the_practice_terminal(stage: Stage) -> None:
    found = checks(stage, stage.new_bot())
    assert list(found) == [
        "account", "algo", "money", "symbol", "price", "filling", "session", "stops", "lots", "margin", "order_check",
        "swap", "clock", "magic", "bars",
    ]  # fmt: skip
    assert len(found) == 15
    assert [each.message.text for each in found.values() if not each.ok] == []


def record(stage: Stage, function: str, **fields: Any) -> None:
    stage.api.after[function] = lambda info: type(info)({**info._asdict(), **fields}.values())


@pytest.mark.parametrize(
    ("code", "spoil"),
    [
        ("account", lambda s: {"settings": {"account": 4711}}),
        ("algo", lambda s: record(s, "terminal_info", trade_allowed=False)),
        ("algo", lambda s: record(s, "terminal_info", tradeapi_disabled=True)),
        ("algo", lambda s: record(s, "account_info", trade_expert=False)),
        ("filling", lambda s: record(s, "symbol_info", filling_mode=0)),
        ("session", lambda s: record(s, "symbol_info", trade_mode=0)),
        ("stops", lambda s: record(s, "symbol_info", trade_stops_level=100_000)),
        ("lots", lambda s: {"lot_size": 0.001}),
        ("lots", lambda s: {"lot_size": 3.0}),
        ("lots", lambda s: {"sl_pips": 0}),
        ("lots", lambda s: {"settings": {"sizing_mode": SizingMode.RISK_PERCENT, "risk_percent": 0.001}}),
        ("margin", lambda s: record(s, "account_info", margin_free=100.0)),
        ("symbol", lambda s: {"market": "EURUSDX"}),
    ],
)  # fmt: skip
def test_each_red_check_blocks_the_start_and_names_the_remedy(
    stage: Stage, code: str, spoil: Callable[[Stage], dict[str, Any] | None]
) -> None:
    bot_id = stage.new_bot(**(spoil(stage) or {}))
    found = checks(stage, bot_id)
    assert not found[code].ok
    assert found[code].blocks
    assert found[code].remedy.text.endswith(".")
    stage.desk.start_bot(bot_id)
    assert bot_id not in stage.desk.floor.slots
    assert stage.status(bot_id) is BotStatus.ERROR
    assert found[code].message.text in stage.details("ERROR")[0]


def test_real_money_without_consent_is_red(make_stage: Callable[..., Stage]) -> None:
    stage = make_stage()
    record(stage, "account_info", trade_mode=2)
    stage.start()
    bot_id = stage.new_bot()
    assert not checks(stage, bot_id)["money"].ok


def test_a_closed_market_does_not_block(stage: Stage) -> None:
    bot_id = stage.new_bot()

    def none(_name: str) -> None:
        stage.api.fail(-4, "Terminal: Not found")

    stage.api.instead["symbol_info_tick"] = none
    found = checks(stage, bot_id)
    assert not found["price"].ok
    assert not found["price"].blocks
    stage.desk.start_bot(bot_id)
    assert bot_id in stage.desk.floor.slots


def test_a_strangers_position_under_our_number_is_red(stage: Stage) -> None:
    bot_id = stage.new_bot()
    stage.api.api.symbol_select("EURUSD", True)
    tick = stage.api.api.symbol_info_tick("EURUSD")
    magic = stage.desk.floor.view.magic_of(bot_id)
    stage.api.api.order_send({
        "action": 1, "symbol": "EURUSD", "volume": 0.1, "type": 0, "price": tick.ask, "magic": magic, "type_filling": 0,
    })  # fmt: skip
    stage.desk.floor.view.look()
    assert not checks(stage, bot_id)["magic"].ok


def test_imported_bots_do_not_start_before_their_sizing_is_confirmed(stage: Stage) -> None:
    bot_id = stage.new_bot(settings={"sizing_mode": SizingMode.LEGACY_UNSET})
    stage.desk.start_bot(bot_id)
    assert stage.status(bot_id) is BotStatus.ERROR
    assert "not confirmed yet" in stage.details("ERROR")[0]
