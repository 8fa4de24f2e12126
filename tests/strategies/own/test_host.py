"""F44: a strategy that hangs, eats memory, raises or reaches out is stopped in words, and the next one is answered."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path

import numpy as np
import pytest

from qbx_desktop.domain.params import ParamError, make
from qbx_desktop.domain.timeframe import Timeframe
from qbx_desktop.strategies.own.errors import OwnStrategyError, ProcessKilled
from qbx_desktop.strategies.own.host import HostLimits, StrategyHost
from qbx_desktop.strategies.own.memory_watch import held_bytes
from qbx_desktop.strategies.own.source import OwnSource
from qbx_desktop.strategies.own.strategy import Known, OwnStrategy
from tests.contract.test_strategies import market
from tests.fakes import own_files

Write = Callable[[str, str], OwnSource]
BARS = market(1, 500)


def ask_signals(host: StrategyHost, source: OwnSource) -> None:
    strategy = OwnStrategy(source, host, Known())
    strategy.signals(BARS, strategy.Params())


def still_answers(host: StrategyHost, write: Write) -> None:
    """Somebody else's strategy is not affected."""
    ask_signals(host, write("crossover", own_files.CROSSOVER))


def test_f44_infinite_loop(shared_host: StrategyHost, write: Write) -> None:
    with pytest.raises(ProcessKilled, match=r"hangs\.py did not answer within 3 s; its process was ended"):
        ask_signals(shared_host, write("hangs", own_files.HANGS))
    still_answers(shared_host, write)


def test_f44_ten_gigabytes(shared_host: StrategyHost, write: Write) -> None:
    with pytest.raises(ProcessKilled, match=r"eats\.py wanted more than 512 MB"):
        ask_signals(shared_host, write("eats", own_files.EATS))
    still_answers(shared_host, write)


def test_f44_swallowed_memory_error_ends_too(shared_host: StrategyHost, write: Write) -> None:
    """It never gets more than its share, and the time-out ends it."""
    with pytest.raises(ProcessKilled, match="did not answer"):
        ask_signals(shared_host, write("slowly", own_files.EATS_SLOWLY))


def test_memory_is_seen_from_outside_too() -> None:
    """The second net, should the system's own limit not hold."""
    before = held_bytes(os.getpid())
    eaten = np.ones(16 * 2**20)
    assert held_bytes(os.getpid()) - before > 0.9 * eaten.nbytes
    assert held_bytes(2**22 + 1) == 0


def test_f44_exception_names_file_and_line(shared_host: StrategyHost, write: Write) -> None:
    with pytest.raises(OwnStrategyError) as caught:
        ask_signals(shared_host, write("raises", own_files.RAISES))
    assert caught.value.sentence == "raises.py, line 11: IndexError: list index out of range"
    assert not isinstance(caught.value, ProcessKilled)


@pytest.mark.parametrize("text", [own_files.EXITS, own_files.QUITS], ids=["os._exit", "SystemExit"])
def test_f44_process_ends_by_itself(shared_host: StrategyHost, write: Write, text: str) -> None:
    with pytest.raises(OwnStrategyError):
        ask_signals(shared_host, write("ends", text))
    still_answers(shared_host, write)


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (own_files.IMPORTS_TERMINAL, "line 3: it tried to import MetaTrader5"),
        (own_files.IMPORTS_TERMINAL_SLYLY, "line 12: it tried to import MetaTrader5"),
        (own_files.body("import sqlite3"), "import sqlite3"),
        (own_files.body("from qbx_desktop.data import bots"), "import qbx_desktop.data"),
        (own_files.body("from qbx_desktop import broker"), "import qbx_desktop.broker"),
        (own_files.body("import keyring"), "import keyring"),
        (own_files.body("import importlib; importlib.import_module('sqlite3')"), "import sqlite3"),
        (own_files.body("import os; os.system('true')"), "start or end another program"),
        (own_files.body("open('x.txt', 'w')"), "write the file x.txt"),
        (own_files.body("import os; os.kill(os.getppid(), 9)"), "start or end another program"),
    ],
)  # fmt: skip
def test_the_fence_holds(shared_host: StrategyHost, write: Write, text: str, what: str) -> None:
    with pytest.raises(OwnStrategyError, match="gets prices and parameters, nothing else") as caught:
        ask_signals(shared_host, write("reaches", text))
    assert what in caught.value.sentence


def test_opening_the_database_is_caught_though_the_error_is_swallowed(
    shared_host: StrategyHost, write: Write, tmp_path_factory: pytest.TempPathFactory
) -> None:
    for database in (Path("/etc/hostname"), Path.home() / "bots.db"):
        text = own_files.OPENS_DATABASE.replace("{database}", str(database))
        with pytest.raises(OwnStrategyError, match="tried to read the file") as caught:
            ask_signals(shared_host, write("opens", text))
        assert database.name in caught.value.sentence


def test_no_word_of_where_the_data_lies_or_of_secrets(
    write: Write, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QBX_HOME", "/somewhere")
    monkeypatch.setenv("MY_BROKER_TOKEN", "hush")
    text = own_files.body(
        "import os\nfound = [n for n in os.environ if 'QBX' in n or 'TOKEN' in n]\n"
        "return np.full(len(bars), float(len(found)))"
    )
    own = StrategyHost(folder, HostLimits(load_seconds=60.0))
    try:
        ask_signals(own, write("looks", text))
    finally:
        own.close()


@pytest.mark.parametrize(
    ("lines", "what"),
    [
        ("return np.zeros(3)", "shape (3,)"),
        ("return np.full(len(bars), 2)", "holds 2"),
        ("return np.full(len(bars), np.nan)", "holds nan on bar 0"),
        ("return ['BUY', 'HODL'] * (len(bars) // 2)", "no number"),
        ("pass", "is nothing (None)"),
    ],
)
def test_nonsense_answers_are_refused(shared_host: StrategyHost, write: Write, lines: str, what: str) -> None:
    with pytest.raises(OwnStrategyError) as caught:
        ask_signals(shared_host, write("odd", own_files.body(lines)))
    assert what in caught.value.sentence


def test_the_contract_through_the_process(shared_host: StrategyHost, write: Write) -> None:
    strategy = OwnStrategy(write("crossover", own_files.CROSSOVER), shared_host, Known())
    assert (strategy.key, strategy.title) == ("own:crossover", "My crossover")
    params = make(strategy.Params, {"fast": 4})
    assert (params.fast, params.slow) == (4, 20)
    assert strategy.warmup(params) == 20
    assert strategy.history(params, Timeframe.H1) == 440
    found = strategy.signals(BARS, params)
    assert np.abs(found.entry).sum() > 10
    assert not found.entry[:20].any()
    assert [each.name for each in strategy.plots(BARS, params)] == ["fast", "slow"]
    told = strategy.explain(BARS, params)
    assert told.signal == {1: "BUY", -1: "SELL", 0: "HOLD"}[int(found.entry[-1])]
    assert told.values["fast"] == pytest.approx(BARS.close[-4:].mean())
    with pytest.raises(ParamError):
        make(strategy.Params, {"fast": 0})


def test_pandas_gives_the_same(shared_host: StrategyHost, write: Write) -> None:
    """Words in a pandas series, from the fifth and twentieth mean, are the crossings of numpy."""
    plain = OwnStrategy(write("crossover", own_files.CROSSOVER), shared_host, Known())
    pandas = OwnStrategy(write("with_pandas", own_files.WITH_PANDAS), shared_host, Known())
    a, b = plain.signals(BARS, plain.Params()).entry, pandas.signals(BARS, pandas.Params()).entry
    np.testing.assert_array_equal(a[21:], b[21:])


def test_a_rule_between_parameters_comes_back_with_its_field(shared_host: StrategyHost, write: Write) -> None:
    text = own_files.CROSSOVER.replace(
        "        check(self)",
        "        check(self)\n        if self.fast >= self.slow:\n"
        "            raise rule_broken(self, 'fast', 'must be shorter than the slow average')",
    ).replace("param, sma", "param, rule_broken, sma")
    strategy = OwnStrategy(write("ruled", text), shared_host, Known())
    with pytest.raises(ParamError) as caught:
        strategy.signals(BARS, make(strategy.Params, {"fast": 30}))
    assert caught.value.field == "fast"
    assert caught.value.sentence == "Fast average must be shorter than the slow average."


def test_who_hangs_waits_behind_the_others(shared_host: StrategyHost, write: Write) -> None:
    """A file that made the process end comes after those that never did, also when it asked first."""
    bad, good = write("hangs", own_files.HANGS), write("crossover", own_files.CROSSOVER)
    with pytest.raises(ProcessKilled):
        ask_signals(shared_host, bad)
    ask_signals(shared_host, good)
    ended: list[str] = []
    blocker = shared_host.ask(good, "signals", {}, BARS)
    futures: list[Future[object]] = []
    for name, source in (("bad", bad), ("good", good)):
        future = shared_host.ask(source, "signals", {}, BARS)
        future.add_done_callback(lambda _, name=name: ended.append(name))
        futures.append(future)  # type: ignore[arg-type]
    blocker.result()
    for future in futures:
        future.exception()
    assert ended == ["good", "bad"]


def test_a_killed_process_is_replaced(shared_host: StrategyHost, write: Write) -> None:
    still_answers(shared_host, write)
    before, starts = shared_host.pid, shared_host.starts
    assert before is not None
    os.kill(before, 9)
    time.sleep(0.05)
    try:
        still_answers(shared_host, write)
    except ProcessKilled:
        # The end was noticed by the question; the next one finds a new process.
        still_answers(shared_host, write)
    assert shared_host.pid != before
    assert shared_host.starts == starts + 1


def test_close_does_not_wait_for_a_hanging_strategy(folder: Path, write: Write) -> None:
    own = StrategyHost(folder, HostLimits(seconds=60.0, load_seconds=60.0))
    source = write("hangs", own_files.HANGS)
    own.ask(source, "load").result()
    future = own.ask(source, "signals", {}, BARS)
    begin = time.monotonic()
    own.close()
    assert time.monotonic() - begin < 10
    with pytest.raises(OwnStrategyError):
        future.result(0)
    with pytest.raises(OwnStrategyError, match="ending"):
        own.ask(source, "load").result(0)
