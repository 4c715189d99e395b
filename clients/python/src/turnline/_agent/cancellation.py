"""A viewer's request to cancel a run. Only the first request counts."""

from __future__ import annotations

import threading
from typing import Any, Callable, Optional

CancelRequest = dict[str, Any]
CancelHandler = Callable[[CancelRequest], object]


class Cancellation:
    def __init__(self, on_error: Callable[[BaseException], None]) -> None:
        self._on_error = on_error
        self._handlers: list[CancelHandler] = []
        self.event = threading.Event()
        self.request: Optional[CancelRequest] = None

    def receive(self, request: CancelRequest) -> None:
        """Handles a request. Handlers run in a separate thread, so that they may wait for the server."""
        if self.request is not None:
            return
        self.request = {name: request[name] for name in ("reason", "requested_at") if name in request}
        self.event.set()
        self._start(list(self._handlers))

    def listen(self, handler: CancelHandler) -> Callable[[], None]:
        """Calls the handler once, immediately if there is a request already.

        Returns an unsubscribe function.
        """
        self._handlers.append(handler)
        if self.request is not None:
            self._start([handler])

        def stop() -> None:
            if handler in self._handlers:
                self._handlers.remove(handler)

        return stop

    def _start(self, handlers: list[CancelHandler]) -> None:
        if handlers:
            threading.Thread(target=self._call, args=(handlers,), name="turnline-cancel", daemon=True).start()

    def _call(self, handlers: list[CancelHandler]) -> None:
        for handler in handlers:
            try:
                handler(dict(self.request or {}))
            except BaseException as error:
                self._on_error(error)
