"""Say yes to what this repo may make the wizard do; asked again when it changes. Until then nothing of it is run."""

from __future__ import annotations

import argparse
import sys

from checks.redact import plain
from wizard import trust
from wizard.commands import standing as standings


def arguments(parser: argparse.ArgumentParser) -> None:
    """What `trust` takes."""
    parser.add_argument("--list", action="store_true", help="the repos that you said yes to")
    parser.add_argument("--revoke", action="store_true", help="take the yes to this repo back")
    parser.add_argument("--yes", action="store_true", help="without asking")


def main(args: argparse.Namespace) -> int:
    """0 trusted (or listed, revoked); 1 where the person said no; 2 where nobody is there to say it."""
    if args.list:
        print("\n".join(f"{when}  {root}" for root, when in trust.listing()) or "You have said yes to no repo yet.")
        return 0
    standing = standings.here()
    if args.revoke:
        print("No longer trusted." if trust.revoke(standing.root) else "It was not trusted.")
        return 0
    if standing.verdict.trusted:
        print(f"{standing.root} is trusted as it is now.")
        return 0
    _show(standing)
    if not args.yes:
        if not sys.stdin.isatty():
            sys.stderr.write("Nobody is there to ask: look at the list, then type `mlops-wizard trust --yes`.\n")
            return 2
        if input("Trust this repo as it is now? [y/N] ").strip().lower() not in ("y", "yes"):
            print("Not trusted; nothing was changed.")
            return 1
    trust.give(standing.root)
    print("Trusted. When one of these changes you are asked again.")
    return 0


def _show(standing: standings.Standing) -> None:
    print(f"{standing.root} brings:")
    for name, _ in trust.subject(standing.root).parts:
        print(f"  {plain(name)}")
    for name in standing.verdict.changed:
        print(f"  changed since your last yes: {plain(name)}")
