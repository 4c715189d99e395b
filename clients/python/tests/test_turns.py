"""Turns, starts, progress and outcomes as they are sent."""

from __future__ import annotations

import decimal
import unittest
from typing import Any

from turnline import _limits as limits
from turnline._values.prepare import prepare_outcome, prepare_progress, prepare_start
from turnline._values.text import byte_length, encode
from turnline._values.turn import prepare_turn, shrink_turn
from turnline._values.usage import map_usage


def turn_of(**fields: Any) -> dict[str, Any]:
    return prepare_turn(fields).turn


class TurnTest(unittest.TestCase):
    def test_omits_none(self) -> None:
        self.assertEqual(turn_of(tool="x", output=None, error=None, usage=None, message=None), {"tool": "x"})
        self.assertEqual(turn_of(output={"a": None})["output"], {"a": None})

    def test_maps_kinds_of_other_libraries(self) -> None:
        self.assertEqual(turn_of(kind="assistant"), {"kind": "model", "attributes": {"kind": "assistant"}})
        self.assertEqual(turn_of(kind="user")["kind"], "human")
        self.assertEqual(turn_of(kind="retriever")["kind"], "tool")
        self.assertEqual(turn_of(kind="chain"), {"attributes": {"kind": "chain"}})

    def test_keeps_implausible_times_and_durations_as_refused(self) -> None:
        turn = turn_of(message="x", started_at="soon", duration_ms=-5, cost_usd="many")
        self.assertEqual(
            turn,
            {
                "message": "x",
                "attributes": {"refused": {"started_at": "soon", "duration_ms": -5, "cost_usd": "many"}},
            },
        )
        self.assertNotIn("started_at", turn_of(started_at="1999-01-01T00:00:00Z"))
        self.assertEqual(turn_of(duration_ms="12.5", cost_usd=decimal.Decimal("0.25"))["cost_usd"], 0.25)

    def test_accepts_errors_in_any_form(self) -> None:
        self.assertEqual(turn_of(error="no")["error"], {"message": "no"})
        self.assertEqual(
            turn_of(error={"message": "no", "code": 7, "type": None})["error"], {"message": "no", "code": 7}
        )
        self.assertEqual(turn_of(error={"reason": "x"})["error"]["message"], '{"reason":"x"}')
        self.assertEqual(turn_of(error=KeyError("k"))["error"], {"message": "'k'", "type": "KeyError"})

    def test_keeps_unknown_fields_as_attributes(self) -> None:
        turn = turn_of(message="x", temperature=0.5, attributes={"a": 1})
        self.assertEqual(turn["attributes"], {"temperature": 0.5, "a": 1})
        self.assertEqual(turn_of(a=1, attributes={"a": 2})["attributes"], {"turn.a": 1, "a": 2})
        self.assertEqual(
            turn_of(exit_code=1, call_id="c", response_id="r", path=["a", 1]),
            {"exit_code": 1, "call_id": "c", "response_id": "r", "path": ["a", "1"]},
        )

    def test_converts_values_beyond_the_limits_to_text(self) -> None:
        deep: Any = 1
        for _ in range(100):
            deep = [deep]
        turn = turn_of(output=deep, parameters={str(i): i for i in range(3_000)})
        self.assertTrue(turn["output"].startswith("[[["))
        self.assertTrue(turn["parameters"].startswith('{"0":0'))
        self.assertLessEqual(byte_length(turn_of(tool="ü" * 900)["tool"]), limits.NAME_BYTES)

    def test_removes_the_largest_fields(self) -> None:
        prepared = prepare_turn(
            {"tool": "x", "output": "o" * 50_000, "message": "m" * 20_000, "error": "e" * 10}
        )
        smaller, left_out = shrink_turn(prepared, 30_000)
        self.assertEqual(left_out, ["output"])
        self.assertEqual(smaller.turn["attributes"], {"left_out": {"output": 50_002}})
        smallest, _ = shrink_turn(prepared, 8_192)
        self.assertLessEqual(smallest.size, 8_192)

    def test_maps_the_usage_of_providers(self) -> None:
        cases: list[tuple[dict[str, Any], dict[str, int], Any]] = [
            (
                {"input_tokens": 5, "output_tokens": "7", "cached_input_tokens": 2.6},
                {"input_tokens": 5, "output_tokens": 7, "cached_input_tokens": 3},
                None,
            ),
            (
                {
                    "prompt_tokens": 9,
                    "completion_tokens": 4,
                    "total_tokens": 13,
                    "prompt_tokens_details": {"cached_tokens": 3, "audio_tokens": 1},
                    "completion_tokens_details": {"reasoning_tokens": 2},
                },
                {"input_tokens": 9, "output_tokens": 4, "cached_input_tokens": 3, "reasoning_tokens": 2},
                {"prompt_tokens_details": {"audio_tokens": 1}},
            ),
            (
                {
                    "input_tokens": 10,
                    "input_tokens_details": {"cached_tokens": 4},
                    "output_tokens": 1,
                    "output_tokens_details": {"reasoning_tokens": 0},
                },
                {"input_tokens": 10, "output_tokens": 1, "cached_input_tokens": 4, "reasoning_tokens": 0},
                None,
            ),
            (
                {
                    "input_tokens": 10,
                    "cache_read_input_tokens": 100,
                    "cache_creation_input_tokens": 20,
                    "output_tokens": 5,
                    "service_tier": "standard",
                },
                {
                    "input_tokens": 130,
                    "output_tokens": 5,
                    "cached_input_tokens": 100,
                    "cache_creation_input_tokens": 20,
                },
                {"service_tier": "standard"},
            ),
            (
                {"input_tokens": 10, "cached_input_tokens": 100},
                {"input_tokens": 110, "cached_input_tokens": 100},
                None,
            ),
            (
                {"inputTokens": 3, "outputTokens": 2, "cachedInputTokens": 1, "reasoningTokens": 1},
                {"input_tokens": 3, "output_tokens": 2, "cached_input_tokens": 1, "reasoning_tokens": 1},
                None,
            ),
            (
                {
                    "promptTokenCount": 8,
                    "candidatesTokenCount": 5,
                    "thoughtsTokenCount": 2,
                    "totalTokenCount": 15,
                },
                {"input_tokens": 8, "output_tokens": 7, "reasoning_tokens": 2},
                None,
            ),
            (
                {"input_tokens": 8, "output_tokens": 5, "input_token_details": {"cache_read": 4}},
                {"input_tokens": 8, "output_tokens": 5, "cached_input_tokens": 4},
                None,
            ),
        ]
        for given, expected, rest in cases:
            with self.subTest(given):
                self.assertEqual(map_usage(given), (expected, rest))
        self.assertEqual(turn_of(usage={"credits": 3})["attributes"], {"usage": {"credits": 3}})


class PrepareTest(unittest.TestCase):
    def test_prepares_starts(self) -> None:
        start = prepare_start(
            {
                "intent": "x" * 100_000,
                "labels": {i: i for i in range(50)},
                "continues": "run-1",
                "grace_ms": "1000",
            }
        )
        self.assertEqual(byte_length(start["intent"]), limits.INTENT_BYTES)
        self.assertEqual(len(start["labels"]), limits.LABELS)
        self.assertEqual((start["continues"], start["grace_ms"]), ({"run_id": "run-1"}, 1000))
        self.assertTrue(start["idempotency_key"])

    def test_prepares_outcomes(self) -> None:
        outcome = prepare_outcome(
            "great", "s" * 100_000, {"evidence": "e" * 100_000, "metrics": {"a": float("nan")}, "none": None}
        )
        self.assertEqual((outcome["status"], outcome["given_status"]), ("done", "great"))
        self.assertEqual(outcome["metrics"], {"a": "NaN"})
        self.assertNotIn("evidence", outcome)
        self.assertLessEqual(len(encode(outcome)), limits.OUTCOME_BYTES)

    def test_prepares_progress(self) -> None:
        shown = prepare_progress(
            {"text": "a" * 50_000 + "end", "parameters": {"big": "x" * 50_000}, "tool": None}
        )
        self.assertTrue(shown["text"].endswith("end"))
        self.assertIsInstance(shown["parameters"], str)
        self.assertNotIn("tool", shown)


if __name__ == "__main__":
    unittest.main()
