"""Running a program whose output is told line by line while it works: a door, for changes."""

from __future__ import annotations

import os
import subprocess
from collections import deque
from collections.abc import Callable, Mapping, Sequence

from checks import Ran
from checks.redact import shown

KEPT = 200
"""Lines of output that are kept; an installer writes thousands."""


def _quiet(text: str) -> None:
    del text


def stream(
    argv: Sequence[str], *, cwd: str = "", env: Mapping[str, str] | None = None, say: Callable[[str], None] = _quiet
) -> Ran:
    """Run it without a shell and without input; each line is said. Interrupted, the program is ended too."""
    last: deque[str] = deque(maxlen=KEPT)
    try:
        child = subprocess.Popen(
            list(argv), cwd=cwd or None, env={**os.environ, "PIP_NO_INPUT": "1", **(env or {})}, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, encoding="utf-8", errors="replace",
        )  # fmt: skip
    except OSError as error:
        return Ran(None, problem=f"{argv[0]} cannot be started: {error.strerror}")
    with child:
        try:
            for line in child.stdout or ():
                last.append(shown(line.rstrip()))
                say(last[-1])
        except BaseException:
            child.terminate()
            raise
    return Ran(child.returncode, "\n".join(last))
