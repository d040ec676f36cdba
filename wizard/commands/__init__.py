"""The commands, one file each, named as they are typed. Each has `arguments(parser)` and `main(args) -> int`."""

from __future__ import annotations

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
    from wizard.commands import signals, streams

    streams.prepare()
    with signals.as_ctrl_c():
        return _ended(word, list(rest))


def _ended(word: str, rest: list[str]) -> int:
    """Run it to its end, whatever that is. Where JSON was asked for, there is JSON also for an end before the result."""
    json = "--json" in rest
    try:
        code = _run(word, rest)
        sys.stdout.flush()
    except KeyboardInterrupt:
        return _told("Interrupted. What was asked is remembered; start again to go on.", INTERRUPTED, json)
    except BrokenPipeError:
        return _told("", CRASHED, json=False)
    except Exception as error:  # noqa: BLE001  a traceback never reaches a person
        from wizard.commands import failure

        return _told(*failure.told(error), json)
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
        return int(end.code or 0) and _told("", USAGE, "--json" in rest)
    code: int = module.main(args)
    return code


def _unknown(word: str, commands: Mapping[str, str]) -> int:
    import difflib

    near = difflib.get_close_matches(word, commands, 1)
    hint = f" Did you mean {near[0]}?" if near else " `mlops-wizard --help` lists them."
    sys.stderr.write(f"There is no command {word[:60]!r}.{hint}\n")
    return USAGE


def _told(text: str, code: int, json: bool) -> int:
    """Say why it ended; with `json` also as a document of the shape that `setup --json` has."""
    from contextlib import suppress

    from wizard.commands import streams

    with suppress(OSError):
        sys.stderr.write(f"{text}\n" if text else "")
        if json:
            sys.stdout.write(_document(text or "What was typed cannot be meant; `--help` tells more.", code))
    streams.abandon_stdout()
    return code


def _document(why: str, code: int) -> str:
    from json import dumps

    status = {INTERRUPTED: "interrupted", USAGE: "action_required"}.get(code, "failed")
    found = {"schema": 1, "status": status, "plan": None, "changes": [], "findings": [], "repeat": "",
             "next": [{"command": "", "why": why}]}  # fmt: skip
    return dumps(found, indent=2, ensure_ascii=False) + "\n"
