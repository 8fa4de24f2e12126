"""No question of the order path reads a whole table: a journal of years must not make orders slower."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from qbx_desktop.data import deals, decisions, order_counts
from qbx_desktop.data.database import Database
from qbx_desktop.data.order_journal import OrderJournal
from qbx_desktop.domain.journal import JournalState

from .conftest import an_order

Ask = Callable[[Any], object]
ASKS: dict[str, Ask] = {
    "open questions": lambda con: OrderJournal(con).open_questions(),
    "open questions of a bot": lambda con: OrderJournal(con).unresolved_count(1),
    "whether anything is open": lambda con: OrderJournal(con).unresolved_count(),
    "the order of a ticket": lambda con: OrderJournal(con).by_order_ticket(1, "S", 7),
    "the order of a deal": lambda con: OrderJournal(con).by_deal_ticket(1, "S", 7),
    "orders of a position": lambda con: OrderJournal(con).for_position(7),
    "orders of a bot": lambda con: OrderJournal(con).for_bot(1),
    "the last fill": lambda con: OrderJournal(con).last_fill(1),
    "a deal": lambda con: deals.by_ticket(con, 1, "S", 7),
    "the newest deal": lambda con: deals.last_deal_time(con, 1, "S"),
    "deals of a bot": lambda con: deals.deals_of(con, account=1, server="S", bot_id=1),
    "deals of a position": lambda con: deals.deals_of(con, account=1, server="S", position_id=7),
    "newest deals of a symbol": lambda con: deals.deals_of(con, account=1, server="S", symbol="EURUSD"),
    "orders a minute": lambda con: order_counts.sent_by_bot(con, 1, 0),
    "orders of the account a minute": lambda con: order_counts.sent_by_account(con, 1, 0),
    "entries on a bar": lambda con: order_counts.entries_on_bar(con, 1, 0),
    "refusals in a row": lambda con: order_counts.refusals_in_a_row(con, 1),
    "decisions of a bot": lambda con: decisions.page(con, 1),
}


def plan_of(con: Any, ask: Ask) -> Iterator[str]:
    """What sqlite does for every question that `ask` puts, parameters written in."""
    put: list[str] = []
    con.set_trace_callback(put.append)
    ask(con)
    con.set_trace_callback(None)
    for sql in put:
        yield from (str(row["detail"]) for row in con.execute(f"EXPLAIN QUERY PLAN {sql}"))


@pytest.mark.parametrize("counted", [False, True])
@pytest.mark.parametrize("asked", ASKS)
def test_it_is_found_by_an_index(db: Database, asked: str, counted: bool) -> None:
    if counted:
        # With the planner's figures over many settled rows, as after the caretaker's look.
        def fill(con: Any) -> None:
            journal = OrderJournal(con)
            for number in range(60):
                row = journal.insert(**an_order(bot_id=number % 3, bar_time=number))
                journal.transition(row.id, JournalState.EXPIRED)
            con.execute("ANALYZE")

        db.write(fill)
    plan = list(plan_of(db.reader(), ASKS[asked]))
    assert plan
    scans = [each for each in plan if each.startswith("SCAN") and "oj_one_open_question" not in each]
    # The newest rows of a bot, as many as the limit says, are gone through in a subquery.
    assert [each for each in scans if each != "SCAN (subquery-1)"] == [], plan
