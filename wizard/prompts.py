"""Face 2: one question after the other, a line each, nothing redrawn but the line that is typed.

For screen readers, serial lines and terminals that can do little; `TERM=dumb` gets plain lines without any escape.
Everything is written to stderr: stdout is left to results.
"""

from __future__ import annotations

import builtins
import contextlib
import getpass
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Protocol, TextIO, TypeVar

import questionary
from prompt_toolkit.input import Input
from prompt_toolkit.output import Output, create_output

from checks import Check, Finding, Report
from checks.redact import plain, shown
from wizard import words
from wizard.answers import Answers
from wizard.beside import Workbench
from wizard.face import Decision, Edit, Move, Review, Stop
from wizard.question import Choice, Question, Value
from wizard.secret import MASK, Secret

T = TypeVar("T")

BACK = "<"
"""What is typed to go back; help is `?`, an empty answer in place of the default `-`."""

LISTED = 30
"""Of more choices than these only the first are listed; the others are found by typing a part of the name."""

DUMB = ("", "dumb", "unknown")

_CHOICES = (
    Choice("apply", "Apply these changes"),
    Choice("leave", "Leave everything as it is"),
    Choice("edit", "Answer one of the questions again"),
    Choice("back", "Back to the last question"),
)


class Lines(Protocol):
    """Where typed lines come from. Raises EOFError at the end of the input, KeyboardInterrupt for Ctrl-C."""

    async def text(self, prompt: str) -> str: ...
    async def secret(self, prompt: str) -> str: ...


class Questionary:
    """Typed with the editing keys that a terminal offers."""

    def __init__(self, input: Input | None, output: Output | None) -> None:
        self._input = input
        self._output = output or create_output(stdout=sys.stderr)

    async def text(self, prompt: str) -> str:
        """A line."""
        asked = questionary.text(prompt, qmark="?", input=self._input, output=self._output)
        return str(await asked.unsafe_ask_async())

    async def secret(self, prompt: str) -> str:
        """A line that is masked while it is typed."""
        asked = questionary.password(prompt, qmark="?", input=self._input, output=self._output)
        return str(await asked.unsafe_ask_async())


class Plain:
    """Typed line by line, without a single escape."""

    def __init__(self, read: Callable[[str], str] | None = None, hidden: Callable[[str], str] | None = None) -> None:
        self._read = read or _read
        self._hidden = hidden or (lambda prompt: getpass.getpass(prompt, stream=sys.stderr))

    async def text(self, prompt: str) -> str:
        """A line."""
        with _interruptible():
            return self._read(f"? {prompt} ")

    async def secret(self, prompt: str) -> str:
        """A line that is not echoed."""
        with _interruptible():
            return self._hidden(f"? {prompt} ")


def _read(prompt: str) -> str:
    sys.stderr.write(prompt)
    sys.stderr.flush()
    return builtins.input()


@contextlib.contextmanager
def _interruptible() -> Iterator[None]:
    """asyncio turns Ctrl-C into the cancelling of a task, which a blocking read would never notice."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before or signal.default_int_handler)


class Prompts:
    """A `wizard.face.Face`. `input` and `output` are prompt_toolkit's, for tests; `lines` replaces both."""

    def __init__(
        self,
        input: Input | None = None,
        output: Output | None = None,
        *,
        lines: Lines | None = None,
        stream: TextIO | None = None,
    ) -> None:
        dumb = input is None and os.environ.get("TERM", "") in DUMB and os.name != "nt"
        self._lines: Lines = lines or (Plain() if dumb else Questionary(input, output))
        self._stream = stream
        self._bench = Workbench(self._write)
        self._here = ""
        self._last: tuple[str, Value] = ("", "")

    def _write(self, text: str) -> None:
        words.put(self._stream or sys.stderr, text)

    async def rail(self, stops: Sequence[Stop]) -> None:
        """The step that is at hand, when it is another one."""
        line = words.at_hand(stops)
        if line and line != self._here:
            self._write(f"\n{line}")
        self._here = line

    async def busy(self, text: str, work: Callable[[], T]) -> T:
        """Say what is being done, and do it."""
        return await self._bench.do(text, work)

    def say(self, text: str) -> None:
        """One line of narration, from any thread."""
        self._write(shown(text))
        self._bench.heed()

    def found(self, check: Check, findings: tuple[Finding, ...]) -> None:  # noqa: ARG002  the findings say it
        """One line a check, from any thread."""
        if worst := words.worst(findings):
            self._write(f"  {words.mark(worst.status):<10} {words.told(worst)}")
        self._bench.heed()

    async def show(self, report: Report, closing: Sequence[str]) -> None:
        """The end."""
        for line in ("", *words.end_lines(report, closing)):
            self._write(line)

    async def ask(self, question: Question, answers: Answers, *, problem: str = "", back: bool = False) -> Value | Move:
        """Put one question until its answer will do."""
        last = self._last[1] if self._last[0] == question.id else None
        offer = words.suggested(question, answers, problem, last)
        if problem:
            self._write(f"! {plain(problem)}")
        elif question.help:
            self._write(plain(question.help))
        try:
            answer = await self._put(question, offer, back)
        except EOFError:
            return Move.QUIT
        self._last = ("", "") if isinstance(answer, Move) else (question.id, answer)
        return answer

    async def _put(self, question: Question, offer: Value | None, back: bool) -> Value | Move:
        if question.kind == "choice":
            self._list(question.choices)
        while True:
            typed = await self._typed(question, offer, back)
            if typed == BACK:
                if back:
                    return Move.BACK
                self._write("! This is the first question; there is nothing before it.")
                continue
            if typed == "?" and question.kind != "secret":
                self._help(question)
                continue
            value = self._meant(question, typed, offer)
            if value is not None:
                return value

    def _help(self, question: Question) -> None:
        self._write(plain(question.help) or "There is no more to say about this one.")
        self._write(f"Typed: {BACK} goes back, Ctrl-C stops, - leaves it empty. Without being asked it is answered by:")
        for way in words.ways(question.id, question.kind):
            self._write(f"  {way}")

    async def _typed(self, question: Question, offer: Value | None, back: bool) -> str:
        notes = [_offered(question, offer)] if offer is not None else ["may stay empty"] if question.optional else []
        if question.kind == "choice":
            notes.append("number or name")
        if back:
            notes.append(f"{BACK} back")
        prompt = plain(question.prompt) + (f" [{', '.join(n for n in notes if n)}]" if notes else "")
        prompt = prompt if prompt.endswith("?") else f"{prompt}:"
        if question.kind == "secret":
            return "".join(c for c in await self._lines.secret(prompt) if c.isprintable())
        return plain(await self._lines.text(prompt)).strip()

    def _meant(self, question: Question, typed: str, offer: Value | None) -> Value | None:
        """The answer, or None where it will not do: why was then said."""
        value: Value | None = offer if not typed and offer is not None else typed
        if question.kind != "secret" and typed == "-" and question.optional:
            value = ""
        elif question.kind == "choice" and typed:
            value = self._chosen(question.choices, typed)
        elif question.kind == "confirm" and not typed and offer is None:
            self._write("! Type yes or no.")
            return None
        if value is None:
            return None
        try:
            accepted = question.accept(value)
            problem = question.check(accepted)
        except ValueError as error:
            problem = f"{error}."
        if problem:
            self._write(f"! {plain(problem)}")
            return None
        return accepted

    def _list(self, choices: Sequence[Choice]) -> None:
        for number, choice in enumerate(choices[:LISTED], 1):
            why = f"  (not now: {plain(choice.blocked)})" if choice.blocked else ""
            self._write(f"  {number}. {plain(choice.label)}{why}")
        if len(choices) > LISTED:
            self._write(f"  … and {len(choices) - LISTED:,} more; type a part of the name to find one")
        if not choices:
            self._write("  There is nothing to choose from.")

    def _chosen(self, choices: Sequence[Choice], typed: str) -> str | None:
        """By value, by label, by number, or by the only one that has this in its name."""
        for choice in choices:
            if typed in (choice.value, choice.label):
                return choice.value
        if typed.isdecimal() and not typed.startswith("0"):
            if len(typed) < 10 and int(typed) <= len(choices):
                return choices[int(typed) - 1].value
            self._write(f"! There are {len(choices):,} of them; type the number of one.")
            return None
        parts = typed.lower().split()
        found = [c for c in choices if all(p in f"{c.label} {c.value}".lower() for p in parts)]
        if len(found) == 1:
            return found[0].value
        if not found:
            self._write(f"! None of them is {typed!r}; type the number of one.")
            return None
        self._write(f"! {len(found):,} of them have {typed!r} in their name; type the number of one:")
        for number, choice in ((n, c) for n, c in enumerate(choices, 1) if c in found[:LISTED]):
            self._write(f"  {number}. {plain(choice.label)}")
        return None

    async def review(self, review: Review) -> Decision | Edit:
        """Every change as text, then the choice. Enter alone applies nothing."""
        for line in words.review_lines(review):
            self._write(line)
        while True:
            decided = await self._pick("What shall be done?", _CHOICES)
            if decided != "edit":
                return Decision(decided)
            answered = tuple(
                Choice(q.id, f"{plain(q.prompt)}  {plain(answer) or '(empty)'}") for q, answer in review.answered
            )
            id = await self._pick("Which one?", answered, back=True)
            if id:
                return Edit(id)

    async def _pick(self, prompt: str, choices: Sequence[Choice], back: bool = False) -> str:
        """One of the choices; empty for Back. Raises KeyboardInterrupt at the end of the input."""
        self._list(choices)
        question = Question("review", prompt, "choice", choices=tuple(choices))
        try:
            value = await self._put(question, None, back)
        except EOFError:
            raise KeyboardInterrupt from None
        return "" if isinstance(value, Move) else str(value)


def _offered(question: Question, offer: Value) -> str:
    if isinstance(offer, Secret):
        return f"{MASK} is kept, Enter takes it" if offer else ""
    if question.kind == "confirm":
        return "Yes/no" if words.is_yes(offer) else "yes/No"
    return f"Enter takes {words.label(question, offer)}" if offer else ""
