"""The child process: the only place that touches MetaTrader5 or the simulator, one call at a time."""

from __future__ import annotations

import hashlib
import os
import signal
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from ..domain.bars import Bars
from ..domain.clock import SystemClock
from ..domain.errors import QbxError, UserMistake
from ..domain.messages import declare
from ..domain.timeframe import Timeframe
from . import mt5_module
from .module_caller import Identity, ModuleCaller
from .orphan_watch import OrphanWatch
from .spec import TerminalSpec

START_FAILED = declare(
    "connection.start_failed",
    "The terminal's process could not start ({detail}). Nothing was sent; open positions keep their stops at the "
    "broker. Restart the program; if it happens again, report it with `qbx doctor`.",
)

IN_USE = declare(
    "connection.in_use",
    "Another QuantumBotX is connected to {path} already. Nothing was sent from here. "
    "Close the other one, or give each its own MetaTrader installation.",
)


class Pipe(Protocol):
    """An end of a pipe between two processes; its class differs between Windows and the rest."""

    def send(self, obj: Any, /) -> None: ...

    def recv(self) -> Any: ...

    def poll(self, timeout: float, /) -> bool: ...

    def close(self) -> None: ...


@runtime_checkable
class Market(Protocol):
    """A practice terminal, whose time this program keeps."""

    def sim_instant(self) -> float: ...


def main(
    pipe: Pipe, spec: TerminalSpec, identity: Identity, longest_call: float, not_before: float | None
) -> None:
    """Serve `pipe` until it closes. `longest_call` in seconds: a child left alone in a hung call ends itself then.

    `not_before`: the instant of the practice market that a killed child told last; it goes on there.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    held: list[object] = []
    try:
        module = open_module(spec, held, not_before)
    except QbxError as error:
        pipe.send(("failed", error.message.code, dict(error.message.params)))
        return
    except Exception as error:  # noqa: BLE001 - whatever it is, the parent must learn of it
        pipe.send(("failed", START_FAILED.code, {"detail": f"{type(error).__name__}: {error}"}))
        return
    caller = ModuleCaller(module, spec.halt_file, identity)
    with OrphanWatch(longest_call, SystemClock()) as watch:
        pipe.send(("ready", os.getpid(), about(module)))
        _serve(pipe, caller, watch, module.sim_instant if isinstance(module, Market) else _no_instant)
        caller.call("shutdown", (), {}, flatten=False)


def _serve(pipe: Pipe, caller: ModuleCaller, watch: OrphanWatch, instant: Callable[[], float | None]) -> None:
    while True:
        watch.alive()
        try:
            if not pipe.poll(watch.IDLE):
                continue
            message = pipe.recv()
        except (EOFError, OSError):
            return
        if message[0] == "stop":
            return
        if message[0] == "identity":
            caller.identity = message[1]
            continue
        _, number, name, args, kwargs, flatten = message
        reply = caller.call(name, args, kwargs, flatten)
        try:
            pipe.send(("reply", number, reply, instant()))
        except OSError:
            return


def _no_instant() -> None:
    """A real terminal's time is the broker's."""


def about(module: object) -> dict[str, object]:
    """What the other end is, for the doctor."""
    return {
        "version": str(getattr(module, "__version__", "")),
        "simulated": bool(getattr(module, "SIMULATED", False)),
        "python": sys.version.split()[0],
        "qt_loaded": "PySide6" in sys.modules,
    }


def open_module(spec: TerminalSpec, held: list[object], not_before: float | None = None) -> object:
    """The object that offers MetaTrader 5's functions: the real module, or a practice terminal.

    A real terminal is locked against a second child, whoever started it: `held` keeps the lock until the process ends.
    The practice account is written to `snapshot_path` before an order is answered. Raises QbxError.
    """
    if not spec.simulated:
        held.append(_lock(spec.path))
        return mt5_module.load()
    from ..data import snapshots
    from ..simulator.terminal import build_terminal

    path = spec.snapshot_path
    return build_terminal(
        spec.profile,
        seed=spec.seed,
        clock_mode=spec.clock_mode,
        speed=spec.speed,
        start=spec.start,
        snapshot=snapshots.read(path) if path else None,
        save=(lambda content: snapshots.write(path, content)) if path else None,
        bars=_stored_bars(spec.bars_path, spec.symbols) if spec.bars_path else None,
        symbols=spec.symbols,
        account=spec.account,
        path=spec.bar_path,
        not_before=not_before,
    )


def _lock(terminal: str) -> object:
    """One child per terminal: two on one pipe wait for each other without limit."""
    from ..data.instance_lock import InstanceLock

    name = hashlib.sha256(terminal.lower().encode()).hexdigest()[:16]
    lock = InstanceLock(Path(tempfile.gettempdir()) / f"qbx-terminal-{name}.lock")
    if not lock.acquire():
        raise UserMistake(IN_USE(path=terminal or "MetaTrader 5"))
    return lock


def _stored_bars(path: Path, symbols: tuple[str, ...] | None) -> dict[tuple[str, Timeframe], Bars]:
    """The stored series to play: of each symbol the shortest bars, from the server that has most of them."""
    from ..data.bar_store import BarStore

    with BarStore(path, read_only=True) as store:
        best = {}
        for series in sorted(store.list(), key=lambda each: (-each.timeframe.seconds, each.bars)):
            if symbols is None or series.symbol in symbols:
                best[series.symbol] = series
        return {
            (each.symbol, each.timeframe): store.get(each.symbol, each.timeframe, server=each.server)
            for each in best.values()
        }
