"""Agents with a real server that is restarted, killed and disconnected."""

from __future__ import annotations

import decimal
import threading
import time
import unittest
from typing import Any

import turnline

from .real_server import CuttableProxy, RealServer, why_missing
from .support import wait_until


@unittest.skipIf(why_missing(), why_missing() or "")
class RealServerTest(unittest.TestCase):
    server: RealServer

    @classmethod
    def setUpClass(cls) -> None:
        cls.server = RealServer()

    @classmethod
    def tearDownClass(cls) -> None:
        cls.server.close()

    def setUp(self) -> None:
        self.errors: list[turnline.AgentError] = []
        self.agents: list[turnline.Agent] = []

    def tearDown(self) -> None:
        for agent in self.agents:
            agent.close(0)

    def connect(self, **options: Any) -> turnline.Agent:
        defaults: dict[str, Any] = {
            "reconnect_delay": 0.05,
            "on_error": self.errors.append,
            "agent_id": "python",
        }
        url, token = options.pop("url", self.server.url), options.pop("token", self.server.agent_token)
        agent = turnline.connect_agent(url, token, **{**defaults, **options})
        self.agents.append(agent)
        return agent

    def assert_stored(self, run: turnline.Run, count: int) -> None:
        turns = self.server.turns(run.run_id)
        self.assertEqual([turn["message"] for turn in turns], [f"turn {i}" for i in range(count)])

    def test_stores_2100_turns_across_a_restart_and_a_kill(self) -> None:
        for way in ("restart", "kill"):
            with self.subTest(way):
                run = self.connect().start_run(intent=f"as fast as possible, {way}")
                run.started()
                recorded = threading.Event()

                def record(run: turnline.Run = run, recorded: threading.Event = recorded) -> None:
                    for i in range(2_100):
                        run.turn(message=f"turn {i}", output="x" * 1_000)
                        if i == 700:
                            recorded.set()

                recorder = threading.Thread(target=record)
                recorder.start()
                recorded.wait(30)
                if way == "kill":
                    self.server.kill()
                    self.server.start()
                else:
                    self.server.restart()
                recorder.join()
                self.assertTrue(run.complete("success", timeout=30))
                self.assert_stored(run, 2_100)
                self.assertTrue({error.code for error in self.errors} <= {"unreachable"})

    def test_stores_every_turn_even_if_the_network_fails_repeatedly(self) -> None:
        proxy = CuttableProxy(self.server.port)
        self.addCleanup(proxy.close)
        run = self.connect(url=proxy.url).start_run(intent="bad network")
        count = 0
        for _round in range(5):
            for _ in range(100):
                run.turn(message=f"turn {count}")
                count += 1
            time.sleep(0.05)
            proxy.cut()
            time.sleep(0.05)
            proxy.mend()
        self.assertTrue(run.complete(timeout=30))
        self.assert_stored(run, count)

    def test_stores_unusual_values(self) -> None:
        loop: dict[str, Any] = {"number": decimal.Decimal("0.10")}
        loop["loop"] = loop
        run = self.connect().start_run(intent="strange")
        run.turn(
            tool="bash", output=b"hi\n", parameters={"raw": b"\xff\xfe", "loss": float("nan"), "loop": loop}
        )
        run.turn(output=[{"i": i, "a": 1, "b": 2} for i in range(1_000)])
        run.turn(message="\x00\x1b[31m\ud800\u202e", tool="t" * 9_999)
        run.turn(
            message="no", started_at="2026-01-01T10:00:00", usage={"prompt_tokens": 3, "completion_tokens": 4}
        )
        self.assertTrue(run.complete("done", evidence=loop))
        first, second, third, fourth = self.server.turns(run.run_id)
        self.assertEqual(first["output"], "hi\n")
        self.assertEqual(
            first["parameters"],
            {"raw": "[binary, 2 bytes]", "loss": "NaN", "loop": {"number": "0.10", "loop": "[circular]"}},
        )
        self.assertTrue(second["output"].startswith('[{"i":0,'))
        self.assertEqual(len(third["tool"].encode()), 256)
        self.assertEqual(fourth["started_at"], "2026-01-01T10:00:00.000Z")
        self.assertEqual(fourth["usage"], {"input_tokens": 3, "output_tokens": 4})
        self.assertEqual(self.errors, [])

    def test_reports_a_wrong_token_once_without_delay(self) -> None:
        agent = self.connect(token="tl_wrong")
        run = agent.start_run(intent="no way in")
        began = time.monotonic()
        self.assertIsNone(run.started(20))
        self.assertFalse(run.complete(timeout=20))
        self.assertFalse(agent.close())
        self.assertLess(time.monotonic() - began, 15)
        (error,) = self.errors
        self.assertEqual(error.code, "unauthenticated")
        self.assertIn(self.server.url, error.message)

    def test_reports_that_no_token_was_given(self) -> None:
        agent = self.connect(token="")
        self.assertIsNone(agent.start_run(intent="no token").started(20))
        self.assertIn("No token was given", self.errors[0].message)

    def test_corrects_an_address_with_a_path(self) -> None:
        for typed in (
            f"localhost:{self.server.port}",
            f"{self.server.url}/runs/abc?token=x",
            f"{self.server.url}/somewhere",
        ):
            with self.subTest(typed):
                agent = self.connect(url=typed, max_buffered_bytes=1_000_000)
                self.assertIsNotNone(agent.start_run(intent="typed").started(20))

    def test_starts_only_one_run_for_an_idempotency_key(self) -> None:
        runs = [self.connect().start_run(intent="once", idempotency_key="python-one-job") for _ in range(2)]
        replies = [run.started() for run in runs]
        self.assertEqual(len({reply["run_id"] for reply in replies if reply}), 1)

    def test_receives_a_cancellation_request(self) -> None:
        run = self.connect().start_run(intent="cancelled")
        run.started()
        cancel(self.server, run.run_id, "stop digging")
        self.assertTrue(run.wait_cancelled(20))
        self.assertEqual((run.cancel_request or {}).get("reason"), "stop digging")


@unittest.skipIf(why_missing(), why_missing() or "")
class GraceTest(unittest.TestCase):
    def test_continues_a_run_after_an_outage_longer_than_the_grace_period(self) -> None:
        server = RealServer(TURNLINE_GRACE_MS="300")
        self.addCleanup(server.close)
        proxy = CuttableProxy(server.port)
        self.addCleanup(proxy.close)
        errors: list[turnline.AgentError] = []
        agent = turnline.connect_agent(
            proxy.url, server.agent_token, agent_id="python", reconnect_delay=0.05, on_error=errors.append
        )
        run = agent.start_run(intent="lid")
        idle = agent.start_run(intent="lid, nothing to say")
        run.turn(message="turn 0")
        self.assertTrue(agent.flush())
        for _night in range(2):
            proxy.cut()
            wait_until(lambda: all(server.outcome(each.run_id) for each in (run, idle)))
            run.turn(message="asleep")
            proxy.mend()
            self.assertTrue(run.flush())
            run.turn(message="awake")
        self.assertTrue(run.complete(timeout=20))
        self.assertTrue(idle.complete(timeout=20))
        self.assertTrue(agent.close())
        stored = [turn["message"] for turn in server.turns(run.run_id)]
        self.assertEqual(stored, ["turn 0", "asleep", "awake", "asleep", "awake"])
        self.assertEqual(
            [server.outcome(each.run_id)["status"] for each in (run, idle)], ["success", "success"]
        )
        self.assertEqual({error.code for error in errors}, {"unreachable"})


def cancel(server: RealServer, run_id: Any, reason: str) -> None:
    import socketio

    viewer = socketio.Client(reconnection=False, handle_sigint=False)
    viewer.connect(server.url, auth={"token": server._token("viewer")})
    viewer.call("runs.cancel", {"run_id": run_id, "reason": reason}, timeout=10)
    viewer.disconnect()


if __name__ == "__main__":
    unittest.main()
