"""Commission in live sizing: learnt from the account's own deals, told by the trader before, as in the backtest."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from qbx_desktop.data import settings
from qbx_desktop.domain.bots import SizingMode
from qbx_desktop.domain.records import TradeDeal
from qbx_desktop.trading.commission import KEY, learn

from .stage import Stage


def deal(position: int, entry: int, volume: float, commission: float, fee: float = 0.0) -> TradeDeal:
    return TradeDeal(
        ticket=position * 10 + entry, position_id=position, type=entry, entry=entry, volume=volume, commission=commission, fee=fee
    )  # fmt: skip


def test_what_the_deals_teach() -> None:
    assert learn([]) is None
    assert learn([deal(1, 0, 1.0, -3.5), deal(1, 1, 1.0, -3.5)]) == pytest.approx(7.0)
    assert learn([deal(1, 0, 1.0, -7.0), deal(1, 1, 1.0, 0.0)]) == pytest.approx(7.0), (
        "all of it at the entry"
    )
    assert learn([deal(1, 0, 2.0, -7.0)]) == pytest.approx(7.0), "the way back costs what the way there did"
    assert learn([deal(1, 0, 1.0, -2.0, -0.5), deal(1, 1, 1.0, -2.0, -0.5)]) == pytest.approx(5.0)
    assert learn([deal(1, 0, 1.0, 0.0), deal(1, 1, 1.0, 0.0)], told=9.0) == 0.0, (
        "an account without commission"
    )


def test_the_largest_position_is_the_best_witness() -> None:
    small = [deal(1, 0, 0.01, -0.04), deal(1, 1, 0.01, -0.04)]
    large = [deal(2, 0, 2.0, -7.0), deal(2, 1, 2.0, -7.0)]
    assert learn([*small, *large]) == pytest.approx(7.0)


def test_what_was_told_stands_within_the_rounding_of_cents() -> None:
    rounded = [deal(1, 0, 0.01, -0.04), deal(1, 1, 0.01, -0.04)]
    assert learn(rounded, told=7.0) == 7.0
    assert learn(rounded, told=2.0) == pytest.approx(8.0)


def risky(stage: Stage) -> int:
    return stage.running_bot(
        lot_size=0.0, sl_pips=50, tp_pips=0,
        settings={"sizing_mode": SizingMode.RISK_PERCENT, "risk_percent": 1.0}, limits={"max_lots_per_order": 0},
    )  # fmt: skip


def lots(stage: Stage) -> float:
    stage.until(lambda: len(stage.positions()) == 1)
    return float(stage.positions()[0].volume)


def test_the_first_trade_counts_what_the_trader_told(make_stage: Callable[..., Stage]) -> None:
    plain = make_stage()
    plain.start()
    risky(plain)
    told = make_stage()
    told.start()
    told.db.write(lambda con: settings.set(con, KEY, 50.0))
    risky(told)
    # 50 pips of a lot are 500, there and back 100 more: a sixth less.
    assert lots(told) == pytest.approx(lots(plain) * 5 / 6, abs=0.011)


def test_later_trades_count_what_the_account_was_charged(make_stage: Callable[..., Stage]) -> None:
    overrides = {"symbols": {"EURUSD": {"commission": {"kind": "per_lot", "amount": 50.0}}}}
    charged = make_stage(overrides=overrides)
    charged.start()
    risky(charged)
    first = lots(charged)
    balance = charged.api.api.account_info().balance
    charged.until(lambda: len(charged.deals()) >= 3 and len(charged.positions()) == 1)
    second = float(charged.positions()[0].volume)
    now = charged.api.api.account_info().balance
    assert second == pytest.approx(first * now / balance * 5 / 6, rel=0.06)
    assert second < first * now / balance * 0.9
