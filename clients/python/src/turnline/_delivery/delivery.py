"""Delivers one run to the server."""

from __future__ import annotations

import time
from typing import Any, Callable, Optional, Union

from .. import _limits as limits
from .._values.text import cut_text, encode
from ..errors import AgentError
from .backoff import Backoff
from .bisector import BatchBisector
from .link import Link, Reply
from .queue import Batch, ChildRun, TurnQueue
from .error_messages import error_message, with_dropped

_RETRIED_CODES = ("unavailable", "rate_limited", "internal")

#: Why nothing more will be delivered; "completed" if all went well.
Over = Union[AgentError, str]


class RunDelivery:
    """Delivers start, turns and end, one command at a time.

    Each command is repeated with the same idempotency key until the server replies, so nothing is stored
    twice. All methods are called with the agent's lock held.
    """

    def __init__(
        self,
        *,
        queue: TurnQueue,
        start: dict[str, Any],
        parent: Optional[ChildRun],
        report: Callable[[AgentError], None],
        on_started: Callable[[], None],
        on_over: Callable[[], None],
        on_change: Callable[[], None],
    ) -> None:
        self.queue = queue
        self.start = start
        self.parent = parent
        self.run_id: Optional[str] = start["run_id"] if "intent" not in start else None
        self.started: Optional[Reply] = None
        self.over: Optional[Over] = None
        self.outcome: Optional[dict[str, Any]] = None
        #: Changed descriptive fields that the server doesn't have yet.
        self.update: Optional[dict[str, Any]] = None
        #: Number of turns that were stored or given up.
        self.settled_turns = 0
        #: Set for runs inherited from the parent process: nothing is sent until this process writes to them.
        self.dormant = False
        self.bisector = BatchBisector(queue, self._report)
        self._raw_report = report
        self._on_started = on_started
        self._on_over = on_over
        self._on_change = on_change
        self._cursor = 0
        self._epoch = 0
        self._in_flight = False
        self._not_before = 0.0
        self._backoff = Backoff()

    @property
    def is_start_settled(self) -> bool:
        return self.started is not None or self.over is not None

    @property
    def is_delivered(self) -> bool:
        """Whether nothing is left to deliver."""
        if self.over is not None or self.dormant:
            return True
        return (
            self.started is not None and len(self.queue) == 0 and self.outcome is None and self.update is None
        )

    def is_quiet(self, link: Link) -> bool:
        """Whether the run belongs to this connection and nothing is queued."""
        return (
            self.is_delivered
            and self.over is None
            and not self.dormant
            and link.online
            and self._epoch == link.epoch
        )

    def retry_at(self) -> Optional[float]:
        """When the next attempt is due, if one is scheduled."""
        return self._not_before if self._not_before > time.monotonic() and not self.is_delivered else None

    def step(self, link: Link) -> None:
        """Sends the next command, if there is one and no other is in flight."""
        if self.over is not None or self._in_flight or self.dormant or time.monotonic() < self._not_before:
            return
        if self.run_id is None:
            if self.parent is None or self.parent.is_start_settled:
                self._send_start(link)
        elif self._epoch != link.epoch:
            self._send_takeover(link)
        else:
            self._send_next(link, self.run_id)

    def fail(self, error: AgentError, quietly: bool = False) -> int:
        """Gives up: drops all queued turns and returns how many there were.

        Reports the error, unless `quietly`.
        """
        if self.over is not None:
            return 0
        dropped = self.queue.clear()
        message = with_dropped(error.message, dropped)
        self.over = AgentError(
            error.code, message, run_id=self.run_id, dropped_turns=dropped, issues=error.issues
        )
        self.settled_turns += dropped
        if not quietly:
            self._raw_report(self.over)
        self._on_over()
        return dropped

    def reset_after_fork(self) -> None:
        """Discards what is queued in a forked process: the parent sends it and gets the replies."""
        self.queue.clear()
        self.outcome = self.update = None
        self.dormant = True
        self.settled_turns = 0
        self._in_flight = False
        self._epoch = 0
        self._not_before = 0.0

    def _report(self, error: AgentError) -> None:
        self._raw_report(error.for_run(self.run_id))

    def _call(
        self, link: Link, event: str, payload: str, size: int, on_reply: Callable[[Reply], None]
    ) -> None:
        def settle(reply: Reply) -> None:
            self._in_flight = False
            if self.over is None:
                on_reply(reply)
            self._on_change()

        self._in_flight = True
        link.send(event, payload, size, settle)

    def _send_start(self, link: Link) -> None:
        payload = dict(self.start)
        if self.parent is not None and self.parent.run_id is not None:
            payload["parent"] = {**payload.get("parent", {}), "run_id": self.parent.run_id}
        epoch = link.epoch

        def on_reply(reply: Reply) -> None:
            if reply["ok"]:
                self.run_id = str(reply.get("run_id"))
                self._attach(reply, epoch)
            elif not self._shorten_intent(reply):
                self._recover(reply, "could not be started")

        self._send_small(link, "runs.start", payload, on_reply)

    def _shorten_intent(self, reply: Reply) -> bool:
        """Cuts the intent if an older server refused it as too long. Returns whether it did."""
        intent = self.start["intent"]
        if (
            reply.get("error", {}).get("code") != "invalid_params"
            or len(intent.encode("utf-8", "replace")) <= limits.SAFE_INTENT_BYTES
        ):
            return False
        self.start = {**self.start, "intent": cut_text(intent, limits.SAFE_INTENT_BYTES)}
        return True

    def _send_takeover(self, link: Link) -> None:
        epoch = link.epoch

        def on_reply(reply: Reply) -> None:
            if not reply["ok"]:
                self._recover(reply, "could not be taken over")
                return
            self._attach(reply, epoch)
            if self.over is None:
                self._look_at_suspect(link)

        self._send_small(link, "runs.start", {"run_id": self.run_id}, on_reply)

    def _attach(self, reply: Reply, epoch: int) -> None:
        self._epoch = epoch
        self._backoff.reset()
        self._cursor = int(reply.get("cursor", 0))
        first = self.started is None
        if first:
            self.started = reply
            self._on_started()
        # An incomplete run is reopened by the next write, at the latest. If something is queued, it may
        # have been stored before the run ended, without its acknowledgement. The next reply to it decides.
        if reply.get("status") == "completed" and self.is_delivered:
            self.fail(AgentError("already_terminal", "the run has ended (completed)"))

    def _send_next(self, link: Link, run_id: str) -> None:
        if self.update is not None:
            self._send_update(link, run_id, self.update)
            return
        batch = self.queue.head()
        if batch is not None:
            if link.has_room_for(batch.size):
                self._send_batch(link, run_id, batch)
        elif len(self.queue) == 0 and self.outcome is not None:
            payload = {"run_id": run_id, "outcome": self.outcome}
            self._send_small(link, "runs.complete", payload, self._completed)

    def _send_update(self, link: Link, run_id: str, update: dict[str, Any]) -> None:
        self.update = None

        def on_reply(reply: Reply) -> None:
            error = reply.get("error", {})
            if "lost" in reply or error.get("code") in _RETRIED_CODES:
                self.update = {**update, **(self.update or {})}
                self._recover(reply, "could not be updated")
            elif not reply["ok"]:
                # Only the descriptive fields are lost; the run continues.
                self._report(
                    AgentError(
                        str(error.get("code")), f"the run could not be updated: {error_message(error)}"
                    )
                )

        self._send_small(link, "runs.update", {"run_id": run_id, **update}, on_reply)

    def _send_batch(self, link: Link, run_id: str, batch: Batch) -> None:
        if batch.index is None:
            batch.index = self._cursor if batch.expected_index is None else batch.expected_index
        # The index makes the server refuse this batch if it arrives late, over an abandoned connection.
        payload = b'{"run_id":%s,"idempotency_key":"%s","expected_index":%d,"turns":[%s]}' % (
            encode(run_id),
            batch.key.encode(),
            batch.index,
            b",".join(batch.json),
        )

        def on_reply(reply: Reply) -> None:
            if reply["ok"]:
                self._cursor = max(self._cursor, int(reply.get("base_index", 0)) + int(reply.get("count", 0)))
                self._backoff.reset()
                self.bisector.accepted()
                self.settled_turns += self.queue.acknowledge()
                return
            if reply.get("lost") == "disconnected":
                self.bisector.connection_lost(batch)
            error = reply.get("error")
            if error is not None and error.get("code") == "index_conflict":
                self._resolve_conflict(link, batch, reply)
                return
            if error is None or not self.bisector.is_about_turns(error):
                self._recover(reply, "accepts no more turns")
                return
            given_up = self.bisector.bisect(batch, error, reply.get("dropped"))
            if given_up is None:
                self.fail(AgentError(str(error.get("code")), str(error.get("message"))))
            else:
                self.settled_turns += given_up

        self._call(link, "runs.record_turns", payload.decode(), len(payload), on_reply)

    def _resolve_conflict(self, link: Link, batch: Batch, reply: Reply) -> None:
        """Handles a cursor that differs from the batch's index.

        The batch isn't stored: the server checks the batch's key first, and would have recognized it.
        """
        cursor = reply["error"].get("cursor")
        if not isinstance(cursor, int) or cursor == batch.index:
            self._recover(reply, "accepts no more turns")
            return
        self._cursor = cursor
        doubt = self.queue.in_doubt
        if doubt is not None and doubt.index is not None and doubt.index < cursor:
            self._settle_doubt(link, doubt)
        elif batch.expected_index is not None:
            self.settled_turns += self.bisector.misplaced(reply["error"])
        else:
            # Another writer has appended turns.
            batch.index = cursor

    def _look_at_suspect(self, link: Link) -> None:
        """Handles a head batch if several connections were lost while it was being sent.

        Call it after a takeover.
        """
        batch = self.queue.head()
        if batch is None or batch.index is None or self.queue.in_doubt or not self.bisector.is_suspect(batch):
            return
        if batch.index < self._cursor:
            # Since the batch was sent, turns were stored: those of this batch, or another writer's.
            self._settle_doubt(link, batch)
        elif batch.index == self._cursor:
            self.bisector.lighten(batch)

    def _settle_doubt(self, link: Link, batch: Batch) -> None:
        """Finds out whether a batch whose index is below the run's cursor is stored.

        Sends a turn with the batch's key and index. If the batch is stored, the server knows the key. If not,
        it refuses the turn, and will refuse the batch if it arrives later.
        """

        def on_reply(reply: Reply) -> None:
            if reply["ok"]:
                self.bisector.accepted()
                self.settled_turns += self.queue.drop(len(batch.turns))
            elif reply.get("error", {}).get("code") != "index_conflict":
                self._recover(reply, "accepts no more turns")
            else:
                self.queue.in_doubt = None
                head = self.queue.head()
                if head is not None and head.expected_index is None:
                    head.index = self._cursor

        payload = {
            "run_id": self.run_id,
            "idempotency_key": batch.key,
            "expected_index": batch.index,
            "turns": [{"kind": "system", "event": "probe"}],
        }
        self._send_small(link, "runs.record_turns", payload, on_reply)

    def _send_small(
        self, link: Link, event: str, payload: dict[str, Any], on_reply: Callable[[Reply], None]
    ) -> None:
        text = encode(payload).decode()
        self._call(link, event, text, len(text), on_reply)

    def _completed(self, reply: Reply) -> None:
        if not reply["ok"]:
            self._recover(reply, "could not be completed")
            return
        self.over = "completed"
        self._on_over()

    def _recover(self, reply: Reply, what: str) -> None:
        """Schedules a retry, or gives up if a retry can't succeed."""
        if "lost" in reply:
            if reply["lost"] == "timeout":
                self._wait(0.0)
            return
        error = reply.get("error", {})
        code = str(error.get("code", "internal"))
        if code in _RETRIED_CODES:
            self._wait(float(error.get("retry_after_ms", 0)) / 1000)
            return
        message = f"the run {what}: {error_message(error)}"
        if code == "already_terminal" and error.get("status") != "completed":
            message = f"{message} It ended while this agent was offline, and this server doesn't reopen runs."
        self.fail(AgentError(code, message, issues=error.get("issues") or []))

    def _wait(self, at_least: float) -> None:
        self._not_before = time.monotonic() + self._backoff.next(at_least)
