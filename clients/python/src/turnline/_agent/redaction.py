"""Applies the `redact` hook to everything that leaves the process."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Callable, Optional

from .. import _limits as limits
from .._values.plain import message_of
from .._values.prepare import prepare_labels, prepare_outcome, prepare_progress
from .._values.text import cut_text, encode
from .._values.turn import PreparedTurn, as_text, prepare_turn
from ..errors import AgentError

#: A hook that gets a turn as a dict, and what the turn represents ("turn", "progress", "start" or "outcome").
#: Returns what may leave the process.
RedactHook = Callable[[dict[str, Any], str], Mapping[str, Any]]

#: Replaces content for which the hook failed.
REDACT_FAILED = "[redacted: the redact hook failed]"
_NUMBERS = ("duration_ms", "cost_usd", "exit_code", "usage")
_SHORT_TEXTS = ("kind", "started_at", "child_run_id")


class Redaction:
    """Passes turns to the hook unchanged, and progress, start and outcome in the form of a turn.

    Fails closed: if the hook raises or doesn't return a turn, a marker replaces the content.
    """

    def __init__(self, hook: Optional[RedactHook], report: Callable[[AgentError], None]) -> None:
        self._hook = hook
        self._report = report
        self._failing = False

    def turn(self, prepared: PreparedTurn) -> PreparedTurn:
        if self._hook is None:
            return prepared
        turn = prepared.turn
        safe = self._prepared(prepared.turn, "turn")
        if safe is not None:
            return safe
        marked: dict[str, Any] = _numbers_of({name: turn[name] for name in _NUMBERS if name in turn})
        marked.update({name: turn[name] for name in _SHORT_TEXTS if _is_short(turn.get(name))})
        marked["message"] = REDACT_FAILED
        if "error" in turn:
            marked["error"] = {"message": REDACT_FAILED}
        return PreparedTurn(encode(marked))

    def progress(self, shown: dict[str, Any]) -> dict[str, Any]:
        """Passes `text` to the hook as the turn's message and `waiting_for` in its attributes."""
        if self._hook is None:
            return shown
        turn = {
            name: shown[name] for name in ("kind", "tool", "model", "prompt", "parameters") if name in shown
        }
        if "text" in shown:
            turn["message"] = shown["text"]
        if "waiting_for" in shown:
            turn["attributes"] = {"waiting_for": shown["waiting_for"]}
        safe = self._ask(turn, "progress")
        kept = {name: shown[name] for name in ("started_at", "waiting_kind") if name in shown}
        if safe is None:
            # The fact that the run is waiting isn't secret; what it is waiting for may be.
            waits = {"waiting_for": REDACT_FAILED} if "waiting_for" in shown else {}
            return {**kept, **waits, "text": REDACT_FAILED}
        progress = {
            name: safe[name] for name in ("kind", "tool", "model", "prompt", "parameters") if name in safe
        }
        progress["text"] = safe.get("message")
        if "waiting_for" in shown:
            words = safe.get("attributes", {}).get("waiting_for")
            progress["waiting_for"] = words if isinstance(words, str) else REDACT_FAILED
        return {**kept, **prepare_progress(progress)}

    def start(self, payload: dict[str, Any]) -> dict[str, Any]:
        """Passes a run's start to the hook in the form of a turn.

        `intent` becomes the turn's message, `outcome_description` its prompt, and the labels its attributes.
        """
        if self._hook is None or "intent" not in payload:
            return payload
        identity = {
            name: value
            for name, value in payload.items()
            if name not in ("intent", "outcome_description", "labels")
        }
        turn: dict[str, Any] = {"message": payload["intent"]}
        if "outcome_description" in payload:
            turn["prompt"] = payload["outcome_description"]
        if "labels" in payload:
            turn["attributes"] = dict(payload["labels"])
        safe = self._ask(turn, "start")
        if safe is None:
            return {**identity, "intent": REDACT_FAILED}
        started: dict[str, Any] = {
            **identity,
            "intent": cut_text(as_text(safe.get("message", "…")), limits.INTENT_BYTES),
        }
        if "prompt" in safe:
            started["outcome_description"] = cut_text(safe["prompt"], limits.WORDS_BYTES)
        labels = prepare_labels(safe.get("attributes"))
        if labels:
            started["labels"] = labels
        return started

    def outcome(self, outcome: dict[str, Any]) -> dict[str, Any]:
        """Passes an outcome to the hook in the form of a turn.

        `summary` becomes the turn's message. All other fields, except the status and the time, become its
        attributes.
        """
        if self._hook is None:
            return outcome
        rest = {
            name: value for name, value in outcome.items() if name not in ("status", "timestamp", "summary")
        }
        turn: dict[str, Any] = {"attributes": rest}
        if "summary" in outcome:
            turn["message"] = outcome["summary"]
        safe = self._ask(turn, "outcome")
        kept = {"timestamp": outcome["timestamp"]} if "timestamp" in outcome else {}
        if safe is None:
            return {"status": outcome["status"], **kept, "summary": REDACT_FAILED}
        return prepare_outcome(outcome["status"], safe.get("message"), {**safe.get("attributes", {}), **kept})

    def _ask(self, turn: dict[str, Any], part: str) -> Optional[dict[str, Any]]:
        prepared = self._prepared(turn, part)
        return None if prepared is None else prepared.turn

    def _prepared(self, turn: dict[str, Any], part: str) -> Optional[PreparedTurn]:
        """Returns the hook's result as a prepared turn, or None if the hook failed."""
        assert self._hook is not None
        try:
            safe = self._hook(turn, part)
            if not isinstance(safe, Mapping):
                raise TypeError("it didn't return a turn")
            prepared = prepare_turn(dict(safe))
        except Exception as error:
            # A failure is reported only once until the hook succeeds again, because every turn may fail.
            if not self._failing:
                failure = AgentError("callback_failed", f"redact failed: {message_of(error)}")
                failure.__cause__ = error
                self._report(failure)
            self._failing = True
            return None
        self._failing = False
        return prepared


def _numbers_of(fields: dict[str, Any]) -> dict[str, Any]:
    """Returns the numbers in a value, such as token counts. Text in their place may be content."""
    return {
        name: _numbers_of(value) if isinstance(value, dict) else value
        for name, value in fields.items()
        if isinstance(value, (int, float, dict)) and not isinstance(value, bool)
    }


def _is_short(value: Any) -> bool:
    """Whether a value is text that is short enough to be an id, a kind or a time."""
    return isinstance(value, str) and len(value) <= limits.RUN_ID_CHARS
