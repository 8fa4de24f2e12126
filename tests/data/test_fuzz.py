"""A fuzz run by the clock over everything that comes from outside: no crash, no hang over 2 s, nothing lost silently.

Short always; the long form runs as many seconds as QBX_FUZZ_SECONDS says (default 300) per target.
"""

from __future__ import annotations

import json
import os
import random
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from qbx_desktop.data import bots, csv_tables, history, legacy, order_log
from qbx_desktop.data.bar_file_check import check_file
from qbx_desktop.data.bar_import import import_file
from qbx_desktop.data.bar_store import BarStore
from qbx_desktop.data.database import Database
from qbx_desktop.data.home import Home
from qbx_desktop.domain.errors import PLAIN, QbxError
from qbx_desktop.domain.params import ParamError, parse_object
from tests.fakes.clock import FakeClock
from tests.upgrade.shapes import LEGACY, OURS, build

from .conftest import a_bot
from .test_bar_import import exported

_SLOWEST = 2.0
_TOKENS = (
    b"\x00", b"\xff\xfe", b"\xef\xbb\xbf", b",,,,", b"\t", b'"', b"'", b"\r", b"\n\n", b"NaN", b"Infinity", b"-1e999", b"=1+1",
    b"{", b"[", b'{"a":', b"9" * 400, b"<DATE>", b"2020.13.45", b"SQLite format 3\x00", b"\x0d\x00\x00\xff\xff", b"\xc3\x28",
)  # fmt: skip


def mutated(content: bytes, chance: random.Random) -> bytes:
    """A few random changes: bytes, whole pieces moved, doubled or cut, and words that parsers stumble over."""
    data = bytearray(content)
    for _ in range(chance.choice((1, 1, 2, 4, 16))):
        at = chance.randrange(len(data) + 1)
        end = min(len(data), at + chance.choice((1, 4, 40, 4096)))
        match chance.randrange(6):
            case 0:
                data[at:end] = bytes(chance.randrange(256) for _ in range(min(end - at, 64)))
            case 1:
                del data[at:end]
            case 2:
                data[at:at] = chance.choice(_TOKENS)
            case 3:
                data[at:end] = chance.choice(_TOKENS)
            case 4:
                data[at:at] = data[at:end]
            case _:
                if at < len(data):
                    data[at] ^= 1 << chance.randrange(8)
    return bytes(data)


Target = Callable[[bytes, Path], None]


def bar_file(content: bytes, folder: Path) -> None:
    """Judged and imported alike: refused with a sentence and nothing stored, or every bar is in the store."""
    path = folder / "EURUSD_H1.csv"
    path.write_bytes(content)
    report = check_file(path)
    with BarStore(folder / "bars.db") as store:
        before = len(store.list())
        try:
            stored = import_file(store, path)
        except QbxError:
            assert len(store.list()) == before
            raise
        assert stored.report.bars == report.bars
        (series,) = store.list()
        assert series.bars == report.bars, "every bar that was read is in the store"


def history_csv(content: bytes, folder: Path) -> None:
    """A table as CSV: either every line is a row afterwards, or none is."""
    (folder / "x.csv").write_bytes(content)
    with Database.open(folder / "bots.db") as db:
        before = history.count(db.reader())
        try:
            added = db.write(lambda con: csv_tables.import_table(con, "trade_history", folder / "x.csv"))
        except QbxError:
            assert history.count(db.reader()) == before
            raise
        assert history.count(db.reader()) == before + added
        history.page(db.reader())


def params(content: bytes, folder: Path) -> None:
    """Any text in `strategy_params`: an object, or an error that names it; the other bots load."""
    text = content.decode("utf-8", errors="replace")
    with Database.open(folder / "bots.db") as db:
        for name in ("good", "bad"):
            db.write(lambda con, name=name: bots.create_bot(con, a_bot(name=name)))
        db.write(lambda con: con.execute("UPDATE bots SET strategy_params = ? WHERE name = 'bad'", (text,)))
        assert {bot.name for bot in bots.list_bots(db.reader())} == {"good", "bad"}
    try:
        assert isinstance(parse_object(text), dict)
    except ParamError as error:
        raise QbxError(PLAIN(text=str(error))) from error


def old_database(content: bytes, folder: Path) -> None:
    """A foreign bots.db: imported into a file that opens, or refused with nothing there."""
    home = Home(folder / "home").prepare()
    (folder / "old.db").write_bytes(content)
    try:
        report = legacy.import_database(folder / "old.db", home, clock=FakeClock())
    except QbxError:
        assert not home.database.exists()
        raise
    assert (folder / "old.db").read_bytes() == content
    with Database.open(home.database) as db:
        assert len(bots.list_bots(db.reader(), include_archived=True)) == report.rows["bots"]
        assert history.count(db.reader()) == report.rows["trade_history"]


def order_lines(content: bytes, folder: Path) -> None:
    """The order log: a line that does not fit its chain is named, never taken."""
    (folder / "orders-202501.jsonl").write_bytes(content)
    try:
        entries = list(order_log.read(folder / "orders-202501.jsonl"))
    except QbxError:
        raise
    good = order_log.OrderLog(folder / "good")
    for entry in entries:
        good.append(
            {key: value for key, value in entry.items() if key not in ("at_ms", "prev")}, entry["at_ms"]
        )


def seeds(target: str, folder: Path) -> list[bytes]:
    """Good inputs to begin from."""
    if target == "bar_file":
        return [
            exported(folder, 60).read_bytes(),
            b"time,open,high,low,close,volume\n2020-01-01 00:00:00,1,1,1,1,1\n",
        ]
    if target == "params":
        return [b'{"fast_period": 10, "slow": {"a": [1, 2.5, null, true, "x"]}}', b"[]", b""]
    if target == "old_database":
        shapes = (*LEGACY, *OURS)
        return [build(shape, folder / f"{shape}.db").read_bytes() for shape in shapes]
    if target == "order_lines":
        log = order_log.OrderLog(folder / "log")
        for number in range(5):
            log.append({"uid": f"u{number}", "state": "SENDING"}, 1_736_000_000_000 + number)
        return [(folder / "log" / "orders-202501.jsonl").read_bytes()]
    with Database.open(folder / "seed.db") as db:
        for number in range(5):
            db.log(bot_id=None, action="INFO", message=PLAIN(text=f'=1+{number} "é"')).result()
        csv_tables.export_table(db.reader(), "trade_history", folder / "seed.csv")
    return [(folder / "seed.csv").read_bytes(), b"id,action\n1,START\n"]


TARGETS: dict[str, Target] = {
    each.__name__: each for each in (bar_file, history_csv, params, old_database, order_lines)
}


def fuzz(target: str, folder: Path, seconds: float, least: int) -> None:
    corpus = seeds(target, folder)
    chance = random.Random(int(os.environ.get("QBX_FUZZ_SEED", "1")))
    begun, cases, taken = time.monotonic(), 0, 0
    while cases < least or time.monotonic() - begun < seconds:
        content = mutated(chance.choice(corpus), chance) if cases else corpus[0]
        place = folder / f"case-{cases}"
        place.mkdir()
        cpu = time.process_time()
        try:
            TARGETS[target](content, place)
            taken += 1
        except QbxError as error:
            assert error.sentence, "a refusal says why"  # noqa: PT017 - what is looked at is the refusal's own text
        except BaseException:
            (folder / "failing").write_bytes(content)
            raise
        assert time.process_time() - cpu < _SLOWEST, f"case {cases} took too long"
        for path in sorted(place.rglob("*"), reverse=True):
            path.rmdir() if path.is_dir() else path.unlink()
        place.rmdir()
        cases += 1
    assert 0 < taken < cases, json.dumps({"cases": cases, "taken": taken})


@pytest.mark.parametrize("target", TARGETS)
def test_short_fuzz(target: str, tmp_path: Path) -> None:
    fuzz(target, tmp_path, 1.0, 12)


@pytest.mark.long
@pytest.mark.timeout(7200)
@pytest.mark.parametrize("target", TARGETS)
def test_long_fuzz(target: str, tmp_path: Path) -> None:
    fuzz(target, tmp_path, float(os.environ.get("QBX_FUZZ_SECONDS", "300")), 500)
