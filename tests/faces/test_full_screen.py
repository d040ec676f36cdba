"""The full-screen face: its keys, its mouse, its secrets, and how it stops."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest
from textual.widgets import Input, OptionList

from checks import Report
from tests.faces.drive import app_of, at, pressed, typed, until
from tests.faces.toy import CLUSTER, CONTAINER, FINDINGS, HOST, HOST_QUESTION, TOKEN, TOKEN_QUESTION, plan_of, stops
from wizard.answers import Answers
from wizard.face import Decision, Edit, Face, Move, Review
from wizard.plan import Plan
from wizard.question import Choice, Question, Value
from wizard.secret import Secret
from wizard.tui import WizardApp
from wizard.tui.screens.overlay import Overlay
from wizard.tui.screens.page import Page
from wizard.tui.screens.question import QuestionPage
from wizard.tui.screens.report import ReportPage
from wizard.tui.screens.review import ReviewPage
from wizard.tui.widgets.options import SHOWN
from wizard.tui.widgets.secret_field import SecretField

ANSWERS: dict[str, Value] = {
    "auth.host": HOST,
    "auth.token": Secret(TOKEN),
    "connect.cluster": "1121-shared",
    "storage.path": "",
    "devcontainer.write": True,
}


def asking(question: Question, *, back: bool = True, problem: str = "") -> WizardApp[Any]:
    """An app that asks one thing and ends with the answer."""

    async def session(face: Face) -> object:
        await face.rail(stops(1))
        return await face.ask(question, Answers(), problem=problem, back=back)

    return app_of(session)


async def answered(app: WizardApp[Any], *keys: str) -> Any:
    """What the session ends with, after these keys."""
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: at(pilot, QuestionPage))
        await pressed(pilot, *keys)
        await pilot.pause()
    return app.outcome()


@pytest.mark.parametrize("key", ["escape", "f2", "f3"])
async def test_back_works_from_a_field_that_was_refused(key: str) -> None:
    assert await answered(asking(HOST_QUESTION), "no", "enter", key) is Move.BACK


async def test_there_is_no_back_before_the_first_question() -> None:
    assert await answered(asking(HOST_QUESTION, back=False), "f3", "escape", HOST, "enter") == HOST


async def test_f10_at_a_question_is_its_answer_quit() -> None:
    assert await answered(asking(HOST_QUESTION), "f10") is Move.QUIT


async def test_ctrl_c_at_a_question_interrupts_the_session() -> None:
    app = asking(HOST_QUESTION)
    async with app.run_test() as pilot:
        await until(pilot, lambda: at(pilot, QuestionPage))
        await pilot.press("ctrl+c")
        await pilot.pause()
    with pytest.raises(KeyboardInterrupt):
        app.outcome()


async def test_ctrl_c_copies_where_something_is_selected() -> None:
    app = asking(HOST_QUESTION)
    async with app.run_test() as pilot:
        await typed(pilot, "auth.host", "https://a")
        await pilot.press("shift+home", "ctrl+c")
        assert app.clipboard == "https://a"
        await pilot.press("enter")
        await pilot.pause()
    assert app.outcome() == "https://a"


async def test_an_answer_is_cleaned_and_looked_at_when_it_is_submitted() -> None:
    assert await answered(asking(HOST_QUESTION), "adb", "enter", "ctrl+u", f" {HOST} ", "enter") == HOST


async def test_the_buttons_do_what_the_keys_do() -> None:
    app = asking(HOST_QUESTION)
    async with app.run_test(size=(80, 24)) as pilot:
        await typed(pilot, "auth.host", HOST)
        assert await pilot.click("#continue")
        await pilot.pause()
    assert app.outcome() == HOST


async def test_a_blocked_choice_is_passed_over_and_a_click_chooses() -> None:
    assert await answered(asking(CLUSTER), "down", "down", "enter") == "serverless"
    app = asking(CLUSTER)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: at(pilot, QuestionPage))
        assert await pilot.click(OptionList, offset=(5, 2))
        await pilot.pause()
    assert app.outcome() == "0907-gpu"


async def test_yes_and_no_are_letters_and_the_default_is_enter() -> None:
    assert await answered(asking(CONTAINER), "enter") is True
    assert await answered(asking(CONTAINER), "n") is False
    assert await answered(asking(CONTAINER), "b") is Move.BACK


async def test_ten_thousand_choices_are_narrowed_by_typing() -> None:
    many = tuple(Choice(f"id-{n}", f"cluster {n:05}") for n in range(10_000))
    question = Question("connect.cluster", "Which?", "choice", choices=many, default="id-3")
    app = asking(question)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: at(pilot, QuestionPage))
        assert app.screen.query_one(OptionList).option_count == SHOWN
        assert isinstance(app.focused, Input)
        await pressed(pilot, "cluster 09", "7", "7", "down", "enter")
        await pilot.pause()
    assert app.outcome() == "id-9770"  # after cluster 00977


async def test_an_optional_choice_can_be_left_open_and_none_on_offer_is_said() -> None:
    question = Question("a.b", "Which?", "choice", choices=(Choice("x", "X"),), optional=True)
    assert await answered(asking(question), "down", "enter") == ""
    nothing = Question("a.b", "Which?", "choice")
    assert await answered(asking(nothing), "enter", "f3") is Move.BACK


async def test_a_secret_is_typed_pasted_rubbed_out_and_nowhere_to_be_seen() -> None:
    app = asking(TOKEN_QUESTION)
    async with app.run_test(size=(80, 24)) as pilot:
        await typed(pilot, "auth.token", TOKEN + "\n", "z", "backspace")
        assert TOKEN[4:12] not in app.export_screenshot()
        assert "36 characters" in str(app.screen.query_one(SecretField).render())
        await pilot.press("enter")
        await pilot.pause()
        assert not app.screen.query(SecretField) or not app.screen.query_one(SecretField)._typed
    assert app.outcome() == Secret(TOKEN)


async def test_a_kept_secret_is_accepted_by_enter_and_replaced_by_typing() -> None:
    kept = Question("auth.token", "Token?", "secret", default=Secret("kept-one"))
    assert await answered(asking(kept), "enter") == Secret("kept-one")
    assert await answered(asking(kept), "new", "enter") == Secret("new")


async def test_an_optional_secret_may_stay_empty_and_another_may_not() -> None:
    assert await answered(asking(Question("a.b", "Key?", "secret", optional=True)), "enter") == Secret("")
    assert await answered(asking(Question("a.b", "Key?", "secret")), "enter", "k", "enter") == Secret("k")


async def test_letters_are_text_where_something_is_typed() -> None:
    plain = Question("a.b", "Name?")
    assert await answered(asking(plain), "q", "b", "?", "enter") == "qb?"
    assert await answered(asking(Question("a.b", "Key?", "secret")), "q", "b", "?", "enter") == Secret("qb?")


async def test_text_of_a_server_can_neither_mark_up_nor_move_the_cursor() -> None:
    hostile = Question(
        "a.b", "[red]Which?\x1b[2J", "choice", choices=(Choice("x", "[b]one[/b]\x1b]0;t\x07"),), help="[/] \x9b1m"
    )
    app = asking(hostile, problem="[blink]bad\x1b[31m")
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: at(pilot, QuestionPage))
        seen = app.export_screenshot().replace("&#160;", " ")
        assert all(text in seen for text in ("[red]Which?", "[b]one[/b]", "[blink]bad"))
        await pilot.press("enter")
        await pilot.pause()
    assert app.outcome() == "x"


def reviewing(plan: Plan) -> WizardApp[Any]:
    """An app that ends with the decision on a plan."""

    async def session(face: Face) -> object:
        return await face.review(Review(plan, ((HOST_QUESTION, HOST), (CONTAINER, "yes"))))

    return app_of(session)


@pytest.mark.parametrize(
    ("keys", "decision"),
    [
        (["f5"], Decision.APPLY),
        (["a"], Decision.APPLY),
        (["enter", "enter", "f5"], Decision.APPLY),
        (["f8"], Decision.LEAVE),
        (["l"], Decision.LEAVE),
        (["f3"], Decision.BACK),
        (["escape"], Decision.BACK),
        (["b"], Decision.BACK),
        (["f6", "down", "enter"], Edit("devcontainer.write")),
        (["e", "enter"], Edit("auth.host")),
    ],
)
async def test_the_review_is_decided_by_keys_but_never_by_enter_alone(
    keys: list[str], decision: object, tmp_path: Path
) -> None:
    app = reviewing(plan_of(str(tmp_path), ANSWERS))
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: at(pilot, ReviewPage))
        await pilot.press(*keys)
        await pilot.pause()
    assert app.outcome() == decision


async def test_the_review_shows_no_secret(tmp_path: Path) -> None:
    app = reviewing(plan_of(str(tmp_path), ANSWERS))
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: at(pilot, ReviewPage))
        assert TOKEN[:12] not in app.export_screenshot()
        await pilot.press("f10")
        await pilot.pause()
    with pytest.raises(KeyboardInterrupt):
        app.outcome()


async def test_help_log_and_palette_are_laid_over_and_taken_away() -> None:
    app = asking(CLUSTER)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: at(pilot, QuestionPage))
        for key in ("f1", "question_mark", "f4"):
            await pilot.press(key)
            await until(pilot, lambda: isinstance(app.screen, Overlay))
            await pilot.press("escape")
            await until(pilot, lambda: isinstance(app.screen, Page))
        for key in ("f9", "ctrl+p"):
            await pilot.press(key)
            await until(pilot, lambda: type(app.screen).__name__ == "CommandPalette")
            await pilot.press("escape")
            await until(pilot, lambda: isinstance(app.screen, Page))
        commands = [c.title for c in app.get_system_commands(app.screen)]
        assert commands == ["Help", "Log", "Back", "Quit", "Theme", "Screenshot"]
        await pilot.press("enter")
        await pilot.pause()
    assert app.outcome() == "1121-shared"


async def test_a_page_that_comes_takes_away_what_is_laid_over_the_one_before() -> None:
    go = threading.Event()

    async def session(face: Face) -> object:
        await face.busy("Working", lambda: go.wait(20))
        return await face.ask(HOST_QUESTION, Answers())

    app = app_of(session)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: app.face._beside is not None)
        await pilot.press("f1")
        await until(pilot, lambda: isinstance(app.screen, Overlay))
        go.set()
        await typed(pilot, "auth.host", HOST, "enter")
        await pilot.pause()
    assert app.outcome() == HOST


async def test_the_report_is_read_by_arrows_and_closed_by_enter() -> None:
    async def session(face: Face) -> object:
        await face.show(Report(FINDINGS), ("the end",))
        return "shown"

    app = app_of(session)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: at(pilot, ReportPage))
        await pilot.press("down", "down")
        assert app.screen.query_one(OptionList).highlighted == 2
        await pilot.press("enter")
        await pilot.pause()
    assert app.outcome() == "shown"


async def test_a_long_reason_is_cut_in_the_list_and_whole_in_the_help() -> None:
    why = "There is no keyring service here. " + "Install one and log in again. " * 20 + "The end."
    question = Question(
        "a.b", "Where?", "choice", choices=(Choice("keyring", "OS keyring", why), Choice("file", "A file"))
    )
    app = asking(question)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: at(pilot, QuestionPage))
        assert "F1" in app.export_screenshot()
        assert "The&#160;end." not in app.export_screenshot()
        assert isinstance(app.screen, QuestionPage)
        assert f"Not now: OS keyring. {why}" in app.screen.helps
        assert "VALUE is one of keyring, file" in app.screen.helps
        await pilot.press("enter")
        await pilot.pause()
    assert app.outcome() == "file"
