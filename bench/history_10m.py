"""History pages and counts on a large database: our queries beside the predecessor's, in the same run.

    python bench/history_10m.py [rows, default 1 000 000] [folder]

Makes a database as the predecessor writes it, times its own queries on it, upgrades it, and times both again.
"""

from __future__ import annotations

import resource
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from qbx_desktop.data import history
from qbx_desktop.data.connection import connect
from qbx_desktop.data.database import Database
from qbx_desktop.data.migrate import statements
from qbx_desktop.domain.errors import PLAIN

BOTS = 1_000
SEEDS_BOT_PAGE = "SELECT * FROM trade_history WHERE bot_id = ? ORDER BY timestamp DESC"
SEEDS_NOTIFICATIONS = (
    "SELECT h.*, b.name AS bot_name FROM trade_history h JOIN bots b ON b.id = h.bot_id"
    " WHERE h.is_notification = 1 ORDER BY h.timestamp DESC LIMIT 100"
)
SEEDS_UNREAD = "SELECT COUNT(*) FROM trade_history WHERE is_notification = 1 AND is_read = 0"
SEEDS_INDEXES = (
    "CREATE INDEX idx_trade_history_bot_id ON trade_history(bot_id)",
    "CREATE INDEX idx_trade_history_notification ON trade_history(is_notification, is_read, timestamp)",
)


def main() -> None:
    rows = int(sys.argv[1].replace("_", "")) if len(sys.argv) > 1 else 1_000_000
    with tempfile.TemporaryDirectory(dir=sys.argv[2] if len(sys.argv) > 2 else None) as folder:
        run(Path(folder) / "bots.db", rows)


def run(path: Path, rows: int) -> None:
    made = once(lambda: make(path, rows))
    print(f"{rows:,} rows, {path.stat().st_size / 1e6:,.0f} MB, made in {made:.0f} s")
    bare = seeds(path)
    con = sqlite3.connect(path)
    for index in SEEDS_INDEXES:
        con.execute(index)
    con.close()
    indexed = seeds(path)
    upgrade = once(lambda: Database.open(path).close())
    start = once(lambda: Database.open(path).close())
    print(
        f"upgrade with two verified backups {upgrade:.1f} s; later start {start * 1000:.0f} ms; {path.stat().st_size / 1e6:,.0f} MB\n"
    )
    with Database.open(path) as db:
        con = db.reader()
        middle = rows // 2
        ours = {
            "newest page of a bot": median(lambda: history.page(con, bot_id=7)),
            "notifications": median(lambda: history.notifications(con)),
            "unread count": median(lambda: history.unread_count(con)),
            "newest page": median(lambda: history.page(con)),
            "page at the middle": median(lambda: history.page(con, before_id=middle)),
            "page at the end": median(lambda: history.page(con, before_id=101)),
            "one action": median(lambda: history.page(con, action="START")),
            "append, committed": median(
                lambda: db.log(bot_id=7, action="INFO", message=PLAIN(text="x")).result()
            ),
        }
        offset = median(
            lambda: con.execute(
                "SELECT * FROM trade_history ORDER BY id DESC LIMIT 100 OFFSET ?", (rows - 200,)
            ).fetchall(),
            3,
        )
    print(
        f"{'milliseconds':24}{'seeds, no index':>18}{'seeds, own index':>18}{'ours':>10}{'ratio':>10}{'ratio':>10}"
    )
    for name, value in ours.items():
        one, two = bare.get(name), indexed.get(name)
        left = "".join(f"{each:>18.1f}" if each else f"{'':>18}" for each in (one, two))
        ratios = "".join(f"{each / value:>9.0f}x" if each else f"{'':>10}" for each in (one, two))
        print(f"{name:24}{left}{value:>10.2f}{ratios}")
    print(
        f"{'last page by OFFSET':24}{'':18}{offset:>18.1f}{ours['page at the end']:>10.2f}{'':10}{offset / ours['page at the end']:>9.0f}x"
    )
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


def make(path: Path, rows: int) -> None:
    con = connect(path)
    for statement in statements("0001_seed.sql"):
        con.execute(statement)
    con.execute("PRAGMA synchronous = OFF")
    con.execute("BEGIN")
    con.executemany(
        "INSERT INTO bots (name, market, strategy) VALUES (?, 'EURUSD', 's')",
        ((f"b{n}",) for n in range(BOTS)),
    )
    con.executemany(
        "INSERT INTO trade_history (bot_id, timestamp, action, details, is_notification, is_read)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        generated(rows),
    )
    con.execute("COMMIT")
    con.close()


def generated(rows: int) -> Iterator[tuple[object, ...]]:
    """One row in 20 a notification, one in 1 000 of those unread; an old quiet log, as the predecessor writes it."""
    for number in range(rows):
        told = number % 20 == 0
        unread = told and number % 20_000 == 0
        second = number // 10
        when = f"2025-{1 + second // 2_592_000 % 12:02}-{1 + second // 86_400 % 28:02} {second // 3_600 % 24:02}:{second // 60 % 60:02}:{second % 60:02}"
        action = ("POSISI DIBUKA" if number % 40 else "START") if told else "INFO"
        yield (
            number * 7919 % BOTS + 1,
            when,
            action,
            "Market closed for EURUSD. Trade execution skipped.",
            int(told),
            int(told and not unread),
        )


def seeds(path: Path) -> dict[str, float]:
    """The predecessor's own queries as it runs them: one connection each, all rows."""

    def ask(sql: str, *values: object) -> Callable[[], object]:
        def call() -> object:
            con = sqlite3.connect(path)
            con.row_factory = sqlite3.Row
            try:
                return [dict(row) for row in con.execute(sql, values).fetchall()]
            finally:
                con.close()

        return call

    return {
        "newest page of a bot": median(ask(SEEDS_BOT_PAGE, 7), 3),
        "notifications": median(ask(SEEDS_NOTIFICATIONS), 3),
        "unread count": median(ask(SEEDS_UNREAD), 3),
    }


def once(call: Callable[[], object]) -> float:
    """Seconds of one call."""
    begun = time.perf_counter()
    call()
    return time.perf_counter() - begun


def median(call: Callable[[], object], times: int = 31) -> float:
    """Milliseconds of the median call; the first one warms the pages."""
    call()
    return sorted(once(call) for _ in range(times))[times // 2] * 1000


if __name__ == "__main__":
    main()
