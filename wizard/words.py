"""The words and signs in which every face says the same thing. A sign never stands without its word."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TextIO

from checks import Finding, Report, Status
from checks.redact import plain, shown
from wizard.answers import Answers
from wizard.change import Change
from wizard.face import Review, Stop
from wizard.question import Kind, Question, Value
from wizard.secret import Secret

SIGNS = {
    Status.OK: "✓",
    Status.SKIPPED: "·",
    Status.EXPECTED: "○",
    Status.UNKNOWN: "?",
    Status.WARNING: "!",
    Status.ERROR: "×",
    Status.CRASHED: "#",
}

STOPS = {"done": ("✓", "done"), "here": ("●", "now"), "failed": ("×", "failed"), "ahead": ("○", "later")}
"""The state of a step in the rail: its sign and its word."""

_PLURAL = {Status.WARNING: "warnings", Status.ERROR: "errors"}


def mark(status: Status) -> str:
    """A status as sign and word: `✓ ok`."""
    return f"{SIGNS[status]} {status.name.lower()}"


def stop_signs(state: str) -> tuple[str, str]:
    """Sign and word of a step's state; one that is not known is shown as it is."""
    return STOPS.get(state, ("·", state))


def worst(findings: tuple[Finding, ...]) -> Finding | None:
    """The finding that a check is judged by."""
    return max(findings, key=lambda f: f.status, default=None)


def told(finding: Finding) -> str:
    """What a finding says, in one line: its title where all is well, else its text."""
    text = finding.title if finding.status is Status.OK and finding.title else finding.text
    return " ".join(plain(text or finding.title or finding.id).split())


def what_to_do(finding: Finding) -> Iterator[tuple[str, str]]:
    """Evidence and remedy, line by line, as (kind, text): kind is `about`, `saw`, `do`, `type` or `read`."""
    if finding.about:
        yield "about", plain(finding.about)
    for evidence in finding.evidence:
        saw = plain(evidence.saw).strip()
        yield "saw", f"{plain(evidence.what)}  →  {saw}" if evidence.what else saw
    if finding.remedy:
        yield "do", plain(finding.remedy.text)
        yield from (("type", plain(command)) for command in finding.remedy.commands)
        if finding.remedy.step and not finding.remedy.commands:
            yield "type", f"mlops-wizard setup --only {finding.remedy.step}"
        if finding.remedy.link:
            yield "read", plain(finding.remedy.link)


def counted(report: Report) -> str:
    """How many findings of each status, the worst first: `1 error, 2 warnings, 9 ok`."""
    counts = {s: sum(f.status is s for f in report.findings) for s in reversed(Status)}
    return ", ".join(
        f"{n} {_PLURAL.get(s, s.name.lower()) if n > 1 else s.name.lower()}" for s, n in counts.items() if n
    )


def verdict(report: Report) -> tuple[Status, str]:
    """The end in one sentence, with the status that colours it."""
    errors = sum(f.status is Status.ERROR for f in report.findings)
    unknown = sum(f.status is Status.UNKNOWN for f in report.findings)
    if errors:
        return Status.ERROR, "One thing is wrong." if errors == 1 else f"{errors} things are wrong."
    if report.worst is Status.CRASHED:
        return Status.CRASHED, "A check itself failed, so it cannot be told whether all is well."
    if not report.findings:
        return Status.UNKNOWN, "Nothing was checked."
    if unknown:
        return Status.UNKNOWN, "Nothing is wrong, as far as it could be told."
    if report.worst is Status.WARNING:
        return Status.WARNING, "Nothing is wrong; there is something to know."
    return Status.OK, "Everything is as it should be."


def worst_first(report: Report) -> tuple[Finding, ...]:
    """The findings as a person wants to read them; within a status in the order of the checks."""
    return tuple(sorted(report.findings, key=lambda f: -f.status))


def report_lines(report: Report) -> Iterator[str]:
    """A report as plain text: the verdict, then each finding with what to do about it; of nothing, nothing."""
    if not report.findings:
        return
    status, sentence = verdict(report)
    yield f"{SIGNS[status]} {sentence} ({counted(report)})"
    for finding in worst_first(report):
        yield f"  {mark(finding.status):<10} {told(finding)}"
        if finding.status > Status.SKIPPED:
            yield from (
                f"             {_LEAD[kind]}{line}" for kind, text in what_to_do(finding) for line in _lines(text)
            )


_LEAD = {"about": "", "saw": "saw: ", "do": "→ ", "type": "  $ ", "read": "see "}


def _lines(text: str) -> list[str]:
    return text.splitlines() or [""]


def at_hand(stops: Sequence[Stop]) -> str:
    """The step where one is, as a line; empty where one is at none."""
    for number, stop in enumerate(stops, 1):
        if stop.state in {"here", "failed"}:
            word = "" if stop.state == "here" else f" ({STOPS['failed'][1]})"
            return f"Step {number} of {len(stops)}: {plain(stop.title)}{word}"
    return ""


def preview(change: Change) -> str:
    """A change's preview as it may be put before a person; files mask their own, and are shown whole."""
    text = plain(change.preview()).rstrip("\n")
    return text if change.kind == "edit-file" else shown(text)


def headline(review: Review) -> str:
    """How many changes there are, and what cannot be taken back."""
    changes = review.plan.changes
    if not changes:
        return "There is nothing to change."
    count = "One change" if len(changes) == 1 else f"{len(changes)} changes"
    lasting = sum(not c.reversible for c in changes)
    return f"{count}, nothing written yet" + (f"; {lasting} cannot be undone" if lasting else "")


def review_lines(review: Review) -> Iterator[str]:
    """A plan as plain text: stage by stage, each change with its diff; then the notes."""
    yield f"{headline(review)}."
    for stage in review.plan.stages:
        yield f"{plain(stage.title)}:"
        for change in stage.changes:
            yield f"  {plain(review.plan.heading(change))}"
            yield from (f"      {line}" for line in preview(change).splitlines())
    yield from (plain(note) for note in review.notes)


def suggested(question: Question, answers: Answers, problem: str = "", last: Value | None = None) -> Value | None:
    """What a face offers as the answer: the one given before, or the default. Where that was refused (`problem`): what was
    typed `last`, to be mended; of a secret only one that was not refused."""
    given = answers.get(question.id)
    if not problem:
        return question.default if given is None else given
    refused = given if last is None else last
    if question.kind != "secret":
        return question.default if refused is None else refused
    return None if question.default == refused else question.default


def label(question: Question, value: Value) -> str:
    """An answer as a person reads it; a secret is masked."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Secret):
        return str(value) if value else ""
    return plain(next((c.label for c in question.choices if c.value == value), value))


def is_yes(value: Value) -> bool:
    """Whether the default of a yes-or-no question means yes; it may be written as text."""
    return value is True or (isinstance(value, str) and value.strip().lower() in {"y", "yes", "true", "1", "on"})


def end_lines(report: Report, closing: Sequence[str]) -> tuple[str, ...]:
    """The end as plain text: the report, then the closing lines."""
    told = tuple(report_lines(report))
    return (*told, *([""] if told and closing else []), *map(plain, closing))


def environment_name(id: str) -> str:
    """The environment variable that answers a question: `MLOPS_WIZARD_AUTH_HOST` for `auth.host`."""
    return "MLOPS_WIZARD_" + id.upper().replace(".", "_").replace("-", "_")


def ways(id: str, kind: Kind) -> tuple[str, ...]:
    """How a question is answered without being asked, the shortest way first. Secrets are never typed into a command."""
    table, _, key = id.rpartition(".")
    if kind == "secret":
        return (f"{environment_name(id)}=… in the environment", f'--secrets - with {{"{id}": "…"}} on standard input')
    value = "yes" if kind == "confirm" else "VALUE"
    toml = "true" if kind == "confirm" else '"VALUE"'
    return (
        f"--set {id}={value}",
        f"{key} = {toml}" + (f" under [{table}]" if table else "") + " in the answers file",
        f"{environment_name(id)}={value} in the environment",
    )


def put(stream: TextIO, text: str) -> None:
    """Write a line, also where the stream's encoding has no such sign."""
    encoding = getattr(stream, "encoding", None) or "utf-8"
    stream.write(text.encode(encoding, "replace").decode(encoding) + "\n")
    stream.flush()
