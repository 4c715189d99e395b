"""Finds the server when no connection can be made."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any, Optional

from .address import Address
from .probe import ProbeResult, probe

#: How many answers from something other than Turnline are needed before the address is reported as wrong. A
#: proxy also gives such answers while the server behind it is starting.
_MISTAKES = 3
#: After the first connection, the address is known to be right, so only every fourth failure is probed.
_FAILURES_PER_PROBE = 4
#: How many failures in a row lead to a search at alternative addresses. Later, only every fourth one does.
_FIRST_FAILURES = 4


@dataclass(frozen=True)
class Finding:
    """The conclusion from a failed attempt. At most one of the messages is set."""

    #: A message saying that the server can't be reached now.
    outage: Optional[str] = None
    #: A message saying that there seems to be no Turnline server at the address.
    mistake: Optional[str] = None
    #: A message saying that the address was corrected.
    correction: Optional[str] = None
    #: Whether to try again without waiting.
    retry: bool = False


class ServerSearch:
    """Chooses the address and transport to try next.

    Corrects or explains a wrong address, and falls back to long polling if WebSockets are blocked.
    """

    def __init__(self, address: Address, verify: Any) -> None:
        self.address = address
        self._verify = verify
        self._was_found = False
        self._failures = 0
        self._mistakes = 0
        #: How often WebSockets failed in a row while HTTP worked.
        self._blocked = 0
        self.transport = _first_transport()

    def found(self) -> None:
        """Call after a connection was made."""
        self._was_found = True
        self._failures = self._mistakes = self._blocked = 0
        self.transport = _first_transport()

    def failed(self, detail: str) -> Finding:
        """Handles an attempt that failed without an answer from a Turnline server. May take some seconds."""
        self._failures += 1
        if self._was_found and self._failures % _FAILURES_PER_PROBE != 0:
            return Finding(outage=f"can't reach {self.address} ({detail})")
        result = probe(self.address, self._verify)
        if result.moved is not None:
            return self._correct(result.moved)
        if result.is_found:
            return self._reached_by_http(detail, result.takes_polling)
        is_close_look = self._failures <= _FIRST_FAILURES or self._failures % _FAILURES_PER_PROBE == 0
        if not self._was_found and result.has_answer and is_close_look:
            alternative = self._find_alternative()
            if alternative is not None:
                return self._correct(alternative)
        return self._not_found(result)

    def _find_alternative(self) -> Optional[Address]:
        """Returns an alternative address at which there is a Turnline server, if any."""
        for alternative in self.address.alternatives():
            if probe(alternative, self._verify).is_found:
                return alternative
        return None

    def _reached_by_http(self, detail: str, takes_polling: bool) -> Finding:
        """Handles an attempt that failed even though plain HTTP works.

        Something between agent and server may be blocking WebSockets.
        """
        self._blocked += 1
        polls_next = takes_polling and self._blocked >= 2 and self.transport != "polling"
        self.transport = "polling" if polls_next else _first_transport()
        if self._blocked > 2 or not takes_polling:
            return Finding(outage=f"can't connect to {self.address} ({detail})")
        return Finding(retry=True)

    def _not_found(self, result: ProbeResult) -> Finding:
        self._blocked = 0
        if result.mistake is None:
            return Finding(outage=f"can't reach {self.address} ({result.outage})")
        self._mistakes += 1
        if self._was_found:
            return Finding(outage=result.mistake)
        return Finding(mistake=result.mistake if self._mistakes >= _MISTAKES else None)

    def _correct(self, address: Address) -> Finding:
        correction = f"using {address} instead of {self.address}"
        self.address = address
        return Finding(correction=correction, retry=True)


def _first_transport() -> str:
    """Returns WebSocket if its library is installed, or else polling."""
    return "websocket" if find_spec("websocket") is not None else "polling"
