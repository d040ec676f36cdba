"""The line at the top: what this is, and for which repo."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Static


class TitleBar(Horizontal):
    """Title and subtitle at the left, how far one is at the right."""

    DEFAULT_CSS = """
    TitleBar { height: 1; dock: top; background: $panel; padding: 0 2; }
    TitleBar > .name { width: 1fr; text-wrap: nowrap; text-overflow: ellipsis; }
    TitleBar > .far { width: auto; color: $foreground 70%; }
    """

    def __init__(self, title: str, subtitle: str, far: str) -> None:
        super().__init__()
        self._title, self._subtitle, self._far = title, subtitle, far

    def compose(self) -> ComposeResult:
        name = Content.assemble(("◆ ", "$accent"), (self._title, "bold"))
        if self._subtitle:
            name = Content.assemble(name, (f"  {self._subtitle}", "$foreground 70%"))
        yield Static(name, classes="name")
        yield Static(self._far, classes="far", markup=False)

    def update_far(self, far: str) -> None:
        """How far one is, as in `Step 3 of 8`."""
        self._far = far
        self.query_one(".far", Static).update(far)
