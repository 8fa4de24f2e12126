"""A broker in a process of its own, which outlives every killed client: latency, faults, and the truth to judge by."""

from __future__ import annotations

import collections
import random
import time
from multiprocessing.connection import Client, Connection, Listener
from pathlib import Path
from typing import Any

from qbx_desktop.broker.child import about
from qbx_desktop.broker.module_caller import Identity, ModuleCaller
from qbx_desktop.simulator.terminal import build_terminal

# Server seconds per real second: a bar of five minutes takes half a one.
SPEED = 600.0
SYMBOL = "BTCUSD"
# How often a read fails, and how often each disturbance strikes an order: a few kills shall meet some of each.
CHANCE = 0.02
ORDERS = 3.0
_READS = ("positions_get", "history_deals_get", "orders_get", "account_info", "copy_rates_from_pos")


class Bank:
    """The simulator with a slow line and bad luck; what it notes is the truth."""

    def __init__(self, seed: int, chance: float) -> None:
        self._api: Any = build_terminal(clock_mode="accelerated", speed=SPEED, seed=seed, symbols=[SYMBOL])
        self._rng = random.Random(seed)
        self._chance = chance
        self._error: tuple[int, str] | None = None
        self.most: dict[int, int] = {}
        self.comments: collections.Counter[str] = collections.Counter()
        self.struck: collections.Counter[str] = collections.Counter()

    def __getattr__(self, name: str) -> Any:
        real = getattr(self._api, name)
        if not callable(real) or name == "last_error":
            return real

        def call(*args: Any, **named: Any) -> Any:
            self._error = None
            self._wait()
            if name in _READS and self._strikes("failed read"):
                return self._fail(-1, "Terminal: Call failed")
            answer = self._send(args[0]) if name == "order_send" else real(*args, **named)
            self._wait()
            return answer

        return call

    def last_error(self) -> tuple[int, str]:
        """The module's function: one error for the whole terminal."""
        return self._error or self._api.last_error()

    def truth(self) -> dict[str, Any]:
        """What only the broker knows."""
        deals = [deal for deal in self._api.history_deals_get(0, 2_000_000_000) if deal.type in (0, 1)]
        return {
            "most": self.most, "struck": dict(self.struck), "twice": [c for c, n in self.comments.items() if c and n > 1],
            "deals": [(deal.order, deal.magic, deal.entry, deal.position_id, deal.reason) for deal in deals],
        }  # fmt: skip

    def _send(self, request: dict[str, Any]) -> Any:
        comment = request.get("comment", "")
        if comment.startswith("QB"):
            self.comments[comment] += 1
        if self._strikes("lost before"):
            return self._fail(-10001, "IPC send failed")
        if self._strikes("requote"):
            return self._coded(request, 10004)
        answer = self._api.order_send(request)
        self._look()
        if self._strikes("stopped out"):
            self._stop_out(request)
        if self._strikes("lost after"):
            return self._fail(-10002, "IPC recv failed")
        return answer

    def _stop_out(self, request: dict[str, Any]) -> None:
        for held in self._api.positions_get() or ():
            if held.magic == request.get("magic"):
                tick = self._api.symbol_info_tick(held.symbol)
                self._api.order_send({
                    "action": 1, "symbol": held.symbol, "volume": held.volume, "type": 1 - held.type,
                    "position": held.ticket, "price": tick.bid if held.type == 0 else tick.ask, "type_filling": 1,
                })  # fmt: skip

    def _coded(self, request: dict[str, Any], retcode: int) -> Any:
        values = {"retcode": retcode, "deal": 0, "order": 0, "volume": 0.0, "price": 0.0, "bid": 0.0, "ask": 0.0,
                  "comment": "", "request_id": 1, "retcode_external": 0,
                  "request": self._api.order_check(request).request}  # fmt: skip
        return self._api.OrderSendResult(values.values())

    def _look(self) -> None:
        held = collections.Counter(each.magic for each in self._api.positions_get() or ())
        for magic, count in held.items():
            self.most[magic] = max(self.most.get(magic, 0), count)

    def _strikes(self, what: str) -> bool:
        chance = self._chance * (1.0 if what == "failed read" else ORDERS)
        hit = self._rng.random() < chance
        self.struck[what] += hit
        return hit

    def _fail(self, code: int, text: str) -> None:
        self._error = (code, text)

    def _wait(self) -> None:
        time.sleep(self._rng.uniform(0.0002, 0.003) if self._chance else 0.0)


def serve(address: str, seed: int, chance: float = CHANCE) -> None:
    """Serve one client after the other until somebody says "end"."""
    bank = Bank(seed, chance)
    caller = ModuleCaller(bank, Path(address).parent / "HALT", Identity())
    with Listener(address, "AF_UNIX") as listener:
        while True:
            with listener.accept() as line:
                try:
                    if not _talk(line, bank, caller):
                        return
                except (EOFError, OSError):
                    # The client was killed in the middle of a word.
                    continue


def _talk(line: Connection, bank: Bank, caller: ModuleCaller) -> bool:
    while True:
        word, *content = line.recv()
        if word == "end":
            return False
        if word == "truth":
            line.send(bank.truth())
        elif word == "about":
            line.send(about(bank))
        elif word == "calm":
            bank._chance = 0.0
        elif word == "pin":
            caller.identity = content[0]
        else:
            name, args, named, flatten = content
            line.send(caller.call(name, args, named, flatten))


def ask(address: str, word: str) -> Any:
    """One question of the harness."""
    with Client(address, "AF_UNIX") as line:
        line.send((word,))
        return line.recv() if word == "truth" else None
