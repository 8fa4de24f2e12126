"""The second record: every line checked by the next, a torn one cut off, a changed one found."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from qbx_desktop.data.order_log import OrderLog, read
from qbx_desktop.domain.errors import Stop
from tests.rights import is_private

MAY, JUNE = 1_746_100_000_000, 1_750_000_000_000


def written(folder: Path, count: int = 5) -> Path:
    log = OrderLog(folder)
    for number in range(count):
        log.append({"uid": f"u{number}", "state": "SENDING"}, JUNE + number)
    return folder / "orders-202506.jsonl"


def test_entries_come_back_in_order(tmp_path: Path) -> None:
    assert [entry["uid"] for entry in read(written(tmp_path))] == ["u0", "u1", "u2", "u3", "u4"]


def test_each_month_has_its_file(tmp_path: Path) -> None:
    log = OrderLog(tmp_path)
    log.append({"uid": "a"}, MAY)
    log.append({"uid": "b"}, JUNE)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["orders-202505.jsonl", "orders-202506.jsonl"]


def test_a_restart_goes_on_with_the_chain(tmp_path: Path) -> None:
    path = written(tmp_path)
    OrderLog(tmp_path).append({"uid": "later"}, JUNE + 9)
    assert [entry["uid"] for entry in read(path)][-1] == "later"


@pytest.mark.parametrize("cut", range(1, 60, 7))
def test_a_line_torn_by_a_crash_is_left_out_and_the_next_is_whole(tmp_path: Path, cut: int) -> None:
    path = written(tmp_path)
    path.write_bytes(path.read_bytes()[:-cut])
    assert [entry["uid"] for entry in read(path)] == ["u0", "u1", "u2", "u3"]
    OrderLog(tmp_path).append({"uid": "later"}, JUNE + 9)
    assert [entry["uid"] for entry in read(path)] == ["u0", "u1", "u2", "u3", "later"]


def test_a_changed_a_missing_and_a_rubbish_line_are_found(tmp_path: Path) -> None:
    path = written(tmp_path)
    lines = path.read_bytes().splitlines(keepends=True)
    for damaged in (
        [lines[0], lines[1].replace(b"SENDING", b"FILLED!"), *lines[2:]],
        [lines[0], *lines[2:]],
        [lines[0], b"rubbish\n", *lines[1:]],
        [b"[]\n", *lines],
    ):
        path.write_bytes(b"".join(damaged))
        with pytest.raises(Stop):
            list(read(path))


@pytest.mark.parametrize("value", ["NaN", "Infinity", "-1e999", "[" * 100_000])
def test_a_value_that_no_order_can_have_is_damage_not_a_crash(tmp_path: Path, value: str) -> None:
    path = written(tmp_path)
    lines = path.read_text().splitlines()
    path.write_text(
        "\n".join([*lines[:-1], lines[-1].replace('"at_ms": ', f'"volume": {value}, "at_ms": ', 1)]) + "\n"
    )
    with pytest.raises(Stop):
        list(read(path))


def test_it_is_private_and_plain_json(tmp_path: Path) -> None:
    path = written(tmp_path)
    assert is_private(path)
    assert all(json.loads(line)["hash"] for line in path.read_text().splitlines())
