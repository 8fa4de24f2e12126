"""A short-lived connection that only looks: which terminal, account and switches are there; it sends no order."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass

from ..broker.client import TerminalClient
from ..broker.connection import Switch, switches
from ..broker.limits import Limits
from ..broker.sentences import NOT_CONNECTED
from ..broker.transports import InlineTransport, ProcessTransport
from ..domain.errors import QbxError
from ..domain.events import ConnectionChanged, Link
from ..domain.mt5 import AccountTradeMode
from ..domain.records import AccountInfo, TerminalInfo

Road = ProcessTransport | InlineTransport


@dataclass(frozen=True)
class Findings:
    """What a connected terminal says of itself; the switches in the order in which a trader meets them."""

    account: AccountInfo
    terminal: TerminalInfo
    switches: tuple[Switch, ...]

    @property
    def real(self) -> bool:
        """Whether it is real money: anything that is neither demo nor contest counts as real."""
        return self.account.trade_mode not in (AccountTradeMode.DEMO, AccountTradeMode.CONTEST)


def findings_of(client: TerminalClient) -> Findings:
    """What was last seen over `client`; asks nothing. Raises QbxError with the reason while the link is down."""
    greeting = client.greeting
    if greeting is None or client.link not in (Link.READY, Link.DEGRADED):
        raise QbxError(client.reason or NOT_CONNECTED())
    return Findings(greeting.account, greeting.terminal, switches(greeting.terminal, greeting.account))


class ConnectionTrial:
    """One attempt in a thread of its own. `answer` gets :class:`Findings`, or a QbxError with the terminal's reason,
    once the connection is closed again; after :meth:`cancel` it gets nothing."""

    def __init__(self, make_road: Callable[[], Road], limits: Limits | None = None) -> None:
        self.answer: Future[Findings] = Future()
        self._make_road = make_road
        self._limits = limits
        self._decided = threading.Event()
        # Not a daemon: the program's end waits the few moments in which the child is ended properly.
        self._thread = threading.Thread(target=self._run, name="qbx-connection-trial")

    def start(self) -> None:
        """Begin; returns at once."""
        self._thread.start()

    def cancel(self) -> None:
        """Give up, also in the middle of a hung call; returns at once, the child ends within three seconds."""
        self.answer.cancel()
        self._decided.set()

    def _run(self) -> None:
        try:
            findings = self._look()
        except Exception as error:  # noqa: BLE001 - whatever it is, the asker must learn of it
            if self.answer.set_running_or_notify_cancel():
                self.answer.set_exception(error)
            return
        if self.answer.set_running_or_notify_cancel():
            self.answer.set_result(findings)

    def _look(self) -> Findings:
        client = TerminalClient(self._make_road(), self._limits)
        client.listen(self._heard)
        try:
            client.start()
            self._decided.wait()
            return findings_of(client)
        finally:
            client.close()

    def _heard(self, event: ConnectionChanged) -> None:
        if event.link is not Link.CONNECTING:
            self._decided.set()
