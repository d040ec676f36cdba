"""The embedded workspace: a Databricks workspace of this machine's own, in front of a real Spark, on loopback alone."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from wizard import places
from wizard.commands.failure import Usage
from wizard.sandbox import client
from wizard.sandbox.faults import FAULTS


def arguments(parser: argparse.ArgumentParser) -> None:
    """What `sandbox` takes."""
    parser.add_argument("what", choices=("start", "stop", "status", "logs"))
    parser.add_argument(
        "--misbehave", action="append", default=[], metavar="FAULT", help=f"one of: {', '.join(FAULTS)}; `none` ends it"
    )
    parser.add_argument("--no-spark", action="store_true", help="start the workspace alone")
    parser.add_argument(
        "--reveal", action="store_true", help="with status: make and print a token, and a service principal's secret"
    )
    parser.add_argument("--json", action="store_true", help="print the result as JSON")


def main(args: argparse.Namespace) -> int:
    """0 it runs (or was stopped); 1 with status where none runs; 3 where it could not be started."""
    state = Path(places.private(places.state()))
    if unknown := [f for f in args.misbehave if f not in FAULTS and f != "none"]:
        raise Usage(f"There is no fault {unknown[0]!r}; there are: {', '.join(FAULTS)}.")
    match args.what:
        case "start":
            running = client.start(state, spark=not args.no_spark, progress=lambda text: print(text, file=sys.stderr))
            _misbehave(running, args.misbehave)
            _print(running, args)
        case "stop":
            print("Stopped." if client.stop(state) else "It was not running.")
        case "logs":
            print(client.logs(state) or "There is no log yet.")
        case "status":
            found = client.status(state)
            if found is None:
                print(json.dumps({"schema": 1, "running": False}) if args.json else "It is not running.")
                return 1
            _misbehave(found, args.misbehave)
            _print(found, args)
    return 0


def _misbehave(running: client.Running, faults: list[str]) -> None:
    if faults == ["none"]:
        client.Control(running).clear()
    elif faults:
        client.Control(running).misbehave(*faults)


def _print(running: client.Running, args: argparse.Namespace) -> None:
    found: dict[str, object] = {
        "schema": 1, "running": True, "host": running.host, "org_id": running.org_id, "ca_bundle": running.ca_bundle,
        "pid": running.pid, "log": running.log,
    }  # fmt: skip
    if args.reveal:
        control = client.Control(running)
        id, secret = control.client()
        found |= {
            "token": control.token(comment="sandbox status --reveal").reveal(),
            "client_id": id,
            "client_secret": secret.reveal(),
        }
    if args.json:
        print(json.dumps(found, indent=2))
    else:
        print("\n".join(f"{key:<14}{value}" for key, value in found.items() if key not in ("schema", "running")))
