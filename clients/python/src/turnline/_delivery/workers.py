"""Threads that are started in advance, since Python can't start any while it shuts down."""

from __future__ import annotations

import queue
import threading
from typing import Any, Callable, Optional

Task = Callable[[], None]


class TaskHandle:
    """A running task, which can be joined like a thread."""

    def __init__(self) -> None:
        self._done = threading.Event()

    def join(self, timeout: Optional[float] = None) -> None:
        self._done.wait(timeout)

    def finish(self) -> None:
        self._done.set()


class Workers:
    """A few idle daemon threads that run tasks; more are started when all are busy."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._tasks: queue.SimpleQueue[Optional[Task]] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._idle = 0

    def start(self, count: int) -> None:
        """Starts idle threads."""
        with self._lock:
            for _ in range(count):
                self._start()

    def run(self, target: Callable[..., Any], *arguments: Any, **named: Any) -> TaskHandle:
        """Runs a function in its own thread."""
        handle = TaskHandle()

        def task() -> None:
            try:
                target(*arguments, **named)
            finally:
                handle.finish()

        with self._lock:
            if self._idle > 0:
                self._idle -= 1
            else:
                self._start()
                self._idle -= 1
        self._tasks.put(task)
        return handle

    def stop(self) -> None:
        """Ends the threads that are idle."""
        with self._lock:
            for _ in range(self._idle):
                self._tasks.put(None)
            self._idle = 0

    def _start(self) -> None:
        threading.Thread(target=self._work, name=self._name, daemon=True).start()
        self._idle += 1

    def _work(self) -> None:
        while True:
            task = self._tasks.get()
            if task is None:
                return
            try:
                task()
            except Exception:
                pass  # The task handles its own errors; the thread must stay available.
            with self._lock:
                self._idle += 1
