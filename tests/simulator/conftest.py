"""A connected simulated terminal on a stepped clock."""

from __future__ import annotations

import pytest

from qbx_desktop.simulator.api import SimApi
from qbx_desktop.simulator.terminal import build_terminal


@pytest.fixture
def api() -> SimApi:
    made = build_terminal()
    made.initialize()
    for name in ("EURUSD", "USDJPY", "EURJPY", "XAUUSD"):
        made.symbol_select(name, True)
    return made
