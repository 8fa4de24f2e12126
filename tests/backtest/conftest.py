"""The fast engine is made before the first test, so that no test's time limit pays for the compiler."""

from __future__ import annotations

import os
import time

import pytest

from qbx_desktop.backtest import compiled


def pytest_collection_finish(session: pytest.Session) -> None:
    """One worker compiles, the others wait for what it keeps."""
    if not session.items:
        return
    first = os.environ.get("PYTEST_XDIST_WORKER", "gw0") == "gw0"
    until = time.monotonic() + 600.0
    while not first and not compiled.is_kept() and time.monotonic() < until:
        time.sleep(0.2)
    compiled.make()
