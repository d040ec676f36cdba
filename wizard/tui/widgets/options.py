"""Choosing one of several values, by arrows, mouse, letters or a part of the name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from checks.redact import plain
from wizard.question import Choice

MANY = 12
"""With more than so many there is a field to type a part of the name into."""

REASON = 90
"""Characters of why a choice is blocked that stand in the list; all of it is in the help."""

SHOWN = 500
"""So many rows are drawn at once; the others are found by typing."""


class Options(Vertical):
    """A list of choices. What is blocked cannot be chosen and says why."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "move('cursor_down')", show=False),
        Binding("up", "move('cursor_up')", show=False),
        Binding("pagedown", "move('page_down')", show=False),
        Binding("pageup", "move('page_up')", show=False),
    ]

    DEFAULT_CSS = """
    Options { height: 1fr; min-height: 4; }
    Options > Input { margin: 0; }
    Options > Vertical { height: 1fr; }
    Options OptionList {
        height: auto; max-height: 100%; min-height: 3; padding: 0; scrollbar-size-vertical: 1;
        background: transparent; border: round $border-blurred;
    }
    Options OptionList > .option-list--option { padding: 0 1; }
    Options OptionList:focus { border: round $border; }
    Options > .none { color: $foreground 70%; padding: 0 2; display: none; height: auto; }
    """

    class Chosen(Message):
        """One was chosen."""

        def __init__(self, value: str) -> None:
            super().__init__()
            self.value = value

    def __init__(self, choices: Sequence[Choice], chosen: str | None = None, *, letters: bool = False) -> None:
        super().__init__(id="answer")
        self.choices = tuple(choices)
        self._chosen = chosen
        self._letters = {c.value[:1]: c.value for c in choices} if letters else {}
        self._matching: list[Choice] = []

    def compose(self) -> ComposeResult:
        if len(self.choices) > MANY:
            part = Input(placeholder=f"type a part of the name ({len(self.choices):,} choices)", select_on_focus=False)
            part.cursor_blink = False
            yield part
        with Vertical():
            yield OptionList(markup=False)
        yield Static(classes="none", markup=False)

    def on_mount(self) -> None:
        self._fill("")

    @on(Input.Changed)
    def _narrow(self, event: Input.Changed) -> None:
        event.stop()
        self._fill(event.value)

    @on(Input.Submitted)
    def _enter(self, event: Input.Submitted) -> None:
        event.stop()
        self.submit()

    @on(OptionList.OptionSelected)
    def _click(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.post_message(self.Chosen(self._matching[event.option_index].value))

    def submit(self) -> None:
        """Choose what is highlighted."""
        at = self.query_one(OptionList).highlighted
        if at is not None:
            self.post_message(self.Chosen(self._matching[at].value))

    def on_key(self, event: events.Key) -> None:
        """A letter chooses at once where each choice has one."""
        if event.character in self._letters:
            event.stop()
            self.post_message(self.Chosen(self._letters[event.character]))

    def action_move(self, how: str) -> None:
        """Move in the list while the field has the focus."""
        getattr(self.query_one(OptionList), f"action_{how}")()

    def _fill(self, part: str) -> None:
        words = part.lower().split()
        found = [c for c in self.choices if all(w in f"{c.label} {c.value}".lower() for w in words)]
        self._matching = found[:SHOWN]
        rows = self.query_one(OptionList)
        rows.clear_options()
        rows.add_options([_row(c) for c in self._matching])
        rows.display = bool(found)
        self._say(len(found))
        free = [i for i, c in enumerate(self._matching) if not c.blocked]
        liked = [i for i in free if self._matching[i].value == self._chosen]
        rows.highlighted = next(iter(liked or free), None)

    def _say(self, found: int) -> None:
        more = found - SHOWN
        note = self.query_one(".none", Static)
        note.display = not found or more > 0
        nothing = "Nothing on offer has this in its name." if self.choices else "There is nothing to choose from."
        note.update(f"… and {more:,} more: type a part of the name" if found else nothing)


def _row(choice: Choice) -> Option:
    label = plain(choice.label)
    if not choice.blocked:
        return Option(Content(label))
    why = " ".join(plain(choice.blocked).split())
    why = why if len(why) <= REASON else f"{why[:REASON].rpartition(' ')[0]} … (F1 says it all)"
    return Option(Content.assemble(label, (f"\n  not now: {why}", "italic")), disabled=True)
