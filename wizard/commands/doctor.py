"""Say what is wrong with this repo's set-up: every check with its evidence, and what to type. --fix mends what a step can mend."""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import sys

from checks import Check, Finding, Registry, Report, Status, run
from wizard.commands import standing as standings
from wizard.commands.failure import Usage
from wizard.commands.rooms import checks_for
from wizard.report import as_junit, as_text, document, listing, listing_text


def arguments(parser: argparse.ArgumentParser) -> None:
    """What `doctor` takes."""
    parser.add_argument("names", nargs="*", metavar="ID|TAG", help="only these checks (ids, rooms or tags)")
    parser.add_argument("--json", action="store_true", help="the report as JSON")
    parser.add_argument("--junit", action="store_true", help="the report as JUnit XML")
    parser.add_argument("--list", action="store_true", help="list the checks instead of looking")
    parser.add_argument("--fix", action="store_true", help="mend what the wizard can mend, then look again")
    parser.add_argument("--yes", action="store_true", help="with --fix: apply without asking")
    parser.add_argument("--offline", action="store_true", help="ask no server")
    parser.add_argument("--strict", action="store_true", help="warnings and unknowns count as wrong")
    parser.add_argument("--timeout", type=float, metavar="S", help="seconds that a check may take at most")
    parser.add_argument("-v", "--verbose", action="store_true", help="show the evidence of green checks too")


def main(args: argparse.Namespace) -> int:
    """0 nothing is wrong · 1 something is · 2 an unknown id · 3 a check could not run."""
    if args.timeout is not None and not args.timeout > 0:
        raise Usage("--timeout takes seconds, more than 0.")
    standing = standings.here()
    blueprint, _ = standings.blueprint_of(standing)
    project = standings.project_of(standing, blueprint)
    registry = checks_for(project)
    if unknown := registry.unknown(*args.names):
        raise Usage(f"There is no check, room or tag {unknown[0]!r}; `mlops-wizard doctor --list` shows them.")
    chosen = registry.with_needs(registry.select(*args.names)) if args.names else registry.select()
    if args.list:
        print(json.dumps(listing(chosen), indent=2) if args.json else listing_text(chosen))
        return 0
    world = standings.machine(standing, project, offline=args.offline)
    report = run(chosen, world, done=_progress if sys.stderr.isatty() else None, limit=args.timeout)
    if args.fix:
        report = _fixed(args, report, registry)
    _print(args, report)
    return report.exit_code(strict=args.strict)


def _print(args: argparse.Namespace, report: Report) -> None:
    if args.json:
        print(json.dumps(document(report), indent=2, ensure_ascii=False))
    elif args.junit:
        print(as_junit(report))
    else:
        print(as_text(report, color=sys.stdout.isatty() and "NO_COLOR" not in os.environ, verbose=args.verbose))


def _progress(check: Check, findings: tuple[Finding, ...]) -> None:
    worst = max((f.status for f in findings), default=Status.OK)
    sys.stderr.write(f"\r\033[K{check.id}: {worst.name.lower()}")
    sys.stderr.flush()
    sys.stderr.write("\r\033[K")


def _fixed(args: argparse.Namespace, report: Report, registry: Registry) -> Report:
    """Walk the steps that the findings name, look again with their checks, and say whether that mended them."""
    bad = [f for f in report.findings if f.status in (Status.ERROR, Status.WARNING) and f.remedy and f.remedy.step]
    steps = sorted({f.remedy.step for f in bad if f.remedy and f.remedy.step})
    if not bad:
        sys.stderr.write("There is nothing here that the wizard can mend by itself.\n")
        return report
    sys.stderr.write(f"Mending {', '.join(f.id for f in bad)} by walking: {', '.join(steps)}\n")
    _walk(args, steps)
    standing = standings.here()
    blueprint, _ = standings.blueprint_of(standing)
    again = run(registry.with_needs(c for c in registry if c.id in {f.id for f in bad}),
                standings.machine(standing, standings.project_of(standing, blueprint)), limit=args.timeout)  # fmt: skip
    ids = {f.id for f in again.findings}
    for finding in bad:
        worst = max((f.status for f in again.findings if f.id == finding.id), default=Status.OK)
        mended = worst < finding.status and worst is not Status.UNKNOWN
        sys.stderr.write(f"{finding.id}: {'mended' if mended else 'not mended'}\n")
    return Report(tuple(f for f in report.findings if f.id not in ids) + again.findings, again.silenced)


def _walk(args: argparse.Namespace, steps: list[str]) -> None:
    """`setup` for these steps, against the sandbox where the set-up was."""
    from wizard.commands import setup

    standing = standings.here()
    sandbox = standing.remembered is not None and standing.remembered.sandbox
    parser = argparse.ArgumentParser()
    setup.arguments(parser)
    words = [w for s in steps for w in ("--only", s)] + ["--yes"] * args.yes + ["--sandbox"] * sandbox
    with contextlib.redirect_stdout(sys.stderr):  # stdout is the report's alone
        code = setup.main(parser.parse_args(words))
    if code == 2:
        raise Usage("Nothing was mended: an answer is missing. `mlops-wizard setup` asks for it.")


def known_checks() -> Registry:
    """All checks for the repo one stands in; `explain` shows their pages."""
    standing = standings.here()
    blueprint, _ = standings.blueprint_of(standing)
    return checks_for(standings.project_of(standing, blueprint))
