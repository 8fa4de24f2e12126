"""Text cells to numbers, a block of rows at once and exactly: a decimal is a whole number and a count of decimals."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..domain.bars import Floats, Ints

Bytes = NDArray[np.uint8]
Mask = NDArray[np.bool_]

_NEWLINE, _DOT, _COMMA, _ZERO, _COLON, _T, _SPACE = (ord(each) for each in "\n.,0:T ")
_DATE_MARKS = tuple(ord(each) for each in "-./")
_DECIMAL = re.compile(r"[+-]?(?=\d|[.,]\d)\d{0,18}(?:[.,]\d{0,40})?(?:[eE][+-]?\d{1,3})?")
# The most decimals a symbol has in MetaTrader 5.
MOST_DIGITS = 10
# Longer numbers leave what int64, and above it what a float, counts exactly; they go the slow way.
_FAST_DIGITS = 18
_EXACT = 2**53
# Each is exact, so that a whole number below 2**53 divided by one is the float nearest to the decimal.
_POWERS = np.array([10.0**k for k in range(_FAST_DIGITS + 1)])
# Shorter fractions cannot make 15 significant digits: no price has nine digits before the point.
_SHORT_FRACTION = 6
# A float written in full has 15 to 17 significant digits.
_FULL_FLOAT = 15
_EPS = float(np.finfo(np.float64).eps)
_NO_TIME = np.iinfo(np.int64).min
# No bar lies beyond the year 2199: such a time is a typing error or another unit.
_LAST_YEAR = 2_199
_LAST_SECOND = 7_258_118_399
_MONTH_DAYS = np.array([0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])


@dataclass(frozen=True)
class Rows:
    """The cells of the regular rows of one block: `start[i, j]` to `stop[i, j]` in `text`.

    `row` is each one's position among the block's lines; `wrong` are the positions of lines with another number of
    fields, `found` theirs; blank lines are neither. `lines` counts all.
    """

    text: Bytes
    start: Ints
    stop: Ints
    row: Ints
    wrong: Ints
    found: Ints
    lines: int
    line_start: Ints
    line_stop: Ints


def split(block: bytes, separator: bytes, width: int) -> Rows:
    """Find the cells of a block of lines (each ended by a newline), `width` fields a line."""
    text = np.frombuffer(block, dtype=np.uint8)
    marks = np.flatnonzero((text == _NEWLINE) | (text == separator[0]))
    ends = marks[text[marks] == _NEWLINE]
    begins = np.concatenate((np.zeros(1, dtype=np.int64), ends[:-1] + 1))
    row = np.arange(len(ends))
    wrong = found = np.zeros(0, dtype=np.int64)
    if len(marks) != len(ends) * width or not np.array_equal(marks[width - 1 :: width], ends):
        of_line = np.searchsorted(ends, marks)
        fields = np.bincount(of_line, minlength=len(ends))
        blank = np.array(
            [
                not block[a:b].strip()
                for a, b in zip(begins[fields != width], ends[fields != width], strict=True)
            ]
        )
        odd = np.flatnonzero(fields != width)
        wrong = odd[~blank] if len(odd) else odd
        found = fields[wrong]
        regular = fields == width
        row = np.flatnonzero(regular)
        marks = marks[regular[of_line]]
    stop = marks.reshape(-1, width)
    start = np.empty_like(stop)
    start[:, 0] = begins[row]
    start[:, 1:] = stop[:, :-1] + 1
    return Rows(text, start, stop, row, wrong, found, len(ends), begins, ends)


def decimals(rows: Rows, column: int, comma: bool) -> tuple[Floats, NDArray[np.int64], Mask]:
    """One column as the floats nearest to the decimals written, the number of decimals of each, and which are bad.

    A float written with its binary noise (1.5969600000000002) counts as noise: see :func:`noise_of`.
    """
    whole, places, odd = _scan(rows, column, comma)
    value: Floats = whole / _POWERS[places]
    bad = np.zeros(len(odd), dtype=np.bool_)
    for i in np.flatnonzero(odd):
        read = _slow_decimal(_cell(rows, int(i), column), comma)
        if read is None:
            bad[i] = True
            value[i], places[i] = math.nan, 0
        else:
            value[i], places[i] = read
    return value, places, bad


def counts(rows: Rows, column: int, comma: bool) -> tuple[Ints, Mask]:
    """One column of whole numbers (volumes, spread), and which are bad. `2291.0` is whole; a negative one is bad."""
    whole, places, odd = _scan(rows, column, comma)
    bad = np.zeros(len(odd), dtype=np.bool_)
    for i in np.flatnonzero(odd | (places > 0)):
        read = _slow_decimal(_cell(rows, int(i), column), comma)
        good = read is not None and read[0] == math.floor(read[0]) and 0 <= read[0] < 2.0**62
        bad[i] = not good
        whole[i] = int(read[0]) if good and read is not None else 0
    return whole, bad


def _scan(rows: Rows, column: int, comma: bool) -> tuple[Ints, Ints, Mask]:
    """Digits and at most one decimal mark as whole number and decimals; what is not so simple is `odd`."""
    start = rows.start[:, column]
    length = rows.stop[:, column] - start
    whole = np.zeros(len(start), dtype=np.int64)
    places = np.zeros(len(start), dtype=np.int64)
    odd = (length == 0) | (length > _FAST_DIGITS)
    # Cells of one length are scanned together: mostly their decimal marks stand below each other.
    sizes = np.flatnonzero(np.bincount(np.minimum(length, _FAST_DIGITS + 1), minlength=1)).tolist()
    for size in sizes:
        if not 0 < size <= _FAST_DIGITS:
            continue
        if len(sizes) == 1:
            return _scan_equal(rows.text, start, size, comma)
        part = np.flatnonzero(length == size)
        whole[part], places[part], odd[part] = _scan_equal(rows.text, start[part], size, comma)
    return whole, places, odd


def _scan_equal(text: Bytes, start: Ints, size: int, comma: bool) -> tuple[Ints, Ints, Mask]:
    """:func:`_scan` for cells of `size` characters, character by character over all of them."""
    whole = np.zeros(len(start), dtype=np.int64)
    mark = np.full(len(start), size - 1, dtype=np.int64)
    odd = np.zeros(len(start), dtype=np.bool_)
    marked = np.zeros(len(start), dtype=np.bool_)
    for k in range(size):
        character = text[start + k]
        digit = character - _ZERO  # wraps, so that only digits are below 10
        is_digit = digit < 10
        if is_digit.all():
            whole *= 10
            whole += digit
            continue
        is_mark = (character == _DOT) | (character == _COMMA) if comma else character == _DOT
        odd |= (is_mark & marked) | ~(is_digit | is_mark)
        marked |= is_mark
        mark[is_mark] = k
        if not is_mark.all():
            whole = np.where(is_digit, whole * 10 + digit, whole)
    odd |= whole > _EXACT
    if size == 1:
        odd |= marked
    return whole, np.where(odd, 0, size - 1 - mark), odd


def _cell(rows: Rows, i: int, column: int) -> str:
    return rows.text[rows.start[i, column] : rows.stop[i, column]].tobytes().decode("utf-8", errors="replace")


def cell_text(rows: Rows, i: int, column: int) -> str:
    """What is written in a cell, cut to 40 characters."""
    return _cell(rows, i, column)[:40]


def line_text(rows: Rows, position: int) -> str:
    """What is written in a line of the block, cut to 60 characters."""
    part = rows.text[rows.line_start[position] : rows.line_stop[position]][:60]
    return part.tobytes().decode("utf-8", errors="replace")


def _slow_decimal(text: str, comma: bool) -> tuple[float, int] | None:
    """Signs, exponents, spaces and long numbers: value and decimals, or None."""
    text = text.strip()
    if not text.isascii() or not _DECIMAL.fullmatch(text) or ("," in text and not comma):
        return None
    text = text.replace(",", ".")
    value = float(text)
    if not math.isfinite(value):
        return None
    number, _, exponent = text.lower().partition("e")
    places = len(number.partition(".")[2]) - int(exponent or 0)
    return value, max(places, 0)


def noise_of(value: Floats, places: Ints) -> tuple[Floats, Ints, Mask]:
    """Take the binary noise out of floats written in full: cleaned values, their decimals, and which were noise.

    A value counts as noise when it has 15 or more significant digits and lies within a few units in the last place
    of a number of at most :data:`MOST_DIGITS` decimals without being it.
    """
    noise = np.zeros(len(value), dtype=np.bool_)
    if not (places > _SHORT_FRACTION).any():
        return value, places, noise
    with np.errstate(divide="ignore", invalid="ignore"):
        significant = places + np.floor(np.log10(np.abs(value))) + 1
    left = np.flatnonzero((significant >= _FULL_FLOAT) & (places > _SHORT_FRACTION) & np.isfinite(value))
    if not len(left):
        return value, places, noise
    value, places = value.copy(), places.copy()
    for digits in range(MOST_DIGITS + 1):
        scaled = value[left] * 10.0**digits
        whole = np.rint(scaled)
        near = np.abs(scaled - whole) <= np.minimum(8 * _EPS * np.abs(scaled), 0.01)
        hit = left[near]
        clean = whole[near] / 10.0**digits
        noise[hit] = value[hit] != clean
        value[hit], places[hit] = clean, digits
        left = left[~near]
        if not len(left):
            break
    return value, places, noise


def times(rows: Rows, date_column: int, clock_column: int | None) -> tuple[Ints, Mask]:
    """Server epoch seconds of one column (`YYYY-MM-DD HH:MM:SS` and its kin, or epoch seconds) or of two; and bad rows."""
    time = _dates(rows, date_column)
    if clock_column is not None:
        clock = _clocks(rows, clock_column)
        whole_days = np.mod(time, 86_400) == 0
        time = np.where((time == _NO_TIME) | (clock < 0) | ~whole_days, _NO_TIME, time + clock)
    bad = time == _NO_TIME
    return np.where(bad, 0, time), bad


def _dates(rows: Rows, column: int) -> Ints:
    start, length = _trimmed(rows, column)
    time = np.full(len(start), _NO_TIME, dtype=np.int64)
    for size in (19, 16, 10):
        of_size = np.flatnonzero(length == size)
        if len(of_size):
            time[of_size] = _calendar(rows.text, start[of_size], size)
    seconds = np.flatnonzero((time == _NO_TIME) & (length >= 9) & (length <= 10))
    if len(seconds):
        whole = np.zeros(len(seconds), dtype=np.int64)
        good = np.ones(len(seconds), dtype=np.bool_)
        last = len(rows.text) - 1
        for k in range(10):
            inside = k < length[seconds]
            digit = rows.text[np.minimum(start[seconds] + k, last)] - _ZERO
            good &= ~inside | (digit < 10)
            whole = np.where(inside, whole * 10 + digit, whole)
        good &= whole <= _LAST_SECOND
        time[seconds[good]] = whole[good]
    return time


def _clocks(rows: Rows, column: int) -> Ints:
    """Seconds since midnight of `HH:MM` or `HH:MM:SS`, -1 where it is neither."""
    start, length = _trimmed(rows, column)
    clock = np.full(len(start), -1, dtype=np.int64)
    for size in (8, 5):
        of_size = np.flatnonzero(length == size)
        if len(of_size):
            seconds, good = _clock(rows.text, start[of_size], size)
            clock[of_size] = np.where(good, seconds, -1)
    return clock


def _trimmed(rows: Rows, column: int) -> tuple[Ints, Ints]:
    """Start and length of the cells without the spaces around them."""
    start, stop = rows.start[:, column].copy(), rows.stop[:, column].copy()
    if len(start):
        for _ in range(8):
            spaced = (stop > start) & (rows.text[np.minimum(start, len(rows.text) - 1)] == _SPACE)
            if not spaced.any():
                break
            start += spaced
        for _ in range(8):
            spaced = (stop > start) & (rows.text[np.maximum(stop - 1, 0)] == _SPACE)
            if not spaced.any():
                break
            stop -= spaced
    return start, stop - start


def _calendar(text: Bytes, start: Ints, size: int) -> Ints:
    """Epoch seconds of a date with (19, 16) or without (10) a time of day; `_NO_TIME` where it is none."""
    century, good = _pair(text, start)
    years, fine = _pair(text, start + 2)
    month, fine_month = _pair(text, start + 5)
    day, fine_day = _pair(text, start + 8)
    good &= fine & fine_month & fine_day
    mark = text[start + 4]
    good &= np.isin(mark, _DATE_MARKS) & (text[start + 7] == mark)
    year = century * 100 + years
    leap = (year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0))
    month = np.where(good & (month <= 12), month, 0)
    good &= (
        (year >= 1970)
        & (year <= _LAST_YEAR)
        & (day >= 1)
        & (day <= _MONTH_DAYS[month] + (leap & (month == 2)))
    )
    time = _days(year, month, day) * 86_400
    if size > 10:
        between = text[start + 10]
        seconds, fine = _clock(text, start + 11, size - 11)
        good &= fine & ((between == _SPACE) | (between == _T))
        time += seconds
    return np.where(good, time, _NO_TIME)


def _clock(text: Bytes, start: Ints, size: int) -> tuple[Ints, Mask]:
    hour, good = _pair(text, start)
    minute, fine = _pair(text, start + 3)
    good &= fine & (text[start + 2] == _COLON) & (hour < 24) & (minute < 60)
    seconds = hour * 3_600 + minute * 60
    if size == 8:
        second, fine = _pair(text, start + 6)
        good &= fine & (text[start + 5] == _COLON) & (second < 60)
        seconds += second
    return seconds, good


def _pair(text: Bytes, at: Ints) -> tuple[Ints, Mask]:
    """The two digits at `at`, and whether they are digits."""
    tens, ones = text[at] - _ZERO, text[at + 1] - _ZERO
    value: NDArray[Any] = tens.astype(np.int64) * 10 + ones
    return value, (tens < 10) & (ones < 10)


def _days(year: Ints, month: Ints, day: Ints) -> Ints:
    """Days from 1970-01-01 of a date in the Gregorian calendar (years counted from March)."""
    early = month <= 2
    y = year - early
    era = y // 400
    of_era = y - era * 400
    of_year = (153 * np.where(early, month + 9, month - 3) + 2) // 5 + day - 1
    days: Ints = era * 146_097 + of_era * 365 + of_era // 4 - of_era // 100 + of_year - 719_468
    return days
