"""How a person, or nobody, meets the session."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Protocol, TypeVar

from checks import Check, Finding, Report
from wizard.answers import Answers
from wizard.plan import Plan
from wizard.question import Question, Value

T = TypeVar("T")


class Move(Enum):
    """Where to go instead of an answer."""

    BACK = "back"
    QUIT = "quit"


class Decision(Enum):
    """What a person says to the plan."""

    APPLY = "apply"
    LEAVE = "leave"
    BACK = "back"


@dataclass(frozen=True, slots=True)
class Edit:
    """The person wants to answer this question again."""

    question: str


@dataclass(frozen=True, slots=True)
class Stop:
    """One step in the rail: its state is `ahead`, `here`, `done`, `failed`."""

    id: str
    title: str
    state: str


@dataclass(frozen=True, slots=True)
class Review:
    """All that the review page shows: the plan and the questions that were asked, with their answers."""

    plan: Plan
    answered: tuple[tuple[Question, str], ...]
    """(question, its answer as it may be shown: a secret is masked)."""
    notes: tuple[str, ...] = ()


class Face(Protocol):
    """Three exist: `tui`, `prompts` and `unattended`. Ctrl-C anywhere raises KeyboardInterrupt."""

    async def rail(self, stops: Sequence[Stop]) -> None:
        """The steps and how far they are."""
        ...

    async def ask(self, question: Question, answers: Answers, *, problem: str = "", back: bool = False) -> Value | Move:
        """Put one question. `problem`: why the last answer was not taken; `back`: whether there is one before."""
        ...

    async def busy(self, text: str, work: Callable[[], T]) -> T:
        """Run slow work beside the face, which stays alive meanwhile; its exceptions come through."""
        ...

    async def review(self, review: Review) -> Decision | Edit:
        """Show every change before anything is written."""
        ...

    def say(self, text: str) -> None:
        """One line of narration; may be called from any thread."""
        ...

    def found(self, check: Check, findings: tuple[Finding, ...]) -> None:
        """A check ended; may be called from any thread."""
        ...

    async def show(self, report: Report, closing: Sequence[str]) -> None:
        """The end: what was checked, and the closing lines (the last is the command that repeats it all)."""
        ...
