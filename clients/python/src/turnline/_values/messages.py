"""Reads text from the messages of model APIs in their various formats."""

from __future__ import annotations

import json
from typing import Any, Optional

_TEXT_KEYS = ("text", "refusal", "input_text", "output_text")
_THINKING_KEYS = ("thinking", "reasoning", "reasoning_content")
_ASSISTANT_ROLES = ("assistant", "ai", "model")
_TOOL_ROLES = ("tool", "function")


def read(value: Any, name: str) -> Any:
    """Returns a field of a dict or an attribute of an object, or None if there is none."""
    if isinstance(value, dict):
        return value.get(name)
    try:
        return getattr(value, name, None)
    except Exception:
        return None


def content_text(content: Any) -> tuple[Optional[str], Optional[str]]:
    """Returns the text and the thinking of a message's content, which is a string or a list of blocks.

    Either is None if it is missing.
    """
    if isinstance(content, str):
        return content or None, None
    texts: list[str] = []
    thoughts: list[str] = []
    for block in content if isinstance(content, (list, tuple)) else []:
        if isinstance(block, str):
            texts.append(block)
            continue
        _read_block(block, texts, thoughts)
    return "\n".join(texts) or None, "\n".join(thoughts) or None


def _read_block(block: Any, texts: list[str], thoughts: list[str]) -> None:
    for key in _THINKING_KEYS:
        if isinstance(read(block, key), str):
            thoughts.append(read(block, key))
            return
    for part in read(block, "summary") or ():
        if isinstance(read(part, "text"), str):
            thoughts.append(read(part, "text"))
    for key in _TEXT_KEYS:
        if isinstance(read(block, key), str):
            texts.append(read(block, key))
            return
    kind = read(block, "type")
    if isinstance(kind, str) and any(
        word in kind for word in ("image", "audio", "file", "video", "document")
    ):
        texts.append(f"[{kind}]")


def newest_prompt(messages: Any) -> Optional[str]:
    """Returns the prompts since the model's last message.

    Earlier messages are in earlier turns, and tool results are in the turns of the tools.
    """
    if isinstance(messages, str):
        return messages or None
    said: list[str] = []
    for message in reversed(messages if isinstance(messages, (list, tuple)) else []):
        role = role_of(message)
        if role in _ASSISTANT_ROLES:
            break
        text = None if role in _TOOL_ROLES else content_text(read(message, "content"))[0]
        if text:
            said.append(text)
    return "\n\n".join(reversed(said)) or None


def role_of(message: Any) -> str:
    """Returns the role of a message, as the API names it."""
    role = read(message, "role")
    if isinstance(role, str):
        return role
    kind = read(message, "type")
    if not isinstance(kind, str):
        return ""
    # Items of OpenAI's Responses API and messages of LangChain.
    if kind.endswith("_call") or kind == "reasoning":
        return "assistant"
    if kind.endswith("_call_output"):
        return "tool"
    return kind


def parse_json(text: Any) -> Any:
    """Parses arguments that are JSON text. Returns other text unchanged."""
    if not isinstance(text, str) or not text.lstrip().startswith(("{", "[")):
        return text
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text
