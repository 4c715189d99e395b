"""The LangChain handler, called the way LangChain calls it, with stand-ins if LangChain isn't installed."""

from __future__ import annotations

import importlib.util
import sys
import types
import uuid
from typing import Any, Optional

import turnline

from .support import FakeServerTest


class StandInHandler:
    """The part of LangChain's base class that its callers use."""

    raise_error = False
    run_inline = False
    ignore_llm = ignore_chain = ignore_agent = ignore_retriever = ignore_retry = ignore_chat_model = (
        ignore_custom_event
    ) = False


if importlib.util.find_spec("langchain_core") is None:
    package, callbacks = types.ModuleType("langchain_core"), types.ModuleType("langchain_core.callbacks")
    callbacks.BaseCallbackHandler = StandInHandler  # type: ignore[attr-defined]
    sys.modules.update({"langchain_core": package, "langchain_core.callbacks": callbacks})

from turnline.langchain import TurnlineCallbackHandler  # noqa: E402


class Message:
    """A LangChain message: a model with these attributes."""

    def __init__(self, type: str, content: Any, **more: Any) -> None:
        self.type = type
        self.content = content
        self.additional_kwargs: dict[str, Any] = {}
        self.response_metadata: dict[str, Any] = {}
        self.__dict__.update(more)


class Generation:
    def __init__(self, text: str, message: Optional[Message] = None) -> None:
        self.text = text
        self.generation_info = {"finish_reason": "stop"}
        if message is not None:
            self.message = message


class LLMResult:
    def __init__(self, generation: Generation, llm_output: Any = None) -> None:
        self.generations = [[generation]]
        self.llm_output = llm_output


class GraphInterrupt(Exception):
    pass


class Caller:
    """Calls a handler like LangChain's callback managers."""

    def __init__(self, handler: Any) -> None:
        self.handler = handler

    def start(self, event: str, *args: Any, parent: Any = None, **kwargs: Any) -> uuid.UUID:
        run_id = uuid.uuid4()
        serialized = {
            "lc": 1,
            "type": "not_implemented",
            "id": ["x", kwargs.get("name", "Thing")],
            "name": kwargs.get("name"),
        }
        options = {"run_id": run_id, "parent_run_id": parent, "tags": [], "metadata": {}, **kwargs}
        getattr(self.handler, event)(serialized, *args, **options)
        return run_id

    def end(self, event: str, run_id: uuid.UUID, *args: Any, parent: Any = None) -> None:
        getattr(self.handler, event)(*args, run_id=run_id, parent_run_id=parent, tags=[])


class LangChainTest(FakeServerTest):
    def setUp(self) -> None:
        super().setUp()
        self.agent = self.connect(agent_id="chain")
        self.caller = Caller(TurnlineCallbackHandler(self.agent, labels={"team": "a"}))

    def turns(self) -> list[dict[str, Any]]:
        self.assertTrue(self.agent.flush())
        return self.server.run.turns

    def test_records_an_agent_with_tools(self) -> None:
        call = self.caller
        conversation = [Message("system", "Be brief."), Message("human", "Trains to Porto?")]
        root = call.start("on_chain_start", {"messages": conversation}, name="LangGraph")
        node = call.start("on_chain_start", {"messages": conversation}, parent=root, name="model_request")
        hidden = call.start("on_chain_start", {}, parent=node, name="RunnableSequence")
        model = call.start(
            "on_chat_model_start", [conversation], parent=hidden, name="ChatOpenAI",
            invocation_params={"model": "gpt-x"}, metadata={"ls_model_name": "gpt-x"},
        )  # fmt: skip
        call.handler.on_llm_new_token("Let me", chunk=None, run_id=model, parent_run_id=hidden)
        answer = Message(
            "ai", "Let me see.", tool_calls=[{"name": "find", "args": {"to": "Porto"}, "id": "call-1", "type": "tool_call"}],
            usage_metadata={"input_tokens": 9, "output_tokens": 4, "total_tokens": 13, "input_token_details": {"cache_read": 3}},
            response_metadata={"model_name": "gpt-x-2026", "finish_reason": "tool_calls", "id": "resp-1"}, id="run--1",
        )  # fmt: skip
        call.end("on_llm_end", model, LLMResult(Generation("Let me see.", answer)), parent=hidden)
        call.end("on_chain_end", hidden, answer, parent=node)
        call.end("on_chain_end", node, {"messages": [answer]}, parent=root)
        tools = call.start("on_chain_start", {}, parent=root, name="tools")
        first = call.start(
            "on_tool_start", "{'to': 'Porto'}", parent=tools, name="find", inputs={"to": "Porto"}
        )
        second = call.start("on_tool_start", '{"to": "Faro"}', parent=tools, name="find")
        call.end(
            "on_tool_end",
            second,
            Message("tool", "no train", tool_call_id="call-2", status="error"),
            parent=tools,
        )
        call.end(
            "on_tool_end",
            first,
            Message("tool", "09:00", tool_call_id="call-1", status="success", artifact=None),
            parent=tools,
        )
        call.end("on_chain_end", tools, {}, parent=root)
        call.end(
            "on_chain_end",
            root,
            {"messages": [*conversation, answer, Message("ai", [{"type": "text", "text": "At nine."}])]},
        )
        model_turn, failed, found = self.turns()
        self.assertEqual(
            {
                name: model_turn[name]
                for name in ("kind", "prompt", "message", "model", "response_id", "path")
            },
            {
                "kind": "model",
                "prompt": "Be brief.\n\nTrains to Porto?",
                "message": "Let me see.",
                "model": "gpt-x-2026",
                "response_id": "resp-1",
                "path": ["model_request"],
            },
        )
        self.assertEqual(
            model_turn["usage"],
            {
                "input_tokens": 9,
                "output_tokens": 4,
                "total_tokens": 13,
                "input_token_details": {"cache_read": 3},
            },
        )
        self.assertEqual(
            model_turn["attributes"]["tool_calls"],
            [{"name": "find", "arguments": {"to": "Porto"}, "id": "call-1"}],
        )
        self.assertEqual(
            (failed["parameters"], failed["call_id"], failed["error"]["message"]),
            ({"to": "Faro"}, "call-2", "no train"),
        )
        self.assertEqual(
            (found["parameters"], found["output"], found["path"]), ({"to": "Porto"}, "09:00", ["tools"])
        )
        self.assertNotIn("error", found)
        run = self.server.run
        self.assertEqual(
            (run.start["intent"], run.start["agent_id"], run.start["labels"]),
            ("Be brief.\n\nTrains to Porto?", "chain", {"team": "a"}),
        )
        self.assertEqual((run.outcome["status"], run.outcome["summary"]), ("success", "At nine."))

    def test_records_an_error_once_and_fails_the_run(self) -> None:
        call = self.caller
        root = call.start("on_chain_start", {"input": "x"}, name="AgentExecutor")
        node = call.start("on_chain_start", {}, parent=root, name="lookup")
        tool = call.start("on_tool_start", "x", parent=node, name="find")
        error = ValueError("no such train")
        call.end("on_tool_error", tool, error, parent=node)
        call.end("on_chain_error", node, error, parent=root)
        call.end("on_chain_error", root, error)
        (turn,) = self.turns()
        self.assertEqual(
            (turn["tool"], turn["error"]["message"], turn["parameters"]), ("find", "no such train", "x")
        )
        self.assertEqual(
            (self.server.run.outcome["status"], self.server.run.outcome["summary"]),
            ("failure", "ValueError: no such train"),
        )

    def test_records_an_error_of_a_step_that_is_not_recorded_itself(self) -> None:
        call = self.caller
        root = call.start("on_chain_start", "question", name="graph")
        node = call.start("on_chain_start", {}, parent=root, name="parse")
        error = KeyError("date")
        call.end("on_chain_error", node, error, parent=root)
        call.end("on_chain_error", root, error)
        (turn,) = self.turns()
        self.assertEqual(
            (turn["event"], turn["message"], turn["error"]["type"]), ("error", "parse failed", "KeyError")
        )

    def test_an_interrupt_is_not_an_error(self) -> None:
        call = self.caller
        root = call.start("on_chain_start", {"messages": [("user", "buy")]}, name="LangGraph")
        node = call.start("on_chain_start", {}, parent=root, name="approve")
        call.end("on_chain_error", node, GraphInterrupt(), parent=root)
        call.end("on_chain_end", root, {"__interrupt__": []})
        self.assertEqual(self.turns(), [])
        self.assertEqual(
            (self.server.run.start["intent"], self.server.run.outcome["status"]), ("buy", "success")
        )

    def test_records_completion_models_retrievers_and_events(self) -> None:
        call = self.caller
        root = call.start("on_chain_start", {"question": "why?"}, name="qa")
        search = call.start("on_retriever_start", "why?", parent=root, name="Index")
        call.end(
            "on_retriever_end",
            search,
            [types.SimpleNamespace(page_content="because", metadata={"page": 3})],
            parent=root,
        )
        model = call.start("on_llm_start", ["Answer: why?"], parent=root, name="OpenAI")
        call.handler.on_custom_event("cache", {"hit": False}, run_id=model)
        usage = {
            "token_usage": {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5},
            "model_name": "davinci",
        }
        call.end("on_llm_end", model, LLMResult(Generation("because"), usage), parent=root)
        call.end("on_chain_end", root, {"answer": "because"})
        found, event, said = self.turns()
        self.assertEqual(
            (found["parameters"], found["output"]),
            ({"query": "why?"}, [{"page_content": "because", "metadata": {"page": 3}}]),
        )
        self.assertEqual((event["event"], event["attributes"]), ("cache", {"data": {"hit": False}}))
        self.assertEqual(
            (said["message"], said["model"], said["usage"]),
            ("because", "davinci", {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5}),
        )
        self.assertEqual(self.server.run.outcome["summary"], "because")

    def test_records_into_the_given_or_the_current_run(self) -> None:
        run = self.agent.start_run("given")
        for handler in (TurnlineCallbackHandler(run), TurnlineCallbackHandler()):
            call = Caller(handler)
            with _Current(run):
                root = call.start("on_chain_start", {"input": "x"}, name="outer")
                tool = call.start("on_tool_start", "x", parent=root, name="find")
                call.end("on_tool_end", tool, "y", parent=root)
                call.end("on_chain_end", root, {})
        self.assertEqual([(turn["tool"], turn["path"]) for turn in self.turns()], [("find", ["outer"])] * 2)
        self.assertEqual(self.server.run.status, "in_progress")

    def test_records_nothing_without_a_run(self) -> None:
        call = Caller(TurnlineCallbackHandler())
        root = call.start("on_chain_start", {"input": "x"}, name="outer")
        call.end("on_chain_end", root, {})
        self.agent.flush()
        self.assertEqual(self.server.runs, {})


class _Current:
    """Makes a run the current run without ending it."""

    def __init__(self, run: turnline.Run) -> None:
        self._run = run

    def __enter__(self) -> None:
        from turnline import run as module

        self._token = module._current.set(self._run)

    def __exit__(self, *_: Any) -> None:
        from turnline import run as module

        module._current.reset(self._token)
