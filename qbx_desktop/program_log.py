"""The program's log: five files of two megabytes, in UTC, without passwords, and where a crash of the interpreter goes."""

from __future__ import annotations

import faulthandler
import logging
import time
from collections.abc import Callable
from logging.handlers import RotatingFileHandler
from pathlib import Path

from .domain.secrets import without_secrets

_FORM = "%(asctime)s.%(msecs)03dZ %(levelname)s %(name)s %(message)s"


class Masked(logging.Filter):
    """Takes anything that looks like a secret out of a record."""

    def filter(self, record: logging.LogRecord) -> bool:
        text = record.getMessage()
        masked = without_secrets(text)
        if masked != text:
            record.msg, record.args = masked, ()
        return True


def open_log(folder: Path, ring: logging.Handler) -> Callable[[], None]:
    """Log into `folder` and into `ring` (the Journal on the screen). Returns the way to stop.

    Raises OSError when the folder cannot be written.
    """
    formatter = logging.Formatter(_FORM, "%Y-%m-%dT%H:%M:%S")
    formatter.converter = time.gmtime
    to_file = RotatingFileHandler(
        folder / "qbx.log", maxBytes=2_000_000, backupCount=4, encoding="utf-8", delay=True
    )
    to_file.setFormatter(formatter)
    crash = (folder / "crash.txt").open("a", encoding="utf-8")
    faulthandler.enable(crash)
    root = logging.getLogger("qbx")
    before = root.level
    root.setLevel(logging.INFO)
    handlers = (to_file, ring)
    for handler in handlers:
        handler.addFilter(Masked())
        root.addHandler(handler)

    def stop() -> None:
        faulthandler.disable()
        crash.close()
        root.setLevel(before)
        for handler in handlers:
            root.removeHandler(handler)
            handler.close()

    return stop
