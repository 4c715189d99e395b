"""The turns of a run that wait for the server, and the memory that they may take."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Optional, Protocol

from .. import _limits as limits
from .._values.prepare import random_key
from .._values.text import encode
from .._values.turn import PreparedTurn

#: What a turn and its place in a queue cost beside its JSON, roughly.
TURN_OVERHEAD_BYTES = 512
#: A batch is closed at this size, far below the message limit, so that a slow line still replies in time.
BATCH_BYTES = limits.MIB


class ChildRun(Protocol):
    """A run that a turn handed off to; its id is known once it is stored."""

    @property
    def run_id(self) -> Optional[str]: ...

    @property
    def is_start_settled(self) -> bool:
        """Whether `run_id` won't change any more: known, or never to be."""
        ...


class Budget:
    """The memory that all runs of an agent may use for waiting turns.

    Once full it opens again at three quarters, to avoid flapping.
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
        """Whether a turn may be taken now, if it is not too large."""
        return not self._full or self._used <= self._max_bytes * 0.75

    def take(self, size: int) -> bool:
        """Reserves room for a turn; False, with nothing reserved, when there is none.

        An empty buffer takes a turn of any size.
        """
        if not self.is_open:
            return False
        self._full = self._used > 0 and self._used + size > self._max_bytes
        if not self._full:
            self._used += size
        return not self._full

    def force(self, size: int) -> None:
        """Reserves room whether there is any or not: for a note that says what was lost."""
        self._used += size

    def free(self, size: int) -> None:
        self._used -= size


@dataclass(frozen=True)
class QueuedTurn:
    prepared: PreparedTurn
    child: Optional[ChildRun] = None
    #: The cursor at which alone the turn may be appended.
    expected_index: Optional[int] = None
    #: Whether it stands for a turn that was refused.
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
        # Every prepared turn with a child has at least the field before it.
        return self.prepared.json[:-1] + b',"child_run_id":' + encode(self.child.run_id) + b"}"


@dataclass
class Batch:
    """Turns under one idempotency key: the same turns under the same key until the server has replied."""

    key: str
    turns: tuple[QueuedTurn, ...]
    json: tuple[bytes, ...]
    size: int
    #: What the author of its only turn expects.
    expected_index: Optional[int]
    #: The only index at which the server may store it; set when it is first sent.
    index: Optional[int] = None


class TurnQueue:
    """A run's waiting turns, in order.

    The turns at the head form one batch, which stays as it is until it is acknowledged, split, or its only
    turn replaced: whatever is sent again under a key is the same.
    """

    def __init__(self, budget: Budget) -> None:
        self._budget = budget
        self._turns: deque[QueuedTurn] = deque()
        self._batch: Optional[Batch] = None
        #: A batch that was split without knowing for certain that it isn't stored.
        self._uncertain: Optional[Batch] = None
        self._next_limit = limits.TURNS_PER_BATCH

    def __len__(self) -> int:
        return len(self._turns)

    def push(self, turn: QueuedTurn, force: bool = False) -> bool:
        """Appends a turn; False, with nothing kept, when the budget is spent (`force`: never)."""
        if force:
            self._budget.force(turn.cost)
        elif not self._budget.take(turn.cost):
            return False
        self._turns.append(turn)
        return True

    def head(self) -> Optional[Batch]:
        """The batch to send now; None when nothing waits, or the first turn waits for its child's id."""
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
        """Removes the head batch, which is stored or given up; how many turns that were."""
        count = 0 if self._batch is None else len(self._batch.turns)
        for _ in range(count):
            self._budget.free(self._turns.popleft().cost)
        self._batch = self._uncertain = None
        # Doubles after a split, so that one bad turn doesn't leave a run in small batches.
        self._next_limit = min(limits.TURNS_PER_BATCH, self._next_limit * 2)
        return count

    def split(self, is_certain: bool = True) -> None:
        """The head batch is not stored: its turns are sent again in halves, under new keys.

        Unless that `is_certain`, `restore` undoes it.
        """
        if self._batch is not None:
            self._next_limit = max(1, len(self._batch.turns) // 2)
        self._uncertain = None if is_certain else self._uncertain or self._batch
        self._batch = None

    @property
    def is_uncertain(self) -> bool:
        """Whether the head is a part of a batch that may be stored."""
        return self._uncertain is not None

    def restore(self) -> bool:
        """Makes the batch that was split uncertainly the head again, under its key and index.

        False if there is none.
        """
        if self._uncertain is None:
            return False
        self._batch, self._uncertain = self._uncertain, None
        self._swap_first(self._batch.turns[0])
        return True

    def replace_first(self, prepared: PreparedTurn, is_note: bool = False) -> None:
        """Puts another turn in place of the first, which was refused and is not stored."""
        first = self._turns[0]
        child = None if is_note else first.child
        self._swap_first(QueuedTurn(prepared, child, first.expected_index, is_note))
        self._batch = None

    def _swap_first(self, turn: QueuedTurn) -> None:
        self._budget.free(self._turns[0].cost)
        self._budget.force(turn.cost)
        self._turns[0] = turn

    def clear(self) -> int:
        """Drops everything; how many turns that were."""
        count = len(self._turns)
        for turn in self._turns:
            self._budget.free(turn.cost)
        self._turns.clear()
        self._batch = self._uncertain = None
        return count
