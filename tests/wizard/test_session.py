"""The walk: questions in order, Back, wrong answers, the plan shown before anything is written, and a second walk."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.fakes import ScriptedFace
from tests.rig import CANARY, HOST, Bench, bench_in
from wizard.answers import Answers, Source, given
from wizard.face import Decision, Edit, Move
from wizard.journal import Journal
from wizard.machine import Machine
from wizard.secret import Secret
from wizard.session import Walk
from wizard.step import StoreState
from wizard.steps import STEPS


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return bench_in(tmp_path)


def face(**more: list[object]) -> ScriptedFace:
    script: dict[str, list[object]] = {
        "auth.host": [HOST],
        "auth.token": [Secret(CANARY)],
        "connect.cluster": ["c-run"],
    }
    return ScriptedFace(script | {k.replace("__", "."): v for k, v in more.items()})  # type: ignore[arg-type]


async def walk(bench: Bench, face: ScriptedFace, answers: Answers | None = None, **more: object):  # type: ignore[no-untyped-def]
    return await Walk(STEPS, bench.scene(), face, bench, **more).run(answers or Answers())  # type: ignore[arg-type]


async def test_a_walk_writes_the_files_keeps_the_secret_and_names_it_nowhere(bench: Bench) -> None:
    outcome = await walk(bench, face())
    assert outcome.status == "done"
    assert (bench.root / ".env").read_text() == (
        "PYTHONPATH=/workspaces/repo/src/modules\n"
        f"DATABRICKS_HOST={HOST}\n"
        "DATABRICKS_ORDGID=42\n"
        "DATABRICKS_ORG_ID=42\n"
        "# DATABRICKS_TOKEN: a secret. Its place is the OS keyring, never this file; `mlops-wizard run -- COMMAND` provides it.\n"
        "# APPI_IK: a secret. Its place is the OS keyring, never this file; `mlops-wizard run -- COMMAND` provides it.\n"
    )
    assert (bench.root / ".gitignore").read_text() == ".env\n"
    assert bench.store.kept == {"mlops-wizard/adb-42.7.azuredatabricks.net/DATABRICKS_TOKEN": Secret(CANARY)}
    assert (bench.root / "databrickscfg").read_text() == (
        f"[repo-dev]\nhost = {HOST}\nauth_type = databricks-cli\n"
        "databricks_cli_path = /opt/bin/mlops-wizard-databricks\ncluster_id = c-run\n"
    )
    for path in (*bench.root.rglob("*"), *bench.state.rglob("*")):
        assert not path.is_file() or CANARY not in path.read_text(errors="replace"), path
    assert not [argv for argv in bench.ran if CANARY in " ".join(argv)]


async def test_a_second_walk_plans_nothing(bench: Bench) -> None:
    first = await walk(bench, face())
    remembered = given(first.answers.open(), Source.REMEMBERED)
    installed = replace(bench.scene(), world=Machine(str(bench.root), trusted=True))
    (bench.root / ".venv" / "bin").mkdir(parents=True)
    python = bench.root / ".venv" / "bin" / "python"
    python.write_text(
        '#!/bin/sh\ncase "$*" in *version_info*) echo 3.11;; *) echo \'[["databricks-connect", "15.4.26"]]\';; esac\n'
    )
    python.chmod(0o755)
    again = ScriptedFace()
    outcome = await Walk(STEPS, installed, again, bench).run(remembered)
    assert outcome.plan is not None
    assert outcome.plan.changes == ()
    assert outcome.answers.get("connect.cluster") == "c-run"
    assert again.asked == [("env.appi_ik", "")]


async def test_a_wrong_token_is_refused_and_asked_again(bench: Bench) -> None:
    scripted = face(auth__token=[Secret(""), Secret("two\nlines"), Secret("wrong"), Secret(CANARY)])
    outcome = await walk(bench, scripted)
    assert outcome.status == "done"
    problems = [p for id, p in scripted.asked if id == "auth.token"]
    assert problems[0] == ""
    assert "empty" in problems[1] or "needed" in problems[1]
    assert "line break" in problems[2]
    assert problems[3] == f"{HOST}: the token is not accepted; make a new one."


async def test_a_token_of_another_workspace_is_refused_by_name(bench: Bench) -> None:
    other = "https://adb-99.7.azuredatabricks.net"
    scripted = face(auth__host=[other], auth__token=[Secret(CANARY), Move.QUIT])
    with pytest.raises(KeyboardInterrupt):
        await walk(bench, scripted)
    assert "workspace 42" in scripted.asked[-1][1]
    assert "workspace 99" in scripted.asked[-1][1]


async def test_back_asks_the_question_before_again_and_forgets_what_rests_on_it(bench: Bench) -> None:
    scripted = face(auth__host=["http://plain.net", HOST, HOST], auth__method=[Move.BACK, "pat"])
    outcome = await walk(bench, scripted)
    assert outcome.status == "done"
    ids = [id for id, _ in scripted.asked]
    assert ids[:5] == ["auth.host", "auth.host", "auth.method", "auth.host", "auth.method"]


async def test_an_answer_is_edited_from_the_review_page(bench: Bench) -> None:
    scripted = face(connect__cluster=["c-run", "c-off"])
    scripted.decisions = [Edit("connect.cluster"), Decision.APPLY]
    outcome = await walk(bench, scripted)
    assert outcome.answers["connect.cluster"] == "c-off"
    assert bench.called == [("clusters.start", "c-off")]


async def test_leaving_at_the_review_changes_nothing(bench: Bench) -> None:
    scripted = face()
    scripted.decisions = [Decision.LEAVE]
    outcome = await walk(bench, scripted)
    assert outcome.status == "left"
    assert [p.name for p in bench.root.iterdir()] == [".git"]
    assert bench.store.kept == {}


async def test_a_dry_run_shows_every_diff_and_changes_nothing(bench: Bench) -> None:
    outcome = await walk(bench, face(), dry_run=True)
    assert outcome.status == "planned"
    assert "+DATABRICKS_HOST=" in outcome.plan.preview()
    assert CANARY not in outcome.plan.preview()
    assert [p.name for p in bench.root.iterdir()] == [".git"]


async def test_a_cluster_whose_runtime_no_client_speaks_to_cannot_be_chosen(bench: Bench) -> None:
    scripted = face(connect__cluster=["c-old", "c-run"])
    await walk(bench, scripted)
    assert "10.4" in [p for id, p in scripted.asked if id == "connect.cluster"][1]


async def test_without_a_keyring_the_choice_is_put_and_plain_text_needs_a_yes(bench: Bench) -> None:
    bench.problem = "no Secret Service answers."
    scripted = face(secrets__store=["keyring", "plain"], secrets__plaintext=[False, True])
    outcome = await walk(bench, scripted)
    asked = [(id, p) for id, p in scripted.asked if id.startswith("secrets.")]
    assert [id for id, _ in asked] == ["secrets.store", "secrets.store", "secrets.plaintext", "secrets.plaintext"]
    assert "no Secret Service" in asked[1][1]
    assert outcome.answers["secrets.plaintext"] is True


async def test_a_stage_that_fails_is_taken_back_and_says_so(bench: Bench) -> None:
    before = bench.root / ".env"
    (bench.root / ".gitignore").mkdir()
    outcome = await walk(bench, face())
    assert outcome.status == "failed"
    assert not before.exists()
    assert bench.store.kept == {}


async def test_undo_from_the_journal_gives_every_byte_back(bench: Bench) -> None:
    (bench.root / ".env").write_bytes(b"OLD=1\r\nDATABRICKS_TOKEN=dapiOLD0123456789abcdef\r\n")
    (bench.root / ".gitignore").write_bytes(b"dist")
    before = {p.name: p.read_bytes() for p in bench.root.iterdir() if p.is_file()}
    outcome = await walk(bench, face())
    assert (bench.root / ".gitignore").read_bytes() == b"dist\n.env\n"
    assert outcome.plan is not None
    record = Journal(str(bench.state)).load(outcome.plan.id)
    for change in record.inverses():
        change.apply(bench.doors(outcome.plan, lambda _: None, outcome.answers))
    assert {p.name: p.read_bytes() for p in bench.root.iterdir() if p.is_file()} == before
    journal = "".join(p.read_text() for p in bench.state.rglob("*.json"))
    assert "dapiOLD" not in journal


async def test_a_secret_of_the_persons_own_does_not_move_into_the_sandboxs_memory(bench: Bench) -> None:
    (bench.root / ".env").write_text("DATABRICKS_TOKEN=dapiOLD0123456789abcdef\n")
    passing = replace(bench.scene(), stores=lambda: (StoreState("sandbox", "the sandbox's memory"),))
    outcome = await Walk(STEPS, passing, face(), bench).run(Answers())
    assert outcome.status == "failed"
    assert ".env holds DATABRICKS_TOKEN in plain text" in outcome.problem
    assert (bench.root / ".env").read_text() == "DATABRICKS_TOKEN=dapiOLD0123456789abcdef\n"


@pytest.mark.parametrize("text", ["{ not json", '["a list"]'])
async def test_a_devcontainer_that_is_no_json_is_named_and_left_alone(bench: Bench, text: str) -> None:
    folder = bench.root / ".devcontainer"
    folder.mkdir()
    (folder / "devcontainer.json").write_text(text)
    outcome = await walk(bench, face())
    assert outcome.status == "failed"
    assert ".devcontainer/devcontainer.json" in outcome.problem
    assert (folder / "devcontainer.json").read_text() == text
    assert not (bench.root / ".env").exists()
