"""Delays between attempts."""

from __future__ import annotations

import random


class Backoff:
    """Delays that grow with each failure, with ±50 % jitter, so that agents don't all reconnect together."""

    def __init__(self, first: float = 0.25, most: float = 5.0) -> None:
        self._first = first
        self._most = most
        self._failures = 0

    def reset(self) -> None:
        self._failures = 0

    def next(self, at_least: float = 0.0) -> float:
        """Returns how many seconds to wait before the next attempt."""
        wait = min(self._most, self._first * float(2 ** min(self._failures, 10)))
        self._failures += 1
        return max(at_least, wait * random.uniform(0.5, 1.5))
