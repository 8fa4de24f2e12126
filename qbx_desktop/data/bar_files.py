"""Price files in, bars out: all of a file or nothing, and every bad row named by its line."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..domain.bars import Bars, Ints
from ..domain.errors import UserMistake
from ..domain.messages import Message, declare
from ..domain.timeframe import Timeframe
from .bar_formats import PRICES, named_after
from .bar_months import joined
from .bar_rows import FIRST_FAULTS, MOST_FAULTS, Cancelled, Fault, Survey, read_blocks

_REFUSED = declare(
    "bars.file.refused",
    "{path}: {count} of {rows} rows are wrong, so nothing of the file was used. {first} "
    "Mend or export it again; 'qbx data check' lists everything.",
)
NO_BARS = declare("bars.file.no_bars", "{path} has a header and no bars. Nothing was read.")
_TOO_MANY = declare(
    "bars.file.too_many",
    "{path} has more than {most} bars, too many to hold at once. Nothing was read; import it with 'qbx data import'.",
)

MOST_BARS = 30_000_000


@dataclass(frozen=True)
class BarFile:
    """A price file that was read whole.

    `digits` are the price decimals, found in the texts; `timeframe` the commonest step between bars, else
    what the file's name says (None: neither); `symbol` is what the file's name says (None: nothing); `source` is
    the format's name; `problems` are sentences about what was put right or left out; `noise` counts prices with
    binary noise. `first_line` is the line of bar 0.
    """

    path: Path
    bars: Bars
    digits: int
    timeframe: Timeframe | None
    symbol: str | None
    source: str
    problems: tuple[Message, ...] = ()
    noise: int = 0
    first_line: int = 2

    @property
    def point(self) -> float:
        """The smallest price step: 10 to the power of -digits."""
        return float(10.0**-self.digits)


def read_bars(
    path: Path | str,
    *,
    cancelled: Cancelled | None = None,
    progress: Callable[[int], None] | None = None,
) -> BarFile:
    """Read a `.csv` or `.csv.gz` file of bars whole.

    Raises UserMistake when the file is missing, damaged or in no known format, and when one single row is wrong: it
    then names the number of wrong rows and the first lines. `progress` gets the number of rows read so far;
    `cancelled` is asked once per half a megabyte and ends the reading with Stop.
    """
    path = Path(path)
    survey = Survey(path)
    parts: list[Bars] = []
    faults: list[Fault] = []
    count = kept = 0
    first_line = 2
    for block in read_blocks(path, survey, cancelled=cancelled):
        faults = (faults + block.faults)[:FIRST_FAULTS]
        count += sum(block.fault_counts.values())
        if count >= MOST_FAULTS:
            break
        if count:
            parts.clear()
        elif len(block.bars):
            if not parts:
                first_line = int(block.line[0])
            parts.append(block.bars)
            kept += len(block.bars)
        if kept > MOST_BARS:
            raise UserMistake(_TOO_MANY(path=path.name, most=MOST_BARS))
        if progress is not None:
            progress(survey.rows)
    if count:
        raise refusal(path, faults, count, survey.rows)
    if not parts or survey.form is None:
        raise UserMistake(NO_BARS(path=path.name))
    bars = rounded(joined(parts), survey.digits)
    symbol, named = named_after(path)
    return BarFile(
        path=path, bars=bars, digits=survey.digits, timeframe=commonest_step(bars.time) or named, symbol=symbol,
        source=survey.form.name, problems=survey.notes(), noise=survey.noise, first_line=first_line,
    )  # fmt: skip


def refusal(path: Path, faults: list[Fault], count: int, rows: int) -> UserMistake:
    """The one sentence that refuses a file: how many rows are wrong, and the first of them."""
    said = "; ".join(fault.message.text for fault in faults[:FIRST_FAULTS])
    number = f"{count} or more" if count >= MOST_FAULTS else str(count)
    first = said[:1].upper() + said[1:] + ("; …" if count > len(faults[:FIRST_FAULTS]) else ".")
    return UserMistake(_REFUSED(path=path.name, count=number, rows=rows, first=first))


def rounded(bars: Bars, digits: int) -> Bars:
    """The bars with every price the float nearest to a decimal of `digits` decimals."""
    scale = 10.0**digits
    opens, high, low, close = (np.rint(getattr(bars, name) * scale) / scale for name in PRICES)
    return Bars(bars.time, opens, high, low, close, bars.tick_volume, bars.spread, bars.real_volume)


def commonest_step(time: Ints) -> Timeframe | None:
    """The timeframe whose length is the commonest step between bars; None when there is none."""
    if len(time) < 2:
        return None
    steps, times = np.unique(np.diff(time), return_counts=True)
    step = int(steps[np.argmax(times)])
    if 28 * 86_400 <= step <= 31 * 86_400:
        return Timeframe.MN1
    return next((each for each in Timeframe if each.seconds == step and each is not Timeframe.MN1), None)
