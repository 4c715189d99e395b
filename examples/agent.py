"""A small agent in Python: weighs the files of a folder and reports the heaviest.

python3 examples/agent.py [folder]     (TURNLINE_URL and TURNLINE_TOKEN say where to, unless it is this machine)
Needs python-socketio with its client (pip install "python-socketio[client]"; Debian: python3-socketio, python3-requests).
"""

import os
import sys
from pathlib import Path

# From a checkout; with the package installed (pip install turnline-….whl) this line isn't needed.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "clients" / "python" / "src"))

import turnline  # noqa: E402


def main(folder: str) -> int:
    token = os.environ.get("TURNLINE_TOKEN") or Path(".turnline/agent.token").read_text()
    agent = turnline.connect_agent(token=token, agent_id="examples/weigher", agent_name="Weigher", flush_on_exit=True)
    with agent, agent.run(intent=f"Find what is heavy in {folder}", labels={"example": "python"}) as run:
        if run.started() is None:
            return 1  # Why was logged already.
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
        # Everything recorded so far is stored before this returns True, also over a restart of the server.
        return 0 if run.complete("success", heaviest, timeout=60, metrics=sizes) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else "examples"))
