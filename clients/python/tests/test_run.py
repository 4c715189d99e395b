"""The methods of a run, with a fake server."""

from __future__ import annotations

import inspect
import unittest
from typing import Any

import turnline
from turnline import aio

from .support import FakeServerTest, times, wait_until


class RunTest(FakeServerTest):
    def test_links_children_to_parents_and_turns_to_children(self) -> None:
        run = self.connect(agent_id="lead").start_run("lead")
        child = run.child("search", agent_id="searcher")
        run.turn(kind="agent", child=child)
        child.turn(message="found")
        self.assertTrue(child.complete())
        self.assertTrue(run.complete())
        stored = self.server.runs[child.run_id or ""]
        self.assertEqual(stored.start["parent"], {"run_id": run.run_id})
        self.assertEqual(self.server.runs[run.run_id or ""].turns[0]["child_run_id"], child.run_id)

    def test_hands_off_to_a_child(self) -> None:
        run = self.connect(agent_id="lead").start_run("lead")
        with run.hand_off("search", agent_id="searcher") as child:
            child.turn(message="found")
        with self.assertRaises(KeyError), run.hand_off("fail"):
            raise KeyError("x")
        self.assertTrue(run.complete())
        lead, first, second = self.server.runs.values()
        self.assertEqual((first.outcome["status"], second.outcome["status"]), ("done", "failure"))
        self.assertEqual([turn["child_run_id"] for turn in lead.turns], [first.run_id, second.run_id])
        self.assertEqual(lead.turns[1]["error"]["type"], "KeyError")

    def test_progress_sets_the_start_of_the_next_turn(self) -> None:
        run = self.connect().start_run("shown")
        run.started()
        for word in ("a", "b", "c"):
            run.stream(word)
        run.progress(tool="dig", parameters={"deep": True})

        def shown() -> Any:
            return [sent["progress"] for sent in self.server.commands("runs.report_progress")][-1:]

        self.server.until(lambda: shown() == [{"text": "abc", "tool": "dig", "parameters": {"deep": True}}])
        run.turn(message="done")
        self.assertTrue(run.complete())
        self.assertIn("duration_ms", self.server.run.turns[0])

    def test_updates_descriptive_fields(self) -> None:
        self.server.intercept = (
            lambda cut: lambda event, _payload: cut() if event == "runs.update" else None
        )(times(1, "cut"))
        run = self.connect().start_run("untitled")
        run.started()
        run.update(intent="A title", labels={"team": "a", "old": ""})
        run.update(agent_name="Bot")
        run.turn(message="x")
        self.assertTrue(run.complete())
        sent: dict[str, Any] = {}
        for payload in self.server.commands("runs.update"):
            sent.update(payload)
        self.assertEqual(
            sent,
            {
                "run_id": run.run_id,
                "intent": "A title",
                "labels": {"team": "a", "old": ""},
                "agent_name": "Bot",
            },
        )

    def test_reports_a_cancellation_request(self) -> None:
        run = self.connect().start_run("cancelled")
        run.started()
        asked: list[Any] = []
        run.on_cancel(asked.append)
        self.server.emit(
            "runs.cancel_requested", {"run_id": run.run_id, "reason": "stop", "requested_at": "now"}
        )
        self.assertTrue(run.wait_cancelled(10))
        wait_until(lambda: asked)
        self.assertEqual(asked, [{"reason": "stop", "requested_at": "now"}])
        late: list[Any] = []
        run.on_cancel(late.append)
        wait_until(lambda: late)
        with self.assertRaises(turnline.AgentError) as raised, run:
            run.raise_if_cancelled()
        self.assertEqual(raised.exception.code, "cancelled")
        self.assertEqual(self.server.run.outcome["status"], "give_up")

    def test_a_block_ends_its_run(self) -> None:
        agent = self.connect()
        with agent.run(intent="fine") as fine:
            fine.turn(message="x")
        with self.assertRaises(ValueError), agent.run(intent="bad"):
            try:
                raise OSError(2, "no such file")
            except OSError as error:
                raise ValueError("can't read") from error
        with self.assertRaises(KeyboardInterrupt), agent.run(intent="stopped"):
            raise KeyboardInterrupt
        with self.assertRaises(SystemExit), agent.run(intent="left"):
            raise SystemExit(3)
        with agent.run(intent="said") as said:
            said.complete("partial_success", "half")
        outcomes = [run.outcome for run in self.server.runs.values()]
        said_of = [(outcome["status"], outcome.get("summary")) for outcome in outcomes]
        self.assertEqual(
            said_of,
            [
                ("done", None),
                ("failure", "ValueError: can't read"),
                ("failure", "interrupted"),
                ("failure", "exited with 3"),
                ("partial_success", "half"),
            ],
        )
        error = outcomes[1]["error"]
        self.assertIn("raise ValueError", error["stack"])
        self.assertEqual((error["cause"]["type"], error["cause"]["code"]), ("FileNotFoundError", "ENOENT"))

    def test_takes_over_a_run(self) -> None:
        agent = self.connect()
        first = agent.start_run("shared")
        first.turn(message="a")
        self.assertTrue(first.flush())
        second = self.connect().resume_run(first.run_id or "")
        second.turn(message="b")
        self.assertTrue(second.complete())
        self.assertEqual(self.server.messages(), ["a", "b"])

    def test_reports_a_call_after_the_end_once(self) -> None:
        run = self.connect().start_run("ended")
        run.complete()
        run.turn(message="late")
        run.turn(message="later")
        wait_until(lambda: self.errors)
        self.assertEqual(self.codes, ["closed"])

    def test_raises_errors_with_raise_errors(self) -> None:
        run = self.connect(raise_errors=True).start_run("strict")
        run.complete()
        with self.assertRaises(turnline.AgentError):
            run.turn(message="late")

    def test_redacts_everything_that_leaves_the_process(self) -> None:
        seen: list[str] = []

        def redact(turn: dict[str, Any], part: str) -> dict[str, Any]:
            seen.append(part)
            if turn.get("message") == "fail":
                raise RuntimeError("oops")
            return {
                name: value.replace("secret", "***") if isinstance(value, str) else value
                for name, value in turn.items()
            }

        run = self.connect(redact=redact).start_run("a secret intent")
        run.started()
        run.progress(text="secret")
        self.server.until(lambda: bool(self.server.commands("runs.report_progress")))
        run.turn(message="secret")
        run.turn(message="fail", output="secret")
        self.assertTrue(run.complete("done", "secret"))
        self.assertNotIn("secret", str(self.server.received))
        self.assertEqual(set(seen), {"start", "progress", "turn", "outcome"})
        self.assertEqual(self.server.messages(), ["***", "[redacted: the redact hook failed]"])
        self.assertEqual(self.codes, ["callback_failed"])

    def test_keeps_numbers_but_no_text_if_redaction_fails(self) -> None:
        def fail(_turn: dict[str, Any], _part: str) -> dict[str, Any]:
            raise RuntimeError("oops")

        run = self.connect(redact=fail).start_run("secret")
        usage = {"input_tokens": 9, "note": "secret", "details": {"cached_tokens": 3, "tier": ["secret"]}}
        run.turn(kind="model", message="secret", usage=usage, cost_usd=0.5, duration_ms=7, exit_code=1)
        run.turn(usage="secret", path=["secret"], child_run_id="secret" * 100, cli_outcome="secret")
        self.assertTrue(run.flush())
        self.assertNotIn("secret", str(self.server.received))
        numbers, _ = self.server.run.turns
        self.assertEqual(
            {name: numbers[name] for name in ("kind", "usage", "cost_usd", "duration_ms", "exit_code")},
            {
                "kind": "model",
                "usage": {"input_tokens": 9, "details": {"cached_tokens": 3}},
                "cost_usd": 0.5,
                "duration_ms": 7,
                "exit_code": 1,
            },
        )

    def test_sends_the_whole_progress_value(self) -> None:
        run = self.connect().start_run("shown")
        run.started()
        run.progress(tool="dig", waiting_for="approval")
        self.server.until(lambda: len(self.server.commands("runs.report_progress")) == 1)
        run.stream("a")
        run.progress(text_delta="b")
        run.progress(waiting_for="")
        last: Any = {}
        self.server.until(
            lambda: self.server.commands("runs.report_progress")[-1]["progress"].get("text") == "ab"
        )
        last = self.server.commands("runs.report_progress")[-1]
        self.assertEqual(last["progress"], {"tool": "dig", "waiting_for": "", "text": "ab"})
        self.assertTrue(all(sent["replace"] for sent in self.server.commands("runs.report_progress")))
        run.progress()
        self.server.until(lambda: self.server.commands("runs.report_progress")[-1]["progress"] is None)

    def test_keeps_the_newest_16_kib_of_a_stream(self) -> None:
        run = self.connect().start_run("streamed")
        run.started()
        for number in range(3_000):
            run.stream(f"{number:08}")
        self.server.until(lambda: self.server.commands("runs.report_progress")[-1:] != [])

        def shown() -> str:
            return str(self.server.commands("runs.report_progress")[-1]["progress"]["text"])

        self.server.until(lambda: shown().endswith("00002999"))
        self.assertLessEqual(len(shown()), 16 * 1024)

    def test_raises_type_error_for_a_misspelt_option(self) -> None:
        agent = self.connect()
        misspelt: dict[str, Any] = {"label": {"team": "a"}}
        with self.assertRaises(TypeError):
            agent.start_run("x", **misspelt)
        run = agent.start_run("x")
        with self.assertRaises(TypeError):
            run.child("y", **misspelt)
        with self.assertRaises(TypeError):
            turnline.connect_agent(self.server.url, **misspelt)
        self.assertTrue(run.complete())

    def test_signatures_name_the_options(self) -> None:
        for connect in (turnline.connect_agent, aio.connect_agent):
            self.assertLessEqual(
                {"url", "token", "agent_id", "flush_on_exit"}, set(inspect.signature(connect).parameters)
            )
        for start in (
            turnline.Agent.start_run,
            aio.AsyncAgent.start_run,
            turnline.Run.child,
            aio.AsyncRun.child,
        ):
            self.assertLessEqual({"intent", "agent_id", "labels"}, set(inspect.signature(start).parameters))


if __name__ == "__main__":
    unittest.main()
