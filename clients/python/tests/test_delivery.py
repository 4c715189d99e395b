"""Delivery against a server that misbehaves."""

from __future__ import annotations

import threading
import time
import unittest
from typing import Any

import turnline

from .fake_server import FakeServer, json_size, refusal
from .real_server import CuttableProxy
from .support import FakeServerTest, times, wait_until


def numbers(count: int, first: int = 0) -> list[str]:
    return [f"turn {first + i}" for i in range(count)]


class DeliveryTest(FakeServerTest):
    def test_stores_what_is_recorded_before_the_server_replies_to_the_start(self) -> None:
        run = self.connect(agent_id="bot", agent_name="Bot").start_run(
            intent="try", labels={"n": 1, "none": None}
        )
        for message in numbers(3):
            run.turn(message=message)
        self.assertTrue(run.complete("success", "ok", metrics={"n": 3}))
        self.assertEqual(self.server.messages(), numbers(3))
        self.assertEqual(self.server.run.status, "completed")
        self.assertEqual(self.server.run.outcome["summary"], "ok")
        self.assertEqual(self.server.run.outcome["metrics"], {"n": 3})
        start = self.server.run.start
        self.assertEqual(
            (start["agent_id"], start["agent_name"], start["labels"]), ("bot", "Bot", {"n": "1"})
        )
        self.assertEqual(run.run_id, self.server.run.run_id)
        self.assertEqual(self.server.handshakes, [{"protocol": 1, "token": "t"}])
        self.assertEqual(self.errors, [])

    def test_sends_turns_in_order_in_batches_of_at_most_256_turns_and_about_1_mib(self) -> None:
        run = self.connect().start_run("many")
        for message in numbers(1_000):
            run.turn(message=message)
        for i in range(5):
            run.turn(message=f"big {i}", output="x" * 400_000)
        self.assertTrue(run.flush())
        self.assertEqual(self.server.messages(), numbers(1_000) + [f"big {i}" for i in range(5)])
        batches = self.server.commands("runs.record_turns")
        self.assertTrue(all(len(batch["turns"]) <= 256 for batch in batches))
        self.assertTrue(all(json_size(batch) < 1_300_000 for batch in batches))

    def test_stores_nothing_twice_when_replies_are_lost(self) -> None:
        fates = {
            "runs.start": times(1, "lose-ack"),
            "runs.record_turns": times(2, "lose-ack"),
            "runs.complete": times(1, "lose-ack"),
        }
        self.server.intercept = lambda event, _payload: fates[event]()
        run = self.connect(ack_timeout=0.2).start_run("lossy")
        for message in numbers(5):
            run.turn(message=message)
        self.assertTrue(run.complete("done"))
        self.assertEqual(len(self.server.runs), 1)
        self.assertEqual(self.server.messages(), numbers(5))

    def test_delivers_even_if_the_connection_is_cut_at_every_command(self) -> None:
        for fate in ("cut", "cut-after"):
            with self.subTest(fate):
                fates = {
                    event: times(2, fate) for event in ("runs.start", "runs.record_turns", "runs.complete")
                }
                self.server.intercept = lambda event, _payload, fates=fates: fates[event]()
                run = self.connect().start_run(f"cut {fate}")
                for message in numbers(10):
                    run.turn(message=message)
                self.assertTrue(run.complete("done"))
                stored = self.server.runs[run.run_id or ""]
                self.assertEqual([turn["message"] for turn in stored.turns], numbers(10))
        self.assertEqual(len(self.server.runs), 2)

    def test_delivers_after_the_server_was_down(self) -> None:
        agent = self.connect()
        run = agent.start_run("away")
        run.turn(message="before")
        self.assertTrue(run.flush())
        self.server.stop()
        for message in numbers(300):
            run.turn(message=message)
        self.assertFalse(run.flush(0.2))
        self.server.start()
        self.assertTrue(run.complete())
        self.assertEqual(self.server.messages(), ["before", *numbers(300)])
        self.assertEqual(self.codes, ["unreachable"])

    def test_continues_a_run_that_became_incomplete_in_the_meantime(self) -> None:
        run = self.connect().start_run("sleepy")
        run.turn(message="evening")
        self.assertTrue(run.flush())
        self.server.stop()
        self.server.run.status = "incomplete"
        run.turn(message="morning")
        self.server.start()
        self.assertTrue(run.complete())
        self.assertEqual(self.server.messages(), ["evening", "morning"])
        self.assertEqual(self.server.run.status, "completed")

    def test_reports_what_was_lost_if_the_server_does_not_reopen_runs(self) -> None:
        self.server.close()
        self.server = FakeServer(reopens=False)
        run = self.connect().start_run("sleepy")
        run.turn(message="evening")
        self.assertTrue(run.flush())
        self.server.stop()
        self.server.run.status = "incomplete"
        self.server.start()
        wait_until(lambda: len(self.server.handshakes) == 2)
        run.turn(message="morning")
        self.assertFalse(run.complete())
        (error,) = [error for error in self.errors if error.code != "unreachable"]
        self.assertEqual((error.code, error.dropped_turns, error.run_id), ("already_terminal", 1, run.run_id))
        self.assertIn("doesn't reopen runs", error.message)
        self.assertIn("1 turn dropped", error.message)
        self.assertTrue(run.ended)

    def test_replaces_a_refused_turn_with_a_note(self) -> None:
        def intercept(event: str, payload: dict[str, Any]) -> Any:
            bad = event == "runs.record_turns" and any(
                turn.get("message") == "bad" for turn in payload["turns"]
            )
            issues = [{"path": "turns.0", "message": "bad"}]
            return refusal("invalid_params", "Bad.", issues=issues) if bad else None

        self.server.intercept = intercept
        run = self.connect().start_run("picky")
        for message in [*numbers(20), "bad", *numbers(20, 20)]:
            run.turn(message=message)
        self.assertTrue(run.flush())
        self.assertEqual(self.server.messages(), [*numbers(20), "turn_refused", *numbers(20, 20)])
        self.assertEqual([(error.code, error.dropped_turns) for error in self.errors], [("turn_refused", 1)])

    def record_large_batch(self) -> turnline.Run:
        run = self.connect().start_run("large")
        run.started()
        with run._state.core.state.lock:
            for message in numbers(40):
                run.turn(message=message, output="x" * 20_000)
        return run

    def test_splits_a_large_batch_after_losing_three_connections(self) -> None:
        cuts = times(3, "cut")
        self.server.intercept = lambda event, _payload: cuts() if event == "runs.record_turns" else None
        self.assertTrue(self.record_large_batch().complete(timeout=30))
        self.assertEqual(self.server.messages(), numbers(40))
        sent = [len(payload["turns"]) for payload in self.server.commands("runs.record_turns")]
        self.assertEqual(sent, [40, 40, 40, 20, 20])

    def test_does_not_split_a_large_batch_that_was_stored(self) -> None:
        fates = iter(["cut-after", "cut", "cut", "cut"])
        self.server.intercept = lambda event, _payload: (
            next(fates, None) if event == "runs.record_turns" else None
        )
        self.assertTrue(self.record_large_batch().complete(timeout=30))
        self.assertEqual(self.server.messages(), numbers(40))

    def test_stores_nothing_twice_when_a_batch_arrives_after_its_parts(self) -> None:
        for late_at in (4, 5):
            with self.subTest(late_at=late_at):
                self.server.runs.clear()
                sent: list[dict[str, Any]] = []

                def intercept(
                    event: str, payload: dict[str, Any], late_at: int = late_at, sent: Any = sent
                ) -> Any:
                    if event != "runs.record_turns":
                        return None
                    sent.append(payload)
                    if len(sent) == late_at:
                        # Only now does the server read what was sent over the first connection.
                        self.server._answer(event, sent[0])
                        return "cut"
                    return "cut" if len(sent) <= 3 else None

                self.server.intercept = intercept
                self.assertTrue(self.record_large_batch().complete(timeout=30))
                self.assertEqual(self.server.messages(), numbers(40))

    def test_splits_a_large_batch_in_a_run_with_other_writers(self) -> None:
        run = self.record_large_batch()
        cuts = times(3, "cut")

        def intercept(event: str, _payload: dict[str, Any]) -> Any:
            if event != "runs.record_turns":
                return None
            if not self.server.run.turns:
                self.server.run.turns.append({"message": "another writer's"})
            return cuts() or (None if len(_payload["turns"]) < 40 else "cut")

        self.server.intercept = intercept
        self.assertTrue(run.complete(timeout=30))
        self.assertEqual(self.server.messages(), ["another writer's", *numbers(40)])

    def test_sends_each_batch_with_the_only_index_at_which_it_may_be_stored(self) -> None:
        run = self.connect().start_run("indices")
        for message in numbers(3):
            run.turn(message=message)
            self.assertTrue(run.flush())
        sent = self.server.commands("runs.record_turns")
        self.assertEqual([payload["expected_index"] for payload in sent], [0, 1, 2])

    def test_two_writers_share_a_run(self) -> None:
        first = self.connect().start_run("shared")
        first.started()
        second = self.connect().resume_run(first.run_id or "")
        for i in range(50):
            first.turn(message=f"a{i}")
            second.turn(message=f"b{i}")
            if i % 10 == 0:
                first.flush()
                second.flush()
        self.assertTrue(first.flush() and second.flush())
        for letter in "ab":
            mine = [message for message in self.server.messages() if message.startswith(letter)]
            self.assertEqual(mine, [f"{letter}{i}" for i in range(50)])
        self.assertEqual(self.errors, [])

    def test_records_at_an_expected_index_or_not_at_all(self) -> None:
        run = self.connect().start_run("indexed")
        run.turn(message="0", expected_index=0)
        run.turn(message="1")
        run.turn(message="late", expected_index=1)
        run.turn(message="2", expected_index=2)
        self.assertTrue(run.complete())
        self.assertEqual(self.server.messages(), ["0", "1", "2"])
        self.assertEqual(
            [(error.code, error.dropped_turns) for error in self.errors], [("index_conflict", 1)]
        )

    def test_retries_while_the_store_is_unavailable(self) -> None:
        fates = {
            "runs.start": times(2, refusal("unavailable", "Later.")),
            "runs.record_turns": times(2, refusal("rate_limited", "Slow down.", retry_after_ms=10)),
            "runs.complete": times(1, refusal("internal", "Oops.")),
        }
        self.server.intercept = lambda event, _payload: fates[event]()
        run = self.connect().start_run("patient")
        run.turn(message="x")
        self.assertTrue(run.complete())
        self.assertEqual(self.errors, [])

    def test_counts_turns_dropped_from_a_full_buffer_and_records_the_count(self) -> None:
        self.server.stop()
        run = self.connect(max_buffered_bytes=20_000).start_run("full")
        for message in numbers(100):
            run.turn(message=message, output="x" * 500)
        self.server.start()
        self.assertTrue(run.flush())
        run.turn(message="after")
        self.assertTrue(run.complete())
        kept = self.server.run.turns
        gap = next(turn for turn in kept if turn.get("event") == "turns_dropped")
        position = kept.index(gap)
        self.assertEqual(self.server.messages()[:position], numbers(position))
        self.assertEqual(position + gap["attributes"]["count"], 100)
        self.assertEqual(self.server.messages()[position + 1 :], ["after"])
        self.assertEqual(self.codes.count("buffer_full"), 1)

    def test_omits_the_largest_fields_of_an_oversized_turn(self) -> None:
        run = self.connect().start_run("huge")
        run.turn(tool="dump", output="y" * (5 * 1024 * 1024), parameters={"a": 1})
        self.assertTrue(run.complete())
        (turn,) = self.server.run.turns
        self.assertEqual(turn["parameters"], {"a": 1})
        self.assertEqual(turn["attributes"]["left_out"], {"output": 5 * 1024 * 1024 + 2})
        self.assertEqual(self.codes, ["turn_cut"])

    def test_shortens_an_intent_that_an_older_server_refuses(self) -> None:
        def intercept(event: str, payload: dict[str, Any]) -> Any:
            long = event == "runs.start" and len(payload.get("intent", "")) > 4096
            return refusal("invalid_params", "Too long.") if long else None

        self.server.intercept = intercept
        run = self.connect().start_run("w" * 30_000)
        self.assertIsNotNone(run.started())
        self.assertTrue(self.server.run.start["intent"].startswith("www"))

    def test_many_threads_record_into_shared_and_separate_runs(self) -> None:
        agent = self.connect()
        shared = agent.start_run("shared")

        def work(worker: int) -> None:
            with agent.run(intent=f"worker {worker}") as own:
                for i in range(100):
                    shared.turn(message=f"{worker}/{i}")
                    own.turn(message=str(i))

        threads = [threading.Thread(target=work, args=(worker,)) for worker in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertTrue(shared.complete())
        stored = [turn["message"] for turn in self.server.runs[shared.run_id or ""].turns]
        self.assertEqual(len(stored), 800)
        for worker in range(8):
            mine = [message for message in stored if message.startswith(f"{worker}/")]
            self.assertEqual(mine, [f"{worker}/{i}" for i in range(100)])
        others = [run for run in self.server.runs.values() if run.run_id != shared.run_id]
        self.assertTrue(
            all([turn["message"] for turn in run.turns] == [str(i) for i in range(100)] for run in others)
        )

    def test_close_reports_what_was_not_delivered(self) -> None:
        self.server.stop()
        agent = self.connect()
        agent.start_run("lost").turn(message="x")
        self.assertFalse(agent.close(0.1))
        (undelivered,) = [error for error in self.errors if error.code == "undelivered"]
        self.assertEqual(undelivered.dropped_turns, 1)
        self.server.start()

    def test_the_sending_thread_survives_an_error(self) -> None:
        agent = self.connect()
        run = agent.start_run("robust")
        run.started()
        process = agent._core._link.process
        failures = iter([RuntimeError("unforeseen")])

        def failing() -> None:
            for failure in failures:
                raise failure
            process()

        agent._core._link.process = failing  # type: ignore[method-assign]
        run.turn(message="x")
        self.assertTrue(run.complete())
        self.assertEqual(self.codes, ["internal"])

    def test_an_error_handler_may_close_the_agent(self) -> None:
        closed: list[bool] = []
        self.server.intercept = lambda event, _payload: "ignore" if event == "runs.record_turns" else None
        agent = self.connect(on_error=lambda _error: closed.append(agent.close()))
        run = agent.start_run("closing")
        run.turn(message="x")
        self.server.until(lambda: bool(self.server.commands("runs.record_turns")))
        self.server.stop()
        wait_until(lambda: closed)
        self.assertEqual(closed[0], False)
        self.server.start()

    def test_two_agents_in_one_process_are_independent(self) -> None:
        first, second = self.connect(token="one"), self.connect(token="two")
        runs = [first.start_run("1"), second.start_run("2")]
        for run in runs:
            run.turn(message=run.__repr__())
        self.assertTrue(first.close())
        self.assertTrue(runs[1].complete())
        self.assertEqual(sorted(auth["token"] for auth in self.server.handshakes), ["one", "two"])


class StalledTest(FakeServerTest):
    def test_replaces_a_stalled_connection(self) -> None:
        proxy = CuttableProxy(self.server.port)
        self.addCleanup(proxy.close)
        run = self.connect(url=proxy.url, ack_timeout=0.4).start_run("stalled")
        self.assertIsNotNone(run.started())
        proxy.flowing.clear()
        run.turn(message="x")
        wait_until(lambda: self.codes == ["unreachable"])
        proxy.flowing.set()
        self.assertTrue(run.complete())
        self.assertEqual(self.server.messages(), ["x"])


class PollingTest(FakeServerTest):
    def test_works_without_websockets(self) -> None:
        self.server.close()
        self.server = FakeServer(allow_upgrades=False)
        agent = self.connect()
        agent._core._link._search.transport = "polling"
        run = agent.start_run("polled")
        for message in numbers(600):
            run.turn(message=message)
        self.assertTrue(run.complete())
        self.assertEqual(self.server.messages(), numbers(600))


class SpeedTest(FakeServerTest):
    def test_recording_does_not_block(self) -> None:
        self.server.stop()
        agent = self.connect()
        run = agent.start_run("offline")
        began = time.process_time()
        for message in numbers(200):
            run.turn(message=message)
        self.assertLess(time.process_time() - began, 10)
        self.server.start()
        self.assertTrue(run.complete())


if __name__ == "__main__":
    unittest.main()
