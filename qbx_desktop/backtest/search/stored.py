"""A search in the database: what it is known by, its results there and back to the last bit, the trials it counts as."""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ...data import searches, trials
from ...data.database import Database
from ...data.searches import RunRow, SearchRecord
from ...data.trials import Trial
from ...domain.messages import Message
from ..input import BacktestInput, span
from ..passport import hash_of, passport_of
from ..result import BacktestResult
from .outcome import Outcome, fields, outcome_of
from .space import Axis, Combo, applied

_VERSION = 1  # of what the results mean; a change of the engine's rules raises it


def key_of_search(given: BacktestInput, plan: Mapping[str, Any], axes: Sequence[Axis]) -> str:
    """The hash of everything the results of a search depend on, and of nothing else."""
    passport = {
        name: value for name, value in passport_of(given).items() if name not in ("hash", "application")
    }
    varied = [[axis.name, list(axis.values)] for axis in axes]
    return hash_of([_VERSION, passport, dict(plan), varied])


class StoredSearch:
    """The store of one search; `id` is its row."""

    def __init__(self, db: Database, record: SearchRecord, given: BacktestInput) -> None:
        self._db = db
        self._given = given
        self._fields = record.fields
        self._ledger = Ledger(db, given)
        self.id = record.id

    def known(self) -> Mapping[int, Outcome]:
        rows = searches.runs(self._db.reader(), self.id)
        return {row.number: _outcome(row, self._fields) for row in rows}

    def keep(self, outcomes: Sequence[Outcome]) -> None:
        rows = [_row(each, self._fields) for each in outcomes]
        counted = self._ledger.trials_of(outcomes)

        def job(con: Any) -> None:
            searches.keep(con, self.id, rows)
            trials.note(con, counted)

        self._db.write(job)


def stored_search(
    db: Database,
    given: BacktestInput,
    key: str,
    kind: str,
    title: str,
    task: dict[str, Any],
    total: int,
    *,
    resume: bool,
) -> StoredSearch:
    """Begin a search; with `resume` go on with the newest of the same key, if there is one."""
    found = searches.resumable(db.reader(), key) if resume else None
    if found is None:
        made = SearchRecord(key, kind, title, task, fields(), total, round(db.clock.now() * 1000))
        found = dataclasses.replace(made, id=db.write(lambda con: searches.begin(con, made)))
    return StoredSearch(db, found, given)


class Ledger:
    """Counts runs of one input's market as trials."""

    def __init__(self, db: Database, given: BacktestInput) -> None:
        self._db = db
        self._given = given
        self._market = _market_of(given)

    def trials_of(self, outcomes: Sequence[Outcome]) -> list[Trial]:
        """The trials that these outcomes are; one that was refused is none."""
        return trials_of(self._given, outcomes, round(self._db.clock.now() * 1000))

    def note(self, outcomes: Sequence[Outcome]) -> None:
        """Count these runs."""
        counted = self.trials_of(outcomes)
        self._db.write(lambda con: trials.note(con, counted))

    def count(self) -> trials.TrialCount:
        """All trials of this strategy on this market and these dates, whoever made them and when."""
        return trials.count(self._db.reader(), self._given.strategy, self._given.spec.symbol, *self._market)


def trials_of(given: BacktestInput, outcomes: Sequence[Outcome], at_ms: int) -> list[Trial]:
    """The trials that these outcomes of an input are, run at `at_ms` (UTC); one that was refused is none."""
    market = _market_of(given)
    return [
        Trial(
            given.strategy, given.spec.symbol, market[0], settings_hash(given, each.combo), *market[1:],
            each.figures.get("day_sharpe"), at_ms,
        )
        for each in outcomes
        if each.error is None
    ]  # fmt: skip


def trial_of(given: BacktestInput, result: BacktestResult, at_ms: int) -> list[Trial]:
    """The trial that one run on its own is."""
    return trials_of(given, [outcome_of(0, {}, result, given.account.balance)], at_ms)


def _market_of(given: BacktestInput) -> tuple[int, int, int]:
    """Timeframe in seconds, first and last bar of the range."""
    first, end = span(given)
    times = given.bars.time
    # the middle one; numpy's median loads a library that holds the window up
    steps = np.diff(times)
    usual = int(np.partition(steps, len(steps) // 2)[len(steps) // 2]) if len(steps) else 0
    return usual, int(times[first]), int(times[end - 1])


def settings_hash(given: BacktestInput, combo: Combo) -> str:
    """What makes a trial another trial: parameters, stops, size and rules; not dates, deposit or costs."""
    each = applied(given, combo)
    return hash_of([
        dict(each.params), [str(each.sl.unit), each.sl.value], [str(each.tp.unit), each.tp.value], each.atr_period,
        dataclasses.asdict(each.sizing), each.reverse,
    ])[:32]  # fmt: skip


def _row(outcome: Outcome, names: Sequence[str]) -> RunRow:
    if outcome.error is not None:
        params = json.dumps(dict(outcome.error.params), default=str)
        return RunRow(outcome.number, _combo_text(outcome.combo), None, None, outcome.error.code, params)
    values = [outcome.figures[name] for name in names]
    figures = np.array([np.nan if each is None else each for each in values], "<f8")
    return RunRow(
        outcome.number, _combo_text(outcome.combo), figures.tobytes(), outcome.blocks.astype("<f8").tobytes()
    )


def _combo_text(combo: Combo) -> str:
    return json.dumps(dict(combo), separators=(",", ":"))


def _outcome(row: RunRow, names: Sequence[str]) -> Outcome:
    combo = json.loads(row.combo_json)
    if row.figures is None:
        return Outcome(
            row.number, combo, error=Message(row.error_code or "", json.loads(row.error_json or "{}"))
        )
    figures = np.frombuffer(row.figures, "<f8").tolist()
    return Outcome(
        row.number,
        combo,
        {name: None if math.isnan(value) else value for name, value in zip(names, figures, strict=True)},
        np.frombuffer(row.blocks or b"", "<f8").reshape(-1, 3).astype(np.float64),
    )
