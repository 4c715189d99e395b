"""Turnline for asyncio. Calls that wait for the server are awaited; recording works the same way.

    from turnline import aio

    async with aio.connect_agent("http://127.0.0.1:3000", token) as agent:
        async with agent.run(intent="Say hello", agent_id="hello") as run:
            run.turn(tool="bash", parameters={"command": "echo hello"}, output="hello\\n")

A separate thread delivers the turns, so nothing is lost if the event loop is blocked or closed.
"""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import AsyncIterator, Callable, Generator
from contextlib import asynccontextmanager
from types import TracebackType
from typing import TYPE_CHECKING, Any, Optional

from ._agent.cancellation import CancelRequest
from ._agent.options import with_parameters_of
from ._agent.process import finish_closing
from ._agent.signaling import Condition, StateLock
from ._values.times import iso_of_ms, now_ms
from .agent import CLOSE_SECONDS, AgentBase
from .run import INTERRUPTED_SECONDS, WAIT_SECONDS, RunBase

if TYPE_CHECKING:
    from typing_extensions import Self

__all__ = ["AsyncAgent", "AsyncRun", "connect_agent"]


class AsyncRun(RunBase):
    """A run of an asyncio agent.

    If a run is used as an async context manager, it ends with its block: as `done`, or as `failure` with the
    exception. Awaiting the run waits until it is durable, like `started()`, and returns the run.
    """

    async def started(self, timeout: float = WAIT_SECONDS) -> Optional[dict[str, Any]]:
        """Waits until the run is durable and returns the server's reply (`run_id`, `cursor`, …).

        Returns None after the timeout, or if the run can't be started.
        """
        state = self._state
        await _wait(state.core.state, lambda: state.is_start_settled, timeout)
        if state.delivery.started is None:
            state.raise_if_wanted(timeout)
        return state.delivery.started

    async def flush(self, timeout: float = WAIT_SECONDS) -> bool:
        """Waits until everything recorded so far is stored.

        Returns False after the timeout (delivery continues), or if it can't be stored.
        """
        state = self._state
        done = await _wait(state.core.state, state.settled(), timeout) and state.error is None
        if not done:
            state.raise_if_wanted(timeout)
        return done

    async def complete(
        self,
        status: str = "success",
        summary: Optional[str] = None,
        timeout: float = WAIT_SECONDS,
        **more: Any,
    ) -> bool:
        """Ends the run once everything recorded is stored.

        Returns True if the outcome was stored, too, and False after the timeout (delivery continues).
        """
        state = self._state
        state.finish(status, summary, more)
        await _wait(state.core.state, state.is_over, timeout)
        done = state.delivery.over == "completed"
        if not done:
            state.raise_if_wanted(timeout)
        return done

    def on_cancel(self, handler: Callable[[CancelRequest], Any]) -> Callable[[], None]:
        """Calls the handler once, in this event loop, when a viewer requests cancellation.

        The handler may be a coroutine function. Returns an unsubscribe function.
        """
        loop = asyncio.get_running_loop()
        tasks: set[asyncio.Future[Any]] = set()

        def call(request: CancelRequest) -> None:
            try:
                result = handler(request)
                if inspect.isawaitable(result):
                    task = asyncio.ensure_future(result)
                    tasks.add(task)
                    task.add_done_callback(tasks.discard)
            except Exception as error:
                self._state.callback_failed(error)

        def schedule(request: CancelRequest) -> None:
            if not loop.is_closed():
                loop.call_soon_threadsafe(call, request)

        return self._state.cancellation.listen(schedule)

    async def wait_cancelled(self, timeout: Optional[float] = None) -> bool:
        """Waits until a viewer requests cancellation. Returns False after the timeout."""
        found = asyncio.Event()
        stop = self.on_cancel(lambda _request: found.set())
        try:
            await asyncio.wait_for(found.wait(), timeout)
            return True
        except asyncio.TimeoutError:
            return False
        finally:
            stop()

    @asynccontextmanager
    async def hand_off(self, intent: str, **options: Any) -> AsyncIterator[AsyncRun]:
        """Hands part of the work off to a child run and records the hand-off as a turn.

        Use it as `async with run.hand_off("Search") as child:`.
        """
        fields = self._hand_off_fields(intent, options)
        fields["started_at"] = iso_of_ms(now_ms())
        end = self.begin(**fields)
        child = self.child(intent, **options)
        try:
            async with child:
                yield child
        except BaseException as error:
            fields["error"] = error
            raise
        finally:
            end()
            self.turn(fields, child=child)

    async def __aenter__(self) -> Self:
        self._enter()
        return self

    async def __aexit__(
        self,
        _kind: Optional[type[BaseException]],
        error: Optional[BaseException],
        _traceback: Optional[TracebackType],
    ) -> None:
        interrupted = self._leave(error)
        state = self._state
        await _wait(state.core.state, state.is_over, INTERRUPTED_SECONDS if interrupted else WAIT_SECONDS)

    def __await__(self) -> Generator[Any, None, Self]:
        yield from self.started().__await__()
        return self


class AsyncAgent(AgentBase[AsyncRun]):
    """A connection to Turnline and the runs that it writes, for asyncio.

    Created by `turnline.aio.connect_agent`. `start_run` and `run` return a run immediately; await the run to
    wait until it is durable.
    """

    _run_type = AsyncRun

    async def flush(self, timeout: float = WAIT_SECONDS) -> bool:
        """Waits until everything recorded by all runs is stored.

        Returns False after the timeout; delivery continues.
        """
        core = self._core
        return await _wait(core.state, lambda: core.is_delivered, timeout) and core.stopped is None

    async def close(self, timeout: float = CLOSE_SECONDS) -> bool:
        """Waits at most `timeout` seconds for everything to be delivered, then disconnects.

        Returns whether everything was delivered.
        """
        core = self._core
        done = await _wait(core.state, core.is_settled, timeout)
        # Closing the connection blocks for a moment, so it runs in a thread instead of the event loop.
        return await asyncio.shield(asyncio.to_thread(finish_closing, core, done, timeout))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        _kind: Optional[type[BaseException]],
        error: Optional[BaseException],
        _traceback: Optional[TracebackType],
    ) -> None:
        await self.close(
            CLOSE_SECONDS if error is None or isinstance(error, Exception) else INTERRUPTED_SECONDS
        )

    def __await__(self) -> Generator[Any, None, Self]:
        return self
        yield


@with_parameters_of(AsyncAgent)
def connect_agent(*arguments: Any, **options: Any) -> AsyncAgent:
    """Connects an agent to Turnline, like `turnline.connect_agent`.

    Returns immediately. The result can also be awaited.
    """
    return AsyncAgent(*arguments, **options)


async def _wait(state: StateLock, condition: Condition, seconds: float) -> bool:
    """Waits in the running event loop until a condition on an agent's state is true.

    Returns whether it is.
    """
    loop = asyncio.get_running_loop()
    holds = loop.create_future()

    def settle() -> None:
        if not holds.done():
            holds.set_result(None)

    def notify() -> None:
        try:
            loop.call_soon_threadsafe(settle)
        except RuntimeError:
            pass  # The event loop was closed, so nothing is waiting anymore.

    stop = state.watch(condition, notify)
    try:
        await asyncio.wait_for(holds, seconds)
    except asyncio.TimeoutError:
        pass
    finally:
        stop()
    return condition()
