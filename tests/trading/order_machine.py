"""The stateful test's world: a broker that lags, lies and dies, and the invariants that must hold all the same."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from qbx_desktop.broker.bar_watch import BarClosed
from qbx_desktop.data import deals as deal_table
from qbx_desktop.domain.bars import Bars
from qbx_desktop.domain.journal import JournalAction, JournalState
from qbx_desktop.domain.messages import declare
from qbx_desktop.domain.signals import Signals
from qbx_desktop.strategies.contract import Explanation, Plot
from qbx_desktop.trading.desk import Desk

from .stage import Breakable, Crash, Stage, wave

_SAYS = declare("test.scripted", "The script says so.")
_FRAME = 60
_LIMIT = 4
Plant = Callable[["Stage"], None]


@dataclass(frozen=True)
class NoParams:
    """Nothing to choose."""


class Scripted:
    """A strategy that says what the test wants: the order path is under test, not the rule."""

    key, title, description = "SCRIPTED", "Scripted", ""
    Params: type = NoParams

    def __init__(self) -> None:
        self.says = 0

    def warmup(self, _params: Any) -> int:
        return 0

    def history(self, _params: Any) -> int:
        return 3

    def signals(self, bars: Bars, _params: Any) -> Signals:
        entry = np.zeros(len(bars), np.int8)
        entry[-1] = self.says
        return Signals(entry, np.zeros(len(bars), np.bool_), np.zeros(len(bars), np.bool_))

    def explain(self, _bars: Bars, _params: Any) -> Explanation:
        return Explanation({1: "BUY", -1: "SELL"}.get(self.says, "HOLD"), _SAYS())

    def plots(self, _bars: Bars, _params: Any) -> tuple[Plot, ...]:
        return ()


@dataclass
class Truth:
    """What really happened at the broker, as only the test can know."""

    most_positions: int = 0
    sent: list[tuple[str, float, bool]] = field(default_factory=list)
    without_row: list[str] = field(default_factory=list)
    on_foreign_account: int = 0
    opened_while_halted: int = 0
    seen_at: dict[int, float] = field(default_factory=dict)
    shown: list[tuple[float, Any]] = field(default_factory=list)


class World(Stage):
    """A stage whose broker shows everything `lag` seconds late and may be on another account."""

    def __init__(
        self, folder: Path, lag: float, ahead: int, keep_comments: bool, template: Path | None
    ) -> None:
        if template is not None:
            shutil.copy(template, folder / "bots.db")
        super().__init__(folder, bars=wave(count=240, step=_FRAME), warm=60)
        self.clock.jump(float(self.bars.time[60]) - ahead - self.clock.now())
        self.lag, self.keep_comments = lag, keep_comments
        self.truth = Truth()
        self.script = Scripted()
        self.foreign = False
        self.connected = True
        self.late: list[tuple[float, dict[str, Any]]] = []
        self.fault: Callable[[dict[str, Any]], Any] | None = None
        self.desk_class = lambda *a, **k: Desk(*a, strategy_of=lambda _key: self.script, **k)
        self.last_event: BarClosed | None = None
        self.wire()

    def wire(self) -> None:
        """Put the lagging view and the truth's eyes between desk and simulator."""
        api: Breakable = self.api
        api.instead["positions_get"] = lambda **_: self.shown_positions()
        api.instead["history_deals_get"] = lambda a, b: self.shown_deals(a, b)
        api.instead["order_send"] = self.send
        api.after["terminal_info"] = self._terminal
        api.after["account_info"] = self._account

    def _terminal(self, info: Any) -> Any:
        return info if info is None else type(info)({**info._asdict(), "connected": self.connected}.values())

    def _account(self, info: Any) -> Any:
        login = 999 if self.foreign else info.login
        return type(info)({**info._asdict(), "login": login}.values())

    # -- what the broker shows

    def look(self) -> None:
        """Take note of the truth, now."""
        positions = self.api.api.positions_get() or ()
        ours = [each for each in positions if each.magic >= 1_000_000_000]
        self.truth.most_positions = max(self.truth.most_positions, len(ours))
        now = self.clock.monotonic()
        if not self.truth.shown or tuple(positions) != tuple(self.truth.shown[-1][1]):
            self.truth.shown.append((now, positions))
        for deal in self.api.api.history_deals_get(0, 2_000_000_000) or ():
            self.truth.seen_at.setdefault(deal.ticket, now)

    def shown_positions(self) -> Any:
        self.look()
        until = self.clock.monotonic() - self.lag
        past = [positions for at, positions in self.truth.shown if at <= until]
        return past[-1] if past else self.truth.shown[0][1] if self.truth.shown[0][0] <= until else ()

    def shown_deals(self, since: int, until: int) -> Any:
        self.look()
        visible = self.clock.monotonic() - self.lag
        found = self.api.api.history_deals_get(since, until) or ()
        return tuple(deal for deal in found if self.truth.seen_at[deal.ticket] <= visible)

    # -- what reaches the broker

    def send(self, request: dict[str, Any]) -> Any:
        rows = (
            self.db.reader()
            .execute("SELECT state FROM order_journal WHERE comment = ?", (request.get("comment", ""),))
            .fetchall()
        )
        opening = "position" not in request
        self.truth.sent.append(
            (request.get("comment", ""), float(self.api.api.sim_state()["server_time"]), opening)
        )
        if [row[0] for row in rows] != ["SENDING"]:
            self.truth.without_row.append(request.get("comment", ""))
        if opening and self.halt_file.exists():
            self.truth.opened_while_halted += 1
        fault, self.fault = self.fault, None
        return self.execute(request) if fault is None else fault(request)

    def execute(self, request: dict[str, Any]) -> Any:
        if self.foreign:
            self.truth.on_foreign_account += 1
        if not self.keep_comments:
            request = {**request, "comment": ""}
        answer = self.api.api.order_send(request)
        self.look()
        return answer

    def do_late(self) -> None:
        """Execute what the broker had put aside."""
        due = [each for each in self.late if each[0] <= self.clock.monotonic()]
        self.late = [each for each in self.late if each not in due]
        for _, request in due:
            self.execute(request)

    def pass_time(self, seconds: float, step: float = 5.0) -> None:
        left = seconds
        while left > 0:
            now = min(step, left)
            self.api.api.sim_advance(now)
            self.clock.advance(now)
            left -= now
            self.do_late()
            self.look()
            self.guarded_round()

    def guarded_round(self) -> None:
        """A round; when the process dies in it, the next one starts."""
        try:
            self.round()
        except Crash:
            self.reborn()

    def reborn(self) -> None:
        self.kill()
        self.start()
        self.planted(self)

    planted: Plant = staticmethod(lambda _stage: None)


def lost(stage: World, code: int, executed: bool) -> Callable[[dict[str, Any]], Any]:
    def answer(request: dict[str, Any]) -> None:
        if executed:
            stage.execute(request)
        stage.api.fail(code, "IPC")

    return answer


def coded(stage: World, retcode: int, executed: bool, after: float = 0.0) -> Callable[[dict[str, Any]], Any]:
    """An answer with `retcode`; executed at once, later, or never."""

    def answer(request: dict[str, Any]) -> Any:
        if executed and after:
            stage.late.append((stage.clock.monotonic() + after, request))
        elif executed:
            stage.execute(request)
        result = stage.api.api.order_check(request)
        empty = {"retcode": retcode, "deal": 0, "order": 0, "volume": 0.0, "price": 0.0, "bid": 0.0, "ask": 0.0,
                 "comment": "", "request_id": 1, "retcode_external": 0, "request": result.request}  # fmt: skip
        return stage.api.api.OrderSendResult(empty.values())

    return answer


def dies(stage: World, executed: bool) -> Callable[[dict[str, Any]], Any]:
    def answer(request: dict[str, Any]) -> None:
        if executed:
            stage.execute(request)
        raise Crash

    return answer


def stopped_out(stage: World) -> Callable[[dict[str, Any]], Any]:
    """Filled and at once closed again, the answer lost."""

    def answer(request: dict[str, Any]) -> None:
        stage.execute(request)
        close_by_hand(stage)
        stage.api.fail(-10002, "IPC recv failed")

    return answer


FAULTS: dict[str, Callable[[World], Callable[[dict[str, Any]], Any]]] = {
    "lost before": lambda s: lost(s, -10001, executed=False),
    "lost after": lambda s: lost(s, -10002, executed=True),
    "silent, executed": lambda s: lost(s, -10005, executed=True),
    "time-out, executed": lambda s: coded(s, 10012, executed=True),
    "time-out, not executed": lambda s: coded(s, 10012, executed=False),
    "placed, filled later": lambda s: coded(s, 10008, executed=True, after=30.0),
    "time-out, filled later": lambda s: coded(s, 10012, executed=True, after=45.0),
    "no connection, executed": lambda s: coded(s, 10031, executed=True),
    "requote": lambda s: coded(s, 10004, executed=False),
    "rejected": lambda s: coded(s, 10006, executed=False),
    "dies before": lambda s: dies(s, executed=False),
    "dies after": lambda s: dies(s, executed=True),
    "stopped out unseen": stopped_out,
}


def close_by_hand(stage: World) -> None:
    """The user closes a position in MetaTrader."""
    for position in stage.positions():
        tick = stage.api.api.symbol_info_tick(position.symbol)
        stage.api.api.order_send({
            "action": 1, "symbol": position.symbol, "volume": position.volume, "type": 1 - position.type,
            "position": position.ticket, "price": tick.bid if position.type == 0 else tick.ask, "type_filling": 0,
        })  # fmt: skip
        stage.look()


class OrderMachine(RuleBasedStateMachine):
    """Rules are what may happen; `check` runs after each. `planted` breaks the product on purpose."""

    planted: Plant = staticmethod(lambda _stage: None)
    template: Path | None = None

    def __init__(self) -> None:
        super().__init__()
        shm = Path("/dev/shm")
        self.folder = Path(tempfile.mkdtemp(dir=shm if shm.is_dir() else None))
        self.states: dict[int, JournalState] = {}
        self.world: World | None = None
        # A rule or a check that failed is the finding; what the end looks like then says nothing.
        self.failed = False

    @initialize(
        lag=st.sampled_from([75.0, 0.0, 20.0]), ahead=st.sampled_from([-18_000, 0, 10_800]),
        keep_comments=st.booleans(),
    )  # fmt: skip
    def begin(self, lag: float, ahead: int, keep_comments: bool) -> None:
        world = World(self.folder, lag, ahead, keep_comments, self.template)
        self.world = world
        world.planted = type(self).planted
        world.look()
        world.start()
        world.planted(world)
        self.bot_id = world.new_bot(
            timeframe="M1", sl_pips=2_000, tp_pips=2_000, check_interval_seconds=5, strategy="SCRIPTED",
            strategy_params=None, limits={"orders_per_minute": _LIMIT, "refusals_in_a_row": 0},
        )  # fmt: skip
        world.desk.start_bot(self.bot_id)
        world.guarded_round()

    # -- what may happen

    def _bar(self, says: int) -> None:
        world = self.world
        assert world is not None
        world.script.says = says
        for share in (0.5, 0.5):
            world.api.api.sim_advance(_FRAME * share)
            world.clock.advance(_FRAME * share)
            world.do_late()
            world.look()
            world.guarded_round()
        for _ in range(3):
            world.clock.advance(1.0)
            world.guarded_round()
        closed = [each.key for each in world.desk.floor.slots.values()]
        if closed:
            server_time = int(world.api.api.sim_state()["server_time"])
            forming = server_time // _FRAME * _FRAME
            world.last_event = BarClosed(closed[0], forming - _FRAME, forming, 0, late=False)
        world.script.says = 0

    @rule(says=st.sampled_from([1, -1]), count=st.sampled_from([3, 1, 2]))
    def signal(self, says: int, count: int) -> None:
        for number in range(count):
            self._bar(says if number % 2 == 0 else -says)

    @rule(says=st.sampled_from([1, -1]), name=st.sampled_from(sorted(FAULTS)))
    def signal_with_fault(self, says: int, name: str) -> None:
        world = self.world
        assert world is not None
        world.fault = FAULTS[name](world)
        self._bar(says)
        world.fault = None

    @rule(seconds=st.sampled_from([1, 5, 12, 40, 120]))
    def time_passes(self, seconds: int) -> None:
        assert self.world is not None
        self.world.pass_time(seconds)

    @rule(
        says=st.sampled_from([1, -1]),
        name=st.sampled_from(["positions_get", "history_deals_get", "account_info", "orders_get", "symbol_info_tick"]),
    )  # fmt: skip
    def signal_while_a_function_fails(self, says: int, name: str) -> None:
        world = self.world
        assert world is not None

        def fail(*_: Any, **__: Any) -> None:
            world.api.fail(-1, "Terminal: Call failed")

        kept = world.api.instead.get(name)
        world.api.instead[name] = fail
        after = world.api.after.pop(name, None)
        self._bar(says)
        if kept is None:
            world.api.instead.pop(name)
        else:
            world.api.instead[name] = kept
        if after is not None:
            world.api.after[name] = after

    @rule(says=st.sampled_from([1, -1]))
    def signal_without_link(self, says: int) -> None:
        world = self.world
        assert world is not None
        world.connected = False
        self._bar(says)
        world.connected = True

    @rule(says=st.sampled_from([1, -1]))
    def signal_on_another_account(self, says: int) -> None:
        world = self.world
        assert world is not None
        world.foreign = True
        self._bar(says)
        world.foreign = False
        world.pass_time(12)
        world.desk.rearm()
        world.desk.start_bot(self.bot_id)

    @rule()
    def closed_by_hand(self) -> None:
        assert self.world is not None
        close_by_hand(self.world)

    @precondition(lambda self: self.world is not None and self.world.last_event is not None)
    @rule(says=st.sampled_from([1, -1]))
    def same_bar_again(self, says: int) -> None:
        world = self.world
        assert world is not None
        assert world.last_event is not None
        world.script.says = says
        world.desk._closed.append((world.last_event, world.clock.monotonic() + 5))
        world.guarded_round()
        world.script.says = 0

    @rule()
    def restart(self) -> None:
        assert self.world is not None
        self.world.reborn()

    @rule(says=st.sampled_from([1, -1]))
    def halted(self, says: int) -> None:
        world = self.world
        assert world is not None
        world.desk.emergency("test")
        self._bar(says)
        world.reborn()
        self._bar(says)
        world.desk.rearm()
        world.desk.start_bot(self.bot_id)

    # -- what must hold

    @invariant()
    def holds(self) -> None:
        if self.world is not None:
            self.failed = True
            self._check(self.world)
            self.failed = False

    def _check(self, world: World) -> None:
        truth = world.truth
        assert truth.most_positions <= 1, "I1: two positions of one bot"
        assert not truth.without_row, "I2: sent without a committed row"
        names = [name for name, _, _ in truth.sent if name]
        assert len(names) == len(set(names)), "I3: a row was sent twice"
        assert truth.on_foreign_account == 0, "I6: a deal on a foreign account"
        assert truth.opened_while_halted == 0, "I13: opened while halted"
        opens = [at for _, at, opening in truth.sent if opening]
        for at in opens:
            assert sum(1 for other in opens if at - 60 < other <= at) <= _LIMIT, (
                "I12: too many orders in a minute"
            )
        bars: dict[int, int] = {}
        for row in self._rows(world):
            old = self.states.get(row["id"])
            if old is not None and not old.is_open_question:
                assert row["state"] == old.value, "I4: a terminal state changed"
            self.states[row["id"]] = JournalState(row["state"])
            if row["action"] == "OPEN" and row["attempt"] == 1 and row["state"] != "DENIED":
                bars[row["bar_time"]] = bars.get(row["bar_time"], 0) + 1
        assert all(count <= 1 for count in bars.values()), "I7: two entries on one bar"

    def _rows(self, world: World) -> list[Any]:
        return world.db.reader().execute("SELECT * FROM order_journal ORDER BY id").fetchall()

    def _drain(self, world: World) -> None:
        world.fault = None
        world.foreign, world.connected = False, True
        world.pass_time(240 + world.lag + 20, step=5.0)

    def _check_end(self, world: World) -> None:
        rows = self._rows(world)
        assert not [row["id"] for row in rows if JournalState(row["state"]).is_open_question], (
            "I8: not settled"
        )
        alarms = [
            text for text in world.details("ERROR") if "Another copy" in text or "cannot be told" in text
        ]
        assert not alarms, f"I11: an alarm without a cause: {alarms}"
        booked = {deal.order: deal for deal in world.deals()}
        claims = [row["order_ticket"] for row in rows if row["state"] in ("FILLED", "PARTIAL")]
        moves = [
            r["order_ticket"] for r in rows if r["action"] != JournalAction.MODIFY and r["state"] == "FILLED"
        ]
        assert all(ticket in booked for ticket in moves if ticket), "I9: a fill without a deal"
        assert len(claims) == len(set(claims)), "I10: an order claimed twice"
        magic = world.desk.floor.view.magic_of(self.bot_id)
        for deal in booked.values():
            if deal.magic == magic and deal.reason == 3:
                mine = deal.order in claims or deal.entry == 1
                assert mine, "I5: a deal that no row claims"
        told = deal_table.deals_of(world.db.reader(), bot_id=self.bot_id, limit=10_000)
        positions = {deal.position_id for deal in booked.values() if deal.magic == magic}
        real = [deal for deal in booked.values() if deal.position_id in positions]
        assert sum(each.deal.volume for each in told) == sum(deal.volume for deal in real) or (
            abs(sum(each.deal.volume for each in told) - sum(deal.volume for deal in real)) < 1e-9
        ), "I17: the deals do not add up"
        money = sum(each.deal.profit for each in told) - sum(deal.profit for deal in real)
        assert abs(money) < 0.005, "I17: the money does not add up"

    def teardown(self) -> None:
        world = self.world
        try:
            if world is not None and not self.failed:
                self._drain(world)
                self._check(world)
                self._check_end(world)
        finally:
            if world is not None:
                world.end()
            shutil.rmtree(self.folder, ignore_errors=True)
