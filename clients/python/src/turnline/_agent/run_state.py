"""The state of a run, shared by its caller and the sending thread."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Callable, Optional

from .._delivery.delivery import RunDelivery
from .._delivery.progress import ProgressReporter
from .._delivery.queue import TurnQueue
from .._values.exceptions import describe_exception
from .._values.plain import message_of
from .._values.prepare import prepare_outcome, prepare_start, prepare_update
from .._values.times import now_ms
from .._values.turn import as_text
from ..errors import AgentError
from .cancellation import Cancellation
from .outcome import outcome_of_exception
from .recorder import TurnRecorder

if TYPE_CHECKING:
    from .core import AgentCore


class RunState:
    def __init__(self, core: AgentCore, start: dict[str, Any], parent: Optional[RunState] = None) -> None:
        self.core = core
        queue = TurnQueue(core.budget)
        self.recorder = TurnRecorder(queue, core.budget, core.redaction, self.report)
        self.delivery = RunDelivery(
            queue=queue,
            start=start,
            parent=parent,
            report=core.report,
            on_started=self._on_started,
            on_over=self._on_over,
            on_change=self._on_change,
        )
        self.reporter = ProgressReporter(core.redaction.progress, self._on_change)
        self.cancellation = Cancellation(self.callback_failed)
        #: Whether the caller has ended the run.
        self.ending = False
        self._refusal_reported = False
        #: Runs that are waiting for this run's id.
        self._dependents: list[RunState] = []
        if parent is not None:
            with core.state.lock:
                parent.add_dependent(self)
        core.add(self)

    @property
    def run_id(self) -> Optional[str]:
        return self.delivery.run_id

    @property
    def is_start_settled(self) -> bool:
        return self.delivery.is_start_settled

    @property
    def ended(self) -> bool:
        return self.ending or self.delivery.over is not None

    @property
    def error(self) -> Optional[AgentError]:
        over = self.delivery.over
        return over if isinstance(over, AgentError) else None

    def record(
        self, fields: dict[str, Any], child: Optional[RunState], expected_index: Optional[int]
    ) -> None:
        with self.attempt():
            if not self.may_record():
                return
            queued = self.recorder.prepare(fields, child, expected_index)
            with self.core.state.lock:
                if child is not None:
                    child.add_dependent(self)
                self.reporter.turn_recorded()
                self.recorder.record(queued)
                if self.recorder.has_gap:
                    self.core.await_room(self)
                self.wake()

    def report_progress(self, fields: dict[str, Any]) -> None:
        with self.attempt():
            if self.may_record():
                with self.core.state.lock:
                    if fields:
                        self.recorder.begin()
                    self.reporter.report(fields or None)
                    self.wake()

    def stream(self, text: str) -> None:
        """Appends to the text of the current progress."""
        with self.attempt():
            if self.may_record():
                with self.core.state.lock:
                    self.recorder.begin()
                    self.reporter.append(as_text(text))
                    self.wake()

    def update(self, fields: dict[str, Any]) -> None:
        """Changes the run's descriptive fields."""
        with self.attempt():
            if self.may_record():
                changed = self.core.redaction.start({"intent": "", **prepare_update(fields)})
                payload = {name: changed[name] for name in changed if fields.get(name) is not None}
                with self.core.state.lock:
                    self.delivery.update = {**(self.delivery.update or {}), **payload}
                    self.wake()

    def begin(self, activity: dict[str, Any]) -> Callable[[], None]:
        end: Callable[[], None] = _nothing
        with self.attempt():
            if self.may_record():
                with self.core.state.lock:
                    self.recorder.begin()
                    end = self.reporter.begin(activity)
                    self.wake()
        return end

    def finish(self, status: Any, summary: Any, more: dict[str, Any]) -> None:
        """Ends the run once everything recorded is stored."""
        with self.attempt():
            outcome = prepare_outcome(status, summary, {"timestamp": now_ms(), **more})
            safe = self.core.redaction.outcome(outcome)
            with self.core.state.lock:
                if self.ended:
                    return
                self.ending = True
                self.recorder.note_dropped(True)
                self.delivery.outcome = safe
                self.wake()

    def finish_block(self, error: Optional[BaseException]) -> bool:
        """Ends the run when its `with` block ends, unless the run has already ended.

        Returns whether the block was interrupted.
        """
        status, summary, interrupted = outcome_of_exception(error, self.cancellation.request)
        if not self.ended:
            more = {} if error is None or status == "done" else {"error": describe_exception(error)}
            self.finish(status, summary, more)
        return interrupted

    def settled(self) -> Callable[[], bool]:
        """Returns a condition that is true once everything recorded so far is stored or given up."""
        delivery, goal = self.delivery, self.recorder.recorded
        return lambda: (
            delivery.over is not None or (delivery.is_start_settled and delivery.settled_turns >= goal)
        )

    def is_over(self) -> bool:
        return self.delivery.over is not None

    def raise_if_wanted(self, waited: float) -> None:
        """Raises the reason why something wasn't stored, if `raise_errors` is set."""
        if self.core.options.raise_errors:
            message = f"not stored within {waited:g} s; delivery continues"
            raise self.error or AgentError("unreachable", message, run_id=self.run_id)

    def may_record(self) -> bool:
        is_full = self.delivery.bisector.is_full
        if not self.ended and not is_full:
            return True
        ended = (
            AgentError("too_large", "the run is full")
            if is_full
            else AgentError("closed", "the run was completed")
        )
        error = self.error or ended
        if self.core.options.raise_errors:
            raise error
        # An error that ended the run was already reported. A call after `complete` is the caller's mistake.
        if self.ending and not self._refusal_reported:
            self._refusal_reported = True
            self.report(error)
        return False

    @contextmanager
    def attempt(self) -> Iterator[None]:
        """A block whose exceptions are reported instead of raised, unless `raise_errors` is set."""
        try:
            yield
        except Exception as raised:
            if self.core.options.raise_errors:
                raise
            error = AgentError("internal", f"could not record: {message_of(raised)}")
            error.__cause__ = raised
            self.report(error)

    def report(self, error: AgentError) -> None:
        self.core.report(error.for_run(self.run_id))

    def wake(self) -> None:
        self.delivery.dormant = False
        self.core.wake(self)

    def add_dependent(self, run: RunState) -> None:
        """Wakes another run once this run's id is settled. Call it with the lock held."""
        if not self.is_start_settled:
            self._dependents.append(run)

    # Called by the core with the lock held.

    def request_cancel(self, request: dict[str, Any]) -> None:
        self.cancellation.receive(request)

    def room_available(self) -> None:
        if self.delivery.over is None:
            self.recorder.note_dropped(False)
            self.wake()

    def reset_after_fork(self) -> None:
        self.delivery.reset_after_fork()
        self.recorder.forget()
        self._dependents = []

    def callback_failed(self, raised: BaseException) -> None:
        """Reports that a cancel handler raised."""
        error = AgentError("callback_failed", f"an on_cancel handler raised: {message_of(raised)}")
        error.__cause__ = raised
        self.report(error)

    def _on_started(self) -> None:
        self.core.run_started(self)
        self._wake_dependents()

    def _on_over(self) -> None:
        self.core.run_over(self)
        self._wake_dependents()

    def _on_change(self) -> None:
        if self.delivery.over is None:
            self.core.wake(self)
        self.core.state.state_changed()

    def _wake_dependents(self) -> None:
        dependents, self._dependents = self._dependents, []
        for run in dependents:
            if not run.delivery.dormant:
                self.core.wake(run)


def new_run_state(core: AgentCore, fields: dict[str, Any], parent: Optional[RunState] = None) -> RunState:
    """Starts a run with these fields. Missing fields get the agent's defaults."""
    start = prepare_start({**core.options.start_defaults, **fields})
    return RunState(core, core.redaction.start(start), parent)


def _nothing() -> None:
    pass
