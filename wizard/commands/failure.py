"""What a person reads when something failed: a sentence that ends with what to do, and an exit code.

Expected trouble speaks for itself; anything else is our fault and leaves a redacted report.
"""

from __future__ import annotations

from wizard.commands import CRASHED, USAGE


class Usage(Exception):
    """What was typed cannot be meant; exit code 2."""


class Locked(Exception):
    """Another wizard works on this repo."""


def told(error: Exception) -> tuple[str, int]:
    """(text, exit code): 1 something is wrong, 2 usage, 3 it could not run."""
    from wizard.blueprint import BlueprintProblem
    from wizard.change import ChangeFailed, Stale
    from wizard.files import FileProblem
    from wizard.index import IndexProblem
    from wizard.journal import JournalDamaged
    from wizard.run.listed import RunListProblem
    from wizard.sandbox.error import SandboxError
    from wizard.secret import StoreError
    from wizard.step import StepProblem
    from wizard.trust import TrustError
    from wizard.workspace import CloudError

    codes: tuple[tuple[tuple[type[Exception], ...], int], ...] = (
        ((ChangeFailed, Stale, FileProblem, StepProblem, CloudError), 1),
        ((Usage, BlueprintProblem), USAGE),
        ((StoreError, JournalDamaged, IndexProblem, Locked, SandboxError, TrustError, RunListProblem), CRASHED),
    )
    found = next((code for kinds, code in codes if isinstance(error, kinds)), None)
    if found is not None:
        return str(error), found
    return (_outside(error) if isinstance(error, OSError) else _crash(error)), CRASHED


def _outside(error: OSError) -> str:
    """The machine said no where nobody expected it: what it said is a better report than where that was."""
    import os

    from checks.redact import shown
    from wizard.files import problem

    if isinstance(error.filename, str | bytes):
        return shown(str(problem(os.fsdecode(error.filename), "used", error)))
    why = str(problem("What was asked for", "done", error))
    return shown(why)


def _crash(error: Exception) -> str:
    """Write the report beside the other state. Frames and types only: no values, no arguments."""
    import os
    import traceback

    from checks.redact import redact
    from wizard import __version__, files, places

    frames = "".join(traceback.format_list(traceback.extract_tb(error.__traceback__)))
    text = redact(f"mlops-wizard {__version__}\n{type(error).__name__}\n{frames}")
    what = f"mlops-wizard itself failed ({type(error).__name__}); nothing was left half done."
    try:
        folder = places.private(os.path.join(places.private(places.state()), "crashes"))
        path = os.path.join(folder, f"{os.getpid()}.txt")
        files.write(path, text.encode(), 0o600)
    except (files.FileProblem, OSError):
        return f"{what} Please report it:\n{text}"
    return f"{what} Please report it with this file: {path}"
