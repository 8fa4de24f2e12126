"""The same seed and scenario leave the same bytes in another process too, whatever the hashes of its strings are."""

from __future__ import annotations

import os
import subprocess
import sys

SCRIPT = """
import hashlib
from tests.simulator.trader import connected, deal
faults = [
    {"kind": "partial", "probability": 0.2, "share": 0.5},
    {"kind": "slippage", "probability": 0.3, "points": 7},
    {"kind": "jump", "symbol": "EURUSD", "points": -900, "after": 5_000},
    {"kind": "spread", "factor": 10.0, "after": 3_000, "seconds": 600},
]
api = connected(profile="Demo-ECN", seed=11, faults=faults)
for step in range(30):
    name = ("EURUSD", "USDJPY", "XAUUSD")[step % 3]
    tick, point = api.symbol_info_tick(name), api.symbol_info(name).point
    deal(api, name, ("buy", "sell")[step % 2], 0.1, sl=tick.bid - (1, -1)[step % 2] * 300 * point)
    api.sim_advance(1_800)
ledger = api.sim_ledger()
print(len(api.history_deals_get(0, 2**31 - 1)), hashlib.sha256(ledger).hexdigest())
"""


def test_two_processes_leave_byte_identical_ledgers() -> None:
    told = [
        subprocess.run(
            [sys.executable, "-c", SCRIPT],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
            capture_output=True, text=True, check=True, timeout=120,
        ).stdout.split()
        for seed in ("0", "1")
    ]  # fmt: skip
    assert told[0] == told[1]
    assert int(told[0][0]) > 20
