"""A decorator that records a function's calls as tool calls."""

from __future__ import annotations

import functools
import inspect
import time
from collections.abc import AsyncGenerator, Generator
from typing import TYPE_CHECKING, Any, Callable, Optional, TypeVar, Union, overload

from ._values.clean import clean
from ._values.times import iso_of_ms, now_ms

if TYPE_CHECKING:
    from .run import RunBase

Tool = TypeVar("Tool", bound=Callable[..., Any])
#: Maximum number of a generator's items that are recorded.
_MAX_YIELDED = 1_000


class ToolDecorator:
    """`@tool`, `@tool("name")` or `@tool(name="name")`.

    The decorated function returns what the tool returns, and raises what the tool raises. Each call is
    recorded with its arguments by name, its result or exception, its start and its duration, and is shown as
    progress while it runs. Async functions, generators and async generators work too. The items of generators
    are recorded.
    """

    def __init__(self, run: Callable[[], Optional[RunBase]]) -> None:
        self._run = run

    @overload
    def __call__(self, tool: Tool, /, *, name: Optional[str] = None) -> Tool: ...

    @overload
    def __call__(
        self, tool: Optional[str] = None, /, *, name: Optional[str] = None
    ) -> Callable[[Tool], Tool]: ...

    def __call__(self, tool: Union[Tool, str, None] = None, /, *, name: Optional[str] = None) -> Any:
        if isinstance(tool, str) or tool is None:
            given = tool if isinstance(tool, str) else name
            return lambda function: self._wrap(function, given)
        return self._wrap(tool, name)

    def _wrap(self, tool: Any, name: Optional[str]) -> Any:
        if isinstance(tool, (staticmethod, classmethod)):
            return type(tool)(self._wrap(tool.__func__, name))
        known_as = name or getattr(tool, "__name__", None) or type(tool).__name__
        if inspect.iscoroutinefunction(tool):
            wrapped: Any = _wrap_async(tool, known_as, self._run)
        elif inspect.isasyncgenfunction(tool):
            wrapped = _wrap_async_generator(tool, known_as, self._run)
        elif inspect.isgeneratorfunction(tool):
            wrapped = _wrap_generator(tool, known_as, self._run)
        else:
            wrapped = _wrap_function(tool, known_as, self._run)
        return functools.update_wrapper(wrapped, tool)


class _Call:
    """A tool call in progress."""

    def __init__(
        self, run: RunBase, tool: Any, name: str, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> None:
        self._run = run
        self._name = name
        self._started_at = iso_of_ms(now_ms())
        self._began = time.perf_counter()
        # Copied before the call: a tool may change what it was given.
        self._parameters = clean(_named_arguments(tool, args, kwargs)).value
        self._end = run.begin(
            kind="tool", tool=name, parameters=self._parameters, started_at=self._started_at
        )

    def record(self, **result: Any) -> None:
        duration = round((time.perf_counter() - self._began) * 1000, 3)
        self._end()
        self._run.turn(
            kind="tool",
            tool=self._name,
            parameters=self._parameters,
            started_at=self._started_at,
            duration_ms=duration,
            **result,
        )


def _start(
    get_run: Callable[[], Optional[RunBase]], tool: Any, name: str, args: Any, kwargs: Any
) -> Optional[_Call]:
    run = get_run()
    return None if run is None else _Call(run, tool, name, args, kwargs)


def _wrap_function(tool: Any, name: str, get_run: Callable[[], Optional[RunBase]]) -> Any:
    def call_tool(*args: Any, **kwargs: Any) -> Any:
        call = _start(get_run, tool, name, args, kwargs)
        if call is None:
            return tool(*args, **kwargs)
        try:
            result = tool(*args, **kwargs)
        except BaseException as error:
            call.record(error=error)
            raise
        if inspect.isawaitable(result):
            return _await_recorded(call, result)
        call.record(output=result)
        return result

    return call_tool


async def _await_recorded(call: _Call, awaitable: Any) -> Any:
    try:
        result = await awaitable
    except BaseException as error:
        call.record(error=error)
        raise
    call.record(output=result)
    return result


def _wrap_async(tool: Any, name: str, get_run: Callable[[], Optional[RunBase]]) -> Any:
    async def call_tool(*args: Any, **kwargs: Any) -> Any:
        call = _start(get_run, tool, name, args, kwargs)
        if call is None:
            return await tool(*args, **kwargs)
        return await _await_recorded(call, tool(*args, **kwargs))

    return call_tool


def _wrap_generator(tool: Any, name: str, get_run: Callable[[], Optional[RunBase]]) -> Any:
    def call_tool(*args: Any, **kwargs: Any) -> Generator[Any, Any, Any]:
        call = _start(get_run, tool, name, args, kwargs)
        if call is None:
            return (yield from tool(*args, **kwargs))
        items = _Yielded()
        try:
            result = yield from _tap(tool(*args, **kwargs), items)
        except GeneratorExit:
            call.record(output=items.output())
            raise
        except BaseException as error:
            call.record(output=items.output(), error=error)
            raise
        call.record(output=items.output())
        return result

    return call_tool


def _tap(generator: Generator[Any, Any, Any], items: _Yielded) -> Generator[Any, Any, Any]:
    """Delegates to a generator, in both directions, and keeps the items that it yields."""
    try:
        item = next(generator)
        while True:
            items.add(item)
            try:
                sent = yield item
            except GeneratorExit:
                generator.close()
                raise
            except BaseException as error:
                item = generator.throw(error)
            else:
                item = generator.send(sent)
    except StopIteration as stop:
        return stop.value


def _wrap_async_generator(tool: Any, name: str, get_run: Callable[[], Optional[RunBase]]) -> Any:
    async def call_tool(*args: Any, **kwargs: Any) -> AsyncGenerator[Any, Any]:
        call = _start(get_run, tool, name, args, kwargs)
        generator = tool(*args, **kwargs)
        items = _Yielded()
        error: Optional[BaseException] = None
        try:
            item = await generator.__anext__()
            while True:
                items.add(item)
                # Async generators have no `yield from`, so values and exceptions are forwarded manually.
                try:
                    sent = yield item
                except GeneratorExit:
                    await generator.aclose()
                    raise
                except BaseException as thrown:
                    item = await generator.athrow(thrown)
                else:
                    item = await generator.asend(sent)
        except StopAsyncIteration:
            return
        except GeneratorExit:
            raise
        except BaseException as raised:
            error = raised
            raise
        finally:
            if call is not None:
                call.record(output=items.output(), error=error)

    return call_tool


class _Yielded:
    """The first items of a generator, and how many there were in total."""

    def __init__(self) -> None:
        self._items: list[Any] = []
        self._count = 0

    def add(self, item: Any) -> None:
        self._count += 1
        if self._count <= _MAX_YIELDED:
            self._items.append(item)

    def output(self) -> list[Any]:
        more = self._count - len(self._items)
        return [*self._items, f"[{more} more items]"] if more else self._items


def _named_arguments(tool: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Returns the arguments by name, without `self` and `cls`, or as a list if they can't be matched."""
    try:
        bound = inspect.signature(tool).bind(*args, **kwargs)
    except (TypeError, ValueError):
        return {**({"args": list(args)} if args else {}), **kwargs}
    named: dict[str, Any] = {}
    for name, value in bound.arguments.items():
        kind = bound.signature.parameters[name].kind
        if kind is inspect.Parameter.VAR_KEYWORD:
            named.update(value)
        elif name not in ("self", "cls"):
            named[name] = value
    return named
