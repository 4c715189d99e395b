"""Converts exceptions to JSON: message, type, traceback and causes."""

from __future__ import annotations

import errno
import traceback
from typing import Any, Optional

from .plain import message_of
from .text import newest_text

MAX_CHAIN = 8
MAX_MEMBERS = 10
#: Maximum number of exceptions in a chain, including the members of groups.
MAX_DESCRIBED = 50
MAX_FRAMES = 50
STACK_BYTES = 16 * 1024
MESSAGE_CHARS = 64 * 1024


def describe_exception(error: BaseException) -> dict[str, Any]:
    """Describes an exception with its traceback and its chain of causes, within limits; never raises.

    `cause` is the exception that it was raised from or, with `implicit: true`, the one that was being handled
    when it was raised. The members of an exception group are in `errors`.
    """
    return _describe(error, MAX_CHAIN, set())


def type_name(error: BaseException) -> str:
    """Returns the name of an exception's class as a traceback shows it."""
    kind = type(error)
    if kind.__module__ in ("builtins", "__main__"):
        return kind.__qualname__
    return f"{kind.__module__}.{kind.__qualname__}"


def _describe(error: BaseException, links: int, seen: set[int]) -> dict[str, Any]:
    seen.add(id(error))
    described: dict[str, Any] = {"message": message_of(error)[:MESSAGE_CHARS], "type": type_name(error)}
    code = _code_of(error)
    if code is not None:
        described["code"] = code
    stack = _stack_of(error)
    if stack:
        described["stack"] = stack
    notes = getattr(error, "__notes__", None)
    if isinstance(notes, (list, tuple)) and notes:
        described["notes"] = [str(note) for note in notes[:MAX_MEMBERS]]
    members = getattr(error, "exceptions", None)
    if isinstance(members, (list, tuple)) and links > 0:
        errors = [member for member in members[:MAX_MEMBERS] if isinstance(member, BaseException)]
        if errors:
            described["errors"] = [
                _describe(member, links - 1, seen) for member in errors if _is_next(member, seen)
            ]
        if len(members) > MAX_MEMBERS:
            described["more_errors"] = len(members) - MAX_MEMBERS
    cause, implicit = _cause_of(error)
    if cause is not None and links > 0 and _is_next(cause, seen):
        described["cause"] = _describe(cause, links - 1, seen)
        if implicit:
            described["cause"]["implicit"] = True
    return described


def _is_next(error: BaseException, seen: set[int]) -> bool:
    return id(error) not in seen and len(seen) < MAX_DESCRIBED


def _cause_of(error: BaseException) -> tuple[Optional[BaseException], bool]:
    if error.__cause__ is not None:
        return error.__cause__, False
    if error.__suppress_context__:
        return None, False
    return error.__context__, True


def _code_of(error: BaseException) -> Any:
    """Returns an exception's code, if it has one under a common name."""
    if isinstance(error, OSError) and isinstance(error.errno, int):
        return errno.errorcode.get(error.errno, error.errno)
    for name in ("code", "status_code"):
        try:
            code = getattr(error, name, None)
        except Exception:
            continue
        if isinstance(code, (str, int)) and not isinstance(code, bool):
            return code
    return None


def _stack_of(error: BaseException) -> str:
    """Returns the traceback of the newest frames as Python prints it."""
    if error.__traceback__ is None:
        return ""
    try:
        frames = traceback.extract_tb(error.__traceback__, limit=-MAX_FRAMES)
        lines = ["Traceback (most recent call last):\n", *traceback.format_list(frames)]
        lines += traceback.format_exception_only(type(error), error)
        return newest_text("".join(lines), STACK_BYTES)
    except Exception:
        return ""
