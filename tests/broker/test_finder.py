"""Installed terminals are found by their data folders, the last used one first."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from qbx_desktop.broker.finder import installed, read_origin, serving


def install(root: Path, key: str, name: str, encoding: str, used_at: int) -> Path:
    program = root / "Program Files" / name / "terminal64.exe"
    program.parent.mkdir(parents=True)
    program.touch()
    data = root / "data" / key
    (data / "config").mkdir(parents=True)
    (data / "origin.txt").write_bytes(str(program.parent).encode(encoding))
    accounts = data / "config" / "accounts.dat"
    accounts.touch()
    os.utime(accounts, (used_at, used_at))
    return data


def test_terminals_are_found_newest_first(tmp_path: Path) -> None:
    install(tmp_path, "A1", "MetaTrader 5", "utf-16", 100)
    install(tmp_path, "B2", "Bröker MT5", "utf-16-le", 300)
    install(tmp_path, "C3", "Плохой MT5", "utf-8", 200)
    (tmp_path / "data" / "Common").mkdir()
    gone = install(tmp_path, "D4", "Removed", "utf-16", 400)
    (tmp_path / "Program Files" / "Removed" / "terminal64.exe").unlink()
    found = installed(tmp_path / "data")
    assert [each.name for each in found] == ["Bröker MT5", "Плохой MT5", "MetaTrader 5"]
    assert gone not in [each.data_folder for each in found]
    assert found[0].used_at == 300
    assert found[0].program.is_file()


def test_without_terminals_there_are_none(tmp_path: Path) -> None:
    assert installed(tmp_path / "missing") == ()
    assert installed(tmp_path) == ()
    if os.name != "nt":
        assert installed() == ()
        assert serving() == 0


@pytest.mark.parametrize("end", ["", "\r\n", "\0"])
def test_origin_is_read_in_each_form(end: str) -> None:
    for encoding in ("utf-16", "utf-16-le", "utf-8", "utf-8-sig"):
        assert (
            read_origin(("C:\\Program Files\\MetaTrader 5" + end).encode(encoding))
            == "C:\\Program Files\\MetaTrader 5"
        )


def test_serving_counts_the_terminals_pipes() -> None:
    assert serving(["lsass", "MT5.Terminal.ab12", "MT5.Terminal.cd34", "mojo.1"]) == 2
