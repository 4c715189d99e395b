"""Gets a run past turns that the server never accepts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Callable, Optional

from .._values.turn import note_turn, shrink_turn
from ..errors import AgentError
from .queue import Batch, TurnQueue

#: A batch above this size is suspected to be the cause if the connection is lost three times while sending
#: it.
_SUSPECT_BYTES = 256 * 1024
_SUSPECT_LOSSES = 3
_INTERNAL_ATTEMPTS = 5


class BatchBisector:
    """Finds turns that the server refuses by halving batches, and replaces them with a note."""

    def __init__(self, queue: TurnQueue, report: Callable[[AgentError], None]) -> None:
        self._queue = queue
        self._report = report
        self._internal_errors = 0
        self._losses = 0
        #: Whether the run has as many turns as the server allows.
        self.is_full = False

    def accepted(self) -> None:
        """Call after a batch was stored."""
        self._internal_errors = 0
        self._losses = 0

    def is_about_turns(self, error: Mapping[str, Any]) -> bool:
        """Returns whether an error concerns the turns themselves, so that resending them is pointless. Call
        it once per error: an `internal` error counts as one only after several attempts.
        """
        if error.get("code") in ("invalid_params", "too_large"):
            return True
        if error.get("code") != "internal":
            return False
        self._internal_errors += 1
        return self._internal_errors >= _INTERNAL_ATTEMPTS

    def bisect(self, batch: Batch, error: Mapping[str, Any], dropped: Optional[str]) -> Optional[int]:
        """Splits the refused head batch, or replaces its only turn with a note.

        Returns how many turns were dropped, or None if even the note was refused.
        """
        self._internal_errors = 0
        if len(batch.turns) > 1:
            self._queue.split()
            return 0
        message = str(error.get("message", "refused"))
        if dropped == "run_turn_limit":
            return self._become_full(message)
        issues = error.get("issues") or []
        if batch.turns[0].is_note:
            return None
        self._report(
            AgentError("turn_refused", f"a turn was refused: {message}", dropped_turns=1, issues=issues)
        )
        attributes = {"refused": str(error.get("code")), "issues": [_issue_text(issue) for issue in issues]}
        self._queue.replace_first(
            note_turn("turn_refused", "A turn was refused by the server.", attributes), True
        )
        return 0

    def _become_full(self, message: str) -> int:
        self.is_full = True
        count = self._queue.clear()
        self._report(AgentError("too_large", message, dropped_turns=count))
        return count

    def misplaced(self, error: Mapping[str, Any]) -> int:
        """Drops the head batch, whose only turn has an `expected_index` that isn't the run's cursor.

        Returns how many turns were dropped.
        """
        message = f"a turn was not recorded: {error.get('message')}"
        self._report(AgentError("index_conflict", message, dropped_turns=1))
        return self._queue.acknowledge()

    def connection_lost(self, batch: Batch) -> None:
        """Call when the connection was lost while this batch was being sent."""
        if batch.size > _SUSPECT_BYTES:
            self._losses += 1

    def is_suspect(self, batch: Batch) -> bool:
        """Returns whether the connection was lost three times while sending this large batch.

        Its size may be the cause.
        """
        return self._losses >= _SUSPECT_LOSSES and batch.size > _SUSPECT_BYTES

    def lighten(self, batch: Batch) -> None:
        """Makes the head batch smaller.

        The original batch may still reach the server, over a connection that was abandoned. It and the
        smaller batch have the same index, so only one of them is stored.
        """
        self._losses = 0
        self._queue.split(is_refused=False)
        if len(batch.turns) == 1:
            lighter, left_out = shrink_turn(batch.turns[0].prepared, _SUSPECT_BYTES)
            self._report(cut_error(batch.size, left_out))
            self._queue.replace_first(lighter)


def cut_error(size: int, left_out: list[str]) -> AgentError:
    """The error for a turn that was recorded without its largest fields."""
    return AgentError("turn_cut", f"a turn of {size} bytes is too large; left out: {', '.join(left_out)}")


def _issue_text(issue: Any) -> str:
    return f"{issue.get('path')}: {issue.get('message')}" if isinstance(issue, Mapping) else str(issue)
