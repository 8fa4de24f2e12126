"""Scenario files are read whole or refused with a sentence."""

from __future__ import annotations

import json

import pytest

from qbx_desktop.domain.errors import UserMistake
from qbx_desktop.simulator.scenario import Scenario, read_scenario

from .trader import deal


def test_a_scenario_builds_its_terminal() -> None:
    text = json.dumps(
        {
            "terminal": {
                "profile": "Demo-ECN",
                "seed": 4,
                "symbols": ["EURUSD", "USDJPY"],
                "overrides": {"account": {"balance": 777.0}},
                "faults": [{"kind": "retcode", "retcode": 10021}],
            },
            "bots": [],
        }
    )
    api = read_scenario(text).build()
    api.initialize()
    assert (api.account_info().balance, api.symbols_total()) == (777.0, 2)
    api.symbol_select("EURUSD")
    assert deal(api, "EURUSD", "buy", 0.1).retcode == 10021
    assert deal(api, "EURUSD", "buy", 0.1).retcode == 10009


def test_the_terminal_may_be_described_at_the_top() -> None:
    assert read_scenario('{"seed": 9, "bots": []}') == Scenario(seed=9)


@pytest.mark.parametrize(
    "text",
    [
        "", "[]", '{"terminal": 5}', '{"terminal": {"wings": 2}}', '{"seed": "4"}', '{"seed": true}',
        '{"path": "up"}', '{"faults": ["all"]}', '{"faults": {}}', b"\xff",
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused(text: str | bytes) -> None:
    with pytest.raises(UserMistake, match="scenario"):
        read_scenario(text)
