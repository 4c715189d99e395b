"""What a run is doing now, as viewers see it."""

from __future__ import annotations

import time
from typing import Any, Callable, Optional

from .. import _limits as limits
from .._values.prepare import prepare_progress
from .._values.text import encode, newest_text
from .._values.turn import as_text
from .link import Link, Reply

#: At most four messages a second: people can't read faster, and each message carries the whole value.
_INTERVAL = 0.25
_AFTER_ERROR = 1.0

Progress = dict[str, Any]


class ProgressReporter:
    """Holds what a run is doing now and sends the latest value.

    Nothing is queued: while the connection is down or turns are queued, only the value changes. Recording a
    turn clears it.
    """

    def __init__(self, redact: Callable[[Progress], Progress], on_reply: Callable[[], None]) -> None:
        self._redact = redact
        #: Called after a reply, when another message may be due.
        self._on_reply = on_reply
        self._value: Optional[Progress] = None
        self._is_dirty = False
        self._server_has_value = False
        self._sent_epoch = 0
        self._busy_until = 0.0
        self._in_flight = False
        self._activities: list[Progress] = []

    def report(self, progress: Optional[dict[str, Any]]) -> None:
        """Merges fields into the value.

        None resets it to the latest activity that is still running, if any.
        """
        if progress is None:
            self._value = self._activities[-1] if self._activities else None
            self._is_dirty = True
        else:
            self._merge(prepare_progress(progress))
            if progress.get("text_delta") is not None:
                self.append(as_text(progress["text_delta"]))

    def append(self, text: str) -> None:
        """Appends to the text. Only the newest 16 KiB are kept."""
        whole = (self._value or {}).get("text", "") + text
        self._merge({"text": newest_text(whole, limits.PROGRESS_TEXT_BYTES)})

    def begin(self, activity: dict[str, Any]) -> Callable[[], None]:
        """Shows an activity until the returned function is called.

        Turns recorded in the meantime don't end it.
        """
        prepared = prepare_progress(activity)
        self._activities.append(prepared)
        self._merge(prepared)

        def end() -> None:
            self._activities = [other for other in self._activities if other is not prepared]

        return end

    def turn_recorded(self) -> None:
        """Call when a turn is recorded: the server clears progress when it stores a turn."""
        self._server_has_value = False
        self._value = self._activities[-1] if self._activities else None
        self._is_dirty = self._value is not None

    def due_at(self) -> Optional[float]:
        """Returns when the next message may be sent, if there is one."""
        return self._busy_until if self._is_dirty and not self._in_flight else None

    def step(self, link: Link, run_id: str) -> None:
        """Sends the value if it changed and a message is due.

        Call it only if the run has nothing else to send.
        """
        if self._sent_epoch != link.epoch:
            # The server discards progress when the connection changes.
            self._sent_epoch = link.epoch
            self._server_has_value = False
            self._is_dirty = self._value is not None
        if self._in_flight or not self._is_dirty or time.monotonic() < self._busy_until:
            return
        self._is_dirty = False
        if self._value is not None or self._server_has_value:
            self._send(link, run_id, self._value)

    def _send(self, link: Link, run_id: str, value: Optional[Progress]) -> None:
        self._in_flight = True
        self._server_has_value = value is not None
        safe = None if value is None else self._redact(value)
        text = encode({"run_id": run_id, "progress": safe, "replace": True}).decode()

        def on_reply(reply: Reply) -> None:
            self._in_flight = False
            self._busy_until = time.monotonic() + (_INTERVAL if reply["ok"] else _AFTER_ERROR)
            if not reply["ok"] and self._value is not None:
                self._is_dirty = True
            self._on_reply()

        link.send("runs.report_progress", text, len(text), on_reply)

    def _merge(self, fields: Progress) -> None:
        self._value = {**(self._value or {}), **fields}
        self._is_dirty = True
