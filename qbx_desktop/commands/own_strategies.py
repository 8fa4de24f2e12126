"""The trader's own strategies for a command: looked up when a key asks for one, ended with the command."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from ..data.database import Database
from ..data.home import Home
from ..strategies import registry
from ..strategies.own.host import WORKSHOP_LIMITS, StrategyHost
from ..strategies.own.library import OwnLibrary
from ..trading.own_trust import trust_in


@contextmanager
def own_strategies(home: Home | None = None) -> Iterator[OwnLibrary]:
    """Until the end of the block the registry finds the trader's strategies too; their process starts when needed.

    Raises DbError when the database, which holds the consents, cannot be opened, UserMistake for the data folder.
    """
    home = (home or Home.default()).prepare()
    db = Database.open(home.database, backups=home.backups)
    host = StrategyHost(home.strategies, WORKSHOP_LIMITS)
    try:
        library = OwnLibrary(home.strategies, host, trust_in(db))
        library.refresh()
        registry.use_own(library)
        yield library
    finally:
        registry.use_own(None)
        host.close()
        db.close()
