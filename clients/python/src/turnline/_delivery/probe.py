"""Finds out with a plain HTTP request why a connection failed."""

from __future__ import annotations

import http.client
import json
import re
import socket
import ssl
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import Any, Optional
from urllib.parse import urlsplit

from .address import Address, AddressError, parse_address

_TIMEOUT = 5.0
_BODY_BYTES = 4096


@dataclass(frozen=True)
class ProbeResult:
    """What a server answered.

    At most one of the first three fields is set. None of them is set if a Turnline server answered.
    """

    #: Why the server can't be reached now.
    outage: Optional[str] = None
    #: Why the answer isn't from a Turnline server: the address is wrong, or a proxy answers while the server
    #: is down.
    mistake: Optional[str] = None
    #: The address to which the server has moved.
    moved: Optional[Address] = None
    #: Whether the answer could mean that the server is at another address.
    has_answer: bool = True
    #: Whether the server accepts long polling. By default, nodes of a cluster only accept WebSockets.
    takes_polling: bool = True

    @property
    def is_found(self) -> bool:
        return self.outage is None and self.mistake is None and self.moved is None


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_arguments: Any, **_named: Any) -> None:
        return None


def probe(address: Address, verify: Any = True) -> ProbeResult:
    """Requests an Engine.IO session over HTTP and interprets the answer; never raises."""
    url = f"{address.origin}/{address.socket_path}/?EIO=4&transport=polling"
    opener = urllib.request.build_opener(
        _NoRedirects(), urllib.request.HTTPSHandler(context=_context(verify))
    )
    try:
        with opener.open(url, timeout=_TIMEOUT) as response:
            return _read_success(address, opener, url, response.read(_BODY_BYTES))
    except urllib.error.HTTPError as error:
        with error:
            return _read_status(address, error.code, error.headers.get("Location"), error.read(_BODY_BYTES))
    except urllib.error.URLError as error:
        return _read_failure(error.reason)
    except Exception as error:
        return _read_failure(error)


def _read_failure(reason: object) -> ProbeResult:
    has_answer = isinstance(reason, (ConnectionResetError, http.client.HTTPException))
    return ProbeResult(outage=_reason(reason), has_answer=has_answer)


def _read_success(
    address: Address, opener: urllib.request.OpenerDirector, url: str, body: bytes
) -> ProbeResult:
    text = body.decode("utf-8", "replace")
    match = re.match(r'\d*:?0\{.*?"sid"\s*:\s*"([^"]+)"', text)
    if match is None:
        return ProbeResult(mistake=f"{address} is not a Turnline server: it doesn't speak Socket.IO")
    try:
        # Closes the session, which would otherwise count as a connection until it times out.
        opener.open(f"{url}&sid={match.group(1)}", b"1", timeout=_TIMEOUT).close()
    except Exception:
        pass
    return ProbeResult()


def _read_status(address: Address, status: int, location: Optional[str], body: bytes) -> ProbeResult:
    if location is not None and 300 <= status < 400:
        return _read_redirect(address, location)
    message = _message_in(body)
    detail = f": {message}" if message else ""
    if status >= 500 or status in (408, 425, 429):
        # The server or its proxy answered, so the address is right. A server found at an alternative
        # address could be a different one.
        return ProbeResult(outage=f"HTTP {status}{detail}", has_answer=False)
    if status == 400 and _is_refused_polling(body):
        return ProbeResult(takes_polling=False)
    if status in (401, 403, 407):
        return ProbeResult(mistake=f"{address} refused the connection (HTTP {status}{detail})")
    return ProbeResult(mistake=f"{address} is not a Turnline server (HTTP {status}{detail})")


def _read_redirect(address: Address, location: str) -> ProbeResult:
    target = urlsplit(location)
    elsewhere = f"{address} redirects to {location.split('?')[0]}"
    if not target.netloc:
        return ProbeResult(mistake=f"{elsewhere}; use the address of the Turnline server itself")
    try:
        moved = parse_address(location)
    except AddressError:
        return ProbeResult(mistake=elsewhere)
    # The token is only sent to the host that the user named.
    if moved.host != address.host or (moved.scheme == "http" and address.scheme == "https"):
        return ProbeResult(mistake=f"{elsewhere}; if that is the Turnline server, use its address")
    return ProbeResult(moved=moved)


def _is_refused_polling(body: bytes) -> bool:
    """Returns whether a Socket.IO server that only accepts WebSockets would answer like this."""
    try:
        value = json.loads(body)
    except ValueError:
        return False
    if not isinstance(value, dict):
        return False
    error = value.get("error")
    if isinstance(error, dict):
        return error.get("code") == "invalid_params"
    return isinstance(value.get("code"), int) and isinstance(value.get("message"), str)


def _message_in(body: bytes) -> str:
    """Returns the message of an error response, if it has a short one."""
    text = body.decode("utf-8", "replace").strip()
    try:
        value = json.loads(text)
    except ValueError:
        return text if text and len(text) <= 200 and "<" not in text and "\n" not in text else ""
    error = value.get("error", value) if isinstance(value, dict) else None
    message = error.get("message") if isinstance(error, dict) else error
    return message[:200] if isinstance(message, str) else ""


def _reason(reason: object) -> str:
    if isinstance(reason, ConnectionRefusedError):
        return "connection refused"
    if isinstance(reason, (TimeoutError, socket.timeout)):
        return "timed out"
    if isinstance(reason, socket.gaierror):
        return "the host name can't be resolved"
    if isinstance(reason, ssl.SSLCertVerificationError):
        return f"the certificate can't be verified: {reason.verify_message}"
    if isinstance(reason, ssl.SSLError):
        return f"TLS failed ({reason.reason or reason}); does the server speak https?"
    return str(reason) or type(reason).__name__


def _context(verify: Any) -> ssl.SSLContext:
    if isinstance(verify, str):
        return ssl.create_default_context(cafile=verify)
    context = ssl.create_default_context()
    if not verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context
