"""The only conductor: look -> ask -> show -> change -> look again. Faces render it, steps fill it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, Protocol

from checks import Check, Report, World, run
from wizard.answers import Answers, Source
from wizard.change import Change, Doors
from wizard.face import Decision, Edit, Face, Move, Review, Stop
from wizard.files import FileProblem
from wizard.journal import Journal
from wizard.plan import Plan, PlanFailed, staged
from wizard.question import Question, Value
from wizard.secret import MASK, Secret, StoreError
from wizard.step import Scene, Step, StepProblem
from wizard.workspace import CloudError

Ending = Literal["done", "planned", "left", "failed"]


class Services(Protocol):
    """What the walk needs besides the scene; the command line brings it."""

    @property
    def journal(self) -> Journal: ...
    def doors(self, plan: Plan, say: Callable[[str], None], answers: Answers) -> Doors: ...
    def draft(self, answers: Answers) -> None:
        """Remember how far the walk came."""
        ...

    def applied(self, change: Change) -> None:
        """A change was made: the repo is not as the person trusted it, but by us."""
        ...

    def finish(self, scene: Scene, answers: Answers, plan: Plan) -> None:
        """Everything is applied: remember it, for `doctor` and `run`."""
        ...

    def look(self, scene: Scene, answers: Answers) -> tuple[World, Sequence[Check]]:
        """The world as it is after the walk, and the checks that say whether it worked."""
        ...

    def repeat(self, scene: Scene, answers: Answers) -> str:
        """The command that would repeat this walk."""
        ...


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a walk ended."""

    status: Ending
    answers: Answers
    plan: Plan | None = None
    report: Report | None = None
    problem: str = ""
    repeat: str = ""
    notes: tuple[str, ...] = ()


class _Quit(Exception):
    """The person left."""


@dataclass
class Walk:
    """One walk through the steps. `ask()` gathers the answers, `run()` does it all."""

    steps: Sequence[Step]
    scene: Scene
    face: Face
    services: Services
    dry_run: bool = False
    only: tuple[str, ...] = ()
    """The steps that may change something; all of them where none is named. Questions are asked as ever."""
    _settled: dict[str, tuple[object, ...]] = field(default_factory=dict)
    _history: list[tuple[int, str, Answers]] = field(default_factory=list)
    _typed: dict[str, Value] = field(default_factory=dict)
    _asked: dict[str, tuple[int, Question]] = field(default_factory=dict)
    _stands: str = "Nothing was changed."
    """How things are where the walk ends before its end."""

    async def run(self, answers: Answers) -> Outcome:
        """Ask, show, change, look again. Raises KeyboardInterrupt where the person left."""
        try:
            return await self._run(answers)
        except (StepProblem, CloudError, StoreError, FileProblem) as error:
            closing = (str(error), self._stands)
            await self.face.show(Report(()), closing)
            return Outcome("failed", answers, problem=str(error))
        except _Quit:
            raise KeyboardInterrupt from None

    async def _run(self, answers: Answers) -> Outcome:
        at = 0
        while True:
            answers = await self._gather(answers, at)
            plan, notes = await self.face.busy("Working out what to change", lambda: self._plan(answers))  # noqa: B023
            if self.dry_run:
                return Outcome("planned", answers, plan, repeat=self.services.repeat(self.scene, answers), notes=notes)
            decision = await self._review(plan, answers, notes) if plan.changes else Decision.APPLY
            match decision:
                case Decision.APPLY:
                    return await self._apply(plan, answers, notes)
                case Decision.LEAVE:
                    return Outcome("left", answers, plan, repeat=self.services.repeat(self.scene, answers))
                case Decision.BACK:
                    at, answers = self._back(answers)
                case Edit(id):
                    at, answers = self._again(id, answers)

    async def _review(self, plan: Plan, answers: Answers, notes: tuple[str, ...]) -> Decision | Edit:
        await self._rail(len(self.steps))
        shown = tuple((q, _shown(answers[id])) for id, (_, q) in self._asked.items() if id in answers)
        return await self.face.review(Review(plan, shown, notes))

    def _plan(self, answers: Answers) -> tuple[Plan, tuple[str, ...]]:
        changes: list[Change] = [c for step in self._chosen() for c in step.plan(self.scene, answers)]
        notes = tuple(n for step in self._chosen() for n in step.notes(self.scene, answers))
        return staged(self.scene.root, changes), notes

    def _chosen(self) -> list[Step]:
        return [s for s in self.steps if not self.only or s.id in self.only]

    async def _gather(self, answers: Answers, at: int) -> Answers:
        while at < len(self.steps):
            await self._rail(at)
            step = self.steps[at]
            questions = await self.face.busy(f"Looking at: {step.title}", lambda: step.questions(self.scene, answers))  # noqa: B023
            for q in questions:
                self._asked[q.id] = (at, q)
            pending = next((q for q in questions if q.when(answers) and not self._is_settled(q, answers)), None)
            if pending is None:
                at += 1
                continue
            given = await self._settle(at, pending, answers)
            if given is Move.BACK:
                at, answers = self._back(answers)
            elif isinstance(given, Answers):
                answers = given
                self.services.draft(answers)
        return answers

    def _is_settled(self, question: Question, answers: Answers) -> bool:
        return question.id in answers and self._settled.get(question.id) == _mark(question, answers)

    async def _settle(self, at: int, question: Question, answers: Answers) -> Answers | Move:
        """An answer that was looked at, from wherever it comes: given before, the default of a quiet question, the person."""
        problem = ""
        known = answers.get(question.id, question.default if question.quiet else None)
        if known is not None:
            source = answers.source(question.id) if question.id in answers else Source.DEFAULT
            value, problem = await self._looked_at(question, known, answers)
            if not problem:
                return self._given(question, answers, value, source)
            if source is Source.REMEMBERED:
                problem = f"What was remembered will not do any more. {problem}"
                answers = answers.without(question.id)
        return await self._ask(at, question, answers, problem)

    async def _ask(self, at: int, question: Question, answers: Answers, problem: str) -> Answers | Move:
        put = replace(question, default=self._typed.get(question.id, question.default))
        while True:
            value = await self.face.ask(put, answers, problem=problem, back=bool(self._history))
            if value is Move.QUIT:
                raise _Quit
            if isinstance(value, Move):
                return value
            value, problem = await self._looked_at(question, value, answers)
            if not problem:
                self._history.append((at, question.id, answers))
                return self._given(question, answers, value, Source.PERSON)
            if not isinstance(value, Secret):
                put = replace(put, default=value)

    async def _looked_at(self, question: Question, value: Value, answers: Answers) -> tuple[Value, str]:
        """The value in its own type, and what is wrong with it (empty: nothing)."""
        try:
            value = question.accept(value)
        except ValueError as error:
            return value, str(error)
        if problem := question.check(value):
            return value, problem
        verify = question.verify
        if verify is None or not value:
            return value, ""
        found = await self.face.busy(f"Trying: {question.prompt}", lambda: verify(value, answers))
        return value, found or ""

    def _given(self, question: Question, answers: Answers, value: Value, source: Source) -> Answers:
        if not isinstance(value, Secret) and source is Source.PERSON:
            self._typed[question.id] = value
        changed = question.id in answers and answers[question.id] != value
        others = tuple(q for _, q in self._asked.values())
        base = answers.without(question.id, others) if changed else answers.without(question.id)
        answers = base.give(question.id, value, source)
        self._settled[question.id] = _mark(question, answers)
        return answers

    def _back(self, answers: Answers) -> tuple[int, Answers]:
        """To the question before, with the answers as they were then."""
        if not self._history:
            return 0, answers
        at, id, before = self._history.pop()
        self._settled.pop(id, None)
        return at, before.without(id)

    def _again(self, id: str, answers: Answers) -> tuple[int, Answers]:
        """To one question from the review page; what rests on it is asked again too."""
        at, question = self._asked[id]
        if not isinstance(answers.get(id), Secret) and id in answers:
            self._typed[id] = answers[id]
        self._settled.pop(id, None)
        self._asked[id] = (at, question)
        return at, answers.without(id, tuple(q for _, q in self._asked.values()))

    async def _apply(self, plan: Plan, answers: Answers, notes: tuple[str, ...]) -> Outcome:
        repeat = self.services.repeat(self.scene, answers)
        if plan.changes:
            try:
                doors = self.services.doors(plan, self.face.say, answers)
                await self.face.busy(
                    "Applying", lambda: plan.apply(doors, self.services.journal, self.services.applied)
                )
            except PlanFailed as error:
                back = () if error.half else ("That part was taken back.",)
                closing = (str(error), *back, "What was done before it stands; start again to go on.", repeat)
                await self.face.show(Report(()), closing)
                return Outcome("failed", answers, plan, problem=str(error), repeat=repeat)
            self._stands = "Every change was applied and stands; start again to go on."
        self.services.finish(self.scene, answers, plan)
        await self._rail(len(self.steps))
        report = await self.face.busy("Looking again", lambda: self._look(answers))
        await self.face.show(report, (*_closing(plan), *notes, *_rows(report), repeat))
        return Outcome("done", answers, plan, report, repeat=repeat, notes=notes)

    def _look(self, answers: Answers) -> Report:
        world, checks = self.services.look(self.scene, answers)
        return run(checks, world, done=self.face.found)

    async def _rail(self, at: int) -> None:
        stops = [
            Stop(s.id, s.title, "done" if n < at else "here" if n == at else "ahead") for n, s in enumerate(self.steps)
        ]
        await self.face.rail(stops)


def _mark(question: Question, answers: Answers) -> tuple[object, ...]:
    """What a settled answer rests on: when any of it changes, it is looked at again."""
    return (answers.get(question.id), *(answers.get(n) for n in question.needs))


def _shown(value: Value) -> str:
    if isinstance(value, Secret):
        return MASK if value else "(left out)"
    return {True: "yes", False: "no"}.get(value, str(value)) if isinstance(value, bool) else value


def _closing(plan: Plan) -> tuple[str, ...]:
    if not plan.changes:
        return ("Everything was as it should be; nothing was changed.",)
    return tuple(f"done: {c.title}" for c in plan.changes)


def _rows(report: Report) -> tuple[str, ...]:
    return tuple(f.text for f in report.findings if f.id == "connect.first-row")
