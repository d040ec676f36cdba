"""Slow work in a thread of its own, beside a face that stays alive.

A thread cannot be stopped from outside. It learns that a person wants to stop when it next says something: `heed`, which
the faces call from `say` and `found`, then raises KeyboardInterrupt in it, once. A plan that is being applied takes its
stage back on that; what it says meanwhile is heard as ever.
"""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import threading
from collections.abc import Callable
from typing import Any, Generic, TypeVar

T = TypeVar("T")

EVERY = 30
"""Seconds between two lines that say that work goes on."""


class Beside(Generic[T]):
    """One piece of work. The thread is a daemon: a probe that hangs does not keep the process."""

    def __init__(self, work: Callable[[], T]) -> None:
        self._work = work
        self._loop = asyncio.get_running_loop()
        self._over = asyncio.Event()
        self._done: list[T] = []
        self._failed: BaseException | None = None
        self._stop = False
        self.stopping = False
        """Whether `stop` was called."""
        self._thread = threading.Thread(target=contextvars.copy_context().run, args=(self._run,), daemon=True)
        self._thread.start()

    async def wait(self, seconds: float | None = None) -> bool:
        """Whether the work has ended, after so many seconds at most."""
        if seconds is None:
            await self._over.wait()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._over.wait(), seconds)
        return self._over.is_set()

    def result(self) -> T:
        """What the work returned; raises what it raised. Only after it has ended."""
        if self._failed is not None:
            raise self._failed
        return self._done[0]

    def stop(self) -> None:
        """Ask the work to end when it next says something."""
        self._stop = self.stopping = True

    def heed(self) -> None:
        """Called where the work says something: raises KeyboardInterrupt once, in the thread that works."""
        if self._stop and threading.current_thread() is self._thread:
            self._stop = False
            raise KeyboardInterrupt

    def _run(self) -> None:
        try:
            self._done.append(self._work())
        except BaseException as error:  # noqa: BLE001  it is raised again by `result`
            self._failed = error
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits any more
            self._loop.call_soon_threadsafe(self._over.set)


class Workbench:
    """One piece of work at a time for a face without a screen, where Ctrl-C cancels the task that waits for it."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._now: Beside[Any] | None = None

    async def do(self, text: str, work: Callable[[], T]) -> T:
        """What the work returns or raises, with a line before it and one now and then while it lasts. After Ctrl-C the work
        is asked to end and waited for, then KeyboardInterrupt is raised; a second Ctrl-C (asyncio's own) does not wait."""
        self._say(f"{text} …")
        beside: Beside[T] = Beside(work)
        self._now = beside
        try:
            waited = 0
            while not await beside.wait(EVERY):
                waited += EVERY
                self._say(f"{text}: {waited} s …")
        except asyncio.CancelledError:
            self._say("Stopping; what is half done is taken back first (Ctrl-C again does not wait).")
            beside.stop()
            await beside.wait()
            raise KeyboardInterrupt from None
        finally:
            self._now = None
        return beside.result()

    def heed(self) -> None:
        """Called where the work says something: raises KeyboardInterrupt in it where it was asked to end."""
        if self._now:
            self._now.heed()
