"""Masking known secrets in a stream of bytes, however it is cut into chunks.

Masked are a value, its lines where it has several, its base64 (wherever it stands in what is encoded), URL, hex, JSON
and Python forms, and all of these also where a line break was put into them. Bytes that may be the beginning of one are
held back until that is known, and no others. Values under four characters are masked where they stand alone: anywhere
else they would make the output unreadable and tell more than they hide.
"""

from __future__ import annotations

from binascii import b2a_base64
from bisect import bisect_right
from collections.abc import Iterable

from wizard.secret import MASK

SHORT = 4
"""Characters; shorter values are masked only between characters that are no letters and no digits."""

FORM = 8
"""Bytes; shorter encoded forms, lines and beginnings are not told from ordinary text."""

_BREAKS = b"\r\n"
_KEPT_IN_URLS = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-~")


def forms(value: str) -> set[bytes]:
    """The value and everything that it may look like, each as bytes; those that are too short to be told are left out."""
    data = value.encode("utf-8", "surrogateescape")
    lines = [line.strip() for line in data.splitlines()]
    found = {*_base64(data), *_urls(data), data.hex().encode(), data.hex().upper().encode(), *_escaped(value)}
    if len(lines) > 1:
        found.update(line for line in lines if not line.startswith(b"-----"))
    return {data} | {form for form in found if len(form) >= FORM}


def _base64(data: bytes) -> set[bytes]:
    """Base64 of the value at each of the three places where it can begin in a longer text, in both alphabets."""
    found = set()
    for offset, cut in ((0, 0), (1, 2), (2, 3)):
        text = b2a_base64(bytes(offset) + data, newline=False)[cut:]
        bare = text.rstrip(b"=")
        known = bare[:-1] if len(bare) < len(text) else bare
        found |= {text, bare, known}
    return found | {text.replace(b"+", b"-").replace(b"/", b"_") for text in found}


def _urls(data: bytes) -> set[bytes]:
    """Percent-encoded: with and without `/` kept, blanks as %20 or +, digits in either case."""
    found = set()
    for kept in (_KEPT_IN_URLS, _KEPT_IN_URLS | {0x2F}):
        for pattern in ("%%%02X", "%%%02x"):
            text = "".join(chr(byte) if byte in kept else pattern % byte for byte in data).encode()
            found |= {text, text.replace(b"%20", b"+")}
    return found


def _escaped(value: str) -> set[bytes]:
    """As JSON and Python write it; the same as the value where nothing in it needs an escape."""
    if value.isascii() and value.isprintable() and not {"\\", '"', "'"} & set(value):
        return set()
    import json

    texts = (json.dumps(value), json.dumps(value, ensure_ascii=False), repr(value))
    return {text[1:-1].encode("utf-8", "surrogateescape") for text in texts}


class Mask:
    """One stream: what goes in comes out with the values masked, once it is known what it is."""

    def __init__(self, values: Iterable[str]) -> None:
        known = {value.strip("\r\n") for value in values}
        long = {value for value in known if len(value.replace("\r", "").replace("\n", "")) >= SHORT}
        whole = {form for value in long for form in forms(value)}
        self._patterns = sorted({form.translate(None, _BREAKS) for form in whole} - {b""})
        self._lines = sorted(form for form in whole if len(form.translate(None, _BREAKS)) < len(form))
        self._short = sorted({value.encode("utf-8", "surrogateescape") for value in known - long - {""}})
        self._mask = MASK.encode()
        self._held = b""
        self._covered = 0  # how many of the held bytes stand behind a mask that was put out already
        self._before = b""

    def feed(self, data: bytes) -> bytes:
        """Take the next bytes; returns what may be put out now."""
        text = self._held + data
        flat = _Flat(text)
        hold, _ = self._beginning(flat)
        return self._put(text, self._spans(flat, final=False), min(hold, self._short_beginning(text)))

    def finish(self) -> bytes:
        """The stream has ended: what was held back. The larger half of a value, cut off by the end, is masked too."""
        text, flat = self._held, _Flat(self._held)
        hold, telling = self._beginning(flat)
        spans = self._spans(flat, final=True)
        if telling:
            spans.append((hold, flat.place(len(flat.bare) - 1) + 1))
        return self._put(text, spans, len(text))

    def _put(self, text: bytes, spans: list[tuple[int, int]], hold: int) -> bytes:
        """The text up to `hold` with the spans masked; the rest is kept, and how much of it is masked already."""
        out: list[bytes] = []
        at = 0
        for start, end in _merged([(0, self._covered), *spans] if self._covered else spans):
            if start >= hold and start > 0:
                break
            out.append(text[at:start])
            if start > 0 or not self._covered:
                out.append(self._mask)
                out.append(b"\n" if b"\n" in text[start:end] else b"")
            at = end
        out.append(text[at:hold])
        self._covered = max(0, at - hold)
        self._held = text[hold:]
        self._before = text[hold - 1 : hold] or self._before
        return b"".join(out)

    def _spans(self, flat: _Flat, final: bool) -> list[tuple[int, int]]:
        """Where values stand, from and to, in any order and overlapping."""
        spans = []
        for pattern in self._patterns:
            at = flat.bare.find(pattern)
            while at >= 0:
                spans.append((flat.place(at), flat.place(at + len(pattern) - 1) + 1))
                at = flat.bare.find(pattern, at + 1)
        for short in self._short:
            at = flat.text.find(short)
            while at >= 0:
                if self._alone(flat.text, at, at + len(short), final):
                    spans.append((at, at + len(short)))
                at = flat.text.find(short, at + 1)
        return spans

    def _alone(self, text: bytes, start: int, end: int, final: bool) -> bool:
        if end == len(text) and not final:
            return False
        left = text[start - 1 : start] if start else self._before
        return not (_in_word(left) and _in_word(text[start : start + 1])) and not (
            _in_word(text[end - 1 : end]) and _in_word(text[end : end + 1])
        )

    def _beginning(self, flat: _Flat) -> tuple[int, bool]:
        """From where on the text may be the beginning of a value, its length where it is none; whether that is telling."""
        first, telling = len(flat.text), False
        for pattern in self._patterns:
            at = flat.bare.find(pattern[:1], max(0, len(flat.bare) - len(pattern) + 1))
            while at >= 0:
                size = len(flat.bare) - at
                if pattern.startswith(flat.bare[at:]) and self._may_go_on(flat.text[flat.place(at) :], size):
                    first = min(first, flat.place(at))
                    telling = telling or size >= max(FORM, len(pattern) // 2)
                    break
                at = flat.bare.find(pattern[:1], at + 1)
        return first, telling

    def _may_go_on(self, tail: bytes, size: int) -> bool:
        """A line break ends a short beginning, unless the value itself has one there: lines are not to be late."""
        if len(tail) == size:
            return True
        if size >= FORM:
            return len(tail) <= 2 * size + 64
        return any(line.startswith(tail) for line in self._lines)

    def _short_beginning(self, text: bytes) -> int:
        """From where on the text may be a short value, or the beginning of one, whose end is not seen yet."""
        starts = [
            len(text) - size
            for short in self._short
            for size in range(1, len(short) + 1)
            if text.endswith(short[:size]) and not self._within_word(text, len(text) - size)
        ]
        return min(starts, default=len(text))

    def _within_word(self, text: bytes, start: int) -> bool:
        return _in_word(text[start - 1 : start] if start else self._before) and _in_word(text[start : start + 1])


class _Flat:
    """A text, the same without its line breaks (`bare`), and the way back from a place in the one to the other."""

    def __init__(self, text: bytes) -> None:
        self.text = text
        self.bare = text.translate(None, _BREAKS)
        self._breaks: list[int] | None = None

    def place(self, at: int) -> int:
        if len(self.bare) == len(self.text):
            return at
        if self._breaks is None:
            self._breaks = []
            seen = 0
            for line in self.text.replace(b"\r", b"\n").split(b"\n")[:-1]:
                seen += len(line)
                self._breaks.append(seen)
        return at + bisect_right(self._breaks, at)


def _merged(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The spans in order, overlapping ones made one."""
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _in_word(byte: bytes) -> bool:
    return byte.isalnum() or byte == b"_" or byte >= b"\x80"
