"""Turnline for asyncio: what waits for the server is awaited instead of blocking; recording is the same.

    from turnline import aio

    async with aio.connect_agent("http://127.0.0.1:3000", token) as agent:
        async with agent.run(intent="Say hello", agent_id="hello") as run:
            run.turn(tool="bash", parameters={"command": "echo hello"}, output="hello\\n")

A separate thread delivers what is recorded, so a blocked or closed event loop loses nothing.
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
from ._agent.signalling import Condition, StateLock
from ._values.times import iso_of_ms, now_ms
from .agent import CLOSE_SECONDS, AgentBase
from .run import INTERRUPTED_SECONDS, WAIT_SECONDS, RunBase

if TYPE_CHECKING:
    from typing_extensions import Self

__all__ = ["AsyncAgent", "AsyncRun", "connect_agent"]


class AsyncRun(RunBase):
    """A run of an asyncio agent.

    As an async context manager it ends at the end of its block: `done`, or `failure` with the exception.

    Awaiting it waits, like `started()`, until it is durable, and gives the run.
    """

    async def started(self, timeout: float = WAIT_SECONDS) -> Optional[dict[str, Any]]:
        """Waits until the run is durable; the server's reply (`run_id`, `cursor`, …), or None after the
        timeout or when there will be no run.
        """
        state = self._state
        await _wait(state.core.state, lambda: state.is_start_settled, timeout)
        if state.delivery.started is None:
            state.raise_if_wanted(timeout)
        return state.delivery.started

    async def flush(self, timeout: float = WAIT_SECONDS) -> bool:
        """Waits until everything recorded so far is stored; False after the timeout (delivery continues), or
        when it never will be.
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
        """Ends the run after everything recorded is stored.

        True once that is stored too; False after the timeout (delivery continues).
        """
        state = self._state
        state.finish(status, summary, more)
        await _wait(state.core.state, state.is_over, timeout)
        done = state.delivery.over == "completed"
        if not done:
            state.raise_if_wanted(timeout)
        return done

    def on_cancel(self, handler: Callable[[CancelRequest], Any]) -> Callable[[], None]:
        """Calls a function or coroutine function back once, in this event loop, when a viewer requests a
        cancellation; returns how to stop listening.
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
        """Waits for a viewer's request to cancel the run. False after the timeout."""
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
        """Hands a part of the work to a child run, and records the hand-off as a turn: `async with
        run.hand_off("Search") as child:`.
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

    Made by `turnline.aio.connect_agent`.

    `start_run` (and `run`) return a run immediately; await it to wait until it is durable.
    """

    _run_type = AsyncRun

    async def flush(self, timeout: float = WAIT_SECONDS) -> bool:
        """Waits until everything recorded by all runs is stored; False after the timeout, while delivery
        continues.
        """
        core = self._core
        return await _wait(core.state, lambda: core.is_delivered, timeout) and core.stopped is None

    async def close(self, timeout: float = CLOSE_SECONDS) -> bool:
        """Delivers what waits, for at most so many seconds, and disconnects.

        Whether everything was delivered.
        """
        core = self._core
        done = await _wait(core.state, core.is_settled, timeout)
        # Ending the connection takes a moment that the event loop has to spare.
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
    """Connects an agent to Turnline, as `turnline.connect_agent` does.

    Returns immediately; can also be awaited.
    """
    return AsyncAgent(*arguments, **options)


async def _wait(state: StateLock, condition: Condition, seconds: float) -> bool:
    """Waits in the running event loop until a condition over an agent's state holds; whether it does."""
    loop = asyncio.get_running_loop()
    holds = loop.create_future()

    def settle() -> None:
        if not holds.done():
            holds.set_result(None)

    def notify() -> None:
        try:
            loop.call_soon_threadsafe(settle)
        except RuntimeError:
            pass  # The loop was closed meanwhile: nobody waits any more.

    stop = state.watch(condition, notify)
    try:
        await asyncio.wait_for(holds, seconds)
    except asyncio.TimeoutError:
        pass
    finally:
        stop()
    return condition()
