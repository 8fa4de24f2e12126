"""The bar store: what is put comes back bit for bit, ranges merge atomically, damage is told and never returned."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qbx_desktop.data import bar_codec
from qbx_desktop.data.bar_months import COLUMNS, joined
from qbx_desktop.data.bar_store import BarStore, Stored
from qbx_desktop.data.errors import DbBusy, DbDamaged, DbForeign, DbNewer
from qbx_desktop.domain.bars import Bars
from qbx_desktop.domain.errors import UserMistake
from qbx_desktop.domain.timeframe import Timeframe
from tests.fakes.clock import FakeClock

START = 1_577_836_800  # 2020-01-01
HOUR = 3_600


def some_bars(count: int, start: int = START, seed: int = 1, digits: int = 5, step: int = HOUR) -> Bars:
    dice = np.random.default_rng(seed)
    close = 110_000 + np.cumsum(dice.integers(-30, 31, count))
    opens = np.concatenate(([110_000], close[:-1])) if count else close
    high = np.maximum(opens, close) + dice.integers(0, 20, count)
    low = np.minimum(opens, close) - dice.integers(0, 20, count)
    scale = 10.0**digits
    return Bars(
        start + step * np.arange(count), opens / scale, high / scale, low / scale, close / scale,
        dice.integers(1, 5_000, count), dice.integers(0, 40, count), dice.integers(0, 9, count),
    )  # fmt: skip


def same(a: Bars, b: Bars) -> bool:
    return all(np.array_equal(getattr(a, name), getattr(b, name)) for name in COLUMNS)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[BarStore]:
    with BarStore(tmp_path / "bars.db", clock=FakeClock()) as opened:
        yield opened


def test_what_is_put_comes_back(store: BarStore) -> None:
    bars = some_bars(3_000)
    assert store.put("EURUSD", Timeframe.H1, bars, digits=5, server="Demo") == Stored(3_000, 0, 0, 0)
    assert same(store.get("EURUSD", Timeframe.H1), bars)


def test_the_series_is_described(store: BarStore) -> None:
    store.put(
        "EURUSD", Timeframe.H1, some_bars(3_000), digits=5, server="Demo", time_zone="UTC+2", source="a.csv"
    )
    (series,) = store.list()
    assert (series.server, series.symbol, series.timeframe, series.digits) == (
        "Demo",
        "EURUSD",
        Timeframe.H1,
        5,
    )
    assert (series.time_zone, series.source, series.bars) == ("UTC+2", "a.csv", 3_000)
    assert (series.first, series.last) == (START, START + 2_999 * HOUR)
    assert 0 < series.size < 3_000 * 10
    assert series.changed_ms == 1_750_000_000_000
    assert store.find("EURUSD", Timeframe.H1) == series
    # Said later without them: what was said before stays.
    store.put("EURUSD", Timeframe.H1, some_bars(1), digits=5, server="Demo")
    assert store.find("EURUSD", Timeframe.H1).time_zone == "UTC+2"


@pytest.mark.parametrize(
    ("start", "stop"), [(None, None), (10, 20), (None, 0), (700, 800), (740, 748), (5_000, None)]
)
def test_ranges_take_start_in_and_leave_stop_out(
    store: BarStore, start: int | None, stop: int | None
) -> None:
    bars = some_bars(3_000)
    store.put("X", Timeframe.H1, bars, digits=5)
    got = store.get(
        "X",
        Timeframe.H1,
        None if start is None else START + start * HOUR,
        None if stop is None else START + stop * HOUR,
    )
    assert same(got, bars[slice(start, stop)])


def test_a_second_put_overwrites_and_keeps(store: BarStore) -> None:
    old, new = some_bars(2_000), some_bars(1_000, START + 1_500 * HOUR, seed=2)
    store.put("X", Timeframe.H1, old, digits=5)
    assert store.put("X", Timeframe.H1, new, digits=5) == Stored(
        added=500, changed=500, unchanged=0, removed=0
    )
    assert same(store.get("X", Timeframe.H1), joined([old[:1_500], new]))
    assert store.put("X", Timeframe.H1, new, digits=5) == Stored(0, 0, 1_000, 0)


def test_replace_removes_what_the_new_range_lacks(store: BarStore) -> None:
    old = some_bars(5_000)
    store.put("X", Timeframe.H1, old, digits=5)
    ends = joined([old[500:600], old[4_000:4_100]])
    assert store.put("X", Timeframe.H1, ends, digits=5, replace=True) == Stored(0, 0, 200, 3_400)
    assert same(store.get("X", Timeframe.H1), joined([old[:600], old[4_000:]]))


def test_parts_may_come_one_by_one(store: BarStore) -> None:
    bars = some_bars(4_000)
    parts = (bars[i : i + 37] for i in range(0, 4_000, 37))
    assert store.put("X", Timeframe.H1, parts, digits=5).added == 4_000
    assert same(store.get("X", Timeframe.H1), bars)


def test_a_failure_between_parts_changes_nothing(store: BarStore) -> None:
    store.put("X", Timeframe.H1, some_bars(100), digits=5)

    def parts() -> Iterator[Bars]:
        yield some_bars(4_000, seed=7)
        raise UserMistake("the file broke off")

    with pytest.raises(UserMistake, match="broke off"):
        store.put("X", Timeframe.H1, parts(), digits=5)
    assert same(store.get("X", Timeframe.H1), some_bars(100))
    assert store.put("X", Timeframe.H1, some_bars(100)[:50], digits=5) == Stored(0, 0, 50, 0)


def test_prices_between_two_points_are_refused(store: BarStore) -> None:
    with pytest.raises(UserMistake, match="more than 3 decimals"):
        store.put("X", Timeframe.H1, some_bars(10), digits=3)
    assert store.list() == []


def test_parts_that_do_not_ascend_are_a_bug(store: BarStore) -> None:
    with pytest.raises(ValueError, match="ascend"):
        store.put("X", Timeframe.H1, [some_bars(10), some_bars(10)], digits=5)
    assert store.list() == []


def test_digits_grow_and_old_months_stay_exact(store: BarStore) -> None:
    coarse, fine = some_bars(2_000, digits=3), some_bars(100, START + 2_000 * HOUR, seed=3)
    store.put("X", Timeframe.H1, coarse, digits=3)
    store.put("X", Timeframe.H1, fine, digits=5)
    store.put("X", Timeframe.H1, coarse[:10], digits=3)
    assert same(store.get("X", Timeframe.H1), joined([coarse, fine]))
    assert store.find("X", Timeframe.H1).digits == 5


def test_series_are_told_apart(store: BarStore) -> None:
    a, b, c = some_bars(10, seed=1), some_bars(10, seed=2), some_bars(10, seed=3)
    store.put("X", Timeframe.H1, a, digits=5, server="A")
    store.put("X", Timeframe.H1, b, digits=5, server="B")
    store.put("X", Timeframe.M1, c, digits=5, server="A")
    assert same(store.get("X", Timeframe.H1, server="B"), b)
    assert same(store.get("X", Timeframe.M1), c)
    with pytest.raises(UserMistake, match=r"several servers \(A, B\)"):
        store.get("X", Timeframe.H1)
    with pytest.raises(UserMistake, match=r"Of this symbol there is H1 \(A\), H1 \(B\), M1 \(A\)"):
        store.get("X", Timeframe.D1)
    with pytest.raises(UserMistake, match="No bars of Y H1"):
        store.find("Y", Timeframe.H1)


def test_delete_a_range_and_a_series(store: BarStore) -> None:
    bars = some_bars(3_000)
    store.put("X", Timeframe.H1, bars, digits=5)
    assert store.delete("X", Timeframe.H1, START + 100 * HOUR, START + 2_900 * HOUR) == 2_800
    assert same(store.get("X", Timeframe.H1), joined([bars[:100], bars[2_900:]]))
    assert store.delete("X", Timeframe.H1) == 200
    assert store.list() == []


def test_long_bars_far_back(store: BarStore) -> None:
    months = (
        (np.datetime64("1971-01") + np.arange(600).astype("timedelta64[M]"))
        .astype("datetime64[s]")
        .astype(np.int64)
    )
    bars = some_bars(600)
    bars = Bars(
        months, bars.open, bars.high, bars.low, bars.close, bars.tick_volume, bars.spread, bars.real_volume
    )
    store.put("X", Timeframe.MN1, bars, digits=5)
    assert same(store.get("X", Timeframe.MN1), bars)


@pytest.mark.parametrize("damage", ["byte", "short", "empty"])
def test_a_damaged_month_is_told_and_the_others_can_be_read(store: BarStore, damage: str) -> None:
    bars = some_bars(3_000)
    store.put("X", Timeframe.H1, bars, digits=5)
    con = sqlite3.connect(store.path)
    month, data = con.execute("SELECT month, data FROM months ORDER BY month LIMIT 1 OFFSET 1").fetchone()
    middle = len(data) // 2
    broken = {
        "byte": data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :],
        "short": data[:-5],
        "empty": b"",
    }
    with con:
        con.execute("UPDATE months SET data = ? WHERE month = ?", (broken[damage], month))
    con.close()
    with pytest.raises(DbDamaged, match=r"X H1 for 2020-02 are damaged.*no position"):
        store.get("X", Timeframe.H1)
    assert same(store.get("X", Timeframe.H1, stop=START + 700 * HOUR), bars[:700])
    assert store.delete("X", Timeframe.H1) == 3_000


def test_a_file_that_is_no_store_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "bars.db"
    con = sqlite3.connect(path)
    con.execute("CREATE TABLE bots (id)")
    con.close()
    before = path.read_bytes()
    with pytest.raises(DbForeign, match="not a bar store"):
        BarStore(path)
    assert path.read_bytes()[100:] == before[100:]


def test_garbage_is_damage_with_a_sentence_about_bars(tmp_path: Path) -> None:
    path = tmp_path / "bars.db"
    path.write_bytes(b"not a database at all" * 500)
    with pytest.raises(DbDamaged, match=r"bar store .* is damaged"):
        BarStore(path)


def test_a_newer_store_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "bars.db"
    BarStore(path).close()
    con = sqlite3.connect(path)
    con.execute("PRAGMA user_version = 2")
    con.close()
    with pytest.raises(DbNewer, match="newer version"):
        BarStore(path)


def test_read_only_reads_and_never_makes_a_file(tmp_path: Path) -> None:
    path = tmp_path / "bars.db"
    with pytest.raises(UserMistake, match="no bar store"):
        BarStore(path, read_only=True)
    assert not path.exists()
    with BarStore(path) as writing:
        writing.put("X", Timeframe.H1, some_bars(10), digits=5)
    with BarStore(path, read_only=True) as reading:
        assert len(reading.get("X", Timeframe.H1)) == 10


def test_a_store_held_by_somebody_else_is_busy(store: BarStore, monkeypatch: pytest.MonkeyPatch) -> None:
    store.put("X", Timeframe.H1, some_bars(10), digits=5)
    con = sqlite3.connect(store.path, isolation_level=None)
    con.execute("BEGIN IMMEDIATE")
    store._con().execute("PRAGMA busy_timeout = 10")
    with pytest.raises(DbBusy):
        store.put("X", Timeframe.H1, some_bars(20), digits=5)
    con.execute("ROLLBACK")
    con.close()
    assert len(store.get("X", Timeframe.H1)) == 10


def test_threads_have_connections_of_their_own(store: BarStore) -> None:
    store.put("X", Timeframe.H1, some_bars(500), digits=5)
    seen: list[object] = []

    def read() -> None:
        assert len(store.get("X", Timeframe.H1)) == 500
        seen.append(store._con())

    threads = [threading.Thread(target=read) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({id(each) for each in seen}) == 4


whole = st.integers(min_value=-(2**40), max_value=2**40)


@given(
    st.integers(min_value=0, max_value=10),
    st.lists(st.tuples(st.integers(1, 10**6), whole, whole, whole, whole, st.integers(0, 2**62), st.integers(0, 2**31)), max_size=40),
)  # fmt: skip
def test_packing_is_exact_for_any_points(digits: int, rows: list[tuple[int, ...]]) -> None:
    table = np.array(rows, dtype=np.int64).reshape(-1, 7)
    a, b, c, d = np.sort(table[:, 1:5].T, axis=0)
    scale = 10.0**digits
    bars = Bars(
        np.cumsum(table[:, 0]),
        b / scale,
        d / scale,
        a / scale,
        c / scale,
        table[:, 5],
        table[:, 6],
        table[:, 5],
    )
    back, kept = bar_codec.unpack(bar_codec.pack(bars, digits))
    assert same(back, bars)
    assert kept == digits or not rows


@given(st.binary(max_size=300))
def test_any_bytes_are_either_a_month_or_unreadable(data: bytes) -> None:
    for each in (data, b"\x01" + data):
        with pytest.raises(bar_codec.UnreadableMonth):
            bar_codec.unpack(each)
