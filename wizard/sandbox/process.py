"""Processes by pid *and* start, so that a recycled pid is never taken for ours and never killed.

Own code and not psutil: 60 lines against a compiled dependency in the base install.
"""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path


def identity(pid: int) -> str | None:
    """What tells this process from every other that had or will have its pid; None where it is gone or a zombie."""
    if pid <= 0:
        return None
    return _from_proc(pid) if sys.platform == "linux" else _from_ps(pid)


def _from_proc(pid: int) -> str | None:
    """Start in clock ticks since boot, with the boot and the pid namespace in which the number means something."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        space = os.readlink("/proc/self/ns/pid")
    except OSError:
        return None
    if len(fields) < 20 or fields[0] in {b"Z", b"X", b"x"}:
        return None
    return f"{boot} {space} {fields[19].decode()}"


def _from_ps(pid: int) -> str | None:
    argv = ["ps", "-o", "stat=,lstart=", "-p", str(pid)]
    answer = subprocess.run(argv, capture_output=True, text=True, timeout=10, check=False, env={"PATH": os.defpath})
    state, _, started = answer.stdout.strip().partition(" ")
    return started.strip() if started and not state.startswith("Z") else None


def runs(pid: int, who: str) -> bool:
    """Whether the process recorded as (pid, identity) is still that process."""
    return bool(who) and identity(pid) == who


def end(pid: int, who: str, *, patience: float = 10.0) -> bool:
    """End the process if it is still the recorded one: SIGTERM, `patience` seconds, SIGKILL to its group.

    Returns whether there was something to end.
    """
    handle = _handle(pid)
    try:
        if not runs(pid, who):
            return False
        _signal(handle, pid, signal.SIGTERM)
        if not _wait(handle, pid, who, patience):
            _kill_group(handle, pid)
            _wait(handle, pid, who, 10.0)
        return True
    finally:
        if handle is not None:
            os.close(handle)


def _handle(pid: int) -> int | None:
    """A pidfd: it keeps meaning the same process between the look and the signal. Linux only."""
    if sys.platform != "linux" or pid <= 0:
        return None
    try:
        return os.pidfd_open(pid)
    except OSError:
        return None


def _signal(handle: int | None, pid: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        if sys.platform == "linux" and handle is not None:
            signal.pidfd_send_signal(handle, number)
        else:
            os.kill(pid, number)


def _kill_group(handle: int | None, pid: int) -> None:
    with suppress(ProcessLookupError):
        if os.getpgid(pid) == pid:
            os.killpg(pid, signal.SIGKILL)
    _signal(handle, pid, signal.SIGKILL)


def _wait(handle: int | None, pid: int, who: str, seconds: float) -> bool:
    if handle is not None:
        return bool(select.select([handle], [], [], seconds)[0])
    until = time.monotonic() + seconds
    while runs(pid, who):
        if time.monotonic() > until:
            return False
        time.sleep(0.05)
    return True
