"""Calls that may hang (a keyring that prompts, a bus that does not answer) and must not take the wizard with them."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar

Answer = TypeVar("Answer")


class TooLongError(Exception):
    """The call has not come back in time; its thread is left to itself and ends with the process."""


def bounded(call: Callable[[], Answer], seconds: float) -> Answer:
    """What the call returns or raises, if it does so within the time; else TooLongError."""
    answers: list[Answer] = []
    errors: list[BaseException] = []

    def attempt() -> None:
        try:
            answers.append(call())
        except BaseException as error:  # noqa: BLE001 - raised again below, in the thread that asked
            errors.append(error)

    thread = threading.Thread(target=attempt, name="store", daemon=True)
    thread.start()
    thread.join(seconds)
    if answers:
        return answers[0]
    if errors:
        raise errors[0]
    raise TooLongError
