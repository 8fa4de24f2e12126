"""The comparison with a wheel finds what differs, on a wheel made up for the test."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from qbx_desktop.simulator import surface
from qbx_desktop.simulator.wheel_check import differences, main


def a_wheel(folder: Path, constants: dict[str, int], binary: bytes) -> Path:
    path = folder / "MetaTrader5-made_up.whl"
    lines = [f"{name} = {value}" for name, value in constants.items()]
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("MetaTrader5/__init__.py", "import os\n__version__ = '1'\n" + "\n".join(lines))
        archive.writestr("MetaTrader5/_core.cp311-win_amd64.pyd", binary)
    return path


def everything() -> bytes:
    names = [*surface.CONVENTIONS, *surface.STRUCTS]
    names += [field for fields in surface.FIELDS.values() for field, _ in fields]
    names += [text for texts in surface.ERROR_TEXTS.values() for text in texts]
    return "\0".join(names).encode()


def test_an_equal_wheel(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wheel = a_wheel(tmp_path, surface.CONSTANTS, everything())
    assert differences(wheel) == []
    assert main([str(wheel)]) == 0
    assert "as the surface says" in capsys.readouterr().out


def test_what_changed_is_named(tmp_path: Path) -> None:
    constants = {**surface.CONSTANTS, "TIMEFRAME_H1": 11, "TIMEFRAME_M7": 7}
    del constants["RES_E_FAIL"]
    found = differences(a_wheel(tmp_path, constants, everything().replace(b"margin_hedged", b"")))
    assert {line.split()[0] for line in found} == {
        "TIMEFRAME_H1",
        "RES_E_FAIL",
        "TIMEFRAME_M7",
        "'margin_hedged'",
        "'margin_hedged_use_leg'",
    }


def test_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    assert "usage" in capsys.readouterr().err
