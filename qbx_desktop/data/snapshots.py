"""A small file that is never half written: temporary file, flush, then one rename."""

from __future__ import annotations

import contextlib
import os
import secrets
from pathlib import Path

from ..domain.errors import Stop
from ..domain.messages import declare

_UNREADABLE = declare(
    "snapshot.unreadable",
    "The file {path} cannot be read ({why}). It was left as it is; check the rights and the disk.",
)
_UNWRITABLE = declare(
    "snapshot.unwritable",
    "The file {path} cannot be written ({why}). The earlier version of it is still complete.",
)


def read(path: Path) -> bytes | None:
    """The bytes stored at `path`, None when there is no such file. Raises Stop when it cannot be read."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise Stop(_UNREADABLE(path=str(path), why=error.strerror)) from error


def write(path: Path, content: bytes) -> None:
    """Replace `path` by `content`: after a crash either the old or the new content is there, whole.

    The file is private (0600) before data enters it, and flushed to disk before it takes the name. Raises Stop.
    """
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(6)}.tmp")
    try:
        try:
            handle = os.open(
                temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600
            )
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(path)
            sync_folder(path.parent)
        finally:
            with contextlib.suppress(FileNotFoundError):
                temporary.unlink()
    except OSError as error:
        raise Stop(_UNWRITABLE(path=str(path), why=error.strerror)) from error


def sync_folder(folder: Path) -> None:
    """Flush a rename or a new name to disk; Windows has no such call and needs none."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
