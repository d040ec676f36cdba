"""`.env` as its nine readers read it alike: values bare, secrets only as a comment, every other byte kept.

python-dotenv reads such files but rewrites the touched line's end and interpolates; so reading is its, splicing is ours.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

_BARE = re.compile(r"[A-Za-z0-9_./:@%+,=^*?!-][A-Za-z0-9_./:@%+,=^*?!~-]*\Z|\Z")
_QUOTABLE = re.compile(r"[^'\\\r\n\x00$]*\Z")


class DotenvProblem(Exception):
    """A value has no form that all readers of `.env` read alike, or the file cannot be read; says which."""


@dataclass(frozen=True, slots=True)
class Assignment:
    """One `NAME=value` line: `number` from 1, `start` and `end` in the text (the line's end not included)."""

    name: str
    value: str
    number: int
    start: int
    end: int


_LINE = re.compile(r"^[ \t]*(?:export[ \t]+)?(?P<name>[A-Za-z_][\w.-]*)[ \t]*=[ \t]*(?P<value>.*)$")


_BREAK = re.compile(r"\r\n|\n|\r")
"""What ends a line for python-dotenv, a lone carriage return included."""

_END = re.compile(rf"{_BREAK.pattern}|\Z")


def _line_end(text: str, at: int) -> re.Match[str]:
    found = _END.search(text, at)
    assert found is not None  # noqa: S101  \Z is always there
    return found


def assignments(text: str) -> tuple[Assignment, ...]:
    """All assignments in order; a quoted value over several lines is one."""
    found, at, number = [], 1 if text.startswith("\ufeff") else 0, 1
    while at <= len(text):
        end = _line_end(text, at).start()
        if match := _LINE.match(text[at:end]):
            value, end = _value(text, match["value"], at + match.start("value"), end)
            found.append(Assignment(match["name"], value, number, at, end))
        following = _line_end(text, end)
        number += len(_BREAK.findall(text[at : following.end()]))
        at = following.end() if following.end() > following.start() else len(text) + 1
    return tuple(found)


def _value(text: str, raw: str, start: int, end: int) -> tuple[str, int]:
    quote = raw[:1]
    if quote in {"'", '"'}:
        close = re.compile(rf"(?<!\\){quote}").search(text, start + 1)
        if close:
            return text[start + 1 : close.start()], max(end, _line_end(text, close.end()).start())
    return re.sub(r"\s+#.*$", "", raw).strip(), end


def encode(name: str, value: str) -> str:
    """The value as it is written: bare, or in single quotes where some reader needs them. Raises DotenvProblem."""
    if _BARE.match(value):
        return value
    if _QUOTABLE.match(value):
        return f"'{value}'"
    raise DotenvProblem(
        f"{name} has no form that all readers of .env read alike (quotes, $, backslash or line breaks); set it elsewhere."
    )


def update(text: str, values: Mapping[str, str], secrets: Mapping[str, str]) -> str:
    """The text with these values assigned, and for each secret its comment line in place of any assignment.

    `secrets` maps a name to its comment line. Duplicates of a name are all brought to the one value (the readers disagree on
    which wins). Line ends, comments, order, BOM and a missing last newline of untouched lines stay. Raises DotenvProblem.
    """
    end = "\r\n" if "\r\n" in text else "\n"
    there = set(text.removeprefix("\ufeff").splitlines())
    out, at, seen = [], 0, {name for name, line in secrets.items() if line in there}
    for a in assignments(text):
        if a.name not in values and a.name not in secrets:
            continue
        line = (
            f"{a.name}={encode(a.name, values[a.name])}"
            if a.name in values
            else ("" if a.name in seen else secrets[a.name])
        )
        bare = text[a.start : a.end].startswith(f"{a.name}={values.get(a.name, '')}")
        keep = a.name in values and a.value == values[a.name] and (bare or text[a.start : a.end] == line)
        out += [text[at : a.start], text[a.start : a.end] if keep else line]
        at = a.end if line else _past_end(text, a.end)
        seen.add(a.name)
    body = "".join([*out, text[at:]])
    present = set(body.removeprefix("\ufeff").splitlines())
    missing = [f"{n}={encode(n, v)}" for n, v in values.items() if n not in seen]
    missing += [line for n, line in secrets.items() if n not in seen and line not in present]
    return _append(_without_stale_comments(body, secrets), missing, end)


def _past_end(text: str, at: int) -> int:
    """Past the end of the line that ends there."""
    at += text.startswith("\r\n", at)
    return at + text.startswith("\n", at)


def _without_stale_comments(text: str, secrets: Mapping[str, str]) -> str:
    """Our own comment of another day (another store) makes place for today's."""
    for name, line in secrets.items():
        marker = line[: line.index(":") + 1] if ":" in line else line
        rows = [
            r
            for r in text.splitlines(keepends=True)
            if not (r.startswith(marker) and r.rstrip("\r\n") != line and name in marker)
        ]
        text = "".join(rows)
    return text


def _append(text: str, lines: Iterable[str], end: str) -> str:
    new = "".join(f"{line}{end}" for line in lines)
    if not new:
        return text
    return text + ("" if not text or text.endswith("\n") else end) + new
