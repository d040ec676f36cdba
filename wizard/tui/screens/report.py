"""The end: what was checked, what to do about it, and the closing lines."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Button, OptionList, Static

from checks import Report
from checks.redact import plain
from wizard import words
from wizard.tui.screens.page import Frame, Page, heard
from wizard.tui.widgets.findings import COLOURS, FindingDetail, FindingTable

COUNTED = "not bold $foreground 70%"


class ReportPage(Page[None]):
    """Settled when the person has read it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "move('cursor_down')", show=False),
        Binding("up", "move('cursor_up')", show=False),
        Binding("q,escape", "app.leave", show=False),
    ]

    wide = True

    helps = (
        "The checks, the worst first. The arrows move through them; below is what the highlighted one saw and what to do.\n\n"
        "`mlops-wizard doctor` looks again at any time, `mlops-wizard explain ID` says more about one of them."
    )

    def __init__(self, frame: Frame, report: Report, closing: Sequence[str]) -> None:
        super().__init__(frame)
        self.report = report
        self.closing = tuple(closing)
        self._findings = words.worst_first(report)

    def body(self) -> ComposeResult:
        self.set_class(not self._findings, "-bare")
        if self._findings:
            yield Static(self._headline(), classes="prompt")
            with Vertical(id="halves"):
                yield FindingTable(self._findings, id="found")
                yield FindingDetail(self._findings[0], id="detail")
            yield from self._last_lines()
        else:
            with Vertical(id="halves"):
                yield from self._last_lines()
            yield heard(self.frame, 2)
        with Horizontal(classes="actions"):
            yield Button("Close", id="close", variant="primary", compact=True)

    def _headline(self) -> Content:
        status, sentence = words.verdict(self.report)
        counted = f"  {words.counted(self.report)}"
        return Content.assemble((f"{words.SIGNS[status]} ", COLOURS[status]), sentence, (counted, COUNTED))

    def _last_lines(self) -> ComposeResult:
        """The closing lines; the last one, the command that does it all again, is never scrolled away."""
        *before, last = (plain(line) for line in self.closing or ("",))
        with VerticalScroll(classes="closing").set_class(not before, "-empty"):
            yield Static("\n".join(before), markup=False)
        yield Static(last, classes="last", markup=False)

    def on_mount(self) -> None:
        if self._findings:
            self.query_one(FindingTable).highlighted = 0
        self.query_one("#close").focus()

    @on(OptionList.OptionHighlighted)
    def _highlight(self, event: OptionList.OptionHighlighted) -> None:
        self.query_one(FindingDetail).show(self._findings[event.option_index])

    @on(Button.Pressed)
    def _close(self) -> None:
        self.leave()

    def action_move(self, how: str) -> None:
        """Move in the table while the button has the focus."""
        if self._findings:
            getattr(self.query_one(FindingTable), f"action_{how}")()

    def leave(self) -> None:
        self.settle(None)
