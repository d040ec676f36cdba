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
from typing import TYPE_CHECKING, Any

from wizard import places
from wizard.commands import given as sources
from wizard.commands.failure import Usage

if TYPE_CHECKING:
    from wizard.answers import Answers
    from wizard.face import Face
    from wizard.session import Outcome
    from wizard.unattended import NotAgreed, Refused, Unanswered

STEPS = ("tools", "secrets", "auth", "env", "connect", "devcontainer")
"""The ids of `wizard.steps.STEPS`, here again because the screen comes before the steps are imported; a test compares."""

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
        help=f"plan these steps: {', '.join(STEPS)}",
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
    if unknown := [id for id in args.only if id not in STEPS]:
        raise Usage(f"There is no step {unknown[0]!r}; the steps are {', '.join(STEPS)}.")
    if face == "none":
        return _unattended(args, answers)

    async def session(face: Face) -> Outcome:
        return await _visited(args, answers, face, interactive=True)

    if face == "tui":
        from wizard.tui.app import WizardApp

        repo = "sample" if args.sample else os.path.basename(places.repo_root(os.getcwd()))
        return _ended(args, WizardApp(session, title="mlops-wizard", subtitle=repo).conduct())
    from wizard.prompts import Prompts

    return _ended(args, asyncio.run(session(Prompts())))


async def _visited(args: argparse.Namespace, answers: Answers, face: Face, *, interactive: bool) -> Outcome:
    from wizard.commands.visit import Visit

    return await Visit(args, answers, interactive).run(face)


def _unattended(args: argparse.Namespace, answers: Answers) -> int:
    from wizard.unattended import NotAgreed, Refused, Unanswered, Unattended

    face = Unattended(yes=args.yes, json=args.json)
    try:
        outcome = asyncio.run(_visited(args, answers, face, interactive=False))
    except (Unanswered, Refused, NotAgreed) as error:
        return _not_answered(args, error)
    if outcome.problem and not args.json:
        sys.stderr.write(f"{outcome.problem}\n")
    return _ended(args, outcome)


def _face() -> str:
    """Full screen where there is one, line by line on a terminal that is none, nobody without a terminal."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()) or os.environ.get("CI"):
        return "none"
    return "prompts" if os.environ.get("TERM", "dumb") == "dumb" else "tui"


def _ended(args: argparse.Namespace, outcome: Outcome) -> int:
    """The exit code, and the result where it goes to stdout."""
    if args.json:
        print(json.dumps(_document(outcome), indent=2, ensure_ascii=False))
    elif outcome.status == "planned" and outcome.plan is not None:
        print(outcome.plan.preview() or "Nothing would be changed.", *outcome.notes, outcome.repeat, sep="\n")
    if outcome.status in ("failed", "left") or _no_row(outcome):
        return 1
    return outcome.report.exit_code() if outcome.report else 0


def _not_answered(args: argparse.Namespace, error: Unanswered | Refused | NotAgreed) -> int:
    """Nobody is there to ask: say by its id what is missing, and what to type."""
    from checks.redact import redact

    untrusted = getattr(error, "id", "") == TRUST
    if args.json:
        command = "mlops-wizard trust" if untrusted else str(error).splitlines()[-1].strip()
        why = redact(str(error).splitlines()[0])
        found = {"schema": 1, "status": "action_required", "plan": None, "changes": [], "findings": [], "repeat": "",
                 "next": [{"command": redact(command), "why": why}]}  # fmt: skip
        print(json.dumps(found, indent=2, ensure_ascii=False))
    sys.stderr.write(f"{error}\n")
    if untrusted:
        sys.stderr.write("Look at what it brings and say yes to it with: mlops-wizard trust\n")
    return 2


def _no_row(outcome: Outcome) -> bool:
    """Whether Spark was asked for a row and none came, for whatever reason: a set-up without it is none."""
    from checks import Status

    found = [f for f in outcome.report.findings if f.id == "connect.first-row"] if outcome.report else []
    return any(f.status is not Status.OK for f in found)


def _document(outcome: Outcome) -> dict[str, Any]:
    from wizard.report import document

    changes = [
        {"title": c.title, "kind": c.kind, "about": c.about, "reversible": c.reversible}
        for c in (outcome.plan.changes if outcome.plan else ())
    ]
    status = {"left": "failed"}.get(outcome.status, outcome.status)
    findings = document(outcome.report)["findings"] if outcome.report else []
    next_ = [{"command": outcome.repeat, "why": outcome.problem}] if outcome.problem else []
    return {"schema": 1, "status": status, "plan": outcome.plan.id if outcome.plan and outcome.plan.changes else None,
            "changes": changes, "findings": findings, "repeat": outcome.repeat, "next": next_}  # fmt: skip
