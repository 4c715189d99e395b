# A small agent in plain Python: weighs the files of a folder and reports the heaviest.
# Needs python-socketio and requests (Debian: python3-socketio, python3-requests).
# python3 examples/agent.py [folder]     (TURNLINE_URL and TURNLINE_TOKEN say where to, if not to this machine)
import os
import sys
import time
import uuid
from datetime import datetime, timezone

import socketio

folder = sys.argv[1] if len(sys.argv) > 1 else "examples"
url = os.environ.get("TURNLINE_URL", "http://127.0.0.1:3000")
token = os.environ.get("TURNLINE_TOKEN") or open(".turnline/agent.token").read().strip()
sio = socketio.Client()


@sio.on("runs.cancel_requested")
def cancel(request):
    print("cancel asked for:", request.get("reason"))


def call(command, **payload):
    """Sends a command and waits until the server has stored it."""
    answer = sio.call(command, payload, timeout=10)
    if not answer["ok"]:
        sys.exit(f"{command}: {answer['error']['code']}: {answer['error']['message']}")
    return answer


sio.connect(url, auth={"token": token})
run_id = call("runs.start", intent=f"Find what is heavy in {folder}", agent_id="examples/weigher",
              agent_name="Weigher", labels={"example": "python"})["run_id"]
print(f"{url}/runs/{run_id}", flush=True)


def record(**turn):
    # The key makes it safe to send the same turns again when an answer was lost.
    call("runs.record_turns", run_id=run_id, turns=[turn], idempotency_key=uuid.uuid4().hex)


record(kind="model", prompt=f"What is heavy in {folder}?", message="I will weigh every file.")
sizes = {}
for name in sorted(os.listdir(folder)):
    path = os.path.join(folder, name)
    call("runs.report_progress", run_id=run_id, progress={"tool": "weigh", "parameters": {"path": path}})
    started_at, began = datetime.now(timezone.utc).isoformat(timespec="milliseconds"), time.monotonic()
    sizes[name] = os.path.getsize(path)
    record(tool="weigh", parameters={"path": path}, output={"bytes": sizes[name]}, started_at=started_at,
           duration_ms=(time.monotonic() - began) * 1000)

heaviest = max(sizes, key=sizes.get, default="nothing")
record(kind="model", message=f"The heaviest of {len(sizes)} files is **{heaviest}**.")
call("runs.complete", run_id=run_id, outcome={"status": "success", "summary": heaviest, "metrics": sizes})
sio.disconnect()
