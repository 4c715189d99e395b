"""Checks with random failures that every turn is stored once and in order."""

from __future__ import annotations

import os
import random
from typing import Any

from .fake_server import refusal
from .support import FakeServerTest

SEEDS = int(os.environ.get("TURNLINE_FUZZ_SEEDS", "12"))
FATES = (
    "cut",
    "cut-after",
    "lose-ack",
    "ignore",
    refusal("unavailable", "Later."),
    refusal("rate_limited", "Slow down.", retry_after_ms=5),
)


class FuzzTest(FakeServerTest):
    def test_every_turn_is_stored_once_and_in_order(self) -> None:
        for seed in range(SEEDS):
            with self.subTest(seed=seed):
                self.play(random.Random(seed))

    def play(self, rng: random.Random) -> None:
        self.server.runs.clear()
        budget = [rng.randrange(5, 25)]
        away = [rng.randrange(3)]

        def intercept(_event: str, _payload: dict[str, Any]) -> Any:
            if budget[0] > 0 and rng.random() < 0.4:
                budget[0] -= 1
                fate = rng.choice(FATES)
                if fate == "cut" and away[0] > 0:
                    away[0] -= 1
                    for run in self.server.runs.values():
                        if run.status == "in_progress":
                            run.status = "incomplete"
                return fate
            return None

        self.server.intercept = intercept
        agent = self.connect(ack_timeout=0.15, reconnect_delay=0.01)
        runs = [agent.start_run(f"run {i}") for i in range(rng.randrange(1, 4))]
        recorded: list[list[str]] = [[] for _ in runs]
        for i in range(rng.randrange(20, 400)):
            at = rng.randrange(len(runs))
            runs[at].turn(message=f"{at}/{i}", output="x" * rng.choice((1, 10, 20_000)))
            recorded[at].append(f"{at}/{i}")
            if rng.random() < 0.02:
                runs[at].flush(0.05)
            if rng.random() < 0.05:
                runs[at].progress(text=str(i))
        for run in runs:
            self.assertTrue(run.complete("success", timeout=60), run.error)
        self.assertTrue(agent.close())
        stored = [[turn["message"] for turn in self.server.runs[run.run_id or ""].turns] for run in runs]
        self.assertEqual(stored, recorded)
        self.assertEqual(len(self.server.runs), len(runs))
