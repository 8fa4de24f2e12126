"""The stateful test: what may happen around an order, and the invariants that must hold all the same."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from qbx_desktop.broker.bar_watch import BarClosed
from qbx_desktop.data import deals as deal_table
from qbx_desktop.domain.journal import JournalAction, JournalState

from .order_world import FAULTS, FRAME, Plant, World, close_by_hand, strip_stops


class OrderMachine(RuleBasedStateMachine):
    """Rules are what may happen; `check` runs after each. `planted` breaks the product on purpose."""

    planted: Plant = staticmethod(lambda _stage: None)
    template: Path | None = None
    # What the world may be like; a search for one kind of bug may leave some of it out.
    netting: tuple[bool, ...] = (False, True)
    lags: tuple[float, ...] = (75.0, 0.0, 20.0)
    limits: tuple[int, ...] = (4, 2)

    def __init__(self) -> None:
        super().__init__()
        shm = Path("/dev/shm")
        self.folder = Path(tempfile.mkdtemp(dir=shm if shm.is_dir() else None))
        self.states: dict[int, JournalState] = {}
        self.world: World | None = None
        # A rule or a check that failed is the finding; what the end looks like then says nothing.
        self.failed = False

    @initialize(
        draw=st.tuples(*[st.integers(0, 5)] * 3), ahead=st.sampled_from([-18_000, 0, 10_800]),
        keep_comments=st.booleans(),
    )  # fmt: skip
    def begin(self, draw: tuple[int, int, int], ahead: int, keep_comments: bool) -> None:
        lag, merges, limit = (
            choice[drawn % len(choice)]
            for choice, drawn in zip((self.lags, self.netting, self.limits), draw, strict=True)
        )
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

    @rule(share=st.sampled_from([1.0, 0.5]))
    def closed_by_hand(self, share: float) -> None:
        assert self.world is not None
        close_by_hand(self.world, share)

    @rule(refused=st.booleans())
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
        world.desk.start_bot(self.bot_id)
        self._bar(says)
        world.desk.rearm()
        world.desk.start_bot(self.bot_id)

    @rule(says=st.sampled_from([1, -1]))
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
        assert truth.opened_while_reducing == 0, "I13: opened while only closing is allowed"
        assert truth.longest_naked <= 10, "I14: a position without its stop"
        assert truth.opened_after_loss == 0, "I15: opened after the day's loss limit"
        assert truth.grown_by_a_close == 0, "I16: a close that grew or reversed the position"
        opens = [at for _, at, opening in truth.sent if opening]
        for at in opens:
            assert sum(1 for other in opens if at - 60 < other <= at) <= self.limit, (
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
        world.pass_time(240 + world.lag + 20, step=10.0)

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
        claims = [
            row["order_ticket"]
            for row in rows
            if row["state"] in ("FILLED", "PARTIAL") and row["order_ticket"]
        ]
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
