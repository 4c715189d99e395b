"""Accepts a run's turns: stamps them, makes them fit, and counts those dropped for lack of memory."""

from __future__ import annotations

from typing import Any, Callable, Optional

from .. import _limits as limits
from .._delivery.bisector import cut_error
from .._delivery.queue import Budget, ChildRun, QueuedTurn, TurnQueue
from .._values.times import iso_of_ms, now_ms, read_time
from .._values.turn import note_turn, prepare_turn, read_number, shrink_turn
from ..errors import AgentError
from .redaction import Redaction

#: The size that a turn's JSON may have; the server adds its own fields to it.
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
        #: How many turns were put into the queue, notes included.
        self.recorded = 0
        self._dropped = 0
        self._began_at: Optional[float] = None

    @property
    def has_gap(self) -> bool:
        """Whether turns were dropped that no note stands for yet."""
        return self._dropped > 0

    def begin(self) -> None:
        """Something of the next turn was seen: its beginning, unless it has one already."""
        if self._began_at is None:
            self._began_at = now_ms()

    def prepare(
        self, fields: dict[str, Any], child: Optional[ChildRun], expected_index: Optional[int]
    ) -> QueuedTurn:
        """Makes a turn ready for the queue; the part that takes time, done without the lock."""
        began_at, self._began_at = self._began_at, None
        prepared = self._redaction.turn(prepare_turn(stamp_turn(fields, now_ms(), began_at)))
        if prepared.size > _MAX_TURN_BYTES:
            smaller, left_out = shrink_turn(prepared, _MAX_TURN_BYTES)
            self._report(cut_error(prepared.size, left_out))
            prepared = smaller
        return QueuedTurn(prepared, child, expected_index)

    def record(self, turn: QueuedTurn) -> None:
        """Puts a turn into the queue, or counts it when the buffer is full. With the lock held."""
        self.note_dropped(False)
        # Newer turns go behind the gap or nowhere: what is in the trace stays in order.
        if self._dropped == 0 and self._queue.push(turn):
            self.recorded += 1
            return
        self._dropped += 1
        if self._dropped == 1:
            self._report(
                AgentError("buffer_full", "the buffer is full; turns are dropped until there is room")
            )

    def note_dropped(self, force: bool) -> None:
        """Puts a note in place of the turns that had no room, if there is room now; `force`: room or not.

        With the lock held.
        """
        if self._dropped == 0 or not (force or self._budget.is_open):
            return
        count, self._dropped = self._dropped, 0
        self.recorded += 1
        note = note_turn(
            "turns_dropped", f"{count} turns were not recorded: the buffer was full.", {"count": count}
        )
        self._queue.push(QueuedTurn(note), force=True)

    def forget(self) -> None:
        """Forgets what was recorded: in a forked process it is the parent's to deliver."""
        self.recorded = 0
        self._dropped = 0
        self._queue.clear()


def stamp_turn(fields: dict[str, Any], now: float, began_at: Optional[float]) -> dict[str, Any]:
    """Gives a turn its times while they are known, since it may reach the server much later.

    With one of `started_at` and `duration_ms` the other follows from now; with neither, the turn began when
    progress was first reported for it, or else it is taken to be a moment: now, without a duration.
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
        # What no step takes is refused later; the end is known all the same.
        return {**fields, "started_at": iso_of_ms(now - elapsed if 0 <= elapsed < _MAX_ELAPSED_MS else now)}
    if began_at is not None:
        return {
            **fields,
            "started_at": iso_of_ms(began_at),
            "duration_ms": round(max(0.0, now - began_at), 3),
        }
    return {**fields, "started_at": iso_of_ms(now)}
