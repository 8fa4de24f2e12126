"""The range an optimiser looks in, declared with the parameter."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from qbx_desktop.domain.params import check, infos, param


@dataclass(frozen=True)
class Params:
    """One parameter of each kind."""

    period: int = param(20, "Period", low=2, high=100, search=(5, 21, 5))
    width: float = param(2.0, "Width", low=0.1, high=5, search=(1.5, 1.8, 0.1))
    flag: bool = param(True, "Flag")
    frame: str = param("H4", "Frame", choices=("H1", "H4"))
    fixed: int = param(3, "Fixed", low=1, high=9)

    def __post_init__(self) -> None:
        check(self)


def test_candidates() -> None:
    found = {info.name: info.candidates for info in infos(Params)}
    assert found == {
        "period": (5, 10, 15, 20),
        "width": (1.5, 1.6, 1.7, 1.8),
        "flag": (False, True),
        "frame": ("H1", "H4"),
        "fixed": (),
    }


@pytest.mark.parametrize("search", [(1, 10, 1), (5, 101, 1), (9, 5, 1), (5, 9, 0)])
def test_a_range_that_fits_nothing_is_a_mistake_of_the_author(search: tuple[float, float, float]) -> None:
    with pytest.raises(ValueError, match="search range"):
        param(20, "Period", low=2, high=100, search=search)
