"""The way to Spark: list the clusters, use another one for this repo, start it, or try the way hop by hop (test)."""

from __future__ import annotations

import argparse
import json

from wizard import login
from wizard.answers import Source, given
from wizard.commands import doctor, walk_steps
from wizard.commands import standing as standings
from wizard.commands.failure import Usage
from wizard.workspace import Workspace


def arguments(parser: argparse.ArgumentParser) -> None:
    """What `connect` takes."""
    parser.add_argument("what", choices=("list", "use", "start", "test"))
    parser.add_argument("cluster", nargs="?", default="", help="the id of a cluster")
    parser.add_argument("--yes", action="store_true", help="with use: apply without asking")
    parser.add_argument("--json", action="store_true", help="with list and test: print the result as JSON")


def main(args: argparse.Namespace) -> int:
    """0; 1 where something is wrong."""
    match args.what:
        case "use":
            chosen = ["--set", f"connect.cluster={args.cluster}"] if args.cluster else []
            return walk_steps.walk(("auth", "connect", "devcontainer"), more=[*chosen, *["--yes"] * args.yes])
        case "test":
            parser = argparse.ArgumentParser()
            doctor.arguments(parser)
            return doctor.main(parser.parse_args(["connect", "-v", *["--json"] * args.json]))
        case "start":
            workspace, current = _workspace()
            workspace.start_cluster(args.cluster or current)
            print(f"{args.cluster or current} runs, or is starting.")
        case _:
            _list(args)
    return 0


def _list(args: argparse.Namespace) -> None:
    workspace, current = _workspace()
    found = workspace.clusters()
    if args.json:
        rows = [
            {"id": c.id, "name": c.name, "state": c.state, "runtime": c.runtime, "used": c.id == current} for c in found
        ]
        print(json.dumps({"schema": 1, "clusters": rows}, indent=2))
        return
    for c in found:
        print(f"{'*' if c.id == current else ' '} {c.id:<24}{c.state:<12}{c.runtime:<28}{c.name}")
    if not found:
        print("This workspace shows you no cluster; ask for CAN ATTACH TO on one.")


def _workspace() -> tuple[Workspace, str]:
    """The workspace of this repo's set-up, and the cluster that it uses. Raises Usage where there is no set-up."""
    standing = standings.here()
    last = standing.remembered
    if last is None or not standing.trusted:
        raise Usage(
            "This repo is not set up (or changed since, and not trusted): mlops-wizard setup, or mlops-wizard trust"
        )
    blueprint, _ = standings.blueprint_of(standing)
    running = standings.sandbox_of(standing) if last.sandbox else None
    scene = standings.scene(standing, blueprint, running=running, target=last.target)
    answers = given(dict(last.answers), Source.REMEMBERED)
    return login.workspace(scene, answers), answers.text("connect.cluster")
