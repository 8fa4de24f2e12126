"""The trader's folder of strategies: which files are there, which may run, and what is wrong with the others."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from ...domain.errors import QbxError, UserMistake
from ...domain.messages import Message, declare
from .findings import Finding, findings_of
from .host import StrategyHost
from .source import OwnSource, files_in, key_of, path_of, read_source
from .strategy import Asked, Known, LiveStrategy, OwnStrategy

_NEW = declare(
    "own.new",
    "{file} is a program and was not approved yet, so it was not run. Read it and allow it under Tools > Strategies "
    "(or 'qbx strategy check {name} --approve').",
)
_CHANGED = declare(
    "own.changed",
    "{file} was changed since you approved it, so it is not run. Look at the change and allow it under Tools > "
    "Strategies (or 'qbx strategy check {name} --approve').",
)
_UNKNOWN = declare("own.unknown", "There is no strategy {file} in {folder}.")
_FOLDER = declare("own.folder", "The folder {folder} cannot be read ({why}).")


class Consent(StrEnum):
    """What the trader has said about the bytes of a file."""

    APPROVED = "approved"
    CHANGED = "changed"  # other bytes of this file were approved
    NONE = "none"


class FileState(StrEnum):
    """What may be done with a file."""

    READY = "ready"
    NEW = "new"
    CHANGED = "changed"
    REFUSED = "refused"  # it imports what it must not have, or is no Python
    BROKEN = "broken"  # it was run and failed


# Asked with a file's full path and the SHA-256 of its bytes.
Trust = Callable[[str, str], Consent]


@dataclass(frozen=True, eq=False)
class OwnFile:
    """One file as it was when it was read. `why` says what is wrong; `strategy` is there when it is ready."""

    path: Path
    state: FileState
    source: OwnSource | None = None
    why: Message | None = None
    findings: tuple[Finding, ...] = ()
    strategy: OwnStrategy | None = None

    @property
    def key(self) -> str:
        return key_of(self.path)

    @property
    def title(self) -> str:
        """What the strategy calls itself, else its file's name."""
        return self.path.name if self.strategy is None else self.strategy.title


class OwnLibrary:
    """Files as strategies. `files` is the last look, safe to read from any thread; :meth:`refresh` looks again."""

    def __init__(self, folder: Path, host: StrategyHost, trust: Trust, known: Known | None = None) -> None:
        self.folder = folder
        self.known = known or Known()
        self._host = host
        self._trust = trust
        self._broken: dict[str, Message] = {}
        self._refreshing = threading.Lock()
        self.files: tuple[OwnFile, ...] = ()

    def refresh(self, again: bool = False) -> tuple[OwnFile, ...]:
        """Read every file, load those that may run and were not loaded yet. May wait for the strategy process.

        `again`: also try those once more that failed. Raises UserMistake when the folder cannot be read.
        """
        with self._refreshing:
            if again:
                self._broken.clear()
            try:
                paths = files_in(self.folder)
            except OSError as error:
                raise UserMistake(
                    _FOLDER(folder=str(self.folder), why=error.strerror or str(error))
                ) from error
            self.files = tuple(self.look_at(path) for path in paths)
            return self.files

    def look_at(self, path: Path) -> OwnFile:
        """Read one file, inside the folder or elsewhere, and load it if it may run."""
        try:
            source = read_source(path)
        except UserMistake as error:
            return OwnFile(path, FileState.REFUSED, why=error.message)
        findings = findings_of(source)
        if findings and findings[0].forbidden:
            return OwnFile(path, FileState.REFUSED, source, findings[0].message, findings)
        why = unapproved(source, self._trust)
        if why is not None:
            state = FileState.CHANGED if why.code == _CHANGED.code else FileState.NEW
            return OwnFile(path, state, source, why, findings)
        if source.sha256 in self._broken:
            return OwnFile(path, FileState.BROKEN, source, self._broken[source.sha256], findings)
        try:
            strategy = OwnStrategy(source, self._host, self.known)
        except QbxError as error:
            self._broken[source.sha256] = error.message
            return OwnFile(path, FileState.BROKEN, source, error.message, findings)
        return OwnFile(path, FileState.READY, source, None, findings, strategy)

    def all(self) -> tuple[OwnStrategy, ...]:
        """Every strategy that was ready at the last look."""
        return tuple(each.strategy for each in self.files if each.strategy is not None)

    def get(self, key: str) -> OwnStrategy:
        """The strategy of this key as of the last look. Raises UserMistake with what is wrong with it."""
        for each in self.files:
            if each.key == key:
                if each.strategy is None:
                    assert each.why is not None
                    raise UserMistake(each.why)
                return each.strategy
        raise UserMistake(_UNKNOWN(file=path_of(self.folder, key).name, folder=str(self.folder)))


class LiveLibrary:
    """The trader's strategies for the thread that trades: reads a file when a bot starts with it, and never waits."""

    def __init__(self, folder: Path, host: StrategyHost, trust: Trust, known: Known) -> None:
        self._folder = folder
        self._host = host
        self._trust = trust
        self._known = known
        self._asked = Asked()

    def get(self, key: str) -> LiveStrategy:
        """The strategy, from the bytes that the file holds now, if they are approved.

        Raises StillWorking while it is being loaded, UserMistake and OwnStrategyError with what is wrong with it.
        """
        path = path_of(self._folder, key)
        if not path.exists():
            raise UserMistake(_UNKNOWN(file=path.name, folder=str(self._folder)))
        source = read_source(path)
        for finding in findings_of(source):
            if finding.forbidden:
                raise UserMistake(finding.message)
        why = unapproved(source, self._trust)
        if why is not None:
            raise UserMistake(why)
        if source.sha256 not in self._known.descriptions:
            head, _ = self._asked.take(("load", source.sha256), lambda: self._host.ask(source, "load"))
            self._known.descriptions[source.sha256] = head
        return LiveStrategy(source, self._host, self._known, self._asked)


def unapproved(source: OwnSource, trust: Trust) -> Message | None:
    """Why these bytes may not run yet; None when the trader approved them."""
    consent = trust(str(source.path), source.sha256)
    if consent is Consent.APPROVED:
        return None
    kind = _CHANGED if consent is Consent.CHANGED else _NEW
    return kind(file=source.name, name=source.path.stem)
