"""Real counterparts, made once: a sandbox with Spark, and the interpreters in which the clients are installed.

Everything large lives in a cache folder (`MLOPS_WIZARD_TEST_CACHE`, default `~/.cache/mlops-wizard-tests`): Spark's
environment, and one environment for each client. Locks make it safe under xdist; tests that use `running` are marked
`xdist_group("spark")`, so that with `--dist loadgroup` one worker and one Spark serve them all.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

from wizard.sandbox import client
from wizard.sandbox.client import Control, Running
from wizard.sandbox.error import SandboxError
from wizard.sandbox.spark import ensure, pip_environment
from wizard.secret import Secret

MINOR = f"{sys.version_info[0]}.{sys.version_info[1]}"
CACHE = Path(os.environ.get("MLOPS_WIZARD_TEST_CACHE") or Path.home() / ".cache" / "mlops-wizard-tests")
CONNECT = {"3.11": "databricks-connect==15.4.*", "3.12": "databricks-connect==17.3.*"}
"""Which databricks-connect goes with this interpreter: the vendor's table of runtimes and Pythons."""

CLUSTERS = {"3.11": "1120-221530-quick154", "3.12": "1120-221531-quick173"}
APACHE = ("pyspark-client==4.1.3", "databricks-sdk>=0.100,<1")

Environment = Callable[..., dict[str, str]]
Script = Callable[..., Any]


def made_environment(name: str, *pins: str) -> Path:
    """The interpreter of a cached environment with these packages; skips, by name, where pip cannot make it."""
    CACHE.mkdir(parents=True, exist_ok=True)
    folder = CACHE / name
    python = folder / "bin" / "python"
    marker = folder / "made-by-tests.json"
    with FileLock(f"{folder}.lock"):
        if marker.exists() and json.loads(marker.read_text()) == list(pins):
            return python
        shutil.rmtree(folder, ignore_errors=True)
        for argv in (
            [sys.executable, "-m", "venv", str(folder)],
            [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *pins],
        ):
            done = subprocess.run(argv, env=pip_environment(), capture_output=True, text=True, check=False)
            if done.returncode:
                pytest.skip(f"{pins[0]} could not be installed: {done.stderr.strip()[-300:]}")
        marker.write_text(json.dumps(pins))
    return python


@pytest.fixture(scope="session")
def spark_home() -> Path:
    """Spark's environment, made once in the cache; skips where it cannot be made."""
    folder = CACHE / f"spark-py{MINOR}"
    try:
        ensure(folder, lambda text: print(text, file=sys.stderr))
    except SandboxError as error:
        pytest.skip(f"Spark's environment could not be made: {error}")
    return folder


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory, spark_home: Path) -> Iterator[Running]:
    """A sandbox with real Spark, for the whole session; it is stopped at the end."""
    state = tmp_path_factory.mktemp("sandbox-state")
    found = client.start(state, spark_home=spark_home, idle_minutes=30)
    yield found
    client.stop(state)


@pytest.fixture
def control(running: Running) -> Iterator[Control]:
    """The control of the shared sandbox; whatever faults a test turned on are off afterwards."""
    found = Control(running)
    found.clear()
    yield found
    found.clear()


@pytest.fixture(scope="session")
def cluster_id() -> str:
    """A running cluster whose runtime is that of the installed databricks-connect."""
    return CLUSTERS.get(MINOR, CLUSTERS["3.11"])


@pytest.fixture(scope="session")
def client_python() -> Path:
    """The interpreter in which databricks-connect is installed, in the version that goes with this Python."""
    if MINOR not in CONNECT:
        pytest.skip(f"databricks-connect: there is no wheel for Python {MINOR}")
    return made_environment(f"connect-py{MINOR}", CONNECT[MINOR])


@pytest.fixture(scope="session")
def apache_python() -> Path:
    """The interpreter with the Apache-licensed pair in its place: pyspark-client and databricks-sdk."""
    return made_environment(f"apache-py{MINOR}", *APACHE)


@pytest.fixture
def environment(running: Running, control: Control, cluster_id: str, tmp_path: Path) -> Environment:
    """A clean environment for a client of the sandbox, with a profile in a file of its own.

    `environment(token=…)`, `environment(client=(id, secret))`; other keywords are further keys of the profile.
    Nothing of this machine's environment but PATH is in it.
    """

    def make(
        token: Secret | None = None, client: tuple[str, Secret] | None = None, **keys: str | int
    ) -> dict[str, str]:
        section: dict[str, str | int] = {"host": running.host, "cluster_id": cluster_id}
        section |= {"http_timeout_seconds": 10, "retry_timeout_seconds": 10}
        if client is not None:
            section |= {"client_id": client[0], "client_secret": client[1].reveal()}
        else:
            section["token"] = (token or control.token(lifetime_seconds=3600)).reveal()
        section |= keys
        file = tmp_path / "databrickscfg"
        file.write_text("[DEV]\n" + "".join(f"{name} = {value}\n" for name, value in section.items() if value != ""))
        file.chmod(0o600)
        return {
            "PATH": os.environ.get("PATH", os.defpath),
            "HOME": str(tmp_path),
            "DATABRICKS_CONFIG_FILE": str(file),
            "DATABRICKS_CONFIG_PROFILE": "DEV",
            "REQUESTS_CA_BUNDLE": running.ca_bundle,
            "GRPC_DEFAULT_SSL_ROOTS_FILE_PATH": running.ca_bundle,
        }

    return make


@pytest.fixture
def script(tmp_path: Path) -> Script:
    """Runs a Python text in an interpreter with an environment, and returns the JSON of its last line."""

    def run(python: Path | str, text: str, environment: dict[str, str], *arguments: str) -> Any:
        done = subprocess.run(
            [str(python), "-c", text, *arguments],
            env=environment,
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=180,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return json.loads(done.stdout.splitlines()[-1])

    return run
