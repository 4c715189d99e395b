"""The queued turns of a run, and a limit for their memory."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Optional, Protocol

from .. import _limits as limits
from .._values.prepare import random_key
from .._values.text import encode
from .._values.turn import PreparedTurn

#: Approximate memory of a queued turn in addition to its JSON.
TURN_OVERHEAD_BYTES = 512
#: Maximum size of a batch, far below the message limit, so that even on slow connections batches are
#: acknowledged in time.
BATCH_BYTES = limits.MIB


class ChildRun(Protocol):
    """A run that a turn handed off to. Its id is known once the run is stored."""

    @property
    def run_id(self) -> Optional[str]: ...

    @property
    def is_start_settled(self) -> bool:
        """Whether `run_id` is final: it is known, or never will be."""
        ...


class Budget:
    """The memory that all runs of an agent may use for queued turns.

    After filling up, the budget accepts turns again once at most three quarters are used, to avoid flapping.
    """

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._used = 0
        self._full = False

    @property
    def used(self) -> int:
        return self._used

    @property
    def is_open(self) -> bool:
        """Whether a turn of moderate size would be accepted now."""
        return not self._full or self._used <= self._max_bytes * 0.75

    def take(self, size: int) -> bool:
        """Reserves memory for a turn. Returns False, and reserves nothing, if there isn't enough.

        An empty buffer accepts a turn of any size.
        """
        if not self.is_open:
            return False
        self._full = self._used > 0 and self._used + size > self._max_bytes
        if not self._full:
            self._used += size
        return not self._full

    def force(self, size: int) -> None:
        """Reserves memory even if the budget is exhausted, for a note about lost turns."""
        self._used += size

    def free(self, size: int) -> None:
        self._used -= size


@dataclass(frozen=True)
class QueuedTurn:
    prepared: PreparedTurn
    child: Optional[ChildRun] = None
    #: The only index at which the turn may be recorded.
    expected_index: Optional[int] = None
    #: Whether this turn is a note that replaces a refused turn.
    is_note: bool = False

    @property
    def cost(self) -> int:
        return self.prepared.size + TURN_OVERHEAD_BYTES

    @property
    def is_ready(self) -> bool:
        return self.child is None or self.child.is_start_settled

    def wire(self) -> bytes:
        if self.child is None or self.child.run_id is None:
            return self.prepared.json
        # Every prepared turn with a child has at least one field, so the comma is correct.
        return self.prepared.json[:-1] + b',"child_run_id":' + encode(self.child.run_id) + b"}"


@dataclass
class Batch:
    """Turns sent under one idempotency key until the server replies."""

    key: str
    turns: tuple[QueuedTurn, ...]
    json: tuple[bytes, ...]
    size: int
    #: The expected index of its only turn, if the caller set one.
    expected_index: Optional[int]
    #: The only index at which the server may store the batch. Set when the batch is first sent.
    index: Optional[int] = None


class TurnQueue:
    """A run's queued turns, in order.

    The turns at the head form a batch, which doesn't change until it is acknowledged or split, or its only
    turn is replaced: a key always identifies the same turns.
    """

    def __init__(self, budget: Budget) -> None:
        self._budget = budget
        self._turns: deque[QueuedTurn] = deque()
        self._batch: Optional[Batch] = None
        #: The batch that was split to form the head, if the server may have stored it.
        self.in_doubt: Optional[Batch] = None
        self._next_limit = limits.TURNS_PER_BATCH

    def __len__(self) -> int:
        return len(self._turns)

    def push(self, turn: QueuedTurn, force: bool = False) -> bool:
        """Appends a turn.

        Returns False, and drops the turn, if the budget is exhausted. `force` ignores the budget.
        """
        if force:
            self._budget.force(turn.cost)
        elif not self._budget.take(turn.cost):
            return False
        self._turns.append(turn)
        return True

    def head(self) -> Optional[Batch]:
        """Returns the batch to send, or None if the queue is empty or its first turn needs its child's id."""
        if self._batch is not None:
            return self._batch
        taken: list[QueuedTurn] = []
        size = 0
        for turn in self._turns:
            if len(taken) >= self._next_limit or not turn.is_ready:
                break
            if taken and (size + turn.prepared.size > BATCH_BYTES or turn.expected_index is not None):
                break
            taken.append(turn)
            size += turn.prepared.size
            if turn.expected_index is not None:
                break
        if taken:
            wire = tuple(turn.wire() for turn in taken)
            self._batch = Batch(random_key(), tuple(taken), wire, size, taken[0].expected_index)
        return self._batch

    def acknowledge(self) -> int:
        """Removes the head batch after it was stored or abandoned. Returns how many turns it had."""
        count = self.drop(0 if self._batch is None else len(self._batch.turns))
        # Grows again after a split, so that one bad turn doesn't reduce the run to small batches for good.
        self._next_limit = min(limits.TURNS_PER_BATCH, self._next_limit * 2)
        return count

    def drop(self, count: int) -> int:
        """Removes the first `count` turns. Returns how many there were."""
        for _ in range(count):
            self._budget.free(self._turns.popleft().cost)
        self._batch = self.in_doubt = None
        return count

    def split(self, is_refused: bool = True) -> None:
        """Halves the head batch. Its turns are sent again under new keys.

        `is_refused` means that the batch is known not to be stored.
        """
        if self._batch is not None:
            self._next_limit = max(1, len(self._batch.turns) // 2)
        if not is_refused:
            self.in_doubt = self.in_doubt or self._batch
        self._batch = None

    def replace_first(self, prepared: PreparedTurn, is_note: bool = False) -> None:
        """Replaces the first turn, which isn't stored."""
        first = self._turns[0]
        turn = QueuedTurn(prepared, None if is_note else first.child, first.expected_index, is_note)
        self._budget.free(first.cost)
        self._budget.force(turn.cost)
        self._turns[0] = turn
        self._batch = None

    def clear(self) -> int:
        """Removes all turns. Returns how many there were."""
        count = len(self._turns)
        for turn in self._turns:
            self._budget.free(turn.cost)
        self._turns.clear()
        self._batch = self.in_doubt = None
        return count
