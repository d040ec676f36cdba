"""Log in to this repo's workspace (login), or say how one is logged in and what comes in between (status)."""

from __future__ import annotations

import argparse

from wizard.commands import doctor, walk_steps


def arguments(parser: argparse.ArgumentParser) -> None:
    """What `auth` takes."""
    parser.add_argument("what", choices=("login", "status"))
    parser.add_argument("where", nargs="?", choices=("databricks",), default="databricks", help="which cloud")
    parser.add_argument("--json", action="store_true", help="print the result as JSON")
    parser.add_argument("--sandbox", action="store_true", help="log in to the embedded workspace")


def main(args: argparse.Namespace) -> int:
    """0 logged in; 1 where something is wrong."""
    if args.what == "login":
        return walk_steps.walk(("secrets", "auth"), sandbox=args.sandbox, more=["--json"] * args.json)
    parser = argparse.ArgumentParser()
    doctor.arguments(parser)
    return doctor.main(parser.parse_args(["auth", "secrets", "-v", *(["--json"] if args.json else [])]))
