"""Who may read what we write: only the user. On Windows the user's profile decides that, not a file's mode."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

needs_posix = pytest.mark.skipif(
    os.name == "nt", reason="asks for users, limits or descriptors as POSIX has them"
)


def is_private(path: Path) -> bool:
    """Whether only its owner may use the file or folder `path`."""
    mode = stat.S_IMODE(path.stat().st_mode)
    return os.name == "nt" or mode == (0o700 if path.is_dir() else 0o600)
