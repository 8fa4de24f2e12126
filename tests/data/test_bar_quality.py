"""The quality report: each planted fault is found with its count and line, and a healthy market is left in peace."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pytest

from qbx_desktop.data.bar_export import export_bars
from qbx_desktop.data.bar_file_check import check_file
from qbx_desktop.data.bar_holidays import closed_days
from qbx_desktop.data.bar_months import COLUMNS
from qbx_desktop.data.bar_quality import QualityCheck, check
from qbx_desktop.data.bar_report import QualityReport, Severity, Verdict
from qbx_desktop.domain.bars import Bars
from qbx_desktop.domain.errors import Stop, UserMistake
from qbx_desktop.domain.timeframe import Timeframe

HOUR, DAY = 3_600, 86_400
MONDAY = 1_577_664_000  # 2019-12-30


def week_times(weeks: int, step: int = HOUR) -> np.ndarray:
    """Monday 00:00 to Friday 24:00."""
    week = np.arange(0, 5 * DAY, step)
    return (MONDAY + 7 * DAY * np.arange(weeks)[:, None] + week[None, :]).ravel()


def walk(time: np.ndarray, seed: int = 1, volume: int = 2_000) -> dict[str, np.ndarray]:
    """A healthy history on these times, as columns that a test may spoil; prices in points of 0.00001."""
    dice = np.random.default_rng(seed)
    n = len(time)
    close = 110_000 + np.cumsum(dice.integers(-60, 61, n))
    opens = np.concatenate(([110_000], close[:-1]))
    return {
        "time": time.copy(),
        "open": opens,
        "high": np.maximum(opens, close) + dice.integers(10, 80, n),
        "low": np.minimum(opens, close) - dice.integers(10, 80, n),
        "close": close,
        "tick_volume": dice.integers(volume // 2, volume * 2, n),
        "spread": dice.integers(1, 9, n),
        "real_volume": np.zeros(n, dtype=np.int64),
    }


def bars_of(columns: dict[str, np.ndarray]) -> Bars:
    return Bars(
        *(columns[name] / (1e5 if name in ("open", "high", "low", "close") else 1) for name in COLUMNS)
    )


def report_of(columns: dict[str, np.ndarray], timeframe: Timeframe = Timeframe.H1) -> QualityReport:
    return check(bars_of(columns), timeframe, digits=5)


def without(columns: dict[str, np.ndarray], first: int, stop: int) -> dict[str, np.ndarray]:
    return {name: np.delete(column, slice(first, stop)) for name, column in columns.items()}


def test_a_healthy_market_is_clean() -> None:
    report = report_of(walk(week_times(60)))
    assert report.verdict is Verdict.CLEAN
    assert {each.kind for each in report.findings} == {"weekend", "spread"}
    assert report.quality == 1.0
    assert len(report.ribbon) == 60
    assert report.bars == sum(band.bars for band in report.ribbon) == 60 * 120


@pytest.mark.parametrize("timeframe", [Timeframe.M1, Timeframe.M15, Timeframe.H4, Timeframe.D1])
def test_every_timeframe_can_be_clean(timeframe: Timeframe) -> None:
    report = report_of(walk(week_times(30, timeframe.seconds)), timeframe)
    assert report.verdict is Verdict.CLEAN, report.findings


def test_weekly_and_monthly_bars_can_be_clean() -> None:
    weeks = MONDAY - DAY + 7 * DAY * np.arange(300)
    months = (np.datetime64("2000-01") + np.arange(200)).astype("datetime64[s]").astype(np.int64)
    for time, timeframe in ((weeks, Timeframe.W1), (months, Timeframe.MN1)):
        report = report_of(walk(time), timeframe)
        assert report.verdict is Verdict.CLEAN, report.findings
        assert report.finding("holes") is None


def test_daily_breaks_are_the_markets_own() -> None:
    columns = walk(week_times(30))
    keep = (columns["time"] // HOUR) % 24 != 23
    report = report_of({name: column[keep] for name, column in columns.items()})
    assert report.verdict is Verdict.CLEAN
    assert report.finding("break").count == 30 * 4
    assert report.finding("weekend").count == 29


def test_christmas_is_a_holiday_and_a_lost_week_is_a_hole() -> None:
    columns = walk(week_times(60))
    christmas = int(np.flatnonzero(columns["time"] == 1_608_854_400)[0])  # 2020-12-25, a Friday
    columns = without(columns, christmas, christmas + 24)
    report = report_of(columns)
    assert report.finding("holiday").lines == (christmas + 2,)
    assert report.finding("holes") is None
    columns = without(columns, 1_200, 1_320)
    report = report_of(columns)
    hole = report.finding("holes")
    assert (hole.count, hole.lines, hole.severity) == (1, (1_202,), Severity.NOTE)
    assert hole.message.params["days"] == 5
    assert "2020-03-09 00:00" not in hole.message.text  # the hole begins after the bar before it
    assert "2020-03-16 00:00" in hole.message.text
    assert report.ribbon[10].quality < 0.05
    assert 0.97 < report.quality < 0.99


def test_a_long_hole_breaks_a_history() -> None:
    report = report_of(without(walk(week_times(60)), 1_200, 2_500))
    assert report.finding("holes").severity is Severity.BAD
    assert report.verdict is Verdict.BROKEN


def test_a_lost_hour_is_told_and_harmless() -> None:
    report = report_of(without(walk(week_times(60)), 1_210, 1_211))
    hole = report.finding("holes")
    assert (hole.count, hole.lines, hole.severity) == (1, (1_212,), Severity.INFO)
    assert report.verdict is Verdict.CLEAN


@pytest.mark.parametrize("column", ["low", "high"])
def test_spikes_are_found_by_line(column: str) -> None:
    columns = walk(week_times(60))
    for i in (700, 1_500, 3_000):
        columns[column][i] += 20_000 if column == "high" else -20_000
    found = report_of(columns).finding("spikes")
    assert (found.count, found.lines, found.severity) == (3, (702, 1_502, 3_002), Severity.BAD)


def test_a_bad_close_is_a_spike_too_and_one_is_a_note() -> None:
    columns = walk(week_times(60))
    columns["close"][700] = columns["low"][700] = columns["low"][701] = columns["open"][701] = 90_000
    report = report_of(columns)
    assert report.finding("spikes").lines == (702, 703)
    assert report.verdict is Verdict.USABLE


def test_a_crash_that_stays_is_no_spike() -> None:
    columns = walk(week_times(60))
    for name in ("open", "high", "low", "close"):
        columns[name][2_000:] -= 5_000
    report = report_of(columns)
    assert report.finding("spikes") is None
    assert report.verdict is Verdict.CLEAN


def test_another_instrument_under_the_same_name() -> None:
    columns = walk(week_times(60))
    for name in ("open", "high", "low", "close"):
        columns[name][2_000:] *= 12
    found = report_of(columns).finding("jump")
    assert (found.lines, found.severity) == ((2_002,), Severity.BAD)
    assert "stays there" in found.message.text


def test_two_feeds_joined() -> None:
    first, second = (
        walk(week_times(40)),
        walk(MONDAY + 40 * 7 * DAY + np.arange(40 * 7 * 24) * HOUR, seed=2, volume=40),
    )
    columns = {name: np.concatenate((first[name], second[name])) for name in COLUMNS}
    for name in ("open", "high", "low", "close"):
        columns[name][4_800:] += first["close"][-1] - second["open"][0]
    report = report_of(columns)
    found = report.finding("feed_change")
    assert found.severity is Severity.BAD
    # The first bar that the first feed could not have had: Saturday of the 41st week.
    assert found.lines == (4_800 + 5 * 24 + 2,)
    assert "weekend bars no -> yes" in found.message.text
    assert "usual tick volume" in found.message.text
    assert report.finding("weekend_bars").count == 40 * 48


def test_a_volume_level_alone_is_no_fault() -> None:
    columns = walk(week_times(60))
    columns["tick_volume"][3_600:] *= 20
    report = report_of(columns)
    assert report.finding("volume_level").lines == (3_602,)
    assert report.verdict is Verdict.CLEAN


def test_fewer_bars_a_day_from_some_day_on_are_a_note() -> None:
    columns = walk(week_times(60))
    keep = (columns["time"] < MONDAY + 30 * 7 * DAY) | ((columns["time"] // HOUR) % 24 < 8)
    report = report_of({name: column[keep] for name, column in columns.items()})
    assert report.finding("feed_change").severity is Severity.NOTE
    assert "weekday bars a week 120 -> 40" in report.finding("feed_change").message.text


def test_a_market_open_at_weekends_is_clean() -> None:
    report = report_of(walk(MONDAY + np.arange(30 * 7 * 24) * HOUR))
    assert report.verdict is Verdict.CLEAN
    assert report.finding("weekend_bars").severity is Severity.INFO
    assert report.finding("weekend") is None


def test_a_few_weekend_bars_are_a_change_of_clocks_many_are_a_note() -> None:
    columns = walk(week_times(60))
    sunday = columns["time"][120 * 10] - HOUR
    columns = {name: np.insert(column, 1_200, column[1_199]) for name, column in columns.items()}
    columns["time"][1_200] = sunday
    report = report_of(columns)
    assert (report.finding("weekend_bars").lines, report.verdict) == ((1_202,), Verdict.CLEAN)


def test_a_feed_that_stands_still() -> None:
    columns = walk(week_times(60))
    for name in ("open", "high", "low", "close"):
        columns[name][500:530] = columns["close"][499]
        columns[name][700:703] = columns["close"][699]
    found = report_of(columns).finding("flat")
    assert (found.count, found.lines, found.severity) == (30, (502,), Severity.NOTE)


def test_a_high_that_is_stuck() -> None:
    columns = walk(week_times(60))
    columns["high"][500:560] = columns["high"][500:560].max()
    found = report_of(columns).finding("stuck")
    assert found.message.params["runs"] == 1
    assert found.count == 59
    assert found.lines == (503,)


def test_daily_bars_in_an_hourly_history() -> None:
    columns = walk(week_times(60))
    keep = (columns["time"] >= MONDAY + 10 * 7 * DAY) | (columns["time"] % DAY == 0)
    report = report_of({name: column[keep] for name, column in columns.items()})
    found = report.finding("alone")
    assert found.count == 50
    assert found.lines == (2,)
    assert report.ribbon[0].quality < 0.01
    assert report.finding("feed_change") is None


def test_bars_off_their_grid() -> None:
    columns = walk(week_times(10))
    columns["time"][100:110] += 60
    assert report_of(columns).finding("off_grid").count == 10


def test_the_order_of_parts_does_not_matter() -> None:
    columns = walk(week_times(400))
    columns["low"][[700, 40_000, 41_000]] -= 20_000
    columns = without(columns, 30_000, 30_120)
    bars = bars_of(columns)
    whole = check(bars, Timeframe.H1, digits=5)
    looked = QualityCheck(Timeframe.H1, 5)
    lines = np.arange(len(bars)) + 2
    for i in range(0, len(bars), 777):
        looked.add(bars[i : i + 777], lines[i : i + 777])
    parts = looked.finish("", [])
    assert parts.findings == whole.findings
    assert parts.ribbon == whole.ribbon
    assert len(whole.ribbon) <= 199


def test_a_long_history_is_looked_at_in_pieces() -> None:
    columns = walk(week_times(30, 60))
    columns["low"][[70_000, 140_000, 200_000, 210_000, *range(150_000, 150_020)]] -= 90_000
    columns = without(columns, 100_000, 100_100)
    report = report_of(columns, Timeframe.M1)
    assert report.bars == 30 * 7_200 - 100
    assert report.finding("spikes").count >= 4
    assert report.finding("holes").lines == (100_002,)
    assert sum(band.bars for band in report.ribbon) == report.bars


@pytest.mark.parametrize("count", [1, 2, 5, 11])
def test_very_short_histories(count: int) -> None:
    report = report_of(walk(week_times(1)[:count]))
    assert report.bars == count
    assert report.verdict is Verdict.CLEAN


def test_a_report_is_json() -> None:
    columns = walk(week_times(60))
    columns["high"][[700, 1_500, 3_000]] += 20_000
    text = json.dumps(report_of(columns).to_json())
    assert json.loads(text)["verdict"] == "broken"
    assert json.loads(text)["findings"][0]["kind"] == "spikes"


def test_holidays() -> None:
    days = {str(np.datetime64(day, "D")) for day in closed_days(2024)}
    assert {
        "2024-03-29",
        "2024-04-01",
        "2024-12-25",
        "2024-11-28",
        "2024-05-27",
        "2024-06-19",
        "2024-01-15",
    } <= days
    # New Year's Day 2022 was a Saturday.
    assert "2021-12-31" in {str(np.datetime64(day, "D")) for day in closed_days(2022)}


def spoilt_file(tmp_path: Path, rows: list[str], name: str = "x_H1.csv") -> Path:
    path = tmp_path / name
    path.write_text("time,open,high,low,close,volume\n" + "\n".join(rows) + "\n")
    return path


def test_a_file_with_wrong_rows_is_reported_whole(tmp_path: Path) -> None:
    rows = [f"{MONDAY + HOUR * i},1.1,1.2,1.0,1.15,{i}" for i in range(100)]
    rows[10] = "nonsense"
    rows[20] = f"{MONDAY + HOUR * 19},1.1,1.2,1.0,1.15,1"
    rows[30] = f"{MONDAY + HOUR * 3},1.1,1.2,1.0,1.15,1"
    rows[40] = f"{MONDAY + HOUR * 40},1.1,1.0,1.2,1.15,1"
    rows[50] = f"{MONDAY + HOUR * 50},1.1,1.2,-1.0,1.15,1"
    report = check_file(spoilt_file(tmp_path, rows))
    assert report.verdict is Verdict.BROKEN
    for kind, line in (
        ("unreadable", 12),
        ("duplicates", 22),
        ("unsorted", 32),
        ("impossible", 42),
        ("not_positive", 52),
    ):
        found = report.finding(kind)
        assert (found.count, found.lines) == (1, (line,)), kind
    assert report.bars == 95


def test_a_name_that_contradicts_the_bars(tmp_path: Path) -> None:
    rows = [f"{MONDAY + 60 * i},1.1,1.2,1.0,1.15,{i}" for i in range(100)]
    report = check_file(spoilt_file(tmp_path, rows))
    assert report.timeframe is Timeframe.M1
    assert report.finding("named").severity is Severity.NOTE


def test_bars_of_no_timeframe(tmp_path: Path) -> None:
    rows = [f"{MONDAY + 7 * i},1.1,1.2,1.0,1.15,{i}" for i in range(100)]
    report = check_file(spoilt_file(tmp_path, rows))
    assert report.finding("step").message.params["seconds"] == 7
    assert report.verdict is Verdict.BROKEN


def test_a_file_without_rows_and_a_cancelled_check(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("time,open,high,low,close,volume\n")
    with pytest.raises(UserMistake, match="no bars"):
        check_file(path)
    with pytest.raises(Stop, match="cancelled"):
        check_file(spoilt_file(tmp_path, ["x"]), cancelled=lambda: True)


def test_a_file_is_reported_as_its_bars_are(tmp_path: Path) -> None:
    columns = walk(week_times(60))
    columns["high"][[700, 1_500, 3_000]] += 20_000
    path = tmp_path / "EURUSD_H1.csv"
    export_bars(bars_of(columns), path, timeframe=Timeframe.H1, digits=5)
    assert check_file(path).findings == report_of(columns).findings


REAL = os.environ.get("QBX_REAL_BARS")
needs_real = pytest.mark.skipif(not REAL, reason="QBX_REAL_BARS names no folder of real price files")


@needs_real
@pytest.mark.parametrize(
    "name", ["FBS_NZDUSD_H1", "FBS_US30_H1", "FBS_USDJPY_H1", "FBSlab_EURUSD_16385", "MetaQuotes_AUDCAD_16385", "MetaQuotes_EURJPY_16385"]
)  # fmt: skip
def test_clean_real_files_pass(name: str) -> None:
    report = check_file(Path(str(REAL)) / f"{name}_data.csv.gz")
    assert report.verdict is (Verdict.USABLE if "US30" in name else Verdict.CLEAN)
    assert not [each for each in report.findings if each.severity is Severity.BAD]
    if "US30" in name:  # its first 105 bars are daily ones
        assert report.finding("alone").count == 105


@needs_real
def test_real_usdchf_has_spikes_and_two_feeds() -> None:
    report = check_file(Path(str(REAL)) / "FBS_USDCHF_H1_data.csv.gz")
    assert report.verdict is Verdict.BROKEN
    assert report.finding("spikes").count == 10
    assert 27_347 in report.finding("spikes").lines  # 2024-04-19 06:00, a low of 0.00110
    assert "2024-01-20 09:00" in report.finding("feed_change").message.text
    assert report.finding("weekend_bars").count == 3_996


@needs_real
def test_real_meta_has_a_hole_and_a_reused_ticker() -> None:
    report = check_file(Path(str(REAL)) / "MetaQuotes_META_16385_data.csv.gz")
    assert report.verdict is Verdict.BROKEN
    assert "from 12.31 to 194.44 at 2022-06-09" in report.finding("jump").message.text
    assert report.finding("holes").message.params["days"] == 93
