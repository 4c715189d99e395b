"""The thread that sends an agent's runs to the server."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable
from typing import Callable, Optional, Protocol

from .._delivery.delivery import RunDelivery
from .._delivery.link import Link
from .._delivery.progress import ProgressReporter
from .._delivery.queue import Budget
from .._values.plain import message_of
from ..errors import AgentError
from .error_reports import ErrorReports
from .signaling import StateLock

_PAUSE_AFTER_BUG = 1.0


class SentRun(Protocol):
    """What the sender needs from a run."""

    delivery: RunDelivery
    reporter: ProgressReporter

    def room_available(self) -> None: ...


class Sender:
    """Processes runs that have changed or whose timer is due, and maintains the connection.

    Everything except the thread's own loop is called with the agent's lock held.
    """

    def __init__(
        self,
        link: Link,
        state: StateLock,
        budget: Budget,
        errors: ErrorReports,
        *,
        begin: Callable[[], None],
        is_stopped: Callable[[], bool],
    ) -> None:
        self._link = link
        self._state = state
        self._budget = budget
        self._errors = errors
        #: Called once when the thread starts.
        self._begin = begin
        self._is_stopped = is_stopped
        self._thread: Optional[threading.Thread] = None
        self._ready: dict[SentRun, None] = {}
        self._timers: dict[SentRun, float] = {}
        self._short_of_room: set[SentRun] = set()

    @property
    def is_started(self) -> bool:
        return self._thread is not None

    @property
    def is_alive(self) -> bool:
        return self._thread is not None and self._thread.is_alive()

    @property
    def is_current(self) -> bool:
        """Whether this is the sending thread."""
        return self._thread is threading.current_thread()

    def start(self) -> None:
        """Starts the thread, unless the interpreter is shutting down and can't start threads anymore."""
        self._thread = threading.Thread(target=self._run, name="turnline-sender", daemon=True)
        self._state.sender = self._thread
        try:
            self._link.start()
            self._thread.start()
        except RuntimeError:
            self._thread = None

    def join(self, seconds: float) -> None:
        if self._thread is not None:
            self._thread.join(seconds)

    def wake(self, runs: Iterable[SentRun]) -> None:
        """Has the thread process these runs."""
        for run in runs:
            self._ready[run] = None
        self._state.wake_sender()

    def forget(self, run: SentRun) -> None:
        self._ready.pop(run, None)
        self._timers.pop(run, None)
        self._short_of_room.discard(run)

    def await_room(self, run: SentRun) -> None:
        """Calls `room_available` on the run once the buffer has room again."""
        self._short_of_room.add(run)

    def _run(self) -> None:
        self._begin()
        while not self._is_stopped():
            try:
                self._work()
            except Exception as raised:
                # The thread must survive any exception, since no other thread could deliver the turns.
                error = AgentError(
                    "internal", f"the sending thread failed and continues: {message_of(raised)}"
                )
                error.__cause__ = raised
                self._errors.add(error)
                time.sleep(_PAUSE_AFTER_BUG)
            self._errors.emit()
        self._link.close()
        self._errors.emit()

    def _work(self) -> None:
        """Handles replies, sends commands, and connects if there is no connection."""
        with self._state.lock:
            self._link.process()
            self._step_runs()
            seconds = self._idle_seconds()
            if seconds != 0 and not self._errors and not self._is_stopped():
                self._state.wait_for_work(seconds)
        if not self._link.online and not self._is_stopped():
            self._link.connect()

    def _step_runs(self) -> None:
        now = time.monotonic()
        for run in [run for run, due in self._timers.items() if due <= now]:
            del self._timers[run]
            self._ready[run] = None
        if self._budget.is_open and self._short_of_room:
            for run in list(self._short_of_room):
                self._short_of_room.discard(run)
                run.room_available()
        for run in list(self._ready):
            if not self._link.has_room:
                return
            self._ready.pop(run, None)
            self._step(run)

    def _step(self, run: SentRun) -> None:
        delivery, reporter = run.delivery, run.reporter
        delivery.step(self._link)
        due = delivery.retry_at()
        if delivery.run_id is not None and delivery.is_quiet(self._link):
            reporter.step(self._link, delivery.run_id)
            due = reporter.due_at()
        if due is not None and delivery.over is None:
            self._timers[run] = due

    def _idle_seconds(self) -> Optional[float]:
        if self._ready and self._link.has_room:
            return 0.0
        deadline = self._link.next_deadline()
        times = [*self._timers.values(), *([] if deadline is None else [deadline])]
        return max(0.0, min(times) - time.monotonic()) if times else None
