"""Long values in parts, so that every keyring takes them: Windows' holds 2,560 bytes of UTF-16 an entry.

A value of up to 1,000 characters is kept as it is. A longer one is kept as entries `service#1`, `service#2`…, and
`service` itself holds a header with their count and a hash of the whole: a write that was torn is then noticed.
"""

from __future__ import annotations

from collections.abc import Mapping

SIZE = 1_000
"""Characters a part, those outside the Basic Multilingual Plane counted twice, as Windows does."""

MOST = 400
"""Parts; a header that names more was not written by us."""

_HEADER = "mlops-wizard-parts:1:"


class TornError(Exception):
    """The parts and their header do not belong together."""


def part(service: str, number: int) -> str:
    """The service name of one part, counted from 1."""
    return f"{service}#{number}"


def split(value: str) -> tuple[str, tuple[str, ...]]:
    """What goes into the entry itself, and its parts (none where the value fits)."""
    if not value.startswith(_HEADER) and (len(value) <= SIZE // 2 or _units(value) <= SIZE):
        return value, ()
    pieces = tuple(_pieces(value))
    if len(pieces) > MOST:
        raise ValueError(f"The value has {len(value):,} characters; a store keeps up to {MOST * SIZE // 2:,}.")
    return f"{_HEADER}{len(pieces)}:{_digest(value)}", pieces


def count(head: str) -> int:
    """How many parts this entry has; 0 where it is the value itself. Raises TornError for a header that is none."""
    if not head.startswith(_HEADER):
        return 0
    number, _, digest = head.removeprefix(_HEADER).partition(":")
    if not (number.isascii() and number.isdigit() and 0 < int(number[:9]) <= MOST and len(digest) == 64):
        raise TornError
    return int(number)


def join(head: str, found: Mapping[int, str]) -> str:
    """The value, from the entry and its parts by number. Raises TornError unless all are there and are of one write."""
    number = count(head)
    if not number:
        return head
    if any(one not in found for one in range(1, number + 1)):
        raise TornError
    value = "".join(found[one] for one in range(1, number + 1))
    if head != f"{_HEADER}{number}:{_digest(value)}":
        raise TornError
    return value


def _pieces(value: str) -> list[str]:
    if value.isascii():
        return [value[start : start + SIZE] for start in range(0, len(value), SIZE)]
    pieces, piece, units = [], "", 0
    for char in value:
        wide = _units(char)
        if units + wide > SIZE:
            pieces.append(piece)
            piece, units = "", 0
        piece += char
        units += wide
    return [*pieces, piece]


def _units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _digest(value: str) -> str:
    from hashlib import sha256

    return sha256(value.encode("utf-8", "surrogatepass")).hexdigest()
