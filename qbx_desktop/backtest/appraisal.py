"""What stands beside a result and costs more than the run itself: chance, buy and hold, the quality of the history."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ..data.bar_files import commonest_step
from ..data.bar_quality import check
from ..data.bar_report import QualityReport
from ..domain.timeframe import Timeframe
from .baseline import Baseline, baseline_of
from .input import BacktestInput, span
from .result import BacktestResult


@dataclass(frozen=True, eq=False)
class Appraisal:
    """`baseline` is None for a run without trades or when it was not wanted."""

    baseline: Baseline | None
    quality: QualityReport

    def to_json(self) -> dict[str, Any]:
        """As plain JSON values: `baseline`, and `history_quality` with the ribbon's bands (server epoch seconds)."""
        return {
            "baseline": None if self.baseline is None else self.baseline.to_json(),
            "history_quality": {
                "percent": 100.0 * self.quality.quality, "verdict": self.quality.verdict.value,
                "ribbon": [
                    {"start": band.start, "stop": band.stop, "bars": band.bars, "percent": 100.0 * band.quality}
                    for band in self.quality.ribbon
                ],
                "findings": [
                    {"severity": each.severity.value, "code": each.message.code,
                     "params": dict(each.message.params), "text": each.message.text}
                    for each in self.quality.findings
                ],
            },
        }  # fmt: skip


def appraise(
    given: BacktestInput,
    result: BacktestResult,
    *,
    runs: int | None = None,
    seed: int = 1,
    progress: Callable[[int, int], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Appraisal:
    """Appraise `result`, the run of `given`; `runs` random runs (0: none, None: as many as are usual). Raises Cancelled."""
    first, end = span(given)
    bars = given.bars[first:end]
    frame = commonest_step(bars.time) or Timeframe.H1
    quality = check(bars, frame, digits=given.spec.digits)
    baseline = None
    if runs != 0:
        baseline = baseline_of(given, result, runs=runs, seed=seed, progress=progress, cancelled=cancelled)
    return Appraisal(baseline, quality)
