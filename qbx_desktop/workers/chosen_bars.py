"""The bars that choices name: of a price file, read once while it does not change, or of the store."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..data.bar_files import BarFile
    from .backtest_job import Choices


class ChosenBars:
    """For one thread."""

    def __init__(self) -> None:
        self._file: tuple[tuple[Path, int, int], BarFile] | None = None
        self._finer: ChosenBars | None = None

    def finer_of(self, choices: Choices, cancel: threading.Event) -> BarFile | None:
        """The finer bars, where some are chosen; kept beside the others."""
        if choices.finer is None:
            return None
        if self._finer is None:
            self._finer = ChosenBars()
        return self._finer.of(choices.finer, cancel)

    def of(self, choices: Choices, cancel: threading.Event) -> BarFile:
        """The bars of the file or of the store; the last file read is kept while it does not change."""
        from ..data.bar_files import read_bars
        from ..data.bar_source import stored_bars

        path = choices.path
        if choices.series is not None:
            return stored_bars(path, choices.series)
        try:
            stat = path.stat()
            key = (path, stat.st_mtime_ns, stat.st_size)
        except OSError:
            return read_bars(path)  # says what is wrong with it
        if self._file is None or self._file[0] != key:
            self._file = (key, read_bars(path, cancelled=cancel.is_set))
        return self._file[1]
