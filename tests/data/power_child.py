"""A process under the write recorder: orders and history, with checkpoints in between, each acknowledged in a file."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from qbx_desktop.data import history
from qbx_desktop.data.database import Database
from qbx_desktop.data.order_journal import OrderJournal
from qbx_desktop.data.order_log import OrderLog
from qbx_desktop.data.transaction import transaction
from qbx_desktop.domain.errors import PLAIN
from qbx_desktop.domain.journal import JournalState


def main(path: str, orders: int, synchronous: str) -> None:
    database = Path(path)
    acknowledged = os.open(database.with_name("acknowledged"), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def say(text: str) -> None:
        os.write(acknowledged, f"{text}\n".encode())

    with Database.open(database) as db:
        log = OrderLog(database.parent / "logs")
        con = db.order_connection()
        for each in (con, db.writer._con):
            each.execute("PRAGMA wal_autocheckpoint = 12")
            each.execute(f"PRAGMA synchronous = {synchronous}")
        journal = OrderJournal(con)
        for number in range(orders):
            row = journal.insert(
                bot_id=1, bot_name="b", account=1, server="s", symbol="EURUSD", timeframe="H1", action="OPEN", side=1,
                volume=0.1, magic=1, comment="QB", source="BOT", bar_time=number, created_ms=number, request_json="{}",
            )  # fmt: skip
            log.append({"uid": row.uid, "state": "SENDING"}, 1_750_000_000_000 + number)
            journal.transition(row.id, JournalState.SENDING, sent_ms=number)
            say(f"sending {number} {row.uid}")
            with transaction(con):
                journal.transition(row.id, JournalState.FILLED, order_ticket=number + 1, filled=0.1)
                history.append(
                    con,
                    bot_id=None,
                    action="POSISI DIBUKA",
                    message=PLAIN(text=f"filled {number}"),
                    ts_ms=number,
                )
            say(f"filled {number} {row.uid}")
            db.log(bot_id=None, action="INFO", message=PLAIN(text=f"logged {number} " + "x" * 400)).result()
            say(f"logged {number} {row.uid}")
        con.close()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3])
