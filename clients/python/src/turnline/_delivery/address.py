"""Addresses as people type them."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

#: First path segments of pages and endpoints: not part of a server's base address.
_PAGE_SEGMENTS = frozenset(
    (
        "runs",
        "run",
        "connect",
        "board",
        "compare",
        "sign-in",
        "api",
        "socket.io",
        "healthz",
        "readyz",
        "metrics",
    )
)
_SCHEMES = {"http": "http", "ws": "http", "https": "https", "wss": "https"}


@dataclass(frozen=True)
class Address:
    """Where a server is: its origin, and the path below which it is deployed ("" at the root)."""

    scheme: str
    netloc: str
    path: str = ""

    @property
    def origin(self) -> str:
        return f"{self.scheme}://{self.netloc}"

    @property
    def socket_path(self) -> str:
        return f"{self.path.lstrip('/')}/socket.io".lstrip("/")

    @property
    def host(self) -> str:
        return urlsplit(self.origin).hostname or ""

    def __str__(self) -> str:
        # A password belongs into no message.
        return f"{self.scheme}://{self.netloc.rpartition('@')[2]}{self.path}"

    def alternatives(self) -> list[Address]:
        """What could be meant if no Turnline server is here: without the path, and over https.

        Never http instead of https.
        """
        here = [self, replace(self, path="")]
        candidates = [*here, *(replace(address, scheme="https") for address in here)]
        return [address for address in dict.fromkeys(candidates) if address != self]


class AddressError(ValueError):
    """A text that can't be read as an address."""


def parse_address(text: object) -> Address:
    """Reads `localhost:3000`, `https://host/turnline`, the address of a page, …; raises AddressError with a
    sentence.

    Drops the path of a page and the query, which may hold a token.
    """
    given = text.strip() if isinstance(text, str) else str(text)
    if not given:
        raise AddressError(
            'The address of the Turnline server is empty; it looks like "http://127.0.0.1:3000".'
        )
    if re.fullmatch(r"\d{1,5}", given):
        given = f"127.0.0.1:{given}"
    match = re.match(r"([A-Za-z][A-Za-z0-9+.-]*):/*(?!\d+(?:[/?#]|$))", given)
    scheme = _SCHEMES.get(match.group(1).lower()) if match else "http"
    if match and scheme is None and "://" not in given:
        raise AddressError(
            f'"{_shown(given)}" can\'t be read as an address; it looks like "http://127.0.0.1:3000".'
        )
    if scheme is None:
        raise AddressError(f'"{_shown(given)}" is not an http or https address.')
    rest = given[match.end() :] if match else given.lstrip("/")
    parts = urlsplit(f"{scheme}://{rest}")
    try:
        valid = bool(parts.hostname) and not re.search(r"[\s<>\"{}|\\^`]", parts.netloc) and parts.port != 0
    except ValueError:
        valid = False
    if not valid:
        raise AddressError(
            f'"{_shown(given)}" can\'t be read as an address; it looks like "http://127.0.0.1:3000".'
        )
    return Address(scheme, parts.netloc, _base_path(parts.path))


def _base_path(path: str) -> str:
    segments = [segment for segment in path.split("/") if segment]
    for position, segment in enumerate(segments):
        if segment in _PAGE_SEGMENTS:
            segments = segments[:position]
            break
    return "".join(f"/{segment}" for segment in segments)


def _shown(text: str) -> str:
    return re.sub(r"//[^/@\s]*@", "//", text.split("?")[0])[:200]
