"""A repo of the test's own, and `mlops-wizard run` in it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from wizard import places, trust
from wizard.run import RunList, write_list
from wizard.secret import Secret
from wizard.stores.plain import Consent, PlainStore

CANARY = "canary-0123456789abcdef"
SERVICE = "mlops-wizard/adb-1.2.azuredatabricks.net/DATABRICKS_TOKEN"
RUN = [sys.executable, "-I", "-c", "import sys; from wizard.run import run; sys.exit(run(sys.argv[1:]))"]
MASKED = "•••"

Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def repo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(places.STATE, str(tmp_path / "state"))
    for name in ("DATABRICKS_HOST", "PYTHONPATH", "A", "B"):
        monkeypatch.delenv(name, raising=False)
    root = tmp_path / "repo"
    (root / ".git").mkdir(parents=True)
    return root


@pytest.fixture
def run(repo: Path) -> Run:
    def call(*argv: str, cwd: Path = repo, given: str = "", **env: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*RUN, *argv], cwd=cwd, env={**os.environ, **env}, input=given, capture_output=True, text=True, check=False
        )

    return call


def with_secret(repo: Path, value: str = CANARY, variables: tuple[tuple[str, str], ...] = ()) -> None:
    """A repo that is set up: trusted, with one secret in the plain store."""
    Consent.record(places.state())
    PlainStore(places.state()).put(SERVICE, Secret(value))
    trust.give(str(repo))
    write_list(str(repo), RunList(secrets=(("TOKEN", SERVICE),), store="plain", variables=variables))
