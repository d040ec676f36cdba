"""Reading and writing files so that they are old or new and never half. A door: only changes and the journal use it."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterable

LIMIT = 16_000_000
"""Bytes; a larger file is none of the wizard's."""

SUFFIX = ".mlops-wizard-new"
"""What a file is called while it is being written, beside its place."""

_WHY = {
    errno.EACCES: "permission denied; make it writable for you",
    errno.EPERM: "not permitted; make it writable for you",
    errno.EROFS: "the file system is read-only; remount it, or work in a copy of the repo",
    errno.ENOSPC: "the disk is full; free some space and run the same command again",
    errno.EDQUOT: "your disk quota is used up; free some space and run the same command again",
    errno.EEXIST: "something else is there already; move it out of the way",
    errno.ENOENT: "it is not there, or a part of its path is not; start again where it is",
    errno.EISDIR: "it is a folder; move it out of the way",
    errno.ENOTDIR: "a part of its path is a file; move that out of the way",
    errno.ENAMETOOLONG: "the path is too long for this file system",
}


class FileProblem(Exception):
    """A file could not be read or written: names it, says why and what to do. Nothing was changed."""


def problem(path: str, verb: str, error: OSError) -> FileProblem:
    """An OSError as a sentence."""
    said = error.strerror or type(error).__name__
    why = _WHY.get(error.errno or 0, f"{said}; put that right and start again")
    return FileProblem(f"{path} cannot be {verb}: {why}.")


def read(path: str) -> bytes | None:
    """The bytes of a regular file; None where there is none. Raises FileProblem."""
    try:
        found = os.stat(path)
        if not stat.S_ISREG(found.st_mode):
            raise FileProblem(f"{path} is not a regular file; move it out of the way.")
        if found.st_size > LIMIT:
            raise FileProblem(f"{path} has {found.st_size:,} bytes; the wizard edits files of up to {LIMIT:,}.")
        with open(path, "rb") as file:
            return file.read()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise problem(path, "read", error) from error


def inside(path: str, allowed: Iterable[str]) -> None:
    """Raises FileProblem unless the path, symlinks followed, lies in (or is) one of the allowed places."""
    real = os.path.realpath(path)
    for place in allowed:
        top = os.path.realpath(place)
        if real == top or real.startswith(top.rstrip(os.sep) + os.sep):
            return
    if os.path.islink(path):
        raise FileProblem(f"{path} is a symbolic link that leads out of the repo, to {real}; replace it by a file.")
    raise FileProblem(f"{path} lies outside the repo and is not the wizard's to write.")


def write(path: str, data: bytes, mode: int | None = None) -> None:
    """Put the bytes in place at once: written beside, synced, renamed. `mode` None keeps the file's own.

    A link is followed, so that what it points to is replaced and the link stays. Raises FileProblem.
    """
    place = os.path.realpath(path)
    beside = place + SUFFIX
    try:
        if mode is None:
            mode = stat.S_IMODE(os.stat(place).st_mode) if os.path.exists(place) else 0o666 & ~_umask()
        _remove(beside)
        handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0), 0o600)
        with open(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(beside, mode)
        os.replace(beside, place)
        sync(os.path.dirname(place))
    except OSError as error:
        _quietly_remove(beside)
        raise problem(path, "written", error) from error


def remove(path: str) -> None:
    """Remove the file; a link to it stays, as in `write`. Raises FileProblem; a file that is not there is fine."""
    place = os.path.realpath(path)
    try:
        _remove(place)
        sync(os.path.dirname(place))
    except OSError as error:
        raise problem(path, "removed", error) from error


def make_folders(path: str) -> tuple[str, ...]:
    """Make the folders that lead to the file; returns those that were made, outermost first. Raises FileProblem."""
    missing: list[str] = []
    folder = os.path.dirname(os.path.abspath(path))
    while not os.path.isdir(folder) and os.path.dirname(folder) != folder:
        missing.insert(0, folder)
        folder = os.path.dirname(folder)
    try:
        for one in missing:
            os.mkdir(one)
    except OSError as error:
        raise problem(missing[-1], "made", error) from error
    return tuple(missing)


def remove_empty(folders: Iterable[str]) -> None:
    """Remove those of the folders that are empty, innermost first."""
    for folder in sorted(folders, key=len, reverse=True):
        if os.path.isdir(folder) and not os.listdir(folder):
            os.rmdir(folder)


def sync(folder: str) -> None:
    """Make a rename last. Windows has no such thing for folders."""
    if os.name == "nt":
        return
    handle = os.open(folder or ".", os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _umask() -> int:
    now = os.umask(0o077)
    os.umask(now)
    return now


def _remove(path: str) -> None:
    try:
        os.unlink(path)
    except FileNotFoundError:
        return


def _quietly_remove(path: str) -> None:
    try:
        _remove(path)
    except OSError:  # the error that is being told is the one that matters
        return
