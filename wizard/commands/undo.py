"""Take a set-up of this repo back: files byte for byte, secrets out of the store, the environment that was made."""

from __future__ import annotations

import argparse
import sys

from wizard.change import Stale
from wizard.commands import standing as standings
from wizard.commands.alone import alone
from wizard.commands.failure import Usage
from wizard.commands.recover import recovered
from wizard.commands.services import doors, no_calls
from wizard.commands.taking_back import plan_of, settle
from wizard.journal import Journal, Record
from wizard.plan import Plan, PlanFailed


def arguments(parser: argparse.ArgumentParser) -> None:
    """What `undo` takes."""
    parser.add_argument("plan", nargs="?", default="", metavar="PLAN", help="which one; the last where none is named")
    parser.add_argument("--list", action="store_true", help="what can be taken back")
    parser.add_argument("--yes", action="store_true", help="without asking")


def main(args: argparse.Namespace) -> int:
    """0 taken back; 1 where something stands in the way; 2 where there is nothing of that name; 3 where another wizard works."""
    standing = standings.here()
    if args.list:
        records = Journal(standing.state).undoable(standing.root)
        print("\n".join(_line(r) for r in records) or "There is nothing to take back in this repo.")
        return 0
    with alone(standing.state, standing.memory.folder):
        for line in recovered(standing):
            sys.stderr.write(f"{line}\n")
        return _undo(args, standings.here())


def _undo(args: argparse.Namespace, standing: standings.Standing) -> int:
    journal = Journal(standing.state)
    record = _chosen(args.plan, journal.undoable(standing.root))
    if record is None:
        print("There is nothing to take back in this repo.")
        return 0
    plan = plan_of(record)
    if not _agreed(args, plan, record):
        return 1
    try:
        plan.apply(doors(standing, plan.id, _say, no_calls), journal)
    except PlanFailed as error:
        sys.stderr.write(f"{error}\n{_left(error)}\n")
        return 1
    settle(standing, record, plan.changes)
    print(f"Taken back: {record.id}")
    for title in record.lasting():
        print(f"This cannot be taken back: {title}")
    return 0


def _left(error: PlanFailed) -> str:
    """How things are after an undo that failed, and what to do."""
    if isinstance(error.__cause__, Stale):
        return "Nothing was taken back: that would lose what was written there since. Take your edit out (keep a copy), then undo again."
    if error.half:
        return "It is not whole now; put right what is named above, then type `mlops-wizard undo` again."
    return (
        "The files were taken back, the environment was not; undo again." if error.done else "Nothing was taken back."
    )


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
