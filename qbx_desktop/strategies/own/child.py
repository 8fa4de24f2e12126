"""The strategy process: loads the trader's files and answers about them, one question at a time, behind the fence."""

from __future__ import annotations

import importlib
import os
import platform
import signal
import sys
import threading
import traceback
from collections.abc import Callable
from multiprocessing import parent_process
from multiprocessing.connection import wait
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from .boundary import Fence
    from .module import OwnRule
    from .wire import Array

# One thread for algebra: a decision is small, and each such thread would take its share of the memory limit.
_ONE_THREAD = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")


class Pipe(Protocol):
    """An end of a pipe between two processes; its class differs between Windows and the rest."""

    def send_bytes(self, buf: bytes) -> None: ...

    def recv_bytes(self) -> bytes: ...

    def poll(self, timeout: float, /) -> bool: ...

    def close(self) -> None: ...


def main(pipe: Pipe, folder: str, megabytes: int) -> None:
    """Serve `pipe` until it closes. `megabytes` is what the trader's code may take."""
    for name in _ONE_THREAD:
        os.environ[name] = "1"
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, name="parent-watch", daemon=True).start()
    # Imported here: the number of threads must be set before numpy is.
    from .boundary import Fence
    from .memory_limit import limit_memory
    from .wire import pack

    _load_indicators()
    # pandas asks for it; Windows may start a program to answer, which the fence would take for a trespass.
    platform.uname()
    serving = _Serving(Fence(folder))
    serving.fence.raise_up()
    limited = limit_memory(megabytes)
    pipe.send_bytes(pack({"ok": True, "limited": limited, "pid": os.getpid()}))
    while True:
        try:
            asked = pipe.recv_bytes()
        except (EOFError, OSError):
            return
        reply = serving.answer(asked)
        del asked
        try:
            pipe.send_bytes(reply)
        except OSError:
            return


class _Serving:
    def __init__(self, fence: Fence) -> None:
        self.fence = fence
        self._rules: dict[str, OwnRule] = {}

    def answer(self, asked: bytes) -> bytes:
        """One reply to one question, whatever the trader's code does in between."""
        from .wire import pack, unpack

        head, arrays = unpack(asked)
        path = str(head["path"])
        self.fence.begin(path)
        try:
            reply, columns = self._carry_out(head, arrays)
        except MemoryError:
            reply, columns = {"failed": "memory"}, []
        except BaseException as error:  # noqa: BLE001 - sys.exit() in a strategy is its failure too, not our end
            reply, columns = _failure(error, path), []
        finally:
            self.fence.end()
        if self.fence.trespasses:
            what, line = self.fence.trespasses[0]
            reply, columns = {"failed": "trespass", "what": what, "line": line}, []
        try:
            return pack(reply, columns)
        except MemoryError:
            return pack({"failed": "memory"})
        except (TypeError, ValueError) as error:
            return pack({"failed": "answer", "text": str(error)[:300], "line": 0})

    def _carry_out(self, head: dict[str, Any], arrays: list[Array]) -> tuple[dict[str, Any], list[Array]]:
        from .questions import ANSWERS, described

        sha = str(head["sha256"])
        if head["ask"] == "load":
            self._rules[sha] = self._load(arrays[0].tobytes(), str(head["path"]))
            return described(self._rules[sha]), []
        answer: Callable[..., tuple[dict[str, Any], list[Array]]] = ANSWERS[str(head["ask"])]
        return answer(self._rules[sha], head["params"], arrays)

    def _load(self, data: bytes, path: str) -> OwnRule:
        import builtins

        from .boundary import guarded_import
        from .module import load

        if b"pandas" in data or b"frame" in data:
            importlib.import_module("pandas")
            # Taught about pandas now that it is there.
            importlib.reload(sys.modules["talib"])
        return load(data, path, guarded_import(self.fence, builtins.__import__))


def _failure(error: BaseException, path: str) -> dict[str, Any]:
    """What was raised, and the last line of the trader's file on the way there."""
    from ...domain.errors import QbxError
    from .module import BadAnswerError

    line = 0
    for entry in traceback.extract_tb(error.__traceback__):
        if entry.filename == path:
            line = entry.lineno or 0
    if isinstance(error, SyntaxError) and error.filename == path:
        line = error.lineno or 0
        return {"failed": "raised", "error": type(error).__name__, "text": str(error.msg), "line": line}
    if isinstance(error, BadAnswerError):
        return {"failed": "answer", "text": str(error)[:300], "line": line}
    if isinstance(error, QbxError):
        field = str(getattr(error, "field", ""))
        params = {name: _plain(value) for name, value in error.message.params.items()}
        return {
            "failed": "sentence", "code": error.message.code, "params": params, "text": error.sentence, "field": field,
        }  # fmt: skip
    text = " ".join(str(error).split())
    return {"failed": "raised", "error": type(error).__name__, "text": text[:200], "line": line}


def _plain(value: object) -> object:
    return value if isinstance(value, (str, int, float, bool)) else str(value)


def _load_indicators() -> None:
    """TA-Lib, whose seconds count for the start and not for the first decision; without pandas, which it would load
    for its own sake and which takes longer than all the rest together."""
    names: dict[str, Any] = dict.fromkeys(("pandas", "polars"))
    sys.modules.update(names)
    importlib.import_module("talib")
    for name in names:
        del sys.modules[name]


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(0)
