"""A small agent in Python: weighs the files in a folder and reports the heaviest one.

python3 examples/agent.py [folder]     (TURNLINE_URL and TURNLINE_TOKEN select the server; default: this machine)
Requires python-socketio's client (pip install "python-socketio[client]"; Debian: python3-socketio, python3-requests).
"""

import os
import sys
from pathlib import Path

# For running from a checkout. Not needed if the package is installed (pip install turnline-….whl).
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "clients" / "python" / "src"))

import turnline  # noqa: E402


def main(folder: str) -> int:
    token = os.environ.get("TURNLINE_TOKEN") or Path(".turnline/agent.token").read_text()
    agent = turnline.connect_agent(token=token, agent_id="examples/weigher", agent_name="Weigher", flush_on_exit=True)
    with agent, agent.run(intent=f"Find what is heavy in {folder}", labels={"example": "python"}) as run:
        if run.started() is None:
            return 1  # The error has already been logged.
        print(f"{agent.url}/runs/{run.run_id}", flush=True)

        @run.tool
        def weigh(path: str) -> dict:
            return {"bytes": os.path.getsize(path)}

        run.turn(kind="model", prompt=f"What is heavy in {folder}?", message="I will weigh every file.")
        sizes = {}
        for name in sorted(os.listdir(folder)):
            run.raise_if_cancelled()
            sizes[name] = weigh(os.path.join(folder, name))["bytes"]
        heaviest = max(sizes, key=sizes.get, default="nothing")
        run.turn(kind="model", message=f"The heaviest of {len(sizes)} files is **{heaviest}**.")
        # This returns True once everything recorded so far is stored, even if the server restarts in the meantime.
        return 0 if run.complete("success", heaviest, timeout=60, metrics=sizes) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else "examples"))
