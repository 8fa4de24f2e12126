"""Which column of a price file means what: MetaTrader 5's export, and the predecessor's two headers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ..domain.errors import UserMistake
from ..domain.messages import declare
from ..domain.timeframe import Timeframe

_EMPTY = declare("bars.format.empty", "{path} is empty. Nothing was read.")
_NO_HEADER = declare(
    "bars.format.no_header",
    "The first line of {path} does not name the columns. Nothing was read; export the bars with a header such as "
    "time,open,high,low,close,tick_volume,spread,real_volume or with MetaTrader's own Export Bars.",
)
_LACKS = declare(
    "bars.format.lacks",
    "The header of {path} lacks {missing}. Nothing was read; found: {found}.",
)
_TWICE = declare("bars.format.twice", "The header of {path} names {column} twice. Nothing was read.")
_TICKS = declare(
    "bars.format.ticks",
    "{path} holds ticks, not bars. Nothing was read; export bars (in MetaTrader: Symbols, Bars, Export Bars).",
)

PRICES = ("open", "high", "low", "close")
COUNTS = ("tick_volume", "spread", "real_volume")
_SEPARATORS = (b"\t", b";", b",")
_NAMES = {
    "time": "time", "datetime": "time", "timestamp": "time", "date": "date",
    "open": "open", "high": "high", "low": "low", "close": "close",
    "tick_volume": "tick_volume", "tickvol": "tick_volume", "tickvolume": "tick_volume",
    "spread": "spread", "real_volume": "real_volume", "realvolume": "real_volume",
    "vol": "volume", "volume": "volume",
}  # fmt: skip
_TIMEFRAME = re.compile(r"(?:^|[_\-. ])(MN1|MN|[MHDW]\d{1,2}|\d{1,5})(?=$|[_\-. ])", re.IGNORECASE)
_GLUED = re.compile(r"^([A-Za-z][\w.#]*?)(MN1|M[1-6]|M1[025]|M20|M30|H[1-4]|H6|H8|H12|D1|W1)$")


@dataclass(frozen=True)
class BarFormat:
    """How one file is written.

    `name` is "mt5-export", "rates-csv" (with tick_volume) or "volume-csv"; `columns` gives the position of each known
    column ("time" alone, or "date" with "clock"); `ignored` are the header's other names.
    """

    name: str
    separator: bytes
    width: int
    columns: Mapping[str, int]
    ignored: tuple[str, ...]


def recognise(header: bytes, path: Path) -> BarFormat:
    """Read the header line. Raises UserMistake: a column is missing or named twice, or these are no bars."""
    if not header.strip():
        raise UserMistake(_EMPTY(path=path.name))
    best = max(_SEPARATORS, key=lambda each: (len(_known(header, each)), header.count(each)))
    names = _split(header, best)
    known = _known(header, best)
    if {"bid", "ask"} <= set(names):
        raise UserMistake(_TICKS(path=path.name))
    if not known:
        raise UserMistake(_NO_HEADER(path=path.name))
    columns: dict[str, int] = {}
    for position, name in enumerate(names):
        meaning = _NAMES.get(name)
        if meaning is None:
            continue
        if meaning in columns:
            raise UserMistake(_TWICE(path=path.name, column=name))
        columns[meaning] = position
    if "volume" in columns:
        # Beside a tick volume, a plain volume is the exchange's; alone it is what MetaTrader counts: ticks.
        columns["real_volume" if "tick_volume" in columns else "tick_volume"] = columns.pop("volume")
    if "date" in columns and "time" in columns:
        columns["clock"] = columns.pop("time")
    elif "date" in columns:
        columns["time"] = columns.pop("date")
    missing = [
        name
        for name in ("time", *PRICES)
        if name not in columns and not (name == "time" and "date" in columns)
    ]
    if missing:
        found = ", ".join(name for name in names if name)[:200]
        raise UserMistake(_LACKS(path=path.name, missing=", ".join(missing), found=found))
    kind = "mt5-export" if b"<" in header else "rates-csv" if "spread" in columns else "volume-csv"
    ignored = tuple(name for name in names if name and name not in _NAMES)
    return BarFormat(kind, best, len(names), columns, ignored)


def _split(header: bytes, separator: bytes) -> list[str]:
    fields = header.decode("utf-8", errors="replace").strip("\r\n").split(separator.decode())
    return [field.strip().strip('"').strip("<>").strip().lower() for field in fields]


def _known(header: bytes, separator: bytes) -> list[str]:
    return [name for name in _split(header, separator) if name in _NAMES]


def named_after(path: Path) -> tuple[str | None, Timeframe | None]:
    """Symbol and timeframe as the file's name gives them: `EURUSD_H1.csv`, `X_META_16385_data.csv`, `EURUSDM15.csv`.

    MetaTrader names its exports `EURUSD_M1_202001020000_202012312359.csv`. What the name does not tell is None.
    """
    stem = path.name
    for suffix in (".gz", ".csv", ".txt"):
        if stem.lower().endswith(suffix):
            stem = stem[: -len(suffix)]
    for found in _TIMEFRAME.finditer(stem):
        timeframe = _timeframe(found.group(1))
        if timeframe is not None:
            before = [part for part in re.split(r"[_\- ]", stem[: found.start()]) if part]
            return (before[-1] if before else None), timeframe
    glued = _GLUED.match(stem)
    if glued:
        return glued.group(1), Timeframe.named(glued.group(2))
    return None, None


def _timeframe(word: str) -> Timeframe | None:
    word = "MN1" if word.upper() == "MN" else word.upper()
    for each in Timeframe:
        if word == each.name or (len(word) >= 5 and word == str(each.mt5)):
            return each
    return None
