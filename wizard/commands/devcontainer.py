"""The dev container of this repo: write it (new, or merged into the one there with its comments kept), or check it."""

from __future__ import annotations

import argparse

from wizard.commands import doctor, walk_steps


def arguments(parser: argparse.ArgumentParser) -> None:
    """What `devcontainer` takes."""
    parser.add_argument("what", choices=("write", "check"))
    parser.add_argument("--modernise", action="store_true", help="with write: bring the guides' old shapes up to date")
    parser.add_argument("--dry-run", action="store_true", help="with write: show what would be changed")
    parser.add_argument("--yes", action="store_true", help="with write: apply without asking")


def main(args: argparse.Namespace) -> int:
    """0; 1 where something is wrong with it."""
    if args.what == "check":
        parser = argparse.ArgumentParser()
        doctor.arguments(parser)
        return doctor.main(parser.parse_args(["devcontainer"]))
    more = ["--dry-run"] * args.dry_run + ["--yes"] * args.yes
    return walk_steps.walk(("devcontainer",), more=more + ["--set", "devcontainer.modernise=yes"] * args.modernise)
