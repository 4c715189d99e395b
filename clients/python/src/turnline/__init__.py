"""Turnline for Python: records what an AI agent does, turn by turn, for people to watch as it happens.

    import turnline

    agent = turnline.connect_agent("http://127.0.0.1:3000", token)
    with agent.run(intent="Say hello", agent_id="hello") as run:
        run.turn(tool="bash", parameters={"command": "echo hello"}, output="hello\\n", duration_ms=12)

For asyncio: `turnline.aio`. For other libraries: `turnline.logging`, `turnline.langchain`,
`turnline.openai_agents`.
"""

from __future__ import annotations

from importlib import metadata as _metadata

from .agent import Agent, connect_agent
from .errors import AgentError
from .run import Run, current_run, tool

try:
    __version__ = _metadata.version("turnline")
except _metadata.PackageNotFoundError:  # Running from a checkout.
    __version__ = "0.0.0+checkout"

__all__ = ["Agent", "AgentError", "Run", "__version__", "connect_agent", "current_run", "tool"]
