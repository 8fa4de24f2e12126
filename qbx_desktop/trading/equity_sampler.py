"""Keeps the account's equity: a sample a minute while it changes, cheap enough for every look at the account."""

from __future__ import annotations

from functools import partial

from ..data import equity_samples
from ..data.database import Database
from ..data.equity_samples import EquitySample
from ..domain.records import AccountInfo

EVERY = 60
_DAY = 86_400
_KEEP_MINUTES = 7 * _DAY


class EquitySampler:
    """Used by one thread; a sample is handed to the writer, nobody waits for the disk."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._account: tuple[int, str] | None = None
        self._stored: EquitySample | None = None
        self._lowest = float("inf")
        self._thinned = 0

    def take(self, account: AccountInfo, server_time: int) -> None:
        """A look at the account. Stored once a minute, and not while nothing changes."""
        who = (account.login, account.server)
        if who != self._account:
            self._account, self._stored, self._lowest, self._thinned = who, None, float("inf"), 0
        self._lowest = min(self._lowest, account.equity)
        last = self._stored
        if last is not None and server_time - last.time < EVERY:
            return
        if last is not None and (last.balance, last.equity, last.equity) == (
            account.balance, account.equity, self._lowest,
        ):  # fmt: skip
            return
        sample = EquitySample(server_time, account.balance, account.equity, self._lowest)
        self._stored, self._lowest = sample, float("inf")
        self._db.writer.submit(
            partial(equity_samples.add, account=who[0], server=who[1], sample=sample)
        )  # fmt: skip
        if server_time // _DAY > self._thinned:
            self._thinned = server_time // _DAY
            before = server_time - _KEEP_MINUTES
            self._db.writer.submit(partial(equity_samples.thin, account=who[0], server=who[1], before=before))
