"""Runs the examples in docs/python.md."""

from __future__ import annotations

import re
import unittest
from pathlib import Path
from typing import Any

import turnline

# These modules install stand-ins for libraries that are missing.
from . import test_langchain, test_openai_agents  # noqa: F401
from .support import FakeServerTest

DOCS = Path(__file__).resolve().parents[3] / "docs" / "python.md"
BLOCKS = (
    re.findall(r"^```python\n(.*?)^```", DOCS.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    if DOCS.exists()
    else []
)


@unittest.skipUnless(BLOCKS, "docs/python.md is missing")
class DocsTest(FakeServerTest):
    def test_every_example_runs(self) -> None:
        self.assertGreater(len(BLOCKS), 10)
        for block in BLOCKS:
            with self.subTest(block.split("\n")[0]):
                self.server.runs.clear()
                agent = self.connect()
                names: dict[str, Any] = {
                    "turnline": turnline,
                    "agent": agent,
                    "url": self.server.url,
                    "token": "t",
                }
                source = block.replace("http://127.0.0.1:3000", self.server.url)
                exec(compile(source, str(DOCS), "exec"), names)
                if names["agent"] is not agent:
                    self.agents.append(names["agent"])
                for run in self.server.runs.values():
                    self.assertEqual(run.status, "completed", run.start)
        self.assertTrue({error.code for error in self.errors} <= {"unreachable"}, self.errors)

    def test_every_export_is_documented(self) -> None:
        text = DOCS.read_text(encoding="utf-8")
        for name in [*turnline.__all__, "RunHandler", "TurnlineCallbackHandler", "TurnlineTracingProcessor"]:
            if name not in ("Agent", "Run", "__version__"):
                self.assertIn(name, text)


if __name__ == "__main__":
    unittest.main()
