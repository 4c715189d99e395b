"""Tests of the Python client: `python3 -m unittest discover -s clients/python/tests -t clients/python`."""

import logging
import sys
from pathlib import Path

SOURCES = Path(__file__).resolve().parent.parent / "src"
if str(SOURCES) not in sys.path:
    sys.path.insert(0, str(SOURCES))

# What the fake server's libraries say when its connections are cut is no matter of the tests.
for name in ("asyncio", "aiohttp", "engineio", "socketio"):
    logging.getLogger(name).setLevel(logging.CRITICAL)
