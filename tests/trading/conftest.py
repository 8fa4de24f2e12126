"""A stage per test, ended whatever happens."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from .stage import Stage


@pytest.fixture
def make_stage(tmp_path: Path) -> Iterator[Callable[..., Stage]]:
    """Builds stages in folders of their own."""
    made: list[Stage] = []

    def make(**options: Any) -> Stage:
        folder = tmp_path / f"stage{len(made)}"
        folder.mkdir()
        stage = Stage(folder, **options)
        made.append(stage)
        return stage

    yield make
    for stage in made:
        stage.end()


@pytest.fixture
def stage(make_stage: Callable[..., Stage]) -> Stage:
    """One stage with an open desk."""
    one = make_stage()
    one.start()
    return one
