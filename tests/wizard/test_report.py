"""A report as text, JSON and JUnit; the list of checks; a check's page."""

from __future__ import annotations

import json
from collections.abc import Iterable
from xml.etree import ElementTree

from checks import Check, Evidence, Finding, Remedy, Report, Status, World
from wizard import __version__
from wizard.report import as_junit, as_text, document, listing, listing_text, page

BAD = Finding(
    "env.ignored",
    Status.ERROR,
    "git would commit .env",
    about=".env",
    evidence=(Evidence("git check-ignore .env", "not ignored\nat all"),),
    remedy=Remedy("Ignore it.", ("echo '/.env' >> .gitignore",), "env", "https://git-scm.com"),
    seconds=0.25,
    title="git ignores .env",
)
REPORT = Report(
    (
        Finding(
            "tools.git",
            Status.OK,
            "git 2.39.2",
            evidence=(Evidence("git --version", "git version 2.39.2"),),
            seconds=0.1,
        ),
        BAD,
        Finding("env.complete", Status.SKIPPED, "not looked at, because env.exists failed"),
        Finding("auth.clock", Status.UNKNOWN, "no answer", where="container"),
        Finding("auth.shadowed", Status.WARNING, "X is set"),
        Finding("ci.x", Status.EXPECTED, "red until there is code"),
        Finding("ci.y", Status.CRASHED, "the check itself failed"),
    ),
    silenced=1,
)

PLAIN = """\
tools
  ✓ ok       tools.git: git 2.39.2

env
  × error    env.ignored: git would commit .env
             saw: git check-ignore .env  →  not ignored
                  at all
             → Ignore it.
               $ echo '/.env' >> .gitignore
               see https://git-scm.com
  · 1 not looked at (-v says why)

auth
  ? unknown  auth.clock (container): no answer
  ! warning  auth.shadowed: X is set

ci
  ○ expected ci.x: red until there is code
  # crashed  ci.y: the check itself failed

× One thing is wrong. (1 crashed, 1 error, 1 warning, 1 unknown, 1 expected, 1 skipped, 1 ok)
one check was not looked at, because something that comes before failed"""


def test_the_text_says_every_status_by_sign_and_word_and_shows_what_to_type() -> None:
    assert as_text(REPORT) == PLAIN


def test_color_adds_escapes_and_takes_no_word_away() -> None:
    from checks.redact import plain

    painted = as_text(REPORT, color=True)
    assert "\x1b[31m× error   \x1b[0m" in painted
    assert plain(painted) == PLAIN


def test_verbose_shows_the_evidence_of_what_is_well_and_why_the_rest_was_not_looked_at() -> None:
    text = as_text(REPORT, verbose=True)
    assert "             saw: git --version  →  git version 2.39.2\n             took 0.1 s" in text
    assert "· skipped  env.complete: not looked at, because env.exists failed" in text


def test_an_empty_report_is_not_green() -> None:
    assert as_text(Report(())) == "? Nothing was checked."


def test_the_document_has_exactly_the_keys_of_schema_1() -> None:
    data = json.loads(json.dumps(document(REPORT)))
    assert data["findings"][1] == {
        "id": "env.ignored",
        "status": "error",
        "title": "git ignores .env",
        "text": "git would commit .env",
        "about": ".env",
        "evidence": [{"what": "git check-ignore .env", "saw": "not ignored\nat all"}],
        "remedy": {
            "text": "Ignore it.",
            "commands": ["echo '/.env' >> .gitignore"],
            "step": "env",
            "link": "https://git-scm.com",
        },
        "seconds": 0.25,
        "where": "host",
    }
    assert data["findings"][0]["remedy"] is None
    del data["findings"]
    assert data == {
        "schema": 1,
        "tool": f"mlops-wizard {__version__}",
        "where": "host",
        "silenced": 1,
        "counts": {"ok": 1, "skipped": 1, "expected": 1, "unknown": 1, "warning": 1, "error": 1, "crashed": 1},
    }


def test_junit_has_a_suite_a_room_and_tells_failures_errors_and_skips_apart() -> None:
    root = ElementTree.fromstring(as_junit(REPORT))
    assert [(s.get("name"), s.get("tests"), s.get("failures"), s.get("errors"), s.get("skipped")) for s in root] == [
        ("tools", "1", "0", "0", "0"),
        ("env", "2", "1", "0", "1"),
        ("auth", "2", "0", "0", "1"),
        ("ci", "2", "0", "1", "1"),
    ]
    assert [c.tag for case in root.iter("testcase") for c in case] == [
        "failure",
        "skipped",
        "skipped",
        "system-out",
        "skipped",
        "error",
    ]
    failure = root.find(".//failure")
    assert failure is not None
    assert failure.get("message") == "git would commit .env"
    assert "$ echo '/.env' >> .gitignore" in (failure.text or "")


def test_junit_stays_xml_whatever_a_finding_says() -> None:
    finding = Finding("a.b", Status.ERROR, 'x < & "y" ]]> \ufffe \U0001f600', about="<&>")
    assert ElementTree.fromstring(as_junit(Report((finding,)))).find(".//failure") is not None


def looks(world: World) -> Iterable[Finding]:
    """Whether it is so.

    Looks at this and that, for a long time, and with many words, so that the line is longer than what fits into one line.

    What to do: nothing.
    """
    return ()


CHECKS = (
    Check("env.ignored", "git ignores .env", looks, frozenset({"env", "git"}), ("tools.repo",)),
    Check("ci.x", "X", looks, frozenset({"ci"})),
)


def test_the_list_of_checks() -> None:
    assert listing(CHECKS) == {
        "schema": 1,
        "checks": [
            {
                "id": "env.ignored",
                "title": "git ignores .env",
                "room": "env",
                "tags": ["env", "git"],
                "needs": ["tools.repo"],
            },
            {"id": "ci.x", "title": "X", "room": "ci", "tags": ["ci"], "needs": []},
        ],
    }
    assert listing_text(CHECKS) == (
        "env\n  env.ignored  git ignores .env  [git]\n\nci\n  ci.x         X\n\n"
        "2 checks; `mlops-wizard explain ID` tells what one looks at."
    )


def test_the_page_of_a_check_is_its_docstring_wrapped() -> None:
    assert page(CHECKS[0]) == (
        "env.ignored\ngit ignores .env\n\nWhether it is so.\n\n"
        "Looks at this and that, for a long time, and with many words, so that the line is longer than what\n"
        "fits into one line.\n\nWhat to do: nothing.\n\n"
        "Looked at only where these are well: tools.repo\nTags: env, git\nLook again: mlops-wizard doctor env.ignored"
    )
