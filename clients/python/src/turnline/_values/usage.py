"""Maps the token counts of common providers to the protocol's names."""

from __future__ import annotations

import math
from typing import Any, Optional

#: The protocol's names, each with the equivalent names of providers.
_NAMES = {
    "input_tokens": (
        "input_tokens",
        "prompt_tokens",
        "inputTokens",
        "promptTokens",
        "prompt_token_count",
        "promptTokenCount",
    ),
    "output_tokens": (
        "output_tokens",
        "completion_tokens",
        "outputTokens",
        "completionTokens",
        "candidates_token_count",
        "candidatesTokenCount",
    ),
    "cached_input_tokens": (
        "cached_input_tokens",
        "cachedInputTokens",
        "cached_content_token_count",
        "cachedContentTokenCount",
    ),
    "cache_creation_input_tokens": ("cache_creation_input_tokens", "cacheCreationInputTokens"),
    "reasoning_tokens": ("reasoning_tokens", "reasoningTokens", "thoughts_token_count", "thoughtsTokenCount"),
}
#: Where providers nest a count inside another object.
_NESTED = {
    "cached_input_tokens": (
        ("prompt_tokens_details", "cached_tokens"),
        ("input_tokens_details", "cached_tokens"),
        ("input_token_details", "cache_read"),
        ("inputTokenDetails", "cacheReadTokens"),
    ),
    "cache_creation_input_tokens": (
        ("input_token_details", "cache_creation"),
        ("inputTokenDetails", "cacheWriteTokens"),
    ),
    "reasoning_tokens": (
        ("completion_tokens_details", "reasoning_tokens"),
        ("output_tokens_details", "reasoning_tokens"),
        ("output_token_details", "reasoning"),
        ("outputTokenDetails", "reasoningTokens"),
    ),
}
#: Sums that the protocol doesn't store.
_REDUNDANT = {"total_tokens", "totalTokens", "total_token_count", "totalTokenCount"}
_ANTHROPIC_CACHE_READ = "cache_read_input_tokens"
#: Gemini's names for output tokens. Its counts exclude thinking tokens; other providers' counts include them.
_GEMINI_OUTPUT = {"candidates_token_count", "candidatesTokenCount"}


def map_usage(given: Any) -> tuple[Optional[dict[str, int]], Optional[dict[str, Any]]]:
    """Returns a cleaned usage object with the protocol's names, and the fields that have no equivalent."""
    if not isinstance(given, dict):
        return None, None if given is None else {"value": given}
    usage: dict[str, int] = {}
    used: set[str] = set()
    for field, names in _NAMES.items():
        for name in names:
            tokens = read_count(given.get(name))
            if tokens is not None:
                usage.setdefault(field, tokens)
                used.add(name)
    rest = {
        name: value
        for name, value in given.items()
        if name not in used and name not in _REDUNDANT and value is not None
    }
    for field, places in _NESTED.items():
        for outer, inner in places:
            _take_nested(usage, field, rest, outer, inner)
    _include_cached(usage, rest)
    _include_thoughts(usage, used)
    return usage or None, rest or None


def read_count(raw: Any) -> Optional[int]:
    """Reads a token count from a number or numeric text and rounds it. Returns None if it is invalid."""
    if isinstance(raw, str):
        try:
            raw = float(raw) if not raw.strip().isdigit() else int(raw)
        except ValueError:
            return None
    if (
        isinstance(raw, bool)
        or not isinstance(raw, (int, float))
        or not math.isfinite(raw)
        or not 0 <= raw <= 2**53 - 1
    ):
        return None
    return round(raw)


def _take_nested(usage: dict[str, int], field: str, rest: dict[str, Any], outer: str, inner: str) -> None:
    details = rest.get(outer)
    if not isinstance(details, dict):
        return
    tokens = read_count(details.get(inner))
    if tokens is None:
        return
    usage.setdefault(field, tokens)
    left = {name: value for name, value in details.items() if name != inner and value is not None}
    if left:
        rest[outer] = left
    else:
        del rest[outer]


def _include_cached(usage: dict[str, int], rest: dict[str, Any]) -> None:
    """Makes `input_tokens` include cached tokens.

    Anthropic's count excludes cached tokens. So does any count that is smaller than the number of cached
    tokens.
    """
    read = read_count(rest.get(_ANTHROPIC_CACHE_READ))
    exclusive = read is not None
    if read is not None:
        usage.setdefault("cached_input_tokens", read)
        del rest[_ANTHROPIC_CACHE_READ]
    parts = usage.get("cached_input_tokens", 0) + usage.get("cache_creation_input_tokens", 0)
    given = usage.get("input_tokens")
    if given is not None and (exclusive or given < parts):
        usage["input_tokens"] = given + parts


def _include_thoughts(usage: dict[str, int], used: set[str]) -> None:
    if used & _GEMINI_OUTPUT:
        usage["output_tokens"] = usage.get("output_tokens", 0) + usage.get("reasoning_tokens", 0)
