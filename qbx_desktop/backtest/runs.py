"""Runs of wins and losses: the longest, the richest, the average, and whether their order looks random. Compilable."""

from __future__ import annotations

import math
from typing import Any


def note_runs(nets: Any, count: int, unit: float, row: Any) -> None:
    """Fill the report's consecutive-series fields from nets in cents; a win has a net above 0."""
    longest, money, richest, richest_count, wins_runs, wins = _runs_of(nets, count, True)
    row["max_consecutive_wins"], row["max_consecutive_wins_money"] = longest, money / unit
    row["maximal_consecutive_profit"], row["maximal_consecutive_profit_count"] = richest / unit, richest_count
    row["average_consecutive_wins"] = wins / wins_runs if wins_runs else math.nan
    longest, money, richest, richest_count, loss_runs, losses = _runs_of(nets, count, False)
    row["max_consecutive_losses"], row["max_consecutive_losses_money"] = longest, money / unit
    row["maximal_consecutive_loss"], row["maximal_consecutive_loss_count"] = richest / unit, richest_count
    row["average_consecutive_losses"] = losses / loss_runs if loss_runs else math.nan
    # Runs test of wins and losses: negative when they cluster.
    p = 2.0 * wins * losses
    row["z_score"] = math.nan
    if count > 1 and p * (p - count) > 0:
        z = count * (wins_runs + loss_runs - 0.5) - p
        row["z_score"] = z / math.sqrt(p * (p - count) / (count - 1))


def _runs_of(nets: Any, count: int, won: bool) -> tuple[int, float, float, int, int, int]:
    """Of the runs of one kind: the longest's length and money, the richest's money and length; runs and trades in all.

    Of equal runs the first counts.
    """
    longest = richest_length = runs = trades = length = 0
    longest_money = richest = money = 0.0
    for k in range(count):
        if (nets[k] > 0) != won:
            continue
        starts = k == 0 or (nets[k - 1] > 0) != won
        length = 1 if starts else length + 1
        money = nets[k] if starts else money + nets[k]
        runs += 1 if starts else 0
        trades += 1
        if k < count - 1 and (nets[k + 1] > 0) == won:
            continue
        if length > longest:
            longest, longest_money = length, money
        if richest_length == 0 or abs(money) > abs(richest):
            richest, richest_length = money, length
    return longest, longest_money, richest, richest_length, runs, trades
