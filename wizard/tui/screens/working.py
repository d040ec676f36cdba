"""What is shown while something slow is done."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import RichLog, Static

from checks import Finding
from checks.redact import plain
from wizard.face import Stop
from wizard.tui.screens.page import Frame, Page
from wizard.tui.widgets.findings import FindingTable

TURNS = "◐◓◑◒"
LINES = 2_000
"""So many lines of narration are kept in sight's reach."""


class WorkingPage(Page[None]):
    """What is being done, for how long, what it says, and the checks that have ended. Never settled."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("q", "app.leave", show=False)]

    helps = (
        "Something is being done; this page goes away by itself.\n\n"
        "F10 asks it to stop: a change that is half made is taken back first. F10 again does not wait for that."
    )

    def __init__(self, frame: Frame, clock: Callable[[], float], text: str = "") -> None:
        super().__init__(frame)
        self._clock = clock
        self._text = text
        self._begun = clock()
        self._stopped = False
        self._lines: list[str] = []
        self._found: list[Finding] = []

    def begin(self, text: str) -> None:
        """Something else is done from now on."""
        self._text, self._stopped, self._begun = text, False, self._clock()
        self._lines.clear()
        self._found.clear()
        if self.is_mounted:
            self.query_one(RichLog).clear()
            self.query_one(FindingTable).clear_findings()
            self._arrange()

    def body(self) -> ComposeResult:
        yield Static(id="step", classes="step", markup=False)
        yield Static(id="doing", classes="prompt", markup=False)
        yield Static(id="elapsed", markup=False)
        yield RichLog(id="log", wrap=True, min_width=20, max_lines=LINES, auto_scroll=True)
        yield FindingTable(id="found")

    def on_mount(self) -> None:
        for line in self._lines:
            self._write(line)
        self.query_one(FindingTable).add(self._found)
        self._arrange()
        self.query_one("#log").can_focus = False
        self.set_interval(1 / 4, self._tick)

    def _tick(self) -> None:
        self.query_one("#elapsed", Static).update(self._elapsed())

    def _elapsed(self) -> Content:
        spent = max(0.0, self._clock() - self._begun)
        turn = TURNS[int(spent * 4) % len(TURNS)]
        state = "stopping; F10 again does not wait" if self._stopped else _seconds(spent)
        return Content.assemble((f"{turn} ", "$primary"), (state, "$foreground 70%"))

    def _arrange(self) -> None:
        step = self.query_one("#step", Static)
        step.update(self.frame.here())
        step.display = bool(self.frame.here())
        self.query_one("#doing", Static).update(plain(self._text))
        log, found = self.query_one(RichLog), self.query_one(FindingTable)
        found.display = bool(self._found)
        log.display = bool(self._lines)
        log.set_class(found.display, "-short")
        self._tick()

    def rail(self, stops: Sequence[Stop]) -> None:
        super().rail(stops)
        if self.is_mounted:
            self._arrange()

    def said(self, line: str) -> None:
        self._lines = [*self._lines[1 - LINES :], line]
        if self.is_mounted:
            self._write(line)
            self._arrange()

    def _write(self, line: str) -> None:
        self.query_one(RichLog).write(Text(f"› {line}"))

    def found(self, findings: Iterable[Finding]) -> None:
        """A check has ended."""
        new = list(findings)
        self._found += new
        if self.is_mounted:
            self.query_one(FindingTable).add(new)
            self._arrange()

    def stopping(self) -> None:
        """The work was asked to end."""
        self._stopped = True
        if self.is_mounted:
            self._tick()


def _seconds(spent: float) -> str:
    whole = int(spent)
    return f"{whole} s" if whole < 60 else f"{whole // 60} min {whole % 60:02} s"
