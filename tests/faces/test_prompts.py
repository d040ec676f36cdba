"""The face of lines: what is typed, what is said, and how it stops."""

from __future__ import annotations

import asyncio
import io
import os
import signal
import threading
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from prompt_toolkit.input import create_pipe_input
from prompt_toolkit.output import DummyOutput

from checks import Report
from tests.faces.drive import Typist
from tests.faces.toy import (
    CLOSING,
    CLUSTER,
    CONTAINER,
    FINDINGS,
    HOST,
    HOST_QUESTION,
    TOKEN,
    TOKEN_QUESTION,
    plan_of,
    stops,
)
from wizard.answers import Answers
from wizard.face import Decision, Edit, Face, Move, Review
from wizard.prompts import Plain, Prompts
from wizard.question import Choice, Question, Value
from wizard.secret import Secret

ANSWERS: dict[str, Value] = {
    "auth.host": HOST,
    "auth.token": Secret(TOKEN),
    "connect.cluster": "1121-shared",
    "storage.path": "",
    "devcontainer.write": True,
}


class Talk:
    """A `Prompts` at which a typist sits; `said()` is what stood on stderr."""

    def __init__(self, *lines: str) -> None:
        self.typist = Typist(*lines)
        self._stream = io.StringIO()
        self.face = Prompts(lines=self.typist, stream=self._stream)

    def said(self) -> list[str]:
        return self._stream.getvalue().splitlines()

    async def ask(self, question: Question, *, problem: str = "", back: bool = False) -> Value | Move:
        return await self.face.ask(question, Answers(), problem=problem, back=back)


async def test_a_question_is_one_line_with_its_help_before_it() -> None:
    talk = Talk(HOST)
    assert await talk.ask(HOST_QUESTION, back=True) == HOST
    assert talk.said() == [HOST_QUESTION.help]
    assert talk.typist.prompts == ["Which workspace do you work in? [< back]:"]


async def test_an_answer_that_will_not_do_is_asked_for_again_and_back_works_then_too() -> None:
    talk = Talk("adb-1", "<")
    assert await talk.ask(HOST_QUESTION, problem="The workspace does not answer.", back=True) is Move.BACK
    assert talk.said() == [
        "! The workspace does not answer.",
        "! adb-1 has no https:// before it; copy it from the browser.",
    ]


async def test_at_the_first_question_there_is_nothing_to_go_back_to() -> None:
    talk = Talk("<", HOST)
    assert await talk.ask(HOST_QUESTION) == HOST
    assert talk.said()[-1] == "! This is the first question; there is nothing before it."


async def test_the_end_of_the_input_is_quit() -> None:
    assert await Talk().ask(HOST_QUESTION) is Move.QUIT


async def test_a_question_mark_tells_help_and_how_to_answer_without_being_asked() -> None:
    talk = Talk("?", HOST)
    assert await talk.ask(HOST_QUESTION) == HOST
    assert talk.said()[1:] == [
        HOST_QUESTION.help,
        "Typed: < goes back, Ctrl-C stops, - leaves it empty. Without being asked it is answered by:",
        "  --set auth.host=VALUE",
        '  host = "VALUE" under [auth] in the answers file',
        "  MLOPS_WIZARD_AUTH_HOST=VALUE in the environment",
    ]


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        ("", "1121-shared"),
        ("2", "0907-gpu"),
        ("serverless", "serverless"),
        ("Serverless", "serverless"),
        ("gpu", "0907-gpu"),
    ],
)
async def test_a_choice_is_made_by_enter_number_value_label_or_a_part_of_the_name(typed: str, answer: str) -> None:
    assert await Talk(typed).ask(CLUSTER) == answer


async def test_choices_are_listed_with_what_is_blocked_and_a_wrong_one_is_explained() -> None:
    talk = Talk("3", "nothing", "lts", "9", "1")
    assert await talk.ask(CLUSTER) == "1121-shared"
    assert talk.said()[1:] == [
        "  1. shared-ml · 15.4 LTS · running",
        "  2. gpu-train · 15.4 LTS ML · stopped, starts in about 5 min",
        "  3. etl-legacy · 10.4 LTS  (not now: databricks-connect for 10.4 is off the index)",
        "  4. Serverless",
        "! databricks-connect for 10.4 is off the index",
        "! None of them is 'nothing'; type the number of one.",
        "! 3 of them have 'lts' in their name; type the number of one:",
        "  1. shared-ml · 15.4 LTS · running",
        "  2. gpu-train · 15.4 LTS ML · stopped, starts in about 5 min",
        "  3. etl-legacy · 10.4 LTS",
        "! There are 4 of them; type the number of one.",
    ]


async def test_of_ten_thousand_choices_a_few_are_listed_and_any_is_found() -> None:
    many = tuple(Choice(f"id-{n}", f"cluster {n:05}") for n in range(10_000))
    talk = Talk("cluster 0977", "9772")
    assert await talk.ask(Question("a.b", "Which?", "choice", choices=many)) == "id-9771"
    assert talk.said()[30] == "  … and 9,970 more; type a part of the name to find one"
    assert talk.said()[31] == "! 11 of them have 'cluster 0977' in their name; type the number of one:"


async def test_yes_or_no_takes_words_and_enter_for_the_default() -> None:
    assert await Talk("").ask(CONTAINER) is True
    assert await Talk("maybe", "N").ask(CONTAINER) is False
    talk = Talk("", "yes")
    assert await talk.ask(Question("a.b", "Sure?", "confirm")) is True
    assert talk.said() == ["! Type yes or no."]


async def test_an_optional_answer_is_left_empty_by_a_dash() -> None:
    question = Question("a.b", "Path?", default="/x", optional=True)
    assert await Talk("-").ask(question) == ""
    assert await Talk("").ask(question) == "/x"
    assert await Talk("-").ask(Question("a.b", "Path?")) == "-"


async def test_a_secret_that_is_kept_is_taken_by_enter_and_never_said() -> None:
    kept = Question("auth.token", "Token?", "secret", default=Secret("kept-one"))
    talk = Talk("")
    assert await talk.ask(kept) == Secret("kept-one")
    assert talk.typist.prompts == ["Token? [••• is kept, Enter takes it]:"]
    assert await Talk("x y").ask(kept) == Secret("x y")
    assert await Talk("<").ask(kept, back=True) is Move.BACK
    talk = Talk(TOKEN[5:], TOKEN)
    assert await talk.ask(TOKEN_QUESTION) == Secret(TOKEN)
    assert talk.said()[1:] == ["! This is not a token of Databricks: those begin with dapi. Copy it again."]


async def test_a_kept_secret_that_was_refused_is_not_offered_again() -> None:
    kept = Question("auth.token", "Token?", "secret", default=Secret("kept-one"))
    talk = Talk("", "new")
    assert await talk.ask(kept) == Secret("kept-one")
    assert await talk.ask(kept, problem="It has expired.") == Secret("new")
    assert talk.typist.prompts[1] == "Token?"


async def test_the_review_is_text_and_then_one_of_four(tmp_path: Path) -> None:
    plan = plan_of(str(tmp_path), ANSWERS)
    review = Review(plan, ((HOST_QUESTION, HOST), (TOKEN_QUESTION, "•••")), ("mind the licence",))
    talk = Talk("", "edit", "<", "3", "2")
    assert await talk.face.review(review) == Edit("auth.token")
    said = talk.said()
    assert said[:4] == [
        "5 changes, nothing written yet; 1 cannot be undone.",
        "secrets and files:",
        "  • keep DATABRICKS_TOKEN in GNOME Keyring",
        "      mlops-wizard/adb-984752964297111.11/DATABRICKS_TOKEN = •••  →  GNOME Keyring",
    ]
    assert "  • start the cluster  (cannot be undone)" in said
    assert "mind the licence" in said
    assert not [line for line in said if TOKEN[:12] in line]
    assert await Talk("apply").face.review(review) is Decision.APPLY
    assert await Talk("2").face.review(review) is Decision.LEAVE
    assert await Talk("back").face.review(review) is Decision.BACK
    with pytest.raises(KeyboardInterrupt):
        await Talk().face.review(review)


async def test_narration_steps_checks_and_the_end_are_lines() -> None:
    talk = Talk()
    await talk.face.rail(stops(1))
    await talk.face.rail(stops(1))
    talk.face.say("logged in\x1b[2J with " + TOKEN)
    for finding in FINDINGS[:2]:
        talk.face.found(None, (finding,))  # type: ignore[arg-type]
    assert await talk.face.busy("Looking", lambda: 7) == 7
    await talk.face.show(Report(FINDINGS[2:4]), CLOSING)
    assert talk.said() == [
        "",
        "Step 2 of 6: Log-in",
        "logged in with •••",
        "  ✓ ok       git is there and new enough",
        "  ✓ ok       the token is valid until 2027-02-01",
        "Looking …",
        "",
        "× One thing is wrong. (1 error, 1 warning)",
        "  × error    pyspark 3.5.1 hides databricks-connect",
        "             .venv/bin/python",
        "             saw: pip list  →  databricks-connect 15.4.4",
        "             saw: pyspark 3.5.1",
        "             → Remove pyspark from this environment.",
        "               $ .venv/bin/python -m pip uninstall pyspark",
        "  ! warning  the token runs out in 9 days",
        "             → Make a new one in good time.",
        "               $ mlops-wizard secrets rotate auth.token",
        "",
        *CLOSING,
    ]


async def test_signs_that_the_terminal_cannot_show_do_not_stop_the_wizard() -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="ascii")
    Prompts(lines=Typist(), stream=stream).say("done ✓")
    assert raw.getvalue() == b"done ?\n"


async def through_questionary(session: Callable[[Face], Awaitable[Any]], keys: str) -> Any:
    with create_pipe_input() as pipe:
        pipe.send_text(keys)
        return await session(Prompts(input=pipe, output=DummyOutput(), stream=io.StringIO()))


async def test_questionary_edits_lines_and_ends_on_ctrl_d() -> None:
    async def session(face: Face) -> Any:
        return [await face.ask(Question("a.b", "Name?"), Answers()), await face.ask(TOKEN_QUESTION, Answers())]

    assert await through_questionary(session, f"adx\x7fa\r{TOKEN}\r") == ["ada", Secret(TOKEN)]
    assert await through_questionary(session, "a\r\x04") == ["a", Move.QUIT]


async def test_ctrl_c_at_a_prompt_interrupts() -> None:
    async def session(face: Face) -> str:
        try:
            await face.ask(HOST_QUESTION, Answers())
        except KeyboardInterrupt:
            return "interrupted"
        return "answered"

    assert await through_questionary(session, "ad\x03") == "interrupted"


async def test_a_dumb_terminal_gets_plain_lines() -> None:
    asked: list[str] = []
    answers = iter(["no", HOST])

    def read(prompt: str) -> str:
        asked.append(prompt)
        return next(answers)

    face = Prompts(lines=Plain(read, lambda prompt: TOKEN), stream=io.StringIO())
    assert await face.ask(HOST_QUESTION, Answers()) == HOST
    assert await face.ask(TOKEN_QUESTION, Answers()) == Secret(TOKEN)
    assert asked == ["? Which workspace do you work in? "] * 2


def test_ctrl_c_at_a_plain_line_interrupts_at_once() -> None:
    """asyncio would only cancel a task that never gets to run."""

    def read(prompt: str) -> str:
        os.kill(os.getpid(), signal.SIGINT)
        threading.Event().wait(20)
        return "never"

    async def session() -> None:
        await Prompts(lines=Plain(read), stream=io.StringIO()).ask(HOST_QUESTION, Answers())

    with pytest.raises(KeyboardInterrupt):
        asyncio.run(session())


def test_ctrl_c_while_work_is_done_asks_it_to_end_and_waits_for_that() -> None:
    ended: list[str] = []
    face = Prompts(lines=Typist(), stream=(stream := io.StringIO()))

    def work() -> None:
        os.kill(os.getpid(), signal.SIGINT)
        try:
            while True:
                face.say("at work")
                threading.Event().wait(0.01)
        except KeyboardInterrupt:
            ended.append("taken back")
            raise

    async def session() -> None:
        await face.busy("Applying", work)

    with pytest.raises(KeyboardInterrupt):
        asyncio.run(session())
    assert ended == ["taken back"]
    assert "Stopping; what is half done is taken back first (Ctrl-C again does not wait)." in stream.getvalue()
