"""Editing a file: splices and hashes, never the file's whole text, so that a journal holds only what was changed."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Self

from checks.redact import secret_shaped
from wizard import files
from wizard.change import ChangeFailed, Data, Doors, Stale, kept_for_undo
from wizard.changes.lines import preview, replaced
from wizard.secret import Secret


@dataclass(frozen=True, slots=True)
class Kept:
    """Bytes that hold a secret: they are in the store under this entry, and nowhere else."""

    service: str


@dataclass(frozen=True, slots=True)
class Splice:
    """At `offset`, `removed` (`length` bytes of the file before) makes place for `inserted` (`added` bytes)."""

    offset: int
    length: int
    added: int
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
    new: bytes | None = field(default=None, compare=False, repr=False)
    """The whole text that it shall have, where that is known: a journal does not tell it."""
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
        in a `sensitive` file, go to `store`; inserted ones that do are in no journal."""
        values = [s.reveal() for s in known]
        splices = _splices(before or b"", after or b"")
        hidden = tuple(
            replace(s, removed=_hidden(s.removed, values, sensitive), inserted=_hidden(s.inserted, values, sensitive))
            for s in splices
        )
        diff = preview(name or path, before, after, values)
        return cls(path, hidden, _hash(before), _hash(after), mode, store, after, diff, name)

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

        parts = enumerate(self.splices)
        return replace(
            self,
            splices=tuple(
                replace(s, removed=named(2 * i, s.removed), inserted=named(2 * i + 1, s.inserted)) for i, s in parts
            ),
        )

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
            back.append(Splice(s.offset + shift, s.added, s.length, s.inserted, s.removed))
            shift += s.added - s.length
        return replace(self, splices=tuple(back), before=self.after, after=self.before, new=None, diff="")

    def _put(self, data: bytes) -> None:
        if self.after is None:
            files.remove(self.path)
            files.remove_empty(wizard_folders(self.path))
        else:
            files.make_folders(self.path)
            files.write(self.path, data, self.mode)

    def _keep(self, now: bytes, doors: Doors) -> None:
        for s in self.splices:
            if isinstance(s.removed, Kept) and self.store and s.length:
                value = now[s.offset : s.offset + s.length].decode("utf-8", "surrogateescape")
                doors.store(self.store).put(s.removed.service, Secret(value))

    def _spliced(self, now: bytes, doors: Doors) -> bytes:
        if self.new is not None:
            return self.new
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
            "splices": [[s.offset, s.length, s.added, _side(s.removed), _side(s.inserted)] for s in self.splices],
        }

    @classmethod
    def from_data(cls, data: Data) -> EditFile:
        """Back from a journal."""
        splices = tuple(Splice(int(o), int(n), int(a), _bytes(r), _bytes(i)) for o, n, a, r, i in data["splices"])
        return cls(data["path"], splices, data["before"], data["after"], data["mode"], data["store"], name=data["name"])


def wizard_folders(path: str) -> tuple[str, ...]:
    """The folders of the file that go with it where they are empty then."""
    folder = os.path.dirname(path)
    return (folder,) if os.path.basename(folder) == ".devcontainer" else ()


def _hash(data: bytes | None) -> str | None:
    return None if data is None else hashlib.sha256(data).hexdigest()


def _side(side: bytes | Kept) -> Data | str:
    return {"kept": side.service} if isinstance(side, Kept) else side.decode("utf-8", "surrogateescape")


def _bytes(side: Data | str) -> bytes | Kept:
    return Kept(side["kept"]) if isinstance(side, dict) else side.encode("utf-8", "surrogateescape")


def _splices(before: bytes, after: bytes) -> tuple[Splice, ...]:
    return tuple(Splice(at, len(old), len(new), old, new) for at, old, new in replaced(before, after))


def _spliced_text(text: bytes, splices: Iterable[Splice]) -> bytes:
    out, at = [], 0
    for s in splices:
        assert isinstance(s.inserted, bytes)  # noqa: S101  filled in before
        out += [text[at : s.offset], s.inserted]
        at = s.offset + s.length
    return b"".join([*out, text[at:]])


def _hidden(side: bytes | Kept, values: list[str], sensitive: bool) -> bytes | Kept:
    """The bytes, or in their stead that they are kept: where they hold a secret."""
    if isinstance(side, Kept) or not side:
        return side
    text = side.decode("utf-8", "replace")
    return Kept("") if sensitive or secret_shaped(text) or any(v in text for v in values if v) else side
