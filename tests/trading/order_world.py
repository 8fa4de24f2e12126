"""A broker that lags, lies and dies, and a strategy that says what the test wants."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from qbx_desktop.broker.bar_watch import BarClosed
from qbx_desktop.domain.bars import Bars
from qbx_desktop.domain.messages import declare
from qbx_desktop.domain.signals import Signals
from qbx_desktop.strategies.contract import Explanation, Plot
from qbx_desktop.trading.desk import Desk

from .stage import Breakable, Crash, Stage, wave

_SAYS = declare("test.scripted", "The script says so.")
FRAME = 60
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

    def history(self, _params: Any, _timeframe: Any) -> int:
        return 3

    def signals(self, bars: Bars, _params: Any) -> Signals:
        entry = np.zeros(len(bars), np.int8)
        entry[-1] = self.says
        return Signals(entry, np.zeros(len(bars), np.bool_), np.zeros(len(bars), np.bool_))

    def explain(self, _bars: Bars, _params: Any) -> Explanation:
        return Explanation({1: "BUY", -1: "SELL"}.get(self.says, "HOLD"), _SAYS())

    def plots(self, _bars: Bars, _params: Any) -> tuple[Plot, ...]:
        return ()


class Flips(Scripted):
    """Changes its mind on every bar."""

    def signals(self, bars: Bars, _params: Any) -> Signals:
        entry = np.where(bars.time // (bars.time[1] - bars.time[0]) % 2 == 0, 1, -1).astype(np.int8)
        return Signals(entry, np.zeros(len(bars), np.bool_), np.zeros(len(bars), np.bool_))


@dataclass
class Truth:
    """What really happened at the broker, as only the test can know."""

    most_positions: int = 0
    sent: list[tuple[str, float, bool]] = field(default_factory=list)
    without_row: list[str] = field(default_factory=list)
    on_foreign_account: int = 0
    opened_while_halted: int = 0
    opened_while_reducing: int = 0
    grown_by_a_close: int = 0
    loss_day: int = -1
    opened_after_loss: int = 0
    longest_naked: float = 0.0
    seen_at: dict[int, float] = field(default_factory=dict)
    shown: list[tuple[float, Any]] = field(default_factory=list)

    def shown_until(self, moment: float) -> Any:
        """The positions as they stood at `moment` (monotonic)."""
        past = [positions for at, positions in self.shown if at <= moment]
        return past[-1] if past else ()


class World(Stage):
    """A stage whose broker shows everything `lag` seconds late and may be on another account."""

    def __init__(
        self,
        folder: Path,
        lag: float,
        ahead: int,
        keep_comments: bool,
        template: Path | None,
        netting: bool = False,
    ) -> None:
        if template is not None:
            shutil.copy(template, folder / "bots.db")
        profile = {"profile": "Demo-Netting"} if netting else {}
        super().__init__(folder, bars=wave(count=240, step=FRAME), warm=60, **profile)
        self.clock.jump(float(self.bars.time[60]) - ahead - self.clock.now())
        self.lag, self.keep_comments = lag, keep_comments
        self.truth = Truth()
        self.script = Scripted()
        self.foreign = False
        self.connected = True
        self.poorer = 0.0
        self.refuses_stops = False
        self.reducing = False
        self.failing = False
        self.naked: dict[int, float] = {}
        self.rested_at = 0.0
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
        equity = info.equity - self.poorer
        return type(info)({**info._asdict(), "login": login, "equity": equity}.values())

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

    def look_for_naked(self) -> None:
        """How long positions stood without a stop that the desk could see so and was free to mend."""
        now, free = self.clock.monotonic(), self._is_free()
        visible = {each.ticket for each in self.truth.shown_until(now - self.lag) if not each.sl}
        naked = [each for each in self.positions() if not each.sl and each.magic >= 1_000_000_000]
        ours = [each for each in naked if each.ticket in visible and free]
        # A step of the test is no time in which the desk could have done something: its end is.
        step, self.rested_at = max(0.0, now - self.rested_at - 1.0), now
        self.naked = {
            each.ticket: self.naked.get(each.ticket, now) + (step if each.ticket in self.naked else 0.0)
            for each in ours
        }
        longest = max((now - since for since in self.naked.values()), default=0.0)
        self.truth.longest_naked = max(self.truth.longest_naked, longest)

    def _is_free(self) -> bool:
        """The desk runs, sees the account, and asks nothing of the broker any more."""
        if self._desk is None or not self.connected or self.foreign or self.failing:
            return False
        floor = self._desk.floor
        asks = any(slot.unseen is not None for slot in floor.slots.values())
        questions = self.db.reader().execute(
            "SELECT 1 FROM order_journal WHERE state IN ('QUEUED', 'SENDING', 'UNKNOWN', 'REVIEW')"
        )
        return bool(floor.slots) and not floor.view.blind and not asks and questions.fetchone() is None

    def shown_positions(self) -> Any:
        self.look()
        until = self.clock.monotonic() - self.lag
        return self.truth.shown_until(until)

    def shown_deals(self, since: int, until: int) -> Any:
        self.look()
        visible = self.clock.monotonic() - self.lag
        found = self.api.api.history_deals_get(since, until) or ()
        return tuple(deal for deal in found if self.truth.seen_at[deal.ticket] <= visible)

    # -- what reaches the broker

    def send(self, request: dict[str, Any]) -> Any:
        comment = request.get("comment", "")
        rows = (
            self.db.reader()
            .execute("SELECT state, action FROM order_journal WHERE comment = ?", (comment,))
            .fetchall()
        )
        if request["action"] != 6 and [row[0] for row in rows] != ["SENDING"]:
            self.truth.without_row.append(comment)
        opening = bool(rows) and rows[0][1] == "OPEN" if rows else "position" not in request
        opening = opening and request["action"] != 6
        server_time = float(self.api.api.sim_state()["server_time"])
        self.truth.sent.append((comment, server_time, opening))
        self.truth.on_foreign_account += self.foreign
        if opening:
            self.truth.opened_while_halted += self.halt_file.exists()
            self.truth.opened_while_reducing += self.reducing
            self.truth.opened_after_loss += server_time // 86_400 == self.truth.loss_day
        if request["action"] == 6 and self.refuses_stops:
            return coded(self, 10016, executed=False)(request)
        fault, self.fault = self.fault, None
        net = self.net()
        answer = self.execute(request) if fault is None else fault(request)
        if rows and rows[0][1] == "CLOSE" and (abs(self.net()) > abs(net) + 1e-9 or self.net() * net < 0):
            self.truth.grown_by_a_close += 1
        return answer

    def net(self) -> float:
        """Lots bought minus lots sold."""
        return sum(each.volume * (1 - 2 * each.type) for each in self.positions())

    def execute(self, request: dict[str, Any]) -> Any:
        if not self.keep_comments and request["action"] != 6:
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
        self.look_for_naked()

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


def without_stops(stage: World) -> Callable[[dict[str, Any]], Any]:
    """Filled, but the server forgot the stops."""
    return lambda request: stage.execute({**request, "sl": 0.0, "tp": 0.0} if "sl" in request else request)


def again_and_again(stage: World) -> Callable[[dict[str, Any]], Any]:
    """A requote to every attempt of the bar."""

    def answer(request: dict[str, Any]) -> Any:
        stage.fault = answer
        return coded(stage, 10004, executed=False)(request)

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
    "filled without stops": without_stops,
    "requote without end": again_and_again,
}


def strip_stops(stage: World) -> None:
    """Somebody takes the stops away in MetaTrader."""
    for position in stage.positions():
        stage.api.api.order_send({
            "action": 6, "symbol": position.symbol, "position": position.ticket, "sl": 0.0, "tp": 0.0,
        })  # fmt: skip
    stage.look()


def close_by_hand(stage: World, share: float = 1.0) -> None:
    """The user closes a position, or a share of it, in MetaTrader."""
    for position in stage.positions():
        tick = stage.api.api.symbol_info_tick(position.symbol)
        stage.api.api.order_send({
            "action": 1, "symbol": position.symbol, "volume": max(0.01, round(position.volume * share, 2)), "type": 1 - position.type,
            "position": position.ticket, "price": tick.bid if position.type == 0 else tick.ask, "type_filling": 0,
        })  # fmt: skip
        stage.look()
