"""A single Socket.IO connection over python-engineio. After it is lost, a new one is created."""

from __future__ import annotations

import functools
import json
import logging
import socket
import threading
import time
from dataclasses import dataclass
from typing import Any, Callable, Optional

import engineio
from socketio import packet

from .._values.text import json_text
from .address import Address
from .workers import TaskHandle, Workers

#: Silent unless its level is set, because the agent reports relevant errors itself.
TRANSPORT_LOGGER = logging.getLogger("turnline.transport")
if TRANSPORT_LOGGER.level == logging.NOTSET:
    TRANSPORT_LOGGER.setLevel(logging.CRITICAL)

_CONNECT_TIMEOUT = 10.0
_GOODBYE_SECONDS = 0.2


@dataclass(frozen=True)
class ConnectRefusal:
    """The server's refusal of a connection, in reply to the handshake."""

    code: str
    message: str
    retry_after: float


class ConnectionFailedError(Exception):
    """Raised if no connection could be made. `refusal` is set if the server gave a reason."""

    def __init__(self, message: str, refusal: Optional[ConnectRefusal] = None) -> None:
        super().__init__(message)
        self.refusal = refusal


@dataclass(frozen=True)
class ConnectionEvents:
    """Callbacks of a connection, called in the connection's own thread."""

    #: Called when a reply arrived, with the command's number and the reply.
    on_reply: Callable[[int, Any], None]
    on_event: Callable[[str, Any], None]
    #: Called when the connection was lost, with True if the server closed it permanently.
    on_closed: Callable[[bool], None]


class _EngineClient(engineio.Client):  # type: ignore[misc]  # python-engineio has no types.
    """An Engine.IO client whose loops run in the workers' threads.

    Its handlers run in the thread that received the message.
    """

    def __init__(self, workers: Workers, **options: Any) -> None:
        self._workers = workers
        super().__init__(**options)

    def start_background_task(self, target: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        if target in self.handlers.values():
            target(*args, **kwargs)
            handle = TaskHandle()
            handle.finish()
            return handle
        return self._workers.run(target, *args, **kwargs)


class Connection:
    """A connection to a server. The constructor connects, or raises ConnectionFailedError."""

    def __init__(
        self,
        address: Address,
        auth: dict[str, Any],
        transport: str,
        events: ConnectionEvents,
        workers: Workers,
        verify: Any = True,
    ) -> None:
        self.transport = transport
        self.last_message_at = time.monotonic()
        self._events = events
        self._answered = threading.Event()
        self._refusal: Optional[ConnectRefusal] = None
        self._connected = False
        self._closed = False
        self._engine = _EngineClient(
            workers,
            logger=TRANSPORT_LOGGER,
            handle_sigint=False,
            request_timeout=_CONNECT_TIMEOUT,
            ssl_verify=bool(verify),
            http_session=_session(verify),
        )
        self._engine.on("message", self._on_message)
        self._engine.on("disconnect", self._on_disconnect)
        self._open(address, auth)

    def send(self, number: int, event: str, payload: str) -> None:
        """Sends a command whose payload is already JSON."""
        self._engine.send(f"{packet.EVENT}{number}[{json_text(event)},{payload}]")

    def close(self) -> None:
        """Closes the connection without waiting for the server."""
        self._closed = True
        if self.transport == "polling":
            self._engine.disconnect(abort=True)
            return
        try:
            self._engine.send(str(packet.DISCONNECT))
            deadline = time.monotonic() + _GOODBYE_SECONDS
            while self._engine.queue.unfinished_tasks > 0 and time.monotonic() < deadline:
                time.sleep(0.005)
        except Exception:
            pass
        self._cut()

    def abort(self) -> None:
        """Cuts a connection that has stopped working, and calls `on_closed`."""
        if self.transport == "polling":
            self._engine.state = "disconnected"
        else:
            self._cut()
        self._finish(False)

    def abandon(self) -> None:
        """Closes this process's copy of a socket that the parent process still uses."""
        self._closed = True
        stream = self._stream()
        if stream is not None:
            stream.close()

    def _stream(self) -> Any:
        return getattr(getattr(self._engine, "ws", None), "sock", None)

    def _cut(self) -> None:
        stream = self._stream()
        try:
            # Wakes the reading loop. Closing the WebSocket properly could block on a dead server.
            if stream is not None:
                stream.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        if self._engine.queue is not None:
            self._engine.queue.put(None)

    def _open(self, address: Address, auth: dict[str, Any]) -> None:
        try:
            self._engine.connect(
                address.origin, transports=[self.transport], engineio_path=address.socket_path
            )
        except Exception as error:
            raise ConnectionFailedError(str(error) or type(error).__name__) from error
        if self._engine.state != "connected":
            raise ConnectionFailedError("no connection")
        self._engine.send(f"{packet.CONNECT}{json.dumps(auth)}")
        self._answered.wait(_CONNECT_TIMEOUT)
        if not self._connected:
            self._closed = True
            self._cut()
            refusal = self._refusal
            raise ConnectionFailedError(
                "no reply to the handshake" if refusal is None else refusal.message, refusal
            )

    def _on_message(self, data: Any) -> None:
        self.last_message_at = time.monotonic()
        try:
            received = packet.Packet(encoded_packet=data)
        except Exception:
            return  # Not a Socket.IO packet.
        kind = received.packet_type
        if kind == packet.ACK and received.id is not None:
            self._events.on_reply(received.id, received.data[0] if received.data else None)
        elif kind == packet.EVENT and received.data:
            self._events.on_event(str(received.data[0]), received.data[1] if len(received.data) > 1 else None)
        elif kind == packet.CONNECT:
            self._connected = True
            self._answered.set()
        elif kind == packet.CONNECT_ERROR:
            self._refusal = _read_refusal(received.data)
            self._answered.set()
        elif kind == packet.DISCONNECT:
            self._finish(True)

    def _on_disconnect(self, *_reason: Any) -> None:
        self._answered.set()
        self._finish(False)

    def _finish(self, for_good: bool) -> None:
        if self._closed or not self._connected:
            return
        self._closed = True
        self._events.on_closed(for_good)


def _read_refusal(data: Any) -> ConnectRefusal:
    given = data if isinstance(data, dict) else {"message": data}
    details = given.get("data")
    details = details if isinstance(details, dict) else {}
    wait = details.get("retry_after_ms")
    return ConnectRefusal(
        code=str(details.get("code", "")),
        message=str(given.get("message") or details.get("message") or "refused"),
        retry_after=wait / 1000 if isinstance(wait, (int, float)) else 1.0,
    )


def _session(verify: Any) -> Any:
    """Returns a session that verifies with the given certificates, or None for the system's certificates."""
    if not isinstance(verify, str):
        return None
    import requests  # type: ignore[import]  # Its types are in a separate package.

    session = requests.Session()
    session.verify = verify
    # Passed to each request, since REQUESTS_CA_BUNDLE would take precedence over the session's setting.
    session.request = functools.partial(session.request, verify=verify)
    return session
