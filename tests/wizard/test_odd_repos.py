"""Repos as people have them: each ends in a set-up that undo takes back byte for byte, or in a sentence, nothing changed."""

from __future__ import annotations

import os
import stat
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from checks import Report
from tests.fakes import ScriptedFace
from tests.rig import CANARY, HOST, Bench, bench_in
from wizard.answers import Answers
from wizard.commands.taking_back import plan_of
from wizard.secret import Secret
from wizard.session import Outcome, Walk
from wizard.steps import STEPS

Make = Callable[[Path], object]


def leads_out(name: str) -> Make:
    def make(root: Path) -> None:
        (root.parent / "out").write_bytes(b"A=1\n")
        (root / name).symlink_to(root.parent / "out")

    return make


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return bench_in(tmp_path)


async def walked(bench: Bench, *only: str) -> Outcome:
    script: dict[str, list[object]] = {
        "auth.host": [HOST],
        "auth.token": [Secret(CANARY)],
        "connect.cluster": ["c-run"],
    }
    return await Walk(STEPS, bench.scene(), ScriptedFace(script), bench, only=only).run(Answers())  # type: ignore[arg-type]


def undo(bench: Bench) -> None:
    record = bench.journal.undoable(str(bench.root))[0]
    plan = plan_of(record)
    plan.apply(bench.doors(plan, lambda _: None, Answers()), bench.journal)


def everything(root: Path) -> dict[str, object]:
    """Files by their bytes, links by their text, all else by its kind; git's own and empty folders left out."""
    found: dict[str, object] = {}
    for path in sorted(root.rglob("*")):
        mode = path.lstat().st_mode
        if ".git" in path.relative_to(root).parts or stat.S_ISDIR(mode):
            continue
        kept = os.readlink(path) if stat.S_ISLNK(mode) else path.read_bytes() if stat.S_ISREG(mode) else mode
        found[str(path.relative_to(root))] = kept
    return found


def text(name: str, data: bytes) -> Make:
    def make(root: Path) -> None:
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_bytes(data)

    return make


DC = ".devcontainer/devcontainer.json"
GOOD: dict[str, Make] = {
    "nothing": lambda root: None,
    "CRLF without a last end": text(".env", b"A=1\r\nDATABRICKS_HOST=https://x\r\nB=2"),
    "a byte order mark": text(".env", b"\xef\xbb\xbfDATABRICKS_TOKEN=abc\nDATABRICKS_HOST=foo\n"),
    "a quoted value in lines": text(".env", b'DATABRICKS_TOKEN="one\ntwo"\nexport APPI_IK=\'x y\'\nAPPI_IK=z\n'),
    "a large .env": text(".env", b"A=1\n" * 60_000),
    "a large .gitignore": text(".gitignore", b"# x\n" * 200_000),
    "a .gitignore that is no UTF-8": text(".gitignore", b"caf\xe9\r\n\xff"),
    ".env leads to nothing yet": lambda root: (root / ".env").symlink_to("env.real"),
    "a .devcontainer.json": text(".devcontainer.json", b'{"name": "x"}'),
    "dev container with BOM and CRLF": text(DC, b'\xef\xbb\xbf{\r\n  // hi\r\n  "name": "x",\r\n}\r\n'),
    "an empty dev container": text(DC, b""),
    "a dev container of odd types": text(DC, b'{"customizations": 7, "features": [], "remoteEnv": "x", "runArgs": "y"}'),
    "pinned with hashes": text("requirements.txt", b"databricks-connect==13.3.0 \\\r\n    --hash=sha256:abc\r\n"),
    "profiles that are no UTF-8": text("databrickscfg", b"# caf\xe9\n[DEFAULT]\nhost = x\n"),
    "profiles with CRLF": text("databrickscfg", b"[DEFAULT]\r\nhost = https://[::1\r\n"),
    "profiles of zeros": text("databrickscfg", b"\x00\x01"),
    "git's folder is a file": lambda root: ((root / ".git").rename(root.parent / "g"), (root / ".git").write_text(f"gitdir: {root.parent}/g\n")),
}  # fmt: skip

BAD: dict[str, tuple[Make, str]] = {
    ".env is a folder": (lambda root: (root / ".env").mkdir(), ".env is there but cannot be read"),
    ".env is a FIFO": (lambda root: os.mkfifo(root / ".env"), ".env is there but cannot be read"),
    ".env leads to itself": (lambda root: (root / ".env").symlink_to(".env"), ".env"),
    ".env leads out": (leads_out(".env"), "out of the repo"),
    ".env is Latin-1": (text(".env", b"A=\xe9\n"), "not UTF-8"),
    ".env is huge": (text(".env", b"A=1\n" * 300_000), "too many to edit"),
    ".gitignore is a folder": (lambda root: (root / ".gitignore").mkdir(), ".gitignore"),
    ".gitignore is huge": (text(".gitignore", b"# x\n" * 300_000), "too many to edit"),
    ".gitignore leads out": (leads_out(".gitignore"), "out of the repo"),
    ".devcontainer is a file": (text(".devcontainer", b"x"), "part of its path is a file"),
    "dev container is no JSON": (text(DC, b"hello"), "cannot be read"),
    "dev container is too deep": (text(DC, b'{"a":' * 10_000), "cannot be read"),
    "dev container is huge": (text(DC, b'{"x": [' + b"1,\n" * 200_000 + b"1]}"), "too many to edit"),
    "dev container is UTF-16": (text(DC, '{"a": 1}'.encode("utf-16")), "not UTF-8"),
    "profiles twice": (text("databrickscfg", b"[a]\nhost=x\n[a]\nhost=y\n"), "twice"),
    "profiles with a BOM": (text("databrickscfg", b"\xef\xbb\xbf[a]\nhost=x\n"), "byte order mark"),
    "profiles are a folder": (lambda root: (root / "databrickscfg").mkdir(), "databrickscfg is there but cannot be read"),
    "profiles are huge": (text("databrickscfg", b"# x\n" * 300_000), "too many to edit"),
    "a profile in indented lines": (text("databrickscfg", f"[repo-dev]\nhost = {HOST}\ntoken =\n   abc\n".encode()), "begins with a blank"),
}  # fmt: skip


@pytest.mark.parametrize("make", GOOD.values(), ids=GOOD)
async def test_it_is_set_up_and_undo_gives_every_byte_back(bench: Bench, make: Make) -> None:
    make(bench.root)
    before = everything(bench.root)
    outcome = await walked(bench)
    assert (outcome.status, outcome.problem) == ("done", "")
    undo(bench)
    after = everything(bench.root)
    assert after == before
    assert bench.store.kept.keys() == {e for e in bench.store.kept if e.startswith("mlops-wizard/undo/")}


@pytest.mark.parametrize(("make", "words"), BAD.values(), ids=BAD)
async def test_it_is_said_in_a_sentence_and_nothing_is_changed(bench: Bench, make: Make, words: str) -> None:
    make(bench.root)
    before = everything(bench.root)
    outcome = await walked(bench)
    assert outcome.status == "failed"
    assert words in outcome.problem
    assert everything(bench.root) == before
    assert bench.store.kept == {}


@pytest.mark.parametrize(
    ("name", "data"),
    [
        (".env", b"DATABRICKS_TOKEN=hunter2\nAPPI_IK=hunter2two\nAPPI_IK='hunter2 three'\n"),
        (".env", b'DATABRICKS_TOKEN="hunter2\nsecond hunter2"\n'),
        ("databrickscfg", f"[repo-dev]\nhost = {HOST}\ntoken = hunter2\nusername = a\npassword = hunter2\n".encode()),
        (DC, b'{"containerEnv": {"DATABRICKS_TOKEN": "hunter2hunter2"}, "runArgs": ["-e", "DATABRICKS_TOKEN=hunter2hunter2"]}'),
    ],
)  # fmt: skip
async def test_a_journal_holds_no_secret_however_it_was_written(bench: Bench, name: str, data: bytes) -> None:
    text(name, data)(bench.root)
    outcome = await walked(bench)
    assert outcome.status == "done"
    assert outcome.plan is not None
    assert [str(p) for p in bench.state.rglob("*") if p.is_file() and b"hunter2" in p.read_bytes()] == []
    undo(bench)
    assert (bench.root / name).read_bytes() == data
    assert [str(p) for p in bench.state.rglob("*") if p.is_file() and b"hunter2" in p.read_bytes()] == []


def _committed(root: Path) -> None:
    subprocess.run(["git", "-C", str(root), "add", "--force", "."], check=True)


@pytest.mark.parametrize("data", [b"A=1\n", b"\xef\xbb\xbfDATABRICKS_TOKEN=abc\n", b"\xef\xbb\xbf"])
async def test_a_second_walk_changes_no_file_also_where_env_is_in_git_or_begins_with_a_bom(
    bench: Bench, data: bytes
) -> None:
    text(".env", data)(bench.root)
    text(".gitignore", b".env\n")(bench.root)
    _committed(bench.root)
    await walked(bench, "env")
    once = everything(bench.root)
    again = await walked(bench, "env")
    assert again.plan is not None
    assert [c.title for c in again.plan.changes if c.kind == "edit-file"] == []
    assert everything(bench.root) == once


async def test_where_remembering_fails_after_the_last_change_it_is_not_said_that_nothing_was_changed(
    bench: Bench,
) -> None:
    class Forgetful(Bench):
        def finish(self, scene: object, answers: object, plan: object) -> None:
            from wizard.files import FileProblem

            raise FileProblem("state/setup.json cannot be written: the disk is full.")

    shown: list[str] = []

    class Shown(ScriptedFace):
        async def show(self, report: Report, closing: Sequence[str]) -> None:
            shown.extend(closing)

    forgetful = Forgetful(bench.root, bench.state)
    face = Shown({"auth.host": [HOST], "auth.token": [Secret(CANARY)], "connect.cluster": ["c-run"]})
    outcome = await Walk(STEPS, forgetful.scene(), face, forgetful).run(Answers())
    assert outcome.status == "failed"
    assert shown == [
        "state/setup.json cannot be written: the disk is full.",
        "Every change was applied and stands; start again to go on.",
    ]
    assert (bench.root / ".env").exists()
