"""Running a command with its output masked: a child, a pipe for each output that is no terminal, signals passed on.

The child stays in the person's process group: what the terminal sends (Ctrl-C, Ctrl-Z, a new window size) reaches it
without us and is not sent twice; what somebody sends to us is passed on. POSIX only.
"""

from __future__ import annotations

import errno
import os
import select
import signal
import sys
import threading
import warnings
from collections.abc import Iterable, Mapping, Sequence

from wizard.run.mask import Mask

CHUNK = 1 << 16
_PASSED_ON = tuple(
    getattr(signal, name)
    for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2", "SIGWINCH", "SIGCONT", "SIGTSTP")
)
_FROM_KEYS = (signal.SIGINT, signal.SIGQUIT, signal.SIGTSTP, signal.SIGWINCH)


class _Stream:
    """One output: what the child writes into a pipe goes masked to the descriptors that it stands for."""

    def __init__(self, targets: Sequence[int], values: Sequence[str]) -> None:
        self.targets = targets
        self.read, self.write = os.pipe()
        self._mask = Mask(values)

    def pump(self) -> bool:
        """Pass on what is there; whether there may be more."""
        data = os.read(self.read, CHUNK)
        open_still = self._out(self._mask.feed(data) if data else self._mask.finish())
        if not data or not open_still:
            os.close(self.read)
            return False
        return True

    def _out(self, data: bytes) -> bool:
        """Write all of it; False where nobody reads any more, so that the child learns it by SIGPIPE."""
        target = self.targets[0]
        try:
            while data:
                try:
                    data = data[os.write(target, data) :]
                except BlockingIOError:  # the descriptor is non-blocking, which is its owner's business
                    select.select([], [target], [])
        except OSError:
            return False
        return True


class _Child:
    """The running command. Its id is signalled only while it is ours: not after it was waited for."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._lock = threading.Lock()
        self.status: int | None = None

    def signal(self, number: int) -> None:
        with self._lock:
            if self.status is None:
                os.kill(self._pid, number)

    def ended(self) -> bool:
        """Whether it has ended; does not wait."""
        with self._lock:
            if self.status is None:
                pid, status = os.waitpid(self._pid, os.WNOHANG)
                self.status = status if pid else None
            return self.status is not None


def run_masked(program: str, argv: list[str], env: Mapping[str, str], values: Iterable[str]) -> int:
    """Run it to its end and return its exit status, 128 + the signal's number where one ended it.

    Raises OSError where the program cannot be started.
    """
    _keep_standard_descriptors_taken()
    streams = _streams(tuple(values))
    for number in (signal.SIGCHLD, signal.SIGWINCH, signal.SIGCONT):  # ignored ones would never be seen
        signal.signal(number, lambda *_: None)
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {*_PASSED_ON, signal.SIGCHLD})
    woken, wake = os.pipe()
    os.set_blocking(wake, False)
    child = _Child(_spawn(program, argv, env, streams, before))
    threading.Thread(target=_signals, args=(child, wake), name="signals", daemon=True).start()
    left = _until_ended(child, streams, woken)
    if left:
        _leave_behind(left, before)
    code = os.waitstatus_to_exitcode(child.status or 0)
    return code if code >= 0 else 128 - code


def _keep_standard_descriptors_taken() -> None:
    """A caller may have closed 0, 1 or 2: a pipe of ours must not get such a number. Closed again for the child."""
    while (descriptor := os.open(os.devnull, os.O_RDWR)) <= 2:
        continue
    os.close(descriptor)


def _streams(values: Sequence[str]) -> list[_Stream]:
    """A pipe for each output that is no terminal; one for both where both go to the same place, to keep the order."""
    piped = [number for number in (1, 2) if os.get_inheritable(number) and not os.isatty(number)]
    if len(piped) == 2 and os.path.sameopenfile(1, 2):
        return [_Stream((1, 2), values)]
    return [_Stream((number,), values) for number in piped]


def _spawn(
    program: str, argv: list[str], env: Mapping[str, str], streams: Sequence[_Stream], mask: Iterable[int]
) -> int:
    actions = [(os.POSIX_SPAWN_DUP2, stream.write, target) for stream in streams for target in stream.targets]
    ignored = [signal.SIGPIPE, signal.SIGXFSZ]  # by Python, and they would stay so in the command
    try:
        pid = os.posix_spawn(program, argv, env, file_actions=actions, setsigmask=mask, setsigdef=ignored)
    except OSError as error:
        if error.errno != errno.ENOEXEC:
            raise
        # A script whose first line names no interpreter is the shell's, as in execvp(3).
        by_shell = ["/bin/sh", program, *argv[1:]]
        pid = os.posix_spawn("/bin/sh", by_shell, env, file_actions=actions, setsigmask=mask, setsigdef=ignored)
    for stream in streams:
        os.close(stream.write)
    return pid


def _signals(child: _Child, wake: int) -> None:
    """Take signals as they come, for ever: the child's end wakes the pump, all others go to the child."""
    while True:
        number, from_terminal = _next_signal()
        if number == signal.SIGCHLD:
            os.write(wake, b"!")
            continue
        if not from_terminal:
            child.signal(number)
        if number == signal.SIGTSTP:
            os.kill(os.getpid(), signal.SIGSTOP)


def _next_signal() -> tuple[int, bool]:
    """The next signal, and whether the terminal sent it, which then sent it to the child as well."""
    wanted = {*_PASSED_ON, signal.SIGCHLD}
    if sys.platform != "darwin":
        found = signal.sigwaitinfo(wanted)
        return found.si_signo, found.si_code > 0
    number = signal.sigwait(wanted)
    return number, number in _FROM_KEYS and os.isatty(0) and os.tcgetpgrp(0) == os.getpgrp()


def _until_ended(child: _Child, streams: Sequence[_Stream], woken: int) -> list[_Stream]:
    """Pump until the child has ended and what it wrote is passed on; returns the streams that others still hold."""
    poll = select.poll()
    poll.register(woken, select.POLLIN)
    live = {stream.read: stream for stream in streams}
    for descriptor in live:
        poll.register(descriptor, select.POLLIN)
    while True:
        ended = child.ended()
        ready = [descriptor for descriptor, _ in poll.poll(0 if ended else None)]
        if woken in ready:
            os.read(woken, CHUNK)
        for descriptor in ready:
            if descriptor in live and not live[descriptor].pump():
                poll.unregister(descriptor)
                del live[descriptor]
        if ended and not set(ready) & set(live):
            return list(live.values())


def _leave_behind(streams: Sequence[_Stream], mask: Iterable[int]) -> None:
    """What the command left running still writes: a process of ours stays to mask that, and ends with it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of a thread that only waits for signals
        if os.fork():
            return
    try:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        os.setsid()
        os.close(0)
        live = {stream.read: stream for stream in streams}
        while live:
            for descriptor in select.select(list(live), [], [])[0]:
                if not live[descriptor].pump():
                    del live[descriptor]
    finally:
        os._exit(0)
