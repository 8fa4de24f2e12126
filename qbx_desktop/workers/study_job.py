"""Searches, walk-forwards and resamplings as jobs of the study thread: what they are given, and the news they make."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    # Loaded by the first job, in its thread: the window paints before that.
    from ..backtest.input import BacktestInput
    from ..backtest.search.loop import Progress
    from ..backtest.search.outcome import Outcome
    from ..backtest.search.study import Request
    from ..data.database import Database

_BETWEEN_UPDATES = 0.1  # seconds


@dataclass(frozen=True, eq=False)
class StudyProgress:
    """How far a job is: `done` of `total` runs in part `part` of `parts`; `latest` are the newest outcomes."""

    number: int
    done: int
    total: int
    seconds_left: float | None
    part: int = 0
    parts: int = 1
    latest: tuple[Outcome, ...] = ()


@dataclass(frozen=True, eq=False)
class StudyDone:
    """A job ended; `result` is what it returned."""

    number: int
    result: Any
    seconds: float


class Tools:
    """What a job may use, in the study thread."""

    def __init__(
        self, db: Database, number: int, cancelled: Callable[[], bool], emit: Callable[[StudyProgress], None],
        now: Callable[[], float],
    ) -> None:  # fmt: skip
        self.db = db
        self.number = number
        self.cancelled = cancelled
        self._emit, self._now = emit, now
        self._told_at = float("-inf")
        self._latest: list[Outcome] = []

    def heard(self, news: Progress, part: int = 0, parts: int = 1) -> None:
        """Pass the progress of a search on, at most ten times a second; no outcome is left out."""
        self._latest += news.latest
        now = self._now()
        if now - self._told_at < _BETWEEN_UPDATES and news.done < news.total:
            return
        self._told_at = now
        latest, self._latest = tuple(self._latest), []
        self._emit(StudyProgress(self.number, news.done, news.total, news.seconds_left, part, parts, latest))


Job = Callable[[Sequence["BacktestInput"], Tools], Any]


def optimise_job(request: Request, title: str) -> Job:
    """Search; the result is a `Study`."""

    def job(inputs: Sequence[BacktestInput], tools: Tools) -> Any:
        from ..backtest.search.study import optimise

        return optimise(
            tools.db, inputs[0], request, title=title, progress=tools.heard, cancelled=tools.cancelled
        )

    return job


def walk_job(request: Request, train: int, test: int, *, anchored: bool, choose: str, title: str) -> Job:
    """Walk forward; the result is a `WalkForward`."""

    def job(inputs: Sequence[BacktestInput], tools: Tools) -> Any:
        from ..backtest.search.study import walk

        return walk(
            tools.db, inputs[0], request, train, test, anchored=anchored, choose=choose, title=title,
            progress=lambda part, parts, news: tools.heard(news, part, parts), cancelled=tools.cancelled,
        )  # fmt: skip

    return job


@dataclass(frozen=True, eq=False)
class MonteCarlo:
    """What a resampling found: `Resampled` per way, and `Jittered` where the numbers were varied too."""

    ways: tuple[Any, ...]
    shaken: Any | None


def resample_job(
    paths: int,
    seed: int,
    skip: float,
    block: int,
    cost_points: float,
    ruin: float,
    jitter: float = 0.0,
    runs: int = 0,
) -> Job:
    """Run once and resample its trades in every way, then `runs` times with every number moved by up to `jitter`; the
    result is a `MonteCarlo`. Shares are 0-1.
    """

    def job(inputs: Sequence[BacktestInput], tools: Tools) -> Any:
        import numpy as np

        from ..backtest.compiled import ready
        from ..backtest.doubt.jitter import jittered
        from ..backtest.doubt.monte_carlo import METHODS, Resampling, point_costs, resampled
        from ..backtest.run import run
        from ..backtest.search.outcome import outcome_of
        from ..backtest.search.runner import runner_for
        from ..backtest.search.stored import Ledger

        given = inputs[0]
        result = run(given, cancelled=tools.cancelled)
        Ledger(tools.db, given).note([outcome_of(0, {}, result, given.account.balance)])
        nets = np.array([each.net for each in result.trades])
        costs = point_costs(result.trades, given.spec.point)
        compounding = given.sizing.risk_percent is not None
        found = []
        for method in METHODS:
            how = Resampling(method, paths, seed, skip, block, cost_points, ruin, compounding)
            one = resampled(nets, given.account.balance, how, costs=costs, cancelled=tools.cancelled)
            if one is None:
                break
            found.append(one)
        shaken = None
        if jitter > 0 and runs > 0:
            # the run above has loaded the engine; where it has to be made first, other processes make it
            with runner_for(given, None if ready().plain else 1) as workers:
                shaken = jittered(given, jitter, runs, seed, workers, tools.cancelled)
        return MonteCarlo(tuple(found), shaken)

    return job


def portfolio_job() -> Job:
    """Run all inputs on one account; the result is a `PortfolioView`."""

    def job(inputs: Sequence[BacktestInput], tools: Tools) -> Any:
        from ..backtest.portfolio import run_portfolio
        from ..backtest.portfolio_risk import correlations, exposures
        from ..backtest.run import run
        from ..backtest.search.loop import Progress

        whole = run_portfolio(
            inputs,
            progress=lambda done, total: tools.heard(Progress(done, total, 0, None)),
            cancelled=tools.cancelled,
        )
        alone = [float(run(each, cancelled=tools.cancelled).report["net_profit"]) for each in inputs]
        return PortfolioView(
            whole, tuple(alone), tuple(exposures(inputs, whole)), tuple(map(tuple, correlations(whole)))
        )

    return job


@dataclass(frozen=True, eq=False)
class PortfolioView:
    """A portfolio as the screen shows it: the whole, each part's net alone, exposure per currency, correlations."""

    whole: Any
    alone: tuple[float, ...]
    exposures: tuple[Any, ...]
    correlations: tuple[tuple[float | None, ...], ...]
