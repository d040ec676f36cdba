"""What of this repo the person has said yes to: bound to a hash, asked again when it changes.

A repo may bring what makes the wizard do things: `mlops-wizard.toml`, the files of `.devcontainer/`, the names in
`.env`, an interpreter of its own. Before a yes to exactly these nothing of it is executed and no secret is read.
`run` asks here before every command: hence no dataclasses, and SHA-256 from the interpreter and not from OpenSSL.
"""

from __future__ import annotations

import os
import stat

from wizard import dotenv_bare, flat, places

ENTRIES = 4_000
"""Files and folders below `.devcontainer`; a repo with more cannot be trusted."""

BYTES = 64_000_000
"""Bytes, of all files together; a repo with more cannot be trusted."""

DOTENV_BYTES = 4_000_000

_FIRST = "mlops-wizard trust 1"
_RECORD = "trust"
_INTERPRETERS = (("bin", "python"), ("bin", "python3"), ("Scripts", "python.exe"))


class TrustError(Exception):
    """The yes could not be recorded or read; the text says why and what to do."""


class Subject:
    """What a yes is about: the `digest` of all of it, and of each part its name and a short hash."""

    __slots__ = ("digest", "parts", "problem")

    def __init__(self, digest: str, parts: tuple[tuple[str, str], ...], problem: str = "") -> None:
        self.digest = digest
        self.parts = parts
        self.problem = problem
        """Why this repo cannot be trusted at all (too many or too large files), or empty."""

    @property
    def empty(self) -> bool:
        return not self.parts and not self.problem

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Subject):
            return NotImplemented
        return (self.digest, self.parts, self.problem) == (other.digest, other.parts, other.problem)

    def __hash__(self) -> int:
        return hash((self.digest, self.parts, self.problem))

    def __repr__(self) -> str:
        return f"Subject(digest={self.digest!r}, parts={self.parts!r}, problem={self.problem!r})"


class Verdict:
    """Whether there is a yes to exactly what is there (`trusted`), or to something else (`known`).

    `empty`: the repo brings nothing that would need a yes; without a record it is not known, and callers decide.
    `changed` names each part that was added, removed or changed since the yes, or why no yes is possible.
    """

    __slots__ = ("changed", "empty", "known", "trusted")

    def __init__(self, trusted: bool, known: bool, empty: bool, changed: tuple[str, ...]) -> None:
        self.trusted = trusted
        self.known = known
        self.empty = empty
        self.changed = changed

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Verdict):
            return NotImplemented
        return repr(self) == repr(other)

    def __hash__(self) -> int:
        return hash(repr(self))

    def __repr__(self) -> str:
        return f"Verdict(trusted={self.trusted}, known={self.known}, empty={self.empty}, changed={self.changed!r})"


def subject(root: str) -> Subject:
    """What this repo brings that needs a yes. Never waits and never raises: what cannot be read counts as its kind."""
    gathering = _Gathering(root)
    try:
        gathering.file("mlops-wizard.toml")
        gathering.file(".devcontainer.json")
        gathering.folder(".devcontainer")
        gathering.names(".env")
        gathering.interpreter(".venv")
        gathering.interpreter("venv")
    except _TooMuch as error:
        return Subject("", (), str(error))
    parts = tuple((name, whole[:16]) for name, whole in gathering.parts)
    return Subject(_hash(*(text.encode() for part in gathering.parts for text in part)), parts)


def verdict(root: str) -> Verdict:
    """What the person has said of this repo. Raises TrustError where the record cannot be read."""
    now = subject(root)
    record = _read(root)
    if now.problem:
        return Verdict(False, record is not None, False, (now.problem,))
    if record is None:
        return Verdict(False, False, now.empty, ())
    said, parts = record
    if said == now.digest:
        return Verdict(True, True, now.empty, ())
    return Verdict(False, True, now.empty, _difference(parts, now.parts))


def give(root: str) -> Subject:
    """Record the person's yes to what is there now, and return that. Raises TrustError."""
    now = subject(root)
    if now.problem:
        raise TrustError(f"{now.problem}; make it smaller, then type `mlops-wizard trust` again.")
    from datetime import UTC, datetime

    lines = [_FIRST, now.digest, flat.escape(os.path.realpath(root)), datetime.now(UTC).isoformat(timespec="seconds")]
    lines += [f"{short} {flat.escape(name)}" for name, short in now.parts]
    try:
        flat.write_private(_path(root), "\n".join(lines) + "\n")
    except flat.FlatError as error:
        raise TrustError(str(error)) from error
    return now


def revoke(root: str) -> bool:
    """Take the yes back; whether there was one. Raises TrustError."""
    try:
        return flat.remove(_path(root))
    except flat.FlatError as error:
        raise TrustError(str(error)) from error


def listing() -> list[tuple[str, str]]:
    """The repos that have a yes, by path: (root, when as RFC 3339 in UTC). Records that cannot be read are left out."""
    top = os.path.join(places.state(), "repos")
    found = []
    for key in sorted(os.listdir(top)) if os.path.isdir(top) else []:
        try:
            lines = _lines(os.path.join(top, key, _RECORD))
            if lines is not None:
                found.append((flat.unescape(lines[2]), lines[3]))
        except (TrustError, ValueError):
            continue
    return sorted(found)


def _path(root: str) -> str:
    return os.path.join(places.repo_state(root), _RECORD)


def _read(root: str) -> tuple[str, dict[str, str]] | None:
    """The digest and the parts that were said yes to; None where nothing was."""
    path = _path(root)
    lines = _lines(path)
    if lines is None:
        return None
    try:
        if flat.unescape(lines[2]) != os.path.realpath(root):
            return None
        pairs = [line.split(" ", 1) for line in lines[4:]]
        return lines[1], {flat.unescape(name): short for short, name in pairs}
    except ValueError as error:
        raise _broken(path) from error


def _lines(path: str) -> list[str] | None:
    try:
        text = flat.read_private(path)
    except flat.FlatError as error:
        raise TrustError(str(error)) from error
    if text is None:
        return None
    lines = text.splitlines()
    if len(lines) < 4 or lines[0] != _FIRST:
        raise _broken(path)
    return lines


def _broken(path: str) -> TrustError:
    return TrustError(f"{path} is not a record that this version reads; remove it and type `mlops-wizard trust`.")


def _difference(before: dict[str, str], now: tuple[tuple[str, str], ...]) -> tuple[str, ...]:
    after = dict(now)
    added = [f"{name} was added" for name in after if name not in before]
    removed = [f"{name} was removed" for name in before if name not in after]
    changed = [f"{name} changed" for name in after if name in before and before[name] != after[name]]
    return tuple(sorted(added + removed + changed)) or ("something changed whose short hash did not",)


class _TooMuch(Exception):
    """There is more than can be hashed before every command."""


class _Gathering:
    """Looks at one repo, part by part, within the bounds; nothing that it meets can stop it or make it wait."""

    def __init__(self, root: str) -> None:
        self.root = root
        self.real = os.path.realpath(root)
        self.parts: list[tuple[str, str]] = []
        self.entries = 0
        self.left = BYTES

    def file(self, name: str) -> None:
        """A file by its bytes, a link by its text and by what it leads to in the repo, all else by its kind."""
        path = os.path.join(self.root, name)
        found = _lstat(path)
        if found is not None:
            self._add(name, path, found)

    def folder(self, name: str) -> None:
        """Everything below the folder. A link in its place counts as its text, and is followed within the repo."""
        top = os.path.join(self.root, name)
        found = _lstat(top)
        if found is None:
            return
        if not stat.S_ISDIR(found.st_mode):
            self._add(name, top, found)
            if not (stat.S_ISLNK(found.st_mode) and os.path.isdir(top) and self._inside(top)):
                return
        pending = [name]
        while pending:
            pending += self._look(pending.pop())

    def _look(self, name: str) -> list[str]:
        """The entries of one folder; returns the folders in it."""
        folders = []
        try:
            children = sorted(os.listdir(os.path.join(self.root, name)))
        except OSError as error:
            self._part(name, b"unreadable folder", str(error.errno).encode())
            return []
        for child in children:
            below = f"{name}/{child}"
            found = _lstat(os.path.join(self.root, below))
            if found is None:
                continue
            if stat.S_ISDIR(found.st_mode):
                self._count()
                folders.append(below)
            else:
                self._add(below, os.path.join(self.root, below), found)
        return folders

    def names(self, name: str) -> None:
        """Each name in a dotenv file, without its value, as a part of its own."""
        path = os.path.join(self.root, name)
        if _lstat(path) is None:
            return
        try:
            data = flat.read_bytes(path, DOTENV_BYTES)
        except flat.FlatError:
            self._part(name, b"not readable")
            return
        for variable in dotenv_bare.names((data or b"").decode("utf-8", "surrogateescape")):
            self._part(f"{name}: {variable}", b"name")

    def interpreter(self, name: str) -> None:
        """Whether the repo has a Python of its own there, which checks would run."""
        if any(_lstat(os.path.join(self.root, name, *tail)) for tail in _INTERPRETERS):
            self._part(f"{name} interpreter", b"there")

    def _add(self, name: str, path: str, found: os.stat_result) -> None:
        self._count()
        if stat.S_ISLNK(found.st_mode):
            led = self._bytes(path) if self._inside(path) else b"elsewhere"
            self._part(name, b"link", _readlink(path), led)
        elif stat.S_ISREG(found.st_mode):
            executable = b"x" if found.st_mode & 0o111 else b"-"
            self._part(name, b"file", executable, self._bytes(path))
        else:
            self._part(name, b"special", str(stat.S_IFMT(found.st_mode)).encode())

    def _bytes(self, path: str) -> bytes:
        """A hash of the file's bytes, or what kept them from being read."""
        try:
            if (os.stat(path).st_size) > self.left:
                raise _too_large(path)
            data = flat.read_bytes(path, self.left)
        except OSError as error:
            return f"unreadable {error.errno}".encode()
        except flat.FlatError:
            return b"unreadable"
        self.left -= len(data or b"")
        return _hash(data or b"").encode()

    def _inside(self, path: str) -> bool:
        real = os.path.realpath(path)
        return real.startswith(self.real.rstrip(os.sep) + os.sep)

    def _count(self) -> None:
        self.entries += 1
        if self.entries > ENTRIES:
            raise _TooMuch(f".devcontainer holds more than {ENTRIES:,} files, too many to say yes to")

    def _part(self, name: str, *about: bytes) -> None:
        self.parts.append((_shown(name), _hash(os.fsencode(name), *about)))


def _too_large(path: str) -> _TooMuch:
    name = _shown(os.path.basename(path))
    return _TooMuch(f"{name} and the files before it hold more than {BYTES:,} bytes, too much to say yes to")


def _shown(name: str) -> str:
    r"""The name as a terminal may see it, and still another for another file: backslashes are doubled."""
    return flat.shown(name.replace("\\", "\\\\"))


def _lstat(path: str) -> os.stat_result | None:
    try:
        return os.lstat(path)
    except (OSError, ValueError):
        return None


def _readlink(path: str) -> bytes:
    try:
        return os.fsencode(os.readlink(path))
    except OSError:
        return b"gone"


def _hash(*fields: bytes) -> str:
    """SHA-256 over the fields, each with its length before it, so that no two lists of fields are the same bytes."""
    return places.sha256(b"".join(b"%d:%s" % (len(field), field) for field in fields))
