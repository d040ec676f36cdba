"""What is laid over a page for a moment: its help, and all narration so far."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Static


class Overlay(ModalScreen[None]):
    """A text to read; any of the keys that one tries takes it away."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,enter,f1,f2,f3,f4,q,space,question_mark", "dismiss", "Close", key_display="Esc"),
    ]

    def __init__(self, title: str, text: str, *, end: bool = False) -> None:
        super().__init__()
        self._title, self._text, self._end = title, text, end

    def compose(self) -> ComposeResult:
        with Vertical(id="sheet"), VerticalScroll():
            yield Static(self._text, markup=False)

    def on_mount(self) -> None:
        sheet = self.query_one("#sheet")
        sheet.border_title, sheet.border_subtitle = self._title, "Esc closes this"
        scroll = self.query_one(VerticalScroll)
        scroll.focus()
        if self._end:
            scroll.scroll_end(animate=False)
