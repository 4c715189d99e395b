"""An in-memory server with the part of the protocol that agents need, which can misbehave on demand."""

from __future__ import annotations

import asyncio
import copy
import json
import threading
from typing import Any, Callable, Optional

import socketio
from aiohttp import web

#: What happens to a command. None: it is executed. "ignore": it is neither executed nor answered.
#: "lose-ack": it is executed but not answered. "cut": the connection is cut instead. "cut-after": it is
#: executed, then the connection is cut. A dict: the command isn't executed, and this is the reply.
Fate = Any


class FakeRun:
    def __init__(self, run_id: str, start: dict[str, Any]) -> None:
        self.run_id = run_id
        self.start = start
        self.turns: list[dict[str, Any]] = []
        self.batches: dict[str, dict[str, Any]] = {}
        self.status = "in_progress"
        self.outcome: Any = None


class FakeServer:
    def __init__(self, reopens: bool = True, **options: Any) -> None:
        self.reopens = reopens
        self.options = options
        self.runs: dict[str, FakeRun] = {}
        self.received: list[tuple[str, dict[str, Any]]] = []
        self.handshakes: list[Any] = []
        self.refuse: Optional[dict[str, Any]] = None
        self.intercept: Callable[[str, dict[str, Any]], Fate] = lambda _event, _payload: None
        #: Whether to refuse polling, like a node of a cluster.
        self.refuses_polling = False
        #: How many WebSockets to answer with 502, like a load balancer without a node.
        self.upgrades_to_refuse = 0
        self.port = 0
        self._transports: set[Any] = set()
        self._loop = asyncio.new_event_loop()
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._runner: Optional[web.AppRunner] = None
        self.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def run(self) -> FakeRun:
        """The only run."""
        (run,) = self.runs.values()
        return run

    def commands(self, event: str) -> list[dict[str, Any]]:
        return [payload for name, payload in list(self.received) if name == event]

    def messages(self) -> list[Any]:
        return [turn.get("event") or turn.get("message") for turn in self.run.turns]

    def start(self) -> None:
        self._await(self._start())

    def stop(self) -> None:
        """Stops the server but keeps its runs."""
        self._await(self._stop())

    def close(self) -> None:
        self.stop()
        self._await(self._cancel_all())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)

    def cut(self) -> None:
        """Cuts every connection."""
        self._await(self._cut())

    def disconnect_all(self) -> None:
        """Sends DISCONNECT to all clients, as if their tokens were revoked."""
        self._await(self._disconnect_all())

    def emit(self, event: str, payload: Any) -> None:
        self._await(self._sio.emit(event, payload))

    def until(self, condition: Callable[[], bool], seconds: float = 20.0) -> None:
        """Waits until a condition is true. The condition is checked after each command and connection."""
        with self._changed:
            if not self._changed.wait_for(condition, seconds):
                raise AssertionError("the condition did not become true in time")

    def _await(self, work: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(20)

    async def _start(self) -> None:
        options = {
            "ping_interval": 25,
            "ping_timeout": 20,
            "max_http_buffer_size": 8 * 1024 * 1024,
            **self.options,
        }
        self._sio = socketio.AsyncServer(async_mode="aiohttp", cors_allowed_origins="*", **options)
        self._sio.on("connect", self._on_connect)
        self._sio.on("disconnect", lambda _sid, *_reason: None)
        self._sio.on("*", self._on_event)
        app = web.Application(middlewares=[self._note_transport])
        self._sio.attach(app)
        self._runner = web.AppRunner(app)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self.port, shutdown_timeout=0.1, reuse_address=True)
        await site.start()
        self.port = site._server.sockets[0].getsockname()[1]

    async def _stop(self) -> None:
        if self._runner is not None:
            await self._cut()
            await self._runner.cleanup()
            self._runner = None

    @web.middleware
    async def _note_transport(self, request: web.Request, handler: Any) -> Any:
        self._transports.add(request.transport)
        is_polling = request.query.get("transport") == "polling"
        if is_polling and self.refuses_polling:
            return web.json_response(refusal("invalid_params", "WebSocket only."), status=400)
        if not is_polling and self.upgrades_to_refuse > 0:
            self.upgrades_to_refuse -= 1
            return web.Response(status=502)
        return await handler(request)

    async def _cut(self) -> None:
        for transport in self._transports:
            transport.abort()
        self._transports.clear()

    async def _cancel_all(self) -> None:
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _disconnect_all(self) -> None:
        for sid in list(self._sio.manager.rooms.get("/", {}).get(None, {})):
            await self._sio.disconnect(sid)

    async def _on_connect(self, _sid: str, _environ: Any, auth: Any) -> None:
        self.handshakes.append(auth)
        self._notify()
        if self.refuse is not None:
            raise socketio.exceptions.ConnectionRefusedError("refused", self.refuse)

    async def _on_event(self, event: str, _sid: str, payload: Any) -> Any:
        self.received.append((event, payload))
        fate = self.intercept(event, payload)
        if isinstance(fate, dict):
            reply: Any = fate
        elif fate == "cut":
            reply = None
            await self._cut()
        elif fate == "ignore":
            reply = None
        else:
            reply = self._answer(event, payload)
            if fate == "cut-after":
                await self._cut()
        self._notify()
        if fate in ("ignore", "lose-ack", "cut", "cut-after"):
            await asyncio.Event().wait()
        return reply

    def _notify(self) -> None:
        with self._changed:
            self._changed.notify_all()

    def _answer(self, event: str, payload: dict[str, Any]) -> dict[str, Any]:
        if event == "runs.start":
            return self._start_run(payload)
        run = self.runs.get(payload.get("run_id", ""))
        if run is None:
            return {**refusal("not_found", "The run doesn't exist."), "dropped": "run_not_found"}
        if event == "runs.record_turns":
            return self._append(run, payload)
        if event == "runs.complete":
            if run.status == "completed":
                same = run.outcome == payload["outcome"]
                return {"ok": True, "run_id": run.run_id, "duplicate": True} if same else _ended(run)
            if run.status == "incomplete" and not self.reopens:
                return _ended(run)
            run.status = "completed"
            run.outcome = payload["outcome"]
        return {"ok": True, "run_id": run.run_id}

    def _start_run(self, payload: dict[str, Any]) -> dict[str, Any]:
        key = payload.get("idempotency_key")
        known = self.runs.get(payload.get("run_id", "")) or next(
            (
                run
                for run in self.runs.values()
                if key is not None and run.start.get("idempotency_key") == key
            ),
            None,
        )
        if known is None and "run_id" in payload:
            return refusal("not_found", "The run doesn't exist.")
        run = known or FakeRun(f"run-{len(self.runs) + 1}", payload)
        self.runs[run.run_id] = run
        if run.status == "incomplete" and self.reopens:
            run.status = "in_progress"
        return {
            "ok": True, "run_id": run.run_id, "agent_id": payload.get("agent_id", "agent"),
            "created": known is None, "cursor": len(run.turns), "status": run.status,
        }  # fmt: skip

    def _append(self, run: FakeRun, payload: dict[str, Any]) -> dict[str, Any]:
        key = payload["idempotency_key"]
        if key in run.batches:
            return {**run.batches[key], "duplicate": True}
        if run.status == "completed" or (run.status == "incomplete" and not self.reopens):
            return {**_ended(run), "dropped": "run_terminal"}
        expected = payload.get("expected_index")
        if expected is not None and expected != len(run.turns):
            return {
                **refusal("index_conflict", "The run is at another cursor.", cursor=len(run.turns)),
                "dropped": "index_conflict",
            }
        run.status = "in_progress"
        stored = {
            "ok": True,
            "run_id": run.run_id,
            "base_index": len(run.turns),
            "count": len(payload["turns"]),
        }
        run.turns.extend(copy.deepcopy(payload["turns"]))
        run.batches[key] = stored
        return stored


def refusal(code: str, message: str, **more: Any) -> dict[str, Any]:
    return {"ok": False, "error": {"code": code, "message": message, **more}}


def _ended(run: FakeRun) -> dict[str, Any]:
    return refusal("already_terminal", "The run has ended and accepts no more changes.", status=run.status)


def json_size(value: Any) -> int:
    return len(json.dumps(value).encode())
