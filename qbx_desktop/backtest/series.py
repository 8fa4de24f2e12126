"""Runs of wins and losses: the longest, the richest, the average, and whether their order looks random."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Run:
    """Consecutive trades of the same kind: how many, and their net together."""

    won: bool
    count: int
    money: float


def runs_of(nets: Sequence[float]) -> list[Run]:
    """The runs in order of time. A win has a net above 0; every other trade is a loss."""
    runs: list[Run] = []
    begin = 0
    for k in range(1, len(nets) + 1):
        if k == len(nets) or (nets[k] > 0) != (nets[begin] > 0):
            runs.append(Run(nets[begin] > 0, k - begin, math.fsum(nets[begin:k])))
            begin = k
    return runs


def series_fields(nets: Sequence[float], digits: int) -> dict[str, float | int | None]:
    """The report's consecutive-series fields; money rounded to `digits`. Of equal series the first counts."""
    fields: dict[str, float | int | None] = {}
    for won, plural, single, sign in ((True, "wins", "profit", 1), (False, "losses", "loss", -1)):
        runs = [run for run in runs_of(nets) if run.won is won]
        longest = max(runs, key=lambda run: run.count, default=Run(won, 0, 0.0))
        richest = max(runs, key=lambda run: round(sign * run.money, digits), default=Run(won, 0, 0.0))
        fields[f"max_consecutive_{plural}"] = longest.count
        fields[f"max_consecutive_{plural}_money"] = round(longest.money, digits)
        fields[f"maximal_consecutive_{single}"] = round(richest.money, digits)
        fields[f"maximal_consecutive_{single}_count"] = richest.count
        fields[f"average_consecutive_{plural}"] = sum(run.count for run in runs) / len(runs) if runs else None
    return fields


def z_score(nets: Sequence[float]) -> float | None:
    """Runs test of wins and losses: negative when they cluster; None where it cannot be told."""
    n = len(nets)
    wins = sum(net > 0 for net in nets)
    p = 2.0 * wins * (n - wins)
    if n < 2 or p * (p - n) <= 0:
        return None
    return (n * (len(runs_of(nets)) - 0.5) - p) / math.sqrt(p * (p - n) / (n - 1))
