"""Asks once for the announcement of a newer version, in a thread of its own."""

from __future__ import annotations

import ssl
import threading
from concurrent.futures import Future

from ..data.update_manifest import Channel, Manifest, verified
from ..data.update_source import fetch
from ..domain.clock import Clock


class UpdateCheck:
    """`answer` gets the verified Manifest, or an UpdateError with the reason. Ends with the program, whatever it waits for."""

    def __init__(
        self, channel: Channel, seen: int, clock: Clock, context: ssl.SSLContext | None = None
    ) -> None:
        self.answer: Future[Manifest] = Future()
        self._channel = channel
        self._seen = seen
        self._clock = clock
        self._context = context
        # A daemon: a server that does not answer must not hold up the program's end; nothing is written here.
        self._thread = threading.Thread(target=self._run, name="qbx-update-check", daemon=True)

    def start(self) -> None:
        """Begin; returns at once."""
        self._thread.start()

    def _run(self) -> None:
        try:
            envelope = fetch(self._channel.address, self._context)
            manifest = verified(envelope, self._channel.key, self._clock.now(), self._seen)
        except Exception as error:  # noqa: BLE001 - handed to the asker
            self.answer.set_exception(error)
        else:
            self.answer.set_result(manifest)
