"""Messages about errors."""

from __future__ import annotations

from typing import Any


def error_message(error: dict[str, Any]) -> str:
    """Returns the server's message with the issues that it found in the payload."""
    issues = [
        f"{issue.get('path')}: {issue.get('message')}"
        for issue in error.get("issues") or []
        if isinstance(issue, dict)
    ]
    message = str(error.get("message") or error.get("code"))
    return f"{message} ({'; '.join(issues[:3])})" if issues else message


def with_dropped(message: str, count: int) -> str:
    """Appends the number of dropped turns to a message."""
    if count == 0:
        return message
    return f"{message.rstrip('.')}; {count} turn{'' if count == 1 else 's'} dropped"
