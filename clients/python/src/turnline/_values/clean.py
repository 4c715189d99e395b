"""Deep copies of any value as JSON."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Optional

from .plain import plain

#: Bounds of a copy, because the JSON encoder recurses and memory is limited.
MAX_DEPTH = 200
MAX_KEYS = 200_000
MAX_ITEMS = 250_000


@dataclass(frozen=True)
class Cleaned:
    """A JSON value with its total number of object keys and its nesting depth."""

    value: Any
    keys: int
    depth: int


class _Node:
    __slots__ = ("depth", "identity", "parent", "source", "target")

    def __init__(self, identity: int, source: Any, depth: int, parent: Optional[_Node]) -> None:
        self.identity = identity
        self.source = source
        self.target: Any = [] if isinstance(source, list) else {}
        self.depth = depth
        self.parent = parent


def clean(value: Any) -> Cleaned:
    """Copies any value into JSON without recursion; never raises.

    Text stays verbatim. UTF-8 bytes become text, other bytes `[binary, N bytes]`, and NaN and the infinities
    become `"NaN"`, `"Infinity"` and `"-Infinity"`. Cycles, functions, generators and everything beyond 200
    levels, 200,000 keys or 250,000 items become short markers in square brackets.
    """
    return _Copier().copy(value)


class _Copier:
    def __init__(self) -> None:
        self.keys = 0
        self.items = 0
        self.depth = 0
        # Breadth first: if a limit is reached, the upper levels are already complete.
        self.queue: list[_Node] = []
        # Temporary values, referenced so that their ids aren't reused.
        self.alive: list[Any] = []

    def copy(self, value: Any) -> Cleaned:
        root = self.place(value, None)
        position = 0
        while position < len(self.queue):
            node = self.queue[position]
            position += 1
            if isinstance(node.source, list):
                self.fill_list(node)
            else:
                self.fill_dict(node)
        return Cleaned(root, self.keys, self.depth)

    def place(self, raw: Any, parent: Optional[_Node]) -> Any:
        # Checked first, because converting an object that contains itself would never end.
        if parent is not None and _is_ancestor(id(raw), parent) and not isinstance(raw, (str, int, float)):
            return "[circular]"
        value = plain(raw)
        if not isinstance(value, (dict, list)):
            return value
        depth = 1 if parent is None else parent.depth + 1
        if depth > MAX_DEPTH:
            return f"[nested deeper than {MAX_DEPTH}]"
        self.depth = max(self.depth, depth)
        self.alive.append(raw)
        node = _Node(id(raw), value, depth, parent)
        self.queue.append(node)
        return node.target

    def fill_list(self, node: _Node) -> None:
        for position, item in enumerate(node.source):
            self.items += 1
            if self.items > MAX_ITEMS:
                node.target.append(f"[{len(node.source) - position} more items]")
                return
            node.target.append(self.place(item, node))

    def fill_dict(self, node: _Node) -> None:
        for position, (key, item) in enumerate(node.source.items()):
            if self.keys >= MAX_KEYS:
                if position > 0:
                    node.target["…"] = f"[{len(node.source) - position} more keys]"
                return
            self.keys += 1
            node.target[key] = self.place(item, node)


def _is_ancestor(identity: int, node: Optional[_Node]) -> bool:
    while node is not None:
        if node.identity == identity:
            return True
        node = node.parent
    return False
