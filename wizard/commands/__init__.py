"""The commands, one file each, named as they are typed. Each has `arguments(parser)` and `main(args) -> int`."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence

INTERRUPTED = 130
CRASHED = 3
USAGE = 2


def dispatch(argv: Sequence[str], commands: Mapping[str, str]) -> int:
    """Run the command that is named first, `setup` where none is. Returns the exit code; no traceback gets out."""
    if argv[:1] in (["--help"], ["-h"], ["help"]):
        sys.stdout.write(overview(commands))
        return 0
    word = argv[0] if argv and not argv[0].startswith("-") else "setup"
    rest = argv[1:] if argv and not argv[0].startswith("-") else argv
    if word not in commands:
        return _unknown(word, commands)
    try:
        code = _run(word, list(rest))
        sys.stdout.flush()
    except KeyboardInterrupt:
        sys.stderr.write("\nInterrupted. What was asked is remembered; start again to go on.\n")
        return INTERRUPTED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return CRASHED
    except Exception as error:  # noqa: BLE001  a traceback never reaches a person
        return _failed(error)
    return code


def overview(commands: Mapping[str, str]) -> str:
    """What `mlops-wizard --help` prints."""
    rows = "".join(f"  {word:<14}{line}\n" for word, line in commands.items())
    return (
        "usage: mlops-wizard [COMMAND] [OPTIONS]\n\nFrom a fresh clone of an MLOps repo to the first row from Spark.\n\n"
        f"{rows}\n`mlops-wizard COMMAND --help` tells more. Exit codes: 0 nothing is wrong, 1 something is, 2 usage,\n"
        "3 it could not run, 130 interrupted.\n"
    )


def _run(word: str, rest: list[str]) -> int:
    import argparse
    from importlib import import_module

    module = import_module(f"wizard.commands.{word}")
    parser = argparse.ArgumentParser(
        f"mlops-wizard {word}", description=module.__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    module.arguments(parser)
    try:
        args = parser.parse_args(rest)
    except SystemExit as end:
        return int(end.code or 0)
    code: int = module.main(args)
    return code


def _unknown(word: str, commands: Mapping[str, str]) -> int:
    import difflib

    near = difflib.get_close_matches(word, commands, 1)
    hint = f" Did you mean {near[0]}?" if near else " `mlops-wizard --help` lists them."
    sys.stderr.write(f"There is no command {word[:60]!r}.{hint}\n")
    return USAGE


def _failed(error: Exception) -> int:
    from wizard.commands import failure

    text, code = failure.told(error)
    sys.stderr.write(f"{text}\n")
    return code
