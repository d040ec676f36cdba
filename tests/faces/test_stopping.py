"""How the full screen stops: work, plans, sessions and faults."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.faces.drive import app_of, at, pressed, until
from tests.faces.toy import HOST, TOKEN, plan_of
from wizard.answers import Answers
from wizard.change import Change, Doors
from wizard.face import Face
from wizard.journal import Journal
from wizard.question import Question, Value
from wizard.secret import Secret
from wizard.tui import WizardApp
from wizard.tui.screens.overlay import Overlay
from wizard.tui.screens.question import QuestionPage
from wizard.tui.screens.working import WorkingPage

ANSWERS: dict[str, Value] = {
    "auth.host": HOST,
    "auth.token": Secret(TOKEN),
    "connect.cluster": "1121-shared",
    "storage.path": "",
    "devcontainer.write": True,
}


def working(work: Callable[[Face], Any]) -> WizardApp[Any]:
    """An app that does some work and ends with its result."""

    async def session(face: Face) -> object:
        return await face.busy("Working", lambda: work(face))

    return app_of(session)


async def test_what_work_returns_and_raises_comes_through() -> None:
    async def end(app: WizardApp[Any]) -> Any:
        async with app.run_test() as pilot:
            await until(pilot, lambda: not app.is_running or app._exit)
        return app.outcome()

    def fail(face: Face) -> None:
        raise LookupError("not there")

    assert await end(working(lambda face: threading.current_thread().daemon)) is True
    with pytest.raises(LookupError, match="not there"):
        await end(working(fail))


async def test_the_app_lives_while_work_is_done_and_f10_ends_it_when_it_next_says_something() -> None:
    go, seen = threading.Event(), []

    def work(face: Face) -> None:
        face.say("one")
        go.wait(20)
        try:
            face.say("two")
        except KeyboardInterrupt:
            face.say("taken back")
            seen.append("stopped")
            raise

    app = working(work)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: isinstance(app.screen, WorkingPage) and app.face.frame.said == ["one"])
        await pilot.press("f4")
        await until(pilot, lambda: isinstance(app.screen, Overlay))
        await pilot.press("escape", "f10")
        await pilot.pause()
        go.set()
        await until(pilot, lambda: app._exit)
    with pytest.raises(KeyboardInterrupt):
        app.outcome()
    assert seen == ["stopped"]
    assert app.face.frame.said == ["one", "two", "taken back"]


async def test_a_second_f10_does_not_wait_for_work_that_hangs() -> None:
    hangs = threading.Event()
    app = working(lambda face: hangs.wait(60))
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: app.face._beside is not None)
        await pilot.press("f10", "f10")
        await until(pilot, lambda: app._exit)
    assert not hangs.is_set()
    with pytest.raises(KeyboardInterrupt):
        app.outcome()
    hangs.set()


async def test_a_plan_that_is_stopped_leaves_the_files_as_they_were(tmp_path: Path, own_environment: Path) -> None:
    (tmp_path / ".env").write_text("KEEP=1\n")
    plan = plan_of(str(tmp_path), ANSWERS)
    held: dict[str, Secret] = {}
    half, go = threading.Event(), threading.Event()

    class Store:
        name = title = "memory"
        get, delete = staticmethod(held.get), staticmethod(lambda service: held.pop(service, None) is not None)

        def put(self, service: str, value: Secret) -> None:
            held[service] = value

    def apply(face: Face) -> None:
        def done(change: Change) -> None:
            if change.kind == "edit-file":
                half.set()
                go.wait(20)

        doors = Doors(plan.id, (str(tmp_path),), lambda name: Store(), None, None, face.say)  # type: ignore[arg-type]
        plan.apply(doors, Journal(str(own_environment)), done)

    app = working(apply)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, half.is_set)
        assert "DATABRICKS_HOST" in (tmp_path / ".env").read_text()
        await pilot.press("ctrl+c")
        go.set()
        await until(pilot, lambda: app._exit)
    with pytest.raises(KeyboardInterrupt):
        app.outcome()
    assert (tmp_path / ".env").read_text() == "KEEP=1\n"
    assert not (tmp_path / ".devcontainer").exists()
    assert held == {}
    assert [record.status for record in Journal(str(own_environment)).all()] == ["interrupted"]


async def test_a_session_that_is_at_work_itself_is_cancelled_by_f10() -> None:
    import asyncio

    async def session(face: Face) -> object:
        await asyncio.sleep(60)
        return "never"

    app = app_of(session)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: bool(app.workers))
        await pilot.press("f10")
        await until(pilot, lambda: app._exit)
    with pytest.raises(KeyboardInterrupt):
        app.outcome()


async def test_a_fault_of_a_page_ends_the_app_and_is_raised_without_printing_locals(
    capsys: pytest.CaptureFixture[str],
) -> None:
    def fault(value: Value) -> str | None:
        planted = "planted-local"
        raise ZeroDivisionError(len(planted))

    async def session(face: Face) -> object:
        return await face.ask(Question("a.b", "Name?", problem=fault), Answers())

    app = app_of(session)

    async def until_it_fails() -> None:
        async with app.run_test() as pilot:
            await until(pilot, lambda: at(pilot, QuestionPage))
            await pressed(pilot, "x", "enter")

    with pytest.raises(ZeroDivisionError):
        await until_it_fails()
    with pytest.raises(ZeroDivisionError):
        app.outcome()
    told = capsys.readouterr()
    assert "planted-local" not in told.out + told.err
