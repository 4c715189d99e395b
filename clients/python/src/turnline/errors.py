"""The errors of an agent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Optional


class AgentError(Exception):
    """An error as passed to `on_error`, or raised by calls with `raise_errors`.

    `code` is a code of the protocol (`invalid_params`, `unauthenticated`, `forbidden`, `not_found`,
    `already_terminal`, `index_conflict`, `too_large`, `internal`) or of this library:

    * `unreachable`: no connection, or no reply in time; delivery continues
    * `wrong_address`: the address is invalid, was corrected, or doesn't seem to be that of a Turnline server
    * `unsupported_protocol`: client and server versions don't match
    * `revoked`: the server closed the connection because the token was revoked
    * `buffer_full`: `max_buffered_bytes` is reached; further turns are dropped and counted
    * `turn_cut`: a turn was too large and was recorded without its largest fields
    * `turn_refused`: the server refused a turn; a note replaces it
    * `undelivered`: the agent was closed before everything was delivered
    * `closed`: the run was completed, or the agent closed, before the call
    * `cancelled`: a viewer requested cancellation of the run
    * `callback_failed`: a callback of yours raised, such as `redact` or a cancel handler
    """

    code: str
    message: str
    run_id: Optional[str]
    #: How many turns will never reach the server because of this error.
    dropped_turns: int
    issues: Sequence[Mapping[str, Any]]

    def __init__(
        self,
        code: str,
        message: str,
        *,
        run_id: Optional[str] = None,
        dropped_turns: int = 0,
        issues: Sequence[Mapping[str, Any]] = (),
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.run_id = run_id
        self.dropped_turns = dropped_turns
        self.issues = issues

    def for_run(self, run_id: Optional[str]) -> AgentError:
        """Returns this error with the id of a run, unless it has one."""
        if run_id is None or self.run_id is not None:
            return self
        about = AgentError(
            self.code, self.message, run_id=run_id, dropped_turns=self.dropped_turns, issues=self.issues
        )
        about.__cause__ = self.__cause__
        return about

    def __reduce__(self) -> tuple[Any, ...]:
        return (_rebuild, (self.code, self.message, self.run_id, self.dropped_turns, list(self.issues)))


def _rebuild(code: str, message: str, run_id: Optional[str], dropped: int, issues: list[Any]) -> AgentError:
    return AgentError(code, message, run_id=run_id, dropped_turns=dropped, issues=issues)
