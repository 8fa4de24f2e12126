"""The squeeze: Bollinger bands that just became narrow against their own mean, and the close that leaves them."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..domain.bars import Bars
from ..domain.signals import Signals
from .answers import signals_from
from .comparisons import above
from .contract import Plot
from .indicators import before, bollinger, sma
from .rule import HIDDEN, Lines


def squeeze_from(params: Any) -> int:
    """Index of the first bar before which a squeeze can be known."""
    return int(params.bb_length + params.squeeze_window) - 1


def squeeze_lines(bars: Bars, params: Any) -> dict[str, Plot]:
    """Bands, their width in percent of the middle (0 where the middle is 0), and the width below which it is narrow."""
    lower, middle, upper = bollinger(bars.close, params.bb_length, params.bb_std)
    with np.errstate(invalid="ignore", divide="ignore"):
        width = 100.0 * (upper - lower) / middle
    width[middle == 0] = 0.0
    narrow = params.squeeze_factor * sma(width, params.squeeze_window)
    return {
        "lower": Plot("Lower band", lower),
        "middle": Plot("Middle", middle),
        "upper": Plot("Upper band", upper),
        "width": Plot("Band width, %", width, pane=1),
        "narrow": Plot("Narrow below", narrow, pane=1),
        # What the rule compares with is the bar before: a close inside its own bands never leaves them.
        "lower_before": Plot("Lower band before", before(lower), pane=HIDDEN),
        "upper_before": Plot("Upper band before", before(upper), pane=HIDDEN),
        "width_before": Plot("Band width before, %", before(width), pane=HIDDEN),
        "narrow_before": Plot("Narrow below, before", before(narrow), pane=HIDDEN),
    }


def squeeze_rule(bars: Bars, lines: Lines) -> Signals:
    """Entries where the close leaves the bands of a bar that was in a squeeze."""
    squeezed = above(lines["narrow_before"].values, lines["width_before"].values)
    return signals_from(
        squeezed & above(bars.close, lines["upper_before"].values),
        squeezed & above(lines["lower_before"].values, bars.close),
    )
