"""Waiting for conditions on an agent's state, from threads and event loops."""

from __future__ import annotations

import threading
import time
from typing import Callable, Optional

Condition = Callable[[], bool]


class StateLock:
    """An agent's only lock, with ways to wait for changes to the state that it guards."""

    def __init__(self) -> None:
        #: Reentrant, since a signal handler may run while its own thread holds the lock. Used directly in
        #: `with` statements, because Python doesn't handle signals between acquiring the lock and entering
        #: the block.
        self.lock = threading.RLock()
        self._work = threading.Condition(self.lock)
        self._state = threading.Condition(self.lock)
        #: The one thread that must not wait, since no other thread would make the condition true.
        self.sender: Optional[threading.Thread] = None
        self._watchers: list[tuple[Condition, Callable[[], None]]] = []

    def wake_sender(self) -> None:
        """Wakes the sending thread because there is something to do. Call it with the lock held."""
        self._work.notify()

    def wait_for_work(self, seconds: Optional[float]) -> None:
        """Blocks the sending thread until it is woken. Call it with the lock held."""
        self._work.wait(seconds)

    def state_changed(self) -> None:
        """Wakes everything that waits for a condition. Call it with the lock held after every change."""
        self._state.notify_all()
        for watcher in [watcher for watcher in self._watchers if watcher[0]()]:
            self._watchers.remove(watcher)
            watcher[1]()

    def wait(self, condition: Condition, seconds: float) -> bool:
        """Waits until a condition is true. Returns whether it is.

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
        """Calls back once when a condition is true, from the thread that made it true.

        Returns a function that stops watching.
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
