"""Records log records as turns of a run.

    import logging
    from turnline.logging import RunHandler

    logging.getLogger().addHandler(RunHandler(level=logging.INFO))

Log records go to the run passed as `run`, or else to the run of the enclosing `with` block.
"""

from __future__ import annotations

import logging
from typing import Any, Optional

from .run import RunBase, current_run

__all__ = ["RunHandler"]

#: Loggers that this package uses. Recording their output would cause more output.
_OWN_LOGGERS = ("turnline", "engineio", "socketio", "websocket", "urllib3", "requests")
_STANDARD = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "taskName"}


class RunHandler(logging.Handler):
    """Records each log record as a system turn with the event `log`.

    The turn has the record's level, logger, source location and `extra` fields. An exception becomes the
    turn's error.
    """

    def __init__(self, run: Optional[RunBase] = None, level: int = logging.NOTSET) -> None:
        super().__init__(level)
        self._run = run

    def emit(self, record: logging.LogRecord) -> None:
        if record.name.split(".")[0] in _OWN_LOGGERS:
            return
        run = self._run if self._run is not None else current_run()
        if run is None or run.ended:
            return
        try:
            run.turn(self.to_turn(record))
        except Exception:
            self.handleError(record)

    def to_turn(self, record: logging.LogRecord) -> dict[str, Any]:
        """Returns the turn for a log record. Override it to record more or fewer fields."""
        message = record.getMessage() if self.formatter is None else self.format(record)
        attributes: dict[str, Any] = {
            "level": record.levelname,
            "logger": record.name,
            "place": f"{record.pathname}:{record.lineno}",
        }
        attributes.update({name: value for name, value in record.__dict__.items() if name not in _STANDARD})
        turn: dict[str, Any] = {
            "kind": "system",
            "event": "log",
            "message": message,
            "started_at": record.created,
            "duration_ms": 0,
            "attributes": attributes,
        }
        error = record.exc_info[1] if isinstance(record.exc_info, tuple) else None
        if error is not None:
            turn["error"] = error
        elif record.levelno >= logging.ERROR:
            turn["error"] = message
        return turn
