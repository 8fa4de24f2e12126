"""Has the pass compiled by a process of its own, for the next time: whoever runs a backtest now does not wait for it."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import tempfile
from pathlib import Path

# seconds: after so long a process that was asked for has either kept its code or failed
_PATIENCE = 180.0
_NICE = 10

_process: subprocess.Popen[bytes] | None = None


def command() -> list[str]:
    """What compiles and keeps the pass, as a command line of this very program."""
    own = [] if getattr(sys, "frozen", False) else ["-m", "qbx_desktop"]
    return [sys.executable, *own, "prepare"]


def begin(folder: Path) -> bool:
    """Start the process that fills `folder` unless one is under way; False where nothing can be kept or started.

    It is left alone and outlives this program.
    """
    global _process
    try:
        if not _is_first(folder.with_suffix(".asked")):
            return True
        _process = _started()
    except OSError:
        return False
    return True


def _is_first(mark: Path) -> bool:
    """Whether nobody else asked of late; leaves the mark."""
    mark.parent.mkdir(parents=True, exist_ok=True)
    try:
        mark.touch(exist_ok=False)
    except FileExistsError:
        with tempfile.TemporaryFile(dir=mark.parent) as now:  # the clock that dated the mark
            if os.fstat(now.fileno()).st_mtime - mark.stat().st_mtime < _PATIENCE:
                return False
        mark.touch()
    return True


def _started() -> subprocess.Popen[bytes]:
    """The process, apart from our console and behind everything else that wants the processor."""
    quiet = subprocess.DEVNULL
    if sys.platform == "win32":
        process = subprocess.Popen(  # noqa: S603 - our own program, no input of a user
            command(), stdin=quiet, stdout=quiet, stderr=quiet,
            creationflags=subprocess.CREATE_NO_WINDOW | subprocess.BELOW_NORMAL_PRIORITY_CLASS,
        )  # fmt: skip
    else:
        process = subprocess.Popen(  # noqa: S603 - our own program, no input of a user
            command(), stdin=quiet, stdout=quiet, stderr=quiet, start_new_session=True
        )
        with contextlib.suppress(OSError):  # it ended at once
            os.setpriority(os.PRIO_PROCESS, process.pid, _NICE)
    return process
