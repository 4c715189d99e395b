"""Gets a run past turns that the server never accepts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Callable, Optional

from .._values.turn import note_turn, shrink_turn
from ..errors import AgentError
from .queue import Batch, TurnQueue

#: A batch over this size that goes down with its connection three times is taken to be the reason.
_SUSPECT_BYTES = 256 * 1024
_SUSPECT_LOSSES = 3
_INTERNAL_ATTEMPTS = 5


class BatchBisector:
    """Finds the turns that the server refuses by halving batches, and puts a note in their place."""

    def __init__(self, queue: TurnQueue, report: Callable[[AgentError], None]) -> None:
        self._queue = queue
        self._report = report
        self._internal_errors = 0
        self._losses = 0
        #: Whether the run holds as many turns as the server allows.
        self.is_full = False

    def accepted(self) -> None:
        """A batch was stored."""
        self._internal_errors = 0
        self._losses = 0

    def is_about_turns(self, error: Mapping[str, Any]) -> bool:
        """Whether an error is about the turns themselves: resending them unchanged would fail again."""
        if error.get("code") in ("invalid_params", "too_large"):
            return True
        if error.get("code") != "internal":
            return False
        self._internal_errors += 1
        return self._internal_errors >= _INTERNAL_ATTEMPTS

    def bisect(self, batch: Batch, error: Mapping[str, Any], dropped: Optional[str]) -> Optional[int]:
        """Makes the refused head batch smaller, down to the turn to blame; how many turns are given up, or
        None when even a note is refused.
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
        """The run is at another cursor than the author expected for the head batch, a single turn; how many
        turns are given up.
        """
        message = f"a turn was not recorded: {error.get('message')}"
        self._report(AgentError("index_conflict", message, dropped_turns=1))
        return self._queue.acknowledge()

    def connection_lost(self, batch: Batch) -> None:
        """The connection went down while this batch was on its way."""
        if batch.size > _SUSPECT_BYTES:
            self._losses += 1

    def lighten(self, cursor: int) -> None:
        """Makes the head batch smaller if three connections went down with it and the run's cursor says that
        it isn't stored.

        It may still arrive late, over a connection that was given up. Both it and its parts name the index at
        which alone they may be stored, so that only one of them is.
        """
        batch = self._queue.head() if self._losses >= _SUSPECT_LOSSES else None
        if batch is None or batch.index != cursor:
            return
        self._losses = 0
        if batch.size <= _SUSPECT_BYTES or self._queue.is_uncertain:
            return
        self._queue.split(is_certain=False)
        if len(batch.turns) == 1:
            lighter, left_out = shrink_turn(batch.turns[0].prepared, _SUSPECT_BYTES)
            self._report(cut_error(batch.size, left_out))
            self._queue.replace_first(lighter)


def cut_error(size: int, left_out: list[str]) -> AgentError:
    """The error for a turn that was recorded without its largest fields."""
    return AgentError("turn_cut", f"a turn of {size} bytes is too large; left out: {', '.join(left_out)}")


def _issue_text(issue: Any) -> str:
    return f"{issue.get('path')}: {issue.get('message')}" if isinstance(issue, Mapping) else str(issue)
