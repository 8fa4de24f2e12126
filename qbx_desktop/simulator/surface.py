"""What the MetaTrader5 module exposes, read from `surface.json`: constants, record types, texts and limits."""

from __future__ import annotations

import json
from enum import IntEnum
from operator import attrgetter
from pathlib import Path
from typing import Any

import numpy as np

from .structseq import StructSequence, struct_type


def _read() -> dict[str, Any]:
    text = Path(__file__).with_name("surface.json").read_text(encoding="utf-8")
    facts: dict[str, Any] = json.loads(text)
    return facts


_FACTS = _read()

WHEEL_VERSION: str = _FACTS["wheel"]

CONSTANTS: dict[str, int] = {
    f"{prefix}_{name}": value
    for prefix, group in _FACTS["constants"].items()
    for name, value in group.items()
}

# struct -> ((field, C type), ...)
FIELDS: dict[str, tuple[tuple[str, str], ...]] = {
    name: tuple((part.split(":")[0], part.split(":")[1]) for part in facts["fields"].split())
    for name, facts in _FACTS["structs"].items()
}

STRUCTS: dict[str, type[StructSequence]] = {
    name: struct_type(name, [field for field, _ in FIELDS[name]], facts["doc"])
    for name, facts in _FACTS["structs"].items()
}

# function -> P (positional only), K (keywords possible), N (no arguments)
CONVENTIONS: dict[str, str] = _FACTS["functions"]
PYTHON_FUNCTIONS: tuple[str, ...] = tuple(_FACTS["python_functions"])

ERROR_TEXTS: dict[int, tuple[str, ...]] = {
    int(code): tuple(texts) for code, texts in _FACTS["errors"].items()
}

SYMBOL_CHARS: int = _FACTS["limits"]["symbol_chars"]
COMMENT_CHARS: int = _FACTS["limits"]["comment_chars"]
SERVER_CHARS: int = _FACTS["limits"]["server_chars"]
PASSWORD_CHARS: int = _FACTS["limits"]["password_chars"]
PATH_CHARS: int = _FACTS["limits"]["path_chars"]
GROUP_CHARS: int = _FACTS["limits"]["group_chars"]

_ZEROS: dict[str, object] = {"f64": 0.0, "bool": False, "str": ""}


def blank(struct: str) -> dict[str, Any]:
    """Every field of `struct` at its zero value: 0, 0.0, False or ''."""
    return {name: _ZEROS.get(kind, 0) for name, kind in FIELDS[struct]}


def build(struct: str, values: dict[str, Any]) -> StructSequence:
    """A `struct` from named values; what is missing is zero."""
    return STRUCTS[struct]([values.get(name, _ZEROS.get(kind, 0)) for name, kind in FIELDS[struct]])


_GETTERS: dict[str, Any] = {name: attrgetter(*(field for field, _ in FIELDS[name])) for name in STRUCTS}


def of_record(record: Any) -> StructSequence:
    """The struct of one of the domain's records, which have the same names, fields and order."""
    name = type(record).__name__
    values = [int(value) if isinstance(value, IntEnum) else value for value in _GETTERS[name](record)]
    if FIELDS[name][-1][0] == "request":
        values[-1] = of_record(values[-1])
    return STRUCTS[name](values)


def sealed(rows: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """`rows` read-only, as the module hands its arrays out."""
    rows.flags.writeable = False
    return rows
