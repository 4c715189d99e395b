"""Conversion of values to JSON."""

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

from turnline._values.clean import MAX_DEPTH, clean
from turnline._values.text import encode
from turnline._values.turn import prepare_turn

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


class Color(enum.Enum):
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

    def test_leaves_json_unchanged(self) -> None:
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
        self.assert_clean([Color.RED, Color.ODD, Level.HIGH], ["red", [1, "x"], 3])
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
        self.assert_clean(
            {1: "a", None: "b", 2.5: "c", Color.RED: "d", (1, 2): "e"},
            {"1": "a", "null": "b", "2.5": "c", "red": "d", "(1, 2)": "e"},
        )
        self.assert_clean({True: "a"}, {"true": "a"})
        self.assert_clean({1: "a", "1": "b"}, [[1, "a"], ["1", "b"]])

    def test_objects(self) -> None:
        self.assert_clean(Point(1, Point(2)), {"x": 1, "note": {"x": 2, "note": None}})
        self.assert_clean(ModelOfVersion2(), {"id": str(uuid.UUID(int=7)), "price": "1.10"})
        self.assert_clean(ModelOfVersion1(), {"id": 1})
        self.assert_clean(types.SimpleNamespace(a=1, _private=2), {"a": 1})
        self.assertRegex(clean(object()).value, "^<object object at")

    def test_names_functions_and_iterators_without_consuming_them(self) -> None:
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
        self.assertEqual(
            turn_of(duration_ms=numpy.float64(2.5), cost_usd=numpy.float32(0.5))["duration_ms"], 2.5
        )

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

    def test_limits_depth_and_size(self) -> None:
        deep: Any = []
        for _ in range(100_000):
            deep = [deep]
        self.assertEqual(clean(deep).depth, MAX_DEPTH)
        wide = clean([{str(i): i for i in range(1_000)} for _ in range(1_000)])
        self.assertLessEqual(wide.keys, 200_000)
        self.assertEqual(clean(list(range(300_000))).value[-1], "[50000 more items]")

    def test_converts_any_nesting_of_unusual_values_to_json(self) -> None:
        rng = random.Random(7)
        leaves = [
            b"\xff",
            b"ok",
            float("nan"),
            10**30,
            None,
            "\ud800",
            Color.RED,
            Point(1),
            object(),
            Hostile(),
            {1},
            ValueError("x"),
            Array((), 1),
        ]

        def value(depth: int) -> Any:
            choice = rng.random()
            if depth == 0 or choice < 0.3:
                return rng.choice(leaves)
            if choice < 0.6:
                return [value(depth - 1) for _ in range(rng.randrange(4))]
            return {
                rng.choice([1, "a", None, (1,), Color.RED]): value(depth - 1)
                for _ in range(rng.randrange(4))
            }

        for _ in range(500):
            json.loads(prepare_turn({"output": value(6), "parameters": value(6), "extra": value(3)}).json)


if __name__ == "__main__":
    unittest.main()
