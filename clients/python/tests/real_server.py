"""A real server in a separate process, for tests that restart and kill it."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import threading
import urllib.request
from pathlib import Path
from typing import Any, Optional

ROOT = Path(__file__).resolve().parents[3]
SERVE = ROOT / "lib" / "testing" / "serve.ts"


def why_missing() -> Optional[str]:
    """Returns why a real server can't run here, or None if it can."""
    if shutil.which("node") is None:
        return "node is not installed"
    if (
        not (ROOT / "node_modules" / "tsx").exists()
        or not (ROOT / "build" / "server" / "sqliteWorker.js").exists()
    ):
        return "the server's dependencies are not installed, or it was never built (npm test does both)"
    return None


class RealServer:
    def __init__(self, **settings: str) -> None:
        self.settings = settings
        self.data_dir = tempfile.mkdtemp(prefix="turnline-python-")
        self.port = _free_port()
        self.process: Optional[subprocess.Popen[str]] = None
        self.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def agent_token(self) -> str:
        return self._token("agent")

    def start(self) -> None:
        env = {**os.environ, "PORT": str(self.port), "TURNLINE_DATA_DIR": self.data_dir, **self.settings}
        command = ["node", "--import", "tsx", str(SERVE)]
        self.process = subprocess.Popen(command, cwd=ROOT, env=env, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        if "url" not in self.process.stdout.readline():
            raise AssertionError("the server did not start")

    def stop(self, number: int = signal.SIGTERM) -> None:
        if self.process is not None:
            self.process.send_signal(number)
            self.process.wait(30)
            assert self.process.stdout is not None
            self.process.stdout.close()
            self.process = None

    def kill(self) -> None:
        self.stop(signal.SIGKILL)

    def restart(self, number: int = signal.SIGTERM) -> None:
        self.stop(number)
        self.start()

    def close(self) -> None:
        self.stop()
        shutil.rmtree(self.data_dir, ignore_errors=True)

    def trace(self, run_id: Optional[str]) -> list[dict[str, Any]]:
        """Returns a run's complete exported trace."""
        request = urllib.request.Request(
            f"{self.url}/api/runs/{run_id}/export?format=jsonl",
            headers={"authorization": f"Bearer {self._token('viewer')}"},
        )
        with urllib.request.urlopen(request, timeout=30) as response:
            return [json.loads(line) for line in response.read().decode("utf-8").splitlines()]

    def turns(self, run_id: Optional[str]) -> list[dict[str, Any]]:
        return [record for record in self.trace(run_id) if record["record"] == "turn"]

    def outcome(self, run_id: Optional[str]) -> Any:
        """Returns the outcome of a run, or how it ended without one. None if it hasn't ended."""
        last = self.trace(run_id)[-1]
        return last["termination"].get("outcome", last["termination"]) if last["record"] == "ended" else None

    def _token(self, name: str) -> str:
        return (Path(self.data_dir) / f"{name}.token").read_text().strip()


class CuttableProxy:
    """A TCP proxy whose connections can be cut or stalled. With a context, it accepts TLS connections."""

    def __init__(self, target: int, context: Optional[ssl.SSLContext] = None) -> None:
        self._target = target
        self._context = context
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.is_open = True
        #: While this is cleared, nothing is forwarded.
        self.flowing = threading.Event()
        self.flowing.set()
        self._sockets: set[socket.socket] = set()
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def cut(self) -> None:
        self.is_open = False
        for connection in list(self._sockets):
            _shut(connection)

    def mend(self) -> None:
        self.is_open = True

    def close(self) -> None:
        self.flowing.set()
        self.cut()
        _shut(self._listener)

    def _accept(self) -> None:
        while True:
            try:
                near = self._listener.accept()[0]
            except OSError:
                return
            threading.Thread(target=self._connect, args=(near,), daemon=True).start()

    def _connect(self, near: socket.socket) -> None:
        if not self.is_open:
            near.close()
            return
        try:
            if self._context is not None:
                near = self._context.wrap_socket(near, server_side=True)
            far = socket.create_connection(("127.0.0.1", self._target))
        except OSError:
            near.close()
            return
        self._sockets |= {near, far}
        threading.Thread(target=self._pump, args=(far, near), daemon=True).start()
        self._pump(near, far)

    def _pump(self, source: socket.socket, target: socket.socket) -> None:
        try:
            while True:
                data = source.recv(65536)
                if not data:
                    break
                self.flowing.wait()
                target.sendall(data)
        except OSError:
            pass
        for connection in (source, target):
            _shut(connection)
            self._sockets.discard(connection)


def _shut(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass
    connection.close()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])
