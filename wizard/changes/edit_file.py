"""Editing a file: splices and hashes, never the file's whole text, so that a journal holds only what was changed."""

from __future__ import annotations

import difflib
import hashlib
import os
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Self

from checks.redact import plain, redact, secret_shaped
from wizard import files
from wizard.change import ChangeFailed, Data, Doors, Stale, kept_for_undo
from wizard.secret import Secret


@dataclass(frozen=True, slots=True)
class Kept:
    """Bytes that hold a secret: they are in the store under this entry, and nowhere else."""

    service: str


@dataclass(frozen=True, slots=True)
class Splice:
    """At `offset`, `removed` (so many bytes of the file before) makes place for `inserted`."""

    offset: int
    length: int
    removed: bytes | Kept
    inserted: bytes | Kept


@dataclass(frozen=True, slots=True)
class EditFile:
    """A file as it was (by its hash; None is no file) and as it shall be."""

    path: str
    splices: tuple[Splice, ...]
    before: str | None
    after: str | None
    mode: int | None = None
    store: str = ""
    """The store that keeps removed bytes which hold a secret; empty where none do, or where none is open."""
    diff: str = field(default="", compare=False, repr=False)
    name: str = ""
    kind: str = field(default="edit-file", init=False)

    @classmethod
    def between(
        cls,
        path: str,
        before: bytes | None,
        after: bytes | None,
        *,
        name: str = "",
        mode: int | None = None,
        store: str = "",
        known: Iterable[Secret] = (),
        sensitive: bool = False,
    ) -> Self:
        """The change from one text to the other. Removed bytes that look like a secret, are `known` to be one, or are
        in a `sensitive` file, go to `store`."""
        values = [s.reveal() for s in known]
        splices = _splices(before or b"", after or b"")
        hidden = tuple(
            s if not _secret(s.removed, values, sensitive) else replace(s, removed=Kept("")) for s in splices
        )
        return cls(
            path, hidden, _hash(before), _hash(after), mode, store, _diff(name or path, before, after, values), name
        )

    @property
    def title(self) -> str:
        verb = "create" if self.before is None else "remove" if self.after is None else "edit"
        return f"{verb} {self.name or self.path}"

    @property
    def about(self) -> str:
        return self.path

    @property
    def reversible(self) -> bool:
        return bool(self.store) or not any(isinstance(s.removed, Kept) for s in self.splices)

    def preview(self) -> str:
        return self.diff

    def bind(self, plan: str, number: int) -> EditFile:
        def named(part: int, side: bytes | Kept) -> bytes | Kept:
            return Kept(kept_for_undo(plan, number, part)) if side == Kept("") else side

        return replace(self, splices=tuple(replace(s, removed=named(i, s.removed)) for i, s in enumerate(self.splices)))

    def apply(self, doors: Doors) -> EditFile:
        files.inside(self.path, doors.allowed)
        now = files.read(self.path)
        found = _hash(now)
        if found == self.after:
            return self.inverse()
        if found != self.before:
            raise Stale(
                f"{self.name or self.path} has changed since it was shown; nothing was written to it. Start again."
            )
        self._keep(now or b"", doors)
        data = self._spliced(now or b"", doors)
        if _hash(data) != self.after and self.after is not None:
            raise ChangeFailed(f"{self.path}: what was kept for it is not what it was; the file was left alone.")
        self._put(data)
        return self.inverse()

    def inverse(self) -> EditFile:
        shift, back = 0, []
        for s in self.splices:
            length = len(s.inserted) if isinstance(s.inserted, bytes) else 0
            back.append(Splice(s.offset + shift, length, s.inserted, s.removed))
            shift += length - s.length
        return replace(self, splices=tuple(back), before=self.after, after=self.before, diff="")

    def _put(self, data: bytes) -> None:
        if self.after is None:
            files.remove(self.path)
            files.remove_empty(_wizard_folders(self.path))
        else:
            files.make_folders(self.path)
            files.write(self.path, data, self.mode)

    def _keep(self, now: bytes, doors: Doors) -> None:
        for s in self.splices:
            if isinstance(s.removed, Kept) and self.store and s.length:
                value = now[s.offset : s.offset + s.length].decode("utf-8", "surrogateescape")
                doors.store(self.store).put(s.removed.service, Secret(value))

    def _spliced(self, now: bytes, doors: Doors) -> bytes:
        filled = tuple(replace(s, inserted=self._inserted(s, doors)) for s in self.splices)
        return _spliced_text(now, filled)

    def _inserted(self, splice: Splice, doors: Doors) -> bytes:
        if isinstance(splice.inserted, bytes):
            return splice.inserted
        value = doors.store(self.store).get(splice.inserted.service) if self.store else None
        if value is None:
            raise ChangeFailed(
                f"{self.path}: the part that was kept for undo is no longer in the store; the file was left alone."
            )
        return value.reveal().encode("utf-8", "surrogateescape")

    def data(self) -> Data:
        return {
            "kind": self.kind,
            "path": self.path,
            "name": self.name,
            "before": self.before,
            "after": self.after,
            "mode": self.mode,
            "store": self.store,
            "splices": [[s.offset, s.length, _side(s.removed), _side(s.inserted)] for s in self.splices],
        }

    @classmethod
    def from_data(cls, data: Data) -> EditFile:
        """Back from a journal."""
        splices = tuple(Splice(int(o), int(n), _bytes(r), _bytes(i)) for o, n, r, i in data["splices"])
        return cls(data["path"], splices, data["before"], data["after"], data["mode"], data["store"], name=data["name"])


def _wizard_folders(path: str) -> tuple[str, ...]:
    folder = os.path.dirname(path)
    return (folder,) if os.path.basename(folder) == ".devcontainer" else ()


def _hash(data: bytes | None) -> str | None:
    return None if data is None else hashlib.sha256(data).hexdigest()


def _side(side: bytes | Kept) -> Data | str:
    return {"kept": side.service} if isinstance(side, Kept) else side.decode("utf-8", "surrogateescape")


def _bytes(side: Data | str) -> bytes | Kept:
    return Kept(side["kept"]) if isinstance(side, dict) else side.encode("utf-8", "surrogateescape")


def _splices(before: bytes, after: bytes) -> tuple[Splice, ...]:
    """By lines, so that an untouched line is in no journal."""
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    starts = [0]
    for line in old:
        starts.append(starts[-1] + len(line))
    found = []
    for tag, a, b, c, d in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag != "equal":
            removed = before[starts[a] : starts[b]]
            found.append(Splice(starts[a], len(removed), removed, b"".join(new[c:d])))
    return tuple(found)


def _spliced_text(text: bytes, splices: Iterable[Splice]) -> bytes:
    out, at = [], 0
    for s in splices:
        assert isinstance(s.inserted, bytes)  # noqa: S101  filled in before
        out += [text[at : s.offset], s.inserted]
        at = s.offset + s.length
    return b"".join([*out, text[at:]])


def _secret(removed: bytes | Kept, values: list[str], sensitive: bool) -> bool:
    if isinstance(removed, Kept) or not removed:
        return False
    text = removed.decode("utf-8", "replace")
    return sensitive or secret_shaped(text) or any(v in text for v in values if v)


def _diff(name: str, before: bytes | None, after: bytes | None, values: list[str]) -> str:
    old, new = ((t or b"").decode("utf-8", "replace").splitlines() for t in (before, after))
    lines = difflib.unified_diff(
        old, new, name if before is not None else "(none)", name if after is not None else "(none)", lineterm=""
    )
    return "".join(f"{redact(plain(line), values)}\n" for line in lines)
