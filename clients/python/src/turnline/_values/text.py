"""Cuts text to a size in UTF-8 bytes, and encodes values as JSON."""

from __future__ import annotations

import json
from typing import Any


def byte_length(text: str) -> int:
    """Returns the size of a string in UTF-8. A lone surrogate counts as three bytes, as in JavaScript."""
    return len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))


def cut_text(text: str, max_bytes: int) -> str:
    """Cuts a string to at most `max_bytes` at a character boundary and ends it with an ellipsis."""
    if len(text) <= max_bytes and byte_length(text) <= max_bytes:
        return text
    head = text[:max_bytes].encode("utf-8", "surrogatepass")[: max_bytes - 3]
    return _decode_prefix(head) + "…"


def keep_start(text: str, max_bytes: int) -> str:
    """Returns the longest start of a string of at most `max_bytes`, cut at a character boundary."""
    if len(text) <= max_bytes and byte_length(text) <= max_bytes:
        return text
    return _decode_prefix(text[:max_bytes].encode("utf-8", "surrogatepass")[:max_bytes])


def newest_text(text: str, max_bytes: int) -> str:
    """Returns at most the last `max_bytes` of a string, starting at a character boundary."""
    if len(text) <= max_bytes and byte_length(text) <= max_bytes:
        return text
    tail = text[-max_bytes:].encode("utf-8", "surrogatepass")[-max_bytes:]
    start = 0
    while start < len(tail) and tail[start] & 0xC0 == 0x80:
        start += 1
    return tail[start:].decode("utf-8", "surrogatepass")


def _decode_prefix(data: bytes) -> str:
    end = len(data)
    # Step back over the bytes of a character that was cut in the middle.
    while end > 0 and data[end - 1] & 0xC0 == 0x80:
        end -= 1
    if end > 0 and data[end - 1] >= 0xC0:
        lead = data[end - 1]
        size = 2 if lead < 0xE0 else 3 if lead < 0xF0 else 4
        end = end - 1 + size if len(data) - (end - 1) >= size else end - 1
    return data[:end].decode("utf-8", "surrogatepass")


def encode(value: Any) -> bytes:
    """Returns the JSON of a cleaned value in UTF-8.

    Lone surrogates are escaped, since UTF-8 can't encode them.
    """
    try:
        return _dumps(value, False).encode("utf-8")
    except UnicodeEncodeError:
        return _dumps(value, True).encode("ascii")


def json_text(value: Any) -> str:
    """Returns the JSON of a cleaned value as text, without escaping non-ASCII characters."""
    return _dumps(value, False)


def _dumps(value: Any, ascii_only: bool) -> str:
    return json.dumps(value, ensure_ascii=ascii_only, separators=(",", ":"), allow_nan=False)
