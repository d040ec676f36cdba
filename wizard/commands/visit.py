"""One `setup`, whatever its face: what goes before the walk, the walk, and what is kept of it.

Apart from the command itself so that the screen is there before all of this is imported.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from wizard import trust
from wizard.answers import Answers, Source, given
from wizard.commands import given as sources
from wizard.commands import standing as standings
from wizard.commands.alone import alone
from wizard.commands.extras import DATABRICKS, SANDBOX, ensure
from wizard.commands.failure import Usage
from wizard.commands.recover import recovered
from wizard.commands.services import WalkServices
from wizard.face import Face, Move
from wizard.question import Question
from wizard.sandbox.client import Running
from wizard.session import Outcome, Walk
from wizard.steps import STEPS

TRUST = "trust.repo"


@dataclass
class Visit:
    """One `setup`, whatever its face."""

    args: argparse.Namespace
    answers: Answers
    interactive: bool

    def __post_init__(self) -> None:
        self.root = self._sample() if self.args.sample else standings.here().root

    def _sample(self) -> str:
        from wizard.sandbox.sample import make_sample

        folder = Path(standings.here().state) / "sandbox" / "sample"
        make_sample(folder)
        if not trust.verdict(str(folder)).known:
            trust.give(str(folder))  # its files are ours
        return str(folder)

    async def run(self, face: Face) -> Outcome:
        """The walk, with what goes before it: one wizard at a time, recovery, trust, the sandbox."""
        standing = standings.here(self.root)
        with alone(standing.state, standing.memory.folder):
            for line in recovered(standing):
                face.say(line)
            standing = standings.here(self.root)
            answers = await self._admitted(face, standing)
            standing = standings.here(self.root)
            await ensure(face, answers, DATABRICKS)
            if self.args.sandbox:
                await ensure(face, answers, SANDBOX)
            running = await face.busy("Starting the sandbox", self._started(face)) if self.args.sandbox else None
            blueprint, why = standings.blueprint_of(standing, self.args.blueprint)
            face.say(f"{blueprint.title} ({why})")
            answers = given(blueprint.answers, Source.DEFAULT, answers) if blueprint.answers else answers
            scene = standings.scene(
                standing,
                blueprint,
                running=running,
                target=self.args.target,
                client=self.args.client,
                sample=self.args.sample,
            )
            answers = await self._resumed(face, standing, sources.remembered(standing, scene, answers))
            services = WalkServices(standing, self.args.sample, self.args.target, tuple(self._flags()))
            services.scene_now = scene
            walk = Walk(STEPS, scene, face, services, self.args.dry_run, tuple(self.args.only))
            outcome = await walk.run(answers)
            self._save(outcome)
            return outcome

    async def _admitted(self, face: Face, standing: standings.Standing) -> Answers:
        """The yes to what this repo brings. Raises Usage or a face's own exception where there is none."""
        if standing.trusted:
            return self.answers
        brought = "\n".join(f"  {name}" for name, _ in trust.subject(self.root).parts[:40])
        changed = "".join(f"\n  changed: {name}" for name in standing.verdict.changed[:20])
        question = Question(
            TRUST, "This repo brings things of its own. Do you trust it?", "confirm",
            help=f"A yes lets the wizard use them; until then nothing of it is run and no secret is read.\n{brought}{changed}",
        )  # fmt: skip
        value = self.answers[TRUST] if TRUST in self.answers else await face.ask(question, self.answers)
        if isinstance(value, Move):
            raise KeyboardInterrupt
        if question.accept(value) is not True:
            raise Usage(
                "The repo was not trusted, so nothing of it was used and nothing was changed. Look at it, then: mlops-wizard trust"
            )
        trust.give(self.root)
        return self.answers

    def _started(self, face: Face) -> Callable[[], Running]:
        from wizard.sandbox import client

        def start() -> Running:
            return client.start(Path(standings.here().state), progress=face.say)

        return start

    async def _resumed(self, face: Face, standing: standings.Standing, answers: Answers) -> Answers:
        """After Ctrl-C: go on where it stopped?"""
        draft = {k: v for k, v in standing.memory.draft().items() if k not in answers}
        if not draft or not self.interactive:
            return answers
        question = Question("setup.resume", "The last walk was not finished. Go on where it stopped?", "confirm", True,
                            help="\n".join(f"  {k} = {v}" for k, v in draft.items()))  # fmt: skip
        value = answers["setup.resume"] if "setup.resume" in answers else await face.ask(question, answers)
        if isinstance(value, Move):
            raise KeyboardInterrupt
        if question.accept(value) is True:
            return given(draft, Source.REMEMBERED, answers)
        standing.memory.drop_draft()
        return answers

    def _flags(self) -> list[str]:
        args = self.args
        flags = ["--sandbox"] * args.sandbox + ["--sample"] * args.sample
        flags += ["--target", args.target] * bool(args.target) + ["--client", args.client] * bool(args.client)
        return flags + [w for step in args.only for w in ("--only", step)]

    def _save(self, outcome: Outcome) -> None:
        if self.args.save_answers:
            sources.save(self.args.save_answers, outcome.answers)
