"""Turns, starts, progress and outcomes as they are sent."""

from __future__ import annotations

import decimal
import unittest
from typing import Any

from turnline import _limits as limits
from turnline._values.prepare import prepare_outcome, prepare_progress, prepare_start
from turnline._values.text import byte_length, encode
from turnline._values.turn import prepare_turn, shrink_turn


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
        self.assertEqual(turn_of(kind="Tool"), {"kind": "tool", "attributes": {"kind": "Tool"}})
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
        self.assertEqual(turn_of(error={"error": {"message": "inner"}})["error"]["message"], "inner")
        self.assertEqual(turn_of(error={"detail": "d", "type": 5})["error"]["message"], "d")
        self.assertEqual(turn_of(error=True)["error"], {"message": "error"})
        self.assertEqual((turn_of(error=False), turn_of(error="")), ({}, {}))
        self.assertEqual(turn_of(error=KeyError("k"))["error"], {"message": "'k'", "type": "KeyError"})

    def test_keeps_unknown_fields_as_attributes(self) -> None:
        turn = turn_of(message="x", temperature=0.5, attributes={"a": 1})
        self.assertEqual(turn["attributes"], {"temperature": 0.5, "a": 1})
        self.assertEqual(turn_of(a=1, attributes={"a": 2})["attributes"], {"turn.a": 1, "a": 2})
        self.assertEqual(
            turn_of(refused="by hand", duration_ms=-1)["attributes"],
            {"turn.refused": "by hand", "refused": {"duration_ms": -1}},
        )
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

    def test_removes_any_field_that_is_too_large(self) -> None:
        big = "x" * 100_000
        copied = {"usage": {big: 1}, "path": [big], "child_run_id": big, "cli_outcome": big, "kind": big}
        prepared = prepare_turn({"tool": "x", "duration_ms": 5, "error": big, **copied})
        smaller, left_out = shrink_turn(prepared, 8_192)
        self.assertLessEqual(smaller.size, 8_192)
        self.assertEqual(
            (smaller.turn["tool"], smaller.turn["duration_ms"], smaller.turn["error"]["message"]),
            ("x", 5, "[left out: too large]"),
        )
        self.assertLessEqual({"usage", "path", "child_run_id", "cli_outcome", "error"}, set(left_out))

    def test_leaves_usage_to_the_server(self) -> None:
        openai = {"prompt_tokens": 9, "prompt_tokens_details": {"cached_tokens": 3}, "total_tokens": 13}
        self.assertEqual(turn_of(usage=openai), {"usage": openai})
        self.assertEqual(turn_of(usage="many"), {"usage": "many"})
        self.assertEqual(turn_of(usage={"cost": float("nan")}), {"usage": {"cost": "NaN"}})

    def test_reads_content_blocks_as_the_server_does(self) -> None:
        blocks = [{"type": "text", "text": "one"}, {"type": "output_text", "text": "two", "annotations": []}]
        self.assertEqual(turn_of(message=blocks), {"message": "one\ntwo"})
        self.assertEqual(turn_of(prompt=["a", {"text": "b"}]), {"prompt": "a\nb"})
        cited = [{"type": "text", "text": "one", "citations": ["page 3"]}]
        self.assertEqual(turn_of(message=cited), {"message": "one", "attributes": {"message": cited}})
        image = [{"type": "text", "text": "one"}, {"type": "image", "source": "a.png"}]
        self.assertEqual(
            turn_of(message=image),
            {"message": '[{"type":"text","text":"one"},{"type":"image","source":"a.png"}]'},
        )
        self.assertEqual(turn_of(thinking=[]), {"thinking": "[]"})

    def test_keeps_the_full_text_of_names_that_are_too_long(self) -> None:
        name = "ü" * 200
        turn = turn_of(tool=name, model="m")
        self.assertEqual((turn["tool"], turn["model"]), ("ü" * 128, "m"))
        self.assertEqual(turn["attributes"], {"refused": {"tool": name}})

    def test_leaves_values_that_do_not_fit_to_the_server(self) -> None:
        self.assertEqual(
            turn_of(policy_rejected="yes", child_run_id=7, path="outer"),
            {"policy_rejected": "yes", "child_run_id": "7", "path": ["outer"]},
        )
        self.assertEqual(len(turn_of(path=["step"] * 200)["path"]), 200)
        self.assertEqual(turn_of(exit_code="one")["attributes"], {"refused": {"exit_code": "one"}})


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
        self.assertEqual((outcome["status"], outcome["reported_status"]), ("done", "great"))
        self.assertEqual(outcome["metrics"], {"a": "NaN"})
        self.assertNotIn("evidence", outcome)
        self.assertLessEqual(len(encode(outcome)), limits.OUTCOME_BYTES)

    def test_maps_statuses_as_the_server_does(self) -> None:
        for given, expected in [
            ("success", {"status": "success"}),
            ("OK", {"status": "success", "reported_status": "OK"}),
            ("timed out", {"status": "timeout", "reported_status": "timed out"}),
            ("Gave-Up", {"status": "give_up", "reported_status": "Gave-Up"}),
            ("finished", {"status": "done", "reported_status": "finished"}),
            (False, {"status": "done", "reported_status": "false"}),
            (None, {"status": "done"}),
            ({"status": "failed", "summary": "s", "exit": 3}, {"status": "failure", "summary": "s", "exit": 3}),
        ]:
            with self.subTest(given):
                outcome = prepare_outcome(given, None, {})
                if isinstance(given, dict):
                    self.assertEqual(outcome.pop("reported_status"), "failed")
                self.assertEqual(outcome, expected)
        self.assertEqual(
            prepare_outcome("done", None, {"timestamp": "soon"}),
            {"status": "done", "reported_timestamp": "soon"},
        )

    def test_accepts_labels_and_sources_in_any_form(self) -> None:
        start = prepare_start({"intent": "x", "labels": ["a", "b"], "source": 5, "continues": 17})
        self.assertEqual(start["labels"], {"labels": "a\nb"})
        self.assertEqual((start["source"], start["continues"]), ({"name": "5"}, {"run_id": "17"}))
        self.assertNotIn("labels", prepare_start({"intent": "x", "labels": None}))

    def test_prepares_progress(self) -> None:
        shown = prepare_progress(
            {"text": "a" * 50_000 + "end", "parameters": {"big": "x" * 50_000}, "tool": None}
        )
        self.assertTrue(shown["text"].endswith("end"))
        self.assertIsInstance(shown["parameters"], str)
        self.assertNotIn("tool", shown)


if __name__ == "__main__":
    unittest.main()
