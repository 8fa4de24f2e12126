"""A search over a strategy of the trader's stays in this process, which alone can ask the strategy process."""

from __future__ import annotations

import dataclasses

import pytest

from qbx_desktop.backtest.search.runner import Inline, runner_for
from qbx_desktop.domain.errors import UserMistake
from tests.backtest.search.landscape import swings


def test_it_runs_here_and_on_no_cluster() -> None:
    given = dataclasses.replace(swings(200), strategy="own:mine")
    assert isinstance(runner_for(given, jobs=4), Inline)
    with pytest.raises(UserMistake, match="on this computer only"):
        runner_for(given, scheduler="tcp://localhost:8786")
