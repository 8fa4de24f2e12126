"""A database of its own for each test, in a prepared home folder, with a clock that stands still."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from qbx_desktop.data import bots
from qbx_desktop.data.database import Database
from qbx_desktop.data.home import Home
from qbx_desktop.domain.bots import Bot
from tests.fakes.clock import FakeClock


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def folder(home: Path) -> Home:
    return Home(home).prepare()


@pytest.fixture
def db(folder: Home, clock: FakeClock) -> Iterator[Database]:
    database = Database.open(folder.database, clock=clock)
    yield database
    database.close()


@pytest.fixture
def bot_id(db: Database) -> int:
    return db.write(lambda con: bots.create_bot(con, a_bot()))


def a_bot(**changes: Any) -> Bot:
    values: dict[str, Any] = {
        "id": 0, "name": "Trend", "market": "EURUSD", "timeframe": "H1", "strategy": "MA_CROSSOVER", **changes
    }  # fmt: skip
    return Bot(**values)


def an_order(**changes: Any) -> dict[str, Any]:
    """The columns of a journal row that the caller gives."""
    return {
        "bot_id": 1, "bot_name": "Trend", "account": 7, "server": "Demo", "symbol": "EURUSD", "timeframe": "H1",
        "action": "OPEN", "side": 1, "volume": 0.1, "magic": 1_000_000_001, "comment": "QBABCDEFGHIJ", "source": "BOT",
        "bar_time": 3_600, "created_ms": 1_750_000_000_000, "request_json": "{}", **changes,
    }  # fmt: skip
