"""Settles orders whose answer was lost: by the broker's own records, never by guessing, never by sending again."""

from __future__ import annotations

from collections.abc import Iterable

from ..data.order_journal import OrderJournal
from ..domain.journal import JournalAction, JournalRow, JournalState
from ..domain.orders import Outcome
from . import order_sentences as say
from .clean_scan import BEFORE, NotClean, Scan, TerminalError, take_scan
from .floor import Floor
from .halts import halt_bot
from .match_order import Found, candidates, still_at_work
from .outcome import Told, net_of_position, record_outcome

SCAN_EVERY = 5.0
CLEAN_SCANS = 3
SETTLE_TIME = 60.0
SETTLE_TIME_AFTER_SILENCE = 180.0
GIVE_UP_AFTER = 600.0
# Answers after which an order may still be on its way: placed, time-out, no connection, no answer at all.
_SLOW_ANSWERS = frozenset({10008, 10012, 10031, None})


class Settler:
    """Times are monotonic seconds. After a restart the waiting starts again: that is the safe side."""

    def __init__(self, floor: Floor) -> None:
        self._floor = floor
        self._next_scan = float("-inf")
        self._first_seen: dict[int, float] = {}
        self._scans: dict[int, list[float]] = {}
        self._last_clean: dict[int, float] = {}
        self._connected_at = float("-inf")

    def reconnected(self) -> None:
        """The link came back: what was read before proves nothing any more."""
        self._connected_at = self._floor.clock.monotonic()
        self._scans.clear()

    def forget_flight(self, rows: Iterable[JournalRow]) -> None:
        """At the start nothing is in flight: QUEUED becomes EXPIRED, SENDING becomes UNKNOWN. Raises DbError."""
        for row in rows:
            self._as_unknown(row)

    def due(self, now: float) -> bool:
        """Whether there is something to settle and the pause between two scans is over."""
        return now >= self._next_scan

    def seconds_to_next(self, now: float) -> float:
        """Until the next scan."""
        return max(0.0, self._next_scan - now)

    def look(self, rows: Iterable[JournalRow]) -> Scan | None:
        """One scan over the open questions of this account; None when it was not clean. Raises DbError."""
        floor = self._floor
        now = floor.clock.monotonic()
        self._next_scan = now + SCAN_EVERY
        rows = [self._as_unknown(row) for row in rows]
        mine = [row for row in rows if row.state is JournalState.UNKNOWN]
        for row in mine:
            self._first_seen.setdefault(row.id, now)
        mine = [row for row in mine if (row.account, row.server) == (floor.login, floor.server)]
        if not mine:
            return None
        try:
            since = min(row.sent_srv or floor.terminal.server_time() for row in mine) - BEFORE
            scan = take_scan(floor.terminal, floor.login, floor.server, since)
        except (NotClean, TerminalError):
            self._give_up_on(mine, now)
            return None
        for row in mine:
            self._settle_one(row, scan, now)
        return scan

    def _as_unknown(self, row: JournalRow) -> JournalRow:
        """Nothing is in flight here, so QUEUED was never sent and SENDING has lost its answer."""
        floor = self._floor
        if row.state is JournalState.QUEUED:
            with floor.ledger.writing():
                return floor.ledger.journal.transition(
                    row.id, JournalState.EXPIRED, resolution="interrupted", resolved_ms=floor.ledger.now_ms()
                )
        if row.state is JournalState.SENDING:
            lost = Outcome(JournalState.UNKNOWN, row.retcode, row.last_error or "interrupted")
            return record_outcome(floor.ledger, row, lost, self._told(row))
        return row

    def _settle_one(self, row: JournalRow, scan: Scan, now: float) -> None:
        floor, journal = self._floor, self._floor.ledger.journal
        self._last_clean[row.id] = now
        if row.action is JournalAction.MODIFY and self._has_its_stops(row, scan):
            done = Outcome(JournalState.FILLED, row.retcode, row.last_error or "", filled=row.volume)
            self._finish(row, done, scan, "the position has these stops")
            return
        found = candidates(row, scan, _claimed(journal, row, scan))
        if len(found) == 1:
            self._claim(row, found[0], scan)
            return
        if len(found) > 1:
            self._review(row, f"{len(found)} orders at the broker could be it")
            return
        scans = self._scans.setdefault(row.id, [])
        if not scans or now - scans[-1] >= SCAN_EVERY:
            scans.append(now)
            with floor.ledger.writing():
                journal.note(row.id, clean_scans=len(scans), last_scan_ms=floor.ledger.now_ms())
        if len(scans) >= CLEAN_SCANS and now - self._asked_since(row) >= self._settle_time(row):
            if still_at_work(row, scan, _claimed(journal, row, scan)):
                return
            self._finish(
                row, Outcome(JournalState.NOT_PLACED, row.retcode, row.last_error or ""), scan, "settled"
            )

    def _asked_since(self, row: JournalRow) -> float:
        return max(self._first_seen[row.id], self._connected_at)

    def _has_its_stops(self, row: JournalRow, scan: Scan) -> bool:
        """A change of stops leaves no deal: the position itself tells."""
        held = next((each for each in scan.positions if each.ticket == row.position_ticket), None)
        return held is not None and (held.sl, held.tp) == (row.sl or 0.0, row.tp or 0.0)

    def _settle_time(self, row: JournalRow) -> float:
        if row.action is JournalAction.MODIFY:
            # Setting the same stops once more does no harm, waiting without them does.
            return 0.0
        silent = row.retcode in _SLOW_ANSWERS
        return SETTLE_TIME_AFTER_SILENCE if silent else SETTLE_TIME

    def _claim(self, row: JournalRow, found: Found, scan: Scan) -> None:
        whole = found.volume >= row.volume - 1e-9
        outcome = Outcome(
            JournalState.FILLED if whole else JournalState.PARTIAL, row.retcode, row.last_error or "",
            found.order, found.deal, found.volume, found.price,
        )  # fmt: skip
        self._finish(row, outcome, scan, "found at the broker")

    def _finish(self, row: JournalRow, outcome: Outcome, scan: Scan, resolution: str) -> None:
        told = self._told(row, scan)
        after = record_outcome(self._floor.ledger, row, outcome, told, resolution=resolution)
        self._forget(row.id)
        slot = self._floor.slots.get(row.bot_id or 0)
        if slot is not None and after.state in (JournalState.FILLED, JournalState.PARTIAL):
            slot.unseen, slot.unseen_since = after, self._floor.clock.monotonic()

    def _review(self, row: JournalRow, why: str) -> None:
        outcome = Outcome(JournalState.REVIEW, row.retcode, row.last_error or "")
        with self._floor.ledger.writing():
            record_outcome(self._floor.ledger, row, outcome, self._told(row), resolution=why)
            if row.bot_id is not None:
                halt_bot(self._floor, row.bot_id, say.REVIEW(symbol=row.symbol, why=why), tell=False)
        self._forget(row.id)

    def _give_up_on(self, rows: list[JournalRow], now: float) -> None:
        for row in rows:
            seen = max(self._last_clean.get(row.id, self._first_seen[row.id]), self._first_seen[row.id])
            if now - seen >= GIVE_UP_AFTER:
                self._review(row, "the broker's records could not be read for ten minutes")

    def _told(self, row: JournalRow, scan: Scan | None = None) -> Told:
        floor = self._floor
        bot = floor.bots.get(row.bot_id or 0)
        net = None
        if scan is not None and row.action is JournalAction.CLOSE and row.position_ticket is not None:
            opened = [
                each for each in scan.deals if each.position_id == row.position_ticket and each.entry == 0
            ]
            net = net_of_position(scan.deals, row.position_ticket) if opened else None
        currency = "" if floor.view.account is None else floor.view.account.currency
        return Told(bot, floor.symbols.digits(row.symbol), net=net, currency=currency)

    def _forget(self, row_id: int) -> None:
        for memory in (self._first_seen, self._last_clean, self._scans):
            memory.pop(row_id, None)


def _claimed(journal: OrderJournal, row: JournalRow, scan: Scan) -> set[int]:
    """Every broker order of this magic in the scan that another row of the journal claims."""
    tickets = {deal.order for deal in scan.deals if deal.magic == row.magic}
    tickets |= {each.identifier for each in scan.positions if each.magic == row.magic}
    tickets |= {each.ticket for each in scan.orders if each.magic == row.magic}
    return {
        ticket
        for ticket in tickets
        if ticket and journal.by_order_ticket(row.account, row.server, ticket) is not None
    }
