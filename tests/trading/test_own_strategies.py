"""The desk with the trader's own strategies in a real process: it never waits, and one bad file stops its bot only."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from qbx_desktop.domain.bots import BotStatus, RunState
from qbx_desktop.domain.errors import PLAIN
from qbx_desktop.domain.events import BotChanged, Notice
from qbx_desktop.strategies import registry
from qbx_desktop.strategies.contract import Strategy
from qbx_desktop.strategies.own.host import HostLimits, StrategyHost
from qbx_desktop.strategies.own.library import Consent, LiveLibrary
from qbx_desktop.strategies.own.source import is_own
from qbx_desktop.strategies.own.strategy import Known
from qbx_desktop.trading.desk import Desk
from tests.fakes import own_files

from .stage import Stage

QUICK = '{"fast":2,"slow":5}'


class OwnStage:
    """A stage whose desk finds strategies in a folder; every file is approved unless its name is in `unapproved`."""

    def __init__(self, stage: Stage, folder: Path) -> None:
        self.stage = stage
        self.folder = folder / "strategies"
        self.folder.mkdir()
        self.unapproved: dict[str, Consent] = {}
        self.host = StrategyHost(self.folder, HostLimits(seconds=1.5, load_seconds=60.0))
        self.live = LiveLibrary(self.folder, self.host, self._consent, Known())
        stage.desk_class = partial(Desk, strategy_of=self._strategy_of)
        stage.start()

    def _consent(self, path: str, _sha256: str) -> Consent:
        return self.unapproved.get(Path(path).name, Consent.APPROVED)

    def _strategy_of(self, key: str) -> Strategy:
        return self.live.get(key) if is_own(key) else registry.get(key)

    def write(self, name: str, text: str) -> str:
        (self.folder / f"{name}.py").write_text(text, encoding="utf-8")
        return f"own:{name}"

    def pump(self, until: Callable[[], bool]) -> None:
        """Rounds in real time, without market time passing."""
        end = time.monotonic() + 60
        while not until():
            assert time.monotonic() < end, "it did not happen"
            time.sleep(0.02)
            self.stage.round()

    def settled(self) -> bool:
        desk = self.stage.desk
        return not desk._thinking and not desk._roster.loading

    def bar(self) -> None:
        self.stage.bar()
        self.pump(self.settled)


@pytest.fixture
def own(make_stage: Callable[..., Stage], tmp_path: Path) -> Iterator[OwnStage]:
    made = OwnStage(make_stage(), tmp_path)
    yield made
    made.host.close()


def test_f44_own_strategies_on_the_desk(own: OwnStage) -> None:
    """A good file trades exactly like the shipped strategy of the same rule; one that hangs holds nobody up, is asked on
    three bars and stopped; one that raises is stopped at once; each in words."""
    stage = own.stage
    good = own.write("good", own_files.CROSSOVER)
    hangs, raises = own.write("hangs", own_files.HANGS), own.write("raises", own_files.RAISES)
    shipped = stage.running_bot(name="Shipped")
    own_bot = stage.running_bot(name="Own", strategy=good, strategy_params=QUICK)
    assert stage.desk._roster.loading, "the desk did not wait for the load"
    assert any(isinstance(each, BotChanged) and each.state is RunState.STARTING for each in stage.events)
    own.pump(own.settled)
    for _ in range(20):
        own.bar()
    assert len(stage.journal(shipped)) >= 2
    decided = [
        [(row.bar_time, row.action, row.side, row.volume) for row in stage.journal(bot)] for bot in (shipped, own_bot)
    ]  # fmt: skip
    assert decided[0] == decided[1]

    bad = [
        stage.running_bot(name=name, strategy=key, strategy_params="{}")
        for name, key in (("Hangs", hangs), ("Raises", raises))
    ]
    own.pump(own.settled)
    assert stage.status(bad[1]) is BotStatus.ERROR
    told = stage.details("ERROR")
    assert any('"Raises" stopped' in each and "raises.py, line 11: IndexError" in each for each in told)
    before = stage.desk.floor.slots[shipped].bar_time
    stage.bar()
    assert stage.desk.floor.slots[shipped].bar_time > before
    assert stage.desk._thinking, "the desk did not wait for the one that hangs"
    own.pump(own.settled)
    for _ in range(3):
        if bad[0] in stage.desk.floor.slots:
            own.bar()
    assert stage.status(bad[0]) is BotStatus.ERROR
    told = stage.details("ERROR")
    assert any('"Hangs" did not decide on this bar: hangs.py did not answer' in each for each in told)
    assert any('"Hangs" stopped: its strategy failed' in each for each in told)
    assert set(stage.desk.floor.slots) == {shipped, own_bot}
    bars = [stage.desk.floor.slots[bot].bar_time for bot in (shipped, own_bot)]
    own.bar()
    assert all(
        stage.desk.floor.slots[bot].bar_time > bar for bot, bar in zip((shipped, own_bot), bars, strict=True)
    )


def test_a_file_without_consent_keeps_its_bot_off_in_words(own: OwnStage) -> None:
    key = own.write("fresh", own_files.CROSSOVER)
    own.unapproved["fresh.py"] = Consent.NONE
    bot_id = own.stage.running_bot(strategy=key, strategy_params=QUICK)
    assert own.stage.status(bot_id) is BotStatus.ERROR
    assert "fresh.py is a program and was not approved yet" in own.stage.details("ERROR")[-1]
    assert own.host.starts == 0, "nothing of it was run"


def test_a_forbidden_import_is_not_even_run(own: OwnStage) -> None:
    key = own.write("reaches", own_files.IMPORTS_TERMINAL)
    bot_id = own.stage.running_bot(strategy=key, strategy_params="{}")
    assert own.stage.status(bot_id) is BotStatus.ERROR
    assert "reaches.py, line 3: imports MetaTrader5" in own.stage.details("ERROR")[-1]
    assert own.host.starts == 0


def test_a_changed_file_pauses_its_bots_only(own: OwnStage) -> None:
    stage, key = own.stage, own.write("good", own_files.CROSSOVER)
    other, bot_id = stage.running_bot(), stage.running_bot(strategy=key, strategy_params=QUICK)
    own.pump(own.settled)
    events = stage.desk.pause_strategy(key, PLAIN(text="good.py was changed."))
    assert (stage.status(bot_id), stage.status(other)) == (BotStatus.DIJEDA, BotStatus.AKTIF)
    told = [each.message.text for each in events if isinstance(each, Notice)]
    assert any("is paused: good.py was changed. Its position" in each for each in told)
    own.unapproved["good.py"] = Consent.CHANGED
    stage.events += stage.desk.start_bot(bot_id)
    assert "good.py was changed since you approved it" in stage.details("ERROR")[-1]


def test_paused_while_loading_stays_off(own: OwnStage) -> None:
    key = own.write("good", own_files.CROSSOVER)
    bot_id = own.stage.running_bot(strategy=key, strategy_params=QUICK)
    own.stage.desk.pause_bot(bot_id)
    assert not own.stage.desk._roster.loading
    own.pump(lambda: own.host.starts == 1)
    own.stage.round(3)
    assert bot_id not in own.stage.desk.floor.slots
    assert own.stage.status(bot_id) is BotStatus.DIJEDA
