"""The windows of a walk-forward: train on one stretch of days, test on the next, move on by the length of the test."""

from __future__ import annotations

from dataclasses import dataclass

from ...domain.bars import Ints
from ...domain.errors import UserMistake
from ...domain.messages import declare

_WRONG = declare(
    "walkforward.windows",
    "The windows cannot be made: {why}. Nothing was run.",
)
_DAY = 86_400
_MOST = 500


@dataclass(frozen=True)
class Window:
    """Train in [`train`, `test`), test in [`test`, `end`); server epoch seconds."""

    number: int
    train: int
    test: int
    end: int


def windows(times: Ints, train_days: int, test_days: int, *, anchored: bool = False) -> list[Window]:
    """The windows over bars that open at `times`: the tests are disjoint, in order, and cover all but the first training.

    Anchored, every training begins at the first bar and grows; rolling, it keeps its length. The last test may be
    shorter. Raises UserMistake when there is not room for one.
    """
    if train_days < 1 or test_days < 1:
        raise UserMistake(_WRONG(why="training and test need at least one day each"))
    if not len(times):
        raise UserMistake(_WRONG(why="there are no bars"))
    first, last = int(times[0]), int(times[-1]) + 1
    test = first + train_days * _DAY
    if test >= last:
        have = (last - first) // _DAY
        raise UserMistake(
            _WRONG(why=f"{train_days} days of training leave nothing of {have} days to test on")
        )
    if (last - test) // (test_days * _DAY) >= _MOST:
        raise UserMistake(_WRONG(why=f"tests of {test_days} days make more than {_MOST} windows"))
    found: list[Window] = []
    while test < last:
        end = min(test + test_days * _DAY, last)
        begin = first if anchored else test - train_days * _DAY
        found.append(Window(len(found), begin, test, end))
        test = end
    return found
