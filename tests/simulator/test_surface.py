"""The look-alike has the module's surface: names, values, record types, array layouts."""

from __future__ import annotations

import copy
import hashlib
import json
import pickle

import numpy as np
import pytest

from qbx_desktop.domain import records
from qbx_desktop.simulator import surface
from qbx_desktop.simulator.api import SimApi

STRUCT_SIZES = {
    "Tick": 8, "TerminalInfo": 22, "AccountInfo": 28, "SymbolInfo": 96, "TradePosition": 19,
    "TradeOrder": 24, "TradeDeal": 18, "TradeRequest": 17, "OrderSendResult": 11, "OrderCheckResult": 9,
    "BookInfo": 4,
}  # fmt: skip
KINDS = {"f64": float, "bool": bool, "str": str}


def digest(facts: object) -> str:
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:16]


def test_constants_are_the_modules() -> None:
    assert len(surface.CONSTANTS) == 223
    assert digest(surface.CONSTANTS) == "94ef04a174f63693"
    for name, value in surface.CONSTANTS.items():
        assert getattr(SimApi, name) == value


def test_constants_that_are_easily_got_wrong() -> None:
    assert (SimApi.TIMEFRAME_H1, SimApi.TIMEFRAME_W1, SimApi.TIMEFRAME_MN1) == (16385, 32769, 49153)
    assert SimApi.COPY_TICKS_ALL == -1
    assert (SimApi.DEAL_DIVIDEND, SimApi.DEAL_TAX) == (15, 17)
    assert SimApi.ACCOUNT_MARGIN_MODE_RETAIL_HEDGING == 2
    assert not hasattr(SimApi, "SYMBOL_CALC_MODE_FORTS")
    assert not hasattr(SimApi, "TRADE_RETCODE_HEDGE_PROHIBITED")


def test_functions_are_all_there() -> None:
    assert len(surface.CONVENTIONS) == 32
    for name in (*surface.CONVENTIONS, *surface.PYTHON_FUNCTIONS):
        assert callable(getattr(SimApi, name))


def test_what_is_more_than_the_module_is_marked() -> None:
    known = {*surface.CONSTANTS, *surface.STRUCTS, *surface.CONVENTIONS, *surface.PYTHON_FUNCTIONS}
    extra = {name for name in dir(SimApi) if not name.startswith(("_", "sim_"))} - known
    assert extra == {"SIMULATED"}
    assert SimApi.__version__ == "5.0.6231"


def test_records_have_the_modules_fields() -> None:
    assert {name: len(fields) for name, fields in surface.FIELDS.items()} == STRUCT_SIZES
    assert (
        digest({name: list(map(list, fields)) for name, fields in surface.FIELDS.items()})
        == "82f6846951d9d154"
    )


@pytest.mark.parametrize("name", STRUCT_SIZES)
def test_records_of_the_domain_have_the_same_fields(name: str) -> None:
    fields = [field for field, _ in surface.FIELDS[name]]
    assert list(getattr(records, name).__dataclass_fields__) == fields


@pytest.mark.parametrize("name", STRUCT_SIZES)
def test_a_record_behaves_like_a_struct_sequence(name: str) -> None:
    made = surface.build(name, {})
    kind = type(made)
    assert kind.__name__ == name
    assert kind.n_fields == kind.n_sequence_fields == len(made) == STRUCT_SIZES[name]
    assert kind.__match_args__ == tuple(field for field, _ in surface.FIELDS[name])
    first = kind.__match_args__[0]
    assert repr(made).startswith(f"{name}({first}=")
    assert list(made._asdict()) == list(kind.__match_args__)
    assert tuple(made) == made
    assert hash(made) == hash(tuple(made))
    assert copy.copy(made) == made
    assert json.loads(json.dumps(made)) == list(made)
    assert not any(hasattr(made, other) for other in ("_fields", "_replace", "_make", "__dict__"))
    with pytest.raises(AttributeError, match="readonly attribute"):
        setattr(made, first, 1)
    with pytest.raises(AttributeError, match="readonly attribute"):
        delattr(made, first)
    with pytest.raises(AttributeError):
        made.no_such_field = 1  # type: ignore[attr-defined]
    with pytest.raises(pickle.PicklingError, match=f"Can't pickle <class '{name}'>"):
        pickle.dumps(made)


def test_a_record_is_built_from_one_sequence() -> None:
    kind = surface.STRUCTS["Tick"]
    assert kind(range(8)).bid == 1  # type: ignore[attr-defined]
    assert kind(list(range(8)), {}) == tuple(range(8))
    with pytest.raises(TypeError, match="8-sequence"):
        kind((1, 2))
    with pytest.raises(TypeError, match="at most 2"):
        kind(1, 2, 3)
    with pytest.raises(TypeError, match="requires a sequence"):
        kind(1)


def test_a_request_inside_a_result_stays_a_record(api: SimApi) -> None:
    answer = api.order_check({"action": 1, "symbol": "EURUSD", "volume": 0.1, "type": 0})
    assert type(answer._asdict()["request"]).__name__ == "TradeRequest"


@pytest.mark.parametrize(
    "name", ["account_info", "terminal_info", "positions_get", "orders_get", "symbols_get"]
)
def test_every_field_has_its_type(api: SimApi, name: str) -> None:
    trade_a_little(api)
    found = getattr(api, name)()
    for record in found if type(found) is tuple else (found,):
        check_types(record)


def test_every_field_of_the_history_has_its_type(api: SimApi) -> None:
    trade_a_little(api)
    rows = [*api.history_deals_get(0, 2**31 - 1), *api.history_orders_get(0, 2**31 - 1)]
    assert len(rows) >= 3
    for record in [*rows, api.symbol_info_tick("EURUSD")]:
        check_types(record)


def trade_a_little(api: SimApi) -> None:
    tick = api.symbol_info_tick("EURUSD")
    request = {"action": 1, "symbol": "EURUSD", "volume": 0.1, "type": 0, "price": tick.ask, "magic": 5}
    opened = api.order_send(request)
    check_types(opened)
    check_types(opened.request)
    check_types(api.order_check(request))
    api.order_send({**request, "action": 5, "type": 2, "price": round(tick.bid - 0.01, 5)})
    api.order_send({**request, "type": 1, "volume": 0.05, "position": opened.order})


def check_types(record: surface.StructSequence) -> None:
    for (field, kind), value in zip(surface.FIELDS[type(record).__name__], record, strict=True):
        expected = KINDS.get(kind, int)
        if kind == "TradeRequest":
            expected = surface.STRUCTS["TradeRequest"]
        assert type(value) is expected, f"{type(record).__name__}.{field} is {value!r}"


def test_arrays_are_packed_and_read_only(api: SimApi) -> None:
    rates = api.copy_rates_from_pos("EURUSD", api.TIMEFRAME_M5, 0, 50)
    ticks = api.copy_ticks_from("EURUSD", int(rates["time"][0]), 50, api.COPY_TICKS_ALL)
    assert rates.dtype.itemsize == ticks.dtype.itemsize == 60
    assert rates.dtype.names == (
        "time", "open", "high", "low", "close", "tick_volume", "spread", "real_volume"
    )  # fmt: skip
    assert ticks.dtype.names == ("time", "bid", "ask", "last", "volume", "time_msc", "flags", "volume_real")
    assert rates["tick_volume"].dtype == np.uint64
    for array in (rates, ticks):
        assert array.ndim == 1
        assert not array.flags.writeable
        assert (np.diff(array["time"]) >= 0).all()
        with pytest.raises(ValueError, match="read-only"):
            array["time"][0] = 1
