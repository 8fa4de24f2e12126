"""Requests carry floats and ints as MetaTrader 5 wants them; answers prove only what they prove."""

from __future__ import annotations

import base64
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qbx_desktop.domain.errors import UserMistake
from qbx_desktop.domain.journal import JournalAction, JournalState
from qbx_desktop.domain.mt5 import OrderFilling, Side
from qbx_desktop.domain.orders import (
    DEFINITE_REFUSALS,
    choose_filling,
    classify,
    close_request,
    comment_of,
    entry_request,
    fillings,
    new_uid,
    stops_request,
)
from qbx_desktop.domain.records import OrderSendResult, SymbolInfo, TradePosition

REFUSED = {
    10004, 10006, 10007, 10013, 10014, 10015, 10016, 10017, 10018, 10019, 10020, 10021, 10022, 10024, 10025, 10026,
    10027, 10029, 10030, 10032, 10033, 10034, 10035, 10036, 10038, 10040, 10041, 10042, 10043, 10044, 10045, 10046,
}  # fmt: skip


@dataclass(frozen=True)
class Said:
    result: OrderSendResult | None = None
    error: tuple[int, str] = (1, "Success")
    sent: bool | None = True
    exception: str = ""


def entry(**changes: object) -> dict[str, object]:
    values: dict[str, object] = {
        "symbol": "EURUSD", "side": Side.SELL, "volume": 1, "price": 1, "sl": 2, "tp": 0, "deviation": 20.0,
        "magic": 1_000_000_007, "comment": "QBAAAAAAAAAA", "filling": OrderFilling.IOC,
    }  # fmt: skip
    return entry_request(**{**values, **changes})  # type: ignore[arg-type]


def test_every_number_of_a_request_has_the_type_the_module_demands() -> None:
    position = TradePosition(ticket=7, symbol="EURUSD", type=0, volume=0.3)
    requests = [
        entry(),
        close_request(position, volume=1, price=1, deviation=5, magic=3, comment="x", filling=1),
        stops_request(position, sl=1, tp=0, magic=3),
    ]
    for request in requests:
        for name, value in request.items():
            if name in ("volume", "price", "sl", "tp"):
                assert type(value) is float, name
            elif name in ("symbol", "comment"):
                assert type(value) is str, name
            else:
                assert type(value) is int, name


def test_an_entry_is_a_market_deal_with_its_stops() -> None:
    assert entry() == {
        "action": 1, "symbol": "EURUSD", "volume": 1.0, "type": 1, "price": 1.0, "sl": 2.0, "tp": 0.0,
        "deviation": 20, "magic": 1_000_000_007, "comment": "QBAAAAAAAAAA", "type_time": 0, "type_filling": 1,
    }  # fmt: skip


def test_a_close_goes_the_other_way_and_never_closes_more_than_there_is() -> None:
    position = TradePosition(ticket=7, symbol="EURUSD", type=0, volume=0.3)
    request = close_request(position, volume=1.0, price=1.1, deviation=5, magic=3, comment="x", filling=0)
    assert (request["type"], request["volume"], request["position"]) == (1, 0.3, 7)


@given(st.binary(min_size=7, max_size=7))
def test_the_comment_is_twelve_ascii_characters(random: bytes) -> None:
    comment = comment_of(new_uid(lambda n: random[:n]))
    assert len(comment) == 12
    assert comment.isascii()
    assert comment.startswith("QB")
    assert base64.b32decode(comment[2:] + "AA====")[:6] == random[:6]


def test_two_orders_never_share_their_name() -> None:
    assert len({new_uid() for _ in range(1_000)}) == 1_000


@pytest.mark.parametrize(
    ("execution", "flags", "expected"),
    [
        (2, 1, ["FOK"]), (2, 2, ["IOC"]), (2, 3, ["FOK", "IOC"]), (2, 0, []), (2, 4, []),
        (3, 0, ["RETURN"]), (3, 3, ["FOK", "IOC", "RETURN"]), (0, 0, ["FOK", "IOC"]), (1, 0, ["FOK", "IOC"]),
    ],
)  # fmt: skip
def test_the_filling_types_follow_execution_mode_and_flags(
    execution: int, flags: int, expected: list[str]
) -> None:
    offered = fillings(SymbolInfo(name="X", trade_exemode=execution, filling_mode=flags))
    assert [each.name for each in offered] == expected


def test_a_refused_filling_type_is_not_the_next_choice() -> None:
    symbol = SymbolInfo(name="X", trade_exemode=2, filling_mode=3)
    assert choose_filling(symbol) is OrderFilling.FOK
    assert choose_filling(symbol, frozenset({0})) is OrderFilling.IOC
    assert choose_filling(symbol, frozenset({0, 1})) is OrderFilling.FOK
    with pytest.raises(UserMistake, match="offers no way to fill"):
        choose_filling(SymbolInfo(name="X", trade_exemode=2))


@pytest.mark.parametrize("retcode", range(9_990, 10_060))
def test_the_retcode_table(retcode: int) -> None:
    """Every code of the table and every unknown one, with and without a ticket."""
    for action in JournalAction:
        for order in (0, 11):
            answer = Said(OrderSendResult(retcode=retcode, order=order, deal=order, volume=0.1, price=1.1))
            state = classify(action, 0.1, answer).state
            if retcode in REFUSED:
                assert state is JournalState.REJECTED
            elif retcode == 10009 and (order or action in (JournalAction.MODIFY, JournalAction.CANCEL)):
                assert state is JournalState.FILLED
            elif retcode == 10010 and action in (JournalAction.OPEN, JournalAction.CLOSE) and order:
                assert state is JournalState.PARTIAL
            elif retcode == 10010 and action in (JournalAction.MODIFY, JournalAction.CANCEL):
                assert state is JournalState.FILLED
            else:
                assert state is JournalState.UNKNOWN
    assert (retcode in DEFINITE_REFUSALS) is (retcode in REFUSED)


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        (Said(error=(-2, "Invalid arguments")), JournalState.REJECTED),
        (Said(error=(-8, "Auto-Trading disabled")), JournalState.REJECTED),
        (Said(error=(-2, "x"), sent=None), JournalState.UNKNOWN),
        *[(Said(error=(code, "x")), JournalState.UNKNOWN) for code in (-1, -3, -4, -5, -6, -7, 1, 0)],
        *[(Said(error=(code, "IPC")), JournalState.UNKNOWN) for code in range(-10005, -9999)],
        *[(Said(error=(code, "IPC"), sent=None), JournalState.UNKNOWN) for code in range(-10005, -9999)],
        (Said(error=(-20001, "expired"), sent=False), JournalState.REJECTED),
        (Said(exception="TypeError: x", sent=False), JournalState.REJECTED),
        (Said(exception="OSError: x", sent=None), JournalState.UNKNOWN),
    ],
)  # fmt: skip
def test_no_result_is_a_refusal_only_when_it_proves_one(answer: Said, state: JournalState) -> None:
    assert classify(JournalAction.OPEN, 0.1, answer).state is state


@given(st.integers(-100_000, 100_000), st.integers(-30_000, 2), st.sampled_from([True, None]))
def test_what_is_not_listed_is_unknown(retcode: int, error: int, sent: bool | None) -> None:
    with_result = classify(JournalAction.OPEN, 1.0, Said(OrderSendResult(retcode=retcode)))
    assert (with_result.state is JournalState.REJECTED) is (retcode in REFUSED)
    assert with_result.state in (JournalState.REJECTED, JournalState.UNKNOWN)
    without = classify(JournalAction.OPEN, 1.0, Said(error=(error, ""), sent=sent))
    assert (without.state is JournalState.REJECTED) is (sent is True and error in (-2, -8))


def test_a_smaller_volume_than_asked_for_is_a_part() -> None:
    answer = Said(OrderSendResult(retcode=10009, order=5, deal=6, volume=0.4, price=1.2))
    outcome = classify(JournalAction.OPEN, 1.0, answer)
    assert (outcome.state, outcome.filled, outcome.price, outcome.order) == (
        JournalState.PARTIAL,
        0.4,
        1.2,
        5,
    )
