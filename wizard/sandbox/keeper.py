"""Between the server and Spark: whatever ends the server, `kill -9` too, ends Spark.

Started as `python -I -m wizard.sandbox.keeper PARENT COMMAND…`. On Linux the kernel is asked to kill us with our
parent, and we become the command; elsewhere we stay, watch the parent, and end the command with it.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

PR_SET_PDEATHSIG = 1
SECONDS = 0.5


def main(argv: list[str]) -> int:
    """Run the command until it ends or the parent does."""
    parent, command = int(argv[1]), argv[2:]
    if sys.platform == "linux":
        import ctypes

        if ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0) == 0:
            if os.getppid() != parent:  # it ended before the kernel was asked
                return 1
            os.execv(command[0], command)  # noqa: S606
    return _watch(parent, command)


def _watch(parent: int, command: list[str]) -> int:
    child = subprocess.Popen(command)
    signal.signal(signal.SIGTERM, lambda *_: child.terminate())
    while child.poll() is None:
        if os.getppid() != parent:
            child.kill()
        time.sleep(SECONDS)
    return child.returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv))
