"""The MLOps systems that the wizard knows, and which one this repo is."""

from __future__ import annotations

import argparse

from wizard import blueprint as blueprints
from wizard import files
from wizard.commands import standing as standings
from wizard.commands.failure import Usage


def arguments(parser: argparse.ArgumentParser) -> None:
    """What `blueprint` takes."""
    parser.add_argument("what", choices=("list", "which", "check"))
    parser.add_argument("file", nargs="?", help="with check: a blueprint or an mlops-wizard.toml")


def main(args: argparse.Namespace) -> int:
    """0; 2 where a file does not hold a blueprint."""
    if args.what == "list":
        for id in blueprints.shipped():
            print(f"{id:<40}{blueprints.load(id).title}")
    elif args.what == "which":
        known, why = standings.blueprint_of(standings.here())
        print(f"{known.id}: {why}")
    else:
        data = files.read(args.file) if args.file else None
        if data is None:
            raise Usage(f"There is no file {args.file!r}; type: mlops-wizard blueprint check FILE")
        found = blueprints.parse(data.decode("utf-8", "replace"), args.file)
        print(f"{args.file}: {found.id or 'fine'}")
        if found.unused:
            print(f"This version does not act on: {', '.join(found.unused)}")
    return 0
