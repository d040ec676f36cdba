"""After `kill -9`: what a wizard was writing when it died is taken back, so that everything is as it was before.

An undo that was cut off is finished instead.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator

from wizard import files, trust
from wizard.changes.edit_file import wizard_folders
from wizard.commands.services import doors, no_calls
from wizard.commands.standing import Standing
from wizard.commands.taking_back import settle
from wizard.journal import Journal, JournalDamaged, Record
from wizard.plan import Failure, take_back


def recovered(standing: Standing) -> tuple[str, ...]:
    """Take the half-done stage of each plan back that died while being applied; a line for each says so."""
    lines = tuple(_recover(standing))
    if lines and standing.trusted:
        trust.give(standing.root)  # what changed just now was changed by us
    return lines


def _recover(standing: Standing) -> Iterator[str]:
    journal = Journal(standing.state)
    for record in journal.cut_off(standing.root):
        _clear(record)
        yield from _finished(standing, journal, record) if record.undoes else _taken_back(standing, journal, record)


def _taken_back(standing: Standing, journal: Journal, record: Record) -> Iterator[str]:
    problems = take_back(record.half_done(), doors(standing, record.id, lambda _: None, no_calls))
    if not problems:
        journal.end(record.id, "interrupted" if record.reached else "taken back")
    yield (
        f"A set-up of this repo was cut off while it was writing ({record.created}); what it had begun was taken "
        f"back, what it had finished before stands ({record.reached} of {len(record.stages)} parts). Going on."
    )
    yield from problems


def _finished(standing: Standing, journal: Journal, record: Record) -> Iterator[str]:
    """An undo goes on where it was: what it removed is not to be had again."""
    problems = []
    for change in record.changes():
        try:
            change.apply(doors(standing, record.id, lambda _: None, no_calls))
        except Failure as error:
            problems.append(f"{change.title}: {error}")
    journal.end(record.id, "failed" if problems else "done", stages=len(record.stages))
    if problems:
        yield f"An undo in this repo was cut off ({record.created}) and cannot be finished; type `mlops-wizard undo`."
        yield from problems
        return
    with contextlib.suppress(KeyError, JournalDamaged):
        settle(standing, journal.load(record.undoes), record.changes())
    yield f"An undo in this repo was cut off ({record.created}); it was finished now."


def _clear(record: Record) -> None:
    """Files that were being written beside their place, and the folder that was made for one."""
    for _, stage in record.stages:
        for change in stage:
            path = str(change.get("path", ""))
            beside = os.path.realpath(path) + files.SUFFIX
            if change.get("kind") == "edit-file" and os.path.isfile(beside):
                files.remove(beside)
            if change.get("kind") == "edit-file" and change.get("before") is None:
                files.remove_empty(wizard_folders(path))
