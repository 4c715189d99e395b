"""Accepts a run's turns: sets their times, makes them fit the limits, and counts those that are dropped."""

from __future__ import annotations

from typing import Any, Callable, Optional

from .. import _limits as limits
from .._delivery.bisector import cut_error
from .._delivery.queue import Budget, ChildRun, QueuedTurn, TurnQueue
from .._values.times import iso_of_ms, now_ms, read_time
from .._values.turn import note_turn, prepare_turn, read_number, shrink_turn
from ..errors import AgentError
from .redaction import Redaction

#: Maximum size of a turn's JSON, with a margin for fields that the server adds.
_MAX_TURN_BYTES = limits.MAX_TURN_BYTES - 8 * limits.KIB
_MAX_ELAPSED_MS = 20 * 366 * 86_400_000


class TurnRecorder:
    def __init__(
        self, queue: TurnQueue, budget: Budget, redaction: Redaction, report: Callable[[AgentError], None]
    ) -> None:
        self._queue = queue
        self._budget = budget
        self._redaction = redaction
        self._report = report
        #: How many turns were queued, including notes.
        self.recorded = 0
        self._dropped = 0
        self._began_at: Optional[float] = None

    @property
    def has_gap(self) -> bool:
        """Whether turns were dropped and no note about them is queued yet."""
        return self._dropped > 0

    def begin(self) -> None:
        """Marks now as the start of the next turn, unless a start is already marked."""
        if self._began_at is None:
            self._began_at = now_ms()

    def prepare(
        self, fields: dict[str, Any], child: Optional[ChildRun], expected_index: Optional[int]
    ) -> QueuedTurn:
        """Prepares a turn for the queue. This takes time, so call it without the lock."""
        began_at, self._began_at = self._began_at, None
        prepared = self._redaction.turn(prepare_turn(stamp_turn(fields, now_ms(), began_at)))
        if prepared.size > _MAX_TURN_BYTES:
            smaller, left_out = shrink_turn(prepared, _MAX_TURN_BYTES)
            self._report(cut_error(prepared.size, left_out))
            prepared = smaller
        return QueuedTurn(prepared, child, expected_index)

    def record(self, turn: QueuedTurn) -> None:
        """Queues a turn, or only counts it if the buffer is full. Call it with the lock held."""
        self.note_dropped(False)
        # Once a turn was dropped, newer turns are dropped too until a note is queued, so that the trace stays
        # in order.
        if self._dropped == 0 and self._queue.push(turn):
            self.recorded += 1
            return
        self._dropped += 1
        if self._dropped == 1:
            self._report(
                AgentError("buffer_full", "the buffer is full; turns are dropped until there is room")
            )

    def note_dropped(self, force: bool) -> None:
        """Queues a note in place of dropped turns once there is room, or immediately with `force`.

        Call it with the lock held.
        """
        if self._dropped == 0 or not (force or self._budget.is_open):
            return
        count, self._dropped = self._dropped, 0
        self.recorded += 1
        note = note_turn(
            "turns_dropped",
            f"{count} turns were dropped because the agent's buffer was full.",
            {"count": count},
        )
        self._queue.push(QueuedTurn(note), force=True)

    def forget(self) -> None:
        """Discards what was recorded before a fork. Call it in the forked process: the parent delivers it."""
        self.recorded = 0
        self._dropped = 0
        self._queue.clear()


def stamp_turn(fields: dict[str, Any], now: float, began_at: Optional[float]) -> dict[str, Any]:
    """Sets a turn's times when it is recorded, because it may reach the server much later.

    If only one of `started_at` and `duration_ms` is given, the other is computed. If neither is, the turn
    started when progress was first reported for it (`began_at`); without progress, it starts now and has no
    duration.
    """
    started_at, duration = fields.get("started_at"), fields.get("duration_ms")
    if started_at is not None:
        moment = read_time(started_at)
        elapsed = None if moment is None else now - moment.timestamp() * 1000
        if duration is not None or elapsed is None or elapsed < 0:
            return fields
        return {**fields, "duration_ms": round(elapsed, 3)}
    if duration is not None:
        elapsed = read_number(duration) or 0.0
        # An implausible duration is refused later.
        return {**fields, "started_at": iso_of_ms(now - elapsed if 0 <= elapsed < _MAX_ELAPSED_MS else now)}
    if began_at is not None:
        return {
            **fields,
            "started_at": iso_of_ms(began_at),
            "duration_ms": round(max(0.0, now - began_at), 3),
        }
    return {**fields, "started_at": iso_of_ms(now)}
