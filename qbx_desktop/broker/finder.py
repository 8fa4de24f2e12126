"""Which MetaTrader 5 terminals are installed on this computer, and whether one of them serves Python now."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

_PIPES = "MT5.Terminal."
_TRACES = ("config/accounts.dat", "terminal.ini", "config/terminal.ini")


@dataclass(frozen=True)
class Installation:
    """One terminal: `program` is its terminal64.exe, `data_folder` where it keeps its data, `used_at` UTC seconds of
    its last use as far as its files tell (0: unknown)."""

    name: str
    program: Path
    data_folder: Path
    used_at: float


def installed(data_root: Path | None = None) -> tuple[Installation, ...]:
    """Terminals whose program exists, the last used one first. Empty on other systems than Windows.

    `data_root` is the folder with one sub-folder per terminal, each with an `origin.txt` that names the program's
    folder; by default %APPDATA%/MetaQuotes/Terminal.
    """
    root = data_root or _data_root()
    if root is None or not root.is_dir():
        return ()
    found = [each for folder in sorted(root.iterdir()) if (each := _installation(folder)) is not None]
    return tuple(sorted(found, key=lambda each: -each.used_at))


def serving(pipe_names: Iterable[str] | None = None) -> int:
    """How many terminals serve Python right now: looked up without a blocking call. 0 on other systems."""
    if pipe_names is None:
        pipe_names = _pipe_names()
    return sum(1 for name in pipe_names if name.startswith(_PIPES))


def read_origin(content: bytes) -> str:
    """The folder named in an `origin.txt`: UTF-16 with or without a mark, or UTF-8."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = content.decode("utf-16", errors="replace")
    elif content[1:2] == b"\0":
        text = content.decode("utf-16-le", errors="replace")
    else:
        text = content.decode("utf-8-sig", errors="replace")
    return text.strip("\0\r\n\t ")


def _installation(folder: Path) -> Installation | None:
    try:
        home = Path(read_origin((folder / "origin.txt").read_bytes()))
        program = home / "terminal64.exe"
        if not program.is_file():
            return None
    except OSError:
        return None
    return Installation(home.name, program, folder, max(_changed(folder / each) for each in _TRACES))


def _changed(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0


def _data_root() -> Path | None:
    roaming = os.environ.get("APPDATA")
    if os.name != "nt" or not roaming:
        return None
    return Path(roaming) / "MetaQuotes" / "Terminal"


def _pipe_names() -> list[str]:
    if os.name != "nt":
        return []
    try:
        # pathlib does not list the folder of named pipes.
        return os.listdir(r"\\.\pipe\\")  # noqa: PTH208
    except OSError:
        return []
