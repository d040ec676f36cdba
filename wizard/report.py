"""A Report as text, JSON and JUnit; the list of checks; a check's page. All return; nothing here prints.

One result model stands behind all of them, so that they cannot tell different things.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Iterator
from typing import Any
from xml.etree import ElementTree

from checks import Check, Finding, Report, Status
from wizard import __version__
from wizard.words import SIGNS, counted, verdict, what_to_do

SCHEMA = 1
WIDTH = 100

_COLORS = {
    Status.OK: "32",
    Status.SKIPPED: "2",
    Status.EXPECTED: "36",
    Status.UNKNOWN: "35",
    Status.WARNING: "33",
    Status.ERROR: "31",
    Status.CRASHED: "1;31",
}


def document(report: Report, *, where: str = "host") -> dict[str, Any]:
    """The report as what `--json` prints, schema 1. Statuses are the names in lower case."""
    return {
        "schema": SCHEMA,
        "tool": f"mlops-wizard {__version__}",
        "where": where,
        "findings": [_finding(f) for f in report.findings],
        "silenced": report.silenced,
        "counts": report.counts(),
    }


def _finding(finding: Finding) -> dict[str, Any]:
    remedy = finding.remedy
    return {
        "id": finding.id,
        "status": finding.status.name.lower(),
        "title": finding.title,
        "text": finding.text,
        "about": finding.about,
        "evidence": [{"what": e.what, "saw": e.saw} for e in finding.evidence],
        "remedy": None
        if remedy is None
        else {"text": remedy.text, "commands": list(remedy.commands), "step": remedy.step, "link": remedy.link},
        "seconds": finding.seconds,
        "where": finding.where,
    }


def as_text(report: Report, *, color: bool = False, verbose: bool = False) -> str:
    """The report for a terminal or a pipe: room by room, each finding with sign and word, at the end the verdict.

    What is not well shows its evidence and what to type. `verbose` shows the evidence of the rest too, and names what was
    not looked at; without it those are counted.
    """
    lines: list[str] = []
    for room, findings in _rooms(report):
        quiet = [f for f in findings if f.status is Status.SKIPPED and not verbose]
        lines.append(_painted(room, "1", color))
        lines += [line for f in findings if f not in quiet for line in _told(f, color, verbose)]
        if quiet:
            lines.append(_painted(f"  {SIGNS[Status.SKIPPED]} {len(quiet)} not looked at (-v says why)", "2", color))
        lines.append("")
    status, sentence = verdict(report)
    summary = f"{SIGNS[status]} {sentence}" + (f" ({counted(report)})" if report.findings else "")
    lines.append(_painted(summary, _COLORS[status], color))
    if report.silenced:
        behind = "one check was" if report.silenced == 1 else f"{report.silenced} checks were"
        lines.append(f"{behind} not looked at, because something that comes before failed")
    return "\n".join(lines)


def _rooms(report: Report) -> Iterator[tuple[str, list[Finding]]]:
    names = dict.fromkeys(f.id.partition(".")[0] for f in report.findings)
    for name in names:
        yield name, [f for f in report.findings if f.id.partition(".")[0] == name]


def _told(finding: Finding, color: bool, verbose: bool) -> Iterator[str]:
    word = _painted(f"{SIGNS[finding.status]} {finding.status.name.lower():<8}", _COLORS[finding.status], color)
    where = "" if finding.where == "host" else f" ({finding.where})"
    text = finding.text.splitlines() or [finding.title]
    yield f"  {word} {finding.id}{where}: {text[0]}"
    yield from (f"             {line}" for line in text[1:])
    if verbose or finding.status > Status.SKIPPED:
        yield from _details(finding)
    if verbose and finding.seconds >= 0.05:
        yield f"             took {finding.seconds:.1f} s"


def _details(finding: Finding) -> Iterator[str]:
    lead = {"saw": "saw: ", "do": "→ ", "type": "  $ ", "read": "  see ", "about": "at "}
    for kind, text in what_to_do(finding):
        if kind == "about" and text in finding.text:
            continue
        for n, line in enumerate(text.splitlines() or [""]):
            yield f"             {lead[kind] if n == 0 else ' ' * len(lead[kind])}{line}"


def _painted(text: str, code: str, color: bool) -> str:
    return f"\x1b[{code}m{text}\x1b[0m" if color else text


_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def as_junit(report: Report) -> str:
    """The report as JUnit XML, a suite a room: ERROR is a failure, CRASHED an error, what was not told is skipped.

    A warning passes; its text is the case's output.
    """
    root = ElementTree.Element("testsuites", name="mlops-wizard doctor")
    for room, findings in _rooms(report):
        counts = {
            "tests": len(findings),
            "failures": sum(f.status is Status.ERROR for f in findings),
            "errors": sum(f.status is Status.CRASHED for f in findings),
            "skipped": sum(f.status in _NOT_TOLD for f in findings),
        }
        seconds = f"{sum(f.seconds for f in findings):.3f}"
        attributes = {k: str(v) for k, v in counts.items()} | {"time": seconds}
        suite = ElementTree.SubElement(root, "testsuite", {"name": room} | attributes)
        for finding in findings:
            _case(suite, finding)
    ElementTree.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(root, encoding="unicode")


_NOT_TOLD = frozenset({Status.SKIPPED, Status.EXPECTED, Status.UNKNOWN})


def _case(suite: ElementTree.Element, finding: Finding) -> None:
    name = finding.id + (f" [{finding.about}]" if finding.about else "")
    attributes = {"name": _xml(name), "classname": _xml(finding.id), "time": f"{finding.seconds:.3f}"}
    case = ElementTree.SubElement(suite, "testcase", attributes)
    details = _xml("\n".join([finding.text, *(line.strip() for line in _details(finding))]))
    message = {"message": _xml(" ".join(finding.text.split()))}
    if finding.status is Status.ERROR:
        ElementTree.SubElement(case, "failure", message | {"type": "error"}).text = details
    elif finding.status is Status.CRASHED:
        ElementTree.SubElement(case, "error", message | {"type": "crashed"}).text = details
    elif finding.status in _NOT_TOLD:
        message["message"] = f"{finding.status.name.lower()}: {message['message']}"
        ElementTree.SubElement(case, "skipped", message)
    elif finding.status is Status.WARNING:
        ElementTree.SubElement(case, "system-out").text = details


def _xml(text: str) -> str:
    return _NOT_XML.sub("\ufffd", text)


def listing(checks: Iterable[Check]) -> dict[str, Any]:
    """What `doctor --list --json` prints, schema 1."""
    return {
        "schema": SCHEMA,
        "checks": [
            {"id": c.id, "title": c.title, "room": c.room, "tags": sorted(c.tags), "needs": list(c.needs)}
            for c in checks
        ],
    }


def listing_text(checks: Iterable[Check]) -> str:
    """What `doctor --list` prints: id, title and tags, room by room."""
    all_ = tuple(checks)
    wide = max((len(c.id) for c in all_), default=0)
    lines: list[str] = []
    for room in dict.fromkeys(c.room for c in all_):
        lines += [room, *(f"  {c.id:<{wide}}  {c.title}{_tags(c)}" for c in all_ if c.room == room), ""]
    return "\n".join([*lines, f"{len(all_)} checks; `mlops-wizard explain ID` tells what one looks at."])


def _tags(check: Check) -> str:
    tags = sorted(check.tags - {check.room})
    return f"  [{', '.join(tags)}]" if tags else ""


def page(check: Check) -> str:
    """What `explain ID` prints: what the check looks at, why it matters, what to do."""
    lines = [check.id, check.title, ""]
    for paragraph in check.page.strip().split("\n\n"):
        text = " ".join(paragraph.split())
        lines += [*textwrap.wrap(text, WIDTH, break_long_words=False, break_on_hyphens=False), ""]
    if check.needs:
        lines.append(f"Looked at only where these are well: {', '.join(check.needs)}")
    if check.tags:
        lines.append(f"Tags: {', '.join(sorted(check.tags))}")
    return "\n".join([*lines, f"Look again: mlops-wizard doctor {check.id}"])
