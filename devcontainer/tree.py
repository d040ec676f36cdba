"""Read JSONC, the JSON with comments that VS Code writes, into a tree that knows where each thing stands.

Accepted: `//` and `/* */` comments, a trailing comma, a byte order mark. Refused: everything else that strict JSON
refuses, above all the rest of JSON5 (single quotes, names without quotes, `NaN`, `+1`, `0x1f`), and duplicate names, of
which editors silently take the last.

Why no library: json-five and json5 both install the top-level package `json5`, and jupyterlab_server needs the other,
so an MLOps environment often cannot import json-five; json5, pyjson5, hjson, json-with-comments lose comments;
commentjson, jsonc-parser, jsoncparser and jsoncgx refuse trailing commas; jsonc-edit starts a Node process;
tree-sitter-json calls trailing commas errors. None of them names line, column and what was expected.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from devcontainer.shapes import shown

Path = tuple[str | int, ...]
Kind = Literal["object", "array", "string", "number", "boolean", "null"]

LIMIT = 100
"""How deep arrays and objects may nest. A dev container needs six; a bomb of brackets stops here."""

_BLANK = re.compile(r"[ \t\r\n]*+")
_COMMENT = re.compile(r"//[^\r\n]*+|/\*.*?\*/", re.DOTALL)
# Possessive (Python 3.11): an unclosed string of a megabyte fails in one pass.
_STRING_HEAD = re.compile(r'"(?:[^"\\\x00-\x1f]++|\\(?:["\\/bfnrt]|u[0-9A-Fa-f]{4}))*+')
_WORD = re.compile(r'[^\s,:\[\]{}"/]++')
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*+)(\.[0-9]++)?([eE][+-]?[0-9]++)?")
_LITERALS: dict[str, tuple[Kind, object]] = {
    "true": ("boolean", True),
    "false": ("boolean", False),
    "null": ("null", None),
}
_FOREIGN = frozenset({"NaN", "Infinity", "-Infinity", "undefined", "None", "True", "False"})
_LINE_BREAK = re.compile(r"\r\n|\r|\n")
_A_VALUE = "a value (text in double quotes, a number, true, false, null, { or [)"


class JsoncError(ValueError):
    """Not JSONC, or not the shape that was asked for. `line` and `column` count from 1; no value is ever quoted."""

    def __init__(self, message: str, line: int, column: int) -> None:
        super().__init__(message, line, column)
        self.message, self.line, self.column = message, line, column

    def __str__(self) -> str:
        return f"line {self.line}, column {self.column}: {self.message}"


class Lines:
    """Where the lines of a text start: offsets to (line, column) and back, in O(log n)."""

    def __init__(self, text: str) -> None:
        self._bom = text.startswith("\ufeff")
        self._starts = [0, *(match.end() for match in _LINE_BREAK.finditer(text))]

    def start(self, offset: int) -> int:
        """The offset at which the line of `offset` starts; behind the byte order mark on the first."""
        start = self._starts[bisect_right(self._starts, offset) - 1]
        return start + (self._bom and start == 0)

    def place(self, offset: int) -> tuple[int, int]:
        """(line, column) of `offset`, both from 1; editors don't count the byte order mark."""
        return bisect_right(self._starts, offset), max(offset - self.start(offset), 0) + 1


@dataclass(slots=True)
class Item:
    """One member of an object, or one item of an array, and the comma behind it."""

    key: str | int
    start: int  # of the name, or of the value in an array
    key_end: int
    node: Node
    comma: int = -1  # -1: there is none


@dataclass(slots=True)
class Node:
    """A value and where it stands: `text[start:end]`."""

    kind: Kind
    start: int
    end: int
    value: object = field(repr=False)
    items: list[Item] = field(default_factory=list, repr=False)


@dataclass(slots=True)
class Tree:
    """A whole file. `comments` are (start, end), in order."""

    text: str = field(repr=False)
    root: Node
    comments: list[tuple[int, int]]
    lines: Lines = field(repr=False)

    def find(self, path: Path) -> Node | None:
        """The value at `path`, or None. Nothing is at `("a", "b")` where `a` is a number."""
        node: Node | None = self.root
        for step in path:
            node = None if node is None else child(node, step)
        return node

    def walk(self) -> Iterator[tuple[Path, Item | None, Node]]:
        """Every value in the order of the text, with its path and its item (None for the root)."""
        stack: list[tuple[Path, Item | None, Node]] = [((), None, self.root)]
        while stack:
            path, item, node = stack.pop()
            yield path, item, node
            stack.extend(((*path, one.key), one, one.node) for one in reversed(node.items))

    def error(self, message: str, offset: int) -> JsoncError:
        """A JsoncError that points at `offset`."""
        return JsoncError(message, *self.lines.place(offset))


def child(node: Node, step: str | int) -> Node | None:
    """The value one step below `node`: by name in an object, by index (from 0) in an array."""
    if node.kind == "array" and isinstance(step, int):
        return node.items[step].node if 0 <= step < len(node.items) else None
    if node.kind == "object" and isinstance(step, str):
        return next((item.node for item in node.items if item.key == step), None)
    return None


def read(text: str) -> Tree:
    """The tree of `text`. Raises JsoncError, and nothing else, where it is not JSONC."""
    reader = _Reader(text)
    root = reader.document()
    return Tree(text, root, reader.comments, Lines(text))


class _Reader:
    """One pass over the text; `at` is where it stands."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 1 if text.startswith("\ufeff") else 0
        self.comments: list[tuple[int, int]] = []

    def document(self) -> Node:
        self.skip()
        root = self.value(_A_VALUE, 0)
        self.skip()
        if self.at < len(self.text):
            raise self.expected("the end of the file behind the last bracket")
        return root

    def skip(self) -> None:
        """Go on to the next thing that is neither blank nor comment."""
        while True:
            self.at = _end(_BLANK, self.text, self.at)
            if not self.text.startswith("/", self.at):
                return
            comment = _COMMENT.match(self.text, self.at)
            if comment is None and self.text.startswith("/*", self.at):
                raise self.error("this comment is not closed; expected */", self.at)
            if comment is None:
                raise self.error("expected a comment, // or /*, found a single /", self.at)
            self.comments.append(comment.span())
            self.at = comment.end()

    def value(self, wanted: str, depth: int) -> Node:
        char = self.text[self.at : self.at + 1]
        if char and char in "{[":
            return self.box(char, depth + 1)
        start = self.at
        if char == '"':
            string = self.string()
            return Node("string", start, self.at, string)
        return self.word(wanted)

    def box(self, opening: str, depth: int) -> Node:
        """An object or an array, from its bracket to its bracket."""
        if depth > LIMIT:
            raise self.error(f"nested deeper than {LIMIT} brackets; expected a flatter file", self.at)
        named = opening == "{"
        closing = "}" if named else "]"
        node = Node("object" if named else "array", self.at, 0, None)
        seen: dict[str | int, int] = {}
        self.at += 1
        self.skip()
        while not self.text.startswith(closing, self.at):
            item = self.item(node, named, closing, depth)
            if item.key in seen:
                raise self.twice(item, seen[item.key])
            seen[item.key] = item.start
            node.items.append(item)
            self.skip()
            if self.text.startswith(",", self.at):
                item.comma = self.at
                self.at += 1
                self.skip()
            elif not self.text.startswith(closing, self.at):
                raise self.expected(f"a comma or {closing}", node)
        self.at += 1
        node.end = self.at
        pairs = [(item.key, item.node.value) for item in node.items]
        node.value = dict(pairs) if named else [value for _, value in pairs]
        return node

    def item(self, box: Node, named: bool, closing: str, depth: int) -> Item:
        start = self.at
        if not named:
            if start >= len(self.text):
                raise self.expected(closing, box)
            return Item(len(box.items), start, start, self.value(f"{_A_VALUE}, or {closing}", depth))
        if not self.text.startswith('"', start):
            raise self.expected("a name in double quotes or }", box)
        key = self.string()
        key_end = self.at
        self.skip()
        if not self.text.startswith(":", self.at):
            raise self.expected(f"a colon behind the name {shown(key)}", box)
        self.at += 1
        self.skip()
        return Item(key, start, key_end, self.value(_A_VALUE, depth))

    def string(self) -> str:
        start = self.at
        stop = _end(_STRING_HEAD, self.text, start)
        if self.text.startswith('"', stop):
            self.at = stop + 1
            raw = self.text[start : self.at]
            return str(json.loads(raw)) if "\\" in raw else raw[1:-1]
        if self.text.startswith("\\", stop) and stop + 1 < len(self.text):
            raise self.error(
                'expected one of \\" \\\\ \\/ \\b \\f \\n \\r \\t \\u0000 behind a backslash; '
                "in a Windows path write each backslash twice",
                stop,
            )
        if stop >= len(self.text) or self.text[stop] in "\r\n\\":
            raise self.error('text in double quotes that is not closed; expected " on the same line', start)
        raise self.error(
            f"the control character U+{ord(self.text[stop]):04X} in text; expected it as an escape, "
            f"\\u{ord(self.text[stop]):04x}",
            stop,
        )

    def word(self, wanted: str) -> Node:
        match = _WORD.match(self.text, self.at)
        if match is None:
            raise self.expected(wanted)
        start, (word, end) = self.at, (match.group(), match.end())
        number = _NUMBER.fullmatch(word)
        if number is None and word not in _LITERALS:
            raise self.expected(wanted)
        self.at = end
        if number is None:
            return Node(_LITERALS[word][0], start, end, _LITERALS[word][1])
        try:
            return Node("number", start, end, float(word) if number.group(1) or number.group(2) else int(word))
        except ValueError:  # Python reads whole numbers up to sys.get_int_max_str_digits() digits
            raise self.error(f"a number of {len(word)} digits; expected a shorter one", start) from None

    def expected(self, wanted: str, box: Node | None = None) -> JsoncError:
        """The error of the place where we stand; at the end of the file it names the bracket of `box` that is open."""
        if box is None or self.at < len(self.text):
            return self.error(f"expected {wanted}, found {self.found()}", self.at)
        line, column = Lines(self.text).place(box.start)
        opening, closing = "{}" if box.kind == "object" else "[]"
        return self.error(
            f"expected {closing} before the end of the file, for the {opening} of line {line}, column {column}", self.at
        )

    def twice(self, item: Item, first: int) -> JsoncError:
        line, column = Lines(self.text).place(first)
        return self.error(
            f"the name {shown(str(item.key))} is here twice (first in line {line}, column {column}); "
            "expected each name once: delete one of them",
            item.start,
        )

    def found(self) -> str:
        """What stands here, by its kind: a word could be a secret that somebody forgot to quote."""
        if self.at >= len(self.text):
            return "the end of the file"
        char = self.text[self.at]
        match = _WORD.match(self.text, self.at)
        word = match.group() if match else ""
        if char in _HINTS:
            return _HINTS[char]
        if word in _LITERALS or word in _FOREIGN:
            return word if word in _LITERALS else f"{word}, which is not JSON"
        if char in "0123456789+-.":
            known = _NUMBER.fullmatch(word) is not None
            return "a number" if known else "a number that JSON does not know (like 0x1f, 01, +1, .5, 1.)"
        plain = char.isprintable() and not char.isspace()
        return "a word without quotes" if plain else f"the character U+{ord(char):04X}"

    def error(self, message: str, offset: int) -> JsoncError:
        return JsoncError(message, *Lines(self.text).place(offset))


_HINTS = {
    "'": "a single quote (JSON takes double quotes)",
    "#": "a # (a comment starts with // here)",
    '"': "text in double quotes (is a comma missing before it?)",
    **{char: f"'{char}'" for char in ",:[]{};=`"},
}


def _end(pattern: re.Pattern[str], text: str, at: int) -> int:
    match = pattern.match(text, at)
    return match.end() if match else at
