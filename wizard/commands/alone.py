"""One wizard at a time on one repo: what writes takes this lock first."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from wizard import files, places
from wizard.commands.failure import Locked


@contextmanager
def alone(state: str, folder: str) -> Iterator[None]:
    """Hold the lock in the repo's `folder` of the state. Raises Locked where another wizard does, FileProblem where it
    cannot be taken at all."""
    from filelock import FileLock, Timeout

    lock = FileLock(os.path.join(folder, "lock"), timeout=0)
    try:
        places.private(state)
        places.private(folder)
        lock.acquire()
    except Timeout:
        raise Locked(
            "Another mlops-wizard is at work on this repo; let it finish, or close it, and start again."
        ) from None
    except OSError as error:
        raise files.problem(folder, "used", error) from error
    try:
        yield
    finally:
        lock.release()
