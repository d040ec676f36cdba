"""Take a set-up of this repo back: files byte for byte, secrets out of the store, the environment that was made."""

from __future__ import annotations

import argparse
import sys

from wizard import trust
from wizard.changes import KeepSecret
from wizard.commands import standing as standings
from wizard.commands.failure import Usage
from wizard.commands.recover import recovered
from wizard.commands.services import doors, no_calls
from wizard.hook.oauth import NAME as OAUTH
from wizard.index import Index
from wizard.journal import Journal, Record
from wizard.plan import Plan, PlanFailed, Stage, new_id


def arguments(parser: argparse.ArgumentParser) -> None:
    """What `undo` takes."""
    parser.add_argument("plan", nargs="?", default="", metavar="PLAN", help="which one; the last where none is named")
    parser.add_argument("--list", action="store_true", help="what can be taken back")
    parser.add_argument("--yes", action="store_true", help="without asking")


def main(args: argparse.Namespace) -> int:
    """0 taken back; 1 where something stands in the way; 2 where there is nothing of that name."""
    standing = standings.here()
    for line in recovered(standing):
        sys.stderr.write(f"{line}\n")
    standing = standings.here()
    journal = Journal(standing.state)
    records = journal.undoable(standing.root)
    if args.list:
        print("\n".join(_line(r) for r in records) or "There is nothing to take back in this repo.")
        return 0
    record = _chosen(args.plan, records)
    if record is None:
        print("There is nothing to take back in this repo.")
        return 0
    plan = Plan(new_id(), standing.root, (Stage("undo", record.inverses()),), undoes=record.id)
    if not _agreed(args, plan, record):
        return 1
    try:
        plan.apply(doors(standing, plan.id, _say, no_calls), journal)
    except PlanFailed as error:
        sys.stderr.write(f"{error}\nNothing was taken back.\n")
        return 1
    journal.end(record.id, "undone")
    standing.memory.forget()
    _forget_secrets(standing.state, plan)
    if standing.verdict.trusted:
        trust.give(standing.root)
    print(f"Taken back: {record.id}")
    for title in record.lasting():
        print(f"This cannot be taken back: {title}")
    return 0


def _forget_secrets(state: str, plan: Plan) -> None:
    """What is no longer kept is no longer listed; a token that was minted from it goes too."""
    from wizard.stores import open_store

    index = Index(state)
    for change in plan.changes:
        if isinstance(change, KeepSecret) and not change.source:
            index.remove(change.service)
            minted = f"{change.service.rpartition('/')[0]}/{OAUTH}"
            if index.find(minted) is not None:
                open_store(change.store, state).delete(minted)
                index.remove(minted)


def _chosen(named: str, records: tuple[Record, ...]) -> Record | None:
    if not named:
        return records[0] if records else None
    found = next((r for r in records if r.id == named), None)
    if found is None:
        raise Usage(
            f"There is no plan {named[:60]!r} that can be taken back here; `mlops-wizard undo --list` shows them."
        )
    newer = [r.id for r in records if r.created > found.created]
    if newer:
        raise Usage(f"{newer[0]} came after it; take that back first.")
    return found


def _agreed(args: argparse.Namespace, plan: Plan, record: Record) -> bool:
    for change in plan.changes:
        print(f"• {change.title}")
    if args.yes:
        return True
    if not sys.stdin.isatty():
        raise Usage(f"Nobody is there to ask: type `mlops-wizard undo {record.id} --yes`.")
    return input("Take this back? [y/N] ").strip().lower() in ("y", "yes")


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")


def _line(record: Record) -> str:
    titles = [c.title for c in record.inverses()]
    return f"{record.id}  {record.status:<12}{len(titles)} changes: {'; '.join(titles[:4])}{' …' if len(titles) > 4 else ''}"
