"""After `kill -9`: what a wizard was writing when it died is taken back, so that everything is as it was before."""

from __future__ import annotations

import os
from collections.abc import Iterator

from wizard import files, trust
from wizard.commands.services import doors, no_calls
from wizard.commands.standing import Standing
from wizard.journal import Journal, Record
from wizard.plan import take_back


def recovered(standing: Standing) -> tuple[str, ...]:
    """Take the half-done stage of each plan back that died while being applied; a line for each says so."""
    lines = tuple(_recover(standing))
    if lines and standing.trusted:
        trust.give(standing.root)  # what changed just now was changed by us
    return lines


def _recover(standing: Standing) -> Iterator[str]:
    journal = Journal(standing.state)
    for record in journal.cut_off(standing.root):
        problems = take_back(record.half_done(), doors(standing, record.id, lambda _: None, no_calls))
        _clear(record)
        journal.end(record.id, "interrupted" if record.reached else "taken back")
        yield (
            f"A set-up of this repo was cut off while it was writing ({record.created}); what it had begun was taken "
            f"back, what it had finished before stands ({record.reached} of {len(record.stages)} parts). Going on."
        )
        yield from problems


def _clear(record: Record) -> None:
    """Files that were being written beside their place."""
    for _, stage in record.stages:
        for change in stage:
            beside = os.path.realpath(str(change.get("path", ""))) + files.SUFFIX
            if change.get("kind") == "edit-file" and os.path.isfile(beside):
                files.remove(beside)
