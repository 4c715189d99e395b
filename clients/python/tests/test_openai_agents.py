"""The trace processor for the OpenAI Agents SDK, called the way the SDK calls it, with stand-ins for the SDK."""

from __future__ import annotations

import importlib.util
import sys
import types
from typing import Any, Optional

from .support import FakeServerTest

if importlib.util.find_spec("agents") is None:
    package, tracing = types.ModuleType("agents"), types.ModuleType("agents.tracing")
    tracing.TracingProcessor = type("TracingProcessor", (), {})  # type: ignore[attr-defined]
    sys.modules.update({"agents": package, "agents.tracing": tracing})

from turnline.openai_agents import TurnlineTracingProcessor  # noqa: E402


class Trace:
    def __init__(
        self, name: str = "Agent workflow", group_id: Optional[str] = None, metadata: Any = None
    ) -> None:
        self.trace_id = f"trace_{id(self):x}"
        self.name = name
        self.group_id = group_id
        self.metadata = metadata


class Span:
    """A span of the SDK; `data` has the attributes of its span data."""

    count = 0

    def __init__(self, trace: Trace, parent: Optional[Span], type: str, **data: Any) -> None:
        Span.count += 1
        self.trace_id = trace.trace_id
        self.span_id = f"span_{Span.count}"
        self.parent_id = None if parent is None else parent.span_id
        self.span_data = types.SimpleNamespace(type=type, **data)
        self.error: Any = None
        self.started_at = "2026-01-01T10:00:00.123456+00:00"
        self.ended_at = None


def response(text: str, calls: Any = (), **usage: int) -> Any:
    """A response of the Responses API."""
    content = [types.SimpleNamespace(type="output_text", text=text, annotations=[])] if text else []
    output: list[Any] = [
        types.SimpleNamespace(
            type="reasoning", summary=[types.SimpleNamespace(type="summary_text", text="hm")]
        )
    ]
    output += [
        types.SimpleNamespace(type="function_call", name=name, arguments=arguments, call_id=call)
        for name, arguments, call in calls
    ]
    output += [types.SimpleNamespace(type="message", role="assistant", content=content)] if content else []
    details = types.SimpleNamespace(cached_tokens=2)
    return types.SimpleNamespace(
        id="resp_1", model="gpt-x-2026", output=output,
        usage=types.SimpleNamespace(input_tokens=9, input_tokens_details=details, output_tokens=4, total_tokens=13),
    )  # fmt: skip


class OpenAIAgentsTest(FakeServerTest):
    def setUp(self) -> None:
        super().setUp()
        self.agent = self.connect(agent_id="sdk")
        self.processor = TurnlineTracingProcessor(self.agent, labels={"team": "a"})

    def span(self, trace: Trace, parent: Optional[Span], type: str, **data: Any) -> Span:
        span = Span(trace, parent, type, **data)
        self.processor.on_span_start(span)
        return span

    def end(self, *spans: Span, **data: Any) -> None:
        for span in spans:
            span.span_data.__dict__.update(data)
            self.processor.on_span_end(span)

    def turns(self) -> list[dict[str, Any]]:
        self.processor.force_flush()
        return self.server.run.turns

    def test_records_the_responses_api_with_tools_and_a_hand_off(self) -> None:
        trace = Trace(group_id="chat-7", metadata={"customer": 5})
        self.processor.on_trace_start(trace)
        task = self.span(trace, None, "task", name="Agent workflow", usage=None)
        triage = self.span(
            trace, task, "agent", name="Triage", handoffs=["Rail"], tools=["find"], output_type="str"
        )
        turn = self.span(trace, triage, "turn", turn=1, agent_name="Triage", usage=None)
        model = self.span(trace, turn, "response", response=None, input=None, usage=None)
        self.end(
            model,
            response=response("", [("find", '{"to": "Porto"}', "call_1")]),
            input=[{"role": "user", "content": "Trains to Porto?"}],
        )
        tool = self.span(
            trace, turn, "function", name="find", input='{"to": "Porto"}', output=None, mcp_data=None
        )
        self.end(tool, output="09:00")
        handoff = self.span(trace, turn, "handoff", from_agent="Triage", to_agent=None)
        self.end(handoff, to_agent="Rail")
        self.end(turn, triage)
        rail = self.span(trace, task, "agent", name="Rail", handoffs=[], tools=[], output_type="str")
        last = self.span(trace, rail, "response", response=None, input=None, usage=None)
        conversation = [
            {"role": "user", "content": "Trains to Porto?"},
            {"type": "function_call", "name": "find", "arguments": "{}", "call_id": "call_1"},
            {"type": "function_call_output", "call_id": "call_1", "output": "09:00"},
        ]
        self.end(last, response=response("At nine."), input=conversation)
        self.end(rail, task)
        self.processor.on_trace_end(trace)
        asked, found, handed, answered = self.turns()
        self.assertEqual(
            {
                name: asked[name]
                for name in ("kind", "prompt", "thinking", "model", "response_id", "path", "started_at")
            },
            {
                "kind": "model",
                "prompt": "Trains to Porto?",
                "thinking": "hm",
                "model": "gpt-x-2026",
                "response_id": "resp_1",
                "path": ["Triage"],
                "started_at": "2026-01-01T10:00:00.123Z",
            },
        )
        self.assertEqual(
            asked["attributes"]["tool_calls"],
            [{"name": "find", "arguments": {"to": "Porto"}, "id": "call_1"}],
        )
        self.assertEqual(
            asked["usage"],
            {
                "input_tokens": 9,
                "output_tokens": 4,
                "total_tokens": 13,
                "input_tokens_details": {"cached_tokens": 2},
            },
        )
        self.assertEqual(
            (found["tool"], found["parameters"], found["output"]), ("find", {"to": "Porto"}, "09:00")
        )
        self.assertEqual(
            (handed["kind"], handed["tool"], handed["message"]),
            ("agent", "Rail", "Triage handed off to Rail"),
        )
        self.assertEqual((answered["message"], answered["path"]), ("At nine.", ["Rail"]))
        self.assertNotIn("prompt", answered)
        run = self.server.run
        self.assertEqual(run.start["labels"], {"customer": "5", "team": "a"})
        self.assertEqual(run.start["source"], {"name": "openai-agents", "session": "chat-7"})
        self.assertEqual(self.server.commands("runs.update")[0]["intent"], "Trains to Porto?")
        self.assertEqual((run.outcome["status"], run.outcome["summary"]), ("success", "At nine."))

    def test_records_chat_completions_guardrails_and_custom_spans(self) -> None:
        trace = Trace("Refund")
        self.processor.on_trace_start(trace)
        check = self.span(trace, None, "guardrail", name="polite", triggered=False)
        self.end(check, triggered=True)
        model = self.span(
            trace,
            None,
            "generation",
            input=None,
            output=None,
            model="gpt-y",
            model_config={"temperature": 0},
            usage=None,
        )
        call = {"id": "c1", "type": "function", "function": {"name": "pay", "arguments": "{}"}}
        self.end(
            model, input=[{"role": "system", "content": "S"}, {"role": "user", "content": [{"type": "text", "text": "U"}]}],
            output=[{"role": "assistant", "content": "ok", "tool_calls": [call]}], usage={"input_tokens": 1, "output_tokens": 2},
        )  # fmt: skip
        self.end(self.span(trace, None, "custom", name="db", data={"rows": 3}))
        self.end(self.span(trace, None, "mcp_tools", server="files", result=["read"]))
        self.end(
            self.span(
                trace,
                None,
                "transcription",
                input="UklGR",
                input_format="pcm",
                output="hello",
                model="whisper",
            )
        )
        self.processor.on_trace_end(trace)
        guardrail, said, custom, listed, transcript = self.turns()
        self.assertEqual((guardrail["event"], guardrail["policy_rejected"]), ("guardrail", True))
        self.assertEqual((said["prompt"], said["message"], said["model"]), ("S\n\nU", "ok", "gpt-y"))
        self.assertEqual(said["attributes"]["tool_calls"], [{"name": "pay", "arguments": {}, "id": "c1"}])
        self.assertEqual((custom["event"], custom["attributes"]), ("db", {"data": {"rows": 3}}))
        self.assertEqual((listed["output"], transcript["message"]), (["read"], "hello"))
        self.assertEqual(self.server.run.start["intent"], "Refund")

    def test_records_errors(self) -> None:
        trace = Trace()
        self.processor.on_trace_start(trace)
        agent = self.span(trace, None, "agent", name="Loop", handoffs=[], tools=[], output_type="str")
        tool = self.span(trace, agent, "function", name="find", input="not json", output=None, mcp_data=None)
        tool.error = {"message": "Error running tool", "data": {"tool_name": "find", "error": "boom"}}
        self.end(tool)
        agent.error = {"message": "Max turns exceeded", "data": {"max_turns": 3}}
        self.end(agent)
        self.processor.on_trace_end(trace)
        failed, ended = self.turns()
        self.assertEqual(
            (failed["parameters"], failed["error"]["message"]), ("not json", "Error running tool")
        )
        self.assertEqual(failed["error"]["data"]["error"], "boom")
        self.assertEqual((ended["message"], ended["error"]["message"]), ("Loop failed", "Max turns exceeded"))
        self.assertEqual(
            (self.server.run.outcome["status"], self.server.run.outcome["summary"]),
            ("failure", "Max turns exceeded"),
        )

    def test_records_unknown_spans_and_ignores_spans_of_unknown_traces(self) -> None:
        trace = Trace("T")
        self.processor.on_trace_start(trace)
        self.end(self.span(trace, None, "novelty", name="x", data=None))
        self.processor.on_span_end(
            Span(trace, None, "function", name="never started", input=None, output=None, mcp_data=None)
        )
        self.processor.on_trace_end(trace)
        (turn,) = self.turns()
        self.assertEqual((turn["kind"], turn["event"]), ("system", "x"))
        self.processor.on_trace_end(Trace())
        self.span(Trace(), None, "function", name="of no trace", input=None, output=None, mcp_data=None)
        self.agent.flush()
        self.assertEqual(len(self.server.runs), 1)
