"""All that runs the trader's own strategies: two processes and what is known of the files, made when first needed."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    # Loaded by the thread that needs them first: the window paints before that.
    from ..data.database import Database
    from ..data.home import Home
    from ..strategies.contract import Strategy
    from ..strategies.own.host import StrategyHost
    from ..strategies.own.library import LiveLibrary, OwnLibrary
    from ..strategies.own.strategy import Known


class OwnParts:
    """One process for the thread that trades, with tight limits, and one for backtests, charts and checks, so that a
    long check never holds up a decision. For any thread."""

    def __init__(self, home: Home, db: Database) -> None:
        self._home = home
        self._db = db
        self._lock = threading.Lock()
        self._known: Known | None = None
        self._hosts: list[StrategyHost] = []
        self._library: OwnLibrary | None = None
        self._live: LiveLibrary | None = None

    def library(self) -> OwnLibrary:
        """The folder as the registry, the backtest and the window use it; it waits for answers."""
        from ..strategies import registry
        from ..strategies.own.host import WORKSHOP_LIMITS, StrategyHost
        from ..strategies.own.library import OwnLibrary
        from ..trading.own_trust import trust_in

        with self._lock:
            if self._library is None:
                host = StrategyHost(self._home.strategies, WORKSHOP_LIMITS)
                self._hosts.append(host)
                folder = self._home.strategies
                self._library = OwnLibrary(folder, host, trust_in(self._db), self._shared())
                registry.use_own(self._library)
            return self._library

    def strategy_of(self, key: str) -> Strategy:
        """The strategy of `key` for the desk, which never waits. Raises QbxError, StillWorking while it is loaded."""
        from ..strategies import registry
        from ..strategies.own.source import is_own

        return self._live_library().get(key) if is_own(key) else registry.get(key)

    def close(self) -> None:
        """End both processes at once, whatever they are doing."""
        from ..strategies import registry

        registry.use_own(None)
        with self._lock:
            hosts, self._hosts = self._hosts, []
        for host in hosts:
            host.close()

    def _live_library(self) -> LiveLibrary:
        from ..strategies.own.host import StrategyHost
        from ..strategies.own.library import LiveLibrary
        from ..trading.own_trust import trust_in

        with self._lock:
            if self._live is None:
                host = StrategyHost(self._home.strategies)
                self._hosts.append(host)
                folder = self._home.strategies
                self._live = LiveLibrary(folder, host, trust_in(self._db), self._shared())
            return self._live

    def _shared(self) -> Known:
        from ..strategies.own.strategy import Known

        if self._known is None:
            self._known = Known()
        return self._known
