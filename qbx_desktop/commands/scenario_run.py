"""A scenario played: the real desk on the stepped simulator, both moved by one clock, with crashes on demand."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from ..broker.client import TerminalClient
from ..broker.spec import TerminalSpec
from ..broker.terminal import Terminal
from ..broker.transports import InlineTransport
from ..data import app_meta, bots
from ..data.database import Database
from ..data.home import Home
from ..data.order_log import OrderLog
from ..domain.clock import SteppedClock
from ..domain.events import BotChanged, ConnectionChanged, Event, Notice
from ..domain.messages import Message
from ..simulator.api import SimApi
from ..trading.desk import Desk
from ..trading.scenario import Command, RunPlan

_MAGIC_BASES = 10_000


class Crash(BaseException):
    """The desk's process ends here; nothing may catch it on its way."""


class Watched:
    """The terminal, with a record of every order sent and a place to die before or after its execution."""

    def __init__(self, api: SimApi) -> None:
        self.api = api
        self.sent: list[dict[str, Any]] = []
        self.crash_point = ""

    def __getattr__(self, name: str) -> Any:
        return getattr(self.api, name)

    def order_send(self, request: dict[str, Any], *further: Any) -> Any:
        """Send an order, or die around it."""
        self.die_at("before execution")
        self.sent.append(dict(request))
        answer = self.api.order_send(request, *further)
        self.die_at("after execution")
        return answer

    def die_at(self, point: str) -> None:
        """End the desk here, once, if that was asked for. Raises Crash."""
        if self.crash_point == point:
            self.crash_point = ""
            raise Crash


class _DeadlyLog(OrderLog):
    """The second record of orders, with a place to die before the journal says SENDING or after the outcome was written down."""

    def __init__(self, folder: Path, watched: Watched) -> None:
        super().__init__(folder)
        self._watched = watched

    def append(self, entry: Mapping[str, Any], at_ms: int, *, flush: bool = True) -> None:
        super().append(entry, at_ms, flush=flush)
        self._watched.die_at("before SENDING" if entry["state"] == "SENDING" else "after the outcome")


class ScenarioRun:
    """One run. `play` runs it to its end; then `db`, `watched` and `happened` hold what came of it."""

    def __init__(
        self, plan: RunPlan, api: SimApi, clock: SteppedClock, home: Home, seed: int, profile: str
    ) -> None:
        self.plan = plan
        self.home = home
        self.watched = Watched(api)
        self.happened: list[dict[str, Any]] = []
        self._seed = seed
        self._spec = TerminalSpec(
            profile=profile, seed=seed, clock_mode="stepped", speed=1.0, halt_file=home.halt_file, demo_only=True
        )  # fmt: skip
        # The desk's clock shows the same instant as the market.
        self._clock = clock
        market = api.sim_state()
        self._clock.advance(float(market["utc"]))
        self._server_time = int(market["server_time"])
        self._began = self._clock.now()
        self._states: dict[int, tuple[Any, Message | None]] = {}
        self._link: tuple[Any, Message | None] | None = None
        self.db = Database.open(home.database, clock=self._clock)
        self.db.write(self._be_the_same)
        self.bot_ids = tuple(self.db.write(partial(bots.create_bot, bot=bot)) for bot in plan.bots)
        self._terminal: Terminal | None = None
        self._desk: Desk | None = None

    def play(self) -> None:
        """From the start to the end of the plan."""
        waiting = list(self.plan.commands)
        self._alive(self._open)
        passed = 0.0
        while True:
            while waiting and waiting[0].at <= passed:
                command = waiting.pop(0)
                self._note("command", at=command.at, do=command.do, bot=self._name(command))
                self._alive(partial(self._obey, command))
            self._alive(self._round)
            if passed >= self.plan.duration:
                break
            step = min(self.plan.step, self.plan.duration - passed)
            self._server_time = self.watched.api.sim_advance(step)
            self._clock.advance(step)
            passed = self._clock.now() - self._began
        self._close()

    def end(self) -> None:
        """Let go of everything, in whatever state."""
        if self._desk is not None:
            self._drop()
        self.db.close()

    # -- the desk's life

    def _open(self) -> None:
        client = TerminalClient(
            InlineTransport(self.watched, self._spec), clock=self._clock, rng=random.Random(self._seed)
        )
        client.listen(lambda event: self._keep((event,)))
        self._terminal = Terminal(client, clock=self._clock)
        self._desk = Desk(
            self.db, self._terminal, self._clock, halt_file=self.home.halt_file,
            order_log=_DeadlyLog(self.home.logs, self.watched), detect_sleep=False,
        )  # fmt: skip
        self._keep(self._desk.open(self._clock.monotonic()))

    def _close(self) -> None:
        assert self._desk is not None
        assert self._terminal is not None
        self._desk.close()
        self._desk = None
        self._terminal.close()

    def _drop(self) -> None:
        """As after a power cut: what was committed stays, nothing is put in order."""
        assert self._desk is not None
        self._desk.floor.ledger.con.close()
        self._desk = None

    def _alive(self, action: Callable[[], None]) -> None:
        """Do something with the desk; if it dies of it, a new one takes over."""
        try:
            action()
        except Crash:
            self._note("crash")
            self._drop()
            self._open()

    def _round(self) -> None:
        assert self._desk is not None
        for event in self._desk.run_due(self._clock.monotonic()):
            self._keep((event,))

    def _obey(self, command: Command) -> None:
        desk = self._desk
        assert desk is not None
        bot_id = 0 if command.bot is None else self.bot_ids[command.bot]
        if command.do == "crash":
            self.watched.crash_point = command.point
        elif command.do == "restart":
            self._close()
            self._open()
        elif command.do == "kill":
            self._drop()
            self._open()
        else:
            deeds: dict[str, Callable[[], list[Event]]] = {
                "start": lambda: desk.start_bot(bot_id), "pause": lambda: desk.pause_bot(bot_id),
                "pause_all": desk.pause_all, "close_all": desk.close_all, "rearm": desk.rearm,
                "emergency": lambda: desk.emergency("the scenario"),
                "algo_off": lambda: desk.set_algo(False), "algo_on": lambda: desk.set_algo(True),
            }  # fmt: skip
            self._keep(deeds[command.do]())

    def _name(self, command: Command) -> str | None:
        return None if command.bot is None else self.plan.bots[command.bot].name

    # -- what is kept

    def _keep(self, events: Iterable[Event]) -> None:
        """Notices, and changes of state and connection. Account, positions and history are in the result anyway."""
        for event in events:
            if isinstance(event, Notice):
                self._note(
                    "notice",
                    event.message,
                    topic=event.topic.value,
                    level=event.level.value,
                    bot=event.bot_name,
                )
            elif isinstance(event, BotChanged):
                state = (event.state, event.reason)
                if self._states.get(event.bot_id) != state:
                    self._states[event.bot_id] = state
                    name = self.plan.bots[self.bot_ids.index(event.bot_id)].name
                    self._note("bot", event.reason, state=event.state.value, bot=name)
            elif isinstance(event, ConnectionChanged) and self._link != (event.link, event.reason):
                self._link = (event.link, event.reason)
                self._note("connection", event.reason, state=event.link.value)

    def _note(self, kind: str, message: Message | None = None, **more: Any) -> None:
        entry = {"time": self._server_time, "kind": kind, **more}
        if message is not None:
            entry |= {"code": message.code, "params": dict(message.params), "text": message.text}
        self.happened.append(entry)

    def _be_the_same(self, con: Any) -> None:
        """An installation's numbers are random; a scenario's follow from its seed."""
        base = (_MAGIC_BASES + self._seed % _MAGIC_BASES) * app_meta.MAGIC_STEP
        app_meta.set(con, "magic_base", str(base))
