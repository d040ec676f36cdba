"""One session, three faces: the same answers, the same files, byte for byte."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.faces.drive import app_of, at, files_of, through_a_pipe, typed, until
from tests.faces.toy import HOST, QUESTIONS, TOKEN, Toy
from wizard.answers import Answers, Source
from wizard.question import Value
from wizard.secret import Secret
from wizard.tui.screens.report import ReportPage
from wizard.tui.screens.review import ReviewPage
from wizard.unattended import Unattended

WRONG = "dapi" + "9" * 32
ENTRY = "mlops-wizard/adb-984752964297111.11/DATABRICKS_TOKEN"


def refuse(id: str, value: Value) -> str | None:
    """A server that knows one token."""
    known = not isinstance(value, Secret) or value == Secret(TOKEN)
    return None if known else "The workspace does not know this token; make a new one."


def toy_in(folder: Path, given: Answers | None = None) -> Toy:
    """A toy in a repo that has a `.env` already."""
    folder.mkdir()
    (folder / ".env").write_text("# mine\nDATABRICKS_HOST=https://old.example\nKEEP=1\n", encoding="utf-8")
    return Toy(str(folder), given=given or Answers(), refuse=refuse)


async def by_keys(toy: Toy) -> Any:
    """Full screen: wrong and right answers, Back from a field that will not do, an edit from the review."""
    app = app_of(toy)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        await typed(pilot, "auth.host", "adb-1", "enter")
        await pilot.press("end", "ctrl+u")
        await typed(pilot, "auth.host", HOST, "enter")
        await typed(pilot, "auth.token", "nonsense", "enter", "escape")  # Back from a field that was refused
        await typed(pilot, "auth.host", "enter")
        await typed(pilot, "auth.token", WRONG, "enter")
        await typed(pilot, "auth.token", TOKEN, "enter")
        await typed(pilot, "connect.cluster", "down", "enter")
        await typed(pilot, "storage.path", "enter")
        await typed(pilot, "devcontainer.write", "n")
        await until(pilot, lambda: at(pilot, ReviewPage))
        await pilot.press("f6", "end", "enter")
        await typed(pilot, "devcontainer.write", "y")
        await until(pilot, lambda: at(pilot, ReviewPage))
        await pilot.press("enter", "f5")
        await until(pilot, lambda: at(pilot, ReportPage))
        await pilot.press("enter")
        await pilot.pause()
    return app.outcome()


QUESTION_LINES = ("adb-1", HOST, "nonsense", "<", "", WRONG, TOKEN, "2", "", "no")
LINES = (*QUESTION_LINES, *("3", "5", "yes"), "1")  # then an edit, then apply


async def by_lines(toy: Toy) -> Any:
    """The same, line by line, through questionary."""
    return await through_a_pipe(toy, "".join(f"{line}\r" for line in LINES))


async def by_nobody(toy: Toy) -> Any:
    """Nobody is there; the answers are given, the others are defaults."""
    return await toy(Unattended(yes=True, say=lambda text: None))


GIVEN: dict[str, Value] = {"auth.host": HOST, "auth.token": Secret(TOKEN), "connect.cluster": "0907-gpu"}


def given() -> Answers:
    """What the command line would hand over."""
    answers = Answers()
    for id, value in GIVEN.items():
        answers = answers.give(id, value, Source.FLAG)
    return answers


async def test_the_three_faces_come_to_the_same_answers_and_files(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tui, prompts, nobody = (toy_in(tmp_path / name, given() if name == "c" else None) for name in "abc")
    ended = [dict(await by_keys(tui)), dict(await by_lines(prompts)), dict(await by_nobody(nobody))]
    wanted = {**GIVEN, "storage.path": "/Volumes/ml/raw", "devcontainer.write": True}
    assert ended == [wanted] * 3
    written = [files_of(toy.folder) for toy in (tui, prompts, nobody)]
    assert written[0] == written[1] == written[2]
    assert sorted(written[0]) == [".devcontainer/devcontainer.json", ".env"]
    assert [toy.store.held for toy in (tui, prompts, nobody)] == [{ENTRY: Secret(TOKEN)}] * 3
    told = capsys.readouterr()
    assert not [name for name in (TOKEN, WRONG) if name in told.out + told.err]


async def test_two_faces_that_ask_put_the_same_questions_in_the_same_order(tmp_path: Path) -> None:
    tui, prompts = toy_in(tmp_path / "a"), toy_in(tmp_path / "b")
    await by_keys(tui)
    await by_lines(prompts)
    problem = "auth.token: The workspace does not know this token; make a new one."
    once = [q.id for q in QUESTIONS]
    asked = [*once[:2], *once[:2], problem, *once[2:], "devcontainer.write"]
    assert tui.log == prompts.log == asked
