"""A download in pieces is the same as one in a piece, wherever it was cut."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qbx_desktop.broker.client import TerminalClient
from qbx_desktop.broker.downloads import Chunk, download
from qbx_desktop.broker.errors import TerminalError
from qbx_desktop.broker.terminal import Terminal
from qbx_desktop.broker.transports import InlineTransport
from qbx_desktop.domain.bars import Bars
from qbx_desktop.domain.timeframe import Timeframe
from tests.fakes.terminal_module import FakeTerminalModule, rates

NOW = 1_750_000_020 // 60 * 60
DAY = 86_400


class History(FakeTerminalModule):
    """M1 bars from `begin` on, none at night; bar 0 forms at NOW."""

    def __init__(self, begin: int = NOW - 3 * DAY) -> None:
        super().__init__()
        self.begin = begin
        self.asked: list[int] = []

    def do_copy_rates_range(self, symbol: str, timeframe: int, start: int, end: int) -> object:
        self.asked.append(start)
        if end < self.begin:
            self._error = (-1, "Terminal: Call failed")
            return None
        first = max(self.begin, -(-start // 60) * 60)
        array = rates(first, max(0, (min(end, NOW) - first) // 60 + 1))
        return array[array["time"] % DAY >= 7 * 3600]


def opened(module: FakeTerminalModule) -> Terminal:
    terminal = Terminal(TerminalClient(InlineTransport(module)))
    terminal.open()
    return terminal


def joined(chunks: list[Chunk]) -> np.ndarray:
    return np.concatenate([each.bars.to_rates() for each in chunks]) if chunks else Bars.empty().to_rates()


def fetch(terminal: Terminal, begin: int, end: int, **more: object) -> list[Chunk]:
    return list(download(terminal, "EURUSD", Timeframe.M1, begin, end, **more))  # type: ignore[arg-type]


def test_pieces_are_small_ordered_and_without_the_forming_bar() -> None:
    chunks = fetch(opened(History()), NOW - 3 * DAY, NOW + DAY, most=500)
    assert all(len(each.bars) <= 500 for each in chunks)
    times = joined(chunks)["time"]
    assert (np.diff(times) > 0).all()
    assert times[-1] == NOW - 60
    assert times[0] == History().begin or times[0] % DAY == 7 * 3600
    assert chunks[-1].done == 1.0
    assert chunks[0].server == "Fake-Demo"


@settings(max_examples=25)
@given(st.integers(0, 3 * DAY), st.integers(60, 3 * DAY), st.integers(100, 5000), st.data())
def test_a_download_cut_anywhere_and_resumed_equals_one_in_a_piece(
    start: int, length: int, most: int, data: st.DataObject
) -> None:
    begin, end = NOW - 3 * DAY + start, NOW - 3 * DAY + start + length
    whole = fetch(opened(History()), begin, end)
    pieces = fetch(opened(History()), begin, end, most=most)
    cut = data.draw(st.integers(0, len(pieces)))
    stored = pieces[:cut]
    rest = fetch(opened(History()), begin, end, most=most, have_until=stored[-1].time_to if stored else None)
    assert np.array_equal(joined([*stored, *rest]), joined(whole))
    assert np.array_equal(joined(pieces), joined(whole))


def test_history_that_is_loading_is_waited_for() -> None:
    module = History()
    module.faults = {"error": {"copy_rates_range": [-1, "Terminal: Call failed"]}}
    pauses: list[float] = []

    def pause(seconds: float) -> bool:
        pauses.append(seconds)
        if len(pauses) == 3:
            module.faults = {}
        return False

    chunks = fetch(opened(module), NOW - 3600, NOW, pause=pause)
    assert pauses == [0.3, 0.5, 1.0]
    assert len(joined(chunks)) == 60


def test_times_before_the_history_are_absent_not_an_error() -> None:
    module = History(begin=NOW - DAY)
    pauses: list[float] = []
    chunks = fetch(
        opened(module), NOW - 3 * DAY, NOW, most=720, pause=lambda seconds: bool(pauses.append(seconds))
    )
    assert [each.absent for each in chunks][:3] == [True, True, True]
    assert chunks[-1].absent is False
    assert len(pauses) == 8
    assert joined(chunks)["time"][0] >= NOW - DAY


def test_a_failure_in_the_middle_is_an_error_and_the_rest_can_follow() -> None:
    module = History()
    run = download(opened(module), "EURUSD", Timeframe.M1, NOW - 3 * DAY, NOW, most=720)
    stored = [next(run), next(run)]
    module.faults = {"error": {"copy_rates_range": [-1, "Terminal: Call failed"]}}
    with pytest.raises(TerminalError):
        list(run)
    module.faults = {}
    rest = fetch(opened(module), NOW - 3 * DAY, NOW, most=720, have_until=stored[-1].time_to)
    assert np.array_equal(joined([*stored, *rest]), joined(fetch(opened(module), NOW - 3 * DAY, NOW)))


def test_a_wish_to_stop_while_waiting_ends_it() -> None:
    module = History()
    module.faults = {"error": {"copy_rates_range": [-1, "Terminal: Call failed"]}}
    assert fetch(opened(module), NOW - 3600, NOW, pause=lambda seconds: True) == []


def test_a_dead_link_is_an_error_at_once() -> None:
    module = History()
    terminal = opened(module)
    module.faults = {"dead_pipe": True}
    with pytest.raises(TerminalError):
        fetch(terminal, NOW - 3600, NOW, pause=lambda seconds: pytest.fail("it waited"))


def test_pieces_have_a_limit() -> None:
    with pytest.raises(ValueError, match="5000"):
        fetch(opened(History()), NOW - 60, NOW, most=5001)
