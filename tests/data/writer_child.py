"""A process that writes and says what was acknowledged, until it is killed."""

from __future__ import annotations

import os
import sys
import threading
from pathlib import Path

from qbx_desktop.data import history
from qbx_desktop.data.database import Database
from qbx_desktop.data.order_journal import AlreadyJournaled, OrderJournal
from qbx_desktop.data.transaction import transaction
from qbx_desktop.domain.errors import PLAIN
from qbx_desktop.domain.journal import JournalState


def say(text: str) -> None:
    """One short line: the kernel writes it whole or not at all."""
    os.write(1, f"{text}\n".encode())


def main(path: str, run: str) -> None:
    db = Database.open(Path(path))

    def log(name: str) -> None:
        number = 0
        while True:
            text = f"{run}/{name}/{number}"
            db.log(bot_id=1, action="INFO", message=PLAIN(text=text)).result()
            say(text)
            number += 1

    for name in "ab":
        threading.Thread(target=log, args=(name,), daemon=True).start()
    con = db.order_connection()
    journal = OrderJournal(con)
    for row in journal.open_questions():
        journal.transition(
            row.id, JournalState.EXPIRED if row.state is JournalState.QUEUED else JournalState.UNKNOWN
        )
    for row in journal.open_questions():
        journal.transition(row.id, JournalState.NOT_PLACED)
    say("ready")
    number = 0
    while True:
        number += 1
        bar = int(run) * 1_000_000 + number
        try:
            row = journal.insert(
                bot_id=1, bot_name="b", account=1, server="s", symbol="EURUSD", timeframe="H1", action="OPEN", side=1,
                volume=0.1, magic=1, comment="QB", source="BOT", bar_time=bar, created_ms=bar, request_json="{}",
            )  # fmt: skip
        except AlreadyJournaled:
            continue
        journal.transition(row.id, JournalState.SENDING, sent_ms=bar)
        say(f"sending/{bar}")
        with transaction(con):
            journal.transition(row.id, JournalState.FILLED, order_ticket=bar, deal_ticket=bar, filled=0.1)
            history.append(
                con, bot_id=1, action="POSISI DIBUKA", message=PLAIN(text=f"filled/{bar}"), ts_ms=bar
            )
        say(f"filled/{bar}")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
