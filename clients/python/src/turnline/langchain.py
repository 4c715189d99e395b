"""LangChain and LangGraph: records model calls, tool calls and retrievals as they happen.

from turnline.langchain import TurnlineCallbackHandler

handler = TurnlineCallbackHandler(agent)  # a run for each outermost call; or TurnlineCallbackHandler(run)
chain.invoke({"input": "…"}, config={"callbacks": [handler]})
"""

from __future__ import annotations

from typing import Any, Optional
from uuid import UUID

from ._agent.steps import OpenSteps, Target
from ._values.exceptions import describe_exception, type_name
from ._values.messages import content_text, newest_prompt, parse_json, read
from ._values.plain import message_of

try:
    from langchain_core.callbacks import BaseCallbackHandler
except ImportError as error:
    raise ImportError("turnline.langchain needs LangChain: pip install langchain-core") from error

__all__ = ["TurnlineCallbackHandler"]

#: Steps that only connect other steps.
_PLUMBING = (
    "Runnable",
    "LangGraph",
    "__start__",
    "__end__",
    "ChannelWrite",
    "ChannelRead",
    "Prompt",
    "ChatPromptTemplate",
)
_OUTPUT_KEYS = ("output", "answer", "result", "text", "messages")


class TurnlineCallbackHandler(BaseCallbackHandler):  # type: ignore[misc]  # Untyped where LangChain isn't installed.
    """Records what LangChain does.

    `target` is an agent (each outermost call becomes its own run, started with `start_options`, such as
    `agent_id` and `labels`), a run, or None for the run of the `with` block around the call.
    """

    #: Makes LangChain call this handler for each event in order, even in async code.
    run_inline = True

    def __init__(self, target: Target = None, **start_options: Any) -> None:
        super().__init__()
        self._steps = OpenSteps(target, start_options)

    # Chains: they form the path of the recorded steps, and the outermost ones become runs.

    def on_chain_start(
        self,
        serialized: Any,
        inputs: Any,
        *,
        run_id: UUID,
        parent_run_id: Optional[UUID] = None,
        **kwargs: Any,
    ) -> None:
        name = _name_of(serialized, kwargs)
        hidden = name.startswith(_PLUMBING) or "langsmith:hidden" in (kwargs.get("tags") or ())
        self._steps.open(run_id, parent_run_id, "" if hidden else name, _intent_of(inputs) or name)

    def on_chain_end(self, outputs: Any, *, run_id: UUID, **kwargs: Any) -> None:
        step = self._steps.close(run_id)
        if step is not None:
            self._steps.finish(step, "success", _summary_of(outputs))

    def on_chain_error(self, error: BaseException, *, run_id: UUID, **kwargs: Any) -> None:
        step = self._steps.close(run_id)
        if step is None:
            return
        if _is_interrupt(error):
            self._steps.finish(step, "partial_success", "interrupted: waiting for input")
            return
        if step.owns_run:
            summary = f"{type_name(error)}: {message_of(error)}"
            self._steps.finish(step, "failure", summary, error=describe_exception(error))
        elif step.name and _is_new(error):
            self._steps.record(step, kind="system", event="error", message=f"{step.name} failed", error=error)

    # Model calls.

    def on_chat_model_start(
        self,
        serialized: Any,
        messages: Any,
        *,
        run_id: UUID,
        parent_run_id: Optional[UUID] = None,
        **kwargs: Any,
    ) -> None:
        conversation = messages[0] if isinstance(messages, list) and messages else messages
        self._start_model(serialized, newest_prompt(conversation), run_id, parent_run_id, kwargs)

    def on_llm_start(
        self,
        serialized: Any,
        prompts: Any,
        *,
        run_id: UUID,
        parent_run_id: Optional[UUID] = None,
        **kwargs: Any,
    ) -> None:
        prompt = "\n\n".join(map(str, prompts)) if isinstance(prompts, list) else str(prompts)
        self._start_model(serialized, prompt, run_id, parent_run_id, kwargs)

    def on_llm_new_token(self, token: Any, *, run_id: UUID, **kwargs: Any) -> None:
        step = self._steps.get(run_id)
        text = content_text(token)[0]
        if step is not None and text:
            step.run.stream(text)

    def on_llm_end(self, response: Any, *, run_id: UUID, **kwargs: Any) -> None:
        step = self._steps.close(run_id)
        if step is not None:
            result = _model_result(response)
            self._steps.record(step, **result)
            self._steps.finish(step, "success", result.get("message"))

    def on_llm_error(self, error: BaseException, *, run_id: UUID, **kwargs: Any) -> None:
        self._record_error(error, run_id)

    # Tools and retrievers.

    def on_tool_start(
        self,
        serialized: Any,
        input_str: Any,
        *,
        run_id: UUID,
        parent_run_id: Optional[UUID] = None,
        inputs: Any = None,
        **kwargs: Any,
    ) -> None:
        name = _name_of(serialized, kwargs)
        parameters = inputs if inputs is not None else parse_json(input_str)
        call_id = kwargs.get("tool_call_id")
        step = self._steps.open(
            run_id, parent_run_id, name, name, kind="tool", tool=name, parameters=parameters, call_id=call_id
        )
        self._steps.show(step)

    def on_tool_end(self, output: Any, *, run_id: UUID, **kwargs: Any) -> None:
        step = self._steps.close(run_id)
        if step is None:
            return
        result: dict[str, Any] = {"output": output}
        if read(output, "tool_call_id") is not None:
            result = {"output": read(output, "content"), "call_id": read(output, "tool_call_id")}
            if read(output, "status") == "error":
                result["error"] = content_text(read(output, "content"))[0] or "failed"
            if read(output, "artifact") is not None:
                result["attributes"] = {"artifact": read(output, "artifact")}
        self._steps.record(step, **result)
        self._steps.finish(step, "success")

    def on_tool_error(self, error: BaseException, *, run_id: UUID, **kwargs: Any) -> None:
        self._record_error(error, run_id)

    def on_retriever_start(
        self,
        serialized: Any,
        query: str,
        *,
        run_id: UUID,
        parent_run_id: Optional[UUID] = None,
        **kwargs: Any,
    ) -> None:
        name = _name_of(serialized, kwargs)
        step = self._steps.open(
            run_id, parent_run_id, name, query, kind="tool", tool=name, parameters={"query": query}
        )
        self._steps.show(step)

    def on_retriever_end(self, documents: Any, *, run_id: UUID, **kwargs: Any) -> None:
        step = self._steps.close(run_id)
        if step is not None:
            self._steps.record(step, output=documents)
            self._steps.finish(step, "success")

    def on_retriever_error(self, error: BaseException, *, run_id: UUID, **kwargs: Any) -> None:
        self._record_error(error, run_id)

    # Events.

    def on_retry(self, retry_state: Any, *, run_id: UUID, **kwargs: Any) -> None:
        step = self._steps.get(run_id)
        if step is not None:
            outcome = read(retry_state, "outcome")
            failed = (
                outcome.exception() if outcome is not None and getattr(outcome, "failed", False) else None
            )
            attempt = read(retry_state, "attempt_number")
            step.run.turn(
                kind="system", event="retry", message=f"attempt {attempt} of {step.name} failed", error=failed
            )

    def on_custom_event(self, name: str, data: Any, *, run_id: UUID, **kwargs: Any) -> None:
        step = self._steps.get(run_id)
        if step is not None:
            step.run.turn(kind="system", event=name, message=name, attributes={"data": data})

    def _start_model(
        self,
        serialized: Any,
        prompt: Optional[str],
        run_id: UUID,
        parent: Optional[UUID],
        kwargs: dict[str, Any],
    ) -> None:
        parameters = kwargs.get("invocation_params") or {}
        metadata = kwargs.get("metadata") or {}
        model = parameters.get("model") or parameters.get("model_name") or metadata.get("ls_model_name")
        name = _name_of(serialized, kwargs)
        step = self._steps.open(
            run_id, parent, name, prompt, kind="model", model=model or name, prompt=prompt
        )
        self._steps.show(step)

    def _record_error(self, error: BaseException, run_id: UUID) -> None:
        step = self._steps.close(run_id)
        if step is None:
            return
        _is_new(error)
        self._steps.record(step, error=error)
        self._steps.finish(step, "failure", f"{type_name(error)}: {message_of(error)}")


def _name_of(serialized: Any, kwargs: dict[str, Any]) -> str:
    """Returns a component's name.

    Newer versions pass the name separately, older versions in the serialized component.
    """
    name = kwargs.get("name") or read(serialized, "name")
    identity = read(serialized, "id")
    if not name and isinstance(identity, list) and identity:
        name = identity[-1]
    return str(name or "step")


def _intent_of(inputs: Any) -> Optional[str]:
    """Returns what an outermost call was asked to do."""
    if isinstance(inputs, str):
        return inputs
    if isinstance(inputs, dict):
        for key in ("input", "question", "query", "messages", "topic"):
            value = inputs.get(key)
            text = newest_prompt(_as_messages(value)) if value is not None else None
            if text:
                return text
    return newest_prompt(_as_messages(inputs))


def _as_messages(value: Any) -> Any:
    """Expands LangChain's short forms of messages: a string, or a pair of role and text."""
    if not isinstance(value, (list, tuple)):
        return value
    if len(value) == 2 and all(isinstance(part, str) for part in value):
        return [{"role": value[0], "content": value[1]}]
    return [
        {"role": item[0], "content": item[1]}
        if isinstance(item, tuple) and len(item) == 2
        else {"role": "user", "content": item}
        if isinstance(item, str)
        else item
        for item in value
    ]


def _summary_of(outputs: Any) -> Optional[str]:
    """Returns the last text in the result of an outermost call."""
    if isinstance(outputs, dict):
        found = next((outputs[key] for key in _OUTPUT_KEYS if outputs.get(key)), None)
        return _summary_of(found)
    if isinstance(outputs, (list, tuple)):
        return _summary_of(outputs[-1]) if outputs else None
    return content_text(read(outputs, "content") if not isinstance(outputs, str) else outputs)[0]


def _is_new(error: BaseException) -> bool:
    """Marks an exception as recorded and returns whether it is new.

    It isn't new if a chain re-raises an exception of one of its steps.
    """
    if getattr(error, "_turnline_recorded", False):
        return False
    try:
        error._turnline_recorded = True  # type: ignore[attr-defined]
    except AttributeError:
        pass
    return True


def _is_interrupt(error: BaseException) -> bool:
    """Returns whether LangGraph stopped on purpose, to wait for a person or to jump to another node."""
    return any(kind.__name__ in ("GraphInterrupt", "GraphBubbleUp") for kind in type(error).__mro__)


def _model_result(response: Any) -> dict[str, Any]:
    """Returns the fields of a model turn from an LLMResult, or from the message that newer versions pass."""
    generations = read(response, "generations")
    generation = generations[0][0] if generations and generations[0] else None
    message = response if generation is None else read(generation, "message")
    metadata = read(message, "response_metadata") or read(generation, "generation_info") or {}
    totals = read(response, "llm_output") or {}
    text, thinking = content_text(
        read(message, "content") if message is not None else read(generation, "text")
    )
    calls = [
        {"name": read(call, "name"), "arguments": read(call, "args"), "id": read(call, "id")}
        for call in read(message, "tool_calls") or ()
    ]
    finish = read(metadata, "finish_reason") or read(metadata, "stop_reason")
    extra = (
        (read(message, "additional_kwargs") or {}).get("reasoning_content") if message is not None else None
    )
    attributes = {"tool_calls": calls or None, "finish_reason": finish}
    return {
        "message": text,
        "thinking": thinking or extra,
        "model": read(metadata, "model_name") or read(metadata, "model") or read(totals, "model_name"),
        "usage": read(message, "usage_metadata") or read(totals, "token_usage") or read(totals, "usage"),
        "response_id": read(metadata, "id"),
        "attributes": {name: value for name, value in attributes.items() if value is not None} or None,
    }
