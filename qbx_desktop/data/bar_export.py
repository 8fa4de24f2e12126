"""Bars out as a file in MetaTrader 5's own export format, which it and this program read back."""

from __future__ import annotations

import gzip
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import numpy as np

from ..domain.bars import Bars
from ..domain.errors import UserMistake
from ..domain.messages import declare
from ..domain.timeframe import Timeframe

_EXISTS = declare(
    "bars.export.exists", "{path} exists already. Nothing was written; choose another name, or --overwrite."
)
_UNWRITABLE = declare("bars.export.unwritable", "{path} cannot be written ({why}). Nothing was left behind.")

_COLUMNS = ("<OPEN>", "<HIGH>", "<LOW>", "<CLOSE>", "<TICKVOL>", "<VOL>", "<SPREAD>")
_PART = 20_000


def export_bars(
    bars: Bars, path: Path | str, *, timeframe: Timeframe, digits: int, overwrite: bool = False
) -> None:
    """Write `bars` to `path` (gzip when the name ends in .gz), whole or not at all.

    Tabs, `YYYY.MM.DD`, a time column below one day, prices with all `digits`: as the terminal's Export Bars. Raises
    UserMistake when the file exists (unless `overwrite`) or cannot be written.
    """
    path = Path(path)
    if path.exists() and not overwrite:
        raise UserMistake(_EXISTS(path=str(path)))
    try:
        handle, name = tempfile.mkstemp(prefix=".qbx-", dir=path.parent or Path())
    except OSError as error:
        raise UserMistake(_UNWRITABLE(path=str(path), why=error.strerror or str(error))) from error
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as raw:
            if path.suffix == ".gz":
                # Without the time of writing, the same bars always make the same file.
                with gzip.GzipFile(filename="", mode="wb", fileobj=raw, mtime=0) as packed:
                    _write(packed, bars, timeframe, digits)
            else:
                _write(raw, bars, timeframe, digits)
            raw.flush()
            os.fsync(raw.fileno())
        temporary.replace(path)
    except OSError as error:
        raise UserMistake(_UNWRITABLE(path=str(path), why=error.strerror or str(error))) from error
    finally:
        temporary.unlink(missing_ok=True)


def _write(stream: IO[bytes] | gzip.GzipFile, bars: Bars, timeframe: Timeframe, digits: int) -> None:
    with_clock = timeframe.seconds < 86_400 or bool(np.any(bars.time % 86_400))
    names = ("<DATE>", "<TIME>", *_COLUMNS) if with_clock else ("<DATE>", *_COLUMNS)
    stream.write(("\t".join(names) + "\r\n").encode())
    for begin in range(0, len(bars), _PART):
        stream.write("".join(_lines(bars[begin : begin + _PART], with_clock, digits)).encode())


def _lines(bars: Bars, with_clock: bool, digits: int) -> Iterator[str]:
    times = np.datetime_as_string(bars.time.astype("datetime64[s]"))
    prices = f"%.{digits}f\t%.{digits}f\t%.{digits}f\t%.{digits}f\t%d\t%d\t%d\r\n"
    rows = zip(
        bars.open.tolist(), bars.high.tolist(), bars.low.tolist(), bars.close.tolist(), bars.tick_volume.tolist(),
        bars.real_volume.tolist(), bars.spread.tolist(), strict=True,
    )  # fmt: skip
    for time, row in zip(times.tolist(), rows, strict=True):
        date = time[:10].replace("-", ".")
        yield (f"{date}\t{time[11:]}\t" if with_clock else f"{date}\t") + prices % row
