"""The trades of a run as columns; a :class:`Trade` is made of them only when one is looked at."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

from ..domain.bars import Floats, Ints
from .layout import NEVER, REASONS
from .trade import Trade


class Trades(Sequence[Trade]):
    """Records of :data:`layout.TRADE` in order of time; `scale` is points per price unit, `unit` cents per money unit.

    Columns in account currency: `net`, `profit`, `swap`, `commission`, `mfe`, `mae`; `entered` and `left` are bar indices.
    """

    def __init__(self, rows: NDArray[Any], times: Ints, scale: float, unit: int) -> None:
        self._rows = rows
        self._times = times
        self._scale = scale
        self._unit = unit
        self._made: list[Trade] | None = None

    def __len__(self) -> int:
        return len(self._rows)

    @overload
    def __getitem__(self, index: int) -> Trade: ...
    @overload
    def __getitem__(self, index: slice) -> list[Trade]: ...
    def __getitem__(self, index: int | slice) -> Trade | list[Trade]:
        return self._all()[index]

    def __iter__(self) -> Iterator[Trade]:
        return iter(self._all())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and self._all() == list(other)

    __hash__ = None  # type: ignore[assignment]  # equal by content, as a list is

    def __repr__(self) -> str:
        return f"Trades({self._all()!r})"

    @property
    def net(self) -> Floats:
        """Profit, swap and commission together."""
        rows = self._rows
        return np.asarray((rows["profit"] + rows["swap"] + rows["commission"]) / self._unit)

    @property
    def profit(self) -> Floats:
        return self._money("profit")

    @property
    def swap(self) -> Floats:
        return self._money("swap")

    @property
    def commission(self) -> Floats:
        return self._money("commission")

    @property
    def mfe(self) -> Floats:
        return self._money("mfe")

    @property
    def mae(self) -> Floats:
        return self._money("mae")

    @property
    def volume(self) -> Floats:
        return np.array(self._rows["lots"])

    @property
    def entered(self) -> Ints:
        return np.array(self._rows["entered"])

    @property
    def left(self) -> Ints:
        return np.array(self._rows["left"])

    @property
    def side(self) -> Ints:
        """+1 for a buy, -1 for a sell."""
        return np.array(self._rows["side"])

    @property
    def ambiguous(self) -> NDArray[np.bool_]:
        return np.asarray(self._rows["ambiguous"] != 0)

    def _money(self, name: str) -> Floats:
        return np.asarray(self._rows[name] / self._unit)

    def _all(self) -> list[Trade]:
        if self._made is None:
            rows, scale = self._rows, self._scale
            side = rows["side"]
            columns: tuple[NDArray[Any], ...] = (
                np.arange(1, len(rows) + 1),
                np.where(side > 0, "buy", "sell"),
                rows["lots"],
                self._times[rows["entered"]],
                side * rows["fill"] / scale,
                np.where(rows["sl"] == -NEVER, 0.0, side * rows["sl"] / scale),
                np.where(rows["tp"] == NEVER, 0.0, side * rows["tp"] / scale),
                self._times[rows["left"]],
                side * rows["at"] / scale,
                np.array(REASONS)[rows["reason"]],
                self.profit, self.swap, self.commission, self.net,
                rows["left"] - rows["entered"],
                self.mfe, self.mae, self.ambiguous,
            )  # fmt: skip
            self._made = [Trade(*row) for row in zip(*(each.tolist() for each in columns), strict=True)]
        return self._made
