"""Compares the shipped surface with a downloaded MetaTrader5 wheel: `python -m qbx_desktop.simulator.wheel_check FILE`.

A wheel is a zip file; nothing of it is run. Its `__init__.py` is parsed for constants, its binary searched for the
names of functions and record fields and for the error texts. For a scheduled check that a new wheel changed nothing.
"""

from __future__ import annotations

import ast
import sys
import zipfile
from pathlib import Path

from . import surface


def differences(wheel: Path) -> list[str]:
    """One line for everything in which the wheel differs from the shipped surface."""
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        source = archive.read("MetaTrader5/__init__.py").decode("utf-8")
        binary = next(
            (name for name in names if name.startswith("MetaTrader5/_core") and name.endswith(".pyd")), None
        )
        code = archive.read(binary) if binary else b""
    found = _constants(source)
    lines = [
        f"{name} is {found.get(name, 'missing')} in the wheel, {value} here"
        for name, value in surface.CONSTANTS.items()
        if found.get(name) != value
    ]
    lines += [
        f"{name} = {value} is new in the wheel"
        for name, value in found.items()
        if name not in surface.CONSTANTS
    ]
    if binary is None:
        return [*lines, "the wheel holds no _core"]
    wanted = [*surface.CONVENTIONS, *surface.STRUCTS]
    wanted += [field for fields in surface.FIELDS.values() for field, _ in fields]
    wanted += [text for texts in surface.ERROR_TEXTS.values() for text in texts if "<" not in text]
    lines += [
        f"{text!r} is not in the wheel's binary"
        for text in dict.fromkeys(wanted)
        if text.encode() not in code
    ]
    return lines


def _constants(source: str) -> dict[str, int]:
    """The upper-case whole numbers assigned at the top of a module."""
    found: dict[str, int] = {}
    for node in ast.parse(source).body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            name = node.targets[0].id
            try:
                value = ast.literal_eval(node.value)
            except ValueError:
                continue
            if name.isupper() and type(value) is int:
                found[name] = value
    return found


def main(arguments: list[str]) -> int:
    """0 when the wheel is as the surface says, 1 with a list of differences, 2 for wrong usage."""
    if len(arguments) != 1 or not Path(arguments[0]).is_file():
        sys.stderr.write("usage: python -m qbx_desktop.simulator.wheel_check WHEEL\n")
        return 2
    lines = differences(Path(arguments[0]))
    sys.stdout.writelines(f"{line}\n" for line in lines or ["the wheel is as the surface says"])
    return int(bool(lines))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
