"""The real steps, walked by the three faces: the same answers, and the same bytes on disk."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.faces.drive import app_of, at, through_a_pipe, typed, until
from tests.rig import CANARY, HOST, Bench, bench_in
from wizard.answers import Answers, Source, given
from wizard.face import Face
from wizard.question import Value
from wizard.secret import Secret
from wizard.session import Walk
from wizard.steps import STEPS
from wizard.tui.screens.report import ReportPage
from wizard.tui.screens.review import ReviewPage
from wizard.unattended import Unattended

OLD = """{
    // ours, kept
    "image": "mcr.microsoft.com/vscode/devcontainers/python:0-3.7",
    "runArgs": ["--env-file", ".env"],
    "settings": { "editor.tabSize": 2, }, // inline
}"""


def bench(folder: Path) -> Bench:
    found = bench_in(folder)
    (found.root / ".env").write_bytes(b"# mine\r\nKEEP=1\r\nDATABRICKS_HOST=https://old.net")
    (found.root / ".devcontainer").mkdir()
    (found.root / ".devcontainer" / "devcontainer.json").write_text(OLD)
    return found


def session(bench: Bench, answers: Answers | None = None) -> Any:
    async def run(face: Face) -> Any:
        return await Walk(STEPS, bench.scene(), face, bench).run(answers or Answers())

    return run


async def by_keys(bench: Bench) -> Any:
    app = app_of(session(bench))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        await typed(pilot, "auth.host", "end", "ctrl+u")
        await typed(pilot, "auth.host", HOST + "/", "enter")
        await typed(pilot, "auth.method", "escape")
        await typed(pilot, "auth.host", "enter")
        await typed(pilot, "auth.method", "enter")
        await typed(pilot, "auth.token", "wrong", "enter")
        await typed(pilot, "auth.token", CANARY, "enter")
        await typed(pilot, "env.appi_ik", "enter")
        await typed(pilot, "connect.cluster", "enter")
        await typed(pilot, "devcontainer.modernise", "y")
        await until(pilot, lambda: at(pilot, ReviewPage))
        await pilot.press("f5")
        await until(pilot, lambda: at(pilot, ReportPage))
        await pilot.press("enter")
        await pilot.pause()
    return app.outcome()


async def by_lines(bench: Bench) -> Any:
    lines = ["adb-nonsense", HOST, "<", HOST, "", "wrong", CANARY, "", "", "yes", "1"]
    return await through_a_pipe(session(bench), "".join(f"{line}\r" for line in lines))


async def by_nobody(bench: Bench) -> Any:
    values: dict[str, Value] = {"auth.host": HOST, "auth.token": Secret(CANARY)}
    return await session(bench, given(values, Source.FLAG))(Unattended(yes=True, say=lambda text: None))


def bytes_of(bench: Bench) -> dict[str, bytes]:
    files = (p for p in bench.root.rglob("*") if p.is_file() and ".git" not in p.parts)
    return {str(p.relative_to(bench.root)): p.read_bytes() for p in files}


async def test_three_faces_write_one_set_of_bytes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    benches = [bench(tmp_path / name) for name in "abc"]
    ended = [await by_keys(benches[0]), await by_lines(benches[1]), await by_nobody(benches[2])]
    assert [o.status for o in ended] == ["done"] * 3
    assert ended[0].answers.open() == ended[1].answers.open() == ended[2].answers.open()
    written = [bytes_of(b) for b in benches]
    assert written[0] == written[1] == written[2]
    assert written[0][".env"].startswith(
        b"# mine\r\nKEEP=1\r\nDATABRICKS_HOST=https://adb-42.7.azuredatabricks.net\r\n"
    )
    assert b"// ours, kept" in written[0][".devcontainer/devcontainer.json"]
    assert b"--env-file" not in written[0][".devcontainer/devcontainer.json"]
    assert [b.store.kept for b in benches] == [benches[0].store.kept] * 3
    assert CANARY not in capsys.readouterr().out
