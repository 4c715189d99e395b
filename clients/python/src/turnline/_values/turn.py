"""Prepares turns so that the server accepts them."""

from __future__ import annotations

import datetime
import json
import math
from dataclasses import dataclass
from typing import Any, Optional

from .. import _limits as limits
from .blocks import read_blocks
from .clean import clean
from .exceptions import describe_exception
from .text import encode, json_text, keep_start
from .times import is_plausible, read_time, write_time

#: Below the server's limits, to leave room for the fields that the server adds.
_MAX_DEPTH = limits.JSON_DEPTH - 4
_MAX_KEYS = limits.KEYS_PER_TURN - 100
_MAX_DURATION_MS = 100 * 366 * 86_400_000

_TEXTS = ("prompt", "message", "thinking")
_NAMES = ("tool", "event", "model", "call_id", "response_id")
#: Fields that are copied. The server maps the usage of other providers, and keeps values that don't fit.
_COPIED = ("parameters", "output", "cli_outcome", "verifier_verdict", "usage", "policy_rejected")
_OWN_FIELDS = frozenset(
    (
        *_TEXTS,
        *_NAMES,
        *_COPIED,
        "kind",
        "started_at",
        "duration_ms",
        "cost_usd",
        "error",
        "path",
        "exit_code",
        "child",
        "child_run_id",
        "attributes",
        "index",
        "recorded_at",
        "truncated",
    )
)
_KIND_SYNONYMS = {
    "assistant": "model",
    "llm": "model",
    "generation": "model",
    "chat": "model",
    "user": "human",
    "function": "tool",
    "tool_call": "tool",
    "retriever": "tool",
}
Turn = dict[str, Any]


@dataclass(frozen=True)
class PreparedTurn:
    """A turn as it is sent.

    It is queued as JSON, which takes a fraction of the memory of the objects.
    """

    json: bytes

    @property
    def size(self) -> int:
        return len(self.json)

    @property
    def turn(self) -> Turn:
        """The turn's fields, parsed from the JSON."""
        fields: Turn = json.loads(self.json)
        return fields


def prepare_turn(fields: Turn) -> PreparedTurn:
    """Prepares a turn for the server; never raises.

    Values with more keys or levels than the protocol allows become their JSON text. Names are cut to 256
    bytes. Their full text and implausible numbers go to `attributes.refused`, errors of any form get a
    message, and unknown fields go to `attributes`.
    """
    return _Preparation(fields).finish()


class _Preparation:
    def __init__(self, fields: Turn) -> None:
        self.fields = fields
        self.turn: Turn = {}
        self.extra: dict[str, Any] = {}
        self.refused: dict[str, Any] = {}
        self.spare_keys = _MAX_KEYS

    def finish(self) -> PreparedTurn:
        self.take_kind()
        self.take_texts()
        self.take_numbers()
        self.take_error()
        if self.fields.get("child_run_id") is not None:
            self.turn["child_run_id"] = as_text(self.fields["child_run_id"])
        for field in _COPIED:
            if self.fields.get(field) is not None:
                self.turn[field] = self.as_json(self.fields[field])
        self.take_attributes()
        return PreparedTurn(encode(self.turn))

    def take_kind(self) -> None:
        kind = self.fields.get("kind")
        if kind is None:
            return
        name = as_text(kind)
        lower = name.lower()
        known = lower if lower in limits.TURN_KINDS else _KIND_SYNONYMS.get(lower)
        if known is not None:
            self.turn["kind"] = known
        if known != name:
            self.extra["kind"] = name

    def take_texts(self) -> None:
        for field in _TEXTS:
            if self.fields.get(field) is not None:
                self.take_text(field, clean(self.fields[field]).value)
        for field in _NAMES:
            if self.fields.get(field) is not None:
                name = as_text(self.fields[field])
                self.turn[field] = keep_start(name, limits.NAME_BYTES)
                if self.turn[field] != name:
                    self.refused[field] = name
        if self.fields.get("path") is not None:
            path = self.as_json(self.fields["path"])
            # The server shortens a path that is too long, and keeps the original.
            steps = path if isinstance(path, list) else [path]
            self.turn["path"] = [as_text(step) for step in steps if step is not None]

    def take_text(self, field: str, value: Any) -> None:
        """Content blocks become their text. If there is more to them, they are kept as an attribute."""
        text, is_whole = read_blocks(value)
        self.turn[field] = as_text(value) if text is None else text
        if text is not None and not is_whole:
            self.extra[field] = value

    def take_numbers(self) -> None:
        started_at = self.fields.get("started_at")
        if started_at is not None:
            moment = read_time(started_at)
            if moment is not None and is_plausible(moment):
                self.turn["started_at"] = write_time(moment)
            else:
                self.refused["started_at"] = started_at
        for field, most in (("duration_ms", _MAX_DURATION_MS), ("cost_usd", math.inf)):
            given = self.fields.get(field)
            if given is None:
                continue
            amount = read_amount(given)
            if amount is not None and amount <= most:
                self.turn[field] = amount
            else:
                self.refused[field] = given
        exit_code = self.fields.get("exit_code")
        if exit_code is not None:
            code = read_number(exit_code)
            if code is not None and code == int(code):
                self.turn["exit_code"] = int(code)
            else:
                self.refused["exit_code"] = exit_code

    def take_attributes(self) -> None:
        """Sets the attributes, including the fields that the protocol doesn't define."""
        unknown = {
            field: value
            for field, value in self.fields.items()
            if field not in _OWN_FIELDS and value is not None
        }
        more = {**self.extra, **({"refused": self.refused} if self.refused else {})}
        for name in set(unknown) & set(more):
            unknown[f"turn.{name}"] = unknown.pop(name)
        unknown.update(more)
        given = self.fields.get("attributes")
        if given is None and not unknown:
            return
        attributes = {} if given is None else clean(given).value
        if not isinstance(attributes, dict):
            attributes = {"attributes": attributes}
        for name in set(unknown) & set(attributes):
            unknown[f"turn.{name}"] = unknown.pop(name)
        value = self.as_json({**unknown, **attributes})
        self.turn["attributes"] = value if isinstance(value, dict) else {"attributes": value}

    def as_json(self, raw: Any) -> Any:
        cleaned = clean(raw)
        if cleaned.depth > _MAX_DEPTH or cleaned.keys > self.spare_keys:
            return json_text(cleaned.value)
        self.spare_keys -= cleaned.keys
        return cleaned.value

    def take_error(self) -> None:
        raw = self.fields.get("error")
        if isinstance(raw, BaseException):
            self.turn["error"] = describe_exception(raw)
            return
        value = self.as_json(raw)
        if value is None or value is False or value == "":
            return
        if not isinstance(value, dict):
            self.turn["error"] = {"message": "error" if value is True else as_text(value)}
            return
        stated = _stated_message(value)
        error = {name: part for name, part in value.items() if part is not None}
        error["message"] = as_text(value if stated is None else stated)
        if "type" in error:
            error["type"] = as_text(error["type"])
        self.turn["error"] = error


def shrink_turn(prepared: PreparedTurn, max_bytes: int) -> tuple[PreparedTurn, list[str]]:
    """Removes a turn's largest fields until its JSON has at most `max_bytes`.

    `attributes.left_out` lists them with their sizes in bytes. Always succeeds if `max_bytes` is at least
    8 KiB.
    """
    turn = prepared.turn
    sizes = sorted(((len(encode(value)), field) for field, value in turn.items()), reverse=True)
    left_out: dict[str, int] = {}
    smaller = prepared
    for size, field in sizes:
        if smaller.size <= max_bytes:
            break
        if field == "error":
            turn["error"] = {"message": "[left out: too large]"}
        else:
            del turn[field]
        left_out[field] = size
        turn["attributes"] = {**turn.get("attributes", {}), "left_out": dict(left_out)}
        smaller = PreparedTurn(encode(turn))
    return smaller, list(left_out)


def as_text(raw: Any) -> str:
    """Returns text unchanged, the text of content blocks, and the JSON of anything else."""
    if type(raw) is str:
        return raw
    value = clean(raw).value
    if isinstance(value, str):
        return value
    text, is_whole = read_blocks(value)
    return text if text is not None and is_whole else json_text(value)


def _stated_message(error: dict[str, Any]) -> Any:
    """Returns what an error object says has happened, in one of the fields that are common for that."""
    names = ("message", "error", "msg", "detail", "description", "type")
    stated = next((error[name] for name in names if error.get(name) is not None), None)
    # APIs respond with `{"error": {"message": …}}`.
    inner = stated.get("message") if isinstance(stated, dict) else None
    return inner if isinstance(inner, str) else stated


def read_amount(raw: Any) -> Optional[float]:
    """Reads a finite number of zero or more, even from a string or a Decimal."""
    amount = read_number(raw)
    return amount if amount is not None and amount >= 0 else None


def read_number(raw: Any) -> Optional[float]:
    """Reads a finite number, even from a string, a Decimal or a numpy scalar."""
    if isinstance(raw, bool):
        return None
    if type(raw) is int and abs(raw) < 2**53:
        return raw
    try:
        number = float(raw)
    except (TypeError, ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def note_turn(event: str, message: str, attributes: dict[str, Any]) -> PreparedTurn:
    """Returns a system turn that records in a trace what is missing from it."""
    now = write_time(datetime.datetime.now(datetime.timezone.utc))
    turn: Turn = {
        "kind": "system",
        "event": event,
        "message": message,
        "started_at": now,
        "attributes": attributes,
    }
    return PreparedTurn(encode(turn))
