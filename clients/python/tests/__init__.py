"""Tests of the Python client: `python3 -m unittest discover -s clients/python/tests -t clients/python`."""

import logging
import sys
from pathlib import Path

SOURCES = Path(__file__).resolve().parent.parent / "src"
if str(SOURCES) not in sys.path:
    sys.path.insert(0, str(SOURCES))

# The fake server's libraries log errors whenever a test cuts a connection.
for name in ("asyncio", "aiohttp", "engineio", "socketio"):
    logging.getLogger(name).setLevel(logging.CRITICAL)
