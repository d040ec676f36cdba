"""Face 3, nobody is there: answers come from elsewhere, or it fails by the question's id. Nothing ever waits.

stdout is the result, stderr the narration.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import TypeVar

from checks import Check, Finding, Report
from checks.redact import plain, shown
from wizard import words
from wizard.answers import Answers
from wizard.beside import Workbench
from wizard.face import Decision, Edit, Move, Review, Stop
from wizard.question import Choice, Kind, Question, Value
from wizard.secret import Secret

T = TypeVar("T")


class Unanswered(Exception):
    """A question has neither an answer nor a default. The text names it, and every way to answer it."""

    def __init__(self, id: str, prompt: str, kind: Kind, offers: Sequence[Choice] = ()) -> None:
        self.id = id
        self.kind = kind
        self.ways = words.ways(id, kind)
        offered = [f"    {plain(f'{c.value}: {c.blocked or c.label}')}" for c in offers]
        first = f"{id} has no answer ({plain(prompt)})."
        lead = (
            [first, "  VALUE is one of:", *offered, "  Give it by one of:"]
            if offers
            else [f"{first} Give it by one of:"]
        )
        super().__init__("\n".join((*lead, *(f"  {way}" for way in self.ways))))


class Refused(Exception):
    """An answer will not do. The text names it and says why; never the value of a secret."""

    def __init__(self, id: str, problem: str) -> None:
        self.id = id
        self.problem = plain(problem)
        super().__init__(f"{id}: {self.problem}")


class NotAgreed(Exception):
    """Nothing is applied without --yes. What would have been done was shown."""

    def __init__(self) -> None:
        super().__init__("Nothing was changed: without a terminal say --yes to apply what is shown.")


class Unattended:
    """A `wizard.face.Face` that never asks. With `json` the result is left to whoever prints that."""

    def __init__(self, yes: bool, json: bool = False, say: Callable[[str], None] | None = None) -> None:
        self._yes = yes
        self._json = json
        self._say = say or (lambda text: words.put(sys.stderr, text))
        self._bench = Workbench(self._say)
        self._here = ""

    async def rail(self, stops: Sequence[Stop]) -> None:
        """The step that is at hand, when it is another one."""
        line = words.at_hand(stops)
        if line and line != self._here:
            self.say(line)
        self._here = line

    async def ask(self, question: Question, answers: Answers, *, problem: str = "", back: bool = False) -> Value | Move:  # noqa: ARG002
        """The default. Raises Refused where an answer was given that will not do, Unanswered where there is none."""
        if problem:
            raise Refused(question.id, problem)
        if question.default is None:
            return self._left_out(question)
        try:
            value = question.accept(question.default)
        except ValueError as error:
            raise Refused(question.id, f"{error}.") from None
        if refused := question.check(value):
            raise Refused(question.id, refused)
        return value

    @staticmethod
    def _left_out(question: Question) -> Value:
        if not question.optional:
            raise Unanswered(question.id, question.prompt, question.kind, question.choices)
        if question.kind == "secret":
            return Secret("")
        return False if question.kind == "confirm" else ""

    async def busy(self, text: str, work: Callable[[], T]) -> T:
        """Do the work in a thread of its own, so that Ctrl-C is heard."""
        return await self._bench.do(text, work)

    async def review(self, review: Review) -> Decision | Edit:
        """Say every change; agree where `yes` was said beforehand. Raises NotAgreed."""
        for line in words.review_lines(review):
            self._say(line)
        if not self._yes:
            raise NotAgreed
        return Decision.APPLY

    def say(self, text: str) -> None:
        """One line of narration, from any thread."""
        self._say(shown(text))
        self._bench.heed()

    def found(self, check: Check, findings: tuple[Finding, ...]) -> None:
        """One line a check, from any thread."""
        if worst := words.worst(findings):
            self._say(f"  {words.mark(worst.status):<10} {words.told(worst)}  ({check.id})")
        self._bench.heed()

    async def show(self, report: Report, closing: Sequence[str]) -> None:
        """The result, on stdout; with `json` nothing."""
        if self._json:
            return
        for line in words.end_lines(report, closing):
            words.put(sys.stdout, line)
