"""One window per data folder: a second start asks the first one to show itself."""

from __future__ import annotations

import hashlib
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtNetwork import QLocalServer, QLocalSocket

_RAISE = b"raise\n"
_PATIENCE_MS = 2_000


def server_name(home: Path) -> str:
    """The name of the local socket of one data folder."""
    return f"qbx-{hashlib.sha256(str(home.resolve()).encode()).hexdigest()[:24]}"


def ask_to_raise(home: Path) -> bool:
    """Ask the program that uses `home` to show its window; False when it does not answer."""
    socket = QLocalSocket()
    socket.connectToServer(server_name(home))
    if not socket.waitForConnected(_PATIENCE_MS):
        return False
    socket.write(_RAISE)
    written = socket.waitForBytesWritten(_PATIENCE_MS)
    socket.disconnectFromServer()
    return written


class RaiseServer(QObject):
    """Listens for later starts; only this user may connect. `raise_wanted` when one asks."""

    raise_wanted = Signal()

    def __init__(self, home: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._connected)
        name = server_name(home)
        # We hold the folder's lock, so a socket of this name was left by a program that died.
        QLocalServer.removeServer(name)
        self._server.listen(name)

    def close(self) -> None:
        """Listen no more."""
        self._server.close()

    @Slot()
    def _connected(self) -> None:
        while (socket := self._server.nextPendingConnection()) is not None:
            socket.disconnected.connect(socket.deleteLater)
            self.raise_wanted.emit()
