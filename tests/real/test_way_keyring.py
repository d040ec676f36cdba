"""The way once more on a machine that has a keyring: the secrets are there, in the repo's own set-up, and nowhere else."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.real.conftest import CACHE
from tests.secret_service import started
from tests.wayfarer import APPI_IK, Traveller

pytestmark = pytest.mark.xdist_group("spark")

READ = (
    "import sys; from wizard.stores import open_store\n"
    "found = open_store('keyring', '/nonexistent').get(sys.argv[1])\n"
    "print(found.reveal() if found else '')"
)


@pytest.fixture(scope="module")
def traveller(tmp_path_factory: pytest.TempPathFactory, spark_home: Path) -> Iterator[Traveller]:
    with started() as service:
        found = Traveller(tmp_path_factory.mktemp("home"), spark_home, CACHE / "pip")
        found.env |= {k: v for k, v in service.env.items() if k.startswith(("DBUS_", "XDG_RUNTIME"))}
        yield found
        found.stop()


@pytest.fixture(scope="module")
def repo(traveller: Traveller) -> Path:
    found = traveller.home / "churn"
    (found / "src" / "modules").mkdir(parents=True)
    subprocess.run(["git", "init", "-q", str(found)], check=True)
    return found


def test_the_token_goes_to_the_keyring_and_no_file_holds_it(traveller: Traveller, repo: Path) -> None:
    assert traveller.run("sandbox", "start").returncode == 0
    found = json.loads(traveller.run("sandbox", "status", "--reveal", "--json").stdout)
    done = traveller.run(
        "setup",
        "--sandbox",
        "--yes",
        "--json",
        cwd=repo,
        MLOPS_WIZARD_AUTH_TOKEN=found["token"],
        MLOPS_WIZARD_ENV_APPI_IK=APPI_IK,
    )
    assert done.returncode == 0, done.stderr
    place = found["host"].removeprefix("https://")
    for name, value in (("DATABRICKS_TOKEN", found["token"]), ("APPI_IK", APPI_IK)):
        argv = [sys.executable, "-c", READ, f"mlops-wizard/{place}/{name}"]
        read = subprocess.run(argv, env=traveller.env, capture_output=True, text=True, check=True)
        assert read.stdout.strip() == value
    assert traveller.files_with(found["token"], APPI_IK) == []
    assert "the OS keyring" in (repo / ".env").read_text()


def test_m2m_logs_in_and_spark_answers(traveller: Traveller, repo: Path) -> None:
    """As a service principal: the hook gets a token with the secret that is in the keyring."""
    found = json.loads(traveller.run("sandbox", "status", "--reveal", "--json").stdout)
    argv = ["--set", "auth.method=m2m", "--set", f"auth.client_id={found['client_id']}"]
    done = traveller.run(
        "setup", "--sandbox", "--yes", "--json", *argv, cwd=repo, MLOPS_WIZARD_AUTH_CLIENT_SECRET=found["client_secret"]
    )
    assert done.returncode == 0, done.stderr
    row = next(f for f in json.loads(done.stdout)["findings"] if f["id"] == "connect.first-row")
    assert row["status"] == "ok"
    assert traveller.files_with(found["client_secret"]) == []


def test_undo_takes_the_secrets_out_of_the_keyring_again(traveller: Traveller, repo: Path) -> None:
    for _ in range(2):
        assert traveller.run("undo", "--yes", cwd=repo).returncode == 0
    assert sorted(p.name for p in repo.iterdir()) == [".git", "src"]
    assert traveller.run("secrets", "list").stdout == "The wizard keeps no secret yet.\n"
