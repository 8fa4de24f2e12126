"""`qbx prepare`: compile the backtest engine now, so that no backtest runs without it; the window calls it by itself."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from ..backtest import compiled
from ..domain.messages import declare

READY = declare("prepare.ready", "The fast backtest engine is ready.")


def run(arguments: Sequence[str]) -> int:
    """Run `qbx prepare`; returns 1 where the engine cannot be made or kept, and says why."""
    argparse.ArgumentParser(prog="qbx prepare", description=__doc__).parse_args(list(arguments))
    compiled.make()
    problem = compiled.why_slow()
    print((problem or READY()).text)
    return 0 if problem is None else 1
