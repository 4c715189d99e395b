"""Reports errors to `on_error` or the log."""

from __future__ import annotations

import logging
from collections import deque
from typing import Callable, Optional

from .._values.plain import message_of
from ..errors import AgentError

LOGGER = logging.getLogger("turnline")

ErrorHandler = Callable[[AgentError], object]


class ErrorReports:
    """Collects errors until a thread that doesn't hold the lock reports them.

    Errors go to `on_error` if it is set, or else to the logger `turnline`.
    """

    def __init__(self, on_error: Optional[ErrorHandler]) -> None:
        self._on_error = on_error
        self._waiting: deque[AgentError] = deque()

    def __bool__(self) -> bool:
        return bool(self._waiting)

    def add(self, error: AgentError) -> None:
        self._waiting.append(error)

    def emit(self) -> None:
        """Reports all pending errors; never raises."""
        while True:
            try:
                error = self._waiting.popleft()
            except IndexError:
                return
            if self._on_error is None:
                LOGGER.warning("%s", error.message)
                continue
            try:
                self._on_error(error)
            except Exception as raised:
                LOGGER.warning("on_error raised (%s) for: %s", message_of(raised), error.message)
