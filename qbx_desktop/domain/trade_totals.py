"""What a set of trades came to: how many, what they brought, how many won, what was won per unit lost."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

_K = TypeVar("_K", bound=Hashable)


@dataclass(frozen=True)
class Totals:
    """Sums over closed trades, in account currency; `lost` is not negative."""

    count: int = 0
    winners: int = 0
    won: float = 0.0
    lost: float = 0.0

    @property
    def net(self) -> float:
        """Won less lost."""
        return self.won - self.lost

    @property
    def won_percent(self) -> float | None:
        """Share of trades above zero; None without any."""
        return 100.0 * self.winners / self.count if self.count else None

    @property
    def profit_factor(self) -> float | None:
        """Won divided by lost; None when nothing was lost."""
        return self.won / self.lost if self.lost else None


def totals_of(nets: Iterable[float]) -> Totals:
    """The totals of results, each with everything counted."""
    kept = list(nets)
    return Totals(
        len(kept), sum(each > 0 for each in kept), sum(each for each in kept if each > 0),
        -sum(each for each in kept if each < 0),
    )  # fmt: skip


def grouped(rows: Iterable[Any], key: Callable[[Any], _K], net: Callable[[Any], float]) -> dict[_K, Totals]:
    """Totals per `key`, in the order of first appearance."""
    nets: dict[_K, list[float]] = {}
    for row in rows:
        nets.setdefault(key(row), []).append(net(row))
    return {name: totals_of(each) for name, each in nets.items()}
