"""Ways to break the terminal, and to read what a bot went through."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from qbx_desktop.domain.bots import RunState
from qbx_desktop.domain.events import BotChanged

from .stage import Stage

Make = Callable[..., Stage]


def states(stage: Stage, bot_id: int) -> list[RunState]:
    return [each.state for each in stage.events if isinstance(each, BotChanged) and each.bot_id == bot_id]


def changed(record: Any, **fields: Any) -> Any:
    """The terminal's record with other values."""
    return type(record)({**record._asdict(), **fields}.values())


def answer(stage: Stage, retcode: int) -> Callable[[dict[str, Any]], Any]:
    """`order_send` says `retcode` and does nothing."""

    def refuse(request: dict[str, Any]) -> Any:
        empty = dict.fromkeys(("retcode", "deal", "order"), 0)
        empty |= {"volume": 0.0, "price": 0.0, "bid": 0.0, "ask": 0.0, "comment": "said no", "request_id": 1,
                  "retcode_external": 0, "request": stage.api.api.order_check(request).request}  # fmt: skip
        return stage.api.api.OrderSendResult({**empty, "retcode": retcode}.values())

    return refuse


def dead(stage: Stage) -> None:
    """The pipe is gone."""

    def fail(*_: Any, **__: Any) -> None:
        stage.api.fail(-10004, "No IPC connection")

    for name in ("initialize", "terminal_info", "account_info", "positions_get", "copy_rates_from_pos", "order_send",
                 "symbol_info_tick", "history_deals_get", "sim_state", "symbol_info"):  # fmt: skip
        stage.api.instead[name] = fail
