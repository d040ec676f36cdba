"""Change a JSONC file and leave every other byte of it as it was.

An edit is a handful of splices (start, end, replacement): comments, order, indent, line ends, byte order mark, a
missing last newline and the style of trailing commas stay. A comment behind an item on its line belongs to that item;
a comment on a line of its own stays where it is. Setting what is already there changes nothing.

Why no library: see `devcontainer.tree`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from devcontainer.layout import Layout, canonical, plain, reindent
from devcontainer.shapes import dotted
from devcontainer.tree import Item, JsoncError, Node, Path, child, read

__all__ = ["JsoncError", "Path", "Splice", "append", "apply", "delete", "edit", "edits", "move", "parse"]

Splice = tuple[int, int, str]
"""`text[start:end]` becomes the replacement. Offsets are those of the text before the edit."""

_WIDTH = 100  # an array that was written on one line stays on one line up to here


def parse(text: str) -> object:
    """The value of a JSONC text: dict, list, str, int, float, bool or None. Raises JsoncError."""
    return read(text).root.value


def apply(text: str, splices: Iterable[Splice]) -> str:
    """`text` with all splices done. They must not overlap."""
    ordered = sorted(splices, key=lambda splice: splice[:2])
    if any(left[1] > right[0] for left, right in pairwise(ordered)):
        raise ValueError("splices overlap; make one edit after the other")
    parts, at = [], 0
    for start, end, replacement in ordered:
        parts += [text[at:start], replacement]
        at = end
    return "".join([*parts, text[at:]])


def edit(text: str, path: Path, value: object) -> str:
    """`text` with `value` at `path`; missing objects on the way are made.

    Raises JsoncError where `text` is no JSONC or where something that is no object stands in the way, ValueError or
    TypeError where JSON has no such value.
    """
    return apply(text, edits(text, path, value))


def edits(text: str, path: Path, value: object) -> tuple[Splice, ...]:
    """The splices of `edit`; none where `value` is already there."""
    page = _Page(text)
    value = plain(value, len(path))
    box, item, rest = page.descend(path)
    if rest:
        return page.insert(box, item, [_Entry(rest[0], _nested(page, rest[1:], value, box))])
    if canonical(box.value) == canonical(value):
        return ()
    return ((box.start, box.end, page.replacement(box, item, value)),)


def append(text: str, path: Path, values: Sequence[object]) -> str:
    """`text` with those of `values` that the array at `path` does not have yet behind its last item, in their order.

    A missing array is made. Raises JsoncError where something else stands there.
    """
    page = _Page(text)
    box, item, rest = page.descend(path)
    if not rest and box.kind != "array":
        raise page.tree.error(f"expected an array [ … ] at {dotted(path)}, found {_A[box.kind]}", box.start)
    seen = set() if rest else {canonical(one.node.value) for one in box.items}
    missing = []
    for value in (plain(one, len(path) + 1) for one in values):
        if canonical(value) not in seen:
            seen.add(canonical(value))
            missing.append(value)
    if not missing:
        return text
    if rest:
        return edit(text, path, missing)
    count = len(box.items)
    return apply(text, page.insert(box, item, [_Entry(count + index, value) for index, value in enumerate(missing)]))


def delete(text: str, path: Path) -> str:
    """`text` without what stands at `path`, the comment behind it included; a comment above it stays.

    Where nothing stands there, the identical text. Raises ValueError for the empty path: a file needs a value.
    """
    if not path:
        raise ValueError("the whole value cannot be deleted; delete the file instead")
    page = _Page(text)
    box = page.tree.find(path[:-1])
    if box is None or child(box, path[-1]) is None:
        return text
    return apply(text, page.removal(box, _index(box, path[-1]), with_note=False))


def move(text: str, path: Path, into: tuple[str, ...]) -> str:
    """`text` with the item at `path` moved to the end of the object or array at `into`, which is made if missing.

    Its comments come along: behind it, inside it and on the lines right above it. Where nothing stands at `path`, or
    where `into` already has that name, the identical text. `into` must not lie inside `path`.
    """
    if not path or into[: len(path)] == path:
        raise ValueError("a value cannot be moved into itself")
    page = _Page(text)
    box, target = page.tree.find(path[:-1]), page.tree.find(into)
    if (
        box is None
        or child(box, path[-1]) is None
        or (target is not None and child(target, path[-1]) and target.kind == "object")
    ):
        return text
    index = _index(box, path[-1])
    taken = page.taken(box, index)
    text = apply(text, page.removal(box, index, with_note=True))
    text = text if target is not None else edit(text, into, {} if isinstance(path[-1], str) else [])
    page = _Page(text)
    target, item, rest = page.descend(into)
    if rest or target.kind != ("object" if isinstance(path[-1], str) else "array"):
        message = f"expected room for {dotted(path)} at {dotted(into)}, found {_A[target.kind]}"
        raise page.tree.error(message, target.start)
    return apply(text, page.insert(target, item, [_Entry(path[-1], taken)]))


_A = {"object": "an object", "array": "an array", "string": "text", "number": "a number", "boolean": "true or false",
      "null": "null"}  # fmt: skip


@dataclass(slots=True)
class _Taken:
    """An item cut out with its comments: lines above it, its own text, what stands behind it on its line."""

    above: list[str]
    raw: str
    trail: str
    indent: str


@dataclass(slots=True)
class _Entry:
    """Something to insert: a value under a name (or at an index), or an item that was cut out."""

    key: str | int
    value: object

    @property
    def spread(self) -> bool:
        """Whether it cannot stand on the line of another item."""
        taken = self.value
        return isinstance(taken, _Taken) and bool(taken.above or taken.trail or "\n" in taken.raw or "\r" in taken.raw)


class _Page:
    """A text that is being edited: its tree and its habits."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tree = read(text)
        self.layout = Layout(self.tree)

    def descend(self, path: Path) -> tuple[Node, Item | None, Path]:
        """The deepest value on the way to `path`, its item (None for the root), and the steps that are missing."""
        node, item = self.tree.root, None
        for depth, step in enumerate(path):
            self.demand(node, path[:depth], step)
            if child(node, step) is None:
                return node, item, path[depth:]
            item = node.items[_index(node, step)]
            node = item.node
        return node, item, ()

    def demand(self, node: Node, path: Path, step: str | int) -> None:
        """Refuse a step that `node` cannot take."""
        wanted = "array" if isinstance(step, int) else "object"
        if node.kind != wanted:
            brackets = "an array [ … ]" if wanted == "array" else "an object { … }"
            raise self.tree.error(f"expected {brackets} at {dotted(path)}, found {_A[node.kind]}", node.start)
        if isinstance(step, int) and not 0 <= step <= len(node.items):
            message = f"expected an index from 0 to {len(node.items)} at {dotted(path)}, found {step}"
            raise self.tree.error(message, node.start)

    def replacement(self, node: Node, item: Item | None, value: object) -> str:
        """The text of `value` in the place of `node`."""
        layout = self.layout
        short = layout.encode(value, "", inline=True)
        crowded = item is not None and not layout.starts_line(item.start)
        if crowded or (node.items and layout.one_line(node) and len(short) <= _WIDTH):
            return short
        return layout.encode(value, layout.indent(node.start if item is None else item.start), inline=False)

    def insert(self, box: Node, item: Item | None, entries: list[_Entry]) -> tuple[Splice, ...]:
        """The splices that put `entries` behind the last item of `box`, the value of `item`."""
        spread = any(entry.spread for entry in entries)
        return self.behind_last(box, entries, spread) if box.items else self.into_empty(box, item, entries, spread)

    def behind_last(self, box: Node, entries: list[_Entry], spread: bool) -> tuple[Splice, ...]:
        layout, last = self.layout, box.items[-1]
        trailing = last.comma >= 0
        tip = last.comma + 1 if trailing else last.node.end
        after = layout.trail(tip)
        own_line = layout.starts_line(last.start)
        comma: tuple[Splice, ...] = () if trailing else ((last.node.end, last.node.end, ","),)
        if own_line or spread or "//" in self.text[tip:after]:
            indent = layout.indent(last.start) if own_line else layout.indent(box.start) + layout.unit
            lines = self.lines(box, entries, indent, trailing)
            if layout.ends_line(after) is None and (not own_line or lines.ends_in_comment):
                lines.text += layout.newline + layout.indent(box.start)
            return (*comma, (after, after, lines.text))
        space = "" if layout.colon(box) == ":" else " "
        bodies = [self.body(box, entry, "", inline=True) for entry in entries]
        if trailing:
            return ((after, after, "".join(f"{space}{body}," for body in bodies)),)
        return ((after, after, "".join(f",{space}{body}" for body in bodies)),)

    def into_empty(self, box: Node, item: Item | None, entries: list[_Entry], spread: bool) -> tuple[Splice, ...]:
        layout, inside = self.layout, self.text[box.start + 1 : box.end - 1]
        comments = [span for span in self.tree.comments if box.start < span[0] < box.end] if inside.strip() else []
        base = layout.indent(box.start if item is None else item.start)
        tip = comments[-1][1] if comments else box.start + 1
        rest = self.text[tip : box.end - 1]
        crowded = item is not None and not layout.starts_line(item.start)
        if crowded and not spread and "\n" not in inside and "\r" not in inside:
            bodies = ", ".join(self.body(box, entry, "", inline=True) for entry in entries)
            return ((tip, tip, f" {bodies}"),) if comments else ((tip, box.end - 1, bodies),)
        own_line = comments and layout.starts_line(comments[-1][0])
        indent = layout.indent(comments[-1][0]) if own_line else base + layout.unit
        lines = self.lines(box, entries, indent, trailing=False)
        if "\n" in rest or "\r" in rest:
            return ((tip, tip, lines.text),)
        return ((tip, box.end - 1, lines.text + layout.newline + base),)

    def lines(self, box: Node, entries: list[_Entry], indent: str, trailing: bool) -> _Lines:
        """`entries` on lines of their own, the line break before the first included."""
        start, parts = self.layout.newline + indent, []
        for number, entry in enumerate(entries, 1):
            taken = entry.value if isinstance(entry.value, _Taken) else None
            parts += [start + line for line in taken.above] if taken else []
            parts.append(start + self.body(box, entry, indent, inline=False))
            parts.append("," if trailing or number < len(entries) else "")
            parts.append(f" {taken.trail}" if taken and taken.trail else "")
        return _Lines("".join(parts), ends_in_comment="//" in parts[-1])

    def body(self, box: Node, entry: _Entry, indent: str, *, inline: bool) -> str:
        """One entry, without comma."""
        if isinstance(entry.value, _Taken):
            return reindent(entry.value.raw, entry.value.indent, indent)
        colon = self.layout.colon(box)
        text = self.layout.encode(entry.value, indent, inline=inline, colon=colon if inline else ": ")
        if isinstance(entry.key, int):
            return text
        return self.layout.encode(entry.key, "", inline=True) + colon + text

    def reach(self, box: Node, index: int) -> tuple[int, bool]:
        """Where item `index` ends, comments behind it on its line included, and whether its comma lies within."""
        layout, item = self.layout, box.items[index]
        end = layout.trail(item.node.end)
        if item.comma < 0 or layout.blanks(end) != item.comma:
            return end, False
        after = layout.trail(item.comma + 1)
        # A comment before the next item on the same line belongs to that one.
        last_on_line = layout.ends_line(after) is not None or index + 1 == len(box.items)
        return (after if last_on_line else item.comma + 1), True

    def removal(self, box: Node, index: int, *, with_note: bool) -> tuple[Splice, ...]:
        """The splices that take item `index` out; `with_note`: the comment lines right above it too."""
        layout, item = self.layout, box.items[index]
        end, comma_within = self.reach(box, index)
        next_line = layout.ends_line(end)
        own_line = layout.starts_line(item.start)
        start = item.start
        if item.comma > end and not (own_line or self.text[end : item.comma].strip()):  # the commas come first here
            end, comma_within = layout.blanks(item.comma + 1), True
        elif own_line and next_line is not None:
            start = layout.tree.lines.start(start)
            end = layout.lone_blank(layout.note_above(box, item) if with_note else start, next_line)
        elif index + 1 < len(box.items) and next_line is None:
            end = layout.blanks(end)
        elif not own_line:
            start = self.back_over_blanks(start)
        if not (self.text[box.start + 1 : start].strip() or self.text[end : box.end - 1].strip()):
            return ((box.start + 1, box.end - 1, ""),)
        splices: list[Splice] = [(start, end, "")]
        if item.comma >= 0 and not comma_within:
            splices.append((item.comma, layout.blanks(item.comma + 1), ""))
        if item.comma < 0 and index:
            before = box.items[index - 1].comma
            splices.append((before, before + 1, ""))
        if with_note:
            splices.append((layout.note_above(box, item), layout.tree.lines.start(item.start), ""))
        return tuple(splices)

    def back_over_blanks(self, offset: int) -> int:
        while self.text[offset - 1] in " \t":
            offset -= 1
        return offset

    def taken(self, box: Node, index: int) -> _Taken:
        """Item `index` of `box` with its comments, ready to be put elsewhere."""
        layout, item = self.layout, box.items[index]
        end, comma_within = self.reach(box, index)
        trail = self.text[item.node.end : item.comma] + self.text[item.comma + 1 : end] if comma_within else (
            self.text[item.node.end : end])  # fmt: skip
        line = layout.tree.lines.start(item.start)
        above = self.text[layout.note_above(box, item) : line].splitlines()
        raw = self.text[item.start : item.node.end]
        return _Taken([one.strip(" \t") for one in above], raw, trail.strip(" \t"), layout.indent(item.start))


@dataclass(slots=True)
class _Lines:
    text: str
    ends_in_comment: bool


def _index(box: Node, step: str | int) -> int:
    return next(index for index, item in enumerate(box.items) if item.key == step)


def _nested(page: _Page, steps: Path, value: object, box: Node) -> object:
    """`value` inside the objects (and first items of arrays) that `steps` names."""
    for step in reversed(steps):
        if isinstance(step, int) and step:
            raise page.tree.error(f"expected index 0 in an array that is not there yet, found {step}", box.start)
        value = [value] if isinstance(step, int) else {step: value}
    return value
