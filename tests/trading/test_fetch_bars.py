"""Downloads into the store: resumable at the end, all or nothing at the beginning, never a hole in between."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qbx_desktop.broker.client import TerminalClient
from qbx_desktop.broker.errors import TerminalError
from qbx_desktop.broker.terminal import Terminal
from qbx_desktop.broker.transports import InlineTransport
from qbx_desktop.commands import download
from qbx_desktop.data.bar_store import BarStore
from qbx_desktop.domain.errors import UserMistake
from qbx_desktop.domain.timeframe import Timeframe
from qbx_desktop.simulator.terminal import build_terminal
from qbx_desktop.trading.fetch_bars import Fetched, fetch_bars, zone_of
from tests.fakes.terminal_module import FakeTerminalModule, rates

NOW = 1_750_000_020 // 60 * 60
DAY = 86_400
M1 = Timeframe.M1


class History(FakeTerminalModule):
    """M1 bars up to NOW, which still forms; after `answers` ranges it fails."""

    def __init__(self, answers: int | None = None) -> None:
        super().__init__()
        self.answers = answers
        self.ranges: list[int] = []

    def do_copy_rates_range(self, symbol: str, timeframe: int, start: int, end: int) -> object:
        if self.answers is not None and len(self.ranges) >= self.answers:
            self._error = (-10001, "IPC send failed")
            return None
        self.ranges.append(start)
        array = rates(-(-start // 60) * 60, max(0, (min(end, NOW) - start) // 60 + 1))
        return array[array["time"] % DAY >= 7 * 3600]


def fetch(store: BarStore, begin: int, end: int, module: History | None = None, most: int = 500) -> Fetched:
    terminal = Terminal(TerminalClient(InlineTransport(module or History())))
    terminal.open()
    return fetch_bars(terminal, store, "EURUSD", M1, begin, end, most=most)


def times(store: BarStore) -> list[int]:
    return [int(each) for each in store.get("EURUSD", M1).time] if store.list() else []


def test_the_second_time_only_the_end_is_read(tmp_path: Path) -> None:
    with BarStore(tmp_path / "bars.db") as store:
        first = fetch(store, NOW - DAY, NOW)
        module = History()
        again = fetch(store, NOW - DAY, NOW, module)
        assert first.added == first.bars == len(times(store)) > 500
        assert (again.added, again.changed, again.bars) == (0, 0, 1)
        assert len(module.ranges) == 1
        assert store.list()[0].server == "Fake-Demo"


def test_older_bars_join_without_a_hole_or_not_at_all(tmp_path: Path) -> None:
    with BarStore(tmp_path / "bars.db") as store:
        fetch(store, NOW - DAY, NOW)
        before = times(store)
        with pytest.raises(TerminalError):
            fetch(store, NOW - 3 * DAY, NOW, History(answers=2))
        assert times(store) == before
        fetch(store, NOW - 3 * DAY, NOW)
        with BarStore(tmp_path / "whole.db") as whole:
            fetch(whole, NOW - 3 * DAY, NOW)
            assert times(store) == times(whole)


@settings(max_examples=10)
@given(
    st.lists(
        st.tuples(st.integers(0, 2 * DAY), st.integers(60, DAY), st.integers(0, 6)), min_size=1, max_size=5
    )
)
def test_cut_anywhere_and_asked_again_it_equals_one_in_a_piece(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[int, int, int]]
) -> None:
    folder = tmp_path_factory.mktemp("bars")
    begin, end = NOW - 2 * DAY, NOW
    with BarStore(folder / "cut.db") as cut, BarStore(folder / "whole.db") as whole:
        for start, length, answers in steps:
            try:
                fetch(cut, begin + start, begin + start + length, History(answers))
            except TerminalError:
                continue
        fetch(cut, begin, end)
        fetch(whole, begin, end)
        assert times(cut) == times(whole)


@pytest.mark.parametrize("cut_at", range(1, 9))
def test_cut_at_every_piece_of_the_practice_terminal(tmp_path: Path, cut_at: int) -> None:
    api = build_terminal()
    terminal = Terminal(TerminalClient(InlineTransport(api)))
    terminal.open()
    now = terminal.server_time()
    with BarStore(tmp_path / "cut.db") as cut, BarStore(tmp_path / "whole.db") as whole:
        api.sim_fault({"kind": "pipe_lost", "function": "copy_rates_range", "call": cut_at})
        with pytest.raises(TerminalError):
            fetch_bars(terminal, cut, "EURUSD", M1, now - 2 * DAY, now, most=400)
        kept = times(cut)
        assert bool(kept) == (cut_at > 1)
        terminal.open()
        fetch_bars(terminal, cut, "EURUSD", M1, now - 2 * DAY, now, most=400)
        fetch_bars(terminal, whole, "EURUSD", M1, now - 2 * DAY, now)
        assert times(cut)[: len(kept)] == kept
        mine, theirs = (each.get("EURUSD", M1).to_rates() for each in (cut, whole))
        assert np.array_equal(mine, theirs)


def test_a_wish_to_stop_keeps_what_is_whole(tmp_path: Path) -> None:
    module = History()
    terminal = Terminal(TerminalClient(InlineTransport(module)))
    terminal.open()
    with BarStore(tmp_path / "bars.db") as store:
        fetch(store, NOW - DAY, NOW)
        before = times(store)
        module.faults = {"error": {"copy_rates_range": [-1, "Terminal: Call failed"]}}
        result = fetch_bars(terminal, store, "EURUSD", M1, NOW - 3 * DAY, NOW, pause=lambda seconds: True)
        assert result.bars == 0
        assert times(store) == before


@pytest.mark.parametrize(
    ("offset", "text"),
    [(None, ""), (0, "UTC+0"), (10_800, "UTC+3"), (-16_200, "UTC-4:30"), (20_700, "UTC+5:45")],
)
def test_offsets_are_written_for_people(offset: int | None, text: str) -> None:
    assert zone_of(offset) == text


def test_the_command_downloads_from_the_practice_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    assert download.run(["EURUSD", "H4", "--json"]) == 0
    first = json.loads(capsys.readouterr().out)
    assert first["added"] == first["read"] > 1_000
    assert download.run(["EURUSD", "H4"]) == 0
    assert "0 new, 0 changed" in capsys.readouterr().out


@pytest.mark.parametrize("arguments", [["EURUSD"], ["EURUSD", "H7"], ["EURUSD", "H1", "--from", "yesterday"]])
def test_wrong_words_are_a_mistake(arguments: list[str]) -> None:
    with pytest.raises(UserMistake):
        download.run(arguments)


def test_days_without_bars_are_said() -> None:
    with pytest.raises(UserMistake, match="Nothing was stored"):
        download.run(["EURUSD", "H1", "--from", "2035-01-01", "--to", "2035-01-02"])


def test_times_are_whole(tmp_path: Path) -> None:
    with BarStore(tmp_path / "bars.db") as store:
        fetch(store, NOW - DAY + 17, NOW - 60)
        assert (np.array(times(store)) % 60 == 0).all()
        assert times(store)[-1] == NOW - 60
