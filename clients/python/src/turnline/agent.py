"""Agents: connections to a Turnline server."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any, Generic, Optional, TypeVar, Union

from . import _limits as limits
from ._agent.core import AgentCore, CoreOptions
from ._agent.error_reports import ErrorHandler
from ._agent.options import StartOptions, start_fields, with_parameters_of
from ._agent.process import EXIT_SECONDS, close, handle_signals, register
from ._agent.redaction import RedactHook
from ._agent.run_state import RunState, new_run_state
from ._delivery.address import Address, AddressError, parse_address
from .run import INTERRUPTED_SECONDS, WAIT_SECONDS, Run, RunBase

if TYPE_CHECKING:
    from typing_extensions import Self, Unpack

DEFAULT_URL = "http://127.0.0.1:3000"
DEFAULT_BUFFER_BYTES = 64 * limits.MIB
CLOSE_SECONDS = 10.0

AnyRun = TypeVar("AnyRun", bound=RunBase)


class AgentBase(Generic[AnyRun]):
    """What sync and async agents have in common."""

    _run_type: Callable[[RunState], AnyRun]

    def __init__(
        self,
        url: Optional[str] = None,
        token: Optional[str] = None,
        *,
        agent_id: Optional[str] = None,
        agent_name: Optional[str] = None,
        client_id: Optional[str] = None,
        on_error: Optional[ErrorHandler] = None,
        redact: Optional[RedactHook] = None,
        raise_errors: bool = False,
        flush_on_exit: bool = False,
        exit_timeout: float = EXIT_SECONDS,
        max_buffered_bytes: int = DEFAULT_BUFFER_BYTES,
        ack_timeout: float = 30.0,
        reconnect_delay: float = 0.7,
        verify: Union[bool, str] = True,
    ) -> None:
        address, address_error = _read_address(url or os.environ.get("TURNLINE_URL") or DEFAULT_URL)
        given_token = _read_token(token if token is not None else os.environ.get("TURNLINE_TOKEN"))
        defaults = {"agent_id": agent_id, "agent_name": agent_name}
        self._core = AgentCore(
            CoreOptions(
                address=address,
                address_error=address_error,
                token=given_token,
                client_id=None if client_id is None else str(client_id)[: limits.CLIENT_ID_CHARS],
                redact=redact,
                on_error=on_error,
                raise_errors=raise_errors,
                max_buffered_bytes=max_buffered_bytes,
                ack_timeout=ack_timeout,
                reconnect_delay=reconnect_delay,
                verify=verify,
                start_defaults={name: value for name, value in defaults.items() if value is not None},
            )
        )
        register(self._core, exit_timeout)
        if flush_on_exit:
            handle_signals()
        self._core.ensure_started()

    @property
    def url(self) -> str:
        """The server's address."""
        return self._core.address

    def start_run(
        self,
        intent: str = "",
        agent_id: Optional[str] = None,
        labels: Optional[Mapping[str, Any]] = None,
        idempotency_key: Optional[str] = None,
        **options: Unpack[StartOptions],
    ) -> AnyRun:
        """Starts a run and returns immediately; turns may be recorded right away.

        `intent` describes in a sentence what the run is for. Starting a run with the `idempotency_key` of an
        earlier run of the same agent returns that run; use a key for jobs that another process may retry.
        `run.started()` waits until the run is durable. Further options: `agent_name`, `outcome_description`,
        `parent`, `continues` (an earlier run), `grace_ms` (how long the run waits for a disconnected agent
        before it becomes incomplete), `started_at`, `source`.
        """
        fields = start_fields(
            intent, agent_id=agent_id, labels=labels, idempotency_key=idempotency_key, **options
        )
        return self._run_type(new_run_state(self._core, fields))

    #: For `with agent.run(intent="…") as run:`.
    run = start_run

    def resume_run(self, run_id: str) -> AnyRun:
        """Takes over a run that another connection or process started."""
        return self._run_type(RunState(self._core, {"run_id": str(run_id)}))

    def __repr__(self) -> str:
        return f"<turnline agent at {self.url}>"

    def __reduce__(self) -> Any:
        raise TypeError("an agent can't be pickled; connect in the other process")


class Agent(AgentBase[Run]):
    """A connection to Turnline and the runs that it writes. Created by `connect_agent`."""

    _run_type = Run

    def flush(self, timeout: float = WAIT_SECONDS) -> bool:
        """Waits until everything recorded by all runs is stored.

        Returns False after the timeout; delivery continues.
        """
        core = self._core
        return core.state.wait(lambda: core.is_delivered, timeout) and core.stopped is None

    def close(self, timeout: float = CLOSE_SECONDS) -> bool:
        """Waits at most `timeout` seconds for everything to be delivered, then disconnects.

        Returns whether everything was delivered, and reports what was not. A run that isn't completed
        becomes incomplete unless another connection takes it over.
        """
        return close(self._core, timeout)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        _kind: Optional[type[BaseException]],
        error: Optional[BaseException],
        _traceback: Optional[TracebackType],
    ) -> None:
        self.close(CLOSE_SECONDS if error is None or isinstance(error, Exception) else INTERRUPTED_SECONDS)


@with_parameters_of(Agent)
def connect_agent(*arguments: Any, **options: Any) -> Agent:
    """Connects an agent to Turnline.

    Returns immediately and never raises. While the server can't be reached, turns are queued.

    `url` defaults to `TURNLINE_URL`, or to port 3000 on this machine; `token` defaults to `TURNLINE_TOKEN`.
    When the process exits, it waits at most `exit_timeout` seconds (10) for queued turns to be delivered.
    Further options: `agent_id` and `agent_name` (the agent of runs that don't name one), `client_id`,
    `on_error(error)` (by default, errors are logged as warnings by the logger `turnline`),
    `redact(turn, part)`, `raise_errors`, `flush_on_exit` (SIGTERM and SIGHUP end open runs as interrupted),
    `max_buffered_bytes` (64 MiB), `ack_timeout` (30 s), `reconnect_delay` (0.7 s, growing to 5 s), `verify`
    (False, or a file of certificates).
    """
    return Agent(*arguments, **options)


def _read_address(url: str) -> tuple[Optional[Address], Optional[str]]:
    try:
        return parse_address(url), None
    except AddressError as error:
        return None, str(error)


def _read_token(token: Any) -> Optional[str]:
    """Returns a token without surrounding whitespace, such as a file's last newline. None if it is empty."""
    if isinstance(token, bytes):
        token = token.decode("utf-8", "replace")
    text = "" if token is None else str(token).strip()
    return text or None
