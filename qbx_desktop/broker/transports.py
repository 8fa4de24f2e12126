"""Two ways to reach a terminal: in this process for tests, or in a child process that can be killed."""

from __future__ import annotations

import contextlib
import multiprocessing
import threading
from collections.abc import Callable, Mapping
from multiprocessing.process import BaseProcess

from . import child
from .child import Pipe
from .command import Reply
from .module_caller import Identity, ModuleCaller
from .spec import TerminalSpec

# What a child says: ("ready", pid, about), ("failed", code, params), ("reply", number, Reply, instant); None: it is gone.
Deliver = Callable[[int, object], None]


class InlineTransport:
    """The terminal is an object in this process: synchronous and deterministic; nothing protects from a hung call."""

    def __init__(self, api: object, spec: TerminalSpec | None = None) -> None:
        """`api` offers the module's functions, e.g. `simulator.terminal.build_terminal(...)`."""
        self.spec = spec or TerminalSpec(clock_mode="stepped", speed=1.0)
        self.api = api
        self._caller = ModuleCaller(api, self.spec.halt_file, identity_of(self.spec))

    def about(self) -> dict[str, object]:
        """What the other end is."""
        return child.about(self.api)

    def call(self, name: str, args: tuple[object, ...], kwargs: Mapping[str, object], flatten: bool) -> Reply:
        """Call the function now."""
        return self._caller.call(name, args, kwargs, flatten)

    def pin(self, identity: Identity) -> None:
        """From now on orders go to this account only."""
        self._caller.identity = identity

    def close(self) -> None:
        """Let go of the terminal."""
        self._caller.call("shutdown", (), {}, flatten=False)


class ProcessTransport:
    """A spawned child at the other end of a private pipe; the pipe's ends belong to these two processes only.

    `deliver` (given to :meth:`start`) is called on a reader thread with the generation of the child, so that a late
    word of a killed child is never taken for one of its successor.
    """

    def __init__(self, spec: TerminalSpec) -> None:
        self.spec = spec
        self.generation = 0
        # The practice market's instant that was told last; the next child goes on there.
        self.instant: float | None = None
        self._process: BaseProcess | None = None
        self._pipe: Pipe | None = None
        self._reader: threading.Thread | None = None

    @property
    def pid(self) -> int | None:
        """Process id of the child; None while there is none."""
        return self._process.pid if self._process is not None else None

    def start(self, identity: Identity, longest_call: float, deliver: Deliver) -> None:
        """Start a new child. Raises OSError when the system refuses."""
        self.generation += 1
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe(duplex=True)
        process = context.Process(
            target=child.main,
            args=(theirs, self.spec, identity, longest_call, self.instant),
            name="qbx-terminal",
            daemon=True,
        )
        try:
            process.start()
        except BaseException:
            ours.close()
            raise
        finally:
            theirs.close()
        self._process, self._pipe = process, ours
        self._reader = threading.Thread(
            target=_read, args=(ours, self.generation, deliver), name="qbx-terminal-reader", daemon=True
        )
        self._reader.start()

    def send(
        self, number: int, name: str, args: tuple[object, ...], kwargs: Mapping[str, object], flatten: bool
    ) -> None:
        """Ask the child. Raises OSError when it is gone."""
        self._tell(("call", number, name, args, dict(kwargs), flatten))

    def pin(self, identity: Identity) -> None:
        """From now on the child lets orders go to this account only. Raises OSError when it is gone."""
        self._tell(("identity", identity))

    def kill(self) -> None:
        """End the child at once, also one that is stopped or hung, and wait until it is gone."""
        process, pipe, reader = self._process, self._pipe, self._reader
        self._process = self._pipe = self._reader = None
        if process is not None:
            process.kill()
            process.join()
            process.close()
        if reader is not None:
            reader.join()
        if pipe is not None:
            pipe.close()

    def close(self, patience: float) -> None:
        """Ask the child to end; after `patience` seconds it is killed."""
        if self._process is not None:
            with contextlib.suppress(OSError):
                self._tell(("stop",))
            self._process.join(patience)
        self.kill()

    def _tell(self, message: object) -> None:
        if self._pipe is None:
            raise BrokenPipeError("there is no child")
        self._pipe.send(message)


def identity_of(spec: TerminalSpec) -> Identity:
    """What `spec` demands of the account."""
    return Identity(spec.account, spec.server, spec.margin_mode, None, spec.demo_only)


def _read(pipe: Pipe, generation: int, deliver: Deliver) -> None:
    while True:
        try:
            message = pipe.recv()
        except (EOFError, OSError):
            deliver(generation, None)
            return
        except Exception:  # noqa: BLE001 - bytes that are no message: the child is out of its mind
            deliver(generation, ("garbage",))
            return
        deliver(generation, message)
