"""The package's types and syntax, including for the oldest supported Python."""

from __future__ import annotations

import ast
import importlib.util
import subprocess
import sys
import unittest

from . import SOURCES

PACKAGE = SOURCES / "turnline"


class TypesTest(unittest.TestCase):
    @unittest.skipUnless(importlib.util.find_spec("mypy"), "mypy is not installed")
    def test_mypy_finds_no_errors(self) -> None:
        command = [
            sys.executable,
            "-m",
            "mypy",
            "--config-file",
            str(SOURCES.parent / "pyproject.toml"),
            "-p",
            "turnline",
        ]
        result = subprocess.run(command, cwd=SOURCES, capture_output=True, text=True)
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)

    def test_every_module_parses_as_the_oldest_supported_python(self) -> None:
        modules = list(PACKAGE.rglob("*.py"))
        self.assertGreater(len(modules), 20)
        for module in modules:
            ast.parse(module.read_text(encoding="utf-8"), str(module), feature_version=(3, 9))

    def test_the_package_is_marked_as_typed(self) -> None:
        self.assertTrue((PACKAGE / "py.typed").exists())


if __name__ == "__main__":
    unittest.main()
