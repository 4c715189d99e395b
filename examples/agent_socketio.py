"""The agent of agent.py over plain Socket.IO, for programs that can't use the package. Shows what a robust client does.

python3 examples/agent_socketio.py [folder]     (TURNLINE_URL and TURNLINE_TOKEN select the server; default: this machine)
Requires python-socketio's client (pip install "python-socketio[client]"; Debian: python3-socketio, python3-requests).
"""

import os
import sys
import threading
import time
import uuid
from datetime import datetime, timezone

import socketio

RETRIED = ("unavailable", "rate_limited", "internal")


class Turnline:
    """Sends commands one after the other. Each is repeated until it gets a reply, despite lost connections and restarts."""

    def __init__(self, url, token):
        self.url, self.token, self.run_id, self.refusal = url, token, None, None
        self.answered = threading.Event()
        self.sio = None

    def call(self, command, **payload):
        """Returns the server's reply. If the server refuses, prints why and exits. The same payload may arrive twice."""
        for attempt in range(100):
            try:
                self.connect(command)
                reply = self.sio.call(command, payload, timeout=10)
            except Exception:  # The connection was lost, or there was no reply.
                self.disconnect()
                time.sleep(min(5, 0.2 * 2**min(attempt, 5)))
                continue
            if reply["ok"]:
                return reply
            error = reply["error"]
            if error["code"] not in RETRIED:
                self.leave(f"{command}: {error['code']}: {error['message']}")
            time.sleep(error.get("retry_after_ms", 500) / 1000)
        self.leave(f"{self.url} can't be reached.")

    def connect(self, command):
        if self.sio is not None and self.sio.connected:
            return
        self.refusal = None
        self.answered.clear()
        # This class does the reconnecting, because python-socketio would retry forever after a refusal.
        self.sio = socketio.Client(reconnection=False, handle_sigint=False)
        self.sio.on("connect", self.answered.set)
        self.sio.on("connect_error", self.on_refusal)
        self.sio.on("runs.cancel_requested", lambda request: print("Cancellation requested:", request.get("reason")))
        # `wait=True` would wait for only one second.
        self.sio.connect(self.url, auth={"token": self.token}, wait=False)
        self.answered.wait(10)
        code = self.refusal.get("data", {}).get("code") if isinstance(self.refusal, dict) else None
        if code in ("unauthenticated", "unsupported_protocol"):
            self.leave(f"{self.url} refused the connection: {self.refusal['message']}")
        if self.run_id is not None and command != "runs.start":
            # Takes over the run on the new connection, so that it doesn't end as incomplete.
            self.sio.call("runs.start", {"run_id": self.run_id}, timeout=10)

    def on_refusal(self, data=None):
        self.refusal = data
        self.answered.set()

    def disconnect(self):
        try:
            self.sio.disconnect()
        except Exception:
            pass
        self.sio = None

    def leave(self, sentence):
        # After a normal exit, python-socketio's threads would keep the process alive.
        print(sentence, file=sys.stderr, flush=True)
        os._exit(1)


def main(folder):
    url = os.environ.get("TURNLINE_URL", "http://127.0.0.1:3000")
    token = os.environ.get("TURNLINE_TOKEN") or open(".turnline/agent.token").read()
    turnline = Turnline(url, token.strip())
    # The idempotency key makes it safe to repeat a command after a lost reply.
    start = {"intent": f"Find what is heavy in {folder}", "agent_id": "examples/weigher", "agent_name": "Weigher",
             "labels": {"example": "python"}, "idempotency_key": uuid.uuid4().hex}
    turnline.run_id = run_id = turnline.call("runs.start", **start)["run_id"]
    print(f"{url}/runs/{run_id}", flush=True)

    def record(**turn):
        turnline.call("runs.record_turns", run_id=run_id, turns=[turn], idempotency_key=uuid.uuid4().hex)

    record(kind="model", prompt=f"What is heavy in {folder}?", message="I will weigh every file.")
    sizes = {}
    for name in sorted(os.listdir(folder)):
        path = os.path.join(folder, name)
        turnline.call("runs.report_progress", run_id=run_id, progress={"tool": "weigh", "parameters": {"path": path}})
        started_at, began = datetime.now(timezone.utc).isoformat(timespec="milliseconds"), time.monotonic()
        sizes[name] = os.path.getsize(path)
        record(tool="weigh", parameters={"path": path}, output={"bytes": sizes[name]}, started_at=started_at,
               duration_ms=(time.monotonic() - began) * 1000)

    heaviest = max(sizes, key=sizes.get, default="nothing")
    record(kind="model", message=f"The heaviest of {len(sizes)} files is **{heaviest}**.")
    turnline.call("runs.complete", run_id=run_id, outcome={"status": "success", "summary": heaviest, "metrics": sizes})
    turnline.disconnect()


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "examples")
