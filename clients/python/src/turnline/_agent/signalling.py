"""Waiting for conditions over an agent's state, from threads and event loops."""

from __future__ import annotations

import threading
import time
from typing import Callable, Optional

Condition = Callable[[], bool]


class StateLock:
    """The one lock of an agent, and waiting for what it guards."""

    def __init__(self) -> None:
        #: Reentrant, since a signal handler may run while its own thread holds it. Used directly in `with`
        #: statements: there Python lets no signal in between acquiring a lock and entering the block.
        self.lock = threading.RLock()
        self._work = threading.Condition(self.lock)
        self._state = threading.Condition(self.lock)
        #: The one thread that must not wait, since nobody else would make the condition true.
        self.sender: Optional[threading.Thread] = None
        self._watchers: list[tuple[Condition, Callable[[], None]]] = []

    def wake_sender(self) -> None:
        """There is something to do for the sending thread. Call with the lock held."""
        self._work.notify()

    def wait_for_work(self, seconds: Optional[float]) -> None:
        """The sending thread's wait. Call with the lock held."""
        self._work.wait(seconds)

    def state_changed(self) -> None:
        """Something that others may wait for has changed. Call with the lock held."""
        self._state.notify_all()
        for watcher in [watcher for watcher in self._watchers if watcher[0]()]:
            self._watchers.remove(watcher)
            watcher[1]()

    def wait(self, condition: Condition, seconds: float) -> bool:
        """Waits until a condition holds; whether it does.

        Never waits in the sending thread, where `on_error` runs.
        """
        if threading.current_thread() is self.sender:
            return condition()
        deadline = time.monotonic() + seconds
        with self.lock:
            while not condition():
                left = deadline - time.monotonic()
                if left <= 0:
                    return False
                self._state.wait(left)
            return True

    def watch(self, condition: Condition, callback: Callable[[], None]) -> Callable[[], None]:
        """Calls back once when a condition holds, from whichever thread made it so; returns how to stop
        watching.
        """
        watcher = (condition, callback)
        with self.lock:
            if condition():
                callback()
            else:
                self._watchers.append(watcher)

        def stop() -> None:
            with self.lock:
                if watcher in self._watchers:
                    self._watchers.remove(watcher)

        return stop
