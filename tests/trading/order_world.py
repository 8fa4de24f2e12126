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
LIMIT = 4
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
        super().__init__(folder, bars=wave(count=240, step=FRAME), warm=60)
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
        if self.foreign:
            self.truth.on_foreign_account += 1
        if opening and self.halt_file.exists():
            self.truth.opened_while_halted += 1
        fault, self.fault = self.fault, None
        return self.execute(request) if fault is None else fault(request)

    def execute(self, request: dict[str, Any]) -> Any:
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
