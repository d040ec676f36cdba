"""What a check looks at, why it matters and what to do when it fails: mlops-wizard explain ID"""

from __future__ import annotations

import argparse
import difflib

from wizard.commands.doctor import known_checks
from wizard.commands.failure import Usage
from wizard.report import page


def arguments(parser: argparse.ArgumentParser) -> None:
    """What `explain` takes."""
    parser.add_argument("id", help="the id of a check, as in env.ignored")


def main(args: argparse.Namespace) -> int:
    """0 with the page; 2 where there is no such check."""
    registry = known_checks()
    found = registry.get(args.id.strip())
    if found is None:
        near = difflib.get_close_matches(args.id, [c.id for c in registry], 3)
        hint = f"the nearest are {', '.join(near)}" if near else "`mlops-wizard doctor --list` shows them all"
        raise Usage(f"There is no check {args.id[:80]!r}; {hint}.")
    print(page(found))
    return 0
