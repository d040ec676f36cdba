"""How a JSONC file is written: its indent, its line ends, which comment belongs to which item."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence

from devcontainer.tree import LIMIT, Item, Node, Tree

INDENT = "    "
"""What a file without any indented line gets: VS Code's own default."""

_WIDTH = 80  # an array up to here may stand on one line
_BLANKS = re.compile(r"[ \t]*+")
_TRAIL = re.compile(r"(?:[ \t]*(?:/\*.*?\*/|//[^\r\n]*+))*+", re.DOTALL)
_BREAK = re.compile(r"\r\n|\r|\n")
_BREAK_AND_INDENT = re.compile(r"(\r\n|\r|\n)([ \t]*)")
_LONE_SURROGATE = re.compile(r"[\ud800-\udfff]")
_COLON = re.compile(r"[ \t]*:[ \t]*")


class Layout:
    """The habits of one file, found out once."""

    def __init__(self, tree: Tree) -> None:
        self.tree, self.text = tree, tree.text
        self.newline = _newline(tree.text)
        self.unit = self._unit()

    def _unit(self) -> str:
        if not _BREAK.search(self.text):
            return INDENT
        for _, _, box in self.tree.walk():
            if box.items and self.starts_line(box.items[0].start):
                outer, inner = self.indent(box.start), self.indent(box.items[0].start)
                if inner != outer and inner.startswith(outer):
                    return inner[len(outer) :]
        return INDENT

    def indent(self, offset: int) -> str:
        """The blanks with which the line of `offset` begins."""
        start = self.tree.lines.start(offset)
        return self.text[start : self.blanks(start)]

    def blanks(self, offset: int) -> int:
        """The end of the spaces and tabs that start at `offset`."""
        match = _BLANKS.match(self.text, offset)
        return match.end() if match else offset

    def starts_line(self, offset: int) -> bool:
        """Whether only blanks stand before `offset` on its line."""
        return self.blanks(self.tree.lines.start(offset)) >= offset

    def ends_line(self, offset: int) -> int | None:
        """Where the next line starts if only blanks stand behind `offset` on its line, else None."""
        stop = self.blanks(offset)
        line_break = _BREAK.match(self.text, stop)
        if line_break:
            return line_break.end()
        return stop if stop == len(self.text) else None

    def trail(self, offset: int) -> int:
        """The end of the comments that follow `offset` on its line: they belong to what stands before them."""
        match = _TRAIL.match(self.text, offset)
        return match.end() if match else offset

    def encode(self, value: object, indent: str, *, inline: bool, colon: str = ": ") -> str:
        """`value` as JSON: on one line, or over lines of which all but the first start with `indent`."""
        if inline:
            return written_flat(value, comma="," if colon == ":" else ", ", colon=colon)
        return written(value, indent, self.unit, self.newline)

    def colon(self, box: Node) -> str:
        """How the members of `box` write their colon: `": "`, `":"`, `" : "`."""
        if not box.items:
            return ": "
        last = box.items[-1]
        between = self.text[last.key_end : last.node.start]
        return between if _COLON.fullmatch(between) else ": "

    def one_line(self, node: Node) -> bool:
        """Whether `node` begins and ends on the same line."""
        return self.tree.lines.start(node.start) == self.tree.lines.start(node.end - 1)

    def lone_blank(self, start: int, end: int) -> int:
        """`end`, or the end of the blank line there if a blank line stands before `start` too: one of them is enough."""
        behind = self.ends_line(end)
        before = self.tree.lines.start(start - 1)
        doubled = behind is not None and behind > end and self.ends_line(before) == start
        return behind if doubled and behind is not None else end

    def note_above(self, box: Node, item: Item) -> int:
        """Where the comment lines right above `item` start; the start of its own line where there is none.

        The first item of an object takes none: what stands there is mostly about the whole file.
        """
        start = self.tree.lines.start(item.start)
        if box.items[0] is item or not self.starts_line(item.start):
            return start
        for begin, end in reversed([span for span in self.tree.comments if box.start < span[0] and span[1] <= start]):
            if self.ends_line(end) != start or not self.starts_line(begin):
                break
            start = self.tree.lines.start(begin)
        return start


def plain(value: object, depth: int = 0) -> object:
    """`value` as JSON knows it: mappings become dicts, sequences lists.

    Raises ValueError where it nests deeper than a file may, TypeError where JSON has no such thing.
    """
    if depth > LIMIT or (depth == LIMIT and isinstance(value, Mapping | list | tuple)):
        raise ValueError(f"the value nests deeper than {LIMIT} brackets; give a flatter one")
    if value is None or isinstance(value, str | bool | int | float):
        return value
    if isinstance(value, Mapping):
        if bad := [key for key in value if not isinstance(key, str)]:
            raise TypeError(f"names in JSON are text, not {type(bad[0]).__name__}; give text")
        return {str(key): plain(one, depth + 1) for key, one in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, bytes | bytearray | memoryview):
        return [plain(one, depth + 1) for one in value]
    raise TypeError(f"JSON has no {type(value).__name__}; give text, numbers, true, false, None, mappings or sequences")


def canonical(value: object) -> str:
    """The same text for the same JSON value: `1` and `1.0` are one number, `true` is none, names have no order."""
    return json.dumps(_normal(value), sort_keys=True)


def written(value: object, indent: str, unit: str, newline: str) -> str:
    """`value` as JSON over lines of which all but the first start with `indent`; a short array of plain values on one."""
    flat = written_flat(value)
    if not value or not isinstance(value, dict | list):
        return flat
    if isinstance(value, list) and len(flat) <= _WIDTH and not any(isinstance(one, dict | list) for one in value):
        return flat
    inner = indent + unit
    if isinstance(value, dict):
        lines = [f"{written_flat(key)}: {written(one, inner, unit, newline)}" for key, one in value.items()]
    else:
        lines = [written(one, inner, unit, newline) for one in value]
    opening, closing = "{}" if isinstance(value, dict) else "[]"
    body = f",{newline}{inner}".join(lines)
    return f"{opening}{newline}{inner}{body}{newline}{indent}{closing}"


def written_flat(value: object, comma: str = ", ", colon: str = ": ") -> str:
    """`value` as JSON on one line. Raises ValueError for NaN and the infinities, which JSON has not."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(comma, colon))
    # Half of a surrogate pair cannot be written as UTF-8; its escape can.
    return _LONE_SURROGATE.sub(lambda match: f"\\u{ord(match.group()):04x}", text)


def reindent(text: str, old: str, new: str) -> str:
    """`text` with the indent `old` of every line but the first replaced by `new`."""

    def swap(match: re.Match[str]) -> str:
        line_break, blanks = match.groups()
        return str(line_break) + new + str(blanks).removeprefix(old)

    return _BREAK_AND_INDENT.sub(swap, text)


def _normal(value: object) -> object:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, dict):
        return {key: _normal(one) for key, one in value.items()}
    return [_normal(one) for one in value] if isinstance(value, list) else value


def _newline(text: str) -> str:
    """The line end that most lines have; `\\n` where there is no line end yet."""
    pairs, feeds, returns = text.count("\r\n"), text.count("\n"), text.count("\r")
    if pairs * 2 > feeds:
        return "\r\n"
    return "\r" if returns and not feeds else "\n"
