"""The file that a new strategy of the trader's begins as: it runs, passes every check, and explains itself."""

from __future__ import annotations

from pathlib import Path

from ...domain.errors import UserMistake
from ...domain.messages import declare
from .source import checked_name

_EXISTS = declare("own.exists", "There is a file {path} already; it was left as it is. Choose another name.")
_UNWRITABLE = declare("own.unwritable", "{path} cannot be written ({why}). Nothing was changed.")

_TEXT = '''"""{title}: one sentence that says what this strategy does."""

from dataclasses import dataclass

from qbx_desktop.strategies.api import Plot, check, crossings, param, rule_broken, sma


# The parameters become the form in the bot editor and the Backtest tab. Each has a default, a label, bounds and one
# sentence of help. Add search=(from, to, step) and the optimiser knows what to try.
@dataclass(frozen=True)
class Params:
    fast: int = param(20, "Fast average", low=2, high=500, step=1, search=(5, 50, 5), help="Bars in the fast average.")
    slow: int = param(50, "Slow average", low=3, high=1000, step=1, search=(20, 200, 10), help="Bars in the slow one.")

    def __post_init__(self):
        check(self)  # keeps the bounds
        if self.fast >= self.slow:
            raise rule_broken(self, "fast", "must be shorter than the slow average")


class Strategy:
    title = "{title}"
    description = "Buys when the fast average crosses above the slow one and sells when it crosses below."
    Params = Params

    def warmup(self, params):
        """The number of the first bar (counted from 0) at which every value below exists."""
        return params.slow

    def signals(self, bars, params):
        """One number per bar: 1 buy, -1 sell, 0 nothing. The bot acts at the next bar's open.

        `bars` holds closed bars, oldest first, as numpy arrays: bars.time (seconds, server time), bars.open, bars.high,
        bars.low, bars.close, bars.tick_volume, bars.spread (points). They cannot be changed. With pandas:

            from qbx_desktop.strategies.api import frame
            table = frame(bars)                    # columns open, high, low, close, tick_volume, spread
            fast = table.close.rolling(params.fast).mean()

        Never read a later bar (no shift(-1), no center=True), and let nothing depend on where the data begins (no
        cumulative sums): "Check" in the program finds both. To close positions as well, return three columns:
        (entry, exit_long, exit_short), the last two True or False per bar.
        """
        fast, slow = sma(bars.close, params.fast), sma(bars.close, params.slow)
        up, down = crossings(fast, slow)
        return up.astype(int) - down.astype(int)

    def plots(self, bars, params):
        """The lines for the chart, one value per bar (NaN where there is none). May be left out."""
        return [Plot("Fast", sma(bars.close, params.fast)), Plot("Slow", sma(bars.close, params.slow))]

    # May be left out too:
    #
    # def history(self, params):
    #     """How many closed bars a bot loads for one decision. Without this: twenty times the warm-up, at most 5000."""
    #     return 20 * params.slow
    #
    # def explain(self, bars, params):
    #     """What it sees on the last bar, as a sentence. Without this: the last values of the lines."""
    #     return f"The close is {{bars.close[-1]:.5f}}."
'''


def template(name: str) -> str:
    """The text of a new strategy called `name`."""
    return _TEXT.format(title=name.replace("_", " ").capitalize())


def write_new(folder: Path, name: str) -> Path:
    """Write a new file, never over another. Raises UserMistake for a bad name, an existing file, a folder that cannot
    be written."""
    path = folder / f"{checked_name(name.removesuffix('.py'))}.py"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8", newline="\n") as file:
            file.write(template(path.stem))
    except FileExistsError:
        raise UserMistake(_EXISTS(path=str(path))) from None
    except OSError as error:
        raise UserMistake(_UNWRITABLE(path=str(path), why=error.strerror or str(error))) from error
    return path
