"""An agent's connection to its server. Reconnects until the server refuses it permanently."""

from __future__ import annotations

import itertools
import time
from collections import deque
from dataclasses import dataclass
from typing import Any, Callable, Optional

from .. import _limits as limits
from ..errors import AgentError
from .address import Address
from .backoff import Backoff
from .connection import Connection, ConnectionEvents, ConnectionFailedError
from .server_search import ServerSearch
from .workers import Workers

#: Maximum commands in flight. python-engineio reads at most 16 packets per poll.
_IN_FLIGHT = {"websocket": 16, "polling": 8}
#: Maximum bytes in flight. Below the server's message limit, which also applies to packets that polling
#: combines.
_IN_FLIGHT_BYTES = 5 * limits.MIB
_FINAL_CODES = ("unauthenticated", "unsupported_protocol")
_SPARE_WORKERS = 2

#: No reply came: the connection was lost, or the reply timed out. The command may or may not have been
#: executed.
LOST = {"ok": False, "lost": "disconnected"}
TIMED_OUT = {"ok": False, "lost": "timeout"}

Reply = dict[str, Any]
OnReply = Callable[[Reply], None]


@dataclass(frozen=True)
class LinkOptions:
    address: Address
    token: Optional[str]
    client_id: Optional[str]
    ack_timeout: float
    reconnect_delay: float
    verify: Any
    #: Called when something has arrived that `process` must handle.
    wake: Callable[[], None]
    on_online: Callable[[], None]
    on_cancel: Callable[[dict[str, Any]], None]
    #: Called with an error, and with True if the error is final. Then no further attempts are made.
    on_error: Callable[[AgentError, bool], None]


@dataclass
class _Pending:
    on_reply: OnReply
    deadline: float
    sent_at: float
    size: int


class Link:
    """The link from an agent to its server.

    Used only by the sending thread, except for `wake` and the inbox.
    """

    def __init__(self, options: LinkOptions) -> None:
        self.options = options
        #: The number of connections so far. A run belongs to one of them at a time.
        self.epoch = 0
        self._search = ServerSearch(options.address, options.verify)
        self.workers = Workers("turnline-connection")
        self._connection: Optional[Connection] = None
        self._inbox: deque[Callable[[], None]] = deque()
        self._numbers = itertools.count(1)
        self._pending: dict[int, _Pending] = {}
        self._bytes_in_flight = 0
        self._backoff = Backoff(options.reconnect_delay)
        self._next_attempt = 0.0
        self._outage_reported = False
        self._mistake_reported = False
        self.stopped = False

    def start(self) -> None:
        """Starts the threads that connections need; call it before the first `connect`."""
        self.workers.start(_SPARE_WORKERS)

    @property
    def address(self) -> Address:
        """The server's address, corrected if the given one was wrong."""
        return self._search.address

    @property
    def online(self) -> bool:
        return self._connection is not None and not self.stopped

    @property
    def has_room(self) -> bool:
        """Whether another command may be sent now."""
        connection = self._connection
        if connection is None or self.stopped:
            return False
        return (
            len(self._pending) < _IN_FLIGHT[connection.transport] and self._bytes_in_flight < _IN_FLIGHT_BYTES
        )

    def has_room_for(self, size: int) -> bool:
        return self._bytes_in_flight == 0 or self._bytes_in_flight + size <= _IN_FLIGHT_BYTES

    def send(self, event: str, payload: str, size: int, on_reply: OnReply) -> None:
        """Sends a command; `on_reply` gets the reply, or LOST or TIMED_OUT."""
        connection = self._connection
        if connection is None:
            self._inbox.append(lambda: on_reply(LOST))
            return
        number = next(self._numbers)
        now = time.monotonic()
        self._pending[number] = _Pending(on_reply, now + self.options.ack_timeout, now, size)
        self._bytes_in_flight += size
        try:
            connection.send(number, event, payload)
        except Exception:
            connection.abort()

    def process(self) -> None:
        """Handles messages that have arrived and commands that have timed out."""
        while self._inbox:
            self._inbox.popleft()()
        now = time.monotonic()
        for number in [number for number, pending in self._pending.items() if pending.deadline <= now]:
            pending = self._pending[number]
            connection = self._connection
            # If nothing has arrived since the command was sent, the connection is dead, even if TCP considers
            # it open.
            if connection is not None and connection.last_message_at < pending.sent_at:
                connection.abort()
            self._settle(number, TIMED_OUT)

    def next_deadline(self) -> Optional[float]:
        """Returns the latest time at which `process` or `connect` must be called."""
        if self._inbox:
            return 0.0
        times = [pending.deadline for pending in self._pending.values()]
        if not self.online and not self.stopped:
            times.append(self._next_attempt)
        return min(times, default=None)

    def connect(self) -> None:
        """Tries to connect if an attempt is due. May take some seconds."""
        if self.online or self.stopped or time.monotonic() < self._next_attempt:
            return
        try:
            self._connection = self._attempt()
        except ConnectionFailedError as error:
            self._failed(error)
            return
        self.epoch += 1
        self._search.found()
        self._backoff.reset()
        self._outage_reported = self._mistake_reported = False
        self.options.on_online()

    def close(self) -> None:
        """Closes the connection permanently."""
        self.stopped = True
        connection, self._connection = self._connection, None
        self._pending.clear()
        if connection is not None:
            connection.close()
        self.workers.stop()

    def abandon(self) -> None:
        """Leaves the connection to the parent process. Call it in a forked process."""
        if self._connection is not None:
            self._connection.abandon()

    def _attempt(self) -> Connection:
        auth: dict[str, Any] = {"protocol": limits.PROTOCOL_VERSION}
        if self.options.token is not None:
            auth["token"] = self.options.token
        if self.options.client_id is not None:
            auth["client_id"] = self.options.client_id
        # Identifies the connection in `on_closed`, so that the close of a replaced connection is ignored.
        current: list[Connection] = []

        def post(action: Callable[[], None]) -> None:
            self._inbox.append(action)
            self.options.wake()

        events = ConnectionEvents(
            on_reply=lambda number, reply: post(lambda: self._settle(number, reply)),
            on_event=lambda name, data: post(lambda: self._on_event(name, data)),
            on_closed=lambda for_good: post(lambda: self._on_closed(current, for_good)),
        )
        connection = Connection(
            self.address, auth, self._search.transport, events, self.workers, self.options.verify
        )
        current.append(connection)
        return connection

    def _settle(self, number: int, reply: Any) -> None:
        pending = self._pending.pop(number, None)
        if pending is None:
            return
        self._bytes_in_flight -= pending.size
        understood = isinstance(reply, dict) and isinstance(reply.get("ok"), bool)
        pending.on_reply(reply if understood else NOT_UNDERSTOOD)

    def _on_event(self, name: str, data: Any) -> None:
        if name == "runs.cancel_requested" and isinstance(data, dict):
            self.options.on_cancel(data)

    def _on_closed(self, of: list[Connection], for_good: bool) -> None:
        if self._connection is None or self._connection not in of:
            return
        self._connection = None
        self._lose_all()
        if self.stopped:
            return
        if for_good:
            self._give_up(
                AgentError(
                    "revoked", f"{self.address} closed the connection permanently: the token was revoked"
                )
            )
        else:
            self._next_attempt = time.monotonic() + self._backoff.next()
            self._report_outage(f"the connection to {self.address} was lost")

    def _lose_all(self) -> None:
        for number in list(self._pending):
            self._settle(number, LOST)

    def _failed(self, error: ConnectionFailedError) -> None:
        self._next_attempt = time.monotonic() + self._backoff.next(
            error.refusal.retry_after if error.refusal else 0.0
        )
        if error.refusal is not None:
            if error.refusal.code in _FINAL_CODES:
                self._give_up(AgentError(error.refusal.code, self._refusal_message(error.refusal.message)))
            else:
                self._report_outage(f"{self.address} refused the connection ({error.refusal.message})")
            return
        finding = self._search.failed(str(error))
        if finding.retry:
            self._next_attempt = 0.0
        if finding.correction is not None:
            self.options.on_error(AgentError("wrong_address", finding.correction), False)
        elif finding.mistake is not None:
            self._report_mistake(finding.mistake)
        elif finding.outage is not None:
            self._report_outage(finding.outage)

    def _refusal_message(self, reason: str) -> str:
        hint = "" if self.options.token else " No token was given: pass token=… or set TURNLINE_TOKEN."
        return f"{self.address} refused the connection: {reason}{hint}"

    def _report_outage(self, what: str) -> None:
        if self._outage_reported:
            return
        self._outage_reported = True
        self.options.on_error(AgentError("unreachable", f"{what}; retrying, turns are queued"), False)

    def _report_mistake(self, what: str) -> None:
        """Reports that the address seems wrong.

        Attempts continue, since a proxy may give such answers while its server restarts.
        """
        if self._mistake_reported:
            return
        self._mistake_reported = True
        self.options.on_error(AgentError("wrong_address", f"{what}; retrying, turns are queued"), False)

    def _give_up(self, error: AgentError) -> None:
        self.close()
        self.options.on_error(error, True)


#: Used in place of a reply that doesn't follow the protocol.
NOT_UNDERSTOOD: Reply = {
    "ok": False,
    "error": {"code": "internal", "message": "the reply was not understood"},
}
