"""The composition root: builds every object and connects every wire, once."""

from __future__ import annotations

from collections.abc import Sequence


def run(arguments: Sequence[str]) -> int:
    """Open the window; returns the exit code."""
    raise SystemExit(f"the window is not built yet {list(arguments)}")
