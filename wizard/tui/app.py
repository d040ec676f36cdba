"""The full-screen app: it runs a session and ends with what the session ends with.

Only what the first picture needs is imported at the top; the pages come after it, so that it is there at once.
"""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import Awaitable, Callable, Iterable
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from textual.app import App, ComposeResult, SystemCommand
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.widgets import Static

from wizard.tui.themes import DARK, LIGHT
from wizard.tui.widgets.title_bar import TitleBar

if TYPE_CHECKING:
    from wizard.face import Face
    from wizard.tui.face import ScreenFace
    from wizard.tui.screens.page import Page

T = TypeVar("T")

PATIENCE = 0.15
"""Work that ends sooner gets no page of its own, so that nothing flickers (seconds)."""


class WizardApp(App[T]):
    """Runs `session` with a face that shows pages. `conduct()` is the way in.

    `clock` tells the seconds that work takes; tests bring their own.
    """

    CSS_PATH = "app.tcss"
    COMMAND_PALETTE_DISPLAY = "F9"
    ENABLE_COMMAND_PALETTE = True

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f1", "explain", "Help", key_display="F1"),
        Binding("question_mark", "explain", show=False),
        Binding("f4", "narration", "Log", key_display="F4"),
        Binding("f10", "leave", "Quit", key_display="F10"),
        Binding("ctrl+q", "leave", show=False, priority=True),
        Binding("ctrl+c", "interrupt", show=False, priority=True),
        Binding("f9", "commands", show=False),
    ]

    def __init__(
        self,
        session: Callable[[Face], Awaitable[T]],
        *,
        title: str,
        subtitle: str = "",
        clock: Callable[[], float] = time.monotonic,
        patience: float = PATIENCE,
    ) -> None:
        super().__init__()
        self._session = session
        self._clock, self._patience = clock, patience
        self.title, self.sub_title = title, subtitle
        self._ended: list[T] = []
        self._failed: BaseException | None = None
        self.register_theme(DARK)
        self.register_theme(LIGHT)
        if not os.environ.get("TEXTUAL_THEME"):
            self.theme = DARK.name

    @cached_property
    def face(self) -> ScreenFace:
        """What the session is handed."""
        from wizard.tui.face import ScreenFace
        from wizard.tui.screens.page import Frame

        return ScreenFace(self, Frame(self.title, self.sub_title), self._clock, self._patience)

    def conduct(self) -> T:
        """Run until the session ends; returns its result, or raises what it raised (KeyboardInterrupt where the person
        stopped it). What was on the last page is then told on stderr, because the full screen is gone with it."""
        from wizard import words

        self.run()
        if self.face.report is not None:
            for line in words.end_lines(self.face.report, self.face.closing):
                words.put(sys.stderr, line)
        return self.outcome()

    def outcome(self) -> T:
        """What the session returned, after the app has ended; raises what it raised."""
        if self._failed is not None:
            raise self._failed
        if not self._ended:
            raise KeyboardInterrupt
        return self._ended[0]

    def compose(self) -> ComposeResult:
        """The first picture."""
        yield TitleBar(self.title, self.sub_title, "")
        yield Static("Getting ready …", id="ready")

    def on_mount(self) -> None:
        self.call_after_refresh(self._start)

    async def _start(self) -> None:
        from wizard.tui.screens.working import WorkingPage

        await self.push_screen(WorkingPage(self.face.frame, self._clock, "Getting ready …"))
        self.run_worker(self._drive(), name="session", group="session", exit_on_error=False)

    async def _drive(self) -> None:
        """KeyboardInterrupt must not leave this coroutine: it would tear the loop down with the terminal as it is."""
        self.face.begin()
        try:
            result = await self._session(self.face)
            self._ended.append(result)
            self.exit(result)
        except asyncio.CancelledError:  # the app is on its way out already
            self._failed = self._failed or KeyboardInterrupt()
            return
        except BaseException as error:  # noqa: BLE001  raised again by `outcome`
            self._failed = error
            self.exit()

    def _fatal_error(self) -> None:
        """A fault of a page: ends the app, and `outcome` raises it. Textual's own way prints a traceback with locals."""
        self._failed = self._failed or self._exception
        self._close_messages_no_wait()

    def action_leave(self) -> None:
        """F10: the page that is shown decides what leaving means there."""
        self._leave(lambda page: page.leave())

    def action_interrupt(self) -> None:
        """Ctrl-C: copy what is selected, or else stop."""
        from textual.widgets import Input

        chosen = self.screen.get_selected_text()
        if isinstance(self.focused, Input) and self.focused.selected_text:
            chosen = self.focused.selected_text
        if chosen:
            self.copy_to_clipboard(chosen)
        else:
            self._leave(lambda page: page.interrupt())

    def _leave(self, way: Callable[[Page[Any]], None]) -> None:
        from wizard.tui.screens.working import WorkingPage

        page = self.face.page
        if self.face.stop():
            return
        if page is None or page.settled or isinstance(page, WorkingPage):  # the session itself is at work
            self.workers.cancel_group(self, "session")
            self.exit()
        else:
            way(page)

    def action_commands(self) -> None:
        """F9: the palette, where Ctrl-P is the terminal's own."""
        self.action_command_palette()

    def action_explain(self) -> None:
        """F1."""
        if page := self.face.page:
            self._lay_over("Help", f"{page.helps}\n\n{KEYS}".strip())

    def action_narration(self) -> None:
        """F4."""
        self._lay_over("What was said so far", "\n".join(self.face.frame.said) or "Nothing was said yet.", end=True)

    def _lay_over(self, title: str, text: str, *, end: bool = False) -> None:
        from wizard.tui.screens.overlay import Overlay

        if not isinstance(self.screen, Overlay):
            self.push_screen(Overlay(title, text, end=end))

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """The palette: our own keys, and of Textual's what is of use here."""
        yield SystemCommand("Help", "What this page asks, and the keys", self.action_explain)
        yield SystemCommand("Log", "All narration so far", self.action_narration)
        page = self.face.page
        if page and page.can_go_back():
            yield SystemCommand("Back", "To the question before", page.action_back)
        yield SystemCommand("Quit", "Stop here; what was answered is remembered", self.action_leave)
        kept = {"Theme", "Screenshot"}
        yield from (c for c in super().get_system_commands(screen) if c.title in kept)


KEYS = """Keys
  Enter  accept                F3, Esc  back
  Tab    next field            F4       what was said so far
  ↑ ↓    choose                F9, ^p   commands, themes
  F1, ?  this help             F10, ^q  quit
Where nothing is typed into, letters do: b back, a apply, l leave all, e answers, q quit."""
