"""The pass as machine code: compiled once per computer, kept on disk, and never waited for.

The functions of the pass are plain Python and run as they are; numba makes machine code of copies of the same functions.
Whoever asks for the pass before the code is ready gets the plain one: slower, equal in every figure.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import logging
import os
import shutil
import sys
import tempfile
import threading
import types
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from ..data.home import Home
from ..domain.messages import Message, declare
from . import crossings, figures, preparing, prices, skim, skim_figures, walk

log = logging.getLogger(__name__)

NO_NUMBA = declare(
    "backtest.no_compiler",
    "The fast engine cannot run on this computer ({why}). Backtests are right but slow; installing the program again "
    "may help.",
)
NO_CACHE = declare(
    "backtest.no_cache",
    "The fast engine cannot be kept in {path} ({why}), so it has to be made anew after every start; backtests are slow "
    "until it is ready.",
)

NOT_YET = declare(
    "backtest.not_yet",
    "The fast engine is not ready on this computer yet, so this run was slower than the next will be. It is made in the "
    "background, which takes about half a minute; 'qbx prepare' makes it at once.",
)

Function = Callable[..., Any]
# bars: what the plain pass walks over in the time in which the pass is compiled
_WORTH_COMPILING = 3_000_000
_PREFIX = "pass-"
# `_nrt`: the pass makes no array, so nobody has to count who holds one; numba refuses a function that would. What an entry
# point calls lies within its code: an array as an argument is seven words, and a trade makes a dozen calls.
_OPTIONS: dict[str, Any] = {"nogil": True, "error_model": "numpy", "_nrt": False}


class Pass:
    """The entry points of the pass, `plain` Python or machine code; both do the same."""

    def __init__(self, made: Callable[[Function], Function], *, plain: bool) -> None:
        self.plain = plain
        self.read_points = made(prices.read_points)
        self.mark_care = made(prices.mark_care)
        self.first_disorder = made(prices.first_disorder)
        self.smallest_step = made(prices.smallest_step)
        self.pack_signals = made(prices.pack_signals)
        self.advance = made(walk.advance)
        self.figures = made(figures.figures)
        self.find_crossings = made(crossings.find_crossings)
        self.list_events = made(skim.list_events)
        self.block_extremes = made(skim.block_extremes)
        self.skim = made(skim.skim)
        self.skim_figures = made(skim_figures.skim_figures)

    def all(self) -> list[Function]:
        return [each for each in vars(self).values() if callable(each)]


PLAIN = Pass(lambda function: function, plain=True)


class _Engine:
    """Makes the machine code once, in whichever thread asks first."""

    def __init__(self) -> None:
        self.made: Pass | None = None
        self.problem: Message | None = None
        self.tried = False
        self._lock = threading.Lock()

    def make(self) -> Pass:
        with self._lock:
            if not self.tried:
                self.tried = True
                try:
                    self.made = self._made()
                except Exception as error:
                    log.warning("the fast engine cannot be made", exc_info=True)
                    self.problem = NO_NUMBA(why=f"{type(error).__name__}: {error}"[:200])
        return self.made or PLAIN

    def _made(self) -> Pass:
        folder = cache_folder()
        if folder.is_dir():
            try:
                return _compiled(folder)
            except Exception:
                log.warning("the kept engine in %s cannot be used; it is made anew", folder, exc_info=True)
                shutil.rmtree(folder, ignore_errors=True)
        try:
            return _built(folder)
        except OSError as error:
            self.problem = NO_CACHE(path=str(folder.parent), why=error.strerror or str(error))
            return _compiled(None)


_engine = _Engine()


def ready(work: int = 0) -> Pass:
    """The machine code if it is there or lies on disk, else the plain pass: a backtest never waits for the compiler.

    Where `work` (bars to walk over) would take the plain pass longer than compiling does, a process of its own begins to
    compile, and whoever asks again goes on with its code. Where nothing can be kept, compiling comes first.
    """
    if (
        _engine.made is None
        and not _engine.tried
        and (is_kept() or (work >= _WORTH_COMPILING and not preparing.begin(cache_folder())))
    ):
        _engine.make()
    return _engine.made or PLAIN


def prepare() -> None:
    """Have the machine code made in the background where it is not there yet, for the next time."""
    if _engine.made is None and not _engine.tried and not is_kept():
        preparing.begin(cache_folder())


def make() -> Pass:
    """Load or compile the machine code, which takes a second or ten; the plain pass where that is impossible."""
    return _engine.make()


def why_slow() -> Message | None:
    """Why backtests are slow on this computer, if they are."""
    if _engine.problem is not None or _engine.made is not None:
        return _engine.problem
    try:
        _writable(cache_folder().parent)
    except OSError as error:
        return NO_CACHE(path=str(cache_folder().parent), why=error.strerror or str(error))
    return NOT_YET()


def is_kept() -> bool:
    """Whether the machine code lies on disk, so that :func:`make` takes a second at most."""
    return cache_folder().is_dir()


def cache_folder() -> Path:
    """Where the machine code of this very version of the pass is kept."""
    root = os.environ.get("NUMBA_CACHE_DIR")
    return (Path(root) if root else Home.default().root / "compiled") / _digest()


def _built(folder: Path) -> Pass:
    """Compile into a folder of our own and put it in its place whole. Raises OSError where nothing can be kept.

    Two processes that start at once thus never read each other's half.
    """
    root = folder.parent
    _writable(root)
    for old in root.glob(f"{_PREFIX}*"):
        shutil.rmtree(old, ignore_errors=True)
    own = Path(tempfile.mkdtemp(prefix=".making", dir=root))
    try:
        _stamp(folder).write_text(folder.name, "utf-8")
        made = _compiled(folder, into=own)
        with contextlib.suppress(OSError):  # another process was first: its code is the same
            own.rename(folder)
    finally:
        shutil.rmtree(own, ignore_errors=True)
    return made


def _writable(root: Path) -> None:
    root.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryFile(dir=root):
        pass


def _stamp(folder: Path) -> Path:
    """The file that stands for the functions' source: numba looks for one, and in a frozen program there is none."""
    return folder.with_suffix(".py")


def _compiled(folder: Path | None, *, into: Path | None = None) -> Pass:
    """The pass as machine code kept in `folder`, at first perhaps written `into` another; None keeps nothing."""
    import numba

    known: dict[Function, Function] = {}

    def made(function: Function, *, entry: bool) -> Function:
        """The function as machine code, an `entry` kept on disk; what it calls is made before and lies within its code."""
        if function not in known:
            assert isinstance(function, types.FunctionType)
            code, globals_ = function.__code__, dict(function.__globals__)
            for name, called in _called(function):
                globals_[name] = made(called, entry=False)
            if folder is not None:
                code = code.replace(co_filename=str(_stamp(folder)))
            copy = types.FunctionType(code, globals_, function.__name__, function.__defaults__)
            copy.__module__, copy.__qualname__ = function.__module__, function.__qualname__
            known[function] = numba.njit(
                copy, cache=entry and folder is not None, forceinline=not entry, **_OPTIONS
            )
        return known[function]

    with _caching_in(numba.config, into or folder):
        found = Pass(lambda function: made(function, entry=True), plain=False)
        rehearse(found, skimming=into is not None or folder is None)
    return found


@contextlib.contextmanager
def _caching_in(config: Any, folder: Path | None) -> Iterator[None]:
    before = config.CACHE_DIR
    config.CACHE_DIR = str(folder) if folder is not None else before
    try:
        yield
    finally:
        config.CACHE_DIR = before


def _called(function: Function) -> Iterator[tuple[str, Function]]:
    for name in function.__code__.co_names:
        called = function.__globals__.get(name)
        if isinstance(called, types.FunctionType):
            yield name, called


@functools.cache
def _digest() -> str:
    """A name for this version of the pass: its functions with their constants, the interpreter and the libraries."""
    from importlib.metadata import version

    digest = hashlib.sha256()
    seen: set[Function] = set()

    def add(function: Function) -> None:
        if function in seen:
            return
        seen.add(function)
        code = function.__code__
        constants = [
            repr(function.__globals__[name])
            for name in code.co_names
            if name in function.__globals__ and not callable(function.__globals__[name])
            and not isinstance(function.__globals__[name], types.ModuleType)
        ]  # fmt: skip
        digest.update(repr((function.__qualname__, code.co_code, code.co_consts, constants)).encode())
        for _, called in _called(function):
            add(called)

    for each in PLAIN.all():
        add(each)
    digest.update(repr((sys.version, version("numba"), version("numpy"), _OPTIONS)).encode())
    return f"{_PREFIX}{digest.hexdigest()[:16]}"


def rehearse(made: Pass, *, skimming: bool) -> None:
    """Run the pass once over a few bars, which makes the code for the types it is always called with."""
    from .rehearsal import play

    play(made, skimming=skimming)
