"""A restore wished for while the database is in use: the backup is proved now, put in place before the next start."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ..domain.clock import Clock
from ..domain.errors import QbxError
from ..domain.messages import Message, declare
from . import next_start
from .home import Home
from .keep_backups import Drill, drill

if TYPE_CHECKING:
    from .recovery import Recovery

_FAILED = declare(
    "restore.failed", "The backup {path} was not restored ({why}). Everything is as it was before."
)


@dataclass(frozen=True)
class RestoreOutcome:
    """What became of a restore: what was done, or why everything stayed as it was. `backup` None: after damage."""

    backup: Path | None
    done: Recovery | None
    failure: Message | None = None


def wish(home: Home, backup: Path) -> Drill:
    """Restore `backup` before the database is opened the next time. Raises DbError for one that is not good, Stop."""
    held = drill(backup)
    next_start.wish(home, next_start.RESTORE, backup)
    return held


def carry_out(home: Home, clock: Clock) -> RestoreOutcome | None:
    """Do what was wished, None when nothing was. The caller holds the folder's lock and has the database closed."""
    backup = next_start.wished(home, next_start.RESTORE)
    if backup is None:
        return None
    try:
        # First, so that it is tried once and not at every start.
        next_start.forget(home)
        from . import recovery

        return RestoreOutcome(backup, recovery.restore(backup, home, clock=clock))
    except QbxError as error:
        return RestoreOutcome(backup, None, error.message)
    except OSError as error:
        return RestoreOutcome(backup, None, _FAILED(path=str(backup), why=error.strerror or str(error)))
