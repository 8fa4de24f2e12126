"""Where a price stands on the value axis: as it is, or by its logarithm, so that equal percents are equally tall."""

from __future__ import annotations

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from ...domain.bars import Bars

Values = TypeVar("Values", float, NDArray[np.float64])


class PriceScale:
    """Linear until `log` is set. Prices of zero and below have no place on the logarithmic one and become NaN."""

    def __init__(self) -> None:
        self.log = False

    def place(self, price: Values) -> Values:
        """The height of a price in the plot."""
        if not self.log:
            return price
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.log10(price)

    def price(self, place: float) -> float:
        """The price at a height of the plot."""
        return float(10.0**place) if self.log else place

    def bars(self, bars: Bars) -> Bars:
        """The bars with their prices put in place; the same object while the scale is linear."""
        if not self.log or not len(bars):
            return bars
        columns = (bars.open, bars.high, bars.low, bars.close)
        return Bars.from_prices(bars.time, *(self.place(each) for each in columns))
