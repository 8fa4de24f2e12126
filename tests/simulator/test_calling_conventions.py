"""The look-alike takes and refuses arguments as the module does."""

from __future__ import annotations

import datetime as dt
import os
import time
from typing import Any

import numpy as np
import pytest

from qbx_desktop.simulator.api import SimApi
from qbx_desktop.simulator.arguments import matches_group
from qbx_desktop.simulator.terminal import build_terminal

from .call_table import ANSWERS, ARGUMENTS, NEVER_LINKED, OK, Row

NO_LINK = (-10004, "No IPC connection")


def label(row: Row) -> str:
    return f"{row[0]}{row[1]!r}{row[2] or ''}"[:90]


def call(api: SimApi, row: Row) -> Any:
    function = getattr(api, row[0])
    return function(*row[1], **row[2]) if row[2] else function(*row[1])


def holds(row: Row, answer: Any) -> bool:
    expected = row[3]
    if isinstance(expected, str):
        return type(answer).__name__ == expected
    if isinstance(expected, type):
        return isinstance(answer, expected)
    return type(answer) is type(expected) and answer == expected


def test_the_table_is_about_as_long_as_it_should_be() -> None:
    assert len(ARGUMENTS) + len(ANSWERS) >= 150


@pytest.mark.parametrize("linked", [True, False], ids=["linked", "unlinked"])
@pytest.mark.parametrize("row", ARGUMENTS, ids=label)
def test_wrong_arguments(row: Row, linked: bool) -> None:
    api = build_terminal()
    if linked:
        api.initialize()
    if isinstance(row[3], type) and issubclass(row[3], Exception):
        with pytest.raises(row[3]) as raised:
            call(api, row)
        if row[3] is SystemError:
            assert isinstance(raised.value.__cause__, (TypeError, OverflowError))
            assert str(raised.value).endswith("returned a result with an exception set")
    else:
        assert holds(row, call(api, row))
        assert api.last_error() == row[4]


@pytest.mark.parametrize("row", ANSWERS, ids=label)
def test_answers(api: SimApi, row: Row) -> None:
    answer = call(api, row)
    assert holds(row, answer), answer
    assert api.last_error() == row[4]


_WITHOUT_LINK = ("initialize", "shutdown")


@pytest.mark.parametrize("row", [row for row in ANSWERS if row[0] not in _WITHOUT_LINK], ids=label)
def test_nothing_answers_without_a_link(row: Row) -> None:
    api = build_terminal()
    answer = call(api, row)
    falls_to_false = row[0] in ("login", "symbol_select")
    expected, error = NEVER_LINKED.get(row[0], (False if falls_to_false else None, NO_LINK))
    assert answer == expected
    assert type(answer) is type(expected)
    assert api.last_error() == error


def test_last_error_before_and_after_the_first_call() -> None:
    api = build_terminal()
    assert api.last_error() == (0, "")
    assert api.shutdown() is True
    assert api.last_error() == OK


def test_initialize_with_wrong_arguments_closes_the_link(api: SimApi) -> None:
    assert api.account_info() is not None
    assert api.initialize(5) is False
    assert api.account_info() is None
    assert api.last_error() == NO_LINK


def test_a_failed_account_leaves_the_program_unlinked(api: SimApi) -> None:
    assert api.initialize(login=99) is False
    assert api.terminal_info() is None


def test_ticket_goes_before_symbol_and_symbol_before_group(api: SimApi) -> None:
    for name in ("EURUSD", "USDJPY"):
        assert api.order_send(action=1, symbol=name, volume=0.1, type=0).retcode == 10009
    euro, yen = api.positions_get()
    assert api.positions_get(ticket=yen.ticket, symbol="EURUSD") == (yen,)
    assert api.positions_get(symbol="EURUSD", group="*JPY*") == (euro,)
    assert api.positions_get(group="*JPY*") == (yen,)
    assert api.positions_get(group="!*JPY*,*") == (euro,)
    assert api.history_deals_get(0, 2_000_000_000, group="USD*")[0].symbol == "USDJPY"
    assert [deal.position_id for deal in api.history_deals_get(position=euro.ticket)] == [euro.identifier]
    assert len(api.history_orders_get(ticket=yen.ticket)) == 1
    assert len(api.history_orders_get(0, 1, ticket=yen.ticket)) == 1, (
        "the dates beside a ticket count nothing"
    )


@pytest.mark.parametrize(
    ("name", "group", "expected"),
    [
        ("EURUSD", "EURUSD", True),
        ("EURUSD", "eurusd", False),
        ("EURUSD", "EUR*", True),
        ("EURUSD", "*USD", True),
        ("EURUSD", "*RUS*", True),
        ("EURUSD", "E*U*D", True),
        ("EURUSD", " *USD* , GBP* ", True),
        ("EURUSD", "*USD*,!EUR*", False),
        ("EURUSD", "!EUR*", False),
        ("GBPUSD", "!EUR*", False),
        ("EURUSD", "", False),
        ("EURUSD", "EURUSD*EURUSD", False),
        ("EURUSD", "*", True),
        ("EURUSD.x", "*D.x", True),
        ("EURUSD", "E?RUSD", False),
    ],
)
def test_group_filter(name: str, group: str, expected: bool) -> None:
    assert matches_group(name, group) is expected


@pytest.mark.skipif(not hasattr(time, "tzset"), reason="the zone of a process cannot be set here")
def test_a_naive_date_is_the_computers_local_time(api: SimApi, monkeypatch: pytest.MonkeyPatch) -> None:
    noon = dt.datetime(2025, 6, 2, 7, tzinfo=dt.UTC)
    wanted = api.copy_rates_from("EURUSD", api.TIMEFRAME_H1, noon, 1)["time"][0]
    assert wanted == noon.timestamp()
    before = os.environ.get("TZ")
    monkeypatch.setenv("TZ", "Asia/Jakarta")
    time.tzset()
    try:
        naive = dt.datetime(2025, 6, 2, 14)  # noqa: DTZ001 - that is the case
        assert api.copy_rates_from("EURUSD", api.TIMEFRAME_H1, naive, 1)["time"][0] == wanted
    finally:
        monkeypatch.setenv("TZ", before or "UTC")
        time.tzset()


def test_numpy_floats_pass_and_numpy_ints_do_not(api: SimApi) -> None:
    request = {"action": 1, "symbol": "EURUSD", "volume": np.float64(0.1), "type": 0}
    assert api.order_send(request).retcode == 10009
    ticket = np.int64(api.positions_get()[0].ticket)
    assert api.order_send({**request, "type": 1, "position": ticket}) is None
    assert api.last_error() == (-2, 'Invalid "position" argument')
