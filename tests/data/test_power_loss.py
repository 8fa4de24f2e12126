"""Power loss at any moment: of what was not flushed any part may be missing or torn, and every acknowledged row is there."""

from __future__ import annotations

import os
import random
import shutil
import struct
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from qbx_desktop.data import order_log
from qbx_desktop.data.connection import connect
from qbx_desktop.data.database import Database
from qbx_desktop.data.errors import DbDamaged
from qbx_desktop.data.home import Home

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux") or shutil.which("gcc") is None,
    reason="the recorder is preloaded, and compiled for that",
)
ORDERS = 25
_SECTOR = 512


@dataclass(frozen=True)
class Step:
    """One recorded call: a write, a truncation, or a flush of `name`."""

    what: str
    name: str
    offset: int
    data: bytes


@dataclass
class Disk:
    """What surely is on the disk per file, and what was written since its last flush."""

    sure: dict[str, bytearray] = field(default_factory=dict)
    waiting: dict[str, list[Step]] = field(default_factory=dict)

    def take(self, step: Step) -> None:
        if step.what != "s":
            self.waiting.setdefault(step.name, []).append(step)
            return
        content = self.sure.setdefault(step.name, bytearray())
        for each in self.waiting.pop(step.name, []):
            apply(content, each)

    def image(self, folder: Path, chance: random.Random) -> None:
        """The files as a power loss now may leave them: each waiting write whole, torn at a sector, or not at all."""
        for name in {*self.sure, *self.waiting}:
            content = bytearray(self.sure.get(name, b""))
            mode = chance.choice(("none", "all", "some"))
            for step in self.waiting.get(name, []):
                kept = mode == "all" or (mode == "some" and chance.random() < 0.5)
                if kept and step.what == "w" and mode == "some" and chance.random() < 0.5:
                    cut = chance.randrange(0, len(step.data) + 1) // _SECTOR * _SECTOR
                    apply(content, Step("w", name, step.offset, step.data[:cut]))
                elif kept:
                    apply(content, step)
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)


def apply(content: bytearray, step: Step) -> None:
    if step.what == "t":
        del content[step.offset :]
        content.extend(bytes(step.offset - len(content)))
        return
    content.extend(bytes(max(0, step.offset - len(content))))
    content[step.offset : step.offset + len(step.data)] = step.data


def recorded(tmp_path: Path, synchronous: str) -> tuple[dict[str, bytes], list[Step]]:
    """The files before the work, and every step of it, in order."""
    library = tmp_path / "recorder.so"
    source = Path(__file__).with_name("write_recorder.c")
    subprocess.run(["gcc", "-shared", "-fPIC", "-O1", "-o", library, source, "-ldl", "-lpthread"], check=True)
    home = Home(tmp_path / "home").prepare()
    Database.open(home.database).close()
    before = {
        str(path.relative_to(home.root)): path.read_bytes() for path in home.root.rglob("*") if path.is_file()
    }
    trace = tmp_path / "trace"
    subprocess.run(
        [sys.executable, "-m", "tests.data.power_child", str(home.database), str(ORDERS), synchronous],
        check=True, cwd=Path(__file__).parents[2],
        env={**os.environ, "LD_PRELOAD": str(library), "QBX_TRACE": str(trace), "QBX_TRACED": str(home.root)},
    )  # fmt: skip
    return before, list(steps(trace.read_bytes(), home.root))


def steps(content: bytes, root: Path) -> Iterator[Step]:
    at = 0
    while at < len(content):
        what = chr(content[at])
        length, offset, size = struct.unpack_from("<Iqq", content, at + 1)
        at += 21
        name = content[at : at + length].decode()
        at += length
        data = content[at : at + size] if what == "w" else b""
        at += len(data)
        inside = Path(name).relative_to(root)
        if not name.endswith((" (deleted)", "-shm")) and str(inside) != ".":
            yield Step(what, str(inside), offset, data)


def losses(tmp_path: Path, synchronous: str, images: int) -> list[str]:
    """Cut the power `images` times, after flushes first of all; everything acknowledged that is not there afterwards."""
    before, trace = recorded(tmp_path, synchronous)
    assert sum(step.what == "s" for step in trace) > (2 * ORDERS if synchronous == "FULL" else 0)
    chance = random.Random(5)
    flushes = [at + 1 for at, step in enumerate(trace) if step.what == "s"] or [len(trace)]
    moments = sorted(
        chance.choice(flushes) if chance.random() < 0.5 else chance.randrange(len(trace))
        for _ in range(images)
    )
    disk = Disk({name: bytearray(content) for name, content in before.items()})
    said: list[str] = []
    found: list[str] = []
    done = 0
    for at, step in enumerate(trace):
        while done < len(moments) and moments[done] == at:
            folder = tmp_path / f"image-{done}"
            disk.image(folder, chance)
            found += missing(Home(folder), said)
            shutil.rmtree(folder)
            done += 1
        if step.name == "acknowledged":
            said += step.data.decode().split("\n")[:-1]
        else:
            disk.take(step)
    return found


def missing(home: Home, said: list[str]) -> list[str]:
    """What was acknowledged and is not there, or why the file does not even open."""
    try:
        Database.open(home.database, backups=home.backups).close()
    except Exception as error:
        return [str(error)]
    con = connect(home.database, read_only=True)
    try:
        if con.execute("PRAGMA integrity_check").fetchone()[0] != "ok":
            return ["integrity_check"]
        texts = {
            str(row[0]).split(" x")[0] for row in con.execute("SELECT details FROM trade_history").fetchall()
        }
        states = {row[0]: row[1] for row in con.execute("SELECT uid, state FROM order_journal").fetchall()}
    except DbDamaged as error:
        return [str(error)]
    finally:
        con.close()
    logged = {entry["uid"] for path in home.logs.glob("orders-*.jsonl") for entry in order_log.read(path)}
    gone = []
    for line in said:
        what, number, uid = line.split()
        there = {
            "sending": uid in states and uid in logged,
            "filled": states.get(uid) == "FILLED" and f"filled {number}" in texts,
            "logged": f"logged {number}" in texts,
        }[what]
        if not there:
            gone.append(line)
    return gone


def test_thirty_power_losses_lose_no_acknowledged_row(tmp_path: Path) -> None:
    assert losses(tmp_path, "FULL", 30) == []


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_five_hundred_power_losses_lose_no_acknowledged_row(tmp_path: Path) -> None:
    assert losses(tmp_path, "FULL", 500) == []


def test_without_flushes_the_test_finds_lost_rows(tmp_path: Path) -> None:
    """The planted fault: a test of power losses that cannot fail proves nothing."""
    assert losses(tmp_path, "OFF", 12) != []
