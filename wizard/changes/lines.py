"""What differs between two texts, by lines, so that an untouched line is in no journal and in no preview but as context.

difflib's, between bounds: of many equal lines it compares each with each, and a file of a megabyte would take hours.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence

from checks.redact import plain, redact

LIMIT = 2_000
"""Lines, of what is left between the first and the last that differ; more are taken as one."""

_AROUND = 3
"""Lines of context in a preview."""


def replaced(before: bytes, after: bytes) -> Iterable[tuple[int, bytes, bytes]]:
    """(offset, old, new) of each stretch that differs, in order."""
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    head, tail = _same(old, new)
    middle = old[head : len(old) - tail]
    starts = [sum(map(len, old[:head]))]
    for line in middle:
        starts.append(starts[-1] + len(line))
    for a, b, c, d in _stretches(middle, new[head : len(new) - tail]):
        yield starts[a], b"".join(middle[a:b]), b"".join(new[head + c : head + d])


def _stretches(old: list[bytes], new: list[bytes]) -> Iterable[tuple[int, int, int, int]]:
    if len(old) > LIMIT or len(new) > LIMIT:
        return [(0, len(old), 0, len(new))]
    found = difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    return [(a, b, c, d) for tag, a, b, c, d in found if tag != "equal"]


def preview(name: str, before: bytes | None, after: bytes | None, values: Iterable[str] = ()) -> str:
    """The change as a unified diff, secrets masked; of a very large change only its size."""
    old, new = ((t or b"").decode("utf-8", "replace").splitlines() for t in (before, after))
    head, tail = _same(old, new)
    if len(old) - head - tail > LIMIT or len(new) - head - tail > LIMIT:
        return f"({name}: {len(old):,} lines become {len(new):,}; too many to be shown)\n"
    head, tail = max(0, head - _AROUND), max(0, tail - _AROUND)
    names = (name if before is not None else "(none)", name if after is not None else "(none)")
    lines = difflib.unified_diff(old[head : len(old) - tail], new[head : len(new) - tail], *names, lineterm="")
    known = tuple(values)
    return "".join(f"{redact(plain(_moved(line, head)), known)}\n" for line in lines)


def _same(old: Sequence[object], new: Sequence[object]) -> tuple[int, int]:
    """How many lines are the same at the start, and (of the others) at the end."""
    room = min(len(old), len(new))
    head = next((n for n in range(room) if old[n] != new[n]), room)
    tail = next((n for n in range(room - head) if old[-1 - n] != new[-1 - n]), room - head)
    return head, tail


def _moved(line: str, by: int) -> str:
    """The head of a hunk, its line numbers counted from the top of the file."""
    if not by or not line.startswith("@@ "):
        return line
    _, old, new, end = line.split(" ", 3)
    return f"@@ {_shifted(old, by)} {_shifted(new, by)} {end}"


def _shifted(span: str, by: int) -> str:
    first, comma, count = span[1:].partition(",")
    return f"{span[0]}{int(first) + by}{comma}{count}"
