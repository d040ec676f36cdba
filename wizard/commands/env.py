"""`.env` of this repo: show what it assigns (secrets masked), check it, or write it."""

from __future__ import annotations

import argparse
import os

from checks.redact import secret_name, shown
from wizard import dotenv, files
from wizard.commands import doctor, walk_steps
from wizard.commands import standing as standings
from wizard.secret import MASK


def arguments(parser: argparse.ArgumentParser) -> None:
    """What `env` takes."""
    parser.add_argument("what", choices=("show", "check", "write"))
    parser.add_argument("--yes", action="store_true", help="with write: apply without asking")


def main(args: argparse.Namespace) -> int:
    """0; 1 where there is none, or something is wrong with it."""
    if args.what == "write":
        return walk_steps.walk(("env",), more=["--yes"] * args.yes)
    if args.what == "check":
        parser = argparse.ArgumentParser()
        doctor.arguments(parser)
        return doctor.main(parser.parse_args(["env"]))
    data = files.read(os.path.join(standings.here().root, ".env"))
    if data is None:
        print("There is no .env here; write it with: mlops-wizard env write")
        return 1
    for found in dotenv.assignments(data.decode("utf-8", "replace")):
        print(f"{found.name}={MASK if secret_name(found.name) and found.value else shown(found.value)}")
    return 0
