"""A process that backs up, restores, imports or archives, and dies at its n-th step: a statement, a rename or a flush."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from qbx_desktop.data import backup, connection, legacy, recovery, retention
from qbx_desktop.data.database import Database
from qbx_desktop.data.home import Home
from qbx_desktop.domain.clock import SystemClock


def die_at(step: int) -> None:
    """Count every statement and every call that changes names or flushes; kill this process at the n-th."""
    left = step

    def counted(function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            nonlocal left
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            return function(*args, **kwargs)

        return call

    connection.Connection.execute = counted(connection.Connection.execute)  # type: ignore[method-assign]
    os.fsync = counted(os.fsync)
    Path.rename = counted(Path.rename)  # type: ignore[method-assign]
    Path.replace = counted(Path.replace)  # type: ignore[method-assign]
    Path.unlink = counted(Path.unlink)  # type: ignore[method-assign]


def main(what: str, root: str, step: int) -> None:
    home = Home(Path(root))
    clock = SystemClock()
    die_at(step)
    if what == "backup":
        backup.make_backup(home.database, home.backups, "daily", clock=clock)
    elif what == "restore":
        recovery.restore(home.root / "saved.db", home, clock=clock)
    elif what == "import":
        legacy.import_database(home.root / "old.db", home, clock=clock, replace=True)
    elif what == "recover":
        recovery.recover(home, clock=clock)
    else:
        with Database.open(home.database) as db:
            retention.archive_old_history(db, home.archive)
    os.write(1, b"done\n")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
