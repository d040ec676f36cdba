"""The command line: find the command, run it, exit with a number. Imports `sys` alone until it knows which one it is."""

from __future__ import annotations

import sys

from wizard import __version__

COMMANDS = {
    "setup": "walk through the set-up of the repo you stand in (the default)",
    "doctor": "say what is wrong, with evidence, and mend it (--fix)",
    "explain": "what a check looks at, and what to do when it fails",
    "run": "run a command with this repo's variables and secrets: run -- COMMAND",
    "auth": "log in to the workspace; auth status",
    "secrets": "list, set, get and delete what is in the store",
    "env": "write or show .env",
    "connect": "list the clusters, use another, start one, test the way to Spark (preview)",
    "devcontainer": "write or check the dev container",
    "trust": "say yes to what this repo may make the wizard do (preview)",
    "undo": "take a set-up back, byte for byte (preview)",
    "blueprint": "list the systems; say which one this repo is (preview)",
    "sandbox": "start, stop and ask the embedded workspace (preview)",
}
"""Every command with its line in `--help`; `commands/<word>.py` holds it."""


def main() -> int:
    """The console script `mlops-wizard`."""
    argv = sys.argv[1:]
    if argv in (["--version"], ["-V"]):
        sys.stdout.write(f"mlops-wizard {__version__}\n")
        return 0
    if argv[:1] == ["run"]:
        from wizard.run import run

        return run(argv[1:])
    from wizard.commands import dispatch

    return dispatch(argv, COMMANDS)
