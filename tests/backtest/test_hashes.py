"""The hash of a result is that of its canonical JSON, however long it is."""

from __future__ import annotations

import pytest

from qbx_desktop.backtest.passport import hash_of, hash_of_list


@pytest.mark.parametrize("count", [0, 1, 255, 256, 257, 1_000])
def test_piece_by_piece_is_the_whole(count: int) -> None:
    items = [{"net": k / 3, "a": "é"} for k in range(count)]
    more = ({"sl": 2}, {"b": None, "a": [1.5]}, ["00ff"])
    assert hash_of_list(items, *more) == hash_of([items, *more])
