"""One file of the trader's: its bytes, read once, with the hash of exactly those bytes."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path

from ...domain.errors import UserMistake
from ...domain.messages import declare

PREFIX = "own:"
_SUFFIX = ".py"
_MOST_BYTES = 1024 * 1024

_UNREADABLE = declare(
    "own.unreadable", "The strategy {path} cannot be read ({why}). Its bots stay off; nothing was sent."
)
_TOO_LARGE = declare(
    "own.too_large", "The strategy {path} is larger than 1 MB, which no strategy is. It was not run."
)
_BAD_NAME = declare(
    "own.bad_name",
    "{name!r} cannot be a strategy's name: use letters, digits and _ and begin with a letter, as in my_breakout.",
)


@dataclass(frozen=True)
class OwnSource:
    """What is hashed, shown, approved and compiled: the same bytes, read once."""

    path: Path
    data: bytes = field(repr=False)
    sha256: str

    @property
    def key(self) -> str:
        """The strategy's name in bots and backtests, e.g. `own:my_breakout`."""
        return key_of(self.path)

    @property
    def name(self) -> str:
        """The file's name."""
        return self.path.name

    @property
    def text(self) -> str:
        """The source as a person reads it; bytes that are no text are shown as marks."""
        return self.data.decode("utf-8-sig", "replace")


def key_of(path: Path) -> str:
    """The key of the strategy in the file `path`."""
    return PREFIX + path.stem


def is_own(key: str) -> bool:
    """Whether `key` names a strategy of the trader's."""
    return key.startswith(PREFIX)


def path_of(folder: Path, key: str) -> Path:
    """Where the file of `key` lies. Raises UserMistake when the key cannot be a file's name."""
    return folder / (checked_name(key.removeprefix(PREFIX)) + _SUFFIX)


def checked_name(name: str) -> str:
    """`name` when it is a fine name for a strategy's file. Raises UserMistake."""
    if not (name.isascii() and name.isidentifier() and not name.startswith("_")):
        raise UserMistake(_BAD_NAME(name=name))
    return name


def files_in(folder: Path) -> list[Path]:
    """The strategy files of a folder, by name; those that begin with _ or . are the trader's notes. Raises OSError."""
    if not folder.is_dir():
        return []
    return sorted(
        path for path in folder.glob(f"*{_SUFFIX}") if path.is_file() and not path.name.startswith(("_", "."))
    )


def read_source(path: Path) -> OwnSource:
    """Read a file once. Raises UserMistake when it cannot be read or cannot be a strategy."""
    try:
        with path.open("rb") as file:
            data = file.read(_MOST_BYTES + 1)
    except OSError as error:
        raise UserMistake(_UNREADABLE(path=str(path), why=error.strerror or str(error))) from error
    if len(data) > _MOST_BYTES:
        raise UserMistake(_TOO_LARGE(path=str(path)))
    checked_name(path.stem)
    return OwnSource(path.absolute(), data, hashlib.sha256(data).hexdigest())
