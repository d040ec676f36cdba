"""The real legacy `databricks` CLI (0.18), which drops the port of a host and always goes to 443.

So all of it runs in a network namespace of its own (`unshare -rnm`, no root): this file started as a script there
brings loopback up, starts a sandbox without Spark on port 443, runs the commands and prints what they answered.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import socket
import struct
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

CLI = Path(sys.executable).parent / "databricks"
UP, DOWN = "1120-221530-quick154", "1120-221532-sleep154"

COMMANDS: dict[str, list[str]] = {
    "clusters list": ["clusters", "list", "--output", "JSON"],
    "clusters get": ["clusters", "get", "--cluster-id", UP],
    "clusters start": ["clusters", "start", "--cluster-id", DOWN],
    "clusters start again": ["clusters", "start", "--cluster-id", UP],
    "clusters spark-versions": ["clusters", "spark-versions"],
    "clusters list-node-types": ["clusters", "list-node-types"],
    "secrets create-scope": ["secrets", "create-scope", "--scope", "cli", "--initial-manage-principal", "users"],
    "secrets put": ["secrets", "put", "--scope", "cli", "--key", "k", "--string-value", "v"],
    "secrets put-acl": ["secrets", "put-acl", "--scope", "cli", "--principal", "ci", "--permission", "READ"],
    "secrets list-acls": ["secrets", "list-acls", "--scope", "cli"],
    "secrets list": ["secrets", "list", "--scope", "cli", "--output", "JSON"],
    "secrets list-scopes": ["secrets", "list-scopes", "--output", "JSON"],
    "secrets delete-scope": ["secrets", "delete-scope", "--scope", "cli"],
    "tokens create": ["tokens", "create", "--comment", "cli", "--lifetime-seconds", "60"],
    "tokens list": ["tokens", "list"],
    "workspace ls": ["workspace", "ls", "/"],
    "fs ls": ["fs", "ls", "dbfs:/"],
    "fs mkdirs": ["fs", "mkdirs", "dbfs:/tmp/cli"],
    "fs cp up": ["fs", "cp", "{file}", "dbfs:/tmp/cli/up.txt"],
    "fs cat": ["fs", "cat", "dbfs:/tmp/cli/up.txt"],
    "fs cp down": ["fs", "cp", "dbfs:/tmp/cli/up.txt", "{file}.down"],
    "wrong token": ["--profile", "BAD", "clusters", "list"],
}


def loopback_up() -> None:
    """What `ip link set lo up` does, for machines without iproute2."""
    with socket.socket() as any_socket:
        fcntl.ioctl(any_socket, 0x8914, struct.pack("16sh14x", b"lo", 0x1 | 0x40))  # SIOCSIFFLAGS, IFF_UP | IFF_RUNNING


def inside(folder: Path) -> None:
    """In the namespace: start, run every command, print {name: [code, stdout, stderr]}."""
    from wizard.sandbox import client

    loopback_up()
    running = client.start(folder / "state", spark=False, port=443)
    try:
        token = client.Control(running).token().reveal()
        for name, value in (("DEFAULT", token), ("BAD", "dapi0")):
            with open(folder / ".databrickscfg", "a", encoding="utf-8") as file:
                file.write(f"[{name}]\nhost = {running.host}\ntoken = {value}\n\n")
        (folder / "up.txt").write_text("uploaded by the legacy CLI\n")
        environment = {"PATH": os.defpath, "HOME": str(folder), "REQUESTS_CA_BUNDLE": running.ca_bundle}
        found = {name: command(argv, folder, environment) for name, argv in COMMANDS.items()}
        found["host"] = [0, running.host, ""]
    finally:
        client.stop(folder / "state")
    print(json.dumps(found))


def command(argv: list[str], folder: Path, environment: dict[str, str]) -> list[Any]:
    if argv[0] == "--profile":
        argv = [*argv[2:], *argv[:2]]
    filled = [word.replace("{file}", str(folder / "up.txt")) for word in argv]
    done = subprocess.run([str(CLI), *filled], env=environment, capture_output=True, text=True, timeout=60, check=False)
    return [done.returncode, done.stdout, done.stderr]


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Any]]:
    """All commands of one walk; skips by name where the kernel refuses namespaces or the CLI is not installed."""
    unshare = shutil.which("unshare")
    if unshare is None or subprocess.run([unshare, "-rnm", "true"], capture_output=True, check=False).returncode:
        pytest.skip("legacy databricks CLI: this kernel refuses `unshare -rnm` to this user")
    if not CLI.exists():
        pytest.skip("legacy databricks CLI: the extra `legacy-cli` is not installed")
    folder = tmp_path_factory.mktemp("cli")
    argv = [unshare, "-rnm", sys.executable, __file__, str(folder)]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    found: dict[str, list[Any]] = json.loads(done.stdout.splitlines()[-1])
    return found


def said(answers: dict[str, list[Any]], name: str) -> str:
    code, stdout, stderr = answers[name]
    assert code == 0, stdout + stderr
    return str(stdout)


def test_the_host_without_its_port_is_the_same(answers: dict[str, list[Any]]) -> None:
    assert said(answers, "host") == "https://localhost"


def test_clusters(answers: dict[str, list[Any]]) -> None:
    listed = json.loads(said(answers, "clusters list"))["clusters"]
    assert [each["state"] for each in listed].count("RUNNING") == 4
    assert json.loads(said(answers, "clusters get"))["cluster_id"] == UP
    said(answers, "clusters start")
    assert answers["clusters start again"][0] == 1
    assert "INVALID_STATE" in "".join(answers["clusters start again"][1:])
    assert "15.4.x-scala2.12" in said(answers, "clusters spark-versions")
    assert "Standard_DS3_v2" in said(answers, "clusters list-node-types")


def test_secrets(answers: dict[str, list[Any]]) -> None:
    for name in ("secrets create-scope", "secrets put", "secrets put-acl", "secrets delete-scope"):
        said(answers, name)
    assert [each["key"] for each in json.loads(said(answers, "secrets list"))["secrets"]] == ["k"]
    assert "ci" in said(answers, "secrets list-acls")
    scopes = json.loads(said(answers, "secrets list-scopes"))["scopes"]
    assert scopes == [{"name": "cli", "backend_type": "DATABRICKS"}]


def test_tokens(answers: dict[str, list[Any]]) -> None:
    made = json.loads(said(answers, "tokens create"))
    assert made["token_info"]["expiry_time"] - made["token_info"]["creation_time"] == 60_000
    assert made["token_info"]["token_id"] in said(answers, "tokens list")


def test_files_and_folders(answers: dict[str, list[Any]]) -> None:
    assert said(answers, "workspace ls").split() == ["Repos", "Shared", "Users"]
    assert said(answers, "fs ls").split() == ["FileStore", "databricks-datasets", "mnt", "tmp", "user"]
    for name in ("fs mkdirs", "fs cp up", "fs cp down"):
        said(answers, name)
    assert said(answers, "fs cat") == "uploaded by the legacy CLI\n"


def test_a_wrong_token_is_refused(answers: dict[str, list[Any]]) -> None:
    code, stdout, stderr = answers["wrong token"]
    assert code == 1
    assert "Error: Authorization failed. Your token may be expired or lack the valid scope" in stdout + stderr


if __name__ == "__main__":
    inside(Path(sys.argv[1]))
