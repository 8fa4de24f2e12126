"""The folder where everything of the trader lives, and whether it is a place a database may live in."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path, PureWindowsPath

import platformdirs

from ..domain.errors import QbxError, UserMistake
from ..domain.messages import declare
from . import snapshots

_UNWRITABLE = declare(
    "home.unwritable",
    "The data folder {path} cannot be used ({why}). Nothing was stored and no order was sent. "
    "Choose another folder by the environment variable QBX_HOME, or correct its rights.",
)
_SYNCED = declare(
    "home.synced",
    "The data folder {path} lies in {kind}, where a database gets damaged by copying while it is in use. "
    "Nothing was stored. Choose a folder on this computer by the environment variable QBX_HOME.",
)
_GONE = declare(
    "home.gone",
    "The data folder {path} that was chosen before is not there any more. Nothing was stored and no order was sent. "
    "Connect its disk and start again, or choose another folder (QBX_HOME names one for this start).",
)
_POINTER = declare(
    "home.pointer",
    "The file {path}, which names the data folder, does not hold a folder's path. Nothing was stored and no order was "
    "sent. Correct it, or delete it to use the usual folder.",
)

# Folders that other programs copy in the background; compared as whole path parts, any case.
_SYNC_FOLDERS = (
    "onedrive",
    "dropbox",
    "google drive",
    "googledrive",
    "icloud drive",
    "nextcloud",
    "box sync",
)


@dataclass(frozen=True)
class Home:
    """Where each thing lies."""

    root: Path

    @classmethod
    def default(cls) -> Home:
        """`QBX_HOME` if set, else the folder that was chosen before, else the user's data folder of this system."""
        chosen = os.environ.get("QBX_HOME")
        if chosen:
            return cls(Path(chosen).expanduser().absolute())
        remembered = _remembered()
        if remembered is not None:
            return cls(remembered)
        return cls(Path(platformdirs.user_data_dir("QuantumBotX", appauthor=False, roaming=False)))

    def remember(self) -> None:
        """Later starts use this folder, unless `QBX_HOME` or --home names another. Raises OSError, Stop."""
        pointer = pointer_file()
        pointer.parent.mkdir(parents=True, exist_ok=True)
        snapshots.write(pointer, str(self.root.absolute()).encode())

    @property
    def database(self) -> Path:
        return self.root / "bots.db"

    @property
    def calendar(self) -> Path:
        """The trader's list of news and holidays."""
        return self.root / "calendar.csv"

    @property
    def bars(self) -> Path:
        return self.root / "bars.db"

    @property
    def logs(self) -> Path:
        return self.root / "logs"

    @property
    def backups(self) -> Path:
        return self.root / "backups"

    @property
    def practice(self) -> Path:
        return self.root / "practice"

    @property
    def strategies(self) -> Path:
        return self.root / "strategies"

    @property
    def archive(self) -> Path:
        return self.root / "archive"

    @property
    def halt_file(self) -> Path:
        """While a file of this name exists, no order is sent."""
        return self.root / "HALT"

    @property
    def lock_file(self) -> Path:
        """Held by the running window; who exchanges the database must hold it too."""
        return self.root / "window.lock"

    def prepare(self) -> Home:
        """Create the folders, readable by this user only.

        Raises UserMistake when the place cannot be written or is a synchronised or network folder.
        """
        where = unsuitable(str(self.root))
        if where:
            raise UserMistake(_SYNCED(path=str(self.root), kind=where))
        if not self.root.is_dir() and _is_remembered(self.root):
            # Made anew it would be another, empty database without a word.
            raise UserMistake(_GONE(path=str(self.root)))
        try:
            for folder in (self.root, self.logs, self.backups, self.practice, self.strategies, self.archive):
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            # Others lose what rights they had; the owner's own wish (a read-only folder) stands.
            self.root.chmod(self.root.stat().st_mode & 0o700)
            probe = self.root / f".probe-{os.getpid()}"
            probe.write_bytes(b"x")
            probe.unlink()
        except OSError as error:
            raise UserMistake(_UNWRITABLE(path=str(self.root), why=error.strerror or str(error))) from error
        return self


def pointer_file() -> Path:
    """Holds the folder that was chosen; beside the default folder, not in it, as that may be the one without rights."""
    return Path(platformdirs.user_config_dir("QuantumBotX", appauthor=False, roaming=False)).with_name(
        "QuantumBotX.folder"
    )


def _remembered() -> Path | None:
    """The folder that was chosen. Raises UserMistake, Stop: the usual folder would be another database, silently."""
    content = snapshots.read(pointer_file())
    if content is None:
        return None
    text = content.decode(errors="replace").strip()
    if "\0" in text or not Path(text).is_absolute():
        raise UserMistake(_POINTER(path=str(pointer_file())))
    return Path(text)


def _is_remembered(root: Path) -> bool:
    """Whether `root` is the folder that was chosen; a file that cannot be read did not name it."""
    try:
        return root == _remembered()
    except QbxError:
        return False


def unsuitable(path: str) -> str:
    """Why a database must not lie at `path`: what kind of folder it is, or "" when it is a good place."""
    if path.startswith(("\\\\", "//")) and not path.startswith("\\\\?\\"):
        return "a network folder"
    parts = [part.lower() for part in PureWindowsPath(path).parts]
    for part in parts:
        for name in _SYNC_FOLDERS:
            if part == name or part.startswith((f"{name} - ", f"{name} (")):
                return f"a synchronised folder ({part})"
    return ""
