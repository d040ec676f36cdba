"""How each face is driven in tests: by keys, by lines, by nobody."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from typing import Any

from prompt_toolkit.input import create_pipe_input
from prompt_toolkit.output import DummyOutput
from textual import events
from textual.pilot import Pilot

from wizard.face import Face
from wizard.prompts import Prompts
from wizard.tui import WizardApp
from wizard.tui.screens.page import Page
from wizard.tui.screens.question import QuestionPage

Session = Callable[[Face], Awaitable[Any]]


class Clock:
    """Stands still until it is moved."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def app_of(session: Session, clock: Clock | None = None) -> WizardApp[Any]:
    """An app that runs the session, with a page for all work."""
    return WizardApp(session, title="mlops-wizard", subtitle="churn-model", clock=clock or Clock(), patience=0)


async def until(pilot: Pilot[Any], there: Callable[[], bool]) -> None:
    """Let the app work until something is there."""
    for _ in range(400):
        await pilot.pause()
        if there():
            await pilot.pause()
            return
    raise AssertionError(f"not reached; on screen is {pilot.app.screen!r}")


def at(pilot: Pilot[Any], page: type[Page[Any]], id: str = "") -> bool:
    """Whether that page is in sight, waits, and (for a question) puts that one."""
    screen = pilot.app.screen
    if not isinstance(screen, page) or screen.settled or not screen.is_mounted:
        return False
    return not id or (isinstance(screen, QuestionPage) and screen.question.id == id)


NAMED = {"enter", "escape", "tab", "up", "down", "home", "end", "backspace", "ctrl+u"}


async def typed(pilot: Pilot[Any], id: str, *keys: str) -> None:
    """Wait for a question, then press keys; what is longer than a key's name is pasted."""
    await until(pilot, lambda: at(pilot, QuestionPage, id))
    await pressed(pilot, *keys)


async def pressed(pilot: Pilot[Any], *keys: str) -> None:
    """Press keys, paste texts."""
    for key in keys:
        if len(key) == 1 or key in NAMED or (key[0] == "f" and key[1:].isdigit()):
            await pilot.press(key)
        else:
            assert pilot.app.focused is not None
            pilot.app.focused.post_message(events.Paste(key))
            await pilot.pause()


class Typist:
    """Lines for `Prompts`: those of a list. `prompts` holds what was asked; the end of the list is the end of input."""

    def __init__(self, *lines: str) -> None:
        self.left = list(lines)
        self.prompts: list[str] = []

    async def text(self, prompt: str) -> str:
        self.prompts.append(prompt)
        if not self.left:
            raise EOFError
        return self.left.pop(0)

    secret = text


async def through_a_pipe(session: Session, keys: str) -> Any:
    """Conducted by `Prompts` with questionary itself, its keys from a pipe."""
    with create_pipe_input() as pipe:
        pipe.send_text(keys)
        return await session(Prompts(input=pipe, output=DummyOutput()))


def files_of(folder: str) -> dict[str, bytes]:
    """Every file below a folder, with its bytes."""
    import os

    def walk() -> Iterator[tuple[str, bytes]]:
        for place, _, names in os.walk(folder):
            for name in names:
                path = os.path.join(place, name)
                with open(path, "rb") as file:
                    yield os.path.relpath(path, folder), file.read()

    return dict(walk())
