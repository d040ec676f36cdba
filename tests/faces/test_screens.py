"""Every page as a picture, small and large. Each test also says in words what the picture must show."""

from __future__ import annotations

import threading
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from checks import Finding, Report, Status
from tests.faces.drive import Clock, Session, app_of, pressed, until
from tests.faces.toy import (
    CLOSING,
    CLUSTER,
    CONTAINER,
    FINDINGS,
    HOST,
    HOST_QUESTION,
    QUESTIONS,
    TOKEN,
    TOKEN_QUESTION,
    plan_of,
    registry,
    stops,
)
from wizard.answers import Answers
from wizard.changes import EditFile
from wizard.face import Face, Review
from wizard.plan import Plan, Stage
from wizard.question import Choice, Question, Value
from wizard.secret import Secret
from wizard.tui import WizardApp
from wizard.tui.screens.overlay import Overlay
from wizard.tui.screens.page import Page
from wizard.tui.screens.question import QuestionPage
from wizard.tui.screens.report import ReportPage
from wizard.tui.screens.review import ReviewPage
from wizard.tui.screens.working import WorkingPage
from wizard.tui.widgets.findings import FindingTable
from wizard.words import label

Compare = Callable[..., bool]

sizes = pytest.mark.parametrize("size", [(80, 24), (120, 40)], ids=["80x24", "120x40"])
SAID = "found databricks.yml: this is azure-databricks-devcontainer"
ANSWERS: dict[str, Value] = {
    "auth.host": HOST,
    "auth.token": Secret(TOKEN),
    "connect.cluster": "1121-shared",
    "storage.path": "/Volumes/ml/raw",
    "devcontainer.write": True,
}


@pytest.fixture
def snap(snap_compare: Compare) -> Compare:
    """A picture is only good where the app that made it did not fail: a broken page makes a stable picture, too."""

    def compare(app: WizardApp[object], **how: Any) -> bool:
        same = snap_compare(app, **how)
        with pytest.raises(KeyboardInterrupt):
            app.outcome()
        return same

    return compare


def on(page: type[Page[Any]] | type[Overlay], *keys: str) -> Callable[[Pilot[Any]], Awaitable[None]]:
    """Wait for a page, then press keys."""

    async def before(pilot: Pilot[Any]) -> None:
        await pilot.pause()
        await until(pilot, lambda: isinstance(pilot.app.screen, Page) and isinstance(pilot.app.screen, page))
        await pressed(pilot, *keys)
        await pilot.pause()

    return before


def asking(question: Question, problem: str = "", answers: Answers | None = None, here: int = 1) -> Session:
    """A session that asks one thing."""

    async def session(face: Face) -> object:
        await face.rail(stops(here))
        face.say(SAID)
        return await face.ask(question, answers or Answers(), problem=problem, back=True)

    return session


@sizes
def test_a_text_question_shows_prompt_help_and_field(snap: Compare, size: tuple[int, int]) -> None:
    app = app_of(asking(HOST_QUESTION))
    assert snap(app, terminal_size=size, run_before=on(QuestionPage, "https://adb-98475.11.azuredatabricks.net"))


@sizes
def test_a_refused_answer_stays_in_the_field_with_the_problem_below(snap: Compare, size: tuple[int, int]) -> None:
    app = app_of(asking(HOST_QUESTION))
    assert snap(app, terminal_size=size, run_before=on(QuestionPage, "adb-98475.11.azuredatabricks.net", "enter"))


@sizes
def test_a_choice_says_why_one_of_its_values_is_blocked(snap: Compare, size: tuple[int, int]) -> None:
    assert snap(app_of(asking(CLUSTER, here=4)), terminal_size=size, run_before=on(QuestionPage, "down"))


@sizes
def test_a_long_choice_is_narrowed_by_typing(snap: Compare, size: tuple[int, int]) -> None:
    many = tuple(Choice(f"id-{n:04}", f"team-{n % 7} · cluster {n:04}") for n in range(3_000))
    question = Question("connect.cluster", "Which cluster shall run your queries?", "choice", choices=many)
    assert snap(app_of(asking(question, here=4)), terminal_size=size, run_before=on(QuestionPage, "team-3 12"))


@sizes
def test_yes_or_no_is_a_list_of_two(snap: Compare, size: tuple[int, int]) -> None:
    assert snap(app_of(asking(CONTAINER, here=5)), terminal_size=size, run_before=on(QuestionPage))


@sizes
@pytest.mark.parametrize("how", ["empty", "typed", "kept", "refused"])
def test_a_secret_shows_how_much_is_there_and_never_what(snap: Compare, size: tuple[int, int], how: str) -> None:
    given = Answers().give("auth.token", Secret(TOKEN), 0) if how == "kept" else Answers()  # type: ignore[arg-type]
    problem = "The workspace does not know this token (401); make a new one and paste it." if how == "refused" else ""
    keys = (TOKEN,) if how == "typed" else ()
    app = app_of(asking(TOKEN_QUESTION, problem, given))
    assert snap(app, terminal_size=size, run_before=on(QuestionPage, *keys))


def working(act: Callable[[Face], None]) -> Session:
    """A session that works until the picture was taken."""
    gate = threading.Event()

    async def session(face: Face) -> object:
        def work() -> bool:
            act(face)
            return gate.wait(20)

        await face.rail(stops(4))
        return await face.busy("Applying the changes", work)

    return session


def worked(clock: Clock, there: Callable[[WorkingPage], bool]) -> Callable[[Pilot[Any]], Awaitable[None]]:
    """Wait until the work has said what it says, then let 12 seconds pass."""

    async def before(pilot: Pilot[Any]) -> None:
        await pilot.pause()
        await until(pilot, lambda: isinstance(pilot.app.screen, WorkingPage) and there(pilot.app.screen))
        clock.now = 12.2
        assert isinstance(pilot.app.screen, WorkingPage)
        pilot.app.screen._tick()
        await pilot.pause()

    return before


@sizes
def test_work_shows_the_seconds_that_it_takes(snap: Compare, size: tuple[int, int]) -> None:
    clock = Clock()
    app = app_of(working(lambda face: None), clock)
    assert snap(app, terminal_size=size, run_before=worked(clock, lambda page: page._text.startswith("Appl")))


LINES = (
    "keep DATABRICKS_TOKEN in GNOME Keyring",
    "edit .env",
    "create .devcontainer/devcontainer.json",
    "install databricks-connect==15.4.*",
    "Collecting databricks-connect==15.4.* (from -r requirements.txt (line 3))",
    "\x1b[32mDownloading databricks_connect-15.4.4-py2.py3-none-any.whl (2.3 MB)\x1b[0m",
    "logged in with token " + TOKEN,
)


def tell(face: Face) -> None:
    """What is said while a plan is applied, with a secret in it by mistake."""
    for line in LINES:
        face.say(line)


@sizes
def test_work_shows_what_it_says(snap: Compare, size: tuple[int, int]) -> None:
    clock = Clock()
    app = app_of(working(tell), clock)
    assert snap(app, terminal_size=size, run_before=worked(clock, lambda page: len(page._lines) == len(LINES)))


def look_around(face: Face, count: int = len(FINDINGS)) -> None:
    """Checks that end one after the other."""
    face.say("looking with 8 checks")
    for check in list(registry())[:count]:
        face.found(check, tuple(check.look(None)))  # type: ignore[arg-type]


@sizes
def test_the_table_of_checks_fills_while_they_end(snap: Compare, size: tuple[int, int]) -> None:
    clock = Clock()
    app = app_of(working(look_around), clock)
    assert snap(app, terminal_size=size, run_before=worked(clock, lambda page: len(page._found) == len(FINDINGS)))


def reviewing(plan: Plan, notes: Sequence[str] = ()) -> Session:
    """A session that asks for one decision."""
    shown = tuple((q, label(q, ANSWERS[q.id])) for q in QUESTIONS)

    async def session(face: Face) -> object:
        await face.rail(stops(5))
        return await face.review(Review(plan, shown, tuple(notes)))

    return session


@sizes
@pytest.mark.parametrize("view", ["changes", "answers"])
def test_the_review_shows_every_change_and_every_answer(
    snap: Compare, size: tuple[int, int], view: str, tmp_path: Path
) -> None:
    (tmp_path / ".env").write_text("# mine\nDATABRICKS_HOST=https://old.example\nKEEP=1\n")
    session = reviewing(plan_of(str(tmp_path), ANSWERS), ["databricks-connect comes under Databricks' own licence."])
    keys = ("down",) if view == "changes" else ("f6", "down")
    assert snap(app_of(session), terminal_size=size, run_before=on(ReviewPage, *keys))


@sizes
def test_a_long_plan_with_a_long_diff_scrolls(snap: Compare, size: tuple[int, int]) -> None:
    long = "".join(f'key_{n} = "{"x" * (n % 150)}"\n' for n in range(200)).encode()
    changes = tuple(
        EditFile.between(f"/repo/conf/{n}.toml", long[: n * 90], long, name=f"conf/{n}.toml") for n in range(40)
    )
    plan = Plan("20261121-114500-3f9a", "/repo", (Stage("secrets and files", changes),))
    assert snap(app_of(reviewing(plan)), terminal_size=size, run_before=on(ReviewPage, *["down"] * 12))


@sizes
def test_an_empty_plan_says_so(snap: Compare, size: tuple[int, int]) -> None:
    plan = Plan("20261121-114500-3f9a", "/repo", ())
    assert snap(app_of(reviewing(plan)), terminal_size=size, run_before=on(ReviewPage))


def showing(findings: tuple[Finding, ...]) -> Session:
    """A session that ends."""

    async def session(face: Face) -> object:
        await face.rail(stops(6))
        closing = CLOSING if findings else ("The disk is full; free some space.", "Nothing was changed.", CLOSING[-1])
        await face.show(Report(findings), closing)
        return None

    return session


@sizes
@pytest.mark.parametrize("end", ["good", "bad", "empty"])
def test_the_end_says_whether_all_is_well_and_what_to_do(snap: Compare, size: tuple[int, int], end: str) -> None:
    findings = {"good": FINDINGS[:2], "bad": FINDINGS, "empty": ()}[end]
    keys = ("down",) if end == "bad" else ()
    assert snap(app_of(showing(findings)), terminal_size=size, run_before=on(ReportPage, *keys))


@pytest.mark.parametrize("page", ["choice", "secret", "review", "report"])
def test_in_the_panel_of_an_editor_the_field_comes_first(snap: Compare, page: str, tmp_path: Path) -> None:
    pages: dict[str, tuple[Session, type[Page[Any]]]] = {
        "choice": (asking(CLUSTER, here=4), QuestionPage),
        "secret": (asking(TOKEN_QUESTION, "The workspace does not know this token."), QuestionPage),
        "review": (reviewing(plan_of(str(tmp_path), ANSWERS)), ReviewPage),
        "report": (showing(FINDINGS), ReportPage),
    }
    session, shown = pages[page]
    assert snap(app_of(session), terminal_size=(70 if page == "secret" else 100, 12), run_before=on(shown))


@sizes
def test_help_is_laid_over_the_page(snap: Compare, size: tuple[int, int]) -> None:
    assert snap(app_of(asking(TOKEN_QUESTION)), terminal_size=size, run_before=on(QuestionPage, "f1"))


def test_the_light_theme_is_as_clear(snap: Compare) -> None:
    async def before(pilot: Pilot[Any]) -> None:
        await on(ReportPage)(pilot)
        pilot.app.theme = "wizard-light"
        await pilot.pause()
        assert pilot.app.screen.query_one(FindingTable).option_count == len(FINDINGS)

    assert snap(app_of(showing(FINDINGS)), run_before=before)


def test_every_status_has_a_sign_of_its_own() -> None:
    from wizard.words import SIGNS

    assert sorted(SIGNS) == sorted(Status)
    assert len(set(SIGNS.values())) == len(SIGNS)


def test_the_picture_in_the_readme_is_the_one_of_today() -> None:
    name = "test_the_review_shows_every_change_and_every_answer[changes-120x40].svg"
    here = Path(__file__).parent
    assert (here.parents[1] / "docs" / "review.svg").read_bytes() == (
        here / "__snapshots__" / "test_screens" / name
    ).read_bytes()
