"""OpenAI Agents SDK: records each trace as a run, as it happens.

from agents import add_trace_processor
from turnline.openai_agents import TurnlineTracingProcessor

add_trace_processor(TurnlineTracingProcessor(agent))
"""

from __future__ import annotations

from typing import Any, Optional

from ._agent.steps import OpenSteps, Step, Target
from ._values.messages import content_text, newest_prompt, parse_json, read
from .agent import AgentBase

try:
    from agents.tracing import TracingProcessor
except ImportError as error:
    raise ImportError(
        "turnline.openai_agents needs the OpenAI Agents SDK: pip install openai-agents"
    ) from error

__all__ = ["TurnlineTracingProcessor"]

#: Kinds of spans that only enclose other spans.
_ENCLOSING = ("agent", "task", "turn", "speech_group")
_DEFAULT_NAME = "Agent workflow"


class TurnlineTracingProcessor(TracingProcessor):  # type: ignore[misc]  # Untyped where the SDK isn't installed.
    """Records model calls, tool calls, hand-offs, guardrails and custom spans as turns.

    `target` is an agent (each trace becomes its own run, started with `start_options`, such as
    `agent_id` and `labels`), a run, or None for the run of the `with` block around the work.
    """

    def __init__(self, target: Target = None, **start_options: Any) -> None:
        self._target = target
        self._options = start_options
        self._steps = OpenSteps(target, start_options)
        #: Traces whose run still has the default workflow name as its intent.
        self._untitled: set[str] = set()
        self._answers: dict[str, str] = {}
        self._failures: dict[str, Any] = {}

    def on_trace_start(self, trace: Any) -> None:
        group = read(trace, "group_id")
        metadata = read(trace, "metadata")
        options = dict(self._options)
        options["source"] = {"name": "openai-agents", "session": group}
        if isinstance(metadata, dict) and metadata:
            options["labels"] = {**metadata, **(options.get("labels") or {})}
        name = str(read(trace, "name") or _DEFAULT_NAME)
        # The step is opened with this trace's own options, then kept with the steps of all traces.
        steps = OpenSteps(self._target, options)
        step = steps.open(trace.trace_id, None, "", name)
        if step is None:
            return
        self._steps.adopt(trace.trace_id, step)
        if step.owns_run and name == _DEFAULT_NAME and "intent" not in self._options:
            self._untitled.add(trace.trace_id)

    def on_trace_end(self, trace: Any) -> None:
        step = self._steps.close(trace.trace_id)
        self._untitled.discard(trace.trace_id)
        answer = self._answers.pop(trace.trace_id, None)
        failure = self._failures.pop(trace.trace_id, None)
        if step is None:
            return
        if failure is not None:
            self._steps.finish(step, "failure", str(failure.get("message")), error=failure)
        else:
            self._steps.finish(step, "success", answer)

    def on_span_start(self, span: Any) -> None:
        data = span.span_data
        kind = str(data.type)
        parent = span.parent_id or span.trace_id
        if self._steps.get(parent) is None:
            return  # The trace began before this processor was added.
        if kind in _ENCLOSING:
            name = read(data, "name") if kind == "agent" else ""
            self._steps.open(span.span_id, parent, str(name or ""), None)
            return
        step = self._steps.open(
            span.span_id, parent, str(read(data, "name") or kind), None, **_live_fields(kind, data)
        )
        self._steps.show(step)

    def on_span_end(self, span: Any) -> None:
        step = self._steps.close(span.span_id)
        if step is None:
            return
        data = span.span_data
        kind = str(data.type)
        error = _error_of(span)
        if kind in _ENCLOSING:
            if error is not None and kind == "agent":
                self._failures[span.trace_id] = error
                self._steps.record(
                    step, kind="system", event="error", message=f"{step.name} failed", error=error
                )
            return
        turn = _turn_of(kind, data)
        self._title(span.trace_id, step, turn.get("prompt"))
        if turn.get("kind") == "model" and turn.get("message"):
            self._answers[span.trace_id] = turn["message"]
            self._failures.pop(span.trace_id, None)
        started_at = read(span, "started_at")
        self._steps.record(step, **turn, **({"started_at": started_at} if started_at else {}), error=error)

    def shutdown(self) -> None:
        """Delivers what was recorded. The agent stays open, since other code may use it."""
        self.force_flush()

    def force_flush(self) -> None:
        """Waits up to 10 seconds for everything recorded to be stored."""
        core = self._target._core if isinstance(self._target, AgentBase) else None
        if core is not None:
            core.state.wait(core.is_settled, 10)

    def _title(self, trace_id: str, step: Step, prompt: Optional[str]) -> None:
        """Makes the first prompt the run's intent, which is more helpful than "Agent workflow"."""
        if prompt and trace_id in self._untitled:
            self._untitled.discard(trace_id)
            step.run.update(intent=prompt)


def _live_fields(kind: str, data: Any) -> dict[str, Any]:
    """Returns the fields that are known when a step begins."""
    if kind == "function":
        return {"kind": "tool", "tool": read(data, "name"), "parameters": parse_json(read(data, "input"))}
    if kind in ("generation", "response", "transcription", "speech"):
        return {"kind": "model", "model": read(data, "model")}
    if kind == "handoff":
        return {"kind": "agent", "tool": read(data, "to_agent")}
    return {"kind": "system", "event": str(read(data, "name") or kind)}


def _turn_of(kind: str, data: Any) -> dict[str, Any]:
    """Returns a turn's fields from the data of an ended span. Empty fields are omitted later."""
    if kind == "function":
        return {**_live_fields(kind, data), "output": read(data, "output"), "mcp": read(data, "mcp_data")}
    if kind == "generation":
        return _generation_turn(data)
    if kind == "response":
        return _response_turn(data)
    if kind == "handoff":
        source, target = read(data, "from_agent"), read(data, "to_agent")
        return {
            "kind": "agent",
            "tool": target,
            "message": f"{source} handed off to {target}",
            "attributes": {"from_agent": source},
        }
    if kind == "guardrail":
        triggered = bool(read(data, "triggered"))
        state = "triggered" if triggered else "passed"
        message = f"guardrail {read(data, 'name')}: {state}"
        return {
            "kind": "system",
            "event": "guardrail",
            "message": message,
            "policy_rejected": triggered or None,
        }
    if kind in ("transcription", "speech"):
        # The span's other field is base64-encoded audio.
        text = read(data, "output") if kind == "transcription" else read(data, "input")
        return {
            "kind": "model",
            "model": read(data, "model"),
            "message": text,
            "attributes": {"operation": kind},
        }
    if kind == "mcp_tools":
        return {
            "kind": "system",
            "event": "mcp_list_tools",
            "message": str(read(data, "server") or ""),
            "output": read(data, "result"),
        }
    name = str(read(data, "name") or kind)
    return {"kind": "system", "event": name, "message": name, "attributes": {"data": read(data, "data")}}


def _generation_turn(data: Any) -> dict[str, Any]:
    """Returns the turn for a call of the Chat Completions API, which has lists of messages."""
    texts: list[str] = []
    calls: list[Any] = []
    for message in read(data, "output") or ():
        text = content_text(read(message, "content"))[0]
        if text:
            texts.append(text)
        for call in read(message, "tool_calls") or ():
            function = read(call, "function")
            calls.append(
                {
                    "name": read(function, "name"),
                    "arguments": parse_json(read(function, "arguments")),
                    "id": read(call, "id"),
                }
            )
    attributes = {"tool_calls": calls or None, "model_config": read(data, "model_config")}
    return {
        "kind": "model",
        "model": read(data, "model"),
        "prompt": newest_prompt(read(data, "input")),
        "message": "\n".join(texts) or None,
        "usage": read(data, "usage"),
        "attributes": {name: value for name, value in attributes.items() if value} or None,
    }


def _response_turn(data: Any) -> dict[str, Any]:
    """Returns the turn for a call of the Responses API, which has one response with a list of items."""
    response = read(data, "response")
    texts: list[str] = []
    thoughts: list[str] = []
    calls: list[Any] = []
    for item in read(response, "output") or ():
        kind = str(read(item, "type"))
        if kind.endswith("_call"):
            arguments = parse_json(read(item, "arguments"))
            calls.append(
                {"name": read(item, "name") or kind, "arguments": arguments, "id": read(item, "call_id")}
            )
            continue
        content = [item] if kind == "reasoning" else read(item, "content")
        text, thinking = content_text(content)
        texts += [text] if text else []
        thoughts += [thinking] if thinking else []
    return {
        "kind": "model",
        "model": read(response, "model"),
        "prompt": newest_prompt(read(data, "input")),
        "message": "\n".join(texts) or None,
        "thinking": "\n".join(thoughts) or None,
        "usage": read(response, "usage") or read(data, "usage"),
        "response_id": read(response, "id"),
        "attributes": {"tool_calls": calls} if calls else None,
    }


def _error_of(span: Any) -> Optional[dict[str, Any]]:
    error = read(span, "error")
    if not error:
        return None
    details = read(error, "data")
    return {"message": str(read(error, "message") or error), **({"data": details} if details else {})}
