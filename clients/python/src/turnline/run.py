"""Runs: what an agent records."""

from __future__ import annotations

import contextvars
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import contextmanager
from types import TracebackType
from typing import TYPE_CHECKING, Any, Optional

from ._agent.cancellation import CancelHandler, CancelRequest
from ._agent.options import StartOptions, start_fields
from ._agent.run_state import RunState, new_run_state
from ._values.times import iso_of_ms, now_ms
from .errors import AgentError
from .tools import ToolDecorator

if TYPE_CHECKING:
    from typing_extensions import Self, Unpack

WAIT_SECONDS = 10.0
#: How long an interrupted block waits for its run to be stored; short, so that the process can end.
INTERRUPTED_SECONDS = 0.5

_current: contextvars.ContextVar[Optional[RunBase]] = contextvars.ContextVar("turnline_run", default=None)


def current_run() -> Optional[RunBase]:
    """Returns the run of the innermost enclosing `with` block in this thread or task."""
    return _current.get()


#: Like `run.tool`, for the run of the `with` block in which the function is called. Outside such a block,
#: nothing is recorded.
tool = ToolDecorator(current_run)


class Recorded:
    """The result of recording methods. It has no content, but can be awaited."""

    def __await__(self) -> Generator[None, None, None]:
        return
        yield


_RECORDED = Recorded()


class RunBase:
    """What sync and async runs have in common.

    Recording never blocks, and never raises unless `raise_errors` is set.
    """

    def __init__(self, state: RunState) -> None:
        self._state = state
        self._tokens: list[contextvars.Token[Optional[RunBase]]] = []

    @property
    def run_id(self) -> Optional[str]:
        """The run's durable id; None until the server has replied."""
        return self._state.run_id

    @property
    def ended(self) -> bool:
        """Whether the run has stopped accepting turns, because this process completed it or it has failed."""
        return self._state.ended

    @property
    def error(self) -> Optional[AgentError]:
        """Why nothing more can be recorded. None while the run is open, and after it was completed."""
        return self._state.error

    def turn(
        self,
        fields: Optional[Mapping[str, Any]] = None,
        /,
        *,
        child: Optional[RunBase] = None,
        expected_index: Optional[int] = None,
        **more: Any,
    ) -> Recorded:
        """Records a finished step.

        The fields have the protocol's names: `kind`, `tool`, `parameters`, `output`, `message`, `prompt`,
        `thinking`, `model`, `usage`, `cost_usd`, `error`, `started_at`, `duration_ms`, `attributes`, …

        `parameters` and `output` may have any value. A turn over 4 MiB loses its largest fields, which are
        listed in `attributes.left_out`. While the buffer is full, turns are dropped and counted; a system
        turn `turns_dropped` then reports how many. `child` is the run that the step handed off to. With
        `expected_index`, the turn is recorded at that index or not at all.
        """
        self._state.record(
            {**(fields or {}), **more}, None if child is None else child._state, expected_index
        )
        return _RECORDED

    def progress(self, fields: Optional[Mapping[str, Any]] = None, /, **more: Any) -> Recorded:
        """Shows what the run is doing now, before the turn is recorded.

        Fields: `kind`, `tool`, `parameters`, `model`, `prompt`, `text`, `started_at`, `waiting_for`,
        `waiting_kind`. Fields that are given replace earlier values; the others stay. Without any fields, the
        progress is cleared. The next turn also clears it.
        """
        self._state.report_progress({**(fields or {}), **more})
        return _RECORDED

    def stream(self, text: str) -> Recorded:
        """Appends to the text of the current progress, for example while a model streams its answer."""
        self._state.stream(text)
        return _RECORDED

    def update(
        self,
        *,
        intent: Optional[str] = None,
        agent_name: Optional[str] = None,
        outcome_description: Optional[str] = None,
        labels: Optional[Mapping[str, Any]] = None,
    ) -> Recorded:
        """Changes the run's descriptive fields, for example once a better title is known.

        Labels are merged; an empty value removes a label.
        """
        given = {
            "intent": intent,
            "agent_name": agent_name,
            "outcome_description": outcome_description,
            "labels": labels,
        }
        self._state.update(given)
        return _RECORDED

    def begin(self, **activity: Any) -> Callable[[], None]:
        """Shows an activity until the returned function is called. Use it for steps that run concurrently."""
        return self._state.begin(activity)

    @contextmanager
    def waiting_for(self, words: str, kind: Optional[str] = None) -> Iterator[None]:
        """Shows who or what the run is waiting for until the block ends.

        `kind` is approval, answer, prompt or other.
        """
        end = self.begin(waiting_for=words, waiting_kind=kind, started_at=iso_of_ms(now_ms()))
        try:
            yield
        finally:
            end()
            self.progress()

    @property
    def tool(self) -> ToolDecorator:
        """A decorator that records a function's calls as tool calls: `@run.tool` or `@run.tool("name")`."""
        return ToolDecorator(lambda: self)

    @property
    def cancel_request(self) -> Optional[CancelRequest]:
        """The `reason` and `requested_at` of a viewer's cancellation request, if there is one.

        It is up to the agent to end the run.
        """
        return self._state.cancellation.request

    def raise_if_cancelled(self) -> None:
        """Raises AgentError `cancelled` if a viewer has requested cancellation of the run."""
        request = self.cancel_request
        if request is not None:
            reason = str(request.get("reason") or "a viewer requested cancellation")
            raise AgentError("cancelled", reason, run_id=self.run_id)

    def child(
        self,
        intent: str,
        agent_id: Optional[str] = None,
        labels: Optional[Mapping[str, Any]] = None,
        idempotency_key: Optional[str] = None,
        **options: Unpack[StartOptions],
    ) -> Self:
        """Starts a run whose parent is this one, with the options of `agent.start_run`.

        Pass it to the turn that handed off to it: `run.turn(kind="agent", child=child)`.
        """
        fields = start_fields(
            intent, agent_id=agent_id, labels=labels, idempotency_key=idempotency_key, **options
        )
        return type(self)(new_run_state(self._state.core, fields, self._state))

    def _enter(self) -> None:
        self._tokens.append(_current.set(self))

    def _leave(self, error: Optional[BaseException]) -> bool:
        try:
            _current.reset(self._tokens.pop())
        except (ValueError, IndexError):
            pass  # The block was entered in a different context.
        return self._state.finish_block(error)

    def _hand_off_fields(self, intent: str, options: dict[str, Any]) -> dict[str, Any]:
        return {
            "kind": "agent",
            "tool": options.get("agent_name") or options.get("agent_id"),
            "prompt": intent,
        }

    def __repr__(self) -> str:
        return f"<turnline run {self.run_id or 'not started yet'}>"

    def __reduce__(self) -> Any:
        raise TypeError(
            "a run can't be pickled; pass run.run_id and call agent.resume_run(run_id) in the other process"
        )


class Run(RunBase):
    """A run of a sync agent.

    If a run is used as a context manager, it ends with its block: as `done`, or as `failure` with the
    exception.
    """

    def started(self, timeout: float = WAIT_SECONDS) -> Optional[dict[str, Any]]:
        """Waits until the run is durable and returns the server's reply (`run_id`, `cursor`, …).

        Returns None after the timeout, or if the run can't be started.
        """
        state = self._state
        state.core.state.wait(lambda: state.is_start_settled, timeout)
        if state.delivery.started is None:
            state.raise_if_wanted(timeout)
        return state.delivery.started

    def flush(self, timeout: float = WAIT_SECONDS) -> bool:
        """Waits until everything recorded so far is stored.

        Returns False after the timeout (delivery continues), or if it can't be stored.
        """
        state = self._state
        done = state.core.state.wait(state.settled(), timeout) and state.error is None
        if not done:
            state.raise_if_wanted(timeout)
        return done

    def complete(
        self,
        status: str = "success",
        summary: Optional[str] = None,
        timeout: float = WAIT_SECONDS,
        **more: Any,
    ) -> bool:
        """Ends the run once everything recorded is stored.

        Returns True if the outcome was stored, too, and False after the timeout (delivery continues).

        `status` is success, partial_success, give_up, timeout, failure or done. `more` can be `evidence`,
        `metrics`, or any other field of the outcome.
        """
        state = self._state
        state.finish(status, summary, more)
        state.core.state.wait(state.is_over, timeout)
        done = state.delivery.over == "completed"
        if not done:
            state.raise_if_wanted(timeout)
        return done

    def on_cancel(self, handler: CancelHandler) -> Callable[[], None]:
        """Calls the handler once, in a separate thread, when a viewer requests cancellation.

        Returns an unsubscribe function.
        """
        return self._state.cancellation.listen(handler)

    def wait_cancelled(self, timeout: Optional[float] = None) -> bool:
        """Waits until a viewer requests cancellation. Returns False after the timeout."""
        return self._state.cancellation.event.wait(timeout)

    @contextmanager
    def hand_off(self, intent: str, **options: Any) -> Iterator[Run]:
        """Hands part of the work off to a child run and records the hand-off as a turn.

        Use it as `with run.hand_off("Search the docs", agent_id="searcher") as child:`.
        """
        fields = self._hand_off_fields(intent, options)
        fields["started_at"] = iso_of_ms(now_ms())
        end = self.begin(**fields)
        child = self.child(intent, **options)
        try:
            with child:
                yield child
        except BaseException as error:
            fields["error"] = error
            raise
        finally:
            end()
            self.turn(fields, child=child)

    def __enter__(self) -> Self:
        self._enter()
        return self

    def __exit__(
        self,
        _kind: Optional[type[BaseException]],
        error: Optional[BaseException],
        _traceback: Optional[TracebackType],
    ) -> None:
        interrupted = self._leave(error)
        state = self._state
        state.core.state.wait(state.is_over, INTERRUPTED_SECONDS if interrupted else WAIT_SECONDS)
