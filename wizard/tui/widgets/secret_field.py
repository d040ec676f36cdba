"""A field for a secret: it shows how much is there, never what."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.widget import Widget

from wizard.secret import Secret


class SecretField(Widget, can_focus=True):
    """Typed and pasted characters go in and do not come out again, but as the `Secret` of `Submitted`.

    Where a secret is `kept` already, Enter accepts it and the first character typed replaces it.
    Not an Input: that one has the text in its `value`, its messages, its selection and its clipboard.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "submit", "Accept", show=False),
        Binding("backspace", "rub_out", "Rub out", show=False),
        Binding("ctrl+u,delete", "clear", "Clear", show=False),
        Binding("ctrl+v", "paste", "Paste", show=False),
    ]

    DEFAULT_CSS = """
    SecretField {
        height: 3; padding: 0 1; background: transparent; color: $foreground; border: round $border-blurred;
        pointer: text;
    }
    SecretField:focus { border: round $border; }
    SecretField.-invalid { border: round $error 60%; }
    SecretField.-invalid:focus { border: round $error; }
    """

    class Submitted(Message):
        """Enter was pressed."""

        def __init__(self, field: SecretField, value: Secret) -> None:
            super().__init__()
            self.field = field
            self.value = value

        @property
        def control(self) -> SecretField:
            return self.field

    def __init__(self, kept: Secret | None = None, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._kept = kept
        self._typed: list[str] = []

    def render(self) -> Content:
        """A mask of fixed width, and the number of characters."""
        cursor = ("▏", "$primary") if self.has_focus else (" ", "")
        if self._typed:
            count = len(self._typed)
            return Content.assemble("••••••••", cursor, (f" {count} character{'s' * (count > 1)}", "$foreground 70%"))
        if self._kept:
            return Content.assemble(
                "••••••••", cursor, (" kept · Enter accepts, typing replaces it", "$foreground 70%")
            )
        return Content.assemble(cursor, ("paste or type it; nothing of it is shown", "$foreground 60%"))

    def check_consume_key(self, key: str, character: str | None) -> bool:  # noqa: ARG002  Textual's signature
        """Printable keys are text here, not commands."""
        return character is not None and character.isprintable()

    def add(self, text: str) -> None:
        """Take typed or pasted text; a pasted line end is not part of a secret."""
        self._typed += [c for c in text if c.isprintable()]
        self.refresh()

    def on_key(self, event: events.Key) -> None:
        """A printable key is a character of the secret."""
        if event.is_printable and event.character:
            event.stop()
            event.prevent_default()
            self.add(event.character)

    def on_paste(self, event: events.Paste) -> None:
        """The terminal's own paste."""
        event.stop()
        self.add(event.text)

    def action_paste(self) -> None:
        """What was copied inside this app."""
        self.add(self.app.clipboard)

    def action_rub_out(self) -> None:
        """Take the last character back."""
        del self._typed[-1:]
        self.refresh()

    def action_clear(self) -> None:
        """Take everything back."""
        self._typed.clear()
        self.refresh()

    def action_submit(self) -> None:
        """Hand the secret over, and forget what was typed."""
        value = Secret("".join(self._typed)) if self._typed else self._kept or Secret("")
        self.action_clear()
        self.post_message(self.Submitted(self, value))

    def on_focus(self) -> None:
        self.refresh()

    def on_blur(self) -> None:
        self.refresh()
