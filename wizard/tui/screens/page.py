"""What every page has: the title, the rail, the body, the keys; and one outcome."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Generic, TypeVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Footer, Static

from checks.redact import plain
from wizard.face import Stop
from wizard.tui.widgets.rail import Rail
from wizard.tui.widgets.title_bar import TitleBar

R = TypeVar("R")


@dataclass(slots=True)
class Frame:
    """What stands around every page, as it is now."""

    title: str
    subtitle: str = ""
    stops: tuple[Stop, ...] = ()
    said: list[str] = field(default_factory=list)
    """All narration, the newest last."""
    unread: int = 0
    """Where in `said` the narration begins that belongs to the page that is shown."""

    def far(self) -> str:
        """How far one is."""
        here = next((n for n, stop in enumerate(self.stops, 1) if stop.state == "here"), 0)
        return f"Step {here} of {len(self.stops)}" if here else ""

    def here(self) -> str:
        """The title of the step where one is."""
        return next((plain(stop.title) for stop in self.stops if stop.state == "here"), "")


class Page(Screen[None], Generic[R]):
    """A page is settled once, with its outcome; it stays in sight until the next one takes its place."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f3,escape,f2", "back", "Back", key_display="F3"),
    ]

    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-wide")]  # noqa: RUF012  Textual's own way to say it

    VERTICAL_BREAKPOINTS = [(0, "-short"), (20, "-tall")]  # noqa: RUF012

    wide = False
    """Whether the page takes the rail's place in a narrow terminal."""

    helps = ""
    """What F1 says of this page."""

    def __init__(self, frame: Frame) -> None:
        super().__init__()
        self.frame = frame
        self._outcome: asyncio.Future[R] = asyncio.get_running_loop().create_future()

    def compose(self) -> ComposeResult:
        frame = self.frame
        self.set_class(self.wide, "-takes-rail")
        yield TitleBar(plain(frame.title), plain(frame.subtitle), frame.far())
        with Horizontal(id="page"):
            yield Rail(frame.stops).set_class(not frame.stops, "-empty")
            with Vertical(id="body"):
                yield from self.body()
        yield Footer()

    def on_resize(self, event: events.Resize) -> None:
        """Below 72 columns the rail goes: the field comes first."""
        self.set_class(event.size.width < 72, "-tiny")

    def body(self) -> ComposeResult:
        """What this page puts right of the rail."""
        yield Static()

    async def outcome(self) -> R:
        """What the person decided."""
        return await self._outcome

    def settle(self, value: R) -> None:
        """The person has decided; later decisions on the same page are not heard."""
        if not self._outcome.done():
            self._outcome.set_result(value)

    @property
    def settled(self) -> bool:
        """Whether the page waits for nothing any more."""
        return self._outcome.done()

    def interrupt(self) -> None:
        """Ctrl-C: whoever waits for the outcome gets a KeyboardInterrupt."""
        if not self._outcome.done():
            self._outcome.set_exception(KeyboardInterrupt())

    def leave(self) -> None:
        """F10."""
        self.interrupt()

    def rail(self, stops: Sequence[Stop]) -> None:
        """The steps have moved on."""
        if self.is_mounted:
            rail = self.query_one(Rail)
            rail.stops = tuple(stops)
            rail.set_class(not stops, "-empty")
            self.query_one(TitleBar).update_far(self.frame.far())

    def said(self, line: str) -> None:
        """Narration came while this page is shown."""

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Back is on offer only where there is something before."""
        return self.can_go_back() if action == "back" else super().check_action(action, parameters)

    def can_go_back(self) -> bool:
        """Whether Back leads anywhere from here."""
        return False

    def action_back(self) -> None:
        """To the question before."""


def heard(frame: Frame, most: int) -> Static:
    """The last lines of narration since the person was last asked."""
    lines = frame.said[frame.unread :][-most:]
    note = Static(Content("\n").join(Content.styled(f"› {line}", "$foreground 70%") for line in lines), classes="heard")
    return note.set_class(not lines, "-empty")
