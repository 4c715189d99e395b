"""Converts one level of any Python value to JSON."""

from __future__ import annotations

import dataclasses
import datetime
import decimal
import enum
import functools
import inspect
import math
import os
import re
import types
import uuid
from collections import deque
from collections.abc import Iterator, Mapping, Sequence, Set
from typing import Any, Callable

#: Arrays with more elements than this are described instead of copied.
MAX_ARRAY_SIZE = 100_000
#: Integers beyond the range of a double become text.
_MAX_INT_BITS = 1023
_REPR_CHARS = 2_000

_EXACT_SCALARS = frozenset((str, bool, type(None)))


def plain(raw: Any) -> Any:
    """Converts a value to a JSON scalar, or to a dict or list whose members still need to be converted.

    Never raises, even if the value's own methods do.
    """
    kind = type(raw)
    if kind in _EXACT_SCALARS:
        return raw
    try:
        if kind is int:
            return _plain_int(raw)
        if kind is float:
            return _plain_float(raw)
        if kind is dict:
            return _plain_mapping(raw)
        if kind is list or kind is tuple:
            return list(raw)
        return _plain_object(raw)
    except Exception as error:  # From the value's own __getattr__, __iter__, property and so on.
        return unreadable(error)


def unreadable(error: BaseException) -> str:
    """Returns the marker for a value that raised when it was read."""
    return f"[unreadable: {message_of(error)}]"


def message_of(error: BaseException) -> str:
    """Returns the message of an exception; never raises."""
    try:
        return str(error) or type(error).__name__
    except Exception:
        return type(error).__name__


def _plain_int(raw: int) -> Any:
    value = int(raw)
    if value.bit_length() <= _MAX_INT_BITS:
        return value
    try:
        return str(value)
    except ValueError:  # Python refuses to print more than 4,300 digits.
        return hex(value)


def _plain_float(raw: float) -> Any:
    value = float(raw)
    if math.isfinite(value):
        return value
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


def _plain_mapping(raw: Mapping[Any, Any]) -> Any:
    """Converts a mapping to a dict with string keys, or to pairs if two keys would become the same string."""
    items = list(raw.items())
    if all(type(key) is str for key, _ in items):
        return dict(items)
    keyed = {_key_text(key): value for key, value in items}
    return keyed if len(keyed) == len(items) else [list(pair) for pair in items]


def _key_text(key: Any) -> str:
    if isinstance(key, enum.Enum):
        key = key.value
    if isinstance(key, str):
        return str.__str__(key)
    if key is None:
        return "null"
    if isinstance(key, bool):
        return "true" if key else "false"
    value = plain(key)
    if isinstance(value, str):
        return value
    if isinstance(value, (int, float)):
        return str(value)
    return _short_repr(key)


def _plain_object(raw: Any) -> Any:
    # The order matters: an IntEnum is an int, a datetime is a date, a named tuple is a tuple.
    if isinstance(raw, enum.Enum):
        return plain(raw.value)
    for types_, convert in _CONVERSIONS:
        if isinstance(raw, types_):
            return convert(raw)
    if isinstance(raw, type):
        return f"[class {raw.__name__}]"
    return _plain_instance(raw)


def _plain_bytes(raw: Any) -> str:
    data = bytes(raw)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return f"[binary, {len(data)} bytes]"


def _plain_tuple(raw: tuple[Any, ...]) -> Any:
    fields = getattr(type(raw), "_fields", None)
    if isinstance(fields, tuple) and len(fields) == len(raw):
        return dict(zip(fields, raw))
    return list(raw)


def _plain_set(raw: Set[Any]) -> list[Any]:
    try:
        return sorted(raw)
    except TypeError:
        return list(raw)


def _plain_exception(raw: BaseException) -> Any:
    from .exceptions import describe_exception

    return describe_exception(raw)


def _plain_callable(raw: Any) -> str:
    return f"[function {getattr(raw, '__qualname__', None) or getattr(raw, '__name__', 'anonymous')}]"


def _plain_partial(raw: functools.partial[Any]) -> str:
    return f"[function partial of {getattr(raw.func, '__qualname__', repr(raw.func))}]"


def _plain_awaitable(raw: Any) -> str:
    return f"[coroutine {getattr(raw, '__qualname__', type(raw).__name__)}]"


def _plain_iterator(raw: Any) -> str:
    # The iterator isn't consumed, because the agent still needs its items.
    return (
        f"[{type(raw).__name__} {raw.__qualname__}]"
        if hasattr(raw, "__qualname__")
        else f"[{type(raw).__name__}]"
    )


_CONVERSIONS: tuple[tuple[Any, Callable[[Any], Any]], ...] = (
    (str, str.__str__),
    (int, _plain_int),
    (float, _plain_float),
    ((bytes, bytearray, memoryview), _plain_bytes),
    (decimal.Decimal, str),
    ((datetime.date, datetime.time), lambda raw: raw.isoformat()),
    ((datetime.timedelta, uuid.UUID, complex), str),
    (os.PathLike, lambda raw: plain(os.fspath(raw))),
    (BaseException, _plain_exception),
    (re.Pattern, lambda raw: plain(raw.pattern)),
    (functools.partial, _plain_partial),
    (types.ModuleType, lambda raw: f"[module {raw.__name__}]"),
    ((types.FunctionType, types.BuiltinFunctionType, types.MethodType), _plain_callable),
    ((types.CoroutineType, types.AsyncGeneratorType), _plain_awaitable),
    (tuple, _plain_tuple),
    (Mapping, _plain_mapping),
    (Set, _plain_set),
    (Iterator, _plain_iterator),
    ((list, deque, range), list),
)


def _plain_instance(raw: Any) -> Any:
    """Converts an object of any other class.

    Uses the conventions of dataclasses, attrs, pydantic and numpy, or else the object's public attributes.
    """
    kind = type(raw)
    if hasattr(kind, "shape") and math.prod(raw.shape) > MAX_ARRAY_SIZE:
        return f"[{kind.__name__} of {getattr(raw, 'dtype', 'values')}, shape {tuple(raw.shape)}]"
    if dataclasses.is_dataclass(raw):
        return {field.name: _read(raw, field.name) for field in dataclasses.fields(raw)}
    attrs_fields = getattr(kind, "__attrs_attrs__", None)
    if attrs_fields is not None:
        return {field.name: _read(raw, field.name) for field in attrs_fields}
    dumped = _dump_model(raw, kind)
    if dumped is not None:
        return dumped
    if callable(getattr(kind, "tolist", None)):
        values = raw.tolist()
        return values if isinstance(values, list) else plain(values)
    if isinstance(raw, Sequence):
        return list(raw)
    if inspect.isawaitable(raw):
        return _plain_awaitable(raw)
    attributes = getattr(raw, "__dict__", None)
    if isinstance(attributes, dict):
        public = {name: value for name, value in list(attributes.items()) if not str(name).startswith("_")}
        if public:
            return public
    return _short_repr(raw)


def _dump_model(raw: Any, kind: type) -> Any:
    """Returns the dump of a pydantic model (version 1 or 2) or of an object with `to_dict`.

    Returns None if no such method exists or it fails.
    """
    names = ["model_dump"]
    if hasattr(kind, "__fields__"):
        names.append("dict")
    names.append("to_dict")
    for name in names:
        dump = getattr(kind, name, None)
        if not callable(dump):
            continue
        try:
            dumped = dump(raw)
        except Exception:
            continue
        if isinstance(dumped, Mapping):
            return _plain_mapping(dumped)
    return None


def _read(raw: Any, name: str) -> Any:
    try:
        return getattr(raw, name)
    except Exception as error:
        return unreadable(error)


def _short_repr(raw: Any) -> str:
    text = repr(raw)
    return text if len(text) <= _REPR_CHARS else text[: _REPR_CHARS - 1] + "…"
