"""Waiting times between attempts."""

from __future__ import annotations

import random


class Backoff:
    """Grows with each failure in a row, spread by half, so that agents don't come back in step."""

    def __init__(self, first: float = 0.25, most: float = 5.0) -> None:
        self._first = first
        self._most = most
        self._failures = 0

    def reset(self) -> None:
        self._failures = 0

    def next(self, at_least: float = 0.0) -> float:
        """How many seconds to wait now."""
        wait = min(self._most, self._first * float(2 ** min(self._failures, 10)))
        self._failures += 1
        return max(at_least, wait * random.uniform(0.5, 1.5))
