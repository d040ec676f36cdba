"""Walk through the set-up of the repo you stand in: look, ask, show every change, apply, look again.

In a terminal it is full-screen; --face prompts asks line by line; without a terminal (or with --face none) nothing is ever
asked: answers come from --set, --answers, MLOPS_WIZARD_<ID> or --secrets -, and nothing is written without --yes.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from checks import Status
from checks.redact import redact
from wizard import trust
from wizard.answers import Answers, Source
from wizard.commands import given as sources
from wizard.commands import standing as standings
from wizard.commands.extras import DATABRICKS, SANDBOX, ensure
from wizard.commands.failure import Locked, Usage
from wizard.commands.recover import recovered
from wizard.commands.services import WalkServices
from wizard.face import Face, Move
from wizard.question import Question
from wizard.report import document
from wizard.session import Outcome, Walk, given
from wizard.steps import STEPS
from wizard.unattended import NotAgreed, Refused, Unanswered, Unattended

TRUST = "trust.repo"


def arguments(parser: argparse.ArgumentParser) -> None:
    """What `setup` takes."""
    parser.add_argument(
        "--blueprint", default="", metavar="ID", help="the system; else it is recognised from the repo's files"
    )
    parser.add_argument("--target", default="", metavar="NAME", help="the environment to work against, as in dev")
    parser.add_argument("--answers", metavar="FILE", help="a TOML file with answers (schema = 1)")
    parser.add_argument(
        "--set", action="append", default=[], metavar="ID=VALUE", dest="sets", help="one answer; never a secret"
    )
    parser.add_argument("--secrets", metavar="-", help="`-` reads secrets as one JSON object id -> value from stdin")
    parser.add_argument("--save-answers", metavar="FILE", help="write the answers (without secrets) to FILE")
    parser.add_argument(
        "--face", choices=("tui", "prompts", "none"), default="", help="full screen, line by line, or nobody"
    )
    parser.add_argument(
        "--only",
        action="append",
        default=[],
        metavar="STEP",
        help=f"plan these steps: {', '.join(s.id for s in STEPS)}",
    )
    parser.add_argument(
        "--client", choices=("connect", "pyspark"), default="", help="databricks-connect, or the free pyspark-client"
    )
    parser.add_argument("--dry-run", action="store_true", help="show what would be changed, and change nothing")
    parser.add_argument(
        "--yes", action="store_true", help="apply without asking (without a terminal nothing is applied without it)"
    )
    parser.add_argument("--json", action="store_true", help="print the result as JSON")
    parser.add_argument("--sandbox", action="store_true", help="work against the embedded workspace on this machine")
    parser.add_argument("--sample", action="store_true", help="with --sandbox: in the sandbox's own sample repo")


def main(args: argparse.Namespace) -> int:
    """Run it. 0 set up · 1 something is wrong · 2 an answer is missing or will not do · 130 interrupted."""
    answers = sources.answers(args)
    face = args.face or _face()
    if args.sample and not args.sandbox:
        raise Usage("--sample is the sandbox's own repo; say --sandbox too.")
    _known_steps(args.only)
    visit = Visit(args, answers, interactive=face in ("tui", "prompts"))
    if face == "tui":
        from wizard.tui.app import WizardApp

        app = WizardApp(visit.run, title="mlops-wizard", subtitle=os.path.basename(visit.root))
        return visit.ended(app.conduct())
    if face == "prompts":
        from wizard.prompts import Prompts

        return visit.ended(asyncio.run(_awaited(visit.run(Prompts()))))
    unattended = Unattended(yes=args.yes, json=args.json)
    try:
        return visit.ended(asyncio.run(_awaited(visit.run(unattended))))
    except (Unanswered, Refused, NotAgreed) as error:
        return visit.not_answered(error)


async def _awaited(outcome: Awaitable[Outcome]) -> Outcome:
    return await outcome


def _face() -> str:
    """Full screen where there is one, line by line on a terminal that is none, nobody without a terminal."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()) or os.environ.get("CI"):
        return "none"
    return "prompts" if os.environ.get("TERM", "dumb") == "dumb" else "tui"


def _known_steps(only: list[str]) -> None:
    for id in only:
        if id not in {s.id for s in STEPS}:
            raise Usage(f"There is no step {id!r}; the steps are {', '.join(s.id for s in STEPS)}.")


@dataclass
class Visit:
    """One `setup`, whatever its face."""

    args: argparse.Namespace
    answers: Answers
    interactive: bool

    def __post_init__(self) -> None:
        self.root = self._sample() if self.args.sample else standings.here().root
        self.services: WalkServices | None = None

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
        with _only_one(standing.state, standing.memory.folder):
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
            self.services = services = WalkServices(standing, self.args.sample, self.args.target, tuple(self._flags()))
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

    def _started(self, face: Face) -> Callable[[], Any]:
        from wizard.sandbox import client

        def start() -> Any:
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

    def ended(self, outcome: Outcome) -> int:
        """The exit code, and the result where it goes to stdout."""
        if self.args.json:
            print(json.dumps(_document(outcome), indent=2, ensure_ascii=False))
        elif outcome.status == "planned" and outcome.plan is not None:
            print(outcome.plan.preview() or "Nothing would be changed.", *outcome.notes, outcome.repeat, sep="\n")
        elif not self.interactive and outcome.problem:
            sys.stderr.write(f"{outcome.problem}\n")
        if outcome.status in ("failed", "left") or _no_row(outcome):
            return 1
        return outcome.report.exit_code() if outcome.report else 0

    def not_answered(self, error: Unanswered | Refused | NotAgreed) -> int:
        """Nobody is there to ask: say by its id what is missing, and what to type."""
        if self.args.json:
            command = "mlops-wizard trust" if getattr(error, "id", "") == TRUST else str(error).splitlines()[-1].strip()
            found = {"schema": 1, "status": "action_required", "plan": None, "changes": [], "findings": [], "repeat": "",
                     "next": [{"command": redact(command), "why": redact(str(error).splitlines()[0])}]}  # fmt: skip
            print(json.dumps(found, indent=2, ensure_ascii=False))
        sys.stderr.write(f"{error}\n")
        if getattr(error, "id", "") == TRUST:
            sys.stderr.write("Look at what it brings and say yes to it with: mlops-wizard trust\n")
        return 2


def _no_row(outcome: Outcome) -> bool:
    """Whether Spark was asked for a row and none came, for whatever reason: a set-up without it is none."""
    found = [f for f in outcome.report.findings if f.id == "connect.first-row"] if outcome.report else []
    return any(f.status is not Status.OK for f in found)


def _document(outcome: Outcome) -> dict[str, Any]:
    changes = [
        {"title": c.title, "kind": c.kind, "about": c.about, "reversible": c.reversible}
        for c in (outcome.plan.changes if outcome.plan else ())
    ]
    status = {"left": "failed"}.get(outcome.status, outcome.status)
    findings = document(outcome.report)["findings"] if outcome.report else []
    next_ = [{"command": outcome.repeat, "why": outcome.problem}] if outcome.problem else []
    return {"schema": 1, "status": status, "plan": outcome.plan.id if outcome.plan and outcome.plan.changes else None,
            "changes": changes, "findings": findings, "repeat": outcome.repeat, "next": next_}  # fmt: skip


def _only_one(state: str, folder: str) -> Any:
    """A lock against a second wizard on the same repo."""
    from contextlib import contextmanager

    from filelock import FileLock, Timeout

    from wizard import places

    @contextmanager
    def locked() -> Any:
        places.private(state)
        places.private(folder)
        lock = FileLock(os.path.join(folder, "lock"), timeout=0)
        try:
            lock.acquire()
        except Timeout as error:
            raise Locked(
                "Another mlops-wizard is at work on this repo; let it finish, or close it, and start again."
            ) from error
        try:
            yield
        finally:
            lock.release()

    return locked()
