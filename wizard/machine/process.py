"""Running a program to look at what it says: no shell, no terminal, a deadline, a bounded answer.

Own code over `subprocess.run`: that one waits for ever for a grandchild that keeps a pipe open, and holds whatever comes.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from typing import IO

from checks import Ran

LIMIT = 1_000_000
"""Bytes of each stream that are kept; the rest is read and thrown away, so that the program does not block."""

_BATCH = (".bat", ".cmd")
_CMD = frozenset('"%&|<>^!\r\n')


def run(
    argv: Sequence[str], *, cwd: str, env: Mapping[str, str], timeout: float, input: str = "", limit: int = LIMIT
) -> Ran:
    """Start the program and wait for its end, at most `timeout` seconds; then its whole process group is killed.

    Never raises: what hindered it is in `problem`. `argv[0]` is a path; finding it on PATH is the caller's.
    """
    if problem := _refused(argv):
        return Ran(None, problem=problem)
    try:
        child = _start(argv, cwd, env)
    except (OSError, ValueError) as error:
        return Ran(None, problem=f"{argv[0]}: {_reason(error)}")
    streams = [_Stream(pipe, limit) for pipe in (child.stdout, child.stderr) if pipe]
    writer = threading.Thread(target=_feed, args=(child.stdin, input), daemon=True)
    writer.start()
    begun, problem = time.monotonic(), ""
    try:
        child.wait(timeout)
    except subprocess.TimeoutExpired:
        problem = f"no answer within {timeout:g} s"
    _kill(child)  # also what it left running: those would hold the pipes
    for stream in streams:
        stream.join(max(0.2, min(2.0, begun + timeout - time.monotonic())))
    out, err = (stream.text for stream in streams)
    return Ran(None if problem else child.returncode, out, err, problem)


def _refused(argv: Sequence[str]) -> str:
    if not argv or not argv[0] or any("\0" in word for word in argv):
        return "no program to run"
    batch = sys.platform == "win32" and argv[0].lower().endswith(_BATCH)
    if batch and any(_CMD & set(word) for word in argv[1:]):
        return f"{argv[0]}: a batch file cannot be given these arguments safely"
    return ""


def _start(argv: Sequence[str], cwd: str, env: Mapping[str, str]) -> subprocess.Popen[bytes]:
    if sys.platform == "win32":
        flags = subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.CREATE_NO_WINDOW
        return subprocess.Popen(
            argv, cwd=cwd, env=dict(env), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            creationflags=flags,
        )  # fmt: skip
    return subprocess.Popen(
        argv, cwd=cwd, env=dict(env), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        start_new_session=True,
    )  # fmt: skip


def _reason(error: Exception) -> str:
    return (error.strerror or str(error)) if isinstance(error, OSError) else str(error)


def _feed(pipe: IO[bytes] | None, text: str) -> None:
    """Write the input and close: a program that waits for more gets end of file."""
    if pipe is None:
        return
    with contextlib.suppress(OSError, ValueError):
        pipe.write(text.encode("utf-8", "surrogateescape"))
    with contextlib.suppress(OSError, ValueError):
        pipe.close()


def _kill(child: subprocess.Popen[bytes]) -> None:
    """End the program and all that it started."""
    if sys.platform == "win32":
        if child.poll() is None:
            words = ("taskkill", "/T", "/F", "/PID", str(child.pid))
            with contextlib.suppress(OSError, subprocess.TimeoutExpired):
                subprocess.run(words, capture_output=True, timeout=5, check=False)
    else:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(child.pid, signal.SIGKILL)
    with contextlib.suppress(OSError):
        child.kill()
    with contextlib.suppress(subprocess.TimeoutExpired):
        child.wait(2)


class _Stream:
    """Reads a pipe to its end in a thread of its own and keeps the first bytes."""

    def __init__(self, pipe: IO[bytes], limit: int) -> None:
        self._pipe, self._limit, self._kept = pipe, limit, bytearray()
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self) -> None:
        with contextlib.suppress(OSError, ValueError):
            while chunk := os.read(self._pipe.fileno(), 65536):
                if len(self._kept) < self._limit:
                    self._kept += chunk[: self._limit - len(self._kept)]
        with contextlib.suppress(OSError):
            self._pipe.close()

    def join(self, seconds: float) -> None:
        self._thread.join(seconds)

    @property
    def text(self) -> str:
        """What was kept, as UTF-8 where it is that; line ends become `\\n`."""
        data = bytes(self._kept)
        if data[:2] in {b"\xff\xfe", b"\xfe\xff"} or data[1:2] == b"\0":  # Windows' own programs at times: wsl.exe
            text = data.decode("utf-16" if data[:2] in {b"\xff\xfe", b"\xfe\xff"} else "utf-16-le", "replace")
        else:
            text = data.decode("utf-8", "replace")
        return text.replace("\r\n", "\n")
