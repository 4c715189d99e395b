"""Helpers that several tests share."""

from __future__ import annotations

import threading
import time
import unittest
from typing import Any, Callable

import turnline

from .fake_server import FakeServer


def wait_until(condition: Callable[[], Any], seconds: float = 20.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError("the condition did not become true in time")
        time.sleep(0.01)


def times(count: int, fate: Any) -> Callable[[], Any]:
    """Returns a function that returns `fate` the given number of times, then None."""
    left = [count]

    def next_fate() -> Any:
        left[0] -= 1
        return fate if left[0] >= 0 else None

    return next_fate


class FakeServerTest(unittest.TestCase):
    """Provides a fake server for each test and closes the test's agents afterwards."""

    def setUp(self) -> None:
        self.server = FakeServer()
        self.errors: list[turnline.AgentError] = []
        self.agents: list[turnline.Agent] = []
        self.crashed: list[object] = []
        excepthook = threading.excepthook
        threading.excepthook = lambda crash: self.crashed.append(crash.exc_value)
        self.addCleanup(setattr, threading, "excepthook", excepthook)

    def tearDown(self) -> None:
        for agent in self.agents:
            agent.close(0)
        self.server.close()
        self.assertEqual(self.crashed, [], "a thread of the library crashed")

    def connect(self, **options: Any) -> turnline.Agent:
        defaults: dict[str, Any] = {"reconnect_delay": 0.02, "on_error": self.errors.append}
        agent = turnline.connect_agent(
            options.pop("url", self.server.url), options.pop("token", "t"), **{**defaults, **options}
        )
        self.agents.append(agent)
        return agent

    @property
    def codes(self) -> list[str]:
        return [error.code for error in self.errors]
