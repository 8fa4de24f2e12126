"""Whatever goes wrong around an order: I1-I17 hold."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from qbx_desktop.data.database import Database

from .order_machine import OrderMachine


@pytest.fixture
def template(tmp_path: Path) -> Path:
    """A migrated, empty database to copy: it saves each run the migrations."""
    path = tmp_path / "template.db"
    Database.open(path).close()
    return path


def run(template: Path, examples: int) -> None:
    machine = type("Machine", (OrderMachine,), {"template": template})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples, stateful_step_count=12, deadline=None, print_blob=False, database=None,
            suppress_health_check=list(HealthCheck), phases=(Phase.generate,),
        ),
    )  # fmt: skip


# In parts, so that two processes share the work.
@pytest.mark.timeout(600)
@pytest.mark.parametrize("_part", range(6))
def test_the_invariants_hold(template: Path, _part: int) -> None:
    run(template, 50)


# 20,000 in all.
@pytest.mark.long
@pytest.mark.timeout(0)
@pytest.mark.parametrize("_part", range(20))
def test_the_invariants_hold_for_long(template: Path, _part: int) -> None:
    run(template, 1_000)
