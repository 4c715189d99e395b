"""Prepares turns so that the server accepts them."""

from __future__ import annotations

import datetime
import json
import math
from dataclasses import dataclass
from typing import Any, Optional

from .. import _limits as limits
from .clean import clean
from .exceptions import describe_exception
from .text import cut_text, encode, json_text
from .times import is_plausible, read_time, write_time
from .usage import map_usage

#: Below the server's limits, to leave room for the fields that the server adds.
_MAX_DEPTH = limits.JSON_DEPTH - 4
_MAX_KEYS = limits.KEYS_PER_TURN - 100
_MAX_DURATION_MS = 100 * 366 * 86_400_000

_TEXTS = ("prompt", "message", "thinking")
_NAMES = ("tool", "event", "model", "call_id", "response_id")
_VALUES = ("parameters", "output", "cli_outcome", "verifier_verdict")
_OWN_FIELDS = frozenset(
    (
        *_TEXTS,
        *_NAMES,
        *_VALUES,
        "kind",
        "started_at",
        "duration_ms",
        "cost_usd",
        "usage",
        "error",
        "policy_rejected",
    )
    + ("path", "exit_code", "child", "child_run_id", "attributes", "index", "recorded_at", "truncated")
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
_HEAVY = (
    "output",
    "parameters",
    "prompt",
    "message",
    "thinking",
    "attributes",
    "cli_outcome",
    "verifier_verdict",
    "error",
    "path",
)

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
    bytes, implausible numbers go to `attributes.refused`, errors of any form get a message, and unknown
    fields go to `attributes`.
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
        self.take_usage()
        error = self.fields.get("error")
        if error is not None:
            self.turn["error"] = self.read_error(error)
        rejected = self.fields.get("policy_rejected")
        if isinstance(rejected, bool):
            self.turn["policy_rejected"] = rejected
        child = self.fields.get("child_run_id")
        if isinstance(child, str) and 0 < len(child) <= limits.RUN_ID_CHARS:
            self.turn["child_run_id"] = child
        for field in _VALUES:
            if self.fields.get(field) is not None:
                self.turn[field] = self.as_json(self.fields[field])
        self.take_attributes()
        return PreparedTurn(encode(self.turn))

    def take_kind(self) -> None:
        kind = self.fields.get("kind")
        if kind is None:
            return
        name = as_text(kind)
        known = name if name in limits.TURN_KINDS else _KIND_SYNONYMS.get(name.lower())
        if known is not None:
            self.turn["kind"] = known
        if known != name:
            self.extra["kind"] = name

    def take_texts(self) -> None:
        for field in _TEXTS:
            if self.fields.get(field) is not None:
                self.turn[field] = as_text(self.fields[field])
        for field in _NAMES:
            if self.fields.get(field) is not None:
                self.turn[field] = cut_text(as_text(self.fields[field]), limits.NAME_BYTES)
        path = self.fields.get("path")
        if path is not None:
            steps = [path] if isinstance(path, str) else clean(path).value
            if isinstance(steps, list):
                self.turn["path"] = [
                    cut_text(as_text(step), limits.NAME_BYTES) for step in steps[: limits.JSON_DEPTH]
                ]

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
                self.extra["exit_code"] = exit_code

    def take_usage(self) -> None:
        given = self.fields.get("usage")
        if given is None:
            return
        usage, rest = map_usage(clean(given).value)
        if usage is not None:
            self.turn["usage"] = usage
        if rest is not None:
            self.extra["usage"] = rest

    def take_attributes(self) -> None:
        """Sets the attributes, including the fields that the protocol doesn't define."""
        unknown = {
            field: value
            for field, value in self.fields.items()
            if field not in _OWN_FIELDS and value is not None
        }
        unknown.update(self.extra)
        if self.refused:
            unknown["refused"] = self.refused
        given = self.fields.get("attributes")
        if given is None and not unknown:
            return
        attributes = {} if given is None else clean(given).value
        if not isinstance(attributes, dict):
            attributes = {"attributes": attributes}
        for name in list(unknown):
            if name in attributes:
                unknown[f"turn.{name}"] = unknown.pop(name)
        value = self.as_json({**unknown, **attributes})
        self.turn["attributes"] = value if isinstance(value, dict) else {"attributes": value}

    def as_json(self, raw: Any) -> Any:
        cleaned = clean(raw)
        if cleaned.depth > _MAX_DEPTH or cleaned.keys > self.spare_keys:
            return json_text(cleaned.value)
        self.spare_keys -= cleaned.keys
        return cleaned.value

    def read_error(self, raw: Any) -> dict[str, Any]:
        if isinstance(raw, BaseException):
            return describe_exception(raw)
        value = self.as_json(raw)
        if not isinstance(value, dict):
            return {"message": as_text(value)}
        message = value.get("message")
        error = {name: part for name, part in value.items() if part is not None}
        error["message"] = as_text(value if message is None else message)
        if "type" in error:
            error["type"] = as_text(error["type"])
        return error


def shrink_turn(prepared: PreparedTurn, max_bytes: int) -> tuple[PreparedTurn, list[str]]:
    """Removes a turn's largest fields until its JSON has at most `max_bytes`.

    `attributes.left_out` lists them with their sizes in bytes. Kind, tool, times, usage and cost stay. Always
    succeeds if `max_bytes` is at least 8 KiB.
    """
    turn = prepared.turn
    sizes = sorted(((len(encode(turn[field])), field) for field in _HEAVY if field in turn), reverse=True)
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
    """Returns text unchanged, and the JSON of anything else."""
    if type(raw) is str:
        return raw
    value = clean(raw).value
    return value if isinstance(value, str) else json_text(value)


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
