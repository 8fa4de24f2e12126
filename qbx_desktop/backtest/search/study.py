"""A whole study as the command line and the window ask for it: search, rank, count the trials, and judge the best."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ...data import searches
from ...data.database import Database
from ...data.trials import TrialCount
from ...domain.bars import Floats
from ..baseline import baseline_of
from ..doubt.cscv import BLOCKS, Overfitting, overfitting
from ..doubt.verdict import Evidence, Verdict, verdict_of
from ..input import BacktestInput, span
from ..run import run
from .criterion import Criterion, criterion
from .loop import Progress, search
from .outcome import Outcome, fields
from .plan import GRID, Plan, plan_of
from .runner import Runner, runner_for
from .space import Axis, Combo, applied, checked_axes
from .stored import Ledger, StoredSearch, key_of_search, stored_search
from .surface import HeatMap, Ranked, heat_map, ranked, recommended
from .walk_forward import PEAK, WalkForward, walk_forward
from .windows import Window, windows

_RANDOM_RUNS = 100
OPTIMISE, WALK_FORWARD = "optimise", "walkforward"


@dataclass(frozen=True)
class Request:
    """What is searched, how, and for what. `count` limits a sample or a Bayesian search; `jobs` None: one per core."""

    axes: tuple[Axis, ...]
    method: str = GRID
    count: int = 200
    seed: int = 0
    goal: str = "net_profit"
    conditions: tuple[str, ...] = ()
    resume: bool = False
    jobs: int | None = None
    scheduler: str = ""

    def to_json(self) -> dict[str, Any]:
        """As plain JSON values."""
        return dataclasses.asdict(self)

    def plan(self, axes: Sequence[Axis], wanted: Criterion) -> Plan:
        """The plan of this request over checked axes."""
        return plan_of(self.method, axes, self.count, self.seed, wanted)

    def identity(self) -> dict[str, Any]:
        """What of the request decides which combinations are run, so that a resumed search is the same one."""
        if self.method == GRID:
            return {"method": GRID}
        same = {"method": self.method, "count": self.count, "seed": self.seed}
        return same if self.method == "random" else {**same, "goal": self.goal, "conditions": self.conditions}


@dataclass(frozen=True, eq=False)
class Doubts:
    """What a worker finds out about the best of a search; None where it cannot be told."""

    random_share: float | None = None
    overfitting: Overfitting | None = None


@dataclass(frozen=True, eq=False)
class Study:
    """What a search found. `rows` are ranked; `best` is the peak, `steady` the middle of the best plateau."""

    id: int
    request: Request
    axes: tuple[Axis, ...]
    rows: tuple[Ranked, ...]
    trials: TrialCount
    doubts: Doubts
    verdict: Verdict | None

    @property
    def best(self) -> Ranked | None:
        return _best_of(self.rows)

    @property
    def steady(self) -> Ranked | None:
        return recommended(self.rows)

    @property
    def failed(self) -> int:
        """Combinations that could not be run."""
        return sum(row.outcome.error is not None for row in self.rows)

    def map(self, x: str, y: str) -> HeatMap:
        """The heat map of two axes by name."""
        return heat_map(self.rows, self.axes, x, y)


def optimise(
    db: Database,
    given: BacktestInput,
    request: Request,
    *,
    title: str = "",
    runner: Runner | None = None,
    progress: Callable[[Progress], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Study:
    """Search and judge. Every result is in the database as soon as it is computed. Raises UserMistake, Cancelled."""
    axes, wanted = _checked(given, request)
    plan = request.plan(axes, wanted)
    key = key_of_search(given, request.identity(), axes)
    store = stored_search(
        db, given, key, OPTIMISE, title, request.to_json(), plan.total, resume=request.resume
    )
    with runner or runner_for(given, request.jobs, request.scheduler) as workers:
        outcomes = search(
            plan, workers, store, start=given.start, end=given.end, progress=progress, cancelled=cancelled
        )
        best = _best_of(ranked(outcomes, axes, wanted))
        combo = None if best is None else best.outcome.combo
        # by a worker as well: the window's process need not load the engine to search
        doubts = workers.call(doubts_of, combo, [each.blocks for each in outcomes], cancelled=cancelled)
    study = judged(db, given, request, axes, wanted, outcomes, store.id, doubts=doubts)
    summary = (
        None if study.verdict is None else {"word": study.verdict.word, "deflated": study.verdict.deflated}
    )
    db.write(lambda con: searches.finish(con, store.id, summary))
    return study


def judged(
    db: Database,
    given: BacktestInput,
    request: Request,
    axes: tuple[Axis, ...],
    wanted: Criterion,
    outcomes: Sequence[Outcome],
    search_id: int = 0,
    *,
    doubts: Doubts,
) -> Study:
    """Rank outcomes and judge the best by all that is known of this strategy on this market."""
    rows = ranked(outcomes, axes, wanted)
    trials = Ledger(db, given).count()
    return with_forward(Study(search_id, request, axes, tuple(rows), trials, doubts, None), None)


def with_forward(study: Study, forward: WalkForward | None) -> Study:
    """The study judged anew, by a walk-forward of the same settings as well where there is one."""
    if study.best is None:
        return study
    known = evidence_of(study.best.outcome.figures, study.trials, study.doubts, forward)
    return dataclasses.replace(study, verdict=verdict_of(known))


def doubts_of(
    given: BacktestInput,
    combo: Combo | None,
    blocks: Sequence[Floats],
    cancelled: Callable[[], bool] | None = None,
) -> Doubts:
    """What speaks for luck: random entries against the best combination, and CSCV over the blocks of all."""
    share = None if combo is None else random_share(given, combo, cancelled)
    known = [each for each in blocks if each.shape == (BLOCKS, 3)]
    return Doubts(share, overfitting(np.stack(known)) if len(known) > 1 else None)


def random_share(
    given: BacktestInput, combo: Combo, cancelled: Callable[[], bool] | None = None
) -> float | None:
    """The share of runs with this combination's orders at random times that did as well; None without a trade."""
    one = applied(given, combo)
    found = baseline_of(one, run(one, cancelled=cancelled), runs=_RANDOM_RUNS, cancelled=cancelled)
    return None if found is None else found.p


def _best_of(rows: Sequence[Ranked]) -> Ranked | None:
    return rows[0] if rows and rows[0].value is not None else None


def evidence_of(
    figures: Mapping[str, float | None],
    trials: TrialCount,
    doubts: Doubts,
    forward: WalkForward | None = None,
) -> Evidence:
    """What is known about a result, for the verdict."""
    doubt = doubts.overfitting
    return Evidence(
        net_profit=figures["net_profit"] or 0.0, trades=int(figures["total_trades"] or 0),
        days=int(figures["days"] or 0), sharpe=figures["day_sharpe"], skew=figures["day_skew"],
        kurtosis=figures["day_kurtosis"], trials=max(1, trials.count), variance=trials.variance,
        overfitting=None if doubt is None else doubt.probability, splits=0 if doubt is None else len(doubt.logits),
        random_share=doubts.random_share, forward_net=None if forward is None else forward.test_profit,
        forward_good=0 if forward is None else forward.profitable,
        forward_count=0 if forward is None else len(forward.windows),
    )  # fmt: skip


def walk(
    db: Database,
    given: BacktestInput,
    request: Request,
    train_days: int,
    test_days: int,
    *,
    anchored: bool = False,
    choose: str = PEAK,
    title: str = "",
    runner: Runner | None = None,
    progress: Callable[[int, int, Progress], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> WalkForward:
    """Walk forward with the request's search in each window. `progress` hears window, windows in all, its training.

    Raises UserMistake, Cancelled; what was computed is stored and found again with `request.resume`.
    """
    axes, wanted = _checked(given, request)
    first, end = span(given)
    parts = windows(given.bars.time[first:end], train_days, test_days, anchored=anchored)

    def store(part: Window) -> StoredSearch:
        inside = dataclasses.replace(given, start=part.train, end=part.test)
        key = key_of_search(inside, request.identity(), axes)
        task = {**request.to_json(), "window": dataclasses.asdict(part)}
        total = request.plan(axes, wanted).total
        return stored_search(db, inside, key, WALK_FORWARD, title, task, total, resume=request.resume)

    def tell(number: int, news: Progress) -> None:
        if progress is not None:
            progress(number, len(parts), news)

    with runner or runner_for(given, request.jobs, request.scheduler) as workers:
        return walk_forward(
            given, axes, parts, lambda: request.plan(axes, wanted), wanted, workers, store,
            choose=choose, progress=tell, cancelled=cancelled,
        )  # fmt: skip


def _checked(given: BacktestInput, request: Request) -> tuple[tuple[Axis, ...], Criterion]:
    return checked_axes(given, request.axes), criterion(request.goal, request.conditions, fields())
