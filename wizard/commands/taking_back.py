"""What an undo does, and what is left to do after it: shared by `undo` and by the start after one that was cut off."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from wizard import trust
from wizard.change import Change
from wizard.changes import EditFile, KeepSecret
from wizard.changes.edit_file import Kept
from wizard.commands.standing import Standing
from wizard.hook.oauth import NAME as OAUTH
from wizard.index import Index
from wizard.journal import Journal, Record
from wizard.plan import Plan, Stage, new_id
from wizard.secret import StoreError

_FILES = ("edit-file", "keep-secret")


def plan_of(record: Record) -> Plan:
    """The plan that takes a record back: files and secrets, all or none; then the environment, which only ever goes on."""
    named = new_id()
    back = [change.bind(named, n) for n, change in enumerate(record.inverses())]
    stages = (
        Stage("files and secrets", tuple(c for kind in _FILES for c in back if c.kind == kind)),
        Stage("the project's environment", tuple(c for c in back if c.kind not in _FILES)),
    )
    return Plan(named, record.root, tuple(s for s in stages if s.changes), undoes=record.id)


def settle(standing: Standing, record: Record, changes: tuple[Change, ...]) -> None:
    """All was taken back: nothing is remembered of it, and nothing that was kept for it. `standing` is from before."""
    journal = Journal(standing.state)
    journal.end(record.id, "undone")
    standing.memory.forget()
    others = [r for r in journal.all(record.root) if r.undoes == record.id]  # begun, cut off, and begun again
    _forget(standing.state, changes, (*record.inverses(), *(c for r in others for c in r.changes())))
    if standing.verdict.trusted:
        trust.give(standing.root)


def _forget(state: str, changes: tuple[Change, ...], all: tuple[Change, ...]) -> None:
    """What is no longer kept is no longer listed; a token that was minted from it goes too, and the copies that `all` kept."""
    from wizard.stores import open_store

    index = Index(state)
    for change in changes:
        if isinstance(change, KeepSecret) and not change.source:
            index.remove(change.service)
            minted = f"{change.service.rpartition('/')[0]}/{OAUTH}"
            if index.find(minted) is not None:
                open_store(change.store, state).delete(minted)
                index.remove(minted)
    for store, entry in dict.fromkeys(kept for c in all for kept in _kept(c)):
        with contextlib.suppress(
            StoreError
        ):  # a copy that nobody reads any more; the store tells of its trouble itself
            open_store(store, state).delete(entry)


def _kept(change: Change) -> Iterator[tuple[str, str]]:
    """(store, entry) of each copy that a change kept so that it could be undone."""
    if isinstance(change, KeepSecret):
        yield from ((change.store, entry) for entry in (change.source, change.backup) if entry)
    elif isinstance(change, EditFile) and change.store:
        sides = (side for s in change.splices for side in (s.removed, s.inserted))
        yield from ((change.store, side.service) for side in sides if isinstance(side, Kept))
