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
from .space import Axis, applied, checked_axes
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
class Study:
    """What a search found. `rows` are ranked; `best` is the peak, `steady` the middle of the best plateau."""

    id: int
    request: Request
    axes: tuple[Axis, ...]
    rows: tuple[Ranked, ...]
    trials: TrialCount
    overfitting: Overfitting | None
    verdict: Verdict | None

    @property
    def best(self) -> Ranked | None:
        return self.rows[0] if self.rows and self.rows[0].value is not None else None

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
    share = random_share(given, outcomes, axes, wanted, cancelled)
    study = judged(db, given, request, axes, wanted, outcomes, store.id, random_share=share)
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
    random_share: float | None = None,
    forward: WalkForward | None = None,
) -> Study:
    """Rank outcomes and judge the best by all that is known of this strategy on this market."""
    rows = ranked(outcomes, axes, wanted)
    trials = Ledger(db, given).count()
    doubt = overfitting_of(outcomes)
    best = rows[0] if rows and rows[0].value is not None else None
    verdict = None
    if best is not None:
        verdict = verdict_of(evidence_of(best.outcome.figures, trials, doubt, random_share, forward))
    return Study(search_id, request, axes, tuple(rows), trials, doubt, verdict)


def random_share(
    given: BacktestInput,
    outcomes: Sequence[Outcome],
    axes: Sequence[Axis],
    wanted: Criterion,
    cancelled: Callable[[], bool] | None = None,
) -> float | None:
    """The share of runs with the best's orders at random times that did as well; None where nothing counts."""
    rows = ranked(outcomes, axes, wanted)
    if not rows or rows[0].value is None or not rows[0].outcome.figures["total_trades"]:
        return None
    best = applied(given, rows[0].outcome.combo)
    found = baseline_of(best, run(best, cancelled=cancelled), runs=_RANDOM_RUNS, cancelled=cancelled)
    return None if found is None else found.p


def overfitting_of(outcomes: Sequence[Outcome]) -> Overfitting | None:
    """The probability of overfitting among outcomes that have enough days; None where it cannot be told."""
    known = [each.blocks for each in outcomes if each.blocks.shape == (BLOCKS, 3)]
    return overfitting(np.stack(known)) if len(known) > 1 else None


def evidence_of(
    figures: Mapping[str, float | None],
    trials: TrialCount,
    doubt: Overfitting | None,
    random_share: float | None = None,
    forward: WalkForward | None = None,
) -> Evidence:
    """What is known about a result, for the verdict."""
    return Evidence(
        net_profit=figures["net_profit"] or 0.0, trades=int(figures["total_trades"] or 0),
        days=int(figures["days"] or 0), sharpe=figures["day_sharpe"], skew=figures["day_skew"],
        kurtosis=figures["day_kurtosis"], trials=max(1, trials.count), variance=trials.variance,
        overfitting=None if doubt is None else doubt.probability, splits=0 if doubt is None else len(doubt.logits),
        random_share=random_share, forward_net=None if forward is None else forward.test_profit,
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
