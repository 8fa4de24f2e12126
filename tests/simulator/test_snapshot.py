"""The practice account survives restarts, and two equal runs leave equal ledgers."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest

from qbx_desktop.domain.errors import Stop
from qbx_desktop.simulator.api import SimApi
from qbx_desktop.simulator.terminal import build_terminal

from .trader import connected, deal, pending

SCENARIO = [
    {"kind": "partial", "probability": 0.1, "share": 0.5},
    {"kind": "retcode", "probability": 0.1, "retcode": 10004},
    {"kind": "lost_after", "probability": 0.05},
    {"kind": "jump", "symbol": "EURUSD", "points": -900, "after": 5_000},
    {"kind": "spread", "factor": 10.0, "after": 3_000, "seconds": 600},
    {"kind": "late", "call": 7, "seconds": 30},
]


def live(api: SimApi, seed: int, steps: int) -> None:
    """Trade at random, the same way for the same seed."""
    dice = random.Random(seed)
    for _ in range(steps):
        name = dice.choice(["EURUSD", "USDJPY", "XAUUSD", "GER40"])
        api.initialize()
        api.symbol_select(name)
        tick = api.symbol_info_tick(name)
        point = api.symbol_info(name).point
        side = dice.choice(["buy", "sell"])
        sign = 1 if side == "buy" else -1
        if dice.random() < 0.6:
            sl = round(tick.bid - sign * dice.randint(200, 900) * point, 5)
            deal(api, name, side, dice.choice([0.1, 0.2, 0.5]), sl=sl, type_filling=1)
        else:
            pending(api, name, "BUY_LIMIT", round(tick.bid - 300 * point, 5), 0.1)
        api.sim_advance(dice.randint(1, 4_000))


@pytest.mark.parametrize("profile", ["Demo-Hedging", "Demo-ECN", "Demo-Netting"])
def test_two_equal_runs_leave_byte_identical_ledgers(profile: str) -> None:
    ledgers = []
    for _ in range(2):
        api = connected(profile=profile, seed=5, faults=SCENARIO)
        live(api, 1, 40)
        ledgers.append(api.sim_ledger())
    assert ledgers[0] == ledgers[1]
    assert len(json.loads(ledgers[0])[0]["deals"]) > 10
    other = connected(profile=profile, seed=6, faults=SCENARIO)
    live(other, 1, 40)
    assert other.sim_ledger() != ledgers[0]


def test_a_restored_server_goes_on_as_if_nothing_had_happened() -> None:
    straight = connected(seed=3)
    live(straight, 1, 15)
    restored = build_terminal(snapshot=straight.sim_snapshot())
    restored.initialize()
    assert restored.positions_get() == straight.positions_get()
    assert restored.account_info() == straight.account_info()
    assert restored.symbol_info("EURUSD") == straight.symbol_info("EURUSD")
    for api in (straight, restored):
        live(api, 2, 15)
    assert restored.sim_ledger() == straight.sim_ledger()
    assert restored.sim_snapshot() == build_terminal(snapshot=restored.sim_snapshot()).sim_snapshot()


def test_a_change_is_saved_before_it_is_told() -> None:
    kept: list[bytes] = []
    api = build_terminal(save=kept.append)
    api.initialize()
    api.symbol_select("EURUSD")
    kept.clear()
    answer = deal(api, "EURUSD", "buy", 0.1, sl=1.05)
    assert json.loads(kept[-1])["accounts"][0]["holdings"][0][0] == answer.order
    count = len(kept)
    api.symbol_info_tick("EURUSD")
    api.positions_get()
    assert len(kept) == count
    api.order_send({"action": 6, "position": answer.order, "sl": 1.06, "tp": 0.0})
    assert len(kept) == count + 1


def test_swap_and_stops_are_saved_before_they_are_told() -> None:
    kept: list[bytes] = []
    api = build_terminal(save=kept.append)
    api.initialize()
    api.symbol_select("EURUSD")
    deal(api, "EURUSD", "buy", 0.1)
    kept.clear()
    api.sim_advance(86_400)
    assert json.loads(kept[-1])["accounts"][0]["holdings"][0][11] == api.positions_get()[0].swap != 0.0


class DiskFull(Exception):
    pass


def test_an_order_that_cannot_be_saved_is_not_answered() -> None:
    def save(_: bytes) -> None:
        raise DiskFull

    api = build_terminal(save=save)
    api.initialize()
    api.symbol_select("EURUSD")
    with pytest.raises(DiskFull):
        deal(api, "EURUSD", "buy", 0.1)
    # What could not be saved is not told either, by no later call.
    with pytest.raises(DiskFull):
        api.positions_get()


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"null", b'{"version": 1}', b"\xff\xfe"])
def test_a_damaged_snapshot_is_refused_with_a_sentence(content: bytes) -> None:
    with pytest.raises(Stop, match="practice"):
        build_terminal(snapshot=content)


def test_a_snapshot_cut_anywhere_is_refused_or_whole() -> None:
    api = connected()
    live(api, 1, 3)
    whole = api.sim_snapshot()
    for length in range(0, len(whole), 97):
        with pytest.raises(Stop):
            build_terminal(snapshot=whole[:length])


def test_a_newer_snapshot_is_left_alone() -> None:
    newer: dict[str, Any] = {**json.loads(connected().sim_snapshot()), "version": 99}
    with pytest.raises(Stop, match="newer"):
        build_terminal(snapshot=json.dumps(newer).encode())


def test_several_accounts_live_on_one_server() -> None:
    api = connected(accounts=[{"login": 7, "password": "pw", "balance": 500.0, "currency": "EUR"}])
    deal(api, "EURUSD", "buy", 0.1)
    assert api.login(7, password="wrong") is False
    assert api.last_error() == (-6, "Terminal: Authorization failed")
    assert api.login(7, "pw", api.account_info().server) is True
    account = api.account_info()
    assert (account.login, account.currency, account.balance) == (7, "EUR", 500.0)
    assert api.positions_total() == 0
    assert deal(api, "EURUSD", "buy", 0.01).retcode == 10009
    assert api.account_info().margin == 10.0
    again = build_terminal(snapshot=api.sim_snapshot())
    again.initialize()
    assert again.account_info().login == 7
    assert again.login(login=50010001) is True
    assert again.positions_get()[0].volume == 0.1
