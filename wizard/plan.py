"""Several changes as one decision: stages in order, each all or none."""

from __future__ import annotations

import contextlib
import datetime
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from wizard.change import Change, ChangeFailed, Doors, Stale
from wizard.files import FileProblem
from wizard.journal import Journal, Record, Status
from wizard.secret import StoreError

Failure = (ChangeFailed, FileProblem, StoreError, Stale)
"""What can go wrong with a change; each is a sentence that ends with what to do."""


WHOLE = ("edit-file", "keep-secret")
"""Kinds of change that are made at once or not at all."""


class PlanFailed(Exception):
    """A stage failed and was taken back; the stages before it stand. `done` tells how many.

    `half`: some of it could not be taken back; the next start tries again.
    """

    def __init__(self, text: str, done: int, half: bool = False) -> None:
        super().__init__(text)
        self.done, self.half = done, half


@dataclass(frozen=True, slots=True)
class Stage:
    """Changes that are applied all or none; at most one of them is irreversible, and it is the last."""

    title: str
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """What shall be changed, in order."""

    id: str
    root: str
    stages: tuple[Stage, ...]
    undoes: str = ""
    """The plan that this one takes back."""

    @property
    def changes(self) -> tuple[Change, ...]:
        return tuple(c for stage in self.stages for c in stage.changes)

    def preview(self) -> str:
        """Every change with its diff, as text."""
        return "\n".join(f"{self.heading(c)}\n{c.preview()}" for c in self.changes)

    @staticmethod
    def heading(change: Change) -> str:
        """One line for a change, as every face shows it."""
        return f"• {change.title}" + ("" if change.reversible else "  (cannot be undone)")

    def apply(self, doors: Doors, journal: Journal, done: Callable[[Change], None] = lambda _: None) -> None:
        """Apply stage after stage. Raises PlanFailed; the stage that failed is then as it was before."""
        journal.begin(Record.of(self.id, self.root, [(s.title, s.changes) for s in self.stages], self.undoes))
        for number, stage in enumerate(self.stages):
            try:
                _apply(stage, doors, done, lambda: self._stands(journal, number + 1))  # noqa: B023  called at once
            except _NotTakenBack as error:  # the journal keeps saying that this stage is half done
                raise PlanFailed(str(error), number, half=True) from error
            except Failure as error:
                _noted(journal, self.id, "failed", number)
                raise PlanFailed(str(error), number) from error
            except BaseException:  # Ctrl-C: the stage is back as it was
                _noted(journal, self.id, "interrupted", number)
                raise

    def _stands(self, journal: Journal, stages: int) -> None:
        """So many stages stand: written down before the next one begins, and as part of the stage itself."""
        journal.end(self.id, "done" if stages == len(self.stages) else "applying", stages=stages)


class _NotTakenBack(Exception):
    """A stage failed and some of it could not be taken back either; the next start tries again."""


def _noted(journal: Journal, id: str, status: Status, stages: int) -> None:
    """Write down how the plan ended. On a disk that is full it stays `applying`, and the next start looks at it again."""
    with contextlib.suppress(FileProblem):
        journal.end(id, status, stages=stages)


def _apply(stage: Stage, doors: Doors, done: Callable[[Change], None], stands: Callable[[], None]) -> None:
    undo: list[Change] = []
    try:
        for change in stage.changes:
            doors.say(change.title)
            undo.insert(0, change.inverse() if change.reversible else change)
            try:
                change.apply(doors)
            except Failure:
                if change.kind in WHOLE:
                    take_back(
                        (undo.pop(0),), doors
                    )  # it is as it was; where it cannot even be looked at, that was told
                raise
            done(change)
        stands()
    except BaseException as error:
        if problems := take_back(undo, doors):
            why = f"{error} " if str(error) else ""
            raise _NotTakenBack(
                f"{why}Not all could be taken back, and the next start tries again: {'; '.join(problems)}"
            ) from error
        raise


def take_back(changes: Iterable[Change], doors: Doors) -> tuple[str, ...]:
    """Apply these inverses as far as they go; returns a sentence for each that did not. The one that was being
    applied when it failed may not have happened: its inverse then finds things as they were, and that is fine."""
    problems = []
    for change in changes:
        with contextlib.suppress(Stale):
            try:
                if change.kind != "call-api":
                    change.apply(doors)
            except Failure as error:
                problems.append(f"{change.title}: {error}")
    return tuple(problems)


def new_id(now: datetime.datetime | None = None) -> str:
    """An id that sorts by time, as in `20261121-114500-3f9a`."""
    moment = now or datetime.datetime.now(datetime.UTC)
    return f"{moment:%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"


def staged(root: str, changes: Iterable[Change]) -> Plan:
    """The changes as a plan: secrets and files, then the environment, then what cannot be undone."""
    order = (
        ("secrets and files", ("keep-secret", "edit-file")),
        ("the project's environment", ("make-environment", "install-packages")),
    )
    named = new_id()
    bound = [c.bind(named, n) for n, c in enumerate(changes)]
    stages = [Stage(title, tuple(c for kind in kinds for c in bound if c.kind == kind)) for title, kinds in order]
    stages += [Stage(c.title, (c,)) for c in bound if c.kind == "call-api"]
    return Plan(named, root, tuple(s for s in stages if s.changes))
