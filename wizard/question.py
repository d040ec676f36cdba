"""A question, declared once and put by any face."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from wizard.secret import Secret

Value = str | bool | Secret
Kind = Literal["text", "choice", "confirm", "secret"]
Given = Mapping[str, Value]
"""Answers as a question sees them: id -> value."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One of the values that a question offers. `blocked` says why it cannot be chosen now."""

    value: str
    label: str
    blocked: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """What to ask and when it need not be asked.

    `problem` is quick and local; `verify` may ask a server and is run beside the face, after `problem` was content.
    Both return one sentence that ends with what to do, or None. `needs` names the answers that this one rests on:
    when one of them changes, this one is asked again.
    """

    id: str
    prompt: str
    kind: Kind = "text"
    default: Value | None = None
    choices: tuple[Choice, ...] = ()
    help: str = ""
    needs: tuple[str, ...] = ()
    optional: bool = False
    quiet: bool = False
    """Not asked where its default will do; it can still be set, and edited on the review page."""
    when: Callable[[Given], bool] = field(default=lambda _: True, repr=False)
    problem: Callable[[Value], str | None] = field(default=lambda _: None, repr=False)
    verify: Callable[[Value, Given], str | None] | None = field(default=None, repr=False)
    clean: Callable[[str], str] = field(default=str.strip, repr=False)
    """What is done to typed text before it is looked at; for secrets nothing is done."""

    def accept(self, value: Value) -> Value:
        """The value in the question's own type: typed `yes` for a confirm, a plain string for a secret.

        Raises ValueError with a sentence where the type does not fit.
        """
        if self.kind == "secret":
            return value if isinstance(value, Secret) else Secret(str(value))
        if isinstance(value, Secret):
            raise ValueError(f"{self.id} is not a secret")
        if self.kind == "confirm":
            return value if isinstance(value, bool) else _yes_or_no(self.id, value)
        return self.clean(str(value))

    def check(self, value: Value) -> str | None:
        """What is wrong with the value as far as can be told without a server."""
        empty = not value and self.kind != "confirm"
        if empty:
            return None if self.optional else f"{self.prompt}: an answer is needed."
        if self.kind == "choice":
            return self._check_choice(str(value))
        return self.problem(value)

    def _check_choice(self, value: str) -> str | None:
        chosen = next((c for c in self.choices if c.value == value), None)
        if chosen is None:
            offered = ", ".join(c.value for c in self.choices) or "nothing"
            return f"{value!r} is not on offer here; choose one of: {offered}."
        return chosen.blocked or self.problem(value)


def _yes_or_no(id: str, text: str) -> bool:
    word = text.strip().lower()
    if word in {"y", "yes", "true", "1", "on"}:
        return True
    if word in {"n", "no", "false", "0", "off"}:
        return False
    raise ValueError(f"{id} takes yes or no")
