"""Makes the sample prices: invented hour bars for a first backtest, always the same, from the standard library alone.

Run `python make_samples.py` in this folder to write the files again. The numbers are drawn, not quoted: volatility
comes and goes in clusters and follows the hours of the day, weekends leave gaps, spreads widen around midnight. No
strategy's profit on them means anything about a real market.
"""

from __future__ import annotations

import gzip
import math
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

HOUR, DAY = 3_600, 86_400
FIRST_MONDAY = 1_641_168_000  # 2022-01-03 00:00 server time
WEEKS = 156
STEPS = 20
HOMESICK = 0.0003
HEADER = "time,open,high,low,close,tick_volume,spread,real_volume\n"
# How lively each hour of the day is, server time (two hours before UTC): Asia, Europe, both with New York, the close.
LIVELY = (
    0.55, 0.60, 0.70, 0.75, 0.70, 0.60, 0.60, 0.65, 0.90, 1.20, 1.35, 1.25,
    1.10, 1.05, 1.15, 1.45, 1.70, 1.65, 1.40, 1.10, 0.90, 0.75, 0.65, 0.50,
)  # fmt: skip


@dataclass(frozen=True)
class Sample:
    """One instrument: its price at the start, volatility a year, usual spread in points and ticks an hour."""

    symbol: str
    digits: int
    start: float
    volatility: float
    spread: int
    ticks: int
    daily_break: bool
    seed: int


SAMPLES = (
    Sample("EURUSD", 5, 1.10, 0.075, 8, 2_400, False, 20_220_103),
    Sample("USDJPY", 3, 130.0, 0.095, 10, 2_900, False, 20_220_104),
    Sample("XAUUSD", 2, 1_850.0, 0.140, 18, 4_200, True, 20_220_105),
)


def lines(sample: Sample) -> Iterator[str]:
    """The file's text, line by line."""
    dice = random.Random(sample.seed)
    yield HEADER
    price, mood, drift = sample.start, 0.0, 0.0
    point = 10.0**-sample.digits
    an_hour = sample.volatility / math.sqrt(260 * 24)
    for time in hours(sample.daily_break):
        day, hour = time // DAY, time // HOUR % 24
        monday_open = (day + 4) % 7 == 1 and hour == (1 if sample.daily_break else 0)
        if hour == 8:
            # Once a day the liveliness and the lean of the market move on, slowly forgetting where they were.
            mood = 0.93 * mood + dice.gauss(0, 0.16)
            drift = 0.95 * drift + dice.gauss(0, 0.02)
        if monday_open:
            price *= math.exp(dice.gauss(0, 2.2 * an_hour))
        size = an_hour * LIVELY[hour] * math.exp(mood) * (3.0 if dice.random() < 0.006 else 1.0)
        # A weak pull home keeps three years of chance near prices that look familiar.
        lean = (drift * size - HOMESICK * math.log(price / sample.start)) / STEPS
        path = [price]
        for _ in range(STEPS):
            path.append(path[-1] * math.exp(dice.gauss(lean, size / math.sqrt(STEPS))))
        price = path[-1]
        points = [round(each / point) for each in path]
        volume = max(1, round(sample.ticks * size / an_hour * math.exp(dice.gauss(0, 0.18))))
        wide = 4.0 if hour in (0, 23) else 1.6 if hour in (1, 22) else 1.0
        spread = max(1, round(sample.spread * wide * math.exp(dice.gauss(0, 0.22))))
        shown = [
            f"{each * point:.{sample.digits}f}" for each in (points[0], max(points), min(points), points[-1])
        ]
        yield f"{date(time)},{','.join(shown)},{volume},{spread},0\n"


def hours(daily_break: bool) -> Iterator[int]:
    """The hours in which the market is open: Monday to Friday, not on Christmas and New Year's Day."""
    for week in range(WEEKS):
        for hour in range(5 * 24):
            time = FIRST_MONDAY + week * 7 * DAY + hour * HOUR
            if date(time)[5:10] in ("12-25", "01-01") or (daily_break and hour % 24 == 0):
                continue
            yield time


def date(time: int) -> str:
    """A server time as `YYYY-MM-DD HH:MM:SS`."""
    days = time // DAY + 719_468
    era, of_era = divmod(days, 146_097)
    year_of_era = (of_era - of_era // 1_460 + of_era // 36_524 - of_era // 146_096) // 365
    of_year = of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
    month = (5 * of_year + 2) // 153
    day = of_year - (153 * month + 2) // 5 + 1
    month = month + 3 if month < 10 else month - 9
    year = year_of_era + era * 400 + (month <= 2)
    hour, rest = divmod(time % DAY, HOUR)
    return f"{year:04}-{month:02}-{day:02} {hour:02}:{rest // 60:02}:{rest % 60:02}"


def main() -> None:
    """Write all files beside this one."""
    for sample in SAMPLES:
        text = "".join(lines(sample)).encode()
        path = Path(__file__).with_name(f"{sample.symbol}_H1.csv.gz")
        path.write_bytes(gzip.compress(text, 9, mtime=0))


if __name__ == "__main__":
    main()
