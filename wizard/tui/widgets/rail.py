"""The steps at the left, with how far they are."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content
from textual.reactive import reactive
from textual.widgets import Static

from checks.redact import plain
from wizard import words
from wizard.face import Stop

COLOURS = {"done": "$text-success", "here": "$primary", "failed": "$text-error", "ahead": "$foreground 50%"}


class Rail(Static):
    """A line a step: sign, title and word. Joined by a thread where there is room, and scrolled to where one is."""

    DEFAULT_CSS = """
    Rail {
        width: 27;
        height: 100%;
        padding: 1 2 0 2;
        border-right: vkey $border-blurred;
        background: $surface 50%;
    }
    """

    stops: reactive[tuple[Stop, ...]] = reactive(())
    """The steps in order."""

    def __init__(self, stops: Sequence[Stop] = ()) -> None:
        super().__init__(markup=False)
        self.set_reactive(Rail.stops, tuple(stops))

    def render(self) -> Content:
        """The steps that fit, around the one where one is."""
        width, height = self.content_size.width, max(1, self.content_size.height)
        joined = 2 * len(self.stops) - 1 <= height
        lines: list[Content] = []
        for number, stop in enumerate(self.stops):
            if joined and number:
                lines.append(Content.styled("│", "$border-blurred"))
            lines.append(self._line(stop, width))
        here = next((i for i, stop in enumerate(self.stops) if stop.state == "here"), 0)
        first = 0 if joined else max(0, min(here - height // 2, len(lines) - height))
        return Content("\n").join(lines[first : first + height])

    @staticmethod
    def _line(stop: Stop, width: int) -> Content:
        sign, word = words.stop_signs(stop.state)
        colour = COLOURS.get(stop.state, "")
        room = max(4, width - len(word) - 3)
        title = plain(stop.title)
        title = title if len(title) <= room else title[: room - 1] + "…"
        weight = f"{colour} bold" if stop.state == "here" else "" if stop.state == "done" else colour
        return Content.assemble((f"{sign} ", colour), (f"{title:<{room}} ", weight), (word, colour))
