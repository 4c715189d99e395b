"""Prepares the payloads of a run's start, progress and end so that the server accepts them."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Mapping
from typing import Any, Optional

from .. import _limits as limits
from .clean import clean
from .text import cut_text, encode, json_text, newest_text
from .times import read_time, write_time
from .turn import as_text, read_number

_MAX_DEPTH = limits.JSON_DEPTH - 8
_MAX_KEYS = 1_000
#: The protocol's outcomes and their common synonyms.
_STATUSES = {
    **{name: name for name in limits.OUTCOME_STATUSES},
    **dict.fromkeys(("ok", "succeeded", "passed", "complete", "completed"), "success"),
    **dict.fromkeys(("partial", "partially_succeeded"), "partial_success"),
    **dict.fromkeys(("error", "errored", "failed", "crashed", "exception"), "failure"),
    **dict.fromkeys(("cancelled", "canceled", "aborted", "gave_up", "interrupted"), "give_up"),
    **dict.fromkeys(("timed_out", "time_out"), "timeout"),
}
_UPDATABLE = ("intent", "agent_name", "outcome_description", "labels")


def random_key() -> str:
    """Returns a new idempotency key."""
    return uuid.uuid4().hex


def prepare_start(options: dict[str, Any]) -> dict[str, Any]:
    """Returns the payload of `runs.start`.

    Long values are cut to the protocol's limits, and a missing idempotency key is generated.
    """
    payload: dict[str, Any] = {
        "intent": cut_text(as_text(options["intent"]), limits.INTENT_BYTES),
        "idempotency_key": _key(options.get("idempotency_key")),
    }
    if options.get("agent_id") is not None:
        payload["agent_id"] = as_text(options["agent_id"])
    if options.get("agent_name") is not None:
        payload["agent_name"] = cut_text(as_text(options["agent_name"]), limits.NAME_BYTES)
    if options.get("outcome_description") is not None:
        payload["outcome_description"] = cut_text(as_text(options["outcome_description"]), limits.WORDS_BYTES)
    labels = prepare_labels(options.get("labels"))
    if labels:
        payload["labels"] = labels
    for field in ("parent", "continues"):
        reference = _reference(options.get(field))
        if reference is not None:
            payload[field] = reference
    started_at = read_time(options.get("started_at"))
    if started_at is not None:
        payload["started_at"] = write_time(started_at)
    grace = read_number(options.get("grace_ms"))
    if grace is not None:
        payload["grace_ms"] = round(min(max(grace, limits.MIN_GRACE_MS), limits.MAX_GRACE_MS))
    source = options.get("source")
    if source is not None:
        cleaned = clean(source).value
        fields = cleaned if isinstance(cleaned, dict) else {"name": as_text(cleaned)}
        payload["source"] = {
            name: cut_text(as_text(value), limits.NAME_BYTES)
            for name, value in fields.items()
            if value is not None
        }
    return payload


def prepare_update(options: dict[str, Any]) -> dict[str, Any]:
    """Returns the payload of `runs.update` without the run's id.

    Contains `intent`, `agent_name`, `outcome_description` and `labels`, each only if it is given.
    """
    payload = prepare_start({**options, "intent": options.get("intent") or ""})
    given = {
        name: value for name, value in payload.items() if name in _UPDATABLE and options.get(name) is not None
    }
    return given


def _key(raw: Any) -> str:
    """Returns an idempotency key of at most 256 characters: a longer key is replaced with its hash."""
    if raw is None or raw == "":
        return random_key()
    key = as_text(raw)
    return (
        key
        if len(key) <= limits.IDEMPOTENCY_KEY_CHARS
        else hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()
    )


def prepare_labels(raw: Any) -> dict[str, str]:
    """Returns at most 32 labels with string values of at most 256 bytes. Labels without a value are omitted.

    Anything but a mapping becomes a single label.
    """
    cleaned = clean(raw).value
    if not isinstance(cleaned, dict):
        cleaned = {"labels": cleaned}
    given = [(name, value) for name, value in cleaned.items() if value is not None][: limits.LABELS]
    return {
        cut_text(name, limits.LABEL_BYTES): cut_text(as_text(value), limits.LABEL_BYTES)
        for name, value in given
    }


def _reference(raw: Any) -> Optional[dict[str, Any]]:
    """Returns a reference to a run, given as its id, a mapping with `run_id`, or an object that has one."""
    if raw is None:
        return None
    if isinstance(raw, str):
        return {"run_id": raw}
    if isinstance(raw, Mapping):
        given = {name: value for name, value in raw.items() if value is not None}
        return {**given, "run_id": str(given["run_id"])} if "run_id" in given else None
    return {"run_id": as_text(getattr(raw, "run_id", raw))}


def prepare_outcome(status: Any, summary: Any, more: dict[str, Any]) -> dict[str, Any]:
    """Prepares an outcome for the server.

    The status may also be an object with the fields of an outcome. Common synonyms of a status are mapped as
    on the server, and an unknown one becomes `done`. The original is kept as `reported_status`. Above 64 KiB,
    the largest fields are omitted.
    """
    if isinstance(status, Mapping):
        more = {**status, **more}
        summary = more.get("summary") if summary is None else summary
        status = status.get("status")
    name = "done" if status is None else as_text(status)
    outcome: dict[str, Any] = {"status": _known_status(name)}
    if outcome["status"] != name:
        outcome["reported_status"] = cut_text(name, limits.NAME_BYTES)
    if summary is not None:
        outcome["summary"] = cut_text(as_text(summary), limits.SUMMARY_BYTES)
    timestamp = read_time(more.get("timestamp"))
    if timestamp is not None:
        outcome["timestamp"] = write_time(timestamp)
    elif more.get("timestamp") is not None:
        more = {**more, "reported_timestamp": more["timestamp"]}
    sizes: list[tuple[int, str]] = []
    for field, raw in more.items():
        if field in ("status", "summary", "timestamp") or raw is None:
            continue
        cleaned = clean(raw)
        large = cleaned.depth > _MAX_DEPTH or cleaned.keys > _MAX_KEYS
        outcome[field] = json_text(cleaned.value) if large else cleaned.value
        sizes.append((len(encode(outcome[field])), field))
    for _size, field in sorted(sizes, reverse=True):
        if len(encode(outcome)) <= limits.OUTCOME_BYTES - 1024:
            break
        del outcome[field]
    return outcome


def _known_status(name: str) -> str:
    key = name.lower().replace(" ", "_").replace("-", "_")
    return _STATUSES.get(key, "done")


def prepare_progress(progress: dict[str, Any]) -> dict[str, Any]:
    """Prepares progress for the server. Parameters over 16 KiB are replaced with the start of their JSON."""
    wire: dict[str, Any] = {}
    for field in ("kind", "tool", "model"):
        if progress.get(field) is not None:
            wire[field] = cut_text(as_text(progress[field]), limits.NAME_BYTES)
    if progress.get("text") is not None:
        wire["text"] = newest_text(as_text(progress["text"]), limits.PROGRESS_TEXT_BYTES)
    if progress.get("prompt") is not None:
        wire["prompt"] = cut_text(as_text(progress["prompt"]), limits.PROGRESS_TEXT_BYTES)
    if progress.get("waiting_for") is not None:
        wire["waiting_for"] = cut_text(as_text(progress["waiting_for"]), limits.WORDS_BYTES)
    if progress.get("waiting_kind") is not None:
        kind = as_text(progress["waiting_kind"])
        wire["waiting_kind"] = kind if kind in limits.WAITING_KINDS else "other"
    started_at = read_time(progress.get("started_at"))
    if started_at is not None:
        wire["started_at"] = write_time(started_at)
    if progress.get("parameters") is not None:
        cleaned = clean(progress["parameters"])
        text = json_text(cleaned.value)
        large = (
            len(text) > limits.PROGRESS_TEXT_BYTES or cleaned.keys > _MAX_KEYS or cleaned.depth > _MAX_DEPTH
        )
        wire["parameters"] = cut_text(text, limits.PROGRESS_TEXT_BYTES) if large else cleaned.value
    return wire
