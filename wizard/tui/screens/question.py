"""The form of one question."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Button, Input, Static

from checks.redact import plain
from wizard import words
from wizard.face import Move
from wizard.question import Choice, Question, Value
from wizard.secret import Secret
from wizard.tui.screens.page import Frame, Page, heard
from wizard.tui.widgets.options import MANY, Options
from wizard.tui.widgets.secret_field import SecretField

YES_NO = (Choice("yes", "Yes"), Choice("no", "No"))
NO_ANSWER = Choice("", "(leave it open)")


class QuestionPage(Page[Value | Move]):
    """Settled with the value in the question's own type, or with where to go instead."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("b", "back", show=False)]

    def __init__(self, frame: Frame, question: Question, offer: Value | None, problem: str, back: bool) -> None:
        super().__init__(frame)
        self.question = question
        self._offer = offer
        self._problem = problem
        self._back = back
        self._refused = ""

    @property
    def helps(self) -> str:  # type: ignore[override]
        """The question's own help, and how it is answered without being asked."""
        question = self.question
        named = "\n".join(f"  • {way}" for way in words.ways(question.id, question.kind))
        text = plain(question.help) or "There is no more to say about this one."
        text += "".join(
            f"\n\nNot now: {plain(c.label)}. {plain(c.blocked)}" for c in question.choices[:MANY] if c.blocked
        )
        if question.choices and len(question.choices) <= MANY:
            named += f"\n    VALUE is one of {', '.join(plain(c.value) for c in question.choices)}"
        return f"{plain(question.prompt)}\n\n{text}\n\nTo answer {question.id} without being asked:\n{named}"

    def body(self) -> ComposeResult:
        question = self.question
        if here := self.frame.here():
            yield Static(here, classes="step", markup=False)
        yield Static(plain(question.prompt), classes="prompt", markup=False)
        if question.help:
            with VerticalScroll(classes="help", can_focus=False):
                yield Static(plain(question.help), markup=False)
        listed = question.kind in {"choice", "confirm"}
        with Vertical(classes="form") if listed else VerticalScroll(classes="form", can_focus=False):
            if listed:
                yield Static(id="problem", markup=False)
            yield self._field()
            if not listed:
                yield Static(id="problem", markup=False)
        yield heard(self.frame, 2)
        with Horizontal(classes="actions"):
            yield Button("Continue", id="continue", variant="primary", compact=True)
            if self._back:
                yield Button("Back", id="back", compact=True)
            yield Static(self._hint(), classes="hint", markup=False)

    def _field(self) -> Widget:
        question, offer = self.question, self._offer
        if question.kind == "secret":
            return SecretField(offer if isinstance(offer, Secret) and offer else None, id="answer")
        if question.kind == "confirm":
            return Options(YES_NO, None if offer is None else "yes" if words.is_yes(offer) else "no", letters=True)
        if question.kind == "choice":
            choices = (*question.choices, NO_ANSWER) if question.optional else question.choices
            return Options(choices, None if offer is None else str(offer))
        field = Input("" if offer is None else plain(str(offer)), id="answer")
        field.cursor_blink = False
        return field

    def _hint(self) -> str:
        if self.question.kind == "confirm":
            return "Enter, y or n"
        if self.question.kind == "choice":
            return "↑ ↓ and Enter"
        return "may stay empty" if self.question.optional else "Enter"

    def on_mount(self) -> None:
        self.refuse(self._problem)

    @on(Input.Submitted, "#answer")
    def _text(self, event: Input.Submitted) -> None:
        self._refused = event.value
        self._take(event.value)

    @on(Input.Changed, "#answer")
    def _changed(self, event: Input.Changed) -> None:
        if self._problem and event.value not in (self._refused, self._offer):
            self.refuse("")

    @on(Options.Chosen)
    def _choice(self, event: Options.Chosen) -> None:
        self._take(event.value)

    @on(SecretField.Submitted)
    def _secret(self, event: SecretField.Submitted) -> None:
        self._take(event.value)

    @on(Button.Pressed, "#continue")
    async def _continue(self) -> None:
        field = self.query_one("#answer")
        if isinstance(field, Options):
            field.submit()
        elif isinstance(field, SecretField):
            field.action_submit()
        elif isinstance(field, Input):
            await field.action_submit()

    @on(Button.Pressed, "#back")
    def _go_back(self) -> None:
        self.action_back()

    def _take(self, value: Value) -> None:
        try:
            accepted = self.question.accept(value)
        except ValueError as error:
            self.refuse(f"{error}.")
            return
        problem = self.question.check(accepted)
        if problem:
            self.refuse(problem)
        else:
            self.settle(accepted)

    def refuse(self, problem: str) -> None:
        """Say below the field why its answer was not taken; nothing, where it is in order."""
        self._problem = problem
        note = self.query_one("#problem", Static)
        note.update(Content.assemble(("× ", "bold"), plain(problem)) if problem else "")
        note.display = bool(problem)
        field = self.query_one("#answer")
        field.set_class(bool(problem), "-invalid")
        if not isinstance(field, Options):
            field.focus()

    def can_go_back(self) -> bool:
        return self._back

    def action_back(self) -> None:
        if self._back:
            self.settle(Move.BACK)

    def leave(self) -> None:
        self.settle(Move.QUIT)
