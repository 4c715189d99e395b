"""Reads and writes times. The protocol uses ISO 8601 in UTC with milliseconds."""

from __future__ import annotations

import datetime
import re
import time
from typing import Any, Optional

_UTC = datetime.timezone.utc
_EPOCH = datetime.datetime(1970, 1, 1, tzinfo=_UTC)
_ISO = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d+))?)?\s*(Z|z|[+-]\d\d:?\d\d)?)?$"
)
#: Numbers below these bounds are seconds, milliseconds and microseconds; larger ones are nanoseconds.
_UNITS = ((1e11, 1.0), (1e14, 1e3), (1e17, 1e6))
_OLDEST = datetime.datetime(2000, 1, 1, tzinfo=_UTC)
_AHEAD = datetime.timedelta(days=1)


def now_ms() -> float:
    """Returns the current time in milliseconds since 1970."""
    return time.time() * 1000


def iso_of_ms(milliseconds: float) -> str:
    """Formats milliseconds since 1970 as ISO 8601."""
    return _write(_EPOCH + datetime.timedelta(milliseconds=milliseconds))


def read_time(raw: Any) -> Optional[datetime.datetime]:
    """Reads a time from a datetime, a number since 1970, or text. Returns None if it isn't a valid time.

    A datetime without a time zone is local time, as in Python. Text without an offset is UTC, as on the
    server.
    """
    try:
        if isinstance(raw, datetime.datetime):
            return raw.astimezone(_UTC)
        if isinstance(raw, (int, float)) and not isinstance(raw, bool):
            return _read_number(float(raw))
        if isinstance(raw, str):
            return _read_text(raw.strip())
    except (ValueError, OverflowError, OSError):
        pass
    return None


def is_plausible(moment: datetime.datetime) -> bool:
    """Returns whether a turn can have this time: not before 2000, and at most a day in the future."""
    return _OLDEST <= moment <= datetime.datetime.now(_UTC) + _AHEAD


def write_time(moment: datetime.datetime) -> str:
    """Formats a time as in the protocol."""
    return _write(moment.astimezone(_UTC))


def _read_number(number: float) -> datetime.datetime:
    scale = next((scale for below, scale in _UNITS if abs(number) < below), 1e9)
    return _EPOCH + datetime.timedelta(seconds=number / scale)


def _read_text(text: str) -> Optional[datetime.datetime]:
    match = _ISO.match(text)
    if match is None:
        return _read_number(float(text))
    year, month, day, hour, minute, second, fraction, offset = match.groups()
    zone: datetime.tzinfo = _UTC
    if offset and offset not in "Zz":
        sign = -1 if offset[0] == "-" else 1
        zone = datetime.timezone(sign * datetime.timedelta(hours=int(offset[1:3]), minutes=int(offset[-2:])))
    moment = datetime.datetime(
        int(year),
        int(month),
        int(day),
        int(hour or 0),
        int(minute or 0),
        int(second or 0),
        int((fraction or "0").ljust(6, "0")[:6]),
        zone,
    )
    return moment.astimezone(_UTC)


def _write(moment: datetime.datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"
