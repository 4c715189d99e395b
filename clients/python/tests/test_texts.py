"""Exceptions, times and strings as they are sent."""

from __future__ import annotations

import datetime
import json
import unittest

from turnline._values.exceptions import describe_exception
from turnline._values.text import byte_length, cut_text, newest_text
from turnline._values.times import read_time, write_time


class ExceptionTest(unittest.TestCase):
    def test_describes_chains(self) -> None:
        try:
            try:
                try:
                    raise ConnectionRefusedError(111, "refused")
                except OSError as error:
                    raise RuntimeError("fetch failed") from error
            except RuntimeError:
                raise ValueError("no answer")  # noqa: B904
        except ValueError as error:
            described = describe_exception(error)
        self.assertIn("test_texts.py", described["stack"])
        fetch = described["cause"]
        self.assertTrue(fetch["implicit"])
        self.assertEqual(
            (fetch["cause"]["code"], fetch["cause"]["type"]), ("ECONNREFUSED", "ConnectionRefusedError")
        )
        self.assertNotIn("implicit", fetch["cause"])

    def test_limits_the_size(self) -> None:
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

    def test_describes_groups_and_notes(self) -> None:
        class Group(Exception):
            exceptions = (ValueError("a"), KeyError("b"))

        error = Group("both")
        error.__notes__ = ["while testing"]  # type: ignore[attr-defined]
        described = describe_exception(error)
        self.assertEqual([member["type"] for member in described["errors"]], ["ValueError", "KeyError"])
        self.assertEqual(described["notes"], ["while testing"])

    def test_describes_exceptions_that_cannot_be_printed(self) -> None:
        class Silent(Exception):
            def __str__(self) -> str:
                raise RuntimeError("no")

        self.assertIn("Silent", describe_exception(Silent())["message"])


class TimeTest(unittest.TestCase):
    def test_reads_texts_and_numbers(self) -> None:
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

    def test_reads_a_datetime_without_a_time_zone_as_local_time(self) -> None:
        naive = datetime.datetime(2026, 1, 1, 10)
        self.assertEqual(read_time(naive), naive.astimezone())

    def test_rejects_invalid_times(self) -> None:
        for raw in (
            "",
            "today",
            "2026-13-01T00:00:00Z",
            float("nan"),
            float("inf"),
            1e40,
            True,
            None,
            [],
            b"2026",
        ):
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
