"""The face that is handed to the session: it turns what is asked into pages, and pages into answers."""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import threading
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from textual.app import App
from textual.screen import ModalScreen

from checks import Check, Finding, Report
from checks.redact import shown
from wizard import words
from wizard.answers import Answers
from wizard.beside import Beside
from wizard.face import Decision, Edit, Move, Review, Stop
from wizard.question import Question, Value
from wizard.tui.screens.page import Frame, Page
from wizard.tui.screens.question import QuestionPage
from wizard.tui.screens.report import ReportPage
from wizard.tui.screens.review import ReviewPage
from wizard.tui.screens.working import WorkingPage

T = TypeVar("T")
R = TypeVar("R")

KEPT = 5_000
"""Lines of narration that are kept."""


class ScreenFace:
    """A `wizard.face.Face`. `patience` is how long work may take before it gets a page of its own, in seconds."""

    def __init__(self, app: App[Any], frame: Frame, clock: Callable[[], float], patience: float) -> None:
        self._app = app
        self.frame = frame
        self._clock = clock
        self._patience = patience
        self._loop: asyncio.AbstractEventLoop | None = None
        self._context = contextvars.copy_context()
        self._thread = 0
        self._beside: Beside[Any] | None = None
        self._given_up: asyncio.Event | None = None
        self._last: tuple[str, Value] = ("", "")
        self.closing: tuple[str, ...] = ()
        self.report: Report | None = None

    def begin(self) -> None:
        """Called once, in the app's own loop, before the session starts."""
        self._loop = asyncio.get_running_loop()
        self._context = contextvars.copy_context()
        self._thread = threading.get_ident()

    async def rail(self, stops: Sequence[Stop]) -> None:
        """The steps and how far they are."""
        self.frame.stops = tuple(stops)
        if isinstance(page := self.page, Page):
            page.rail(stops)

    async def ask(self, question: Question, answers: Answers, *, problem: str = "", back: bool = False) -> Value | Move:
        """Put one question on a page of its own."""
        last = self._last[1] if self._last[0] == question.id else None
        offer = words.suggested(question, answers, problem, last)
        answer = await self._turn_to(QuestionPage(self.frame, question, offer, problem, back))
        self._last = ("", "") if isinstance(answer, Move) else (question.id, answer)
        return answer

    async def busy(self, text: str, work: Callable[[], T]) -> T:
        """Run slow work beside the app. F10 asks it to stop, F10 again gives it up."""
        beside: Beside[T] = Beside(work)
        self._beside = beside
        self._given_up = asyncio.Event()
        try:
            page = self.page
            if not isinstance(page, WorkingPage) and not await beside.wait(self._patience):
                page = WorkingPage(self.frame, self._clock)
                page.begin(text)
                await self._show(page)
            elif isinstance(page, WorkingPage):
                page.begin(text)
            await self._end_of(beside)
        except asyncio.CancelledError:
            beside.stop()
            raise
        finally:
            self._beside = None
        if beside.stopping:
            raise KeyboardInterrupt
        return beside.result()

    async def _end_of(self, beside: Beside[Any]) -> None:
        assert self._given_up is not None  # noqa: S101  for the type checker
        waits = [asyncio.ensure_future(beside.wait()), asyncio.ensure_future(self._given_up.wait())]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for waiting in waits:
                waiting.cancel()

    def stop(self) -> bool:
        """Ask the work that is being done to end; asked again, give it up. False where nothing is being done."""
        if not self._beside or not self._given_up:
            return False
        if self._beside.stopping:
            self._given_up.set()
        self._beside.stop()
        if isinstance(page := self.page, WorkingPage):
            page.stopping()
        return True

    async def review(self, review: Review) -> Decision | Edit:
        """Show every change and every answer."""
        return await self._turn_to(ReviewPage(self.frame, review))

    async def show(self, report: Report, closing: Sequence[str]) -> None:
        """The last page."""
        self.report, self.closing = report, tuple(closing)
        await self._turn_to(ReportPage(self.frame, report, closing))

    def say(self, text: str) -> None:
        """One line of narration, from any thread."""
        for line in shown(text).splitlines() or [""]:
            self._here(self._said, line)
        self._heed()

    def found(self, check: Check, findings: tuple[Finding, ...]) -> None:  # noqa: ARG002  the findings say it
        """A check ended, in any thread."""
        self._here(self._found, findings)
        self._heed()

    @property
    def page(self) -> Page[Any] | None:
        """The page in sight, or below what is laid over it."""
        pages = [screen for screen in self._app.screen_stack if isinstance(screen, Page)]
        return pages[-1] if pages else None

    def _heed(self) -> None:
        if self._beside:
            self._beside.heed()

    def _here(self, tell: Callable[[Any], None], what: object) -> None:
        if threading.get_ident() == self._thread:
            tell(what)
        elif self._loop:
            with contextlib.suppress(RuntimeError):  # the app has ended; the work was given up
                self._loop.call_soon_threadsafe(tell, what, context=self._context)

    def _said(self, line: str) -> None:
        said = self.frame.said
        said.append(line)
        if len(said) > KEPT:
            gone = len(said) - KEPT
            del said[:gone]
            self.frame.unread = max(0, self.frame.unread - gone)
        if page := self.page:
            page.said(line)

    def _found(self, findings: tuple[Finding, ...]) -> None:
        if isinstance(page := self.page, WorkingPage):
            page.found(findings)

    async def _turn_to(self, page: Page[R]) -> R:
        await self._show(page)
        outcome = await page.outcome()
        self.frame.unread = len(self.frame.said)
        return outcome

    async def _show(self, page: Page[Any]) -> None:
        while isinstance(self._app.screen, ModalScreen):
            await self._app.pop_screen()
        await self._app.switch_screen(page)
