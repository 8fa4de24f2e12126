"""At the start: records that another program changed halt trading until a person has looked and armed it again."""

from __future__ import annotations

from ..data import tampering
from ..data.trading_state import GLOBAL, TradingState
from ..domain.events import Level, Topic
from ..domain.messages import declare
from .floor import Floor

_FOUND = declare(
    "tamper.found",
    "The records were changed by another program ({count} findings, the first of them are listed beside this). Trading is "
    "halted; positions keep their stops at the broker. Compare with the broker and a backup, then arm trading again.",
)
_MOST_TOLD = 3


def look(floor: Floor) -> None:
    """Halt when something is found that nobody has accepted yet. Raises DbError."""
    con = floor.ledger.con
    found = [] if floor.logs is None else tampering.findings(con, floor.logs)
    if not found or tampering.is_accepted(con, found):
        return
    told = "; ".join(each.text.rstrip(".") for each in found[:_MOST_TOLD])
    if len(found) > _MOST_TOLD:
        told += f"; +{len(found) - _MOST_TOLD}"
    floor.set_state(GLOBAL, TradingState.HALTED, told)
    # Each in a row of its own, so that the history says it in the language of whoever reads it.
    for each in found[:_MOST_TOLD]:
        floor.ledger.record("ERROR", each, topic=Topic.BOT_ERROR, level=Level.WARNING)
    floor.ledger.record("ERROR", _FOUND(count=len(found)), topic=Topic.BOT_ERROR, level=Level.PROBLEM)


def accept(floor: Floor) -> None:
    """The trader armed trading again, having read what was found."""
    if floor.logs is not None:
        with floor.ledger.writing():
            tampering.accept(floor.ledger.con, floor.logs)
