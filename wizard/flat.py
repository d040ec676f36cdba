"""Flat text files of the state folder: small, private, read before every command; hence `os` and `sys` alone."""

from __future__ import annotations

import os
import sys

LIMIT = 8_000_000
"""Bytes; ten thousand variables take one."""

_PLAIN = frozenset(range(0x21, 0x7F)) - {0x25}


class FlatError(Exception):
    """A file of the state folder cannot be read or written; the text says why and what to do."""


def escape(text: str) -> str:
    """The text as printable ASCII without blanks: every other byte of its UTF-8 as `%XX`."""
    data = text.encode("utf-8", "surrogateescape")
    return "".join(chr(byte) if byte in _PLAIN else f"%{byte:02X}" for byte in data)


def unescape(text: str) -> str:
    """The inverse of `escape`. Raises ValueError for what `escape` does not write."""
    if not text.isascii():
        raise ValueError("not ASCII")
    first, *rest = text.split("%")
    parts = [first.encode("ascii")]
    for piece in rest:
        if len(piece) < 2 or " " in piece[:2]:
            raise ValueError("a % without its two digits")
        parts.append(bytes.fromhex(piece[:2]) + piece[2:].encode("ascii"))
    return b"".join(parts).decode("utf-8", "surrogateescape")


def read_bytes(path: str, limit: int) -> bytes | None:
    """The bytes of a regular file, links followed; None where there is none.

    A FIFO, a device, a folder or a file over `limit` bytes raises FlatError and is never waited for.
    """
    try:
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise FlatError(f"{path} cannot be read: {_why(error)}.") from error
    try:
        found = os.fstat(handle)
        if found.st_mode & 0o170000 != 0o100000:
            raise FlatError(f"{path} is not a regular file; move it out of the way.")
        return _all(handle, path, limit)
    except OSError as error:
        raise FlatError(f"{path} cannot be read: {_why(error)}.") from error
    finally:
        os.close(handle)


def _all(handle: int, path: str, limit: int) -> bytes:
    parts: list[bytes] = []
    size = 0
    while piece := os.read(handle, min(1 << 20, limit + 1 - size)):
        parts.append(piece)
        size += len(piece)
        if size > limit:
            raise FlatError(f"{path} has more than {limit:,} bytes; it is none of the wizard's.")
    return b"".join(parts)


def read_private(path: str, limit: int = LIMIT) -> str | None:
    """The text of a file that only its owner may have written; None where there is none. Raises FlatError."""
    data = read_bytes(path, limit)
    if data is None:
        return None
    if sys.platform != "win32":
        found = os.stat(path)
        if found.st_uid != os.geteuid() or found.st_mode & 0o022:
            raise FlatError(f"{path} could have been written by somebody else; look at it, then remove it.")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise FlatError(f"{path} is not UTF-8 text; remove it and run `mlops-wizard setup` again.") from error


def write_private(path: str, text: str) -> None:
    """Put the text in place, 0600, whole or not at all: written beside, synced, renamed. Raises FlatError."""
    folder = os.path.dirname(path)
    beside = f"{path}.{os.getpid()}.{os.urandom(4).hex()}.new"
    try:
        os.makedirs(folder, mode=0o700, exist_ok=True)
        handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0), 0o600)
        try:
            with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            os.replace(beside, path)
        except BaseException:
            os.unlink(beside)
            raise
        _sync(folder)
    except OSError as error:
        raise FlatError(f"{path} cannot be written: {_why(error)}.") from error


def remove(path: str) -> bool:
    """Remove the file; whether there was one. Raises FlatError."""
    try:
        os.unlink(path)
    except FileNotFoundError:
        return False
    except OSError as error:
        raise FlatError(f"{path} cannot be removed: {_why(error)}.") from error
    return True


def shown(text: str) -> str:
    """The text without anything that a terminal would obey: what does not print is written as its escape."""
    return "".join(char if char.isprintable() else ascii(char)[1:-1] for char in text)


def _sync(folder: str) -> None:
    """Make a rename last. Windows has no such thing for folders."""
    if sys.platform == "win32":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _why(error: Exception) -> str:
    said = (error.strerror if isinstance(error, OSError) else None) or type(error).__name__
    return f"{said}; put that right and start again"
