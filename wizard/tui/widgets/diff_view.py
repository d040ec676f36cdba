"""A preview or diff, coloured by what its lines begin with."""

from __future__ import annotations

from typing import ClassVar

from rich.cells import chop_cells
from rich.segment import Segment
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip


class DiffView(ScrollView, can_focus=True):
    """Draws only the lines in sight, so that its length does not matter. Long lines go on below, indented by a sign.

    What was added and removed is told by `+` and `-` and only then by colour.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {"diff--added", "diff--removed", "diff--place", "diff--name", "diff--plain"}

    DEFAULT_CSS = """
    DiffView {
        padding: 0 1; overflow-x: hidden; scrollbar-size-vertical: 1; background: transparent;
        border: round $border-blurred; border-title-color: $foreground 80%; border-subtitle-color: $text-warning;
    }
    DiffView:focus { border: round $border; }
    DiffView > .diff--added { color: $text-success; background: $success 12%; }
    DiffView > .diff--removed { color: $text-error; background: $error 12%; }
    DiffView > .diff--place { color: $text-secondary; }
    DiffView > .diff--name { color: $foreground 60%; text-style: bold; }
    DiffView > .diff--plain { color: $foreground; }
    """

    def __init__(self, text: str = "", *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._source: list[tuple[str, str]] = []
        self._shown: list[tuple[str, str]] = []
        self.show(text)

    def show(self, text: str) -> None:
        """Put another text, from its beginning."""
        lines = text.expandtabs(4).splitlines()
        diff = any(line.startswith("@@") for line in lines)
        self._source = [(_kind(line) if diff else "plain", line) for line in lines]
        self._wrap()
        self.scroll_home(animate=False)

    def on_resize(self) -> None:
        self._wrap()

    def _wrap(self) -> None:
        width = max(8, self.scrollable_content_region.width)
        self._shown = [(kind, part) for kind, line in self._source for part in _parts(line, width)]
        self.virtual_size = Size(width, len(self._shown))
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """One line of what is in sight."""
        number = y + self.scroll_offset.y
        width = self.scrollable_content_region.width
        kind, text = self._shown[number] if number < len(self._shown) else ("plain", "")
        style = self.get_component_rich_style(f"diff--{kind}")
        return Strip([Segment(text, style)]).adjust_cell_length(width, style)


def _kind(line: str) -> str:
    if line.startswith(("+++", "---")):
        return "name"
    return {"+": "added", "-": "removed", "@": "place"}.get(line[:1], "plain")


def _parts(line: str, width: int) -> list[str]:
    first, *more = chop_cells(line, width) or [""]
    rest = "".join(more)
    return [first, *(f"↪ {part}" for part in (chop_cells(rest, width - 2) if rest else ()))]
