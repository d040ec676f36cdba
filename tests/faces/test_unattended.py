"""The face of nobody: defaults, refusals by name, and nothing applied that was not agreed to."""

from __future__ import annotations

from pathlib import Path

import pytest

from checks import Check, Report
from tests.faces.toy import (
    CLOSING,
    CLUSTER,
    CONTAINER,
    FINDINGS,
    HOST,
    HOST_QUESTION,
    STORAGE,
    TOKEN,
    TOKEN_QUESTION,
    plan_of,
    stops,
)
from wizard.answers import Answers
from wizard.face import Decision, Review
from wizard.question import Question, Value
from wizard.secret import Secret
from wizard.unattended import NotAgreed, Refused, Unanswered, Unattended

NOBODY = Answers()
ANSWERS: dict[str, Value] = {
    "auth.host": HOST,
    "auth.token": Secret(TOKEN),
    "connect.cluster": "1121-shared",
    "storage.path": "",
    "devcontainer.write": True,
}


def face(said: list[str] | None = None, *, yes: bool = True, json: bool = False) -> Unattended:
    return Unattended(yes=yes, json=json, say=(said if said is not None else []).append)


async def test_a_default_is_the_answer_in_the_questions_own_type() -> None:
    assert await face().ask(CLUSTER, NOBODY) == "1121-shared"
    assert await face().ask(CONTAINER, NOBODY) is True
    assert await face().ask(Question("a.b", "Sure?", "confirm", default="no"), NOBODY) is False
    assert await face().ask(Question("a.b", "Key?", "secret", default=Secret("k")), NOBODY) == Secret("k")


async def test_what_is_optional_is_left_out() -> None:
    assert await face().ask(STORAGE, NOBODY) == "/Volumes/ml/raw"
    assert await face().ask(Question("a.b", "Path?", optional=True), NOBODY) == ""
    assert await face().ask(Question("a.b", "Key?", "secret", optional=True), NOBODY) == Secret("")
    assert await face().ask(Question("a.b", "Sure?", "confirm", optional=True), NOBODY) is False


async def test_a_missing_answer_fails_by_name_with_every_way_to_give_it() -> None:
    with pytest.raises(Unanswered) as raised:
        await face().ask(HOST_QUESTION, NOBODY)
    assert str(raised.value).splitlines() == [
        "auth.host has no answer (Which workspace do you work in?). Give it by one of:",
        "  --set auth.host=VALUE",
        '  host = "VALUE" under [auth] in the answers file',
        "  MLOPS_WIZARD_AUTH_HOST=VALUE in the environment",
    ]


async def test_a_missing_secret_is_never_asked_for_on_the_command_line() -> None:
    with pytest.raises(Unanswered) as raised:
        await face().ask(TOKEN_QUESTION, NOBODY)
    assert raised.value.ways == (
        "MLOPS_WIZARD_AUTH_TOKEN=… in the environment",
        '--secrets - with {"auth.token": "…"} on standard input',
    )
    assert "--set" not in str(raised.value)


async def test_an_answer_that_will_not_do_is_refused_by_name() -> None:
    with pytest.raises(Refused, match=r"^auth.host: The workspace does not answer\.$"):
        await face().ask(HOST_QUESTION, NOBODY, problem="The workspace does not answer.")
    with pytest.raises(Refused, match=r"^a.b: a.b takes yes or no\.$"):
        await face().ask(Question("a.b", "Sure?", "confirm", default="perhaps"), NOBODY)
    with pytest.raises(Refused, match=r"^connect.cluster: databricks-connect for 10.4 is off the index$"):
        await face().ask(Question("connect.cluster", "?", "choice", "0101-old", CLUSTER.choices), NOBODY)


async def test_every_change_is_said_and_nothing_is_applied_without_yes(tmp_path: Path) -> None:
    review = Review(plan_of(str(tmp_path), ANSWERS), (), ("mind the licence",))
    said: list[str] = []
    with pytest.raises(NotAgreed, match="--yes"):
        await face(said, yes=False).review(review)
    assert said[0] == "5 changes, nothing written yet; 1 cannot be undone."
    assert "  • edit .env" in said or "  • create .env" in said
    assert said[-1] == "mind the licence"
    assert TOKEN[:12] not in "\n".join(said)
    assert await face().review(review) is Decision.APPLY


async def test_narration_is_one_line_a_step_and_a_check() -> None:
    said: list[str] = []
    nobody = face(said)
    await nobody.rail(stops(1))
    await nobody.rail(stops(1))
    nobody.found(Check("auth.token", "the token", lambda world: ()), FINDINGS[1:3])
    nobody.found(Check("auth.none", "nothing found", lambda world: ()), ())
    nobody.say("with " + TOKEN)
    assert await nobody.busy("Looking", lambda: 7) == 7
    assert said == [
        "Step 2 of 6: Log-in",
        "  ! warning  the token runs out in 9 days  (auth.token)",
        "with •••",
        "Looking …",
    ]


async def test_the_result_is_on_stdout_and_narration_on_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    nobody = Unattended(yes=True)
    nobody.say("at work")
    await nobody.show(Report(FINDINGS[:1]), CLOSING)
    told = capsys.readouterr()
    assert told.err == "at work\n"
    assert told.out.splitlines() == [
        "✓ Everything is as it should be. (1 ok)",
        "  ✓ ok       git is there and new enough",
        "",
        *CLOSING,
    ]


async def test_with_json_the_result_is_left_to_whoever_prints_that(capsys: pytest.CaptureFixture[str]) -> None:
    await Unattended(yes=True, json=True).show(Report(FINDINGS), CLOSING)
    assert capsys.readouterr().out == ""


async def test_what_work_raises_comes_through() -> None:
    def fail() -> None:
        raise LookupError("not there")

    with pytest.raises(LookupError, match="not there"):
        await face().busy("Looking", fail)
