"""Sentences about what went wrong."""

from __future__ import annotations

from typing import Any


def error_sentence(error: dict[str, Any]) -> str:
    """The server's message, with what is wrong in the payload."""
    issues = [
        f"{issue.get('path')}: {issue.get('message')}"
        for issue in error.get("issues") or []
        if isinstance(issue, dict)
    ]
    message = str(error.get("message") or error.get("code"))
    return f"{message} ({'; '.join(issues[:3])})" if issues else message


def with_dropped(message: str, count: int) -> str:
    """A sentence, and how many turns are lost."""
    if count == 0:
        return message
    return f"{message.rstrip('.')}; {count} turn{'' if count == 1 else 's'} dropped"
