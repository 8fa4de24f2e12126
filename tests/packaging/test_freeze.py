"""What the build makes besides the programs: an icon in every size, the version, the licences, an announcement that is believed."""

from __future__ import annotations

import base64
import importlib.util
import json
import struct
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from qbx_desktop import __version__
from qbx_desktop.data.update_manifest import verified

ROOT = Path(__file__).resolve().parents[2]


def load(*parts: str) -> ModuleType:
    """A module of the build, which is no package."""
    path = ROOT.joinpath("packaging", *parts)
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_icon_has_every_size_as_a_png(tmp_path: Path, qapp: object) -> None:
    icon = load("freeze", "icon.py")
    data = icon.write_icon(ROOT / "resources" / "icons" / "app.svg", tmp_path / "app.ico").read_bytes()
    reserved, kind, count = struct.unpack_from("<HHH", data)
    assert (reserved, kind, count) == (0, 1, len(icon.SIZES))
    for at, size in enumerate(icon.SIZES):
        width, height, _, _, _, bits, length, offset = struct.unpack_from("<BBBBHHII", data, 6 + 16 * at)
        assert (width or 256, height or 256, bits) == (size, size, 32)
        picture = data[offset : offset + length]
        assert picture.startswith(b"\x89PNG")
        assert struct.unpack_from(">II", picture, 16) == (size, size)


@pytest.mark.qt_log_ignore("Cannot open file")
def test_no_svg_is_said(tmp_path: Path, qapp: object) -> None:
    with pytest.raises(ValueError, match="not an SVG"):
        load("freeze", "icon.py").write_icon(tmp_path / "missing.svg", tmp_path / "app.ico")


def test_the_version_is_written_once(tmp_path: Path) -> None:
    info = load("freeze", "version_info.py")
    assert info.version_of(ROOT) == __version__, "pyproject.toml and the package say the same"
    text = info.write_version_info(tmp_path / "v.txt", "qbx", "Commands", "1.2.3").read_text("utf-8")
    assert "filevers=(1, 2, 3, 0)" in text
    assert 'StringStruct("ProductVersion", "1.2.3")' in text


def test_every_dependency_brings_its_licence(tmp_path: Path) -> None:
    licences = load("freeze", "licences.py")
    written = {
        path.name.split("-")[0].lower() for path in licences.write_licences("qbx-desktop", tmp_path).iterdir()
    }
    assert {"numpy", "pandas", "numba", "llvmlite", "pyside6_essentials", "werkzeug", "pynacl"} <= written
    assert not written & {"pytest", "ruff", "mypy"}, "test tools are not frozen"
    for path in tmp_path.iterdir():
        (line,) = [each for each in path.read_text("utf-8").splitlines() if each.startswith("Licence: ")]
        assert "GPL" not in line or "LGPL" in line, f"{path.name}: {line}"


def test_an_announcement_made_by_the_tool_is_believed(tmp_path: Path) -> None:
    tool = [sys.executable, str(ROOT / "packaging" / "windows" / "announce.py")]
    key, notes = tmp_path / "key", tmp_path / "notes.txt"
    notes.write_text("Faster.", "utf-8")
    public = subprocess.run(
        [*tool, "--new-key", str(key)], capture_output=True, text=True, check=True
    ).stdout.strip()
    made = subprocess.run(
        [*tool, "--key", str(key), "--version", "9.1.0", "--serial", "3", "--page", "https://example.org", "--notes", str(notes)],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    assert set(json.loads(made)) == {"signed", "signature"}
    found = verified(made.encode(), base64.b64decode(public), now=0.0)
    assert (found.version, found.serial, found.notes) == ("9.1.0", 3, "Faster.")
    again = subprocess.run([*tool, "--new-key", str(key)], capture_output=True, text=True, check=False)
    assert again.returncode != 0, "a key is never overwritten"
