"""The version resource that Windows shows under Properties, Details; made from the project's own version."""

from __future__ import annotations

import re
from pathlib import Path

COMPANY = "QuantumBotX Desktop contributors"
NAME = "QuantumBotX Desktop"

_TEMPLATE = """VSVersionInfo(
  ffi=FixedFileInfo(filevers={numbers}, prodvers={numbers}, mask=0x3f, flags=0x0, OS=0x40004, fileType=0x1, subtype=0x0),
  kids=[
    StringFileInfo([StringTable("040904B0", [
      StringStruct("CompanyName", "{company}"),
      StringStruct("FileDescription", "{description}"),
      StringStruct("FileVersion", "{version}"),
      StringStruct("InternalName", "{program}"),
      StringStruct("LegalCopyright", "MIT licence"),
      StringStruct("OriginalFilename", "{program}.exe"),
      StringStruct("ProductName", "{name}"),
      StringStruct("ProductVersion", "{version}")])]),
    VarFileInfo([VarStruct("Translation", [0x409, 1200])])
  ]
)
"""


def version_of(root: Path) -> str:
    """The version in pyproject.toml, the one place where it is written."""
    import tomllib

    return str(tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]["version"])


def numbers_of(version: str) -> tuple[int, int, int, int]:
    """A version as Windows' four numbers: "0.1.0" is (0, 1, 0, 0)."""
    found = [int(each) for each in re.findall(r"\d+", version)[:4]]
    return tuple(found + [0] * (4 - len(found)))  # type: ignore[return-value]


def write_version_info(path: Path, program: str, description: str, version: str) -> Path:
    """Write the text that PyInstaller's EXE takes as `version`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = _TEMPLATE.format(
        numbers=numbers_of(version),
        company=COMPANY,
        name=NAME,
        program=program,
        description=description,
        version=version,
    )
    path.write_text(text, "utf-8")
    return path
