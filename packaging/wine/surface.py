"""Hold the simulated terminal against the real MetaTrader5 wheel: constants, record fields, functions, every call with
wrong arguments that is decided before a connection, and what both answer unconnected.

Runs on Windows or under Wine without a terminal; argument: the project's folder. Every difference is a line; those
with a reason in KNOWN are said and pass, any other makes the exit code 1.
"""

from __future__ import annotations

import math
import sys
from typing import Any

sys.path.insert(0, sys.argv[1])

import MetaTrader5 as real  # noqa: N813

from qbx_desktop.simulator import surface
from qbx_desktop.simulator.terminal import build_terminal
from tests.simulator.call_table import ARGUMENTS

# What differs on purpose: how its line begins, and why. Empty: nothing does.
KNOWN: dict[str, str] = {}
# Without a terminal; each is asked of both, unconnected.
UNCONNECTED = (
    ("version", ()), ("terminal_info", ()), ("account_info", ()), ("positions_get", ()), ("orders_get", ()),
    ("positions_total", ()), ("orders_total", ()), ("symbols_total", ()), ("symbols_get", ()),
    ("symbol_info", ("EURUSD",)), ("symbol_info_tick", ("EURUSD",)), ("symbol_select", ("EURUSD", True)),
    ("copy_rates_from_pos", ("EURUSD", 1, 0, 10)), ("copy_rates_from", ("EURUSD", 1, 1_700_000_000, 10)),
    ("copy_rates_range", ("EURUSD", 1, 1_700_000_000, 1_700_086_400)),
    ("copy_ticks_from", ("EURUSD", 1_700_000_000, 10, -1)),
    ("copy_ticks_range", ("EURUSD", 1_700_000_000, 1_700_086_400, -1)),
    ("history_deals_get", (1_700_000_000, 1_700_086_400)), ("history_deals_total", (1_700_000_000, 1_700_086_400)),
    ("history_orders_get", (1_700_000_000, 1_700_086_400)), ("history_orders_total", (1_700_000_000, 1_700_086_400)),
    ("order_calc_margin", (0, "EURUSD", 0.1, 1.1)), ("order_calc_profit", (0, "EURUSD", 0.1, 1.1, 1.2)),
    ("order_check", ({"action": 1},)), ("order_send", ({"action": 1},)),
    ("market_book_add", ("EURUSD",)), ("market_book_get", ("EURUSD",)), ("market_book_release", ("EURUSD",)),
    ("shutdown", ()),
)  # fmt: skip


def constants() -> list[str]:
    """Names and values of whole numbers in upper case, both ways."""
    there = {
        name: value
        for name, value in vars(real).items()
        if name.isupper() and type(value) is int and name[0] != "_"
    }
    lines = [
        f"constant {name}: {there.get(name, 'missing')} in the wheel, {value} here"
        for name, value in surface.CONSTANTS.items()
        if there.get(name) != value
    ]
    return lines + [
        f"constant {name} = {there[name]}: only in the wheel"
        for name in there.keys() - surface.CONSTANTS.keys()
    ]


def records() -> list[str]:
    """The fields of every record type, in order."""
    lines = []
    for name, fields in surface.FIELDS.items():
        kind = getattr(real, name, None)
        if kind is None:
            lines.append(f"record {name}: missing in the wheel")
            continue
        ours, theirs = [field for field, _ in fields], list(kind.__match_args__)
        if ours != theirs:
            lines.append(f"record {name}: {theirs} in the wheel, {ours} here")
    return lines


def functions() -> list[str]:
    """The names that can be called."""
    ours = {*surface.CONVENTIONS, *surface.PYTHON_FUNCTIONS}
    theirs = {
        name
        for name, value in vars(real).items()
        if callable(value) and not isinstance(value, type) and (name in ours or not name.startswith("_"))
    }
    return [
        f"function {name}: only {'here' if name in ours else 'in the wheel'}"
        for name in sorted(ours ^ theirs)
    ]


def arguments() -> list[str]:
    """Every call with wrong arguments: the answer, the error or the exception that the table promises."""
    lines = []
    for name, positional, keywords, expected, error in ARGUMENTS:
        said = f"{name}{positional!r}{keywords or ''}"[:120]
        function = getattr(real, name)
        raises = isinstance(expected, type) and issubclass(expected, BaseException)
        try:
            answer = function(*positional, **keywords) if keywords else function(*positional)
        except BaseException as caught:  # noqa: BLE001 - whatever the wheel raises is the answer
            if not (raises and type(caught) is expected):
                lines.append(f"call {said}: the wheel raises {caught!r}, the table says {expected!r}")
            continue
        if raises:
            lines.append(
                f"call {said}: the wheel answers {answer!r} {real.last_error()}, the table says it raises {expected.__name__}"
            )
        elif not _equal(answer, expected) or (error is not None and tuple(real.last_error()) != error):
            lines.append(
                f"call {said}: {answer!r} {real.last_error()} in the wheel, {expected!r} {error} in the table"
            )
    return lines


def unconnected() -> list[str]:
    """What both say before anybody connected: the answer and `last_error`."""
    simulated = build_terminal()
    lines = []
    for name, positional in UNCONNECTED:
        theirs = getattr(real, name)(*positional), tuple(real.last_error())
        ours = getattr(simulated, name)(*positional), tuple(simulated.last_error())
        if not (_equal(theirs[0], ours[0]) and theirs[1] == ours[1]):
            lines.append(f"unconnected {name}{positional!r}: {theirs} in the wheel, {ours} here")
    return lines


def initialize() -> list[str]:
    """The real module without a terminal says so at once; the simulator has one, so this is held against the facts."""
    lines = []
    missing = r"C:\nowhere\terminal64.exe"
    for positional, text in (((), "MetaTrader 5 x64 not found"), ((missing,), "Process create failed")):
        answer = real.initialize(*positional), tuple(real.last_error())
        if answer[0] is not False or answer[1][0] != -10003 or text not in answer[1][1]:
            lines.append(
                f"initialize{positional!r}: {answer} in the wheel, False (-10003, …{text}…) expected"
            )
    return lines


def _equal(first: Any, second: Any) -> bool:
    if isinstance(second, str) and not isinstance(first, str):
        return type(first).__name__ == second
    if isinstance(second, type):
        return isinstance(first, second)
    if isinstance(first, float) and isinstance(second, float) and math.isnan(first):
        return math.isnan(second)
    return type(first) is type(second) and first == second


def main() -> int:
    """Print every difference; 1 when one has no reason."""
    unknown = 0
    counted = {
        "constants": (len(surface.CONSTANTS), constants), "records": (len(surface.FIELDS), records),
        "functions": (len(surface.CONVENTIONS), functions), "wrong arguments": (len(ARGUMENTS), arguments),
        "unconnected": (len(UNCONNECTED), unconnected), "initialize": (2, initialize),
    }  # fmt: skip
    for what, (count, compare) in counted.items():
        lines = compare()
        sys.stdout.write(f"{what}: {count} compared, {len(lines)} differences\n")
        for line in lines:
            reason = next((why for start, why in KNOWN.items() if line.startswith(start)), "")
            unknown += not reason
            sys.stdout.write(f"  {line}{f'  (known: {reason})' if reason else ''}\n")
    sys.stdout.write(f"wheel {real.__version__}, surface read from {surface.WHEEL_VERSION}\n")
    return int(unknown > 0)


if __name__ == "__main__":
    sys.exit(main())
