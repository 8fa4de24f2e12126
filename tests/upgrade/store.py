"""Stores a database of the present format for the tests of all later ones: `python -m tests.upgrade.store`."""

from __future__ import annotations

import sqlite3
import sys
import tempfile
from pathlib import Path

from qbx_desktop.data import (
    app_meta,
    backtests,
    bots,
    deals,
    equity_samples,
    history,
    searches,
    settings,
    trade_excursions,
    trade_journal,
    trading_state,
    trials,
    users,
    watch_alerts,
    watchlist,
)
from qbx_desktop.data.connection import connect
from qbx_desktop.data.equity_samples import EquitySample
from qbx_desktop.data.migrate import APPLICATION_ID, LATEST, migrate
from qbx_desktop.data.order_journal import OrderJournal
from qbx_desktop.domain.alerts import BarShows, Is, Often, Schedule, Value
from qbx_desktop.domain.bots import Bot, BotStatus
from qbx_desktop.domain.clock import SystemClock
from qbx_desktop.domain.errors import PLAIN
from qbx_desktop.domain.excursion import Excursion
from qbx_desktop.domain.journal import JournalState
from qbx_desktop.domain.records import TradeDeal
from qbx_desktop.domain.timeframe import Timeframe

from .shapes import FILES


def fill(con: sqlite3.Connection) -> None:
    """One row at least in every table that the program writes."""
    first = bots.create_bot(
        con, Bot(0, "Euro", "EURUSD", "H1", "MA_CROSSOVER", '{"fast_period": 10}', BotStatus.AKTIF)
    )
    gone = bots.create_bot(con, Bot(0, "Gone", "XAUUSD", "M15", "RSI_CROSSOVER"))
    bots.delete_bot(con, gone)
    for number in range(3):
        history.append(
            con, bot_id=first, action="INFO", message=PLAIN(text=f"row {number}"), ts_ms=1_750_000_000_000 + number,
            is_notification=number == 1,
        )  # fmt: skip
    user = users.ensure_practice_user(con)
    watchlist.add_with_notification(con, user, "EURUSD", 1.25, 1_750_000_000_000)
    rsi = BarShows(Timeframe.H1, Value("rsi", (14,)), Is.BELOW, Value("number", (30,)))
    watch_alerts.add(con, user, "EURUSD", rsi, Schedule(Often.PER_BAR, None, 3), at_ms=1_750_000_000_000)
    backtests.save(
        con,
        backtests.BacktestRecord(
            "MA", "f.csv", 1.5, 2, 50.0, 3.0, 1, 1, [1.0], [{"a": 1}], {"p": 2}, {"r": 3}
        ),
    )
    settings.set(con, "language", "id")
    journal = OrderJournal(con)
    row = journal.insert(
        bot_id=first, bot_name="Euro", account=7, server="Demo", symbol="EURUSD", timeframe="H1", action="OPEN", side=1,
        volume=0.1, magic=1_000_000_001, comment="QBABCDEFGHIJ", source="BOT", bar_time=3600,
        created_ms=1_750_000_000_000, request_json="{}",
    )  # fmt: skip
    journal.transition(row.id, JournalState.SENDING, sent_ms=1_750_000_000_001)
    journal.transition(row.id, JournalState.FILLED, order_ticket=5, deal_ticket=6, filled=0.1, fill_price=1.1)
    deals.record_deals(
        con, 7, "Demo", [TradeDeal(ticket=6, order=5, time=1_750_000_000, symbol="EURUSD")], lambda _: first
    )
    trading_state.set(con, "bot:1", "REDUCING", "stored", 1_750_000_000_000)
    trade_journal.write(
        con, account=7, server="Demo", position_id=5, at_ms=1, notes="good", rating=4, tags=["plan"]
    )
    equity_samples.add(con, 7, "Demo", EquitySample(1_750_000_000, 1_000.0, 990.0, 980.0))
    trade_excursions.store(con, 7, "Demo", 5, 0, Excursion(3.0, -2.0))
    search = searches.begin(con, searches.SearchRecord("k", "grid", "MA", {"a": 1}, ("net_profit",), 2, 1))
    searches.keep(con, search, [searches.RunRow(0, "{}", b"12345678", b"", None, None)])
    trials.note(con, [trials.Trial("MA", "EURUSD", 3600, "h", 1, 2, 0.1, 3)])
    app_meta.set(con, "note", "stored")


def dump(con: sqlite3.Connection) -> str:
    """The whole database as SQL, format number included."""
    text = "\n".join(con.iterdump())
    version = con.execute("PRAGMA user_version").fetchone()[0]
    return f"PRAGMA application_id = {APPLICATION_ID};\nPRAGMA user_version = {version};\n{text}\n"


def main() -> int:
    target = FILES / f"v{LATEST}.sql"
    if target.exists():
        sys.stderr.write(f"{target} is stored already; a released format never changes\n")
        return 1
    with tempfile.TemporaryDirectory() as folder:
        con = connect(Path(folder) / "x.db")
        migrate(con, Path(folder), clock=SystemClock(), fresh=True)
        fill(con)
        target.write_text(dump(con), encoding="utf-8")
        con.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
