"""Memory that serves again must never serve two at once."""

from __future__ import annotations

import gc

import numpy as np
import pytest

from qbx_desktop.backtest import spare

LARGE = 100_000


@pytest.fixture(autouse=True)
def shelf(monkeypatch: pytest.MonkeyPatch) -> spare._Shelf:
    fresh = spare._Shelf()
    monkeypatch.setattr(spare, "_shelf", fresh)
    return fresh


def test_memory_serves_again_once_the_array_and_its_views_are_gone() -> None:
    first = spare.floats(LARGE)
    address, view = first.ctypes.data, first[5:10]
    del first
    assert spare.ints(LARGE).ctypes.data != address  # a view still looks at it
    del view
    assert spare.ints(LARGE).ctypes.data == address


def test_two_arrays_held_at_once_share_nothing() -> None:
    arrays = [spare.floats(LARGE + k) for k in range(4)]
    for k, each in enumerate(arrays):
        each[:] = k
    assert [set(each.tolist()) for each in arrays] == [{0.0}, {1.0}, {2.0}, {3.0}]


def test_little_is_kept_and_small_arrays_are_ordinary(
    shelf: spare._Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spare, "_MOST", 4 << 20)
    held = [spare.floats(LARGE) for _ in range(20)]
    assert len(spare.floats(10)) == 10
    assert shelf.bytes == 0
    held.clear()
    gc.collect()
    assert 0 < shelf.bytes <= 4 << 20


def test_records_have_their_fields() -> None:
    kind = np.dtype([("a", np.int64), ("b", np.float64)])
    found = spare.records(LARGE, kind)
    found["b"] = 1.5
    assert found.shape == (LARGE,)
    assert float(found["b"].sum()) == 1.5 * LARGE
