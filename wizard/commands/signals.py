"""SIGTERM and a closed terminal are as Ctrl-C: what is half done is taken back before the end."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_NAMES = ("SIGTERM", "SIGHUP")


@contextmanager
def as_ctrl_c() -> Iterator[None]:
    """While the block runs. A signal that was set to be ignored (by nohup) stays ignored."""
    found = [getattr(signal, name) for name in _NAMES if hasattr(signal, name)]
    ours = [s for s in found if signal.getsignal(s) is signal.SIG_DFL]
    if threading.current_thread() is not threading.main_thread():
        ours = []
    for number in ours:
        signal.signal(number, lambda *_: signal.raise_signal(signal.SIGINT))
    try:
        yield
    finally:
        for number in ours:
            signal.signal(number, signal.SIG_DFL)
