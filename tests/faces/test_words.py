"""What every face says alike."""

from __future__ import annotations

import pytest

from checks import Evidence, Finding, Remedy, Report, Status
from tests.faces.toy import CLUSTER, FINDINGS
from wizard import words
from wizard.answers import Answers, Source
from wizard.face import Stop
from wizard.question import Question, Value
from wizard.secret import Secret


def test_every_status_has_a_sign_and_a_word_of_its_own() -> None:
    assert [words.mark(status) for status in Status] == [
        "✓ ok",
        "· skipped",
        "○ expected",
        "? unknown",
        "! warning",
        "× error",
        "# crashed",
    ]
    assert len(set(words.SIGNS.values())) == len(Status)


@pytest.mark.parametrize(
    ("statuses", "verdict"),
    [
        ((), "Nothing was checked."),
        ((Status.OK, Status.SKIPPED, Status.EXPECTED), "Everything is as it should be."),
        ((Status.OK, Status.UNKNOWN, Status.WARNING), "Nothing is wrong, as far as it could be told."),
        ((Status.OK, Status.WARNING), "Nothing is wrong; there is something to know."),
        ((Status.ERROR, Status.CRASHED), "One thing is wrong."),
        ((Status.ERROR, Status.ERROR), "2 things are wrong."),
        ((Status.OK, Status.CRASHED), "A check itself failed, so it cannot be told whether all is well."),
    ],
)
def test_the_verdict_is_one_sentence(statuses: tuple[Status, ...], verdict: str) -> None:
    report = Report(tuple(Finding(f"a.{n}", status, "text") for n, status in enumerate(statuses)))
    assert words.verdict(report)[1] == verdict


def test_findings_are_counted_with_the_worst_first() -> None:
    assert words.counted(Report(FINDINGS)) == "1 crashed, 1 error, 1 warning, 1 unknown, 1 expected, 1 skipped, 2 ok"
    assert words.counted(Report((*FINDINGS[2:4], *FINDINGS[2:4]))) == "2 errors, 2 warnings"


def test_a_finding_says_what_was_seen_and_what_to_do() -> None:
    remedy = Remedy("Log in again.", step="auth", link="https://docs.example")
    finding = Finding("a.b", Status.ERROR, "no", "~/.databrickscfg", (Evidence("GET /me", "401"),), remedy)
    assert list(words.what_to_do(finding)) == [
        ("about", "~/.databrickscfg"),
        ("saw", "GET /me  →  401"),
        ("do", "Log in again."),
        ("type", "mlops-wizard setup --only auth"),
        ("read", "https://docs.example"),
    ]


def test_the_step_at_hand_is_said_with_its_number() -> None:
    rail = (Stop("a", "Tools", "done"), Stop("b", "Log-in", "here"), Stop("c", "Spark", "ahead"))
    assert words.at_hand(rail) == "Step 2 of 3: Log-in"
    assert words.at_hand(rail[:1]) == ""
    assert words.at_hand((Stop("a", "Tools", "failed"),)) == "Step 1 of 1: Tools (failed)"


def test_an_answer_is_shown_as_a_person_reads_it() -> None:
    shown = [words.label(CLUSTER, value) for value in ("1121-shared", "other", True, False, Secret("x"), Secret(""))]
    assert shown == ["shared-ml · 15.4 LTS · running", "other", "yes", "no", "•••", ""]


def test_what_is_offered_is_the_answer_before_or_the_default_and_what_was_refused_is_offered_for_mending() -> None:
    question = Question("a.b", "?", default="default")
    given = Answers().give("a.b", "given", Source.FILE)
    assert words.suggested(question, Answers()) == "default"
    assert words.suggested(question, given) == "given"
    assert words.suggested(question, given, "no", last="typed") == "typed"
    assert words.suggested(question, given, "no") == "given"


def test_a_secret_is_offered_again_only_where_it_was_another_that_was_refused() -> None:
    kept, other = Secret("kept"), Secret("other")
    question = Question("a.b", "?", "secret", default=kept)
    values: list[Value | None] = [
        words.suggested(question, Answers()),
        words.suggested(question, Answers(), "no", last=kept),
        words.suggested(question, Answers(), "no", last=other),
        words.suggested(question, Answers().give("a.b", kept, Source.FLAG), "no"),
    ]
    assert values == [kept, None, kept, None]


def test_there_are_three_ways_to_answer_without_being_asked_and_none_of_them_puts_a_secret_into_a_command() -> None:
    assert words.ways("storage.lake-1.path", "text") == (
        "--set storage.lake-1.path=VALUE",
        'path = "VALUE" under [storage.lake-1] in the answers file',
        "MLOPS_WIZARD_STORAGE_LAKE_1_PATH=VALUE in the environment",
    )
    assert words.ways("devcontainer.write", "confirm")[:2] == (
        "--set devcontainer.write=yes",
        "write = true under [devcontainer] in the answers file",
    )
    assert not [way for way in words.ways("auth.token", "secret") if "--set" in way or "answers file" in way]
