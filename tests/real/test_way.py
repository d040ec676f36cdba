"""The whole way once, by the console script alone: a fresh HOME, the sandbox, real Spark, real databricks-connect."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.real.conftest import CACHE
from tests.wayfarer import APPI_IK, TOOL, Traveller

pytestmark = pytest.mark.xdist_group("spark")


@pytest.fixture(scope="module")
def traveller(tmp_path_factory: pytest.TempPathFactory, spark_home: Path) -> Iterator[Traveller]:
    found = Traveller(tmp_path_factory.mktemp("home"), spark_home, CACHE / "pip")
    yield found
    found.stop()


def test_setup_on_the_sandbox_ends_with_rows_that_spark_computed(traveller: Traveller) -> None:
    done = traveller.run("setup", "--sandbox", "--sample", "--yes", "--json")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["status"] == "done"
    row = next(f for f in found["findings"] if f["id"] == "connect.first-row")
    assert row["status"] == "ok"
    assert "rows" in row["text"]
    assert [f["id"] for f in found["findings"] if f["status"] in ("error", "crashed")] == []


def test_a_second_walk_plans_nothing(traveller: Traveller) -> None:
    traveller.set_up()
    done = traveller.run("setup", "--sandbox", "--sample", "--yes", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["changes"] == []


def test_the_files_hold_no_secret_and_the_clients_log_in_all_the_same(traveller: Traveller) -> None:
    traveller.set_up()
    env = (traveller.sample / ".env").read_text()
    assert "DATABRICKS_TOKEN=" not in env
    assert "APPI_IK=" not in env
    assert "# DATABRICKS_TOKEN:" in env
    code = "from databricks.connect import DatabricksSession as S; print(S.builder.getOrCreate().range(7).count())"
    done = traveller.run("run", "--", str(traveller.sample / ".venv/bin/python"), "-c", code, cwd=traveller.sample)
    assert done.stdout.strip().endswith("7"), done.stderr


def test_run_masks_the_token_where_the_output_is_not_a_terminal(traveller: Traveller) -> None:
    traveller.set_up()
    done = traveller.run("run", "--", "sh", "-c", 'echo "[$DATABRICKS_TOKEN]"; exit 7', cwd=traveller.sample)
    assert done.returncode == 7
    assert "dapi" not in done.stdout
    assert done.stdout.strip() not in ("[]", "")


def test_canaries_are_nowhere_but_in_the_store(traveller: Traveller) -> None:
    """Token and connection string, given by the environment, are looked for in every file, and in every process's arguments."""
    traveller.set_up()
    reveal = json.loads(traveller.run("sandbox", "status", "--reveal", "--json").stdout)
    token = reveal["token"]
    with traveller.watching_arguments(token, APPI_IK) as seen:
        traveller.run("undo", "--yes", cwd=traveller.sample)
        done = traveller.run(
            "setup", "--sandbox", "--sample", "--yes", MLOPS_WIZARD_AUTH_TOKEN=token, MLOPS_WIZARD_ENV_APPI_IK=APPI_IK
        )
        traveller.run("doctor", cwd=traveller.sample)
    assert done.returncode == 0, done.stderr
    assert seen == []
    assert traveller.files_with(token, APPI_IK) == []
    got = traveller.run("secrets", "get", "APPI_IK", "--reveal", cwd=traveller.sample)
    assert got.stdout.strip() == APPI_IK


def test_undo_in_another_process_gives_every_byte_back(traveller: Traveller) -> None:
    traveller.set_up()
    traveller.run("undo", "--yes", cwd=traveller.sample)
    assert traveller.git_status() == ""
    assert not (traveller.sample / ".env").exists()
    assert not (traveller.sample / ".venv").exists()
    assert traveller.run("run", "--", "true", cwd=traveller.sample).returncode == 0


def test_when_spark_is_broken_the_hop_that_failed_is_named(traveller: Traveller) -> None:
    traveller.set_up()
    traveller.run("sandbox", "status", "--misbehave", "no-spark")
    try:
        done = traveller.run("setup", "--sandbox", "--sample", "--yes")
        assert done.returncode == 1
        assert "connect.first-row" in done.stdout + done.stderr
    finally:
        traveller.run("sandbox", "status", "--misbehave", "none")


@pytest.mark.parametrize(
    ("fault", "id"),
    [
        ("expired-token", "auth.token-accepted"),
        ("terminated-cluster", "connect.cluster"),
        ("server-error", "connect.reachable"),
    ],
)
def test_doctor_names_what_the_workspace_does_wrong(traveller: Traveller, fault: str, id: str) -> None:
    traveller.set_up()
    traveller.run("sandbox", "status", "--misbehave", fault)
    try:
        done = traveller.run("doctor", "auth", "connect.cluster", "--json", cwd=traveller.sample)
        bad = [f["id"] for f in json.loads(done.stdout)["findings"] if f["status"] in ("error", "warning", "unknown")]
        assert id in bad
    finally:
        traveller.run("sandbox", "status", "--misbehave", "none")


def test_a_wrong_token_is_refused_and_nothing_is_changed(traveller: Traveller) -> None:
    traveller.set_up()
    traveller.run("undo", "--yes", cwd=traveller.sample)
    done = traveller.run("setup", "--sandbox", "--sample", "--yes", MLOPS_WIZARD_AUTH_TOKEN="dapi-not-the-one")
    assert done.returncode == 2
    assert "auth.token" in done.stderr
    assert "not accepted" in done.stderr
    assert "dapi-not-the-one" not in done.stderr + done.stdout
    assert traveller.git_status() == ""


def test_kill_9_while_applying_leaves_old_or_new_and_the_next_start_says_so(traveller: Traveller) -> None:
    traveller.set_up()
    traveller.run("undo", "--yes", cwd=traveller.sample)
    before = traveller.bytes_of_files()
    with traveller.start("setup", "--sandbox", "--sample", "--yes") as child:
        traveller.wait_for(child, "Collecting databricks-connect")
        os.killpg(child.pid, 9)
    assert (traveller.sample / ".env").read_text().count("DATABRICKS_HOST=") == 1
    done = traveller.run("setup", "--sandbox", "--sample", "--yes")
    assert done.returncode == 0, done.stdout
    assert "cut off" in done.stderr
    assert traveller.run("undo", "--yes", cwd=traveller.sample).returncode == 0
    traveller.run("undo", "--yes", cwd=traveller.sample)
    assert traveller.bytes_of_files() == before


def test_the_sandbox_stops_and_leaves_no_process(traveller: Traveller) -> None:
    traveller.set_up()
    assert traveller.run("sandbox", "stop").returncode == 0
    assert traveller.processes() == []
    assert traveller.run("sandbox", "status").returncode == 1


def test_the_next_sandbox_has_another_port_and_the_set_up_follows_it(traveller: Traveller) -> None:
    traveller.run("sandbox", "stop")
    before = (traveller.sample / ".env").read_text()
    traveller.set_up()
    assert (traveller.sample / ".env").read_text() != before
    assert traveller.run("run", "--", "true", cwd=traveller.sample).returncode == 0


def test_a_state_folder_that_cannot_be_written_is_said_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    env = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "MLOPS_WIZARD_STATE": str(tmp_path / "file" / "state")}
    done = subprocess.run([TOOL, "setup", "--yes"], cwd=tmp_path, env=env, capture_output=True, text=True, check=False)
    assert done.returncode in (1, 3)
    assert "Traceback" not in done.stderr
    assert str(tmp_path / "file") in done.stderr
