"""What was done, so that it can be resumed and taken back tomorrow: one small file a plan, in the user's state folder.

It holds splices and hashes, never a file's whole text and never a secret's value.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Literal

from wizard import files, places
from wizard.change import Change, Data
from wizard.changes import change_from

Status = Literal["applying", "done", "failed", "interrupted", "undone", "taken back"]


class JournalDamaged(Exception):
    """A journal file cannot be read; names it."""


@dataclass(frozen=True, slots=True)
class Record:
    """One plan as the journal knows it: `stages` of (title, changes), of which the first `reached` are done."""

    id: str
    root: str
    created: str
    status: Status
    stages: tuple[tuple[str, tuple[Data, ...]], ...]
    reached: int = 0
    undoes: str = ""

    @classmethod
    def of(cls, id: str, root: str, stages: Iterable[tuple[str, Sequence[Change]]], undoes: str = "") -> Record:
        """A new record, nothing of it done."""
        data = tuple((title, tuple(c.data() for c in changes)) for title, changes in stages)
        return cls(id, root, datetime.now(UTC).isoformat(timespec="seconds"), "applying", data, 0, undoes)

    def changes(self) -> tuple[Change, ...]:
        """All of them, in order, done or not."""
        return tuple(change_from(d) for _, stage in self.stages for d in stage)

    def inverses(self) -> tuple[Change, ...]:
        """What takes the stages that are done back, the last first. What cannot be undone is left out."""
        changes = [change_from(d) for _, stage in self.stages[: self.reached] for d in stage]
        return tuple(c.inverse() for c in reversed(changes) if c.reversible)

    def lasting(self) -> tuple[str, ...]:
        """The titles of what was done and cannot be undone."""
        changes = [change_from(d) for _, stage in self.stages[: self.reached] for d in stage]
        return tuple(c.title for c in changes if not c.reversible)

    def half_done(self) -> tuple[Change, ...]:
        """The inverses of the stage that was being applied, the last first."""
        stage = self.stages[self.reached][1] if self.reached < len(self.stages) else ()
        return tuple(c.inverse() for c in reversed([change_from(d) for d in stage]) if c.reversible)


class Journal:
    """The plans of all repos, in `<state>/plans/<id>.json`."""

    def __init__(self, state: str) -> None:
        self.folder = os.path.join(state, "plans")

    def begin(self, record: Record) -> None:
        """Write a plan down before anything of it is done. Raises FileProblem."""
        try:
            places.private(os.path.dirname(self.folder))
            places.private(self.folder)
        except OSError as error:
            raise files.problem(self.folder, "made", error) from error
        self._write(record)

    def end(self, id: str, status: Status, *, stages: int | None = None) -> None:
        """How a plan stands now, with the number of stages that are done. Raises FileProblem."""
        record = self.load(id)
        self._write(replace(record, status=status, reached=record.reached if stages is None else stages))

    def load(self, id: str) -> Record:
        """Raises KeyError where there is no such plan, JournalDamaged or FileProblem where it cannot be read."""
        path = self._path(id)
        data = files.read(path)
        if data is None:
            raise KeyError(id)
        try:
            raw = json.loads(data)
            stages = tuple((str(t), tuple(dict(c) for c in cs)) for t, cs in raw["stages"])
            for change in (c for _, changes in stages for c in changes):
                change_from(change)
            return Record(
                raw["id"], raw["root"], raw["created"], raw["status"], stages, int(raw["reached"]), raw["undoes"]
            )
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise JournalDamaged(
                f"{path} is damaged ({type(error).__name__}); move it away to go on without it."
            ) from error

    def all(self, root: str | None = None) -> tuple[Record, ...]:
        """All plans, the oldest first; of one repo where it is named. Damaged ones are left out."""
        names = sorted(os.listdir(self.folder)) if os.path.isdir(self.folder) else []
        found = []
        for name in names:
            if not name.endswith(".json"):
                continue
            try:
                record = self.load(name.removesuffix(".json"))
            except (JournalDamaged, KeyError, files.FileProblem):
                continue
            found += [record] if root in (None, record.root) else []
        return tuple(found)

    def cut_off(self, root: str) -> tuple[Record, ...]:
        """Plans of this repo that were being applied when their process died."""
        return tuple(r for r in self.all(root) if r.status == "applying")

    def undoable(self, root: str) -> tuple[Record, ...]:
        """Plans of this repo that stand and can be taken back, the newest first."""
        standing = ("done", "failed", "interrupted")
        return tuple(r for r in reversed(self.all(root)) if r.status in standing and r.reached and not r.undoes)

    def _path(self, id: str) -> str:
        if not id or not all(c.isalnum() or c == "-" for c in id):
            raise KeyError(id)
        return os.path.join(self.folder, f"{id}.json")

    def _write(self, record: Record) -> None:
        data = {
            "schema": 1,
            "id": record.id,
            "root": record.root,
            "created": record.created,
            "status": record.status,
            "reached": record.reached,
            "undoes": record.undoes,
            "stages": record.stages,
        }
        files.write(self._path(record.id), json.dumps(data, indent=1).encode("utf-8"), 0o600)
