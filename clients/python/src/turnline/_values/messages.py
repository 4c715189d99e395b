"""What is said in the messages of model APIs, whatever their shape."""

from __future__ import annotations

import json
from typing import Any, Optional

_TEXT_KEYS = ("text", "refusal", "input_text", "output_text")
_THINKING_KEYS = ("thinking", "reasoning", "reasoning_content")
_ASSISTANT_ROLES = ("assistant", "ai", "model")
_TOOL_ROLES = ("tool", "function")


def read(value: Any, name: str) -> Any:
    """A field of a dict or an attribute of an object; None when there is none."""
    if isinstance(value, dict):
        return value.get(name)
    try:
        return getattr(value, name, None)
    except Exception:
        return None


def content_text(content: Any) -> tuple[Optional[str], Optional[str]]:
    """The text and the thinking in a message's content: a string, or a list of blocks.

    None for what isn't there.
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
    """What a model was asked since it last spoke: earlier messages are in earlier turns, and results of tools
    in theirs.
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
    """Who speaks in a message, in the API's own word."""
    role = read(message, "role")
    if isinstance(role, str):
        return role
    kind = read(message, "type")
    if not isinstance(kind, str):
        return ""
    # Items of OpenAI's Responses API, and LangChain's messages.
    if kind.endswith("_call") or kind == "reasoning":
        return "assistant"
    if kind.endswith("_call_output"):
        return "tool"
    return kind


def parse_json(text: Any) -> Any:
    """Arguments that came as JSON text; the text as it is where it isn't JSON."""
    if not isinstance(text, str) or not text.lstrip().startswith(("{", "[")):
        return text
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text
