"""The thread that backtests: one run at a time, cancelled within a second, saved before it is announced."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from ..domain.clock import Clock
from ..domain.errors import QbxError, Stop, UserMistake
from ..domain.messages import Message, declare
from .chosen_bars import ChosenBars
from .job_thread import JobThread

if TYPE_CHECKING:
    # The engine, the strategies and their libraries are loaded by the first run, in its thread: the window paints
    # before that.
    from ..backtest.input import BacktestInput
    from ..backtest.result import BacktestResult
    from ..data.bar_files import BarFile
    from ..data.database import Database
    from ..domain.bars import Bars, Floats
    from .backtest_job import Choices
    from .backtest_run import ShownRun

_BETWEEN_UPDATES = 0.05  # seconds: at most twenty a second
_POINTS_GROWING = 1_000
_WHILE_PAINTING = 0.3  # seconds the window gets to show a result before it is compared with chance

NOT_SAVED = declare("backtest.not_saved", "The run is shown but could not be saved: {why}")
_LATE = declare("backtest.cancelled_late", "The backtest was cancelled at its end. Nothing was kept.")
NO_FILE = declare(
    "backtest.file_gone",
    "The bars of this run cannot be read again ({why}) Figures and trades are as they were saved.",
)


@dataclass(frozen=True, eq=False)
class BacktestProgress:
    """How far a run is. `seconds_left` is None until it can be estimated; `bars` 0 while the file is being read.

    `equity` is thinned out and covers the bars done.
    """

    number: int
    share: float
    bars: int
    total: int
    seconds_left: float | None
    equity: Floats


@dataclass(frozen=True, eq=False)
class BacktestDone:
    """A run ended, or a saved one was loaded."""

    number: int
    run: ShownRun
    loaded: bool
    seconds: float


@dataclass(frozen=True, eq=False)
class BacktestJudged:
    """What stands beside a run that is shown already (`Appraisal.to_json`); `problem` where it could not be kept."""

    number: int
    appraisal: Mapping[str, Any]
    problem: QbxError | None = None


@dataclass(frozen=True)
class BacktestReproduced:
    """A saved run was run again; `messages` say that it is equal, or what changed."""

    number: int
    record_id: int
    equal: bool
    messages: tuple[Message, ...]


class BacktestThread(JobThread):
    """`judged` follows `done` unless something else begins."""

    judged = Signal(object)
    reproduced = Signal(object)

    def __init__(
        self, db: Database, clock: Clock, user_id: int, parent: QObject | None = None, *,
        random_runs: int | None = None,
    ) -> None:  # fmt: skip
        """`random_runs` to compare each run with (0 none, None as many as are usual)."""
        super().__init__(parent)
        self._random_runs = random_runs
        self._db = db
        self._clock = clock
        self._user_id = user_id
        self._bars = ChosenBars()

    def begin(self, choices: Choices) -> int:
        """Run a backtest; an earlier one that still runs is cancelled first. Returns its number. Never waits."""
        return self.put(partial(self._run_one, choices))

    def load(self, record_id: int) -> int:
        """Read a saved run and, where they still are, its bars. Returns its number. Never waits."""
        return self.put(partial(self._load_one, record_id))

    def reproduce(self, record_id: int) -> int:
        """Run a saved run again and compare. Returns its number. Never waits."""
        return self.put(partial(self._reproduce_one, record_id))

    def _run_one(self, choices: Choices, number: int, cancel: threading.Event) -> None:
        from ..backtest.run import run
        from ..backtest.search.stored import trial_of
        from ..data import backtests, trials
        from .backtest_job import input_of
        from .backtest_run import record_of, shown_run

        began = self._clock.monotonic()
        telling = _Telling(self._clock, number, self.progressed.emit)
        telling.tell(0.0, 0, 0, force=True)
        bar_file = self._bars.of(choices, cancel)
        given = input_of(choices, bar_file, self._bars.finer_of(choices, cancel))
        result = run(given, progress=telling.heard, cancelled=cancel.is_set)
        if cancel.is_set():
            raise Stop(_LATE())
        bars = _bars_in(choices, bar_file)
        shown = shown_run(choices, result, bars, given.spec.digits)
        record, trial = (
            record_of(choices, result, self._user_id),
            trial_of(given, result, round(self._clock.now() * 1000)),
        )

        def keep(con: Any) -> int:
            # Tried by hand is tried too: the doubt about a later search depends on the true count.
            trials.note(con, trial)
            return backtests.save(con, record)

        try:
            shown = replace(shown, record_id=self._db.write(keep))
        except QbxError as error:
            shown = replace(shown, problem=QbxError(NOT_SAVED(why=error.sentence)))
        self.done.emit(BacktestDone(number, shown, False, self._clock.monotonic() - began))
        self._judge(given, result, shown.record_id, number, cancel)

    def _judge(
        self,
        given: BacktestInput,
        result: BacktestResult,
        record_id: int,
        number: int,
        cancel: threading.Event,
    ) -> None:
        """The run is on the screen already; what chance would have earned follows, if nobody wants something else."""
        from ..backtest.appraisal import appraise
        from ..data import backtests

        cancel.wait(_WHILE_PAINTING)  # two threads of Python at once would show the result late
        try:
            found = appraise(given, result, runs=self._random_runs, cancelled=cancel.is_set).to_json()
        except Stop:
            return
        problem = None
        if record_id:
            try:
                self._db.write(partial(backtests.add_to_result, backtest_id=record_id, more=found))
            except QbxError as error:
                problem = QbxError(NOT_SAVED(why=error.sentence))
        self.judged.emit(BacktestJudged(number, found, problem))

    def _reproduce_one(self, record_id: int, number: int, cancel: threading.Event) -> None:
        from ..backtest.reproduce import NO_RESULT, reproduce
        from ..data import backtests
        from .backtest_job import Choices, input_of

        record = backtests.load(self._db.reader(), record_id)
        if record.result is None:
            raise UserMistake(NO_RESULT(id=record_id))
        choices = Choices.from_json(record.parameters)
        given = input_of(choices, self._bars.of(choices, cancel), self._bars.finer_of(choices, cancel))
        saved = {**record.result, "trades": record.trade_log}
        found = reproduce(saved, given, cancelled=cancel.is_set)
        self.reproduced.emit(BacktestReproduced(number, record_id, found.equal, found.messages))

    def _load_one(self, record_id: int, number: int, cancel: threading.Event) -> None:
        from ..data import backtests
        from .backtest_job import input_of
        from .backtest_run import from_record

        began = self._clock.monotonic()
        shown = from_record(backtests.load(self._db.reader(), record_id))
        if shown.choices is not None:
            try:
                bar_file = self._bars.of(shown.choices, cancel)
                digits = input_of(shown.choices, bar_file).spec.digits
                shown = replace(shown, bars=_bars_in(shown.choices, bar_file), digits=digits)
            except Stop:
                raise
            except QbxError as error:
                shown = replace(shown, problem=QbxError(NO_FILE(why=error.sentence)))
        self.done.emit(BacktestDone(number, shown, True, self._clock.monotonic() - began))


def _bars_in(choices: Choices, bar_file: BarFile) -> Bars:
    """The bars inside the chosen dates: bar 0 is the run's first."""
    import numpy as np

    first, last = (
        None if at is None else int(np.searchsorted(bar_file.bars.time, at))
        for at in (choices.start, choices.end)
    )
    return bar_file.bars[first:last]


class _Telling:
    """Lets at most twenty updates a second through and estimates what is left."""

    def __init__(self, clock: Clock, number: int, emit: Callable[[BacktestProgress], None]) -> None:
        self._clock = clock
        self._number = number
        self._emit = emit
        self._told_at = float("-inf")
        self._began: float | None = None
        self._equity: list[Floats] = []

    def heard(self, share: float, bars: int, equity: Floats) -> None:
        """The engine's progress."""
        self._equity.append(equity)
        self.tell(share, bars, round(bars / share) if share > 0 else 0)

    def tell(self, share: float, bars: int, total: int, *, force: bool = False) -> None:
        now = self._clock.monotonic()
        if bars and self._began is None:
            self._began = now
        if not force and now - self._told_at < _BETWEEN_UPDATES:
            return
        self._told_at = now
        left = None
        if self._began is not None and share > 0 and now > self._began:
            left = (now - self._began) * (1 - share) / share
        import numpy as np

        from .backtest_run import thinned

        whole = np.concatenate(self._equity) if self._equity else np.zeros(0)
        self._equity = [whole]
        kept = whole[thinned(len(whole), _POINTS_GROWING)]
        self._emit(BacktestProgress(self._number, share, bars, total, left, kept))
