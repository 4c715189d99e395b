"""Sets the package's version to the project's; everything else is in pyproject.toml."""

import json
import re
from pathlib import Path

from setuptools import setup

HERE = Path(__file__).resolve().parent
PROJECT = HERE.parent.parent / "package.json"


def project_version() -> str:
    """Returns the project's version in Python's notation.

    It is read from package.json or, in a source distribution, from PKG-INFO.
    """
    if PROJECT.exists():
        return re.sub(
            r"-(alpha|beta|rc)\.?(\d+)$",
            lambda match: {"alpha": "a", "beta": "b"}.get(match[1], "rc") + match[2],
            json.loads(PROJECT.read_text())["version"],
        )
    metadata = (HERE / "PKG-INFO").read_text()
    return re.search(r"^Version: (\S+)", metadata, re.MULTILINE)[1]


setup(version=project_version())
