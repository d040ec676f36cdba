"""Every change with its diff, and every answer, before anything is written."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Button, OptionList, Static, TabbedContent, TabPane
from textual.widgets.option_list import Option

from checks.redact import plain
from wizard import words
from wizard.change import Change
from wizard.face import Decision, Edit, Review
from wizard.tui.screens.page import Frame, Page
from wizard.tui.widgets.diff_view import DiffView


class ReviewPage(Page[Decision | Edit]):
    """Settled with what the person says to the plan. Enter alone applies nothing."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f5,a", "apply", "Apply", key_display="F5"),
        Binding("f6,e", "turn", "Answers", key_display="F6"),
        Binding("f8,l", "keep", "Leave all", key_display="F8"),
        Binding("b", "back", show=False),
    ]

    wide = True

    helps = (
        "Nothing has been written yet. Above are the changes in the order in which they would be made; the diff is that "
        "of the highlighted one. Secrets are masked.\n\n"
        "  • Apply makes the changes. Each stage is all or none, and `mlops-wizard undo` takes them back.\n"
        "  • Leave all ends here, and everything stays as it is.\n"
        "  • Answers lists what was answered: Enter on one of them asks it again.\n"
        "  • Back asks the last question again."
    )

    def __init__(self, frame: Frame, review: Review) -> None:
        super().__init__(frame)
        self.review = review

    def body(self) -> ComposeResult:
        changes = self.review.plan.changes
        yield Static(words.headline(self.review), classes="prompt", markup=False)
        for note in self.review.notes:
            yield Static(f"› {plain(note)}", classes="note", markup=False)
        with TabbedContent(id="review"):
            with TabPane(f"Changes ({len(changes)})", id="changes"):
                if not changes:
                    yield Static("Everything is as the answers want it.", classes="note", markup=False)
                with Horizontal(classes="split").set_class(not changes, "-empty"):
                    yield OptionList(*self._changes(), id="list", markup=False)
                    yield DiffView(id="diff")
            with TabPane(f"Answers ({len(self.review.answered)})", id="answers"):
                yield OptionList(*self._answers(), id="answered", markup=False)
        with Horizontal(classes="actions"):
            yield Button("Apply", id="apply", variant="primary", compact=True)
            yield Button("Leave all as it is", id="keep", compact=True)
            yield Button("Back", id="back", compact=True)

    def _changes(self) -> list[Option]:
        rows: list[Option] = []
        for stage in self.review.plan.stages:
            rows.append(Option(Content.styled(plain(stage.title), "$foreground 60%"), disabled=True))
            rows += [Option(_change(change)) for change in stage.changes]
        return rows

    def _by_row(self) -> list[Change | None]:
        return [c for stage in self.review.plan.stages for c in (None, *stage.changes)]

    def _answers(self) -> list[Option]:
        width = max((len(q.prompt) for q, _ in self.review.answered), default=0)
        width = min(width, 44)
        return [
            Option(Content.assemble(_cut(plain(q.prompt), width), "  ", (plain(answer) or "—", "$text-primary")))
            for q, answer in self.review.answered
        ]

    def on_mount(self) -> None:
        rows = self.query_one("#list", OptionList)
        rows.highlighted = next((i for i, c in enumerate(self._by_row()) if c), None)
        rows.focus()

    @on(OptionList.OptionHighlighted, "#list")
    def _highlight(self, event: OptionList.OptionHighlighted) -> None:
        if change := self._by_row()[event.option_index]:
            diff = self.query_one(DiffView)
            diff.border_title = Content(plain(change.title))
            diff.border_subtitle = "" if change.reversible else "cannot be undone"
            diff.show(shown_preview(change))

    @on(OptionList.OptionSelected, "#list")
    def _read(self) -> None:
        self.query_one(DiffView).focus()

    @on(OptionList.OptionSelected, "#answered")
    def _edit(self, event: OptionList.OptionSelected) -> None:
        self.settle(Edit(self.review.answered[event.option_index][0].id))

    @on(Button.Pressed)
    def _press(self, event: Button.Pressed) -> None:
        getattr(self, f"action_{event.button.id}")()

    def action_turn(self) -> None:
        """From the changes to the answers, and the other way."""
        tabs = self.query_one(TabbedContent)
        tabs.active = "answers" if tabs.active == "changes" else "changes"
        self.query_one("#answered" if tabs.active == "answers" else "#list").focus()

    def action_apply(self) -> None:
        self.settle(Decision.APPLY)

    def action_keep(self) -> None:
        self.settle(Decision.LEAVE)

    def can_go_back(self) -> bool:
        return True

    def action_back(self) -> None:
        self.settle(Decision.BACK)


def shown_preview(change: Change) -> str:
    """A change's preview as it may be put on a screen."""
    lines = words.preview(change).split("\n")
    named = len(lines) > 2 and lines[0].startswith("--- ") and lines[1].startswith("+++ ")
    return "\n".join(lines[2:] if named else lines)  # the name is in the title above


def _change(change: Change) -> Content:
    sign = ("• ", "") if change.reversible else ("! ", "$text-warning bold")
    return Content.assemble(sign, plain(change.title))


def _cut(text: str, width: int) -> str:
    return f"{text:<{width}}" if len(text) <= width else text[: width - 1] + "…"
