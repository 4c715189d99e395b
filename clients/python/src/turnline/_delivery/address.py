"""Parses server addresses as people type them."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

#: First path segments of pages and endpoints, which are not part of a server's base address.
_PAGE_SEGMENTS = frozenset(
    (
        "runs",
        "connect",
        "compare",
        "sign-in",
        "api",
        "packages",
        "ingest",
        "socket.io",
        "healthz",
        "readyz",
        "metrics",
    )
)
#: The end of a pasted address for traces.
_OTLP_PATH = re.compile(r"/(otel/)?v1/(traces|logs|metrics)(/.*)?$")
_SCHEMES = {"http": "http", "ws": "http", "https": "https", "wss": "https"}


@dataclass(frozen=True)
class Address:
    """A server's address: its origin and the path under which it is deployed ("" at the root)."""

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
        # Messages must not contain passwords.
        return f"{self.scheme}://{self.netloc.rpartition('@')[2]}{self.path}"

    def alternatives(self) -> list[Address]:
        """Returns other addresses to try: without the path and with https.

        Never returns http instead of https.
        """
        here = [self, replace(self, path="")]
        candidates = [*here, *(replace(address, scheme="https") for address in here)]
        return [address for address in dict.fromkeys(candidates) if address != self]


class AddressError(ValueError):
    """Raised for a value that isn't a valid address."""


def parse_address(text: object) -> Address:
    """Parses `localhost:3000`, `https://host/turnline`, the address of a page, and so on.

    Removes the path of a page and the query, which may contain a token. Raises AddressError with a message
    for the user.
    """
    given = text.strip() if isinstance(text, str) else str(text)
    given = re.sub(r"""^(["'`<])(.*)["'`>]$""", r"\2", given, flags=re.DOTALL).strip()
    if not given:
        raise AddressError(
            'The address of the Turnline server is empty. It should look like "http://127.0.0.1:3000".'
        )
    if re.fullmatch(r"\d{1,5}", given):
        given = f"127.0.0.1:{given}"
    match = re.match(r"([A-Za-z][A-Za-z0-9+.-]*):/*(?!\d+(?:[/?#]|$))", given)
    scheme = _SCHEMES.get(match.group(1).lower()) if match else "http"
    if match and scheme is None and "://" not in given:
        raise AddressError(
            f'"{_shown(given)}" is not a valid address. It should look like "http://127.0.0.1:3000".'
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
            f'"{_shown(given)}" is not a valid address. It should look like "http://127.0.0.1:3000".'
        )
    return Address(scheme, parts.netloc, _base_path(parts.path))


def _base_path(path: str) -> str:
    segments = [segment for segment in _OTLP_PATH.sub("", path).split("/") if segment]
    for position, segment in enumerate(segments):
        if segment in _PAGE_SEGMENTS:
            segments = segments[:position]
            break
    return "".join(f"/{segment}" for segment in segments)


def _shown(text: str) -> str:
    return re.sub(r"//[^/@\s]*@", "//", text.split("?")[0])[:200]
