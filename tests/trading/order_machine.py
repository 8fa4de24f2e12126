"""The stateful test: what may happen around an order, and the invariants that must hold all the same."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from qbx_desktop.broker.bar_watch import BarClosed
from qbx_desktop.data import deals as deal_table
from qbx_desktop.domain.journal import JournalAction, JournalState

from .order_world import FAULTS, FRAME, Plant, World, close_by_hand, strip_stops


def _one_of(choices: str) -> st.SearchStrategy[Any]:
    """One of what the machine's class allows."""
    return st.runner().flatmap(lambda machine: st.sampled_from(getattr(machine, choices)))


def _if_wanted(method: Callable[..., None]) -> Any:
    """A rule that a search may leave out."""
    return precondition(lambda machine: not machine.only or method.__name__ in machine.only)(method)


class OrderMachine(RuleBasedStateMachine):
    """Rules are what may happen; `holds` runs after each. `planted` breaks the product on purpose.

    A step, and the end, tell every invariant that is broken. With `wanted` ("I7") a run goes on until this one is: a
    bug that breaks several must not hide which.
    """

    planted: Plant = staticmethod(lambda _stage: None)
    wanted = ""
    examples = 0
    template: Path | None = None
    # What the world may be like; a search for one kind of bug may leave some of it out.
    netting: tuple[bool, ...] = (False, True)
    lags: tuple[float, ...] = (75.0, 0.0, 20.0)
    limits: tuple[int, ...] = (4, 2)
    ahead: tuple[int, ...] = (-18_000, 0, 10_800)
    comments: tuple[bool, ...] = (False, True)
    faults: tuple[str, ...] = tuple(sorted(FAULTS))
    only: tuple[str, ...] = ()
    failing: tuple[str, ...] = (
        "positions_get", "history_deals_get", "account_info", "orders_get", "symbol_info_tick"
    )  # fmt: skip

    def __init__(self) -> None:
        super().__init__()
        shm = Path("/dev/shm")
        self.folder = Path(tempfile.mkdtemp(dir=shm if shm.is_dir() else None))
        self.states: dict[int, JournalState] = {}
        self.world: World | None = None
        # A rule or a check that failed is the finding; what the end looks like then says nothing.
        self.failed = False
        self.broken: dict[str, None] = {}
        type(self).examples += 1

    @initialize(
        lag=_one_of("lags"), merges=_one_of("netting"), limit=_one_of("limits"),
        ahead=_one_of("ahead"), keep_comments=_one_of("comments"),
    )  # fmt: skip
    def begin(self, lag: float, merges: bool, limit: int, ahead: int, keep_comments: bool) -> None:
        world = World(self.folder, lag, ahead, keep_comments, self.template, merges)
        self.world, self.limit = world, limit
        world.planted = type(self).planted
        world.look()
        world.start()
        world.planted(world)
        self.bot_id = world.new_bot(
            timeframe="M1", sl_pips=2_000, tp_pips=2_000, check_interval_seconds=5, strategy="SCRIPTED",
            strategy_params=None, limits={"orders_per_minute": limit, "refusals_in_a_row": 0, "daily_loss_percent": 5},
        )  # fmt: skip
        world.desk.start_bot(self.bot_id)
        world.guarded_round()

    # -- what may happen

    def _bar(self, says: int) -> None:
        world = self.world
        assert world is not None
        world.script.says = says
        for share in (0.5, 0.5):
            world.api.api.sim_advance(FRAME * share)
            world.clock.advance(FRAME * share)
            world.do_late()
            world.look()
            world.guarded_round()
        for _ in range(3):
            world.clock.advance(1.0)
            world.guarded_round()
        world.fault = None
        closed = [each.key for each in world.desk.floor.slots.values()]
        if closed:
            server_time = int(world.api.api.sim_state()["server_time"])
            forming = server_time // FRAME * FRAME
            world.last_event = BarClosed(closed[0], forming - FRAME, forming, 0, late=False)
        world.script.says = 0

    @rule(says=st.sampled_from([1, -1]), count=st.sampled_from([3, 1, 2]))
    @_if_wanted
    def signal(self, says: int, count: int) -> None:
        for number in range(count):
            self._bar(says if number % 2 == 0 else -says)

    @rule(says=st.sampled_from([1, -1]), name=_one_of("faults"))
    @_if_wanted
    def signal_with_fault(self, says: int, name: str) -> None:
        world = self.world
        assert world is not None
        world.fault = FAULTS[name](world)
        self._bar(says)
        world.fault = None

    @rule(seconds=st.sampled_from([1, 5, 12, 40, 120]))
    @_if_wanted
    def time_passes(self, seconds: int) -> None:
        assert self.world is not None
        self.world.pass_time(seconds)

    @rule(says=st.sampled_from([1, -1]), name=_one_of("failing"))
    @_if_wanted
    def signal_while_a_function_fails(self, says: int, name: str) -> None:
        world = self.world
        assert world is not None

        def fail(*_: Any, **__: Any) -> None:
            world.api.fail(-1, "Terminal: Call failed")

        kept = world.api.instead.get(name)
        world.failing = True
        world.api.instead[name] = fail
        after = world.api.after.pop(name, None)
        self._bar(says)
        if kept is None:
            world.api.instead.pop(name)
        else:
            world.api.instead[name] = kept
        if after is not None:
            world.api.after[name] = after
        world.failing = False

    @rule(says=st.sampled_from([1, -1]))
    @_if_wanted
    def signal_without_link(self, says: int) -> None:
        world = self.world
        assert world is not None
        world.connected = False
        self._bar(says)
        world.connected = True

    @rule(says=st.sampled_from([1, -1]))
    @_if_wanted
    def signal_on_another_account(self, says: int) -> None:
        world = self.world
        assert world is not None
        world.foreign = True
        self._bar(says)
        world.foreign = False
        world.pass_time(12)
        world.desk.rearm()
        world.desk.start_bot(self.bot_id)

    @rule(share=st.sampled_from([1.0, 0.5]))
    @_if_wanted
    def closed_by_hand(self, share: float) -> None:
        assert self.world is not None
        close_by_hand(self.world, share)

    @rule(says=st.sampled_from([1, -1]), share=st.sampled_from([1.0, 0.5]))
    @_if_wanted
    def signal_after_a_close_by_hand(self, says: int, share: float) -> None:
        """The close is not seen yet where the view lags."""
        assert self.world is not None
        close_by_hand(self.world, share)
        self._bar(says)

    @rule(refused=st.booleans())
    @_if_wanted
    def stops_are_gone(self, refused: bool) -> None:
        world = self.world
        assert world is not None
        strip_stops(world)
        world.refuses_stops = refused
        world.pass_time(world.lag)
        world.pass_time(13, step=1.0)
        world.refuses_stops = False
        world.desk.start_bot(self.bot_id)

    @rule(says=st.sampled_from([1, -1]), then=st.sampled_from(["restart", "clock", "connection", "rearm"]))
    @_if_wanted
    def a_days_loss(self, says: int, then: str) -> None:
        world = self.world
        assert world is not None
        world.pass_time(3, step=1.0)
        world.poorer = 1_000.0
        world.pass_time(6, step=1.0)
        server_time = int(world.api.api.sim_state()["server_time"])
        if world.desk.floor.slots and not world.desk.floor.view.blind:
            world.truth.loss_day = server_time // 86_400
        world.poorer = 0.0
        if then == "restart":
            world.reborn()
        elif then == "clock":
            world.clock.jump(3 * 86_400)
            world.reborn()
        elif then == "connection":
            world.connected = False
            world.pass_time(12)
            world.connected = True
        else:
            world.desk.rearm()
        world.desk.start_bot(self.bot_id)
        self._bar(says)

    @precondition(lambda self: self.world is not None and self.world.last_event is not None)
    @rule(says=st.sampled_from([1, -1]))
    @_if_wanted
    def same_bar_again(self, says: int) -> None:
        world = self.world
        assert world is not None
        assert world.last_event is not None
        world.script.says = says
        world.desk._closed.append((world.last_event, world.clock.monotonic() + 5))
        world.guarded_round()
        world.script.says = 0

    @rule()
    @_if_wanted
    def restart(self) -> None:
        assert self.world is not None
        self.world.reborn()

    @rule(says=st.sampled_from([1, -1]))
    @_if_wanted
    def halted(self, says: int) -> None:
        world = self.world
        assert world is not None
        world.desk.emergency("test")
        self._bar(says)
        world.reborn()
        world.desk.start_bot(self.bot_id)
        self._bar(says)
        world.desk.rearm()
        world.desk.start_bot(self.bot_id)

    @rule(says=st.sampled_from([1, -1]))
    @_if_wanted
    def reducing(self, says: int) -> None:
        world = self.world
        assert world is not None
        world.desk.set_algo(False)
        world.reducing = True
        self._bar(says)
        world.reborn()
        self._bar(-says)
        world.reducing = False
        world.desk.set_algo(True)

    # -- what must hold

    @invariant()
    def holds(self) -> None:
        if self.world is not None:
            self.failed = True
            self._tell(self._broken_now(self.world))
            self.failed = False

    def _tell(self, broken: Iterator[str]) -> None:
        self.broken |= dict.fromkeys(broken)
        found = [each for each in self.broken if not self.wanted or each.startswith(f"{self.wanted}:")]
        assert not found, "; ".join(self.broken)

    def _broken_now(self, world: World) -> Iterator[str]:
        truth = world.truth
        if truth.most_positions > 1:
            yield "I1: two positions of one bot"
        if truth.without_row:
            yield "I2: sent without a committed row"
        names = [name for name, _, _ in truth.sent if name]
        if len(names) > len(set(names)):
            yield "I3: a row was sent twice"
        if truth.on_foreign_account:
            yield "I6: a deal on a foreign account"
        if truth.opened_while_halted:
            yield "I13: opened while halted"
        if truth.opened_while_reducing:
            yield "I13: opened while only closing is allowed"
        if truth.longest_naked > 10:
            yield "I14: a position without its stop"
        if truth.opened_after_loss:
            yield "I15: opened after the day's loss limit"
        if truth.grown_by_a_close:
            yield "I16: a close that grew or reversed the position"
        opens = [at for _, at, opening in truth.sent if opening]
        if any(sum(1 for other in opens if at - 60 < other <= at) > self.limit for at in opens):
            yield "I12: too many orders in a minute"
        bars: dict[int, int] = {}
        for row in self._rows(world):
            old = self.states.get(row["id"])
            if old is not None and not old.is_open_question and row["state"] != old.value:
                yield "I4: a terminal state changed"
            self.states[row["id"]] = JournalState(row["state"])
            if row["action"] == "OPEN" and row["attempt"] == 1 and row["state"] != "DENIED":
                bars[row["bar_time"]] = bars.get(row["bar_time"], 0) + 1
        if any(count > 1 for count in bars.values()):
            yield "I7: two entries on one bar"

    def _rows(self, world: World) -> list[Any]:
        return world.db.reader().execute("SELECT * FROM order_journal ORDER BY id").fetchall()

    def _drain(self, world: World) -> None:
        """Everything works again: within four minutes all is settled, and the deals are looked at twice more."""
        world.fault = None
        world.foreign, world.connected = False, True
        world.pass_time(world.lag + 20, step=10.0)
        for _ in range(24):
            if not world.late and not any(self._is_open(row) for row in self._rows(world)):
                break
            world.pass_time(10, step=10.0)
        world.pass_time(30, step=10.0)

    def _is_open(self, row: Any) -> bool:
        return JournalState(row["state"]).is_open_question

    def _broken_at_the_end(self, world: World) -> Iterator[str]:
        rows = self._rows(world)
        if any(map(self._is_open, rows)):
            yield "I8: not settled"
        alarms = [
            text for text in world.details("ERROR") if "Another copy" in text or "cannot be told" in text
        ]
        if alarms:
            yield f"I11: an alarm without a cause: {alarms}"
        booked = {deal.order: deal for deal in world.deals()}
        claims = [
            row["order_ticket"]
            for row in rows
            if row["state"] in ("FILLED", "PARTIAL") and row["order_ticket"]
        ]
        moves = [
            r["order_ticket"] for r in rows if r["action"] != JournalAction.MODIFY and r["state"] == "FILLED"
        ]
        if any(ticket not in booked for ticket in moves if ticket):
            yield "I9: a fill without a deal"
        if len(claims) > len(set(claims)):
            yield "I10: an order claimed twice"
        magic = world.desk.floor.view.magic_of(self.bot_id)
        for deal in booked.values():
            if deal.magic == magic and deal.reason == 3 and deal.order not in claims and deal.entry != 1:
                yield "I5: a deal that no row claims"
        told = deal_table.deals_of(world.db.reader(), bot_id=self.bot_id, limit=10_000)
        positions = {deal.position_id for deal in booked.values() if deal.magic == magic}
        real = [deal for deal in booked.values() if deal.position_id in positions]
        if abs(sum(each.deal.volume for each in told) - sum(deal.volume for deal in real)) >= 1e-9:
            yield "I17: the deals do not add up"
        if abs(sum(each.deal.profit for each in told) - sum(deal.profit for deal in real)) >= 0.005:
            yield "I17: the money does not add up"
        # The script never fails: what does is a test that asks wrongly, and its bot would only stand still.
        failed = [text for text in world.details("ERROR") if "its strategy failed" in text]
        assert not failed, failed

    def teardown(self) -> None:
        world = self.world
        try:
            if world is not None and not self.failed:
                self._drain(world)
                self._tell(self._broken_now(world))
                self._tell(self._broken_at_the_end(world))
        finally:
            if world is not None:
                world.end()
            shutil.rmtree(self.folder, ignore_errors=True)
