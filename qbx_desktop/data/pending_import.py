"""An import wished for while the database is in use: noted beside it, carried out once before it is opened again."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ..domain.clock import Clock
from ..domain.errors import QbxError, UserMistake
from ..domain.messages import Message, declare
from . import next_start
from .home import Home

if TYPE_CHECKING:
    from .legacy import ImportReport

_HEADER = b"SQLite format 3\0"
_NO_DATABASE = declare(
    "import.no_database",
    "{path} is no database that can be read ({why}). Nothing was changed; choose the bots.db of the older program.",
)
_OWN = declare(
    "import.own",
    "{path} is the database in use now. Nothing was changed; choose the one of the older program.",
)


@dataclass(frozen=True)
class Outcome:
    """What became of an import: its report, or the reason why everything stayed as it was."""

    source: Path
    report: ImportReport | None
    failure: Message | None


def wish(home: Home, source: Path) -> None:
    """Import `source` before the database is opened the next time. Raises UserMistake, DbError; then nothing is noted."""
    try:
        if home.database.exists() and source.samefile(home.database):
            raise UserMistake(_OWN(path=str(source)))
        with source.open("rb") as file:
            header = file.read(len(_HEADER))
    except OSError as error:
        raise UserMistake(_NO_DATABASE(path=str(source), why=error.strerror or str(error))) from error
    if header != _HEADER:
        raise UserMistake(_NO_DATABASE(path=str(source), why="it does not begin like one"))
    next_start.wish(home, next_start.IMPORT, source)


def wished(home: Home) -> Path | None:
    """The database that is to be imported, None when there is none."""
    return next_start.wished(home, next_start.IMPORT)


def forget(home: Home) -> None:
    """Import nothing. Raises OSError."""
    next_start.forget(home)


def carry_out(home: Home, clock: Clock) -> Outcome | None:
    """Do what was wished, None when nothing was. The caller holds the folder's lock and has the database closed.

    The present database is set aside whole. A failure changes nothing and is in the outcome.
    """
    source = wished(home)
    if source is None:
        return None
    try:
        # First, so that an import is tried once and not at every start.
        forget(home)
        from . import legacy

        report = legacy.import_database(source, home, clock=clock, replace=True)
    except QbxError as error:
        return Outcome(source, None, error.message)
    except OSError as error:
        return Outcome(source, None, _NO_DATABASE(path=str(source), why=error.strerror or str(error)))
    return Outcome(source, report, None)
