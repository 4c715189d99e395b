"""What happens to agents when their process forks, is interrupted, or ends."""

from __future__ import annotations

import atexit
import os
import signal
import sys
import threading
import time
import weakref
from types import FrameType
from typing import Any, Callable, Optional, Union

from .._values.exceptions import describe_exception
from ..errors import AgentError
from .core import AgentCore
from .outcome import INTERRUPTED, outcome_of_exception

#: How long the exit of a process may be delayed: normally, and after an interruption.
EXIT_SECONDS = 10.0
INTERRUPTED_SECONDS = 0.6

_Handler = Union[Callable[[int, Optional[FrameType]], Any], int, None]


class _Process:
    """The agents of this process and the hooks installed for them."""

    def __init__(self) -> None:
        self.cores: weakref.WeakSet[AgentCore] = weakref.WeakSet()
        #: Agents that aren't closed yet. Referenced here, so that queued turns are delivered even if the
        #: caller drops the agent.
        self.open: set[AgentCore] = set()
        self.hooked = False
        self.hooked_multiprocessing_in = 0
        self.handles_signals = False
        self.interrupted_by: Optional[str] = None
        self.forking: list[AgentCore] = []


_process = _Process()


def register(core: AgentCore, exit_timeout: float) -> None:
    """Registers an agent, so that its queued turns are delivered when the process exits."""
    core.exit_timeout = exit_timeout
    _process.cores.add(core)
    _process.open.add(core)
    if not _process.hooked:
        _process.hooked = True
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(
                before=_before_fork, after_in_parent=_after_fork, after_in_child=_after_fork_in_child
            )
    core.on_start = _hook_multiprocessing


def _hook_multiprocessing() -> None:
    """Makes a forked `multiprocessing` process deliver its queued turns when it ends.

    Such a process runs its own finalizers instead of `atexit`.
    """
    util = sys.modules.get("multiprocessing.util")
    process = sys.modules.get("multiprocessing.process")
    if util is None or process is None or _process.hooked_multiprocessing_in == os.getpid():
        return
    if process.parent_process() is not None:
        _process.hooked_multiprocessing_in = os.getpid()
        util.Finalize(None, _at_exit, exitpriority=10)


def handle_signals() -> None:
    """Makes SIGTERM and SIGHUP end the open runs. If a signal already has a handler, that handler is called
    instead, and the runs end when the process exits.

    SIGINT needs no handler: Python turns it into a KeyboardInterrupt, which ends the runs.
    """
    _process.handles_signals = True
    if threading.current_thread() is not threading.main_thread():
        return
    for name in ("SIGTERM", "SIGHUP", "SIGBREAK"):
        number = getattr(signal, name, None)
        if number is None:
            continue
        before = signal.getsignal(number)
        if before is signal.SIG_IGN or before is None or getattr(before, "turnline", False):
            continue
        signal.signal(number, _make_handler(before))


def _make_handler(before: _Handler) -> Callable[[int, Optional[FrameType]], None]:
    def handle(number: int, frame: Optional[FrameType]) -> None:
        _process.interrupted_by = signal.Signals(number).name
        if callable(before):
            # The existing handler decides whether and how the process ends.
            before(number, frame)
            return
        end_all(
            {"status": "failure", "summary": INTERRUPTED, "signal": _process.interrupted_by},
            INTERRUPTED_SECONDS,
        )
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)

    handle.turnline = True  # type: ignore[attr-defined]
    return handle


def end_all(outcome: Optional[dict[str, Any]], seconds: Optional[float]) -> None:
    """Ends all open runs with the outcome, if there is one, then delivers and closes all agents."""
    cores = [core for core in _process.open if core.pid == os.getpid() and core.stopped is None]
    if outcome is not None:
        for core in cores:
            for run in list(core.runs):
                if not run.ended and not run.delivery.dormant:
                    run.finish(outcome.get("status"), outcome.get("summary"), outcome)
    began = time.monotonic()
    for core in cores:
        core.wake_all()
        allowed = core.exit_timeout if seconds is None else min(seconds, core.exit_timeout)
        left = max(0.0, began + allowed - time.monotonic())
        close(core, left, allowed)


def close(core: AgentCore, seconds: float, waited: Optional[float] = None) -> bool:
    """Waits at most `seconds` for everything to be delivered, then disconnects.

    Returns whether everything was delivered.
    """
    try:
        done = core.state.wait(core.is_settled, seconds)
    except KeyboardInterrupt:
        done = False
    return finish_closing(core, done, seconds if waited is None else waited)


def finish_closing(core: AgentCore, done: bool, waited: float) -> bool:
    """Disconnects after waiting for delivery. Returns whether everything was delivered."""
    if core.stopped is None:
        if done:
            core.stop(AgentError("closed", "the agent was closed"))
        else:
            core.stop(
                AgentError(
                    "undelivered", f"not everything was delivered to {core.address} within {waited:g} s"
                )
            )
    _process.open.discard(core)
    return core.stopped is not None and core.stopped.code == "closed"


def _at_exit() -> None:
    error = _uncaught_exception()
    if error is not None:
        status, summary, interrupted = outcome_of_exception(error)
        seconds = INTERRUPTED_SECONDS if interrupted or _process.handles_signals else None
        end_all({"status": status, "summary": summary, "error": describe_exception(error)}, seconds)
    elif _process.interrupted_by is not None:
        end_all(
            {"status": "failure", "summary": INTERRUPTED, "signal": _process.interrupted_by},
            INTERRUPTED_SECONDS,
        )
    else:
        end_all(None, None)


def _uncaught_exception() -> Optional[BaseException]:
    """Returns the exception that ends this process, if any.

    Python keeps the last exception whose traceback it printed.
    """
    if hasattr(sys, "ps1") or sys.flags.interactive:
        return None  # In an interactive session, the exception is from an earlier line.
    error = getattr(sys, "last_exc", None) or getattr(sys, "last_value", None)
    return error if isinstance(error, BaseException) else None


def _before_fork() -> None:
    _process.forking = [core for core in _process.cores if core.pid == os.getpid()]
    for core in _process.forking:
        core.state.lock.acquire()


def _after_fork() -> None:
    for core in reversed(_process.forking):
        core.state.lock.release()
    _process.forking = []


def _after_fork_in_child() -> None:
    for core in _process.forking:
        core.reset_after_fork()
    _process.forking = []
    _process.interrupted_by = None


# Exit handlers run in reverse order, so handlers that are registered after the import may record turns.
atexit.register(_at_exit)
