"""Values, turns, times and usage as they go onto the wire."""

from __future__ import annotations

import asyncio
import collections
import dataclasses
import datetime
import decimal
import enum
import functools
import json
import pathlib
import random
import types
import unittest
import uuid
from typing import Any, Optional

from turnline import _limits as limits
from turnline._values.clean import MAX_DEPTH, clean
from turnline._values.exceptions import describe_exception
from turnline._values.prepare import prepare_outcome, prepare_progress, prepare_start
from turnline._values.text import byte_length, cut_text, encode, newest_text
from turnline._values.times import read_time, write_time
from turnline._values.turn import prepare_turn, shrink_turn
from turnline._values.usage import map_usage

try:
    import numpy
except ImportError:
    numpy = None  # type: ignore[assignment]
try:
    import attr
except ImportError:
    attr = None  # type: ignore[assignment]
try:
    import pydantic
except ImportError:
    pydantic = None  # type: ignore[assignment]


class Colour(enum.Enum):
    RED = "red"
    ODD = (1, b"x")


class Level(enum.IntEnum):
    HIGH = 3


@dataclasses.dataclass
class Point:
    x: int
    note: Any = None


Pair = collections.namedtuple("Pair", "left right")


class ModelOfVersion2:
    """Like a pydantic 2 model."""

    def model_dump(self) -> dict[str, Any]:
        return {"id": uuid.UUID(int=7), "price": decimal.Decimal("1.10")}


class ModelOfVersion1:
    """Like a pydantic 1 model."""

    __fields__ = {"id": None}

    def dict(self) -> Any:
        return {"id": 1}


class Hostile:
    def __repr__(self) -> str:
        raise RuntimeError("no repr")


class HostileDict(dict):  # type: ignore[type-arg]
    def items(self) -> Any:
        raise RuntimeError("no items")


class Array:
    """Like a numpy array or a tensor."""

    dtype = "float32"

    def __init__(self, shape: tuple[int, ...], values: Any) -> None:
        self._shape = shape
        self._values = values

    @property
    def shape(self) -> tuple[int, ...]:
        return self._shape

    def tolist(self) -> Any:
        return self._values


def turn_of(**fields: Any) -> dict[str, Any]:
    return prepare_turn(fields).turn


class CleanTest(unittest.TestCase):
    def assert_clean(self, raw: Any, expected: Any) -> None:
        self.assertEqual(clean(raw).value, expected)
        self.assertEqual(type(clean(raw).value), type(expected))

    def test_json_stays_as_it_is(self) -> None:
        value = {"a": [1, 2.5, True, None, "ü\x1b[31m\ud800"], "": {}, "__class__": []}
        self.assert_clean(value, value)
        self.assertIsNot(clean(value).value, value)

    def test_bytes(self) -> None:
        self.assert_clean("grün\n".encode(), "grün\n")
        self.assert_clean(bytearray(b"abc"), "abc")
        self.assert_clean(memoryview(b"abc"), "abc")
        self.assert_clean(b"\xff\x00", "[binary, 2 bytes]")
        self.assert_clean({b"key": b"\x80"}, {"key": "[binary, 1 bytes]"})

    def test_numbers(self) -> None:
        self.assert_clean(float("nan"), "NaN")
        self.assert_clean(float("inf"), "Infinity")
        self.assert_clean(float("-inf"), "-Infinity")
        self.assert_clean(1610521604143693812, 1610521604143693812)
        self.assertEqual(encode(clean(2**200).value), str(2**200).encode())
        self.assert_clean(10**400, "1" + "0" * 400)
        self.assertTrue(clean(10**5_000).value.startswith("0x"))
        self.assert_clean(decimal.Decimal("0.10"), "0.10")
        self.assert_clean(True, True)
        self.assert_clean(complex(1, 2), "(1+2j)")

    def test_times(self) -> None:
        utc = datetime.timezone.utc
        self.assert_clean(datetime.datetime(2026, 1, 2, 3, 4, 5, tzinfo=utc), "2026-01-02T03:04:05+00:00")
        self.assert_clean(datetime.datetime(2026, 1, 2, 3, 4), "2026-01-02T03:04:00")
        self.assert_clean(datetime.date(2026, 1, 2), "2026-01-02")
        self.assert_clean(datetime.timedelta(minutes=1), "0:01:00")

    def test_enums_names_and_paths(self) -> None:
        self.assert_clean([Colour.RED, Colour.ODD, Level.HIGH], ["red", [1, "x"], 3])
        self.assert_clean(pathlib.PurePosixPath("/tmp/a"), "/tmp/a")
        self.assert_clean(uuid.UUID(int=1), "00000000-0000-0000-0000-000000000001")

    def test_containers(self) -> None:
        self.assert_clean((1, (2,)), [1, [2]])
        self.assert_clean({3, 1, 2}, [1, 2, 3])
        self.assertEqual(sorted(clean({1, "a"}).value, key=str), [1, "a"])
        self.assert_clean(Pair(1, "r"), {"left": 1, "right": "r"})
        self.assert_clean(collections.OrderedDict(a=1), {"a": 1})
        self.assert_clean(collections.deque([1]), [1])
        self.assert_clean({"a": 1}.keys(), ["a"])
        self.assert_clean(range(3), [0, 1, 2])
        self.assert_clean(types.MappingProxyType({"a": 1}), {"a": 1})

    def test_keys_of_other_types(self) -> None:
        self.assert_clean({1: "a", None: "b", 2.5: "c", Colour.RED: "d", (1, 2): "e"}, {"1": "a", "null": "b", "2.5": "c", "red": "d", "(1, 2)": "e"})
        self.assert_clean({True: "a"}, {"true": "a"})
        self.assert_clean({1: "a", "1": "b"}, [[1, "a"], ["1", "b"]])

    def test_objects(self) -> None:
        self.assert_clean(Point(1, Point(2)), {"x": 1, "note": {"x": 2, "note": None}})
        self.assert_clean(ModelOfVersion2(), {"id": str(uuid.UUID(int=7)), "price": "1.10"})
        self.assert_clean(ModelOfVersion1(), {"id": 1})
        self.assert_clean(types.SimpleNamespace(a=1, _private=2), {"a": 1})
        self.assertRegex(clean(object()).value, "^<object object at")

    def test_functions_and_iterators_are_named_and_not_consumed(self) -> None:
        def named() -> None: ...

        generator = (i for i in range(3))
        self.assertIn("named", clean(named).value)
        self.assert_clean(len, "[function len]")
        self.assertIn("partial", clean(functools.partial(int, base=2)).value)
        self.assert_clean(Point, "[class Point]")
        self.assert_clean(json, "[module json]")
        self.assertIn("generator", clean(generator).value)
        self.assertEqual(list(generator), [0, 1, 2])

        async def work() -> None: ...

        coroutine = work()
        self.assertIn("coroutine", clean(coroutine).value)
        asyncio.run(coroutine)

    def test_arrays(self) -> None:
        self.assert_clean(Array((2,), [1.5, float("nan")]), [1.5, "NaN"])
        self.assert_clean(Array((), 1.5), 1.5)
        self.assert_clean(Array((1_000, 1_000), None), "[Array of float32, shape (1000, 1000)]")

    @unittest.skipIf(numpy is None, "numpy is not installed")
    def test_numpy(self) -> None:
        self.assert_clean([numpy.float32(1.5), numpy.int64(3), numpy.bool_(True)], [1.5, 3, True])
        self.assert_clean(numpy.arange(4).reshape(2, 2), [[0, 1], [2, 3]])
        self.assertEqual(turn_of(duration_ms=numpy.float64(2.5), cost_usd=numpy.float32(0.5))["duration_ms"], 2.5)

    @unittest.skipIf(attr is None, "attrs is not installed")
    def test_attrs(self) -> None:
        self.assert_clean(attr.make_class("Thing", ["a"])(b"x"), {"a": "x"})

    @unittest.skipIf(pydantic is None, "pydantic is not installed")
    def test_pydantic(self) -> None:
        class Order(pydantic.BaseModel):  # type: ignore[misc, name-defined]
            id: int
            note: Optional[bytes] = None

        self.assert_clean(Order(id=2**60, note=b"x"), {"id": 2**60, "note": "x"})

    def test_exceptions(self) -> None:
        value = clean({"failed": ValueError("bad")}).value
        self.assertEqual(value, {"failed": {"message": "bad", "type": "ValueError"}})

    def test_cycles(self) -> None:
        loop: list[Any] = [1]
        loop.append({"loop": loop})
        self.assert_clean(loop, [1, {"loop": "[circular]"}])
        node = types.SimpleNamespace()
        node.self = node
        self.assert_clean(node, {"self": "[circular]"})
        shared = [1]
        self.assert_clean([shared, shared], [[1], [1]])

    def test_objects_that_raise(self) -> None:
        self.assert_clean({"a": Hostile(), "b": 1}, {"a": "[unreadable: no repr]", "b": 1})
        self.assert_clean([HostileDict(a=1)], ["[unreadable: no items]"])

    def test_depth_and_size_are_bounded(self) -> None:
        deep: Any = []
        for _ in range(100_000):
            deep = [deep]
        self.assertEqual(clean(deep).depth, MAX_DEPTH)
        wide = clean([{str(i): i for i in range(1_000)} for _ in range(1_000)])
        self.assertLessEqual(wide.keys, 200_000)
        self.assertEqual(clean(list(range(300_000))).value[-1], "[50000 more items]")

    def test_any_nesting_of_odd_values_becomes_json(self) -> None:
        rng = random.Random(7)
        leaves = [b"\xff", b"ok", float("nan"), 10**30, None, "\ud800", Colour.RED, Point(1), object(), Hostile(), {1}, ValueError("x"), Array((), 1)]

        def value(depth: int) -> Any:
            choice = rng.random()
            if depth == 0 or choice < 0.3:
                return rng.choice(leaves)
            if choice < 0.6:
                return [value(depth - 1) for _ in range(rng.randrange(4))]
            return {rng.choice([1, "a", None, (1,), Colour.RED]): value(depth - 1) for _ in range(rng.randrange(4))}

        for _ in range(500):
            json.loads(prepare_turn({"output": value(6), "parameters": value(6), "extra": value(3)}).json)


class TurnTest(unittest.TestCase):
    def test_none_is_absent(self) -> None:
        self.assertEqual(turn_of(tool="x", output=None, error=None, usage=None, message=None), {"tool": "x"})
        self.assertEqual(turn_of(output={"a": None})["output"], {"a": None})

    def test_kinds_of_other_libraries(self) -> None:
        self.assertEqual(turn_of(kind="assistant"), {"kind": "model", "attributes": {"kind": "assistant"}})
        self.assertEqual(turn_of(kind="user")["kind"], "human")
        self.assertEqual(turn_of(kind="retriever")["kind"], "tool")
        self.assertEqual(turn_of(kind="chain"), {"attributes": {"kind": "chain"}})

    def test_times_and_durations_that_cannot_be_true_are_kept_as_refused(self) -> None:
        turn = turn_of(message="x", started_at="soon", duration_ms=-5, cost_usd="many")
        self.assertEqual(turn, {"message": "x", "attributes": {"refused": {"started_at": "soon", "duration_ms": -5, "cost_usd": "many"}}})
        self.assertNotIn("started_at", turn_of(started_at="1999-01-01T00:00:00Z"))
        self.assertEqual(turn_of(duration_ms="12.5", cost_usd=decimal.Decimal("0.25"))["cost_usd"], 0.25)

    def test_errors_of_every_shape(self) -> None:
        self.assertEqual(turn_of(error="no")["error"], {"message": "no"})
        self.assertEqual(turn_of(error={"message": "no", "code": 7, "type": None})["error"], {"message": "no", "code": 7})
        self.assertEqual(turn_of(error={"reason": "x"})["error"]["message"], '{"reason":"x"}')
        self.assertEqual(turn_of(error=KeyError("k"))["error"], {"message": "'k'", "type": "KeyError"})

    def test_unknown_fields_are_kept(self) -> None:
        turn = turn_of(message="x", temperature=0.5, attributes={"a": 1})
        self.assertEqual(turn["attributes"], {"temperature": 0.5, "a": 1})
        self.assertEqual(turn_of(a=1, attributes={"a": 2})["attributes"], {"turn.a": 1, "a": 2})
        self.assertEqual(turn_of(exit_code=1, call_id="c", response_id="r", path=["a", 1]), {"exit_code": 1, "call_id": "c", "response_id": "r", "path": ["a", "1"]})

    def test_values_past_the_limits_become_text(self) -> None:
        deep: Any = 1
        for _ in range(100):
            deep = [deep]
        turn = turn_of(output=deep, parameters={str(i): i for i in range(3_000)})
        self.assertTrue(turn["output"].startswith("[[["))
        self.assertTrue(turn["parameters"].startswith('{"0":0'))
        self.assertLessEqual(byte_length(turn_of(tool="ü" * 900)["tool"]), limits.NAME_BYTES)

    def test_shrinks_the_largest_fields(self) -> None:
        prepared = prepare_turn({"tool": "x", "output": "o" * 50_000, "message": "m" * 20_000, "error": "e" * 10})
        smaller, left_out = shrink_turn(prepared, 30_000)
        self.assertEqual(left_out, ["output"])
        self.assertEqual(smaller.turn["attributes"], {"left_out": {"output": 50_002}})
        smallest, _ = shrink_turn(prepared, 8_192)
        self.assertLessEqual(smallest.size, 8_192)

    def test_usage_of_providers(self) -> None:
        cases: list[tuple[dict[str, Any], dict[str, int], Any]] = [
            ({"input_tokens": 5, "output_tokens": "7", "cached_input_tokens": 2.6}, {"input_tokens": 5, "output_tokens": 7, "cached_input_tokens": 3}, None),
            (
                {"prompt_tokens": 9, "completion_tokens": 4, "total_tokens": 13, "prompt_tokens_details": {"cached_tokens": 3, "audio_tokens": 1}, "completion_tokens_details": {"reasoning_tokens": 2}},
                {"input_tokens": 9, "output_tokens": 4, "cached_input_tokens": 3, "reasoning_tokens": 2},
                {"prompt_tokens_details": {"audio_tokens": 1}},
            ),
            ({"input_tokens": 10, "input_tokens_details": {"cached_tokens": 4}, "output_tokens": 1, "output_tokens_details": {"reasoning_tokens": 0}}, {"input_tokens": 10, "output_tokens": 1, "cached_input_tokens": 4, "reasoning_tokens": 0}, None),
            (
                {"input_tokens": 10, "cache_read_input_tokens": 100, "cache_creation_input_tokens": 20, "output_tokens": 5, "service_tier": "standard"},
                {"input_tokens": 130, "output_tokens": 5, "cached_input_tokens": 100, "cache_creation_input_tokens": 20},
                {"service_tier": "standard"},
            ),
            ({"input_tokens": 10, "cached_input_tokens": 100}, {"input_tokens": 110, "cached_input_tokens": 100}, None),
            ({"inputTokens": 3, "outputTokens": 2, "cachedInputTokens": 1, "reasoningTokens": 1}, {"input_tokens": 3, "output_tokens": 2, "cached_input_tokens": 1, "reasoning_tokens": 1}, None),
            ({"promptTokenCount": 8, "candidatesTokenCount": 5, "thoughtsTokenCount": 2, "totalTokenCount": 15}, {"input_tokens": 8, "output_tokens": 7, "reasoning_tokens": 2}, None),
            ({"input_tokens": 8, "output_tokens": 5, "input_token_details": {"cache_read": 4}}, {"input_tokens": 8, "output_tokens": 5, "cached_input_tokens": 4}, None),
        ]
        for given, expected, rest in cases:
            with self.subTest(given):
                self.assertEqual(map_usage(given), (expected, rest))
        self.assertEqual(turn_of(usage={"credits": 3})["attributes"], {"usage": {"credits": 3}})


class PrepareTest(unittest.TestCase):
    def test_starts(self) -> None:
        start = prepare_start({"intent": "x" * 100_000, "labels": {i: i for i in range(50)}, "continues": "run-1", "grace_ms": "1000"})
        self.assertEqual(byte_length(start["intent"]), limits.INTENT_BYTES)
        self.assertEqual(len(start["labels"]), limits.LABELS)
        self.assertEqual((start["continues"], start["grace_ms"]), ({"run_id": "run-1"}, 1000))
        self.assertTrue(start["idempotency_key"])

    def test_outcomes(self) -> None:
        outcome = prepare_outcome("great", "s" * 100_000, {"evidence": "e" * 100_000, "metrics": {"a": float("nan")}, "none": None})
        self.assertEqual((outcome["status"], outcome["given_status"]), ("done", "great"))
        self.assertEqual(outcome["metrics"], {"a": "NaN"})
        self.assertNotIn("evidence", outcome)
        self.assertLessEqual(len(encode(outcome)), limits.OUTCOME_BYTES)

    def test_progress(self) -> None:
        shown = prepare_progress({"text": "a" * 50_000 + "end", "parameters": {"big": "x" * 50_000}, "tool": None})
        self.assertTrue(shown["text"].endswith("end"))
        self.assertIsInstance(shown["parameters"], str)
        self.assertNotIn("tool", shown)


class ExceptionTest(unittest.TestCase):
    def test_chains(self) -> None:
        try:
            try:
                try:
                    raise ConnectionRefusedError(111, "refused")
                except OSError as error:
                    raise RuntimeError("fetch failed") from error
            except RuntimeError:
                raise ValueError("no answer")
        except ValueError as error:
            described = describe_exception(error)
        self.assertIn("test_values.py", described["stack"])
        fetch = described["cause"]
        self.assertTrue(fetch["implicit"])
        self.assertEqual((fetch["cause"]["code"], fetch["cause"]["type"]), ("ECONNREFUSED", "ConnectionRefusedError"))
        self.assertNotIn("implicit", fetch["cause"])

    def test_bounds(self) -> None:
        def recurse(n: int) -> None:
            recurse(n + 1)

        error: BaseException = ValueError("first")
        for i in range(100):
            following = ValueError(f"{i}")
            following.__cause__ = error
            error = following
        self.assertLess(len(json.dumps(describe_exception(error))), 20_000)
        try:
            recurse(0)
        except RecursionError as raised:
            self.assertLess(len(json.dumps(describe_exception(raised))), 40_000)

    def test_groups_and_notes(self) -> None:
        class Group(Exception):
            exceptions = (ValueError("a"), KeyError("b"))

        error = Group("both")
        error.__notes__ = ["while testing"]  # type: ignore[attr-defined]
        described = describe_exception(error)
        self.assertEqual([member["type"] for member in described["errors"]], ["ValueError", "KeyError"])
        self.assertEqual(described["notes"], ["while testing"])

    def test_exceptions_that_cannot_be_printed(self) -> None:
        class Silent(Exception):
            def __str__(self) -> str:
                raise RuntimeError("no")

        self.assertIn("Silent", describe_exception(Silent())["message"])


class TimeTest(unittest.TestCase):
    def test_texts_and_numbers(self) -> None:
        expected = "2026-01-01T10:00:00.123Z"
        for raw in (
            "2026-01-01T10:00:00.123456", "2026-01-01T10:00:00.123Z", "2026-01-01 11:00:00,123+01:00", "2026-01-01T05:00:00.123-0500",
            1767261600.123, 1767261600123, 1767261600123000, 1767261600123000000, "1767261600.123", " 1767261600123 ",
            datetime.datetime(2026, 1, 1, 10, 0, 0, 123_456, tzinfo=datetime.timezone.utc),
        ):  # fmt: skip
            with self.subTest(raw):
                moment = read_time(raw)
                self.assertIsNotNone(moment)
                self.assertEqual(write_time(moment), expected)  # type: ignore[arg-type]

    def test_a_datetime_without_a_zone_is_local(self) -> None:
        naive = datetime.datetime(2026, 1, 1, 10)
        self.assertEqual(read_time(naive), naive.astimezone())

    def test_nonsense(self) -> None:
        for raw in ("", "today", "2026-13-01T00:00:00Z", float("nan"), float("inf"), 1e40, True, None, [], b"2026"):
            with self.subTest(raw):
                self.assertIsNone(read_time(raw))


class TextTest(unittest.TestCase):
    def test_cuts_at_character_boundaries(self) -> None:
        for text in ("äöü€€𝄞x" * 4, "𝄞" * 9, "a\ud800€" * 9, "plain ascii text"):
            for size in range(4, 60):
                with self.subTest(text=text, size=size):
                    head, tail = cut_text(text, size), newest_text(text, size)
                    self.assertLessEqual(max(byte_length(head), byte_length(tail)), size)
                    self.assertTrue(head == text or (head.endswith("…") and text.startswith(head[:-1])))
                    self.assertTrue(text.endswith(tail))
                    if byte_length(text) > size:
                        self.assertGreater(min(byte_length(head), byte_length(tail)), size - 4)


if __name__ == "__main__":
    unittest.main()
