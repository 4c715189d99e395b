"""What a run is doing now, as viewers see it."""

from __future__ import annotations

import time
from typing import Any, Callable, Optional

from .. import _limits as limits
from .._values.prepare import prepare_progress
from .._values.text import encode, newest_text
from .link import Link, Reply

_INTERVAL = 1 / limits.PROGRESS_PER_SECOND
_AFTER_ERROR = 1.0

Shown = dict[str, Any]


class ProgressReporter:
    """Keeps what a run is doing, and sends the newest of it: merged, one message on its way, at most 20 a second.

    Nothing is queued: while offline or while turns wait it only changes what will be shown, and a recorded turn makes it void.
    """

    def __init__(self, redact: Callable[[Shown], Shown], whole: bool, on_reply: Callable[[], None]) -> None:
        self._redact = redact
        #: A message was answered: another one may be due.
        self._on_reply = on_reply
        #: Whether all that is shown is sent each time: a secret may come in pieces.
        self._whole = whole
        self._shown: Optional[Shown] = None
        #: The part of it that the server lacks; the same object when that is all of it.
        self._unsent: Optional[Shown] = None
        self._server_shows = False
        #: Removed fields must be cleared with null: the server keeps fields that a message doesn't mention.
        self._clear_first = False
        self._epoch = 0
        self._busy_until = 0.0
        self._in_flight = False
        self._activities: list[Shown] = []

    def report(self, progress: Optional[dict[str, Any]]) -> None:
        """Merges fields into what is shown. None clears everything except activities still in progress."""
        if progress is None:
            self._show_activity()
            self._clear_first = self._server_shows
        else:
            self._merge(prepare_progress(progress))

    def begin(self, activity: dict[str, Any]) -> Callable[[], None]:
        """Shows an activity until the returned function is called. Activities still in progress reappear after a turn."""
        shown = prepare_progress(activity)
        self._activities.append(shown)
        self._merge(shown)

        def end() -> None:
            self._activities = [other for other in self._activities if other is not shown]

        return end

    def turn_recorded(self) -> None:
        """What was shown is over."""
        self._server_shows = self._clear_first = False
        self._show_activity()

    def due_at(self) -> Optional[float]:
        """When the next message may be sent, if there is one."""
        if self._in_flight or (self._unsent is None and not self._clear_first):
            return None
        return self._busy_until

    def step(self, link: Link, run_id: str) -> None:
        """Sends what has changed, if now is the time; only for a quiet run."""
        if self._epoch != link.epoch:
            self._epoch = link.epoch
            self._server_shows = self._clear_first = False
            self._unsent = self._shown
        if self._in_flight or time.monotonic() < self._busy_until:
            return
        if self._clear_first:
            self._clear_first = False
            self._unsent = self._shown
            self._send(link, run_id, None)
        elif self._unsent is not None:
            message, self._unsent = self._unsent, None
            self._send(link, run_id, message)

    def _send(self, link: Link, run_id: str, message: Optional[Shown]) -> None:
        self._in_flight = True
        self._server_shows = message is not None
        shown = None if message is None else self._redact(message)
        text = encode({"run_id": run_id, "progress": shown}).decode()

        def on_reply(reply: Reply) -> None:
            self._in_flight = False
            self._busy_until = time.monotonic() + (_INTERVAL if reply["ok"] else _AFTER_ERROR)
            if not reply["ok"]:
                self._unsent = self._shown
            self._on_reply()

        link.send("runs.report_progress", text, len(text), on_reply)

    def _show_activity(self) -> None:
        self._shown = dict(self._activities[-1]) if self._activities else None
        self._unsent = self._shown

    def _merge(self, news: Shown) -> None:
        sends_all = self._whole or (self._unsent is not None and self._unsent is self._shown) or self._shown is None
        fields = {name: value for name, value in news.items() if name != "text_delta"}
        delta = news.get("text_delta")
        before = self._shown or {}
        shown = {**before, **fields}
        if delta is not None:
            shown["text"] = _append(shown.get("text", ""), delta)
        self._shown = shown
        if sends_all:
            self._unsent = shown
            return
        unsent = {**(self._unsent or {}), **fields}
        if "text" in fields:
            unsent.pop("text_delta", None)
        if delta is not None:
            name = "text" if "text" in unsent else "text_delta"
            unsent[name] = _append(unsent.get(name, ""), delta)
        self._unsent = unsent


def _append(text: str, delta: str) -> str:
    return newest_text(text + delta, limits.PROGRESS_TEXT_BYTES)
