"""One window for each user: a second start hands its files to the open window, and leaves."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtNetwork import QLocalServer, QLocalSocket

WAIT_MS = 500
"""A window that does not answer within this time is not there, or hangs."""

_MOST_BYTES = 1_000_000
_HEARD = b"heard\n"


def usual_name() -> str:
    """Return the name at which the windows of this user are found."""
    home = hashlib.sha256(str(Path.home()).encode()).hexdigest()[:16]
    return f"caselens-viewer-{home}"


def ring(files: Sequence[Path], name: str) -> bool:
    """Hand files to the open window; say whether there is one that took them.

    Args:
        files: may be empty: the window then only comes to the front.
        name: at which it listens.
    """
    socket = QLocalSocket()
    socket.connectToServer(name)
    if not socket.waitForConnected(WAIT_MS):
        return False
    socket.write(json.dumps([str(file.absolute()) for file in files]).encode() + b"\n")
    socket.flush()
    heard = socket.waitForReadyRead(WAIT_MS) and bytes(socket.readAll().data()) == _HEARD
    socket.disconnectFromServer()
    return heard


class Doorbell(QObject):
    """Listens for further starts of the same user; nobody else can connect."""

    rung = Signal(tuple)
    """Paths of the files that a further start was to open; perhaps none."""

    def __init__(self, name: str, parent: QObject) -> None:
        super().__init__(parent)
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._answer)
        if not self._server.listen(name):
            # What a killed window left behind: nobody answered there just now.
            QLocalServer.removeServer(name)
            self._server.listen(name)

    def close(self) -> None:
        """Listen no longer."""
        self._server.close()

    def _answer(self) -> None:
        if not self._server.hasPendingConnections():
            return
        socket = self._server.nextPendingConnection()
        socket.disconnected.connect(socket.deleteLater)
        socket.readyRead.connect(lambda: self._read(socket))
        if socket.bytesAvailable():
            self._read(socket)

    def _read(self, socket: QLocalSocket) -> None:
        if socket.bytesAvailable() > _MOST_BYTES:
            socket.abort()
        elif socket.canReadLine():
            files = files_of(bytes(socket.readLine().data()))
            if files is None:
                socket.abort()
                return
            socket.write(_HEARD)
            socket.flush()
            self.rung.emit(files)


def files_of(message: bytes) -> tuple[Path, ...] | None:
    """Return the files that a message names; None for one that is not ours."""
    try:
        named = json.loads(message)
    except (ValueError, RecursionError):
        return None
    if not isinstance(named, list) or not all(isinstance(one, str) for one in named):
        return None
    return tuple(Path(one) for one in named)
