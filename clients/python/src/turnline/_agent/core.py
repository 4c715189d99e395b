"""What all runs of an agent share."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Optional, Protocol

from .._delivery.address import Address
from .._delivery.link import Link, LinkOptions
from .._delivery.queue import Budget
from .._delivery.error_messages import with_dropped
from ..errors import AgentError
from .error_reports import ErrorHandler, ErrorReports
from .redaction import RedactHook, Redaction
from .sender import Sender, SentRun
from .signaling import StateLock

#: Maximum number of cancellation requests that are kept for runs whose id isn't known yet.
_MAX_EARLY_CANCELS = 256
_STOP_SECONDS = 1.0


class CoreRun(SentRun, Protocol):
    """What the core needs from a run."""

    @property
    def ended(self) -> bool: ...

    def finish(self, status: Any, summary: Any, more: dict[str, Any]) -> None: ...

    def request_cancel(self, request: dict[str, Any]) -> None: ...

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
    #: The options of a run that doesn't set its own.
    start_defaults: dict[str, Any]


class AgentCore:
    def __init__(self, options: CoreOptions) -> None:
        self.options = options
        self.redaction = Redaction(options.redact, self.report)
        self.exit_timeout = 0.0
        #: Called when the sending thread starts, and again in a forked process.
        self.on_start: Callable[[], None] = lambda: None
        self._reset()

    def _reset(self) -> None:
        self.state = StateLock()
        self.budget = Budget(self.options.max_buffered_bytes)
        self.pid = os.getpid()
        self.runs: dict[CoreRun, None] = {}
        self.stopped: Optional[AgentError] = None
        self._early_cancels: dict[str, dict[str, Any]] = {}
        self._errors = ErrorReports(self.options.on_error)
        self._link = self._new_link()
        self._sender = Sender(
            self._link,
            self.state,
            self.budget,
            self._errors,
            begin=self._check_address,
            is_stopped=lambda: self.stopped is not None,
        )

    # Called by runs.

    def add(self, run: CoreRun) -> None:
        with self.state.lock:
            if self.stopped is not None:
                run.delivery.fail(self.stopped, quietly=True)
                return
            self.runs[run] = None
            self.wake(run)

    def wake(self, run: CoreRun) -> None:
        """Has the sending thread process a run. Call it after every change, with the lock held."""
        self._start_sender()
        self._sender.wake((run,))

    def run_started(self, run: CoreRun) -> None:
        request = self._early_cancels.pop(run.delivery.run_id or "", None)
        if request is not None:
            run.request_cancel(request)

    def run_over(self, run: CoreRun) -> None:
        self.runs.pop(run, None)
        self._sender.forget(run)
        self.state.state_changed()

    def await_room(self, run: CoreRun) -> None:
        """Calls `room_available` on the run once the buffer has room again. Call it with the lock held."""
        self._sender.await_room(run)

    def report(self, error: AgentError) -> None:
        """Has the sending thread report an error once that thread doesn't hold the lock.

        If that thread isn't running, reports the error immediately.
        """
        self._errors.add(error)
        if self._sender.is_alive:
            with self.state.lock:
                self.state.wake_sender()
        else:
            self._errors.emit()

    @property
    def address(self) -> str:
        """The server's address, without a password."""
        return str(self._link.address)

    def ensure_started(self) -> None:
        with self.state.lock:
            self._start_sender()

    def wake_all(self) -> None:
        """Has the sending thread process all runs."""
        with self.state.lock:
            self._sender.wake(self.runs)

    @property
    def is_delivered(self) -> bool:
        return all(run.delivery.is_delivered for run in self.runs)

    def is_settled(self) -> bool:
        """Whether everything is delivered, or nothing more will be."""
        return self.stopped is not None or self.is_delivered

    def stop(self, error: AgentError) -> None:
        """Stops the agent permanently."""
        with self.state.lock:
            if self.stopped is not None:
                return
            self.stopped = error
            dropped = sum(run.delivery.fail(error, quietly=True) for run in list(self.runs))
            self.state.wake_sender()
            self.state.state_changed()
        if error.code != "closed":
            self._errors.add(
                AgentError(error.code, with_dropped(error.message, dropped), dropped_turns=dropped)
            )
        if self._sender.is_current:
            return  # The sending thread's loop reports the errors.
        self._sender.join(_STOP_SECONDS)
        self._errors.emit()

    def reset_after_fork(self) -> None:
        """Makes this core usable in a forked process.

        The parent keeps the connection and the queued turns.
        """
        self._link.abandon()
        inherited = list(self.runs)
        stopped = self.stopped
        self._reset()
        self.stopped = stopped
        for run in inherited:
            run.reset_after_fork()
            self.runs[run] = None

    def _start_sender(self) -> None:
        if self._sender.is_started or self.stopped is not None:
            return
        self.on_start()
        self._sender.start()

    # Called in the sending thread.

    def _check_address(self) -> None:
        if self.options.address_error is not None:
            self.stop(AgentError("wrong_address", self.options.address_error))

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
                on_online=self.wake_all,
                on_cancel=self._pass_cancel,
                on_error=self._link_error,
            )
        )

    def _wake_for_inbox(self) -> None:
        with self.state.lock:
            self.state.wake_sender()

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
            self.stop(error)
        else:
            self._errors.add(error)
