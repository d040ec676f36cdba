"""The secrets of this repo's workspace: where each is (never its value), and set, get, delete one by its name."""

from __future__ import annotations

import argparse
import getpass
import sys

from wizard import facts
from wizard.commands import standing as standings
from wizard.commands.failure import Usage
from wizard.commands.services import entry_of, list_for_run
from wizard.index import Index
from wizard.secret import Secret, StoreError


def arguments(parser: argparse.ArgumentParser) -> None:
    """What `secrets` takes."""
    parser.add_argument("what", choices=("list", "set", "get", "delete"))
    parser.add_argument("name", nargs="?", default="", help="the variable, as in APPI_IK")
    parser.add_argument("--reveal", action="store_true", help="with get: print it though stdout is no terminal")


def main(args: argparse.Namespace) -> int:
    """0; 1 where there is no such secret; 2 where the name is none of this repo's; 3 where the store does not answer."""
    if args.what == "list":
        return _list()
    return _one(args)


def _list() -> int:
    entries = Index(standings.here().state).list()
    for e in entries:
        print(f"{e.service:<64} {e.store:<9} {e.kind:<26} since {e.created[:10]}  expires {e.expires or 'not known'}")
    if not entries:
        print("The wizard keeps no secret yet.")
    return 0


def _one(args: argparse.Namespace) -> int:
    standing = standings.here()
    if standing.remembered is None or not standing.trusted:
        raise Usage(
            "This repo is not set up (or changed since, and not trusted): mlops-wizard setup, or mlops-wizard trust"
        )
    blueprint, _ = standings.blueprint_of(standing)
    project = facts.project(blueprint, standing.remembered.answers, standing.remembered.facts)
    entry = next((v.entry for v in project.variables if v.secret and v.name == args.name and v.entry), "")
    if not entry:
        known = ", ".join(v.name for v in project.variables if v.secret)
        raise Usage(f"{args.name or 'NAME'} is no secret of this repo; there are: {known}.")
    from wizard.stores import open_store

    store = open_store(project.store, standing.state)
    index = Index(standing.state)
    match args.what:
        case "get":
            return _get(args, store.get(entry))
        case "delete":
            gone = store.delete(entry)
            index.remove(entry)
            print(f"{args.name} was deleted." if gone else f"There is no {args.name} in the store.")
            list_for_run(standing.root, project, store)
            return 0 if gone else 1
        case _:
            store.put(entry, _typed(args.name))
            index.add(entry_of(entry, project.store, standing.root))
            list_for_run(standing.root, project, store)
            print(f"{args.name} is kept in {store.title}.")
            return 0


def _get(args: argparse.Namespace, value: Secret | None) -> int:
    if value is None:
        raise StoreError(f"There is no {args.name} in the store; set it with: mlops-wizard secrets set {args.name}")
    if not (sys.stdout.isatty() or args.reveal):
        raise Usage("stdout is no terminal; say --reveal if the value shall really go there.")
    print(value.reveal())
    return 0


def _typed(name: str) -> Secret:
    text = getpass.getpass(f"{name}: ") if sys.stdin.isatty() else sys.stdin.readline().rstrip("\r\n")
    if not text:
        raise Usage(f"{name}: nothing was typed; nothing was kept.")
    return Secret(text)
