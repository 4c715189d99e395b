"""The outcome of a run that the caller doesn't end explicitly."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any, Optional

from .._values.exceptions import type_name
from .._values.plain import message_of

INTERRUPTED = "interrupted"


def outcome_of_exception(
    error: Optional[BaseException], cancel_request: Optional[Mapping[str, Any]] = None
) -> tuple[str, Optional[str], bool]:
    """Returns the status and summary for a `with` block, and whether the block was interrupted.

    `error` is the exception that ended the block, if any.
    """
    if error is None or isinstance(error, GeneratorExit):
        return "done", None, False
    if isinstance(error, SystemExit):
        if error.code in (None, 0):
            return "done", None, True
        return (
            "failure",
            f"exited with {error.code}" if isinstance(error.code, int) else str(error.code),
            True,
        )
    if isinstance(error, (asyncio.CancelledError, KeyboardInterrupt)):
        if cancel_request is not None:
            reason = cancel_request.get("reason")
            return "give_up", f"cancelled: {reason}" if reason else "cancelled", False
        return "failure", INTERRUPTED, True
    if getattr(error, "code", None) == "cancelled" and cancel_request is not None:
        return "give_up", f"cancelled: {message_of(error)}", False
    return "failure", f"{type_name(error)}: {message_of(error)}", False
