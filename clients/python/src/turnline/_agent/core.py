"""An agent's sending thread and everything that its runs share."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Optional, Protocol

from .._delivery.address import Address
from .._delivery.delivery import RunDelivery, with_dropped
from .._delivery.link import Link, LinkOptions
from .._delivery.progress import ProgressReporter
from .._delivery.queue import Budget
from .._values.plain import message_of
from ..errors import AgentError
from .redaction import Redaction, RedactHook
from .signalling import StateLock

LOGGER = logging.getLogger("turnline")
#: Requests to cancel that came before the reply that names their run.
_MAX_EARLY_CANCELS = 256
_STOP_SECONDS = 1.0

ErrorHandler = Callable[[AgentError], object]


class CoreRun(Protocol):
    """What the core needs of a run."""

    delivery: RunDelivery
    reporter: ProgressReporter

    @property
    def ended(self) -> bool: ...

    def finish(self, status: Any, summary: Any, more: dict[str, Any]) -> None: ...

    def request_cancel(self, request: dict[str, Any]) -> None: ...

    def room_available(self) -> None: ...

    def reset_after_fork(self) -> None: ...


@dataclass(frozen=True)
class CoreOptions:
    address: Optional[Address]
    #: Why there is no address.
    address_error: Optional[str]
    token: Optional[str]
    client_id: Optional[str]
    redact: Optional[RedactHook]
    on_error: Optional[ErrorHandler]
    raise_errors: bool
    max_buffered_bytes: int
    ack_timeout: float
    reconnect_delay: float
    verify: Any
    #: What a run is started with unless it says otherwise.
    start_defaults: dict[str, Any]


class AgentCore:
    def __init__(self, options: CoreOptions) -> None:
        self.options = options
        self.redaction = Redaction(options.redact, self.report)
        self.exit_timeout = 0.0
        #: Called when the sending thread starts, in a forked process once more.
        self.on_start: Callable[[], None] = lambda: None
        self._reset()

    def _reset(self) -> None:
        self.state = StateLock()
        self.budget = Budget(self.options.max_buffered_bytes)
        self.pid = os.getpid()
        self.runs: dict[CoreRun, None] = {}
        self.stopped: Optional[AgentError] = None
        self._ready: dict[CoreRun, None] = {}
        self._timers: dict[CoreRun, float] = {}
        self._short_of_room: set[CoreRun] = set()
        self._early_cancels: dict[str, dict[str, Any]] = {}
        self._errors: deque[AgentError] = deque()
        self._thread: Optional[threading.Thread] = None
        self._link = self._new_link()

    # Called by runs.

    def add(self, run: CoreRun) -> None:
        with self.state.lock:
            if self.stopped is not None:
                run.delivery.fail(self.stopped, quietly=True)
                return
            self.runs[run] = None
            self.wake(run)

    def wake(self, run: CoreRun) -> None:
        """Looks at a run again; call it after every change, with the lock held."""
        self._ready[run] = None
        self._ensure_thread()
        self.state.wake_sender()

    def run_started(self, run: CoreRun) -> None:
        request = self._early_cancels.pop(run.delivery.run_id or "", None)
        if request is not None:
            run.request_cancel(request)

    def run_over(self, run: CoreRun) -> None:
        for known in (self.runs, self._ready, self._timers):
            known.pop(run, None)  # type: ignore[attr-defined]
        self._short_of_room.discard(run)
        self.state.state_changed()

    def await_room(self, run: CoreRun) -> None:
        """Calls the run back once the buffer has room again. With the lock held."""
        self._short_of_room.add(run)

    def report(self, error: AgentError) -> None:
        """Passes an error on from the sending thread, which holds no lock then; from here when there is none."""
        self._errors.append(error)
        if self._thread is None or not self._thread.is_alive():
            self._emit_errors()
        else:
            with self.state.lock:
                self.state.wake_sender()

    @property
    def address(self) -> str:
        """The server's address, without a password."""
        return str(self._link.address)

    @property
    def start_defaults(self) -> dict[str, Any]:
        return self.options.start_defaults

    def wake_all(self) -> None:
        """Looks at all runs again."""
        with self.state.lock:
            for run in self.runs:
                self._ready[run] = None
            self.state.wake_sender()

    @property
    def is_delivered(self) -> bool:
        return all(run.delivery.is_delivered for run in self.runs)

    def is_settled(self) -> bool:
        """Whether nothing is left to wait for."""
        return self.stopped is not None or self.is_delivered

    def stop(self, error: AgentError) -> None:
        """Ends everything for good."""
        with self.state.lock:
            if self.stopped is not None:
                return
            self.stopped = error
            dropped = sum(run.delivery.fail(error, quietly=True) for run in list(self.runs))
            self.state.wake_sender()
            self.state.state_changed()
            thread = self._thread
        if error.code != "closed":
            self._errors.append(AgentError(error.code, with_dropped(error.message, dropped), dropped_turns=dropped))
        if thread is threading.current_thread():
            return  # Its loop passes the errors on, once it holds no lock.
        if thread is not None:
            thread.join(_STOP_SECONDS)
        self._emit_errors()

    def reset_after_fork(self) -> None:
        """Makes this core usable in a forked process: the parent keeps the connection and what waits."""
        self._link.abandon()
        inherited = list(self.runs)
        stopped = self.stopped
        self._reset()
        self.stopped = stopped
        for run in inherited:
            run.reset_after_fork()
            self.runs[run] = None

    # The sending thread.

    def _new_link(self) -> Link:
        return Link(
            LinkOptions(
                address=self.options.address or Address("http", "invalid"),
                token=self.options.token,
                client_id=self.options.client_id,
                ack_timeout=self.options.ack_timeout,
                reconnect_delay=self.options.reconnect_delay,
                verify=self.options.verify,
                wake=self._wake_for_inbox,
                on_online=self._online,
                on_cancel=self._pass_cancel,
                on_error=self._link_error,
            )
        )

    def ensure_started(self) -> None:
        with self.state.lock:
            self._ensure_thread()

    def _ensure_thread(self) -> None:
        if self._thread is not None or self.stopped is not None:
            return
        self._thread = threading.Thread(target=self._run, name="turnline-sender", daemon=True)
        self.state.sender = self._thread
        self.on_start()
        try:
            self._link.start()
            self._thread.start()
        except RuntimeError:
            # The interpreter shuts down and starts no more threads.
            self._thread = None

    def _run(self) -> None:
        if self.options.address_error is not None:
            self._fail_for_good(AgentError("wrong_address", self.options.address_error))
        while self.stopped is None:
            try:
                self._work()
            except Exception as raised:
                # Whatever it was: the agent has no other thread that could deliver.
                error = AgentError("internal", f"the sending thread failed and continues: {message_of(raised)}")
                error.__cause__ = raised
                self._errors.append(error)
                time.sleep(_STOP_SECONDS)
            self._emit_errors()
        self._link.close()
        self._emit_errors()

    def _work(self) -> None:
        """One round of the sending thread: replies, commands, and a connection if there is none."""
        with self.state.lock:
            self._link.process()
            self._step_runs()
            seconds = self._idle_seconds()
            if seconds != 0 and not self._errors and self.stopped is None:
                self.state.wait_for_work(seconds)
        if not self._link.online and self.stopped is None:
            self._link.connect()

    def _step_runs(self) -> None:
        now = time.monotonic()
        for run in [run for run, due in self._timers.items() if due <= now]:
            del self._timers[run]
            self._ready[run] = None
        if self.budget.is_open and self._short_of_room:
            for run in list(self._short_of_room):
                self._short_of_room.discard(run)
                run.room_available()
        for run in list(self._ready):
            if not self._link.has_room:
                return
            self._ready.pop(run, None)
            self._step(run)

    def _step(self, run: CoreRun) -> None:
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

    def _wake_for_inbox(self) -> None:
        with self.state.lock:
            self.state.wake_sender()

    def _online(self) -> None:
        with self.state.lock:
            for run in self.runs:
                self._ready[run] = None

    def _pass_cancel(self, request: dict[str, Any]) -> None:
        run_id = str(request.get("run_id"))
        asked = [run for run in self.runs if run.delivery.run_id == run_id]
        for run in asked:
            run.request_cancel(request)
        if not asked:
            while len(self._early_cancels) >= _MAX_EARLY_CANCELS:
                self._early_cancels.pop(next(iter(self._early_cancels)))
            self._early_cancels[run_id] = request

    def _link_error(self, error: AgentError, final: bool) -> None:
        if final:
            self._fail_for_good(error)
        else:
            self._errors.append(error)

    def _fail_for_good(self, error: AgentError) -> None:
        self.stop(error)

    def _emit_errors(self) -> None:
        while self._errors:
            try:
                error = self._errors.popleft()
            except IndexError:
                return
            if self.options.on_error is None:
                LOGGER.warning("%s", error.message)
                continue
            try:
                self.options.on_error(error)
            except Exception as raised:
                LOGGER.warning("on_error raised (%s) for: %s", message_of(raised), error.message)
