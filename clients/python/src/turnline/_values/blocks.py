"""Content blocks, the form in which model providers represent text."""

from __future__ import annotations

from typing import Any, Optional

_MAX_BLOCKS = 1_000
#: Maximum number of fields besides type and text. An object with more is data rather than a content block.
_MAX_FIELDS = 3


def read_blocks(value: Any) -> tuple[Optional[str], bool]:
    """Reads cleaned content blocks (`{"type": "text", "text": …}`).

    Returns their text, joined by line breaks, or None if any of them isn't text; and whether they contain
    nothing else, such as citations.
    """
    blocks = value if isinstance(value, list) else [value]
    if not blocks or len(blocks) > _MAX_BLOCKS:
        return None, False
    read = [_read_block(block) for block in blocks]
    texts = [text for text, _whole in read if text is not None]
    return "\n".join(texts) if len(texts) == len(read) else None, all(whole for _text, whole in read)


def _read_block(block: Any) -> tuple[Optional[str], bool]:
    if isinstance(block, str):
        return block, True
    if not isinstance(block, dict):
        return None, False
    kind, text = block.get("type"), block.get("text")
    others = [value for name, value in block.items() if name not in ("type", "text")]
    is_text = kind is None or (isinstance(kind, str) and "text" in kind)
    if not isinstance(text, str) or not is_text or len(others) > _MAX_FIELDS:
        return None, False
    return text, all(value is None or value in ("", [], {}) for value in others)
